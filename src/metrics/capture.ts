import { DataError } from '../core/errors.js'
import type { Values } from './moments.js'
import { cagr, DAYS_PER_YEAR } from './returns.js'
import { combine, quotient, type Statistic } from './statistic.js'

/** Yearly growth of the strategy / that of the benchmark. empyrical: `capture`, the same with 252. */
export function capture(
  returns: Values,
  benchmark: Values,
  periodsPerYear: number = DAYS_PER_YEAR,
): Statistic {
  return combine(cagr(returns, periodsPerYear), cagr(benchmark, periodsPerYear), (own, other) =>
    quotient(own, other, 'the benchmark did not move'),
  )
}

/** Capture over the periods in which the benchmark rose. */
export function upCapture(
  returns: Values,
  benchmark: Values,
  periodsPerYear: number = DAYS_PER_YEAR,
): Statistic {
  return captureWhere((value) => value > 0, returns, benchmark, periodsPerYear)
}

/** Capture over the periods in which the benchmark fell. */
export function downCapture(
  returns: Values,
  benchmark: Values,
  periodsPerYear: number = DAYS_PER_YEAR,
): Statistic {
  return captureWhere((value) => value < 0, returns, benchmark, periodsPerYear)
}

function captureWhere(
  chosen: (benchmarkReturn: number) => boolean,
  returns: Values,
  benchmark: Values,
  periodsPerYear: number,
): Statistic {
  if (returns.length !== benchmark.length) {
    throw new DataError('paired series must have equal lengths', {
      field: 'benchmark',
      value: benchmark.length,
    })
  }
  const own = Array.from(returns).filter((_, i) => chosen(benchmark[i]!))
  return capture(own, Array.from(benchmark).filter(chosen), periodsPerYear)
}
