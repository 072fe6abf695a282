import type { Candles } from '../core/columns.js'
import type { Policies } from '../core/policies.js'
import type { SettlementColumns } from '../engine/settlements.js'

/** What holding one unit of an instrument for some bars after each decision came to. One value a bar, fractions of the price paid; NaN where there is none. */
export interface ForwardReturns {
  /** Funding included, as a long pays it: a short's return is the negative. NaN too where a settlement's rate was not recorded. */
  readonly total: Float64Array
  readonly priceOnly: Float64Array
}

/** Which bars of an instrument are traded: `[firstBar, endBar)` of the candles, as on a track of the engine. */
export interface TradedBars {
  readonly candles: Candles
  readonly firstBar: number
  readonly endBar: number
  readonly settlements: SettlementColumns | undefined
}

/**
 * Forward return of each traded bar over `horizon` bars, from prices at which one could have acted on what was known at its close:
 * - in at the open of the next bar, if that opens no later than one interval after the decision (later orders are given up); out at
 *   the first open at or after `horizon` intervals from there. With `fillAt: same-close`, at closes instead of opens.
 * - funding settled after the moment of entry, up to and including that of the exit, at the notional of its mark price: who holds at
 *   the settlement pays or receives, the buyer at that very instant does not. So returns of two stretches that meet add up, and a
 *   short's return is a long's with the other sign.
 * - nothing beyond the last traded bar is looked at: where the exit would lie there, the return is NaN.
 *
 * No fee, no slippage, no rounding. O(bars + settlements).
 */
export function forwardReturns(
  { candles, firstBar, endBar, settlements }: TradedBars,
  horizon: number,
  fillAt: Policies['fillAt'] = 'next-open',
): ForwardReturns {
  const { openTime, open, close, timeframeMs } = candles
  const isNextOpen = fillAt === 'next-open'
  const timeAt = (bar: number): number => openTime[bar]! + (isNextOpen ? 0 : timeframeMs)
  const prices = isNextOpen ? open : close
  const total = new Float64Array(endBar - firstBar).fill(NaN)
  const priceOnly = new Float64Array(endBar - firstBar).fill(NaN)
  const entrySettled = settledBy(settlements)
  const exitSettled = settledBy(settlements)
  let exit = firstBar
  for (let bar = firstBar; bar < endBar; bar++) {
    const entry = isNextOpen ? bar + 1 : bar
    if (entry >= endBar) break
    const entryTime = timeAt(entry)
    if (entryTime - (openTime[bar]! + timeframeMs) > timeframeMs) continue
    while (exit < endBar && timeAt(exit) < entryTime + horizon * timeframeMs) exit++
    if (exit >= endBar) break
    const [paid, received] = [prices[entry]!, prices[exit]!]
    const [from, to] = [entrySettled(entryTime), exitSettled(timeAt(exit))]
    priceOnly[bar - firstBar] = received / paid - 1
    if (settlements === undefined) total[bar - firstBar] = priceOnly[bar - firstBar]!
    else if (settlements.missingRates[to] === settlements.missingRates[from]) {
      const funding = settlements.paid[to]! - settlements.paid[from]!
      total[bar - firstBar] = (received - funding) / paid - 1
    }
  }
  return { total, priceOnly }
}

/** How many settlements lie at or before a time; to be asked of times that do not fall. */
function settledBy(settlements: SettlementColumns | undefined): (time: number) => number {
  let count = 0
  return (time) => {
    if (settlements === undefined) return 0
    while (count < settlements.time.length && settlements.time[count]! <= time) count++
    return count
  }
}
