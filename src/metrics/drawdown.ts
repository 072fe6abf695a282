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
  const scan = new IntrabarScan(equity, adverse, startingPeak)
  scan.pass(equity.length)
  return scan.deepest()
}

/** The same, a stretch of rows at a time. */
export class IntrabarScan {
  private readonly equity: Values
  private readonly adverse: Values
  private row: number = 0
  private peak: number
  private depth: number = 0
  /** Least since the peak: falls from one peak are deepest where equity is least, so most bars need no quotient. */
  private lowest: number = Infinity

  constructor(equity: Values, adverse: Values, startingPeak: number | undefined) {
    if (adverse.length !== equity.length) {
      throw new DataError('the adverse curve needs one value per bar', {
        field: 'adverse',
        value: adverse.length,
      })
    }
    this.equity = equity
    this.adverse = adverse
    this.peak = startingPeak ?? equity[0] ?? 1
  }

  /** Up to a row. */
  pass(end: number): void {
    const { equity, adverse } = this
    let { row, peak, lowest } = this
    for (; row < end; row++) {
      const close = equity[row]!
      const worst = adverse[row]!
      // Asked so that what is no number is seen, and then for ever.
      if (!(close >= lowest && worst >= lowest)) lowest = Math.min(lowest, close, worst)
      if (!(close > peak)) continue
      this.depth = Math.max(this.depth, 1 - lowest / peak)
      peak = close
      lowest = Number.POSITIVE_INFINITY
    }
    this.row = row
    this.peak = peak
    this.lowest = lowest
  }

  deepest(): Statistic {
    const short = tooFew(this.equity.length, 1, 'equity points')
    return short ?? known(Math.max(this.depth, 1 - this.lowest / this.peak))
  }
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
  const scan = new DrawdownScan({ at: (row) => time[row]! }, equity, startingPeak, startTime)
  scan.pass(equity.length)
  return scan.finish()
}

/** When the rows of a curve were, UTC ms. */
export interface RowTimes {
  at(row: number): number
}

/** The same, a stretch of rows at a time. */
export class DrawdownScan {
  private readonly times: RowTimes
  private readonly equity: Values
  private readonly startTime: number
  private readonly periods: DrawdownPeriod[] = []
  private row: number = 0
  private peak: number
  private readonly firstPeak: number
  /** −1: the starting peak. */
  private peakRow: number = -1
  /** Lowest point since the peak, −1 where none is below it. */
  private valley: number = -1
  private lowest: number = NaN

  constructor(times: RowTimes, equity: Values, startingPeak: number | undefined, startTime: number) {
    this.times = times
    this.equity = equity
    this.startTime = startTime
    this.peak = startingPeak ?? equity[0] ?? 1
    this.firstPeak = Math.max(this.peak, equity[0] ?? this.peak)
  }

  /** Up to a row. */
  pass(end: number): void {
    const { equity } = this
    let { row, peak, valley, lowest } = this
    while (row < end) {
      const value = equity[row]!
      if (value >= peak) {
        if (valley >= 0) this.add(valley, row, true, 1 - lowest / peak)
        valley = -1
        peak = value
        this.peakRow = row
      } else if (value < peak) {
        // Most rows of a fall are none of its ends.
        if (valley < 0) lowest = Number.POSITIVE_INFINITY
        for (; row < end; row++) {
          const next = equity[row]!
          if (next < lowest) {
            valley = row
            lowest = next
          } else if (next >= peak) break
        }
        continue
      }
      row++
    }
    this.row = row
    this.peak = peak
    this.valley = valley
    this.lowest = lowest
  }

  /** All of them, the last one as far as it goes. */
  finish(): DrawdownPeriod[] {
    const { equity, peak, valley, lowest } = this
    if (equity.length > 0) requirePositivePeak(this.firstPeak, 0)
    if (valley >= 0) this.add(valley, equity.length - 1, false, 1 - lowest / peak)
    return this.periods
  }

  private add(valley: number, end: number, isRecovered: boolean, depth: number): void {
    const { times, peakRow, startTime } = this
    const peakTime = peakRow < 0 ? startTime : times.at(peakRow)
    this.periods.push(periodOf(peakTime, times.at(valley), times.at(end), isRecovered, depth))
  }
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
