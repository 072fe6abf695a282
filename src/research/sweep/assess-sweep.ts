import { DAY_MS } from '../../core/time.js'
import type { RandomGenerator } from '../../market/random.js'
import { DAYS_PER_YEAR, ratePerPeriod } from '../../metrics/returns.js'
import { type Statistic, unknown } from '../../metrics/statistic.js'
import { type Assessment, assessTrialsInSteps } from '../overfitting/assess-trials.js'
import type { AssumptionSummary } from '../overfitting/assumptions.js'
import type { RandomEntryResult } from '../overfitting/random-entry.js'
import { type Sequence, sequence } from '../overfitting/trial-returns.js'
import { type CheckOutcome, type Evidence, judge, type Verdict } from '../overfitting/verdict.js'
import type { Steps } from '../steps.js'
import type { TrialFigures, TrialRow } from './trial-row.js'

/** What the trials' own returns are read with. */
export interface LuckOptions {
  readonly rows: Sequence<TrialRow>
  /** Index of the best row, which is complete. */
  readonly best: number
  /** Daily returns of holding the same instruments on the trials' days, or why there are none. */
  readonly hold: Float64Array | { readonly reason: string }
  /** The ledger's count, or why it cannot be trusted. */
  readonly ledgerTrials: Statistic
  readonly timeframeMs: number
  /** Yearly, as a fraction: what the objective is measured above. Default 0. */
  readonly riskFreeRate?: number
  readonly random: RandomGenerator
}

/** What else a verdict is reached by. */
export interface OtherEvidence {
  readonly assumptions: AssumptionSummary
  readonly checks: readonly CheckOutcome[]
  readonly randomEntryPValue?: Statistic
  readonly walkForward?: { readonly net: Statistic; readonly efficiency: Statistic }
}

/** When random entries are tried, which takes much longer than all else; `decisive`: where all else holds, so that the verdict hangs on them. */
export const RANDOM_ENTRY_WHEN = ['decisive', 'always', 'never'] as const
export type RandomEntryWhen = (typeof RANDOM_ENTRY_WHEN)[number]

/** What the returns of all trials say of whether the best one is luck. */
export interface MeasuredLuck {
  readonly assessment: Omit<Assessment, 'spa'> & {
    readonly spa: Assessment['spa'] | { readonly reason: string }
  }
  /** Trials that ran to their end and whose equity stayed above 0: those that were assessed. */
  readonly assessed: number
  readonly evidence: Pick<Evidence, 'spaPValue' | 'deflatedSharpe' | 'overfitting' | 'days' | 'minimumTrackRecordDays' | 'trades'> // prettier-ignore
}

/** What is known of whether the best trial of a sweep is luck. */
export interface SweepJudgement extends Omit<MeasuredLuck, 'evidence'> {
  readonly verdict: Verdict
  /** What the verdict was reached by. */
  readonly evidence: Evidence
  /** Undefined where random entries were not tried. */
  readonly randomEntry?: RandomEntryResult
}

const NOT_RUN = {
  randomEntry: 'random entries were not tried; they are when all else holds, or with --random-entry always',
  walkForward: 'no walk-forward was run',
} as const

/**
 * Measures the best trial against all. All trials that ran to their end take part, those that break a condition too: they were tried; but only complete ones are what the
 * choice is repeated over (PBO) and what SPA may find. In steps of a trial or of two splits; O(trials · days · resamples / block).
 */
export function* measureLuck(options: LuckOptions): Steps<MeasuredLuck> {
  const { rows, best, hold, ledgerTrials, timeframeMs, random } = options
  const bestRow = rows.at(best) as TrialRow
  const { numbers, distinct, meanHoldingBars } = yield* assessable(rows)
  const figuresAt = (at: number): TrialFigures => rows.at(numbers[at] as number)?.figures as TrialFigures
  const trials = sequence(numbers.length, (at) => {
    const { figures, isSpaceFilling, status } = rows.at(numbers[at] as number) as TrialRow & { readonly figures: TrialFigures } // prettier-ignore
    return {
      get returns() {
        return figures.dailyReturns
      },
      exposure: figures.meanNetExposure,
      isSpaceFilling,
      isChoosable: status === 'complete',
      hash: figures.returnHash,
    }
  })
  const { spa, ...assessment } = yield* assessTrialsInSteps({
    trials,
    // Without a benchmark the test is not looked at.
    hold:
      hold instanceof Float64Array
        ? hold
        : new Float64Array(numbers.length === 0 ? 0 : figuresAt(0).dailyReturns.length),
    best: numbers.indexOf(best),
    ledgerTrials: Math.max(distinct, ledgerTrials.value ?? 0),
    meanHoldingDays: meanHoldingBars * (timeframeMs / DAY_MS),
    ratePerDay: ratePerPeriod(options.riskFreeRate ?? 0, DAYS_PER_YEAR),
    random,
  })
  const { deflatedSharpe } = assessment
  const isDeflated = !('reason' in deflatedSharpe)
  const deflated = isDeflated ? deflatedSharpe.probability : unknown(deflatedSharpe.reason)
  return {
    assessment: { ...assessment, spa: hold instanceof Float64Array ? spa : { reason: hold.reason } },
    assessed: numbers.length,
    evidence: {
      spaPValue: hold instanceof Float64Array ? spa.pValue : unknown(hold.reason),
      deflatedSharpe: ledgerTrials.value === undefined ? ledgerTrials : deflated,
      overfitting: assessment.overfitting,
      days: assessment.days,
      minimumTrackRecordDays: isDeflated
        ? deflatedSharpe.minimumTrackRecordDays
        : unknown(deflatedSharpe.reason),
      trades: bestRow.figures?.statistics.trades.value ?? 0,
    },
  }
}

/** The verdict on the best trial. What has not been run is n/a for that reason, which keeps any sweep from being believed without it. */
export function judgeSweep(
  { evidence: measured, ...luck }: MeasuredLuck,
  other: OtherEvidence,
): SweepJudgement {
  const evidence: Evidence = {
    ...other.assumptions,
    ...measured,
    randomEntryPValue: other.randomEntryPValue ?? unknown(NOT_RUN.randomEntry),
    walkForwardNet: other.walkForward?.net ?? unknown(NOT_RUN.walkForward),
    walkForwardEfficiency: other.walkForward?.efficiency ?? unknown(NOT_RUN.walkForward),
    checks: other.checks,
  }
  return { verdict: judge(evidence), evidence, ...luck }
}

/** Whether random entries are to be tried, now that all else is known. */
export function wantsRandomEntry(
  { verdict }: Pick<SweepJudgement, 'verdict'>,
  when: RandomEntryWhen,
): boolean {
  if (when !== 'decisive') return when === 'always'
  return verdict.gates.every(({ key, isPassed }) => isPassed || key === 'random-entry')
}

/** The judgement once they were. */
export function withRandomEntry(judgement: SweepJudgement, randomEntry: RandomEntryResult): SweepJudgement {
  const evidence = { ...judgement.evidence, randomEntryPValue: randomEntry.pValue }
  return { ...judgement, evidence, verdict: judge(evidence), randomEntry }
}

interface Assessable {
  /** Numbers of the trials that ran to their end and whose equity stayed above 0: a ruined account has no return from some day on. */
  readonly numbers: readonly number[]
  /** Of them, with returns of their own. */
  readonly distinct: number
  /** Bars that a position was held, over all closed trades of these trials; 0 where there is none. */
  readonly meanHoldingBars: number
}

/** A trial a step. */
function* assessable(rows: Sequence<TrialRow>): Steps<Assessable> {
  const numbers: number[] = []
  const hashes = new Set<string>()
  let [bars, trades, at] = [0, 0, 0]
  for (const { figures } of rows) {
    if (figures !== undefined && isFiniteThroughout(figures.dailyReturns)) {
      numbers.push(at)
      hashes.add(figures.returnHash)
      bars += figures.barsHeld
      trades += figures.statistics.trades.value ?? 0
    }
    at++
    yield
  }
  return { numbers, distinct: hashes.size, meanHoldingBars: trades === 0 ? 0 : bars / trades }
}

function isFiniteThroughout(values: Float64Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return false
  return true
}
