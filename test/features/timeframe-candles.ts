import fc from 'fast-check'
import type { Candles } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { Feature } from '../../src/features/feature.js'
import { columnOf } from './candles.js'

const DAY = 24 * HOUR_MS

/** Start of the higher bar that holds an instant, from the calendar: weeks on the Monday at or before it. */
function startOf(timeMs: number, timeframeMs: number): number {
  if (timeframeMs % (7 * DAY) !== 0) return timeMs - (timeMs % timeframeMs)
  const midnight = timeMs - (timeMs % DAY)
  const monday = midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * DAY
  return monday - ((monday - 4 * DAY) % timeframeMs)
}

export interface Resampled {
  readonly candles: Candles
  /** For each base bar, the number of higher bars that were complete at its close. */
  readonly complete: readonly number[]
}

/** Higher bars by looking at all base bars at once, as a careful person would in a table. */
export function resample(base: Candles, timeframeMs: number): Resampled {
  const starts = Array.from(base.openTime, (open) => startOf(open, timeframeMs))
  const partial = base.openTime[0] === starts[0] ? undefined : starts[0]
  const distinct = [...new Set(starts)].filter((start) => start !== partial)
  const rowsOf = (start: number): number[] => [...starts.keys()].filter((row) => starts[row] === start)
  const make = (value: (rows: number[]) => number): Float64Array =>
    Float64Array.from(distinct, (start) => value(rowsOf(start)))
  return {
    candles: {
      timeframeMs,
      openTime: Float64Array.from(distinct),
      open: make((rows) => base.open[rows[0]!]!),
      high: make((rows) => Math.max(...rows.map((row) => base.high[row]!))),
      low: make((rows) => Math.min(...rows.map((row) => base.low[row]!))),
      close: make((rows) => base.close[rows.at(-1)!]!),
      volume: make((rows) => rows.reduce((sum, row) => sum + base.volume[row]!, 0)),
    },
    complete: Array.from(
      base.openTime,
      (open) => distinct.filter((start) => start + timeframeMs <= open + base.timeframeMs).length,
    ),
  }
}

/** What `completed` must answer: the feature on the resampled bars, looked up at each base bar's close. */
export function naiveCompleted(feature: Feature, base: Candles, timeframeMs: number): Float64Array {
  const { candles, complete } = resample(base, timeframeMs)
  const column = columnOf(feature, candles)
  return Float64Array.from(complete, (count) => (count === 0 ? NaN : column[count - 1]!))
}

/** Hourly bars that begin at any hour, lack some bars, and some values. */
export function gappyCandles(): fc.Arbitrary<Candles> {
  const price = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 1, max: 40 }).map((x) => x / 4) },
    { weight: 1, arbitrary: fc.constant(NaN) },
  )
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.constant(1) },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 200 }) },
  )
  return fc
    .tuple(
      fc.integer({ min: 400_000, max: 400_400 }),
      fc.array(fc.tuple(step, price, price, price, price, price), { minLength: 1, maxLength: 120 }),
    )
    .map(([firstHour, rows]) => {
      const column = (field: number): Float64Array => Float64Array.from(rows, (row) => row[field] as number)
      let hour = firstHour
      const openTime = Float64Array.from(rows, ([step]) => (hour += step) * HOUR_MS)
      return { timeframeMs: HOUR_MS, openTime, open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) } // prettier-ignore
    })
}
