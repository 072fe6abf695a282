import { centralMoment, sampleDeviation, type Values } from './moments.js'
import { known, tooFew, unknown, type Statistic } from './statistic.js'

const FLAT = 'zero deviation'

/** Skewness as a moment ratio, m3 / m2^(3/2): biased, the γ3 of the probabilistic Sharpe ratio. */
export function momentSkewness(values: Values): Statistic {
  return (
    tooFew(values.length, 2) ??
    (sampleDeviation(values) === 0
      ? unknown(FLAT)
      : known(centralMoment(values, 3) / centralMoment(values, 2) ** 1.5))
  )
}

/** Raw (not excess) kurtosis as a moment ratio, m4 / m2²: 3 for a normal distribution, the γ4 of the probabilistic Sharpe ratio. */
export function rawKurtosis(values: Values): Statistic {
  return (
    tooFew(values.length, 2) ??
    (sampleDeviation(values) === 0
      ? unknown(FLAT)
      : known(centralMoment(values, 4) / centralMoment(values, 2) ** 2))
  )
}

/**
 * Bias-corrected sample skewness G1 = g1 · √(n(n − 1)) / (n − 2) (Joanes & Gill 1998), as in pandas and QuantStats.
 */
export function skewness(values: Values): Statistic {
  const n = values.length
  const biased = momentSkewness(values)
  if (biased.value === undefined) return biased
  return tooFew(n, 3) ?? known((biased.value * Math.sqrt(n * (n - 1))) / (n - 2))
}

/**
 * Bias-corrected sample **excess** kurtosis G2 = (n − 1) / ((n − 2)(n − 3)) · ((n + 1) g2 + 6) (Joanes & Gill 1998), 0 for a
 * normal distribution; as in pandas and QuantStats.
 */
export function excessKurtosis(values: Values): Statistic {
  const n = values.length
  const raw = rawKurtosis(values)
  if (raw.value === undefined) return raw
  return tooFew(n, 4) ?? known(((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (raw.value - 3) + 6))
}
