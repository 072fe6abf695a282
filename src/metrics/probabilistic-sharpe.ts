import normalCdf from '@stdlib/stats-base-dists-normal-cdf'
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { autocorrelation } from './autocorrelation.js'
import type { Values } from './moments.js'
import { sharpe } from './ratios.js'
import { excessReturns } from './returns.js'
import { momentSkewness, rawKurtosis } from './shape.js'
import { known, tooFew, unknown, type Statistic } from './statistic.js'

/** What the probabilistic Sharpe ratio reads of a series; Sharpe ratios are per period, **not** annualised. */
export interface SharpeMoments {
  readonly sharpe: number
  readonly skewness: number
  /** Raw: 3 for a normal distribution. */
  readonly kurtosis: number
  /** First autocorrelation; only a positive one matters. */
  readonly autocorrelation: number
}

/** Moments of a series, or why there are none. */
export function sharpeMoments(
  returns: Values,
  rate: number | Values = 0,
): SharpeMoments | { readonly reason: string } {
  const excess = excessReturns(returns, rate)
  const [ratio, skew, kurtosis, rho] = [
    sharpe(excess, { periodsPerYear: 1 }),
    momentSkewness(excess),
    rawKurtosis(excess),
    autocorrelation(excess),
  ]
  for (const part of [ratio, skew, kurtosis, rho])
    if (part.value === undefined) return { reason: part.reason }
  return {
    sharpe: ratio.value!,
    skewness: skew.value!,
    kurtosis: kurtosis.value!,
    autocorrelation: rho.value!,
  }
}

/** Variance of the Sharpe estimate times (T − 1): 1 − γ3·SR + (γ4 − 1)/4 · SR² (Mertens 2002). Never negative. */
function estimateVariance(moments: SharpeMoments): number {
  const { sharpe: ratio, skewness: skew, kurtosis } = moments
  return 1 - skew * ratio + ((kurtosis - 1) / 4) * ratio * ratio
}

/** Observations that a positively autocorrelated series is worth: T(1 − ρ)/(1 + ρ) for ρ > 0, else T. */
export function effectiveObservations(observations: number, rho: number): number {
  return rho > 0 ? (observations * (1 - rho)) / (1 + rho) : observations
}

/**
 * Probability that the true Sharpe ratio exceeds a benchmark, Φ((SR − SR*) · √(T' − 1) / √(1 − γ3·SR + (γ4 − 1)/4 · SR²))
 * (Bailey & López de Prado 2012, eq. 11), T' the effective number of observations. Sharpe ratios per period.
 */
export function probabilisticSharpeOf(
  moments: SharpeMoments,
  observations: number,
  benchmarkSharpe: number = 0,
): Statistic {
  const effective = effectiveObservations(observations, moments.autocorrelation)
  if (!(effective > 1))
    return unknown(`${observations} autocorrelated returns are worth fewer than two independent ones`)
  const variance = estimateVariance(moments)
  if (!(variance > 0)) return unknown('the returns take only two values, for which the ratio has no spread')
  return known(
    normalCdf(((moments.sharpe - benchmarkSharpe) * Math.sqrt(effective - 1)) / Math.sqrt(variance), 0, 1),
  )
}

/**
 * Probabilistic Sharpe ratio of a series. QuantStats differs: it feeds pandas' **excess** kurtosis where the formula
 * wants the raw one (understating the spread), uses bias-corrected moments and ignores autocorrelation.
 */
export function probabilisticSharpe(
  returns: Values,
  options: { readonly benchmarkSharpe?: number; readonly ratePerPeriod?: number | Values } = {},
): Statistic {
  const moments = sharpeMoments(returns, options.ratePerPeriod ?? 0)
  if ('reason' in moments) return unknown(moments.reason)
  return (
    tooFew(returns.length, 3) ?? probabilisticSharpeOf(moments, returns.length, options.benchmarkSharpe ?? 0)
  )
}

/**
 * Minimum track record length in periods: 1 + (1 − γ3·SR + (γ4 − 1)/4 · SR²) · (z / (SR − SR*))² (Bailey & López de Prado
 * 2012, eq. 13), lengthened by (1 + ρ)/(1 − ρ) for a positive autocorrelation. n/a where SR does not exceed SR*.
 */
export function minimumTrackRecord(
  moments: SharpeMoments,
  options: { readonly benchmarkSharpe?: number; readonly confidence?: number } = {},
): Statistic {
  const lead = moments.sharpe - (options.benchmarkSharpe ?? 0)
  if (!(lead > 0)) return unknown('the Sharpe ratio does not exceed its benchmark')
  const z = normalQuantile(options.confidence ?? 0.95, 0, 1)
  const independent = 1 + estimateVariance(moments) * (z / lead) ** 2
  return known(independent / effectiveObservations(1, moments.autocorrelation))
}
