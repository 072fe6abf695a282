import { mean, sampleCovariance, sampleDeviation, type Values } from './moments.js'
import { DAYS_PER_YEAR, excessReturns } from './returns.js'
import { derive, known, quotient, tooFew, unknown, type Statistic } from './statistic.js'

/** Slope of the strategy's returns on the benchmark's: cov / var. empyrical and QuantStats: the same. */
export function beta(returns: Values, benchmark: Values): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const deviation = sampleDeviation(benchmark)
  return quotient(
    sampleCovariance(returns, benchmark),
    deviation * deviation,
    'the benchmark has zero deviation',
  )
}

export interface AlphaOptions {
  readonly periodsPerYear?: number
  /** Risk-free rate per period. */
  readonly ratePerPeriod?: number
  /**
   * How the mean per period becomes a yearly figure: `sum` multiplies (default; QuantStats), `compound` raises
   * (1 + mean) to the number of periods (empyrical).
   */
  readonly annualise?: 'sum' | 'compound'
}

/** Jensen's alpha (1968), yearly: mean of (r − rate) − β · (benchmark − rate). */
export function alpha(returns: Values, benchmark: Values, options: AlphaOptions = {}): Statistic {
  const rate = options.ratePerPeriod ?? 0
  const periods = options.periodsPerYear ?? DAYS_PER_YEAR
  return derive(beta(returns, benchmark), (slope) => {
    const perPeriod = mean(returns) - rate - slope * (mean(benchmark) - rate)
    return options.annualise === 'compound' ? (1 + perPeriod) ** periods - 1 : perPeriod * periods
  })
}

/** Pearson correlation of the two return series. */
export function correlation(returns: Values, benchmark: Values): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const deviations = sampleDeviation(returns) * sampleDeviation(benchmark)
  if (deviations === 0) return unknown('zero deviation of the strategy or the benchmark')
  return known(Math.max(-1, Math.min(1, sampleCovariance(returns, benchmark) / deviations)))
}

/** R²: squared correlation with the benchmark. QuantStats: `r_squared`. */
export function rSquared(returns: Values, benchmark: Values): Statistic {
  return derive(correlation(returns, benchmark), (value) => value * value)
}

/**
 * Information ratio: mean active return / its sample deviation, · √periodsPerYear. QuantStats (`information_ratio`) and
 * empyrical (`excess_sharpe`) do not annualise: pass 1. QuantStats answers 0 where this is n/a for zero deviation.
 */
export function informationRatio(
  returns: Values,
  benchmark: Values,
  periodsPerYear: number = DAYS_PER_YEAR,
): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const active = excessReturns(returns, benchmark)
  return quotient(mean(active) * Math.sqrt(periodsPerYear), sampleDeviation(active), 'zero deviation')
}

/**
 * Treynor ratio (1965): yearly growth over the risk-free rate / β. QuantStats puts the **total** return of the whole
 * period above: pass it as `growth`. It answers 0 where β is 0; this is n/a.
 */
export function treynor(growth: Statistic, slope: Statistic, riskFreeRate: number = 0): Statistic {
  return derive(growth, (rate) =>
    derive(slope, (value) => quotient(rate - riskFreeRate, value, 'beta is zero')),
  )
}
