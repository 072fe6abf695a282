import { DataError } from '../core/errors.js'
import { mean, type Values } from './moments.js'
import { known, tooFew, unknown, type Statistic } from './statistic.js'

/** Crypto trades every day of the year: the default number of daily returns a year. */
export const DAYS_PER_YEAR = 365

/** Return from one equity to the next, `to / from − 1`; n/a where `from` is not positive. */
export function simpleReturn(from: number, to: number): Statistic {
  return from > 0 ? known(to / from - 1) : unknown('equity was zero or below')
}

/**
 * Returns between successive equities: one fewer than there are equities. Throws DataError naming the row from which no
 * return can be computed (equity zero or below, or not finite).
 */
export function simpleReturns(equity: Values): Float64Array {
  const returns = new Float64Array(Math.max(0, equity.length - 1))
  for (let i = 0; i < returns.length; i++) {
    const step = simpleReturn(equity[i]!, equity[i + 1]!)
    if (step.value === undefined) {
      throw new DataError(`no return can be computed: ${step.reason}`, {
        row: i + 1,
        field: 'equity',
        value: equity[i]!,
      })
    }
    returns[i] = step.value
  }
  return returns
}

/** The equity curve that earns these returns: one more point than returns, the first is the starting balance. */
export function equityCurve(returns: Values, startingBalance: number = 1): Float64Array {
  const equity = new Float64Array(returns.length + 1)
  equity[0] = startingBalance
  for (let i = 0; i < returns.length; i++) equity[i + 1] = equity[i]! * (1 + returns[i]!)
  return equity
}

/** Compounded return `Π(1 + r) − 1`. As `comp` of QuantStats and `cum_returns_final` of empyrical. */
export function totalReturn(returns: Values): Statistic {
  return tooFew(returns.length, 1) ?? known(growth(returns) - 1)
}

/**
 * Compound annual growth rate `Π(1 + r)^(periodsPerYear / n) − 1`. QuantStats and empyrical: the same with 252; QuantStats
 * takes the absolute value of an equity below zero, here that is n/a.
 */
export function cagr(returns: Values, periodsPerYear: number = DAYS_PER_YEAR): Statistic {
  return tooFew(returns.length, 1) ?? annualGrowth(growth(returns), returns.length / periodsPerYear)
}

/** Growth factor over some years → the same growth as a rate a year; n/a for a negative factor or no time at all. */
export function annualGrowth(growthFactor: number, years: number): Statistic {
  if (!(years > 0)) return unknown('no time has passed')
  if (growthFactor < 0) return unknown('equity fell below zero')
  const rate = growthFactor ** (1 / years) - 1
  return Number.isFinite(rate) ? known(rate) : unknown('too short a time to state a yearly rate')
}

/** Geometric mean return of a period, `Π(1 + r)^(1/n) − 1`. QuantStats: `geometric_mean`, `expected_return`. */
export function geometricMean(returns: Values): Statistic {
  return tooFew(returns.length, 1) ?? annualGrowth(growth(returns), returns.length)
}

/** Mean of the returns that are not 0. QuantStats: `avg_return`. */
export function averageActiveReturn(returns: Values): Statistic {
  const active = Array.from(returns).filter((value) => value !== 0)
  return active.length === 0 ? unknown('no return differs from zero') : known(mean(active))
}

/** Returns minus a rate per period: one number, or a series of the same length. */
export function excessReturns(returns: Values, ratePerPeriod: number | Values): Float64Array {
  if (typeof ratePerPeriod !== 'number' && ratePerPeriod.length !== returns.length) {
    throw new DataError('a risk-free or benchmark series must have one value per return', {
      field: 'ratePerPeriod',
      value: ratePerPeriod.length,
      unit: `against ${returns.length} returns`,
    })
  }
  const excess = new Float64Array(returns.length)
  for (let i = 0; i < excess.length; i++) {
    excess[i] = returns[i]! - (typeof ratePerPeriod === 'number' ? ratePerPeriod : ratePerPeriod[i]!)
  }
  return excess
}

/** A yearly rate as the rate per period that compounds to it, `(1 + rate)^(1 / periodsPerYear) − 1`. */
export function ratePerPeriod(ratePerYear: number, periodsPerYear: number): number {
  return (1 + ratePerYear) ** (1 / periodsPerYear) - 1
}

function growth(returns: Values): number {
  let factor = 1
  for (let i = 0; i < returns.length; i++) factor *= 1 + returns[i]!
  return factor
}
