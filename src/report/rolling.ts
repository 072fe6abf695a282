import { DAY_MS } from '../core/time.js'
import { sharpe, volatility } from '../metrics/ratios.js'
import { beta } from '../metrics/relative.js'
import { simpleReturns } from '../metrics/returns.js'
import type { Statistic } from '../metrics/statistic.js'
import type { RunCharts } from './run-charts.js'

/** Statistics of the days up to each day, null while there are fewer than the window or where they are undefined. */
export interface RollingStatistics {
  readonly windowDays: number
  /** 00:00 UTC at the end of each day. */
  readonly time: readonly number[]
  readonly volatility: readonly (number | null)[]
  readonly sharpe: readonly (number | null)[]
  /** Null as a whole where there is no benchmark. */
  readonly beta: readonly (number | null)[] | null
}

/** Half a year where the run has two of them, else 90 or 30 days, as long as the run holds two. */
const WINDOWS_DAYS = [182, 90, 30] as const

/** Undefined for runs of fewer than 60 whole days, and where equity was not positive. O(days · window). */
export function rollingStatistics({ daily }: RunCharts): RollingStatistics | undefined {
  const rows = [...daily.time.keys()].filter((row) => daily.time[row]! % DAY_MS === 0)
  const at = (column: readonly number[]): number[] => rows.map((row) => column[row]!)
  const equity = at(daily.equity)
  const windowDays = WINDOWS_DAYS.find((days) => rows.length > 2 * days)
  if (windowDays === undefined || equity.some((value) => !(value > 0))) return undefined
  const returns = Float64Array.from(simpleReturns(equity))
  const benchmark = daily.hold === null ? null : Float64Array.from(simpleReturns(at(daily.hold)))
  const rolled = (statistic: (from: number, to: number) => Statistic): (number | null)[] =>
    Array.from(returns, (_, row) => (row + 1 < windowDays ? null : (statistic(row + 1 - windowDays, row + 1).value ?? null))) // prettier-ignore
  return {
    windowDays,
    time: rows.slice(1).map((row) => daily.time[row]!),
    volatility: rolled((from, to) => volatility(returns.subarray(from, to))),
    sharpe: rolled((from, to) => sharpe(returns.subarray(from, to))),
    beta: benchmark && rolled((from, to) => beta(returns.subarray(from, to), benchmark.subarray(from, to))),
  }
}

/** Returns of whole UTC days; none where equity was not positive. */
export function wholeDayReturns({ daily }: RunCharts): number[] {
  const equity = daily.equity.filter((_, row) => daily.time[row]! % DAY_MS === 0)
  return equity.some((value) => !(value > 0)) ? [] : Array.from(simpleReturns(equity))
}
