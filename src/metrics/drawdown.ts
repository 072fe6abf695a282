import { DataError } from '../core/errors.js'
import { DAY_MS } from '../core/time.js'
import { mean, type Values } from './moments.js'
import { derive, known, quotient, tooFew, type Statistic } from './statistic.js'

/**
 * One fall from a peak and its recovery. Times are UTC ms of the equity points: the peak is the last point at the old
 * high, the recovery the first at or above it. QuantStats dates the start one point later and the end one earlier.
 */
export interface DrawdownPeriod {
  readonly peakTime: number
  readonly valleyTime: number
  /** Null while the old high has not been reached again. */
  readonly recoveryTime: number | null
  /** `1 − equity / peak` at the valley: a positive fraction (QuantStats and empyrical write it negative). */
  readonly depth: number
  /** From the peak to the recovery, or to the end of the data. */
  readonly durationDays: number
}

/**
 * Drawdown at each equity point, `1 − equity / running peak` ≥ 0. The peak starts at `startingPeak` (the starting balance),
 * or at the first point where that is undefined. Throws DataError where a peak is not positive.
 */
export function drawdownSeries(equity: Values, startingPeak: number | undefined): Float64Array {
  const drawdown = new Float64Array(equity.length)
  let peak = startingPeak ?? equity[0] ?? 1
  for (let i = 0; i < equity.length; i++) {
    if (equity[i]! > peak) peak = equity[i]!
    requirePositivePeak(peak, i)
    drawdown[i] = 1 - equity[i]! / peak
  }
  return drawdown
}

/** Largest of a series of drawdowns (0 where equity never fell). n/a without equity points. */
export function maxDrawdown(drawdowns: Values): Statistic {
  const short = tooFew(drawdowns.length, 1, 'equity points')
  if (short !== undefined) return short
  let depth = 0
  for (let i = 0; i < drawdowns.length; i++) depth = Math.max(depth, drawdowns[i]!)
  return known(depth)
}

/** The same from all drawdowns of a curve of so many points. */
export function deepestDrawdown(periods: readonly DrawdownPeriod[], points: number): Statistic {
  return (
    tooFew(points, 1, 'equity points') ??
    known(periods.reduce((deepest, { depth }) => Math.max(deepest, depth), 0))
  )
}

/**
 * Bound on the drawdown inside bars: `1 − min(adverse, close) / peak of the closes before`, where `adverse[i]` is equity if
 * all open positions were marked at their worst price of bar i. It stands beside the drawdown on closes and is never smaller.
 */
export function intrabarDrawdown(
  equity: Values,
  adverse: Values,
  startingPeak: number | undefined,
): Statistic {
  const short = tooFew(equity.length, 1, 'equity points')
  if (short !== undefined) return short
  if (adverse.length !== equity.length) {
    throw new DataError('the adverse curve needs one value per bar', {
      field: 'adverse',
      value: adverse.length,
    })
  }
  let peak = Number(startingPeak ?? equity[0]!)
  let depth = 0
  // Falls from one peak are deepest where equity is least: most bars need no quotient, and none a branch that cannot be foreseen.
  let lowest = Infinity
  for (let i = 0; i < equity.length; i++) {
    const close = equity[i]!
    lowest = Math.min(lowest, Math.min(close, adverse[i]!))
    if (!(close > peak)) continue
    depth = Math.max(depth, 1 - lowest / peak)
    peak = close
    lowest = Infinity
  }
  return known(Math.max(depth, 1 - lowest / peak))
}

/**
 * All drawdowns in order of time. `startTime` is when the starting peak stood. O(n), without a series of its own.
 *
 * Throws DataError where a peak is not positive.
 */
export function drawdownPeriods(
  time: Values,
  equity: Values,
  startingPeak: number | undefined,
  startTime: number = time[0] ?? 0,
): DrawdownPeriod[] {
  const periods: DrawdownPeriod[] = []
  // A number before the loop, or each one in the loop is put in a box of its own.
  let peak = Number(startingPeak ?? equity[0] ?? 1)
  let peakRow = -1
  if (equity.length > 0) requirePositivePeak(Math.max(peak, equity[0]!), 0)
  let row = 0
  while (row < equity.length) {
    let lowest = equity[row]!
    if (!(lowest < peak)) {
      if (lowest >= peak) {
        peak = lowest
        peakRow = row
      }
      row++
      continue
    }
    let valley = row
    while (++row < equity.length) {
      const value = equity[row]!
      if (value < lowest) {
        valley = row
        lowest = value
      } else if (value >= peak) break
    }
    const peakTime = peakRow < 0 ? startTime : time[peakRow]!
    const isRecovered = row < equity.length
    const endTime = time[isRecovered ? row : row - 1]!
    periods.push(periodOf(peakTime, time[valley]!, endTime, isRecovered, 1 - lowest / peak))
  }
  return periods
}

function periodOf(
  peakTime: number,
  valleyTime: number,
  endTime: number,
  recovered: boolean,
  depth: number,
): DrawdownPeriod {
  const durationDays = (endTime - peakTime) / DAY_MS
  return { peakTime, valleyTime, recoveryTime: recovered ? endTime : null, depth, durationDays }
}

function requirePositivePeak(peak: number, row: number): void {
  if (!(peak > 0))
    throw new DataError('a drawdown needs a positive peak', { row: row + 1, field: 'equity', value: peak })
}

/** The deepest drawdowns, deepest first. */
export function worstDrawdowns(periods: readonly DrawdownPeriod[], count: number = 5): DrawdownPeriod[] {
  return [...periods].sort((a, b) => b.depth - a.depth || a.peakTime - b.peakTime).slice(0, count)
}

/** Mean depth over all drawdowns; n/a where there was none. */
export function averageDrawdown(periods: readonly DrawdownPeriod[]): Statistic {
  return tooFew(periods.length, 1, 'drawdowns') ?? known(mean(periods.map((period) => period.depth)))
}

/** Mean duration in days over all drawdowns. */
export function averageDrawdownDays(periods: readonly DrawdownPeriod[]): Statistic {
  return tooFew(periods.length, 1, 'drawdowns') ?? known(mean(periods.map((period) => period.durationDays)))
}

/** Longest time from a peak to its recovery (or to the end of the data), days. */
export function longestDrawdownDays(periods: readonly DrawdownPeriod[]): Statistic {
  return known(periods.reduce((longest, period) => Math.max(longest, period.durationDays), 0))
}

/**
 * Ulcer index: root mean square of the drawdowns (Martin & McCann 1989). QuantStats divides by n − 1: pass `lostDegrees` 1.
 */
export function ulcerIndex(drawdowns: Values, lostDegrees: 0 | 1 = 0): Statistic {
  const short = tooFew(drawdowns.length, 1 + lostDegrees, 'equity points')
  if (short !== undefined) return short
  let squares = 0
  for (let i = 0; i < drawdowns.length; i++) squares += drawdowns[i]! ** 2
  return known(Math.sqrt(squares / (drawdowns.length - lostDegrees)))
}

/**
 * Ulcer performance index (Martin): yearly growth over the risk-free rate / ulcer index. QuantStats puts the **total**
 * return above: pass it as `growth`.
 */
export function ulcerPerformanceIndex(
  growth: Statistic,
  ulcer: Statistic,
  riskFreeRate: number = 0,
): Statistic {
  return derive(growth, (rate) =>
    derive(ulcer, (index) => quotient(rate - riskFreeRate, index, 'no drawdown')),
  )
}

/**
 * Recovery factor: total return / depth of the largest drawdown, with its sign. QuantStats divides the absolute **sum** of
 * the returns, so that a loss looks like a recovery.
 */
export function recoveryFactor(totalReturn: Statistic, depth: Statistic): Statistic {
  return derive(totalReturn, (total) => derive(depth, (fall) => quotient(total, fall, 'no drawdown')))
}
