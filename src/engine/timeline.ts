import { DataError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import type { InstrumentRun } from './instrument-run.js'

/**
 * Moves every run to the next instant at which some bar opens, and yields the runs whose bar opens there, in instrument order.
 * The caller sees each bar once; a run's `bar` is its bar in progress.
 * Throws DataError where bars of two instruments do not lie on one grid: a decision could then precede what it knows.
 */
export function* instants(runs: readonly InstrumentRun[]): Generator<readonly InstrumentRun[]> {
  checkSharedGrid(runs)
  for (;;) {
    let time = Infinity
    for (const run of runs) if (run.bar < run.end) time = Math.min(time, run.openTime(run.bar))
    if (time === Infinity) return
    const due = runs.filter((run) => run.bar < run.end && run.openTime(run.bar) === time)
    yield due
    for (const run of due) run.bar++
  }
}

function checkSharedGrid(runs: readonly InstrumentRun[]): void {
  const [firstRun] = runs
  if (firstRun === undefined) return
  const { timeframeMs } = firstRun.data.candles
  const origin = firstRun.openTime(firstRun.first)
  for (const run of runs) {
    const id = run.data.instrument.id
    if (run.data.candles.timeframeMs !== timeframeMs) {
      throw new DataError('all instruments of a run share one timeframe', {
        file: `candles of ${id}`,
        field: 'timeframe',
        value: run.data.candles.timeframeMs,
        unit: 'ms',
      })
    }
    for (let bar = run.first; bar < run.end; bar++) {
      if ((run.openTime(bar) - origin) % timeframeMs !== 0) {
        throw new DataError('a bar does not open on the grid of the run', {
          file: `candles of ${id}`,
          row: bar + 1,
          field: 'openTime',
          value: formatUtc(run.openTime(bar)),
        })
      }
    }
  }
}
