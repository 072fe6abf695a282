import type { TrialOutcome } from '../../engine/trials.js'
import { returnHash, type Sequence } from '../overfitting/trial-returns.js'
import type { Proposal, ToldTrial, TrialResult } from '../samplers/sampler.js'
import { type TrialMeasure, type TrialStatistics, trialStatistics } from '../trial-statistics.js'
import type { Point } from '../search-space.js'
import { bestScores } from '../best-scores.js'
import { type Condition, violationOf } from './conditions.js'
import { type Objective, scoreOf } from './objective.js'

/**
 * What became of a trial. `complete`: it has a score and holds to all conditions; only such a one can be chosen. `constraint`: it breaks a condition.
 * `unrated`: its objective is n/a, or
 * its equity fell to zero. `failed`: an error, no outcome.
 */
export type TrialStatus = 'complete' | 'constraint' | 'unrated' | 'failed'

/** What a trial came to. Money in quote units. */
export interface TrialFigures {
  readonly statistics: TrialStatistics
  readonly finalEquity: number
  readonly fees: number
  readonly slippage: number
  readonly funding: number
  /** Over all closed trades. */
  readonly barsHeld: number
  /** See `TrialOutcome`. */
  readonly meanNetExposure: number
  /** Of its trades: equal trades, equal hash. */
  readonly tradeHash: string
  /** Of its daily returns: what repeats another trial counts once. */
  readonly returnHash: string
  /** Net, of whole UTC days, flat days included; NaN from where equity was not positive on. */
  readonly dailyReturns: Float64Array
}

/** A trial of a sweep as it is kept: every one that was tried is. */
export interface TrialRow {
  /** Counted from 0, in the order in which the sampler proposed them. */
  readonly number: number
  readonly point: Point
  /** Chosen without regard to any result. */
  readonly isSpaceFilling: boolean
  readonly status: TrialStatus
  /** Undefined for a complete trial. */
  readonly reason: string | undefined
  /** Of the objective, larger is better; undefined where it is n/a. */
  readonly score: number | undefined
  /** By how much conditions are broken; 0 where none is. */
  readonly violation: number
  /** Undefined for a failed trial. */
  readonly figures: TrialFigures | undefined
}

/** What trials are judged by. */
export interface TrialRules {
  readonly objective: Objective
  readonly conditions: readonly Condition[]
  readonly measure: TrialMeasure
}

/** O(days). Throws DataError where the outcome's equity is not finite. */
export function rowOf(proposal: Proposal, outcome: TrialOutcome, rules: TrialRules): TrialRow {
  const { objective, conditions, measure } = rules
  const { finalEquity, fees, slippage, funding, barsHeld, meanNetExposure, tradeHash, dailyReturns } = outcome
  const statistics = trialStatistics(outcome, measure)
  const score = scoreOf(objective, statistics)
  const violation = violationOf(conditions, statistics)
  const isRuined = dailyReturns.some((value) => !Number.isFinite(value))
  const [status, reason]: [TrialStatus, string | undefined] =
    violation !== undefined
      ? ['constraint', violation.reason]
      : score.value === undefined || isRuined
        ? [
            'unrated',
            score.value === undefined
              ? `${objective.key} is n/a: ${score.reason}`
              : 'equity fell to zero or below',
          ]
        : ['complete', undefined]
  return {
    ...proposal,
    status,
    reason,
    score: isRuined ? undefined : score.value,
    violation: violation?.size ?? 0,
    figures: { statistics, finalEquity, fees, slippage, funding, barsHeld, meanNetExposure, tradeHash, returnHash: returnHash(dailyReturns), dailyReturns }, // prettier-ignore
  }
}

/** The row of a trial that ended with an error. */
export function failedRow(proposal: Proposal, reason: string): TrialRow {
  return { ...proposal, status: 'failed', reason, score: undefined, violation: 0, figures: undefined }
}

/** What a sampler learns of a row. */
export function toldOf({ number, point, status, reason = '', score, violation }: TrialRow): ToldTrial {
  return { number, point, result: resultOf() }

  function resultOf(): TrialResult {
    if (status === 'failed') return { state: 'failed', reason }
    return score === undefined ? { state: 'unrated', reason } : { state: 'complete', score, violation }
  }
}

/** Index of the complete row with the highest score, the first of equals; undefined where none is complete. */
export function bestRow(rows: Iterable<TrialRow>): number | undefined {
  return bestScores(choosableScores(rows), 1)[0]?.at
}

/** How many rows have each status. */
export function statusCounts(rows: Iterable<TrialRow>): Readonly<Record<TrialStatus, number>> {
  const counts = { complete: 0, constraint: 0, unrated: 0, failed: 0 }
  for (const { status } of rows) counts[status]++
  return counts
}

/** The best complete rows, at most so many, the best first, the earlier of equals first. */
export function ranked(rows: Sequence<TrialRow>, most: number): readonly TrialRow[] {
  return bestScores(choosableScores(rows), most).map(({ at }) => rows.at(at) as TrialRow)
}

/** Of complete rows; undefined for others. */
function* choosableScores(rows: Iterable<TrialRow>): Generator<number | undefined, void> {
  for (const { status, score } of rows) yield status === 'complete' ? score : undefined
}
