import { DataError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import type { InstrumentRun } from './instrument-run.js'

/**
 * Moves the runs from one instant at which some bar opens to the next, and visits the runs whose bar opens there, in instrument
 * order. Each bar is visited once; a run's `bar` is its bar in progress.
 * Throws DataError where bars of two instruments do not lie on one grid: a decision could then precede what it knows.
 */
export function forEachInstant(
  runs: readonly InstrumentRun[],
  visit: (due: readonly InstrumentRun[]) => void,
): void {
  checkSharedGrid(runs)
  let due: InstrumentRun[] = []
  for (;;) {
    let time = Infinity
    for (const run of runs) {
      if (run.bar < run.end && run.openTime(run.bar) < time) time = run.openTime(run.bar)
    }
    if (time === Infinity) return
    // Mostly the same runs are due as the instant before: the list is made anew only where that is not so.
    if (!isDueList(due, runs, time)) due = runs.filter((run) => isDue(run, time))
    visit(due)
    for (const run of due) run.bar++
  }
}

function isDue(run: InstrumentRun, time: number): boolean {
  return run.bar < run.end && run.openTime(run.bar) === time
}

function isDueList(due: readonly InstrumentRun[], runs: readonly InstrumentRun[], time: number): boolean {
  let at = 0
  for (const run of runs) if (isDue(run, time) && due[at++] !== run) return false
  return at === due.length
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
