import { DataError } from '../core/errors.js'
import type { EquityCurve } from '../core/result.js'
import { DrawdownScan, IntrabarScan, type DrawdownPeriod, type RowTimes } from './drawdown.js'
import type { Statistic } from './statistic.js'

/** Rows that stay in the nearest cache from one statistic to the next: a long curve is then fetched once for all of them. */
const ROWS_AT_ONCE = 2_048

/** What is asked of each row of a curve of equity. */
export interface ScannedCurve {
  /** First row on which equity was zero or below, −1 for none. */
  readonly ruin: number
  readonly drawdowns: readonly DrawdownPeriod[]
  readonly intrabarDrawdown: Statistic
}

/**
 * One way along a curve. `peakTime`: of the starting peak. O(bars). Throws DataError where equity is not finite, or a peak not positive.
 */
export function scanCurve(
  { equity, adverse }: Pick<EquityCurve, 'equity' | 'adverse'>,
  times: RowTimes,
  startingPeak: number | undefined,
  peakTime: number,
): ScannedCurve {
  const closes = new DrawdownScan(times, equity, startingPeak, peakTime)
  const bars = new IntrabarScan(equity, adverse, startingPeak)
  let ruin = -1
  for (let from = 0; from < equity.length; from += ROWS_AT_ONCE) {
    const end = Math.min(from + ROWS_AT_ONCE, equity.length)
    const row = firstRuin(equity, from, end)
    if (row >= 0 && ruin < 0) ruin = row
    closes.pass(end)
    bars.pass(end)
  }
  return { ruin, drawdowns: closes.finish(), intrabarDrawdown: bars.deepest() }
}

/** First row of `[from, end)` without positive equity, −1 for none. Equity that is no number at all is an error, never an n/a. */
function firstRuin(equity: Float64Array, from: number, end: number): number {
  let ruin = -1
  for (let row = from; row < end; row++) {
    const value = equity[row]!
    if (value > 0 && value < Infinity) continue
    if (!Number.isFinite(value))
      throw new DataError('equity is not a finite number', { row: row + 1, field: 'equity', value })
    if (ruin < 0) ruin = row
  }
  return ruin
}
