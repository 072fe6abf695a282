import type { WalkForwardReport } from '../../report/index.js'
import type { LedgerCount } from '../../research/trial-ledger.js'
import type { AssumptionSummary } from '../../research/overfitting/assumptions.js'
import type { CheckOutcome } from '../../research/overfitting/verdict.js'
import type { SweepJudgement } from '../../research/sweep/assess-sweep.js'
import type { TrialStatus } from '../../research/sweep/trial-row.js'
import type { Point } from '../../research/search-space.js'
import type { Neighbourhood } from '../../research/overfitting/plateau.js'
import type { TrialStatistics } from '../../research/trial-statistics.js'

/** What is said of a trial beside the table. */
export interface BestTrial {
  readonly number: number
  readonly params: Point
  /** Of the objective, larger is better. */
  readonly score: number
  readonly statistics: TrialStatistics
  readonly meanNetExposure: number
}

/** How many trials the verdict counts, and whether that can be trusted. */
export interface LedgerFigures extends LedgerCount {
  /** Where the chain is broken; undefined where it is whole. */
  readonly problem?: string
  /** The ledger began with this sweep: what was tried before was not counted. */
  readonly isNew: boolean
}

/** What a finished sweep says. The contents of result.json; figures of trials are in its generations. */
export interface SweepResult {
  readonly id: string
  readonly synthetic: boolean
  /** Fewer than asked for where the space has no more. */
  readonly trials: number
  readonly counts: Readonly<Record<TrialStatus, number>>
  /** The best complete trials, ten at most. */
  readonly best: readonly BestTrial[]
  readonly ledger: LedgerFigures
  /** Undefined where no trial is complete. */
  readonly judgement: Omit<SweepJudgement, 'evidence'> | undefined
  readonly assumptions: AssumptionSummary | undefined
  readonly checks: readonly CheckOutcome[]
  /** What choosing by the same search earned on days it had not seen, or why that cannot be known. Undefined where no trial is complete. */
  readonly walkForward: WalkForwardReport | { readonly reason: string } | undefined
  /** Around the best trial, and the trial to take in its place. */
  readonly plateau:
    { readonly peak: Neighbourhood; readonly centre: Neighbourhood; readonly centreParams: Point } | undefined
}
