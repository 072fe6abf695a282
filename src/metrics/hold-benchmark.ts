import type { FundingSchedule } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { BacktestResult, InstrumentRun } from '../core/result.js'
import { formatUtc } from '../core/time.js'
import { mean } from './moments.js'
import { equityCurve, simpleReturns } from './returns.js'

/** What holding costs. Instruments without an entry are an error: a benchmark free of costs must be asked for with 0. */
export interface HoldCosts {
  /** Fraction of notional, by instrument id. */
  readonly takerFee: Readonly<Record<string, number>>
  readonly slippageBps: number
  /** Settlements of perpetuals, by instrument id. */
  readonly funding?: Readonly<Record<string, FundingSchedule>>
}

/** An equity curve to compare with, on the days of the run. */
export interface Benchmark {
  readonly label: string
  /** The run's own daily grid. */
  readonly time: Float64Array
  readonly equity: Float64Array
  /** After everything is sold at the end of the run, where the run's end-of-data policy closes positions too. */
  readonly finalEquity: number
}

/** Why there is nothing to compare with. */
export interface NoBenchmark {
  readonly reason: string
}

/**
 * Buy and hold: an equal share of the starting balance goes into each instrument at its first evaluable open, the first
 * that follows the first bar that could be decided on, and stays there. Entry and exit pay taker fee and slippage; funding
 * is paid or received at each settlement on the mark (last close where none was recorded). Cash earns nothing. O(bars).
 *
 * There is no benchmark where a funding rate is missing while it holds, or where it loses everything: the reason is
 * returned. Throws DataError for an instrument without a fee.
 */
export function holdBenchmark(result: BacktestResult, costs: HoldCosts): Benchmark | NoBenchmark {
  const { time } = result.daily
  const equity = new Float64Array(time.length)
  const share = result.startingBalance / result.instruments.length
  let finalEquity = 0
  for (const run of result.instruments) {
    const leg = holdInstrument(run, share, result.timeframeMs, costs)
    if ('reason' in leg) return leg
    for (let i = 0; i < time.length; i++) equity[i] = equity[i]! + leg.valueAt(time[i]!)
    finalEquity += leg.finalValue(result.policies.endOfData === 'close')
  }
  if (equity.some((value) => !(value > 0))) return { reason: 'holding lost everything' }
  const label =
    result.instruments.length === 1 ? 'Hold' : `Hold ${result.instruments.length} instruments, equal weight`
  return { label, time, equity, finalEquity }
}

/**
 * The same, scaled to a share of the capital (the strategy's average exposure) that is kept constant from day to day:
 * each return of the benchmark times the share. None where that loses everything, as a share above 1 can.
 */
export function scaleBenchmark(benchmark: Benchmark, share: number): Benchmark | NoBenchmark {
  const daily = simpleReturns(benchmark.equity).map((value) => value * share)
  const equity = equityCurve(daily, benchmark.equity[0] ?? 0)
  if (equity.some((value) => !(value > 0))) return { reason: 'holding at that exposure lost everything' }
  const last = benchmark.equity.at(-1) ?? 0
  const rest = last > 0 ? (benchmark.finalEquity / last - 1) * share : 0
  return {
    label: `${benchmark.label}, at the strategy's average exposure`,
    time: benchmark.time,
    equity,
    finalEquity: (equity.at(-1) ?? 0) * (1 + rest),
  }
}

/** Mean gross exposure over the bars of the run, as a fraction of equity. 0 for a run without bars. */
export function averageExposure(result: BacktestResult): number {
  return result.equity.exposure.length === 0 ? 0 : mean(result.equity.exposure)
}

interface HeldLeg {
  valueAt(time: number): number
  finalValue(sold: boolean): number
}

function holdInstrument(
  run: InstrumentRun,
  balance: number,
  timeframeMs: number,
  costs: HoldCosts,
): HeldLeg | NoBenchmark {
  const fee = costs.takerFee[run.id]
  if (fee === undefined)
    throw new DataError('no fee is given for holding this instrument', { field: 'takerFee', value: run.id })
  const slip = costs.slippageBps / 10_000
  const entry = run.closeTime.findIndex((close) => close - timeframeMs >= run.firstDecisionTime)
  if (entry < 0) return { valueAt: () => balance, finalValue: () => balance }

  const entryTime = run.closeTime[entry]! - timeframeMs
  const quantity = balance / (run.open[entry]! * (1 + slip) * (1 + fee))
  const lastClose = run.close.length - 1
  const funding = fundingPaid(run, entryTime, costs.funding?.[run.id])
  if (typeof funding !== 'function') return funding
  const valueAt = (time: number): number => {
    if (time < entryTime) return balance
    const bar = lastAtOrBefore(run.closeTime, time)
    // Between the entry and the first close after it the position is worth what the entry open says.
    const price = bar < entry ? run.open[entry]! : run.close[bar]!
    return quantity * (price - funding(time))
  }
  const finalValue = (sold: boolean): number =>
    quantity * (run.close[lastClose]! * (sold ? (1 - slip) * (1 - fee) : 1) - funding(Infinity))
  return { valueAt, finalValue }
}

/**
 * Funding paid per unit held since the entry, as a function of time. A settlement at the very entry is paid where that is
 * adverse and never received, as for the strategy's own fills.
 */
function fundingPaid(
  run: InstrumentRun,
  entryTime: number,
  schedule: FundingSchedule | undefined,
): ((time: number) => number) | NoBenchmark {
  if (schedule === undefined) return () => 0
  const times: number[] = []
  const totals: number[] = []
  const end = run.closeTime.at(-1) ?? entryTime
  let total = 0
  for (let i = 0; i < schedule.time.length; i++) {
    const time = schedule.time[i]!
    if (time < entryTime || time > end) continue
    const rate = schedule.rate[i]!
    if (!Number.isFinite(rate)) {
      return { reason: `${run.id} has no funding rate for ${formatUtc(time)}, while it is held` }
    }
    if (time === entryTime && rate < 0) continue
    const mark = schedule.mark[i]!
    const bar = lastAtOrBefore(run.closeTime, time)
    total += rate * (Number.isFinite(mark) ? mark : bar < 0 ? run.open[0]! : run.close[bar]!)
    times.push(time)
    totals.push(total)
  }
  return (time) => totals[lastAtOrBefore(times, time)] ?? 0
}

/** Index of the last entry ≤ time in an increasing column, −1 where there is none. O(log n). */
function lastAtOrBefore(times: ArrayLike<number>, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}
