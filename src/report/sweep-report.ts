import { formatValue } from '../metrics/format.js'
import type { Neighbourhood } from '../research/overfitting/plateau.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'
import type { Dimension } from '../research/search-dimension.js'
import type { Point } from '../research/search-space.js'
import type { SweepJudgement } from '../research/sweep/assess-sweep.js'
import type { Objective } from '../research/sweep/objective.js'
import type { SweepStability } from '../research/sweep/stability.js'
import type { TrialRow, TrialStatus } from '../research/sweep/trial-row.js'
import type { LedgerCount } from '../research/trial-ledger.js'
import type { TrialStatistics } from '../research/trial-statistics.js'
import type { Charged } from './charged.js'
import type { WalkForwardReport } from './walk-forward-report.js'
import { STATISTIC_UNITS } from './statistic-units.js'

/** A trial without its daily returns: a million of them must fit. */
export interface SweepTrial extends Omit<TrialRow, 'figures' | 'violation'> {
  /** Undefined for a failed trial. */
  readonly statistics: TrialStatistics | undefined
  /** Of its daily returns, no risk-free rate taken off; undefined where they are not complete or have no deviation. */
  readonly dailySharpe: number | undefined
}

/** Daily returns of the best trial and of others that ran to their end with equity above 0. */
export interface SweepReturns {
  readonly best: Float64Array
  readonly others: readonly Float64Array[]
  /** The others are a sample by the seed, not all. */
  readonly isSample: boolean
}

/** Everything that the page of a finished sweep shows. */
export interface SweepReport {
  readonly id: string
  readonly strategy: string
  readonly preset: string | null
  readonly synthetic: boolean
  readonly instruments: readonly string[]
  readonly timeframeMs: number
  /** As asked for, ∓Infinity where it was left open. UTC ms. */
  readonly range: { readonly startTime: number; readonly endTime: number }
  readonly charged: Charged
  readonly dimensions: readonly Dimension[]
  /** `fast=12` */
  readonly fixed: readonly string[]
  /** Between params, and on what came of a trial: `fast<slow`, `trades>=30`. */
  readonly constraints: readonly string[]
  readonly objective: Objective
  readonly sampler: string
  readonly seed: number
  /** Trials asked for; there are fewer where the space has no more. */
  readonly asked: number
  /** Points of the grid that they were drawn from by the seed; undefined for a grid that was tried whole and for other samplers. */
  readonly drawnFrom: number | undefined
  /** All of them, in the order in which they were proposed. */
  readonly trials: readonly SweepTrial[]
  readonly counts: Readonly<Record<TrialStatus, number>>
  readonly judgement: Omit<SweepJudgement, 'evidence'> | undefined
  readonly checks: readonly CheckOutcome[]
  /** What choosing by the same search earned on days it had not seen, or why that is not known. Undefined where no trial is complete. */
  readonly walkForward: WalkForwardReport | { readonly reason: string } | undefined
  readonly ledger: LedgerCount & { readonly problem?: string; readonly isNew: boolean }
  readonly plateau:
    { readonly peak: Neighbourhood; readonly centre: Neighbourhood; readonly centreParams: Point } | undefined
  /** By year and by instrument, or why that was not measured. Undefined where no trial is complete. */
  readonly stability: SweepStability | { readonly reason: string } | undefined
  /** Undefined where no trial is complete. */
  readonly returns: SweepReturns | undefined
  /** The command that replays a trial; undefined where the sweep was not begun from a command line. */
  readonly commandOf: (point: Point) => string | undefined
  /** Labels and values from which the sweep can be made again. */
  readonly reproduce: readonly (readonly [label: string, value: string])[]
}

/** A trial that can be chosen. */
export type CompleteTrial = SweepTrial & { readonly score: number; readonly statistics: TrialStatistics }

/** Trials that can be chosen, in their order: complete ones, all of which have statistics, that are not looked up for it. */
export function completeTrials({ trials }: SweepReport): readonly CompleteTrial[] {
  return trials.filter(
    (trial): trial is CompleteTrial => trial.status === 'complete' && trial.score !== undefined,
  )
}

/** The same, the best first, the earlier of equals first. */
export function rankedTrials(report: SweepReport): readonly CompleteTrial[] {
  return [...completeTrials(report)].sort((a, b) => b.score - a.score || a.number - b.number)
}

/** The complete trial with the best score, the earliest of equals; undefined where none is complete. */
export function bestTrial({ plateau, trials }: SweepReport): SweepTrial | undefined {
  return plateau === undefined ? undefined : trials[plateau.peak.trial]
}

/** The objective itself of a score, for which larger is better. */
export function objectiveValue({ best }: Objective, score: number): number {
  return best === 'highest' ? score : 0 - score
}

/** The objective of a score as it is read. */
export function objectiveText(objective: Objective, score: number): string {
  return formatValue(objectiveValue(objective, score), STATISTIC_UNITS[objective.key])
}

/** `fast=12 slow=40`, of what was varied. */
export function paramWords({ dimensions }: Pick<SweepReport, 'dimensions'>, point: Point): string {
  return dimensions.map(({ name }) => `${name}=${point[name]}`).join(' ')
}
