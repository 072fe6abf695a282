import { type Runs, RUNS_END } from '../../src/core/signals.js'

/** Whether the bar is in one of the runs, by looking at each. */
export function holdsAt(runs: Runs, bar: number): boolean {
  for (let i = 0; runs[i] !== RUNS_END; i += 2) if (runs[i]! <= bar && bar < runs[i + 1]!) return true
  return false
}

/** Number of bars in the runs. */
export function countBars(runs: Runs): number {
  let bars = 0
  for (let i = 0; runs[i] !== RUNS_END; i += 2) bars += runs[i + 1]! - runs[i]!
  return bars
}
