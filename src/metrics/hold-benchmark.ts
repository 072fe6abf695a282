import type { FundingSchedule } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { Side } from '../core/orders.js'
import type { BacktestResult, InstrumentRun } from '../core/result.js'
import { formatUtc } from '../core/time.js'
import { accountTimes, instrumentTimes, type BarTimes } from './bar-times.js'
import { lastBefore } from './partition-point.js'
import { equityCurve, simpleReturns } from './returns.js'

/** What holding costs. Instruments without an entry are an error: a benchmark free of costs must be asked for with 0. */
export interface HoldCosts {
  /** Fraction of notional, by instrument id; of a time (UTC ms) where it changes. */
  readonly takerFee: Readonly<Record<string, number | ((time: number) => number)>>
  readonly slippageBps: number
  /** Paid beside the slippage. Default 0. */
  readonly halfSpreadBps?: number
  /** Settlements of perpetuals, by instrument id. */
  readonly funding?: Readonly<Record<string, FundingSchedule>>
}

/** An equity curve to compare with, on the days of the run. */
export interface Benchmark {
  readonly label: string
  /** The run's own daily grid. */
  readonly time: Float64Array
  /** The last one is after everything is sold, where the run's end-of-data policy closes positions too. */
  readonly equity: Float64Array
}

/** Why there is nothing to compare with. */
export interface NoBenchmark {
  readonly reason: string
}

/**
 * Buy and hold: an equal share of the starting balance goes into each instrument at its first evaluable open, the first
 * that follows the first bar that could be decided on, and stays there to the end of the run. Entry and exit pay the taker
 * fee of their time, slippage and half the spread, rounded neither to tick nor to lot. Funding is paid or received on the mark (last close where none was
 * recorded) by the engine's rule: a settlement at the instant of a mark belongs to what follows it, so that at the end of
 * the run there is none. Cash earns nothing. O(bars + settlements).
 *
 * With `side` −1 the costs are those of a short: its returns times a negative share are what that share held short makes.
 *
 * There is no benchmark where a funding rate is missing while it holds, or where it loses everything: the reason is
 * returned. Throws DataError for an instrument without a fee.
 */
export function holdBenchmark(
  result: BacktestResult,
  costs: HoldCosts,
  side: Side = 1,
): Benchmark | NoBenchmark {
  const { time } = result.daily
  const equity = new Float64Array(time.length)
  const share = result.startingBalance / result.instruments.length
  for (const run of result.instruments) {
    const leg = holdInstrument(result, run, share, costs, side)
    if ('reason' in leg) return leg
    for (let i = 0; i < time.length; i++) equity[i] = equity[i]! + leg.valueAt(time[i]!)
  }
  if (equity.some((value) => !(value > 0))) return { reason: 'holding lost everything' }
  const label =
    result.instruments.length === 1 ? 'Hold' : `Hold ${result.instruments.length} instruments, equal weight`
  return { label, time, equity }
}

/**
 * The same basket, its shares made equal again on each day of the daily grid, without further costs: what a share of the capital that never changes earns. Unlike a
 * quantity that never changes, which pays the funding of its best days out of what is left on its worst, it loses everything only where a single day does.
 */
export function steadyHoldBenchmark(result: BacktestResult, costs: HoldCosts): Benchmark | NoBenchmark {
  const { time } = result.daily
  const returns = new Float64Array(Math.max(0, time.length - 1))
  const share = result.startingBalance / result.instruments.length
  for (const run of result.instruments) {
    const leg = holdInstrument(result, run, share, costs, 1)
    if ('reason' in leg) return leg
    for (let day = 0; day < returns.length; day++) {
      const gain = leg.valueAt(time[day + 1]!) - leg.valueAt(time[day]!)
      returns[day] = returns[day]! + gain / leg.heldAt(time[day]!) / result.instruments.length
    }
  }
  const equity = equityCurve(returns, result.startingBalance)
  if (equity.some((value) => !(value > 0))) return { reason: 'holding lost everything in a day' }
  return { label: 'Hold, the same shares each day', time, equity }
}

/**
 * The same, scaled to a share of the capital (the strategy's average exposure, negative where that is short) that is kept
 * constant from day to day: each return of the benchmark times the share. None where that loses everything.
 */
export function scaleBenchmark(
  benchmark: Benchmark,
  share: number,
  exposure: 'average' | 'average net' = 'average',
): Benchmark | NoBenchmark {
  const daily = simpleReturns(benchmark.equity).map((value) => value * share)
  const equity = equityCurve(daily, benchmark.equity[0] ?? 0)
  if (equity.some((value) => !(value > 0))) return { reason: 'holding at that exposure lost everything' }
  return { label: `${benchmark.label}, at the strategy's ${exposure} exposure`, time: benchmark.time, equity }
}

interface HeldLeg {
  /** Worth of the leg at a time of the daily grid: at the last mark of the account by then. */
  valueAt(time: number): number
  /** Worth of what is held then, without the funding that was paid for it; before the entry the balance that will be. */
  heldAt(time: number): number
}

function holdInstrument(
  result: BacktestResult,
  run: InstrumentRun,
  balance: number,
  costs: HoldCosts,
  side: Side,
): HeldLeg | NoBenchmark {
  const takerFee = costs.takerFee[run.id]
  if (takerFee === undefined)
    throw new DataError('no fee is given for holding this instrument', { field: 'takerFee', value: run.id })
  const feeAt = (time: number): number => side * (typeof takerFee === 'number' ? takerFee : takerFee(time))
  const slip = (side * (costs.slippageBps + (costs.halfSpreadBps ?? 0))) / 10_000
  const { timeframeMs } = result
  const closes = instrumentTimes(run, timeframeMs)
  const entry = closes.firstAtOrAfter(run.firstDecisionTime + timeframeMs, 0)
  if (entry === closes.length) return { valueAt: () => balance, heldAt: () => balance }

  const entryTime = closes.at(entry) - timeframeMs
  const quantity = balance / (run.open[entry]! * (1 + slip) * (1 + feeAt(entryTime)))
  const marks = accountTimes(result)
  const end = marks.length === 0 ? undefined : marks.at(marks.length - 1)
  const until = end ?? entryTime
  const funding = fundingPaid(result, run, closes, entryTime, until, costs.funding?.[run.id], side)
  if (typeof funding !== 'function') return funding
  const sold = result.policies.endOfData === 'close' ? (1 - slip) * (1 - feeAt(until)) : 1
  const worthAt = (time: number, fundingAt: (markTime: number) => number): number => {
    const mark = marks.at(marks.lastAtOrBefore(time))
    // A mark at the instant of the entry comes before it.
    if (!(mark > entryTime)) return balance
    const price = run.close[closes.lastAtOrBefore(mark)]!
    return quantity * (price * (mark === end ? sold : 1) - fundingAt(mark))
  }
  return {
    valueAt: (time) => worthAt(time, funding),
    heldAt: (time) => worthAt(time, () => 0),
  }
}

/**
 * Funding paid per unit from the entry to a mark, as a function of the mark's time; a settlement at the mark comes after it.
 * One at the very entry goes by the policy for the strategy's own fills.
 */
function fundingPaid(
  { policies }: BacktestResult,
  run: InstrumentRun,
  closes: BarTimes,
  entryTime: number,
  end: number,
  schedule: FundingSchedule | undefined,
  side: Side,
): ((markTime: number) => number) | NoBenchmark {
  if (schedule === undefined) return () => 0
  const times: number[] = []
  const totals: number[] = []
  const missing: number[] = []
  let total = 0
  for (let i = 0; i < schedule.time.length; i++) {
    const time = schedule.time[i]!
    if (time < entryTime || time >= end) continue
    if (time === entryTime && policies.fundingAtFill === 'held-before') continue
    const rate = schedule.rate[i]!
    if (!Number.isFinite(rate)) {
      missing.push(time)
      continue
    }
    if (time === entryTime && rate * side < 0) continue
    const mark = schedule.mark[i]!
    const bar = closes.lastAtOrBefore(time)
    total += rate * (Number.isFinite(mark) ? mark : bar < 0 ? run.open[0]! : run.close[bar]!)
    times.push(time)
    totals.push(total)
  }
  if (missing.length > 0) return { reason: missingFunding(run.id, missing) }
  return (markTime) => totals[lastBefore(times, markTime)] ?? 0
}

function missingFunding(id: string, times: readonly number[]): string {
  const [first = NaN] = times
  const last = times.at(-1) ?? first
  const more = times.length === 1 ? '' : ` and ${times.length - 1} more, the last of ${formatUtc(last)}`
  return `${id} has no funding rate for ${formatUtc(first)}${more}, while it is held`
}
