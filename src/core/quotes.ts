/** Best bid and ask of one instrument with what they offer, from the moment it was told until the next one. */
export interface BookQuote {
  readonly instrument: number
  /** UTC ms. */
  readonly time: number
  readonly bid: number
  /** Base units. */
  readonly bidSize: number
  readonly ask: number
  readonly askSize: number
}

/** What is wrong with a quote; undefined for one that can be traded on. A bid at the ask is none: the book would have traded. */
export function quoteFault({ time, bid, bidSize, ask, askSize }: BookQuote): string | undefined {
  if (!Number.isFinite(time)) return 'it has no time'
  if (!(bid > 0 && ask < Infinity)) return 'its prices are not positive and finite'
  if (!(bid < ask)) return 'its bid is not below its ask'
  if (!(bidSize >= 0 && askSize >= 0 && bidSize < Infinity && askSize < Infinity))
    return 'its sizes are not sizes'
  return undefined
}

export function midOf({ bid, ask }: BookQuote): number {
  return (bid + ask) / 2
}
