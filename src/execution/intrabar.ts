import type { Side } from '../core/orders.js'
import type { Policies } from '../core/policies.js'

/**
 * Whether a price fills a resting limit order: one tick beyond its limit, or at it, by policy; on a continuous grid "through" is strictly
 * beyond. `side` is the order's: +1 buys (below the market), −1 sells (above it).
 */
export function meetsLimit(
  price: number,
  side: Side,
  limit: number,
  tickSize: number,
  policies: Pick<Policies, 'targetFill'>,
): boolean {
  if (policies.targetFill === 'touch') return side > 0 ? price <= limit : price >= limit
  // Half a tick of slack: prices on a grid carry float noise, and no price lies between two ticks.
  const slack = tickSize / 2
  return side > 0 ? price < limit - slack : price > limit + slack
}

/** Whether the target is taken to be met first on a bar of which nobody can tell. */
export function takesOpenQuestions({
  bothTouched,
  undecided,
}: Pick<Policies, 'bothTouched' | 'undecided'>): boolean {
  return bothTouched === 'open-decides' && undecided === 'optimistic'
}

/** Settlements in order of time: what a long of one unit pays, NaN where the rate was not recorded. */
export interface SettlementTimes {
  readonly time: Float64Array
  readonly amountPerUnit: Float64Array
}

/**
 * A position ends at an unknown instant before `closeTime`: of the settlements from `settled` on it has seen as many, from the first on,
 * as cost it most. Answers how many are charged in all. A settlement without a recorded rate counts as one that was held over: it must
 * not go unseen.
 */
export function worstBeforeSettlements(
  { time, amountPerUnit }: SettlementTimes,
  settled: number,
  closeTime: number,
  side: Side,
): number {
  let paid = 0
  let mostPaid = 0
  let worst = settled
  for (let at = settled; at < time.length && (time[at] as number) < closeTime; at++) {
    const amount = amountPerUnit[at] as number
    const isMissing = amount !== amount
    if (!isMissing) paid += side * amount
    if (!isMissing && paid <= mostPaid) continue
    mostPaid = paid
    worst = at + 1
  }
  return worst
}

/**
 * A position begins at an unknown instant before `closeTime`: of the settlements from `settled` on it sees as many, from the last one
 * back, as cost it most. Answers how many come before it.
 */
export function worstAfterSettlements(
  { time, amountPerUnit }: SettlementTimes,
  settled: number,
  closeTime: number,
  side: Side,
): number {
  let end = settled
  while (end < time.length && (time[end] as number) < closeTime) end++
  let paid = 0
  let mostPaid = 0
  let worst = end
  for (let at = end - 1; at >= settled; at--) {
    const amount = amountPerUnit[at] as number
    const isMissing = amount !== amount
    if (!isMissing) paid += side * amount
    if (!isMissing && paid <= mostPaid) continue
    mostPaid = paid
    worst = at
  }
  return worst
}
