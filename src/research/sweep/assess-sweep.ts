import { DAY_MS } from '../../core/time.js'
import type { RandomGenerator } from '../../market/random.js'
import { type Statistic, unknown } from '../../metrics/statistic.js'
import { type Assessment, assessTrials } from '../overfitting/assess-trials.js'
import type { AssumptionSummary } from '../overfitting/assumptions.js'
import type { RandomEntryResult } from '../overfitting/random-entry.js'
import { type CheckOutcome, type Evidence, judge, type Verdict } from '../overfitting/verdict.js'
import type { TrialFigures, TrialRow } from './trial-row.js'

export interface SweepEvidenceOptions {
  readonly rows: readonly TrialRow[]
  /** Index of the best row, which is complete. */
  readonly best: number
  /** Daily returns of holding the same instruments on the trials' days, or why there are none. */
  readonly hold: Float64Array | { readonly reason: string }
  /** The ledger's count, or why it cannot be trusted. */
  readonly ledgerTrials: Statistic
  readonly timeframeMs: number
  readonly random: RandomGenerator
  readonly assumptions: AssumptionSummary
  readonly checks: readonly CheckOutcome[]
  readonly randomEntryPValue?: Statistic
  readonly walkForward?: { readonly net: Statistic; readonly efficiency: Statistic }
}

/** When random entries are tried, which takes much longer than all else; `decisive`: where all else holds, so that the verdict hangs on them. */
export const RANDOM_ENTRY_WHEN = ['decisive', 'always', 'never'] as const
export type RandomEntryWhen = (typeof RANDOM_ENTRY_WHEN)[number]

/** What is known of whether the best trial of a sweep is luck. */
export interface SweepJudgement {
  readonly verdict: Verdict
  /** What the verdict was reached by. */
  readonly evidence: Evidence
  readonly assessment: Omit<Assessment, 'spa'> & {
    readonly spa: Assessment['spa'] | { readonly reason: string }
  }
  /** Trials that ran to their end and whose equity stayed above 0: those that were assessed. */
  readonly assessed: number
  /** Undefined where random entries were not tried. */
  readonly randomEntry?: RandomEntryResult
}

const NOT_RUN = {
  randomEntry: 'random entries were not tried; they are when all else holds, or with --random-entry always',
  walkForward: 'no walk-forward was run',
} as const

/** Complete series only: a ruined account has no return from some day on. */
function isAssessable(row: TrialRow): row is TrialRow & { readonly figures: TrialFigures } {
  return row.figures?.dailyReturns.every((value) => Number.isFinite(value)) === true
}

/**
 * The verdict on the best trial. What has not been run is n/a for that reason, which keeps any sweep from being believed without it. All trials
 * that ran to their end take part, those that break a condition too: they were tried. O(trials · days · resamples / block).
 */
export function judgeSweep(options: SweepEvidenceOptions): SweepJudgement {
  const { rows, best, hold, ledgerTrials, timeframeMs, random, checks } = options
  const bestRow = rows[best] as TrialRow
  const assessed = rows.filter(isAssessable)
  const trials = assessed.map(({ figures, isSpaceFilling }) => ({
    returns: figures.dailyReturns,
    exposure: figures.meanNetExposure,
    isSpaceFilling,
  }))
  const distinct = new Set(assessed.map(({ figures }) => figures.returnHash)).size
  const { spa, ...assessment } = assessTrials({
    trials,
    // Without a benchmark the test is not looked at.
    hold: hold instanceof Float64Array ? hold : new Float64Array(trials[0]?.returns.length ?? 0),
    best: assessed.indexOf(bestRow as (typeof assessed)[number]),
    ledgerTrials: Math.max(distinct, ledgerTrials.value ?? 0),
    meanHoldingDays: meanHoldingDays(assessed, timeframeMs),
    random,
  })
  const { deflatedSharpe } = assessment
  const isDeflated = !('reason' in deflatedSharpe)
  const deflated = isDeflated ? deflatedSharpe.probability : unknown(deflatedSharpe.reason)
  const evidence: Evidence = {
    ...options.assumptions,
    spaPValue: hold instanceof Float64Array ? spa.pValue : unknown(hold.reason),
    deflatedSharpe: ledgerTrials.value === undefined ? ledgerTrials : deflated,
    overfitting: assessment.overfitting,
    randomEntryPValue: options.randomEntryPValue ?? unknown(NOT_RUN.randomEntry),
    walkForwardNet: options.walkForward?.net ?? unknown(NOT_RUN.walkForward),
    walkForwardEfficiency: options.walkForward?.efficiency ?? unknown(NOT_RUN.walkForward),
    days: assessment.days,
    minimumTrackRecordDays: isDeflated
      ? deflatedSharpe.minimumTrackRecordDays
      : unknown(deflatedSharpe.reason),
    trades: bestRow.figures?.statistics.trades.value ?? 0,
    checks,
  }
  return {
    verdict: judge(evidence),
    evidence,
    assessment: { ...assessment, spa: hold instanceof Float64Array ? spa : { reason: hold.reason } },
    assessed: assessed.length,
  }
}

/** Whether random entries are to be tried, now that all else is known. */
export function wantsRandomEntry({ verdict }: SweepJudgement, when: RandomEntryWhen): boolean {
  if (when !== 'decisive') return when === 'always'
  return verdict.gates.every(({ key, isPassed }) => isPassed || key === 'random-entry')
}

/** The judgement once they were. */
export function withRandomEntry(judgement: SweepJudgement, randomEntry: RandomEntryResult): SweepJudgement {
  const evidence = { ...judgement.evidence, randomEntryPValue: randomEntry.pValue }
  return { ...judgement, evidence, verdict: judge(evidence), randomEntry }
}

/** Over all closed trades of all trials; 0 where there is none. */
function meanHoldingDays(rows: readonly { readonly figures: TrialFigures }[], timeframeMs: number): number {
  let bars = 0
  let trades = 0
  for (const { figures } of rows) {
    bars += figures.barsHeld
    trades += figures.statistics.trades.value ?? 0
  }
  return trades === 0 ? 0 : (bars / trades) * (timeframeMs / DAY_MS)
}
