import type { BacktestResult, InstrumentRun } from '../core/result.js'
import { firstAtOrAfter, lastAtOrBefore } from './partition-point.js'

/** The span of some bars; times in UTC ms. */
export interface BarSpan {
  readonly bars: number
  readonly firstClose: number
  readonly lastClose: number
  readonly timeframeMs: number
}

/**
 * Closing times of bars, which do not overlap: in order, each at least a timeframe after the one before. Where none is missing they are reckoned, and no column is asked for: to make
 * one of a million costs as much as what is asked of it, and many who ask come to it at random places.
 */
export class BarTimes {
  readonly length: number
  private readonly firstClose: number
  private readonly timeframeMs: number
  /** No bar is missing: as many timeframes as bars lie between the first and the last. */
  private readonly isEven: boolean
  private readonly column: () => Float64Array

  /** @param column asked for where a bar is missing */
  constructor({ bars, firstClose, lastClose, timeframeMs }: BarSpan, column: () => Float64Array) {
    this.length = bars
    this.firstClose = firstClose
    this.timeframeMs = timeframeMs
    this.isEven = bars > 0 && lastClose - firstClose === (bars - 1) * timeframeMs
    this.column = column
  }

  /** NaN where there is no such bar. */
  at(bar: number): number {
    if (!(bar >= 0 && bar < this.length)) return Number.NaN
    return this.isEven ? this.firstClose + bar * this.timeframeMs : this.column()[bar]!
  }

  /** The first bar that closes at or after a time, as many as there are where none does, looked for from one on that is not past it. O(1) where no bar is missing. */
  firstAtOrAfter(time: number, from: number): number {
    if (!this.isEven) return firstAtOrAfter(this.column(), time, from)
    return Math.min(this.length, Math.max(from, Math.ceil((time - this.firstClose) / this.timeframeMs)))
  }

  /** The last bar that closes at or before a time, −1 where none does. O(1) where no bar is missing. */
  lastAtOrBefore(time: number): number {
    if (!this.isEven) return lastAtOrBefore(this.column(), time)
    return Math.max(-1, Math.min(this.length - 1, Math.floor((time - this.firstClose) / this.timeframeMs)))
  }
}

/** Closes of the account: of all bars of the run. */
export function accountTimes({ equity, startTime, endTime, timeframeMs }: BacktestResult): BarTimes {
  const bars = equity.equity.length
  return new BarTimes(
    { bars, firstClose: startTime + timeframeMs, lastClose: endTime, timeframeMs },
    () => equity.time,
  )
}

/** Closes of one instrument. */
export function instrumentTimes(run: InstrumentRun, timeframeMs: number): BarTimes {
  const { firstOpenTime, lastCloseTime } = run
  const bars = run.close.length
  return new BarTimes(
    { bars, firstClose: firstOpenTime + timeframeMs, lastClose: lastCloseTime, timeframeMs },
    () => run.closeTime,
  )
}
