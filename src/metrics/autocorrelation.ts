import { mean, sampleCovariance, sampleDeviation, type Values } from './moments.js'
import { derive, known, tooFew, unknown, type Statistic } from './statistic.js'

/**
 * Autocorrelation at a lag: Σ (x_t − x̄)(x_{t−lag} − x̄) / Σ (x_t − x̄)² (Box & Jenkins 1976). Always within [−1, 1].
 */
export function autocorrelation(returns: Values, lag: number = 1): Statistic {
  const short = tooFew(returns.length, lag + 2)
  if (short !== undefined) return short
  if (sampleDeviation(returns) === 0) return unknown('zero deviation')
  const centre = mean(returns)
  let numerator = 0
  let denominator = 0
  for (let i = 0; i < returns.length; i++) {
    const deviation = returns[i]! - centre
    denominator += deviation * deviation
    if (i >= lag) numerator += deviation * (returns[i - lag]! - centre)
  }
  return known(numerator / denominator)
}

/** Pearson correlation of each return with the next one, each half about its own mean: pandas' and QuantStats' estimator. */
export function successiveCorrelation(returns: Values): Statistic {
  const short = tooFew(returns.length, 3)
  if (short !== undefined) return short
  const all = Float64Array.from(returns)
  const earlier = all.subarray(0, -1)
  const later = all.subarray(1)
  const deviations = sampleDeviation(earlier) * sampleDeviation(later)
  return deviations === 0 ? unknown('zero deviation') : known(sampleCovariance(earlier, later) / deviations)
}

/**
 * What autocorrelation adds to the deviation: √(1 + 2 Σ_{k=1}^{n−1} (n − k)/n · |ρ|^k), ρ the successive correlation.
 * QuantStats: `autocorr_penalty`, equal. (Lo 2002 keeps the sign of ρ, so that reversals would be a bonus; |ρ| never is.)
 */
export function autocorrelationPenalty(returns: Values): Statistic {
  const n = returns.length
  return derive(successiveCorrelation(returns), (correlation) => {
    const rho = Math.abs(correlation)
    let power = 1
    let total = 0
    for (let k = 1; k < n; k++) {
      power *= rho
      total += ((n - k) / n) * power
    }
    return Math.sqrt(1 + 2 * total)
  })
}
