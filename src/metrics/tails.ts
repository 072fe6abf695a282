import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { mean, quantile, sampleDeviation, type Values } from './moments.js'
import { derive, known, quotient, tooFew, unknown, type Statistic } from './statistic.js'

/** Value at risk from the returns themselves: their `tail` quantile (type 7), a loss being negative. empyrical: the same. */
export function historicalValueAtRisk(returns: Values, tail: number = 0.05): Statistic {
  return tooFew(returns.length, 1) ?? known(quantile(returns, tail))
}

/**
 * Expected shortfall from the returns themselves: mean of the ⌊(n − 1) · tail⌋ + 1 lowest. empyrical:
 * `conditional_value_at_risk`. QuantStats averages the returns below the **normal** value at risk.
 */
export function historicalShortfall(returns: Values, tail: number = 0.05): Statistic {
  const short = tooFew(returns.length, 1)
  if (short !== undefined) return short
  const sorted = Float64Array.from(returns).sort()
  return known(mean(sorted.subarray(0, Math.floor((sorted.length - 1) * tail) + 1)))
}

/** Value at risk of a normal distribution with the returns' mean and sample deviation. QuantStats: `value_at_risk`. */
export function normalValueAtRisk(returns: Values, tail: number = 0.05): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const deviation = sampleDeviation(returns)
  return deviation === 0 ? unknown('zero deviation') : known(normalQuantile(tail, mean(returns), deviation))
}

/** |95 % quantile| / |5 % quantile|: how far gains reach compared with losses. empyrical and QuantStats: the same. */
export function tailRatio(returns: Values, tail: number = 0.05): Statistic {
  const short = tooFew(returns.length, 1)
  if (short !== undefined) return short
  const low = Math.abs(quantile(returns, tail))
  return quotient(Math.abs(quantile(returns, 1 - tail)), low, 'the low quantile is zero')
}

/** 99 % quantile / mean of the returns ≥ 0 (flat ones included, as QuantStats does). */
export function outlierWinRatio(returns: Values, level: number = 0.99): Statistic {
  return outlierRatio(returns, level, (value) => value >= 0, 'no gain')
}

/** 1 % quantile / mean of the returns below 0. QuantStats: the same. */
export function outlierLossRatio(returns: Values, level: number = 0.01): Statistic {
  return outlierRatio(returns, level, (value) => value < 0, 'no loss')
}

function outlierRatio(
  returns: Values,
  level: number,
  side: (value: number) => boolean,
  none: string,
): Statistic {
  const chosen = Array.from(returns).filter(side)
  const usual: Statistic = chosen.length === 0 ? unknown(none) : known(mean(chosen))
  return derive(usual, (average) => quotient(quantile(returns, level), average, none))
}
