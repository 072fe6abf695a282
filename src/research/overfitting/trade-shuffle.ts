import type { RandomGenerator } from '../../market/random.js'
import { drawdownSeries, maxDrawdown } from '../../metrics/drawdown.js'
import { equityCurve } from '../../metrics/returns.js'
import { known, type Statistic, tooFew, unknown } from '../../metrics/statistic.js'
import { shuffled } from '../permutations.js'
import { drawBelow } from '../seeded-random.js'
import { type Band, bandOf } from './bootstrap-bands.js'

/** What the order of the trades did to the drawdown. Nothing else: every order compounds to the same return. */
export interface ShuffledDrawdown {
  /** Largest drawdown of equity after each trade, in the order that happened: a positive fraction. */
  readonly observed: Statistic
  readonly band: Band
  /** Share of orders with a drawdown as deep or deeper. */
  readonly shareAsDeep: Statistic
  readonly shuffles: number
}

/**
 * Largest drawdown when the same trades come in other orders. `tradeReturns` are net profits as fractions of equity at the entry, trades one after the other;
 * for trades that overlap the figure is none of an account. Clusters of losses that the market makes are torn apart, so that the band is a lower
 * one: see `bootstrapBands`. O(shuffles · trades).
 */
export function shuffledDrawdown(
  tradeReturns: readonly number[],
  options: { readonly random: RandomGenerator; readonly shuffles?: number },
): ShuffledDrawdown {
  const { random, shuffles = 1000 } = options
  const short =
    tooFew(tradeReturns.length, 2, 'trades') ??
    (tradeReturns.some((value) => !(value > -1)) ? unknown('a trade lost all equity') : undefined)
  if (short !== undefined) return { observed: short, band: bandOf([short]), shareAsDeep: short, shuffles }
  const depthOf = (returns: readonly number[]): number =>
    maxDrawdown(drawdownSeries(equityCurve(returns), 1)).value as number
  const observed = depthOf(tradeReturns)
  const depths = Array.from({ length: shuffles }, () =>
    depthOf(shuffled(tradeReturns, (below) => drawBelow(random, below))),
  )
  // Orders of the same trades round to products that differ in their last digits.
  const asDeep = depths.filter((depth) => depth >= observed - 1e-12).length
  return {
    observed: known(observed),
    band: bandOf(depths.map(known)),
    shareAsDeep: known(asDeep / shuffles),
    shuffles,
  }
}
