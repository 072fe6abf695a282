import type { WalkForwardReport } from '../../report/index.js'
import type { LedgerCount } from '../../research/trial-ledger.js'
import type { AssumptionSummary } from '../../research/overfitting/assumptions.js'
import type { CheckOutcome } from '../../research/overfitting/verdict.js'
import type { SweepJudgement } from '../../research/sweep/assess-sweep.js'
import type { TrialStatus } from '../../research/sweep/trial-row.js'
import type { Point } from '../../research/search-space.js'
import type { Neighbourhood } from '../../research/overfitting/plateau.js'
import type { SweepStability } from '../../research/sweep/stability.js'
import type { TrialStatistics } from '../../research/trial-statistics.js'

/** Version of result.json. 1 has no number and no `stability`; results of a later version are refused. */
export const RESULT_SCHEMA = 2 as const

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
  /** Why the count cannot be trusted: a broken chain, or trials that were counted before and are gone. */
  readonly problem?: string
  /** The ledger began with this sweep: what was tried before was not counted. */
  readonly isNew: boolean
}

/** What a finished sweep says. The contents of result.json; figures of trials are in its generations. */
export interface SweepResult {
  /** As it was written: see `RESULT_SCHEMA`. */
  readonly schema: 1 | typeof RESULT_SCHEMA
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
  /** By year and by instrument, or why that was not measured. Undefined where no trial is complete. */
  readonly stability: SweepStability | { readonly reason: string } | undefined
}

/** A stored result as this version reads it: what an earlier one did not measure says so. Undefined where a later version wrote it. */
export function readResult(
  stored: Omit<SweepResult, 'schema' | 'stability'> & { readonly schema?: unknown; readonly stability?: SweepResult['stability'] }, // prettier-ignore
): SweepResult | undefined {
  const { schema = 1, judgement } = stored
  if (schema === RESULT_SCHEMA) return { ...stored, schema, stability: stored.stability }
  if (schema !== 1) return undefined
  const reason = 'the sweep was judged by an earlier version, which did not measure it: run it again'
  return { ...stored, schema, stability: judgement === undefined ? undefined : { reason } }
}
