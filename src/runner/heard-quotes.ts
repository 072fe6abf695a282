import type { BookQuote } from '../core/quotes.js'
import type { ToldQuote } from '../sources/exchange/quote-message.js'

/**
 * Best bid and ask that a venue has told of, until they are taken: in the order in which they were known, each with the time of that and, where the venue tells one, its own. What the book's own count
 * says is older than what was heard already is passed over.
 */
export class HeardQuotes {
  private waiting: BookQuote[] = []
  private readonly heard: { at: number; update: number }[]
  private lastStamp: number = -Infinity

  /** `now`: the venue's time as this machine knows it, UTC ms. */
  constructor(
    instruments: number,
    private readonly now: () => number,
  ) {
    this.heard = Array.from({ length: instruments }, () => ({ at: -Infinity, update: -Infinity }))
  }

  /** The venue's time, which never goes back here: whoever is told in an order is told times in that order. */
  stamp(): number {
    this.lastStamp = Math.max(this.lastStamp, this.now())
    return this.lastStamp
  }

  /** The stream has told of one. */
  hear(instrument: number, told: ToldQuote): void {
    const { saidAt, update } = told
    if (update <= this.of(instrument).update) return
    this.add(instrument, told, saidAt)
  }

  /** An answer has told how the book stood after it was asked for. UTC ms. */
  confirm(instrument: number, told: ToldQuote, askedAt: number): void {
    if (told.update < this.of(instrument).update) return
    this.add(instrument, told, askedAt)
  }

  /** When an instrument was heard of last, UTC ms; −Infinity for never. */
  heardAt(instrument: number): number {
    return this.of(instrument).at
  }

  /** All that wait, oldest first. */
  take(): readonly BookQuote[] {
    if (this.waiting.length === 0) return []
    const taken = this.waiting
    this.waiting = []
    return taken
  }

  private of(instrument: number): { at: number; update: number } {
    return this.heard[instrument] as { at: number; update: number }
  }

  private add(instrument: number, { update, bid, bidSize, ask, askSize }: ToldQuote, saidAt: number): void {
    const time = this.stamp()
    const heard = this.of(instrument)
    heard.at = time
    if (!Number.isNaN(update)) heard.update = update
    const venueTime = Number.isNaN(saidAt) ? {} : { venueTime: saidAt }
    this.waiting.push({ instrument, time, ...venueTime, bid, bidSize, ask, askSize })
  }
}
