import type { BookQuote } from '../core/quotes.js'
import type { InstrumentData } from '../engine/options.js'
import type { KnownSettlement, PaperBar, PaperBars } from '../engine/paper-lane.js'
import type { SessionFact } from '../engine/session.js'

/** One thing that becomes known. `at`: when, UTC ms. */
export type FeedItem =
  | { readonly kind: 'fact'; readonly at: number; readonly fact: SessionFact }
  | { readonly kind: 'settlement'; readonly at: number; readonly settlement: KnownSettlement }
  | { readonly kind: 'bars'; readonly at: number; readonly bars: PaperBars }
  | { readonly kind: 'quote'; readonly at: number; readonly quote: BookQuote }

/** Nothing has become known, and time has passed: whoever runs the session looks at its switches. */
export interface FeedTick {
  readonly kind: 'tick'
  /** UTC ms. */
  readonly at: number
}

/**
 * Where bars and facts come from. All bars of one close come together, in the order of instruments, after whatever was known by then. A feed may
 * tell of things again (facts, settlements, bars that were decided on): they count once.
 */
export interface Feed {
  /** Everything that becomes known after a close, and whatever may not have been told by then. Ends where the feed does. */
  items(afterClose: number): AsyncIterable<FeedItem | FeedTick>
}

/** Stored data as they became known: facts by known-at, settlements by their time, bars at their close, quotes by the time at which they were known. O(n log n). */
export function storedItems(
  instruments: readonly InstrumentData[],
  endTime: number,
  quotes: readonly BookQuote[] = [],
): FeedItem[] {
  const items: FeedItem[] = []
  const closes = new Map<number, PaperBar[]>()
  instruments.forEach((data, instrument) => {
    addBars(closes, data, instrument, endTime)
    addSettlements(items, data, instrument)
    addFacts(items, data, instrument)
  })
  for (const [closeTime, bars] of closes)
    items.push({ kind: 'bars', at: closeTime, bars: { closeTime, bars } })
  for (const quote of quotes) items.push({ kind: 'quote', at: quote.time, quote })
  return items
    .filter(({ at }) => at <= endTime)
    .map((item, place) => ({ item, place }))
    .sort((a, b) => a.item.at - b.item.at || RANK[a.item.kind] - RANK[b.item.kind] || a.place - b.place)
    .map(({ item }) => item)
}

/** What was known by a close counts at it, so it comes before the bars. */
const RANK: Readonly<Record<FeedItem['kind'], number>> = { fact: 0, settlement: 1, bars: 2, quote: 3 }

function addBars(
  closes: Map<number, PaperBar[]>,
  { candles, mark }: InstrumentData,
  instrument: number,
  endTime: number,
): void {
  const { openTime, open, high, low, close, volume, timeframeMs } = candles
  openTime.forEach((time, row) => {
    const closeTime = time + timeframeMs
    if (closeTime > endTime) return
    const at = (column: Float64Array): number => column[row] as number
    const bars = closes.get(closeTime) ?? []
    closes.set(closeTime, bars)
    bars.push({
      instrument,
      openTime: time,
      open: at(open),
      high: at(high),
      low: at(low),
      close: at(close),
      volume: at(volume),
      ...(mark && { mark: { open: at(mark.open), high: at(mark.high), low: at(mark.low) } }),
    })
  })
}

function addSettlements(items: FeedItem[], { funding }: InstrumentData, instrument: number): void {
  funding?.time.forEach((time, row) => {
    const rate = funding.rate[row] as number
    const mark = funding.mark[row] as number
    items.push({ kind: 'settlement', at: time, settlement: { instrument, time, rate, mark } })
  })
}

function addFacts(items: FeedItem[], { facts }: InstrumentData, instrument: number): void {
  for (const [series, { eventTime, knownAt, values, modelVersion }] of Object.entries(facts)) {
    knownAt.forEach((known, row) => {
      const fields = Object.entries(values).map(([name, column]) => [name, column[row] as number] as const)
      const fact = {
        instrument,
        series,
        eventTime: eventTime[row] as number,
        knownAt: known,
        values: Object.fromEntries(fields),
        ...(modelVersion !== undefined && { modelVersion }),
      }
      items.push({ kind: 'fact', at: known, fact })
    })
  }
}

/** A feed of stored data, as fast as it is read. */
export class StoredFeed implements Feed {
  private readonly all: readonly FeedItem[]

  constructor(instruments: readonly InstrumentData[], endTime: number, quotes: readonly BookQuote[] = []) {
    this.all = storedItems(instruments, endTime, quotes)
  }

  /** A settlement at the very close falls due with the bar after it; it is told again, and counts once. */
  async *items(afterClose: number): AsyncIterable<FeedItem> {
    for (const item of this.all)
      if (item.at > afterClose || (item.at === afterClose && item.kind !== 'bars')) yield item
  }
}
