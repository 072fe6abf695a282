/** Best bid and ask of one instrument with what they offer, from the moment it was told until the next one. */
export interface BookQuote {
  readonly instrument: number
  /** When it was known here, UTC ms. */
  readonly time: number
  /** When the venue said it, by its own clock, UTC ms; absent where it tells no time. */
  readonly venueTime?: number
  readonly bid: number
  /** Base units. */
  readonly bidSize: number
  readonly ask: number
  readonly askSize: number
}

/** What is wrong with a quote; undefined for one that can be traded on. A bid at the ask is none: the book would have traded. */
export function quoteFault(quote: BookQuote): string | undefined {
  const { time, venueTime = time, bid, bidSize, ask, askSize } = quote
  if (!Number.isFinite(time) || !Number.isFinite(venueTime)) return 'it has no time'
  if (!(bid > 0 && ask < Infinity)) return 'its prices are not positive and finite'
  if (!(bid < ask)) return 'its bid is not below its ask'
  if (!(bidSize >= 0 && askSize >= 0 && bidSize < Infinity && askSize < Infinity))
    return 'its sizes are not sizes'
  return undefined
}

export function midOf({ bid, ask }: BookQuote): number {
  return (bid + ask) / 2
}

/** Since when a quote grows old: it may have been long on its way. UTC ms. */
export function quotedSince({ time, venueTime = time }: BookQuote): number {
  return Math.min(time, venueTime)
}

/** Whether a quote says of the book what another one does: told again, it offers nothing new. */
export function isSameBook(one: BookQuote, other: BookQuote): boolean {
  const { bid, bidSize, ask, askSize } = one
  return bid === other.bid && ask === other.ask && bidSize === other.bidSize && askSize === other.askSize
}
