import { mean, sampleDeviation, sum, type Values } from './moments.js'
import { DAYS_PER_YEAR, excessReturns } from './returns.js'
import { derive, known, quotient, tooFew, unknown, type Statistic } from './statistic.js'

export interface RatioOptions {
  /** Number of returns a year: 365 for daily ones (default), 1 for a ratio that is not annualised. */
  readonly periodsPerYear?: number
  /** Risk-free or required return **per period**: one number, or one per return. Default 0. */
  readonly ratePerPeriod?: number | Values
  /** Multiplies the deviation; the autocorrelation penalty of the "smart" ratios. Default 1. */
  readonly penalty?: number
}

/** Annualised volatility: sample deviation (n − 1) · √periodsPerYear. QuantStats, empyrical: the same with 252. */
export function volatility(returns: Values, periodsPerYear: number = DAYS_PER_YEAR): Statistic {
  return tooFew(returns.length, 2) ?? known(sampleDeviation(returns) * Math.sqrt(periodsPerYear))
}

/**
 * Sharpe ratio (Sharpe 1994): mean excess return / its sample deviation (n − 1), · √periodsPerYear. QuantStats, empyrical,
 * vectorbt: the same with their number of periods; they answer ±∞ or NaN where this is n/a for zero deviation.
 */
export function sharpe(returns: Values, options: RatioOptions = {}): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const excess = excessReturns(returns, options.ratePerPeriod ?? 0)
  const risk = sampleDeviation(excess) * (options.penalty ?? 1)
  return quotient(mean(excess) * Math.sqrt(options.periodsPerYear ?? DAYS_PER_YEAR), risk, 'zero deviation')
}

/**
 * Annualised downside deviation: √(Σ min(0, r − rate)² / n) · √periodsPerYear, n counting **all** returns (Sortino & Price
 * 1994). QuantStats and empyrical: the same with 252.
 */
export function downsideDeviation(returns: Values, options: RatioOptions = {}): Statistic {
  const short = tooFew(returns.length, 1)
  if (short !== undefined) return short
  const excess = excessReturns(returns, options.ratePerPeriod ?? 0)
  let squares = 0
  for (const value of excess) if (value < 0) squares += value * value
  return known(Math.sqrt(squares / excess.length) * Math.sqrt(options.periodsPerYear ?? DAYS_PER_YEAR))
}

/**
 * Sortino ratio: annualised mean excess return / annualised downside deviation. n/a where no return falls short, and, as the Sharpe
 * ratio, where the returns have zero deviation: an account that only lies there has no risk to divide by, though every day falls
 * short of a risk-free rate. empyrical and QuantStats answer −√periodsPerYear there.
 */
export function sortino(returns: Values, options: RatioOptions = {}): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const periods = options.periodsPerYear ?? DAYS_PER_YEAR
  const excess = excessReturns(returns, options.ratePerPeriod ?? 0)
  if (sampleDeviation(excess) === 0) return unknown('zero deviation')
  return derive(downsideDeviation(returns, options), (downside) =>
    quotient(mean(excess) * periods, downside * (options.penalty ?? 1), 'no return below the required one'),
  )
}

/**
 * Omega ratio (Keating & Shadwick 2002): Σ gains over the threshold / Σ shortfalls under it. The threshold is per period;
 * empyrical and QuantStats take a yearly `required_return` and convert it geometrically (see `ratePerPeriod`).
 */
export function omega(returns: Values, thresholdPerPeriod: number | Values = 0): Statistic {
  const short = tooFew(returns.length, 2)
  if (short !== undefined) return short
  const excess = excessReturns(returns, thresholdPerPeriod)
  const losses = -sum(excess.filter((value) => value < 0))
  return quotient(sum(excess.filter((value) => value > 0)), losses, 'no return below the threshold')
}

/** Calmar ratio (Young 1991, over the whole run): yearly growth / depth of the largest drawdown (a positive fraction). */
export function calmar(yearlyGrowth: Statistic, maxDrawdown: Statistic): Statistic {
  return derive(yearlyGrowth, (rate) => derive(maxDrawdown, (depth) => quotient(rate, depth, 'no drawdown')))
}

/**
 * Risk-adjusted return: yearly growth / time in market. QuantStats measures time in market as the share of days whose
 * return is not 0, rounded **up** to a whole percent; ours is the share of bars with an open position.
 */
export function riskAdjustedReturn(yearlyGrowth: Statistic, timeInMarket: Statistic): Statistic {
  return derive(yearlyGrowth, (rate) =>
    derive(timeInMarket, (share) => quotient(rate, share, 'never in the market')),
  )
}

/**
 * Stability: R² of the straight line through the cumulative log return, by time. empyrical: `stability_of_timeseries`.
 * QuantStats' "R²" is another thing: the squared correlation with the benchmark.
 */
export function stability(returns: Values): Statistic {
  const n = returns.length
  const short = tooFew(n, 2)
  if (short !== undefined) return short
  const logEquity = new Float64Array(n)
  let total = 0
  for (let i = 0; i < n; i++) {
    if (!(returns[i]! > -1)) return unknown('equity fell to zero')
    total += Math.log1p(returns[i]!)
    logEquity[i] = total
  }
  const middle = (n - 1) / 2
  const level = mean(logEquity)
  let xx = 0
  let xy = 0
  let yy = 0
  for (let i = 0; i < n; i++) {
    xx += (i - middle) ** 2
    xy += (i - middle) * (logEquity[i]! - level)
    yy += (logEquity[i]! - level) ** 2
  }
  return sampleDeviation(logEquity) === 0 ? unknown('zero deviation') : known((xy * xy) / (xx * yy))
}
