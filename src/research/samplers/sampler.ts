import { DataError } from '../../core/errors.js'
import { checkPoint, type Point, type SearchSpace } from '../search-space.js'

/** What became of a trial. Scores: larger is better. */
export type TrialResult =
  | {
      readonly state: 'complete'
      readonly score: number
      /** By how much the trial breaks conditions that only a run can tell, such as a least number of trades; 0 or undefined: not at all. */
      readonly violation?: number
    }
  /** Given up after `step` steps with this score so far. */
  | { readonly state: 'pruned'; readonly step: number; readonly score: number }
  /** Ran to its end and has no score: a ratio that is n/a. Worse than any score. */
  | { readonly state: 'unrated'; readonly reason: string }
  /** An error: it says nothing of the point. */
  | { readonly state: 'failed'; readonly reason: string }

export interface ToldTrial {
  /** Counted from 0, without gaps. */
  readonly number: number
  readonly point: Point
  readonly result: TrialResult
}

export interface Proposal {
  readonly number: number
  readonly point: Point
  /** Chosen without regard to any result: fit to measure how the whole space scatters (see `sharpeVariance`). */
  readonly isSpaceFilling: boolean
}

export type SamplerName = 'grid' | 'random' | 'sobol' | 'tpe'

/**
 * Proposes trials. What it proposes is a function of its space, its options, its seed and what it has been told, of nothing else:
 * telling a new one the same trials gives the same continuation. `ask` changes nothing; a shorter answer is the beginning of a longer one. So a search on any
 * number of workers is the same to the last byte if each generation is asked for whole and told whole, in trial order.
 */
export interface Sampler {
  readonly name: SamplerName
  /**
   * The next trials after those told and those `pending`, which were proposed before and whose results are still out (in order; default none); fewer, at last none,
   * when there are no further points.
   */
  ask(count: number, pending?: readonly Proposal[]): readonly Proposal[]
  /** The same one by one, for a caller who has other things to do in between. */
  propose(count: number, pending?: readonly Proposal[]): Iterable<Proposal>
  /**
   * Throws DataError for numbers that do not follow, or a score that is not finite, and ConfigError for a point outside of the space.
   */
  tell(trials: readonly ToldTrial[]): void
}

/** What every sampler asks of told trials. */
export function checkTold(space: SearchSpace, told: number, trials: readonly ToldTrial[]): void {
  trials.forEach(({ number, point, result }, at) => {
    if (number !== told + at)
      throw new DataError(`trials are told in order; the next one is ${told + at}`, {
        field: 'trial',
        value: number,
      })
    if ('score' in result && !Number.isFinite(result.score))
      throw new DataError(
        `the score of trial ${number} is not a finite number; a trial without one is unrated`,
        {
          field: 'score',
          value: result.score,
        },
      )
    if ('violation' in result && !(result.violation! >= 0))
      throw new DataError(`the violation of trial ${number} is not 0 or more`, { field: 'violation', value: result.violation }) // prettier-ignore
    checkPoint(space, point)
  })
}
