import type { Side } from '../core/orders.js'
import type { BacktestResult } from '../core/result.js'
import { DAY_MS, formatUtc } from '../core/time.js'
import type { TradeTable } from '../core/trades.js'
import { CALENDAR_PERIODS, periodReturns, type CalendarPeriod, type DatedReturns } from './calendar.js'
import { accountTimes, type BarTimes } from './bar-times.js'
import { scanCurve } from './curve-scan.js'
import { deepestDrawdown, drawdownPeriods, drawdownSeries, type DrawdownPeriod } from './drawdown.js'
import { exposureOf, type Exposure } from './exposure.js'
import {
  holdBenchmark,
  scaleBenchmark,
  type Benchmark,
  type HoldCosts,
  type NoBenchmark,
} from './hold-benchmark.js'
import type { Values } from './moments.js'
import { annualGrowth, DAYS_PER_YEAR, ratePerPeriod, simpleReturn, simpleReturns } from './returns.js'
import { derive, tooFew, unknown, type Statistic } from './statistic.js'
import { closedTrades, tradeTable, type TradeColumns } from './trade-columns.js'

/** Growth over fewer days than this is not stated by the year: two good weeks compound to anything. */
export const SHORTEST_YEARLY_DAYS = 90

export interface MetricOptions {
  /** Yearly risk-free rate as a fraction, converted to a rate per period geometrically. Default 0. */
  readonly riskFreeRate?: number
  /** Returns a year. Default 365 for daily returns, the number of bars in 365 days for per-bar ones. */
  readonly periodsPerYear?: number
  /** What holding the same instruments would have cost; without it (and without `benchmark`) comparisons are n/a. */
  readonly holdCosts?: HoldCosts
  /** Another benchmark than holding, on the run's daily grid. */
  readonly benchmark?: Benchmark
}

/** A result with the series that its metrics share, each derived once. */
export interface MeasuredRun {
  readonly result: BacktestResult
  /** From the open of the run's first bar to the close of its last. */
  readonly days: number
  readonly startTime: number
  readonly total: Statistic
  /** CAGR; n/a for runs of fewer than SHORTEST_YEARLY_DAYS, and so is all that is derived from it. */
  readonly growth: Statistic
  /** Those that are still open too. */
  readonly allTrades: TradeTable
  /** The closed ones. */
  readonly trades: TradeColumns
  /** From the trades. */
  readonly exposure: Exposure
  /** Returns by the run's policy (daily or per bar) for the Sharpe ratio and its kin; empty where equity was not positive. */
  readonly returns: Float64Array
  readonly periodsPerYear: number
  readonly ratePerPeriod: number
  readonly riskFreeRate: number
  /** Returns of whole UTC days; what the run had of its first and last day stands in `calendar` only. */
  readonly daily: Float64Array
  /** Picks the rows at 00:00 UTC of a column on the run's daily grid. */
  readonly wholeDays: (column: Float64Array) => Float64Array
  readonly dailyPeriodsPerYear: number
  readonly dailyRatePerPeriod: number
  /** Every UTC day, cut-off first and last ones included: their product is the run's total return. */
  readonly calendar: DatedReturns
  /** The same by calendar periods, the first and last of which may be cut short by the run. */
  readonly byPeriod: Readonly<Record<CalendarPeriod, Float64Array>>
  /** On bar closes. */
  readonly maxDrawdown: Statistic
  /** Bound on it inside bars. */
  readonly maxDrawdownIntrabar: Statistic
  readonly drawdownPeriods: readonly DrawdownPeriod[]
  /** On the daily grid. */
  readonly dailyDrawdowns: Values
  readonly dailyDrawdownPeriods: readonly DrawdownPeriod[]
  readonly hold: Benchmark | NoBenchmark
  readonly scaledHold: Benchmark | NoBenchmark
  readonly netHold: Benchmark | NoBenchmark
  readonly benchmark: Benchmark | NoBenchmark
  /** Asks a statistic of a series of returns, or says why the run has no returns. */
  readonly of: (returns: Float64Array, statistic: (returns: Float64Array) => Statistic) => Statistic
}

/** Derives the shared series of a result. O(bars + days). Throws DataError where equity is not finite. */
export function measureRun(result: BacktestResult, options: MetricOptions = {}): MeasuredRun {
  const { equity, daily, startingBalance, policies } = result
  const perBar = policies.returns === 'per-bar'
  const times = accountTimes(result)
  const bars = times.length
  const startTime = (bars === 0 ? result.startTime : times.at(0)) - result.timeframeMs
  const endTime = bars === 0 ? startTime : times.at(bars - 1)
  const days = (endTime - startTime) / DAY_MS
  const periodsPerYear =
    options.periodsPerYear ?? (perBar ? (DAYS_PER_YEAR * DAY_MS) / result.timeframeMs : DAYS_PER_YEAR)
  const dailyPeriodsPerYear = perBar ? DAYS_PER_YEAR : periodsPerYear
  const riskFreeRate = options.riskFreeRate ?? 0

  const startingPeak = policies.drawdownPeak === 'starting-balance' ? startingBalance : undefined
  const peakTime = startingPeak === undefined ? (bars === 0 ? 0 : times.at(0)) : startTime
  const scanned = scanCurve(equity, times, startingPeak, peakTime)
  const { drawdowns } = scanned
  const ruin = ruinReason(scanned.ruin, times)
  const returnsOf = (values: Values): Float64Array =>
    ruin === undefined ? simpleReturns(values) : new Float64Array(0)
  const wholeDays = (column: Float64Array): Float64Array =>
    column.filter((_, row) => (daily.time[row] ?? Number.NaN) % DAY_MS === 0)
  const dailyReturns = returnsOf(wholeDays(daily.equity))
  const total = tooFew(bars, 1, 'bars') ?? simpleReturn(startingBalance, result.finalEquity)
  const hold = holdOf(result, options.holdCosts, 1)
  const calendar = calendarReturns(result, endTime, returnsOf)
  const allTrades = tradeTable(result)
  const exposure = exposureOf(result, allTrades)
  const heldNet = exposure.net < 0 ? holdOf(result, options.holdCosts, -1) : hold

  return {
    result,
    days,
    startTime,
    total,
    growth: derive(total, (value) => yearlyGrowth(1 + value, days)),
    allTrades,
    trades: closedTrades(allTrades),
    exposure,
    returns: perBar ? returnsOf(prepend(startingBalance, equity.equity)) : dailyReturns,
    periodsPerYear,
    ratePerPeriod: ratePerPeriod(riskFreeRate, periodsPerYear),
    riskFreeRate,
    daily: dailyReturns,
    dailyPeriodsPerYear,
    dailyRatePerPeriod: ratePerPeriod(riskFreeRate, dailyPeriodsPerYear),
    calendar,
    byPeriod: returnsByPeriod(calendar),
    maxDrawdown: deepestDrawdown(drawdowns, bars),
    maxDrawdownIntrabar: scanned.intrabarDrawdown,
    drawdownPeriods: drawdowns,
    dailyDrawdowns: drawdownSeries(daily.equity, undefined),
    dailyDrawdownPeriods: drawdownPeriods(daily.time, daily.equity, undefined),
    hold,
    scaledHold: 'reason' in hold ? hold : scaleBenchmark(hold, exposure.gross),
    netHold: 'reason' in heldNet ? heldNet : scaleBenchmark(heldNet, exposure.net, 'average net'),
    benchmark: options.benchmark ?? hold,
    wholeDays,
    of: (returns, statistic) => (ruin === undefined ? statistic(returns) : unknown(ruin)),
  }
}

/** Growth as a rate a year, or that the run is too short to state one. */
export function yearlyGrowth(growthFactor: number, days: number): Statistic {
  return derive(annualGrowth(growthFactor, days / DAYS_PER_YEAR), (rate) =>
    days < SHORTEST_YEARLY_DAYS ? unknown(`fewer than ${SHORTEST_YEARLY_DAYS} days`) : rate,
  )
}

function holdOf(result: BacktestResult, costs: HoldCosts | undefined, side: Side): Benchmark | NoBenchmark {
  return costs === undefined
    ? { reason: 'the costs of holding were not given' }
    : holdBenchmark(result, costs, side)
}

/** Why no return can be computed: equity that reached zero. */
function ruinReason(row: number, times: BarTimes): string | undefined {
  return row < 0 ? undefined : `equity fell to zero or below on ${formatUtc(times.at(row))}`
}

function calendarReturns(
  result: BacktestResult,
  endTime: number,
  returnsOf: (values: Values) => Float64Array,
): DatedReturns {
  const { time, equity } = result.daily
  const startTime = time[0] ?? endTime
  const cut = time.length > 0 && endTime > time.at(-1)!
  const times = cut ? [...time, endTime] : [...time]
  const returns = returnsOf(cut ? [...equity, result.finalEquity] : equity)
  return { startTime, time: times.slice(1, 1 + returns.length), returns }
}

function returnsByPeriod(calendar: DatedReturns): Record<CalendarPeriod, Float64Array> {
  const returns = (period: CalendarPeriod): Float64Array =>
    Float64Array.from(periodReturns(calendar, period), (row) => row.returnFraction)
  return Object.fromEntries(CALENDAR_PERIODS.map((period) => [period, returns(period)])) as Record<
    CalendarPeriod,
    Float64Array
  >
}

function prepend(first: number, rest: Float64Array): Float64Array {
  const all = new Float64Array(rest.length + 1)
  all[0] = first
  all.set(rest, 1)
  return all
}
