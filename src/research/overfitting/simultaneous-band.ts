import type { RandomGenerator } from '../../market/random.js'
import { mean, quantile, sampleDeviation } from '../../metrics/moments.js'
import { known, tooFew, unknown, type Statistic } from '../../metrics/statistic.js'
import { drawStretches, resampleInto } from './stationary-bootstrap.js'

/** The lower edge of what cumulative returns of a backtest's days may come to, day by day. Fractions, from 0 on day 0. */
export interface SimultaneousBand {
  /** Of this share of paths as good as the backtest's, some day lies below the edge. */
  readonly level: number
  readonly resamples: number
  /** After 1, 2, … days. */
  readonly lower: readonly number[]
  /** Median path, for the eye. */
  readonly median: readonly number[]
  /** 95th percentile of the deepest drawdowns of the paths, from the highest end of a day so far, day 0 included. Positive. */
  readonly drawdown95: number
}

export interface SimultaneousBandOptions {
  readonly random: RandomGenerator
  readonly meanBlockDays: number
  /** Days that the band is for; at most as many as there are returns. */
  readonly days: number
  /** Default 0.05. */
  readonly level?: number
  /** Default 1,000. */
  readonly resamples?: number
}

/**
 * A lower edge that a whole path of `days` days crosses anywhere with probability `level` only, if its days are like those of the backtest: paths from the
 * stationary bootstrap (Politis & Romano 1994), measured each day in standard deviations from the mean of the paths; the edge lies where the
 * `level`-quantile of the paths' lowest such figure is (sup-t band, one-sided: Montiel Olea & Plagborg-Møller 2019, §2). Sums of log returns, so that
 * −100 % has no place. A pointwise edge of 5 % would be crossed on some day by far more than 5 % of healthy paths. n/a with fewer than 20
 * returns, or with one of −100 %. O(resamples · returns).
 */
export function simultaneousBand(
  returns: Float64Array,
  { random, meanBlockDays, days, level = 0.05, resamples = 1000 }: SimultaneousBandOptions,
): SimultaneousBand | Extract<Statistic, { readonly reason: string }> {
  const short = tooFew(returns.length, 20, 'days')
  if (short !== undefined && 'reason' in short) return short
  const none = (reason: string): Extract<Statistic, { readonly reason: string }> => ({ reason })
  if (returns.some((value) => !(value > -1))) return none('equity of the backtest fell to zero or below')
  if (!(days >= 1)) return none('no whole day has passed')
  if (days > returns.length) return none(`${days} days, and the backtest has ${returns.length}`)
  const logs = returns.map((value) => Math.log1p(value))
  const sample = new Float64Array(returns.length)
  const paths = Array.from({ length: resamples }, () => {
    resampleInto(logs, drawStretches(random, returns.length, meanBlockDays), sample)
    return cumulated(sample, days)
  })
  const byDay = Array.from({ length: days }, (_, day) => Float64Array.from(paths, (path) => path[day] as number)) // prettier-ignore
  const centre = byDay.map((values) => mean(values))
  const spread = byDay.map((values) => sampleDeviation(values))
  const lowest = paths.map((path) => path.reduce((least, value, day) => Math.min(least, inDeviations(value, centre[day] as number, spread[day] as number)), Infinity)) // prettier-ignore
  const critical = quantile(lowest, level)
  const edge = (deviations: number): number[] =>
    centre.map((middle, day) => Math.exp(middle + deviations * (spread[day] as number)) - 1)
  const drawdown95 = quantile(paths.map(deepestDrawdown), 0.95)
  return { level, resamples, lower: edge(critical), median: byDay.map((values) => Math.exp(quantile(values, 0.5)) - 1), drawdown95 } // prettier-ignore
}

/** A day on which all paths are the same is crossed by none. */
function inDeviations(value: number, centre: number, spread: number): number {
  return spread > 0 ? (value - centre) / spread : 0
}

function cumulated(values: Float64Array, days: number): Float64Array {
  const sums = new Float64Array(days)
  let total = 0
  for (let day = 0; day < days; day++) {
    total += values[day] as number
    sums[day] = total
  }
  return sums
}

/** From the highest point so far, 0 at the start included: positive, a fraction. Of cumulative log returns. */
export function deepestDrawdown(path: Iterable<number>): number {
  let [peak, deepest] = [0, 0]
  for (const value of path) {
    peak = Math.max(peak, value)
    deepest = Math.max(deepest, 1 - Math.exp(value - peak))
  }
  return deepest
}

/** Least distance of a path of cumulative returns from the lower edge over all days; below 0: it was crossed. */
export function aboveBand(path: readonly number[], { lower }: Pick<SimultaneousBand, 'lower'>): Statistic {
  if (path.length === 0) return unknown('no whole day has passed')
  if (path.length > lower.length) return unknown(`${path.length} days, and the band has ${lower.length}`)
  return known(Math.min(...path.map((value, day) => value - (lower[day] as number))))
}
