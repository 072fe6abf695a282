import { DataError } from '../../core/errors.js'
import { centralMoment, mean, quantile, type Values } from '../../metrics/moments.js'

/**
 * Mean block of the stationary bootstrap by the rule of Politis & White (2004) with the correction of Patton, Politis & White (2009):
 * (G / g)^(2/3) n^(1/3), where g = Σ λ(k/M) R(k), G = Σ λ(k/M) |k| R(k) over all lags, λ the flat-top window (1 up to ½, falling to 0 at 1), M
 * twice the lag after which K = max(5, √log₁₀ n) autocorrelations in a row lie within ± 2 √(log₁₀ n / n). (2004 had another
 * variance constant in its place; the correction is D = 2 g².) At least 1, at most min(3 √n, n / 3), as its authors' program has it. 1 for a series that does not move.
 * O(n √n).
 */
export function optimalBlockLength(values: Values): number {
  const n = values.length
  if (n < 9) throw new DataError('a block length needs at least 9 days', { field: 'days', value: n })
  const variance = centralMoment(values, 2)
  if (!(variance > 0)) return 1
  const run = Math.max(5, Math.ceil(Math.sqrt(Math.log(n) / Math.log(10))))
  const mostLags = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + run)
  const covariances = autocovariances(values, mostLags)
  const bound = 2 * Math.sqrt(Math.log(n) / Math.log(10) / n) * variance
  const window = Math.min(2 * Math.max(1, quietFrom(covariances, run, bound)), mostLags)
  let level = variance
  let slope = 0
  for (let lag = 1; lag <= window; lag++) {
    const weight = Math.min(1, 2 * (1 - lag / window))
    level += 2 * weight * (covariances[lag] as number)
    slope += 2 * weight * lag * (covariances[lag] as number)
  }
  const longest = Math.min(3 * Math.sqrt(n), n / 3)
  if (level === 0) return longest
  const length = (((slope * slope) / (level * level)) * n) ** (1 / 3)
  return Math.max(1, Math.min(length, longest))
}

/** R(0) … R(most), divisor n. */
function autocovariances(values: Values, most: number): Float64Array {
  const n = values.length
  const centre = mean(values)
  const centred = Float64Array.from(values, (value) => value - centre)
  const covariances = new Float64Array(most + 1)
  for (let lag = 0; lag <= most; lag++) {
    let products = 0
    for (let at = lag; at < n; at++) products += (centred[at] as number) * (centred[at - lag] as number)
    covariances[lag] = products / n
  }
  return covariances
}

/** The last lag before `run` small ones; where there is no such run, the last lag that is not small. */
function quietFrom(covariances: Float64Array, run: number, bound: number): number {
  let lastLoud = 0
  for (let lag = 1; lag < covariances.length; lag++) {
    if (Math.abs(covariances[lag] as number) >= bound) lastLoud = lag
    else if (lag - lastLoud === run) return lastLoud
  }
  return lastLoud
}

/** Limits that keep a block length sensible for trades: days. */
export interface BlockLimits {
  /** Mean days that a position was held: blocks should hold whole positions. */
  readonly meanHoldingDays: number
}

/**
 * One mean block for many series that are resampled together: the median of their optimal lengths, at least max(5 days, mean holding), at
 * most a tenth of the days (which wins). O(series · n √n).
 */
export function commonBlockLength(series: readonly Float64Array[], { meanHoldingDays }: BlockLimits): number {
  if (!(meanHoldingDays >= 0))
    throw new DataError('a mean holding time is 0 or more', {
      field: 'meanHoldingDays',
      value: meanHoldingDays,
    })
  const [first] = series
  if (first === undefined) throw new DataError('a block length needs at least one series')
  const median = quantile(series.map(optimalBlockLength), 0.5)
  return Math.max(1, Math.min(Math.max(median, 5, meanHoldingDays), first.length / 10))
}
