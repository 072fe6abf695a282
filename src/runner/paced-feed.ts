import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Feed, FeedItem, FeedTick } from './feed.js'

/** How long a feed may keep the process busy before signals are heard, real ms. */
const BUSY_MS = 25
/** Between two looks at the switches while nothing becomes known, real ms. */
const TICK_MS = 500

export interface PacedFeedOptions {
  /** Times real time; Infinity: as fast as it is read. */
  readonly speed: number
  /** Nothing before it is waited for: warm-up. UTC ms. */
  readonly fromTime: number
  /** Real ms; never steps. */
  readonly monotonic: () => number
}

/** A feed at a speed, which lets the process hear its signals between items. */
export class PacedFeed implements Feed {
  private readonly feed: Feed
  private readonly options: PacedFeedOptions

  constructor(feed: Feed, options: PacedFeedOptions) {
    this.feed = feed
    this.options = options
  }

  async *items(afterClose: number): AsyncGenerator<FeedItem | FeedTick> {
    const { speed, fromTime, monotonic } = this.options
    const anchor = Math.max(afterClose, fromTime)
    const began = monotonic()
    let heard = began
    for await (const item of this.feed.items(afterClose)) {
      const due = item.at <= anchor || speed === Infinity ? -Infinity : began + (item.at - anchor) / speed
      for (let leftMs = due - monotonic(); leftMs > 0; leftMs = due - monotonic()) {
        await delay(Math.min(leftMs, TICK_MS))
        if (due > monotonic()) yield { kind: 'tick', at: item.at - (due - monotonic()) * speed }
      }
      if (monotonic() - heard > BUSY_MS) {
        await nextTurn()
        heard = monotonic()
      }
      yield item
    }
  }
}
