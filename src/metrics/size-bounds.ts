import type { SizeBound } from '../core/trades.js'

export interface SizeBoundCount {
  readonly bound: SizeBound
  readonly trades: number
  /** Of all trades, those still open included. */
  readonly share: number
}

/** Which bound decided the size of how many entries, most frequent first: of the bounds of all trades. */
export function sizeBounds(bounds: readonly SizeBound[]): SizeBoundCount[] {
  const counts = new Map<SizeBound, number>()
  for (const bound of bounds) counts.set(bound, (counts.get(bound) ?? 0) + 1)
  return [...counts]
    .map(([bound, count]) => ({ bound, trades: count, share: count / bounds.length }))
    .sort((a, b) => b.trades - a.trades || (a.bound < b.bound ? -1 : 1))
}

/**
 * The bound that decided the size of more than 90 % of the entries: the other sizing settings then hardly matter. Sizing by
 * a fixed share of cash is bound so by choice and does not count.
 */
export function dominantSizeBound([most]: readonly SizeBoundCount[]): SizeBoundCount | undefined {
  return most !== undefined && most.share > 0.9 && most.bound !== 'fixed' ? most : undefined
}
