import type { Proposal } from '../../research/samplers/sampler.js'
import type { TrialRow } from '../../research/sweep/trial-row.js'
import type { TrialWorkers } from '../trial-workers.js'
import { evaluateOn, type PreparedSweep } from './prepare.js'
import type { SweepFolder } from './sweep-store.js'

/** Runs the trials of a sweep, a generation at a time. Rows are a function of the proposals: who runs them, and in which pieces, does not show. */
export interface Executor {
  /** A row for each proposal, in their order. A generation may be asked for before the one before it is stored, never before it is run. */
  evaluate(proposals: readonly Proposal[]): Promise<readonly TrialRow[]>
  /** Told once the generation that was evaluated last is stored: what was kept of it may go. */
  onStored(): Promise<void>
  /** Never rejects. */
  close(): Promise<void>
}

/** Makes the executor of a sweep that has trials to run. */
export type OpenExecutor = (prepared: PreparedSweep, sweep: SweepFolder) => Promise<Executor>

/** Threads of this very process, which stay for whoever needs them next. */
export function threadExecutor(threads: TrialWorkers, prepared: PreparedSweep): Executor {
  return {
    evaluate: (proposals) => evaluateOn(threads, prepared, proposals),
    onStored: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
