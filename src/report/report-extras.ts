import type { MonteCarlo } from '../research/monte-carlo.js'
import type { CheckOutcome, Verdict } from '../research/overfitting/verdict.js'

/** What of its data a run may know. */
export type SampleLabel = 'in-sample' | 'out-of-sample' | 'paper'

/** What a report also shows where a run carries it; each is left out where it is absent. */
export interface ReportExtras {
  readonly sweepVerdict?: SweepVerdict
  readonly monteCarlo?: MonteCarlo
  readonly checks?: StrategyChecks
}

/** What the sweep said of its best trial that chose the params of the run. */
export interface SweepVerdict {
  readonly sweepId: string
  /** Of the sweep, and distinct ones that its ledger counted then. */
  readonly trials: number
  readonly ledgerTrials: number
  readonly verdict: Verdict
}

/** Checks of the strategy on the data of the run: whether it looks ahead, is the same twice, and so on. */
export interface StrategyChecks {
  readonly checks: readonly (CheckOutcome & { readonly detail: string })[]
}
