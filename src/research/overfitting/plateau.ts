import { DataError } from '../../core/errors.js'
import { known, type Statistic, tooFew } from '../../metrics/statistic.js'
import { bestScores } from '../best-scores.js'
import { type Dimension, levelCount, unitOf } from '../search-dimension.js'
import { type Point, type SearchSpace } from '../search-space.js'
import type { Sequence } from './trial-returns.js'

/** A trial and its score; n/a for one without. Larger is better. */
export interface ScoredPoint {
  readonly point: Point
  readonly score: Statistic
}

/** What the trials around one score: a plateau keeps most of its peak, a spike does not. */
export interface Neighbourhood {
  /** Index of the trial in the middle. */
  readonly trial: number
  readonly score: Statistic
  /** Trials around it that have a score, itself not counted, and those that have none. */
  readonly neighbours: number
  readonly unscored: number
  /** Of the trial and its neighbours. */
  readonly mean: Statistic
  readonly worst: Statistic
}

export interface Plateau {
  /** Around the trial with the best score. */
  readonly peak: Neighbourhood
  /** The trial, among the best ones, whose neighbourhood has the best mean: what to take in place of the peak. */
  readonly centre: Neighbourhood
}

/** Part of a range within which trials are neighbours. */
export const DEFAULT_REACH = 0.1
const FEWEST_NEIGHBOURS = 3
/** So many of the best trials may be the centre. */
const MOST_CENTRES = 100

/**
 * Neighbourhoods over the search grid: trials whose every number lies within one step, or `reach` of its range (default a tenth) where that is more, on the
 * dimension's own scale, and whose every word is the same. Means and worst are n/a for fewer than 3 neighbours. Trials without a score
 * are counted, never taken for 0. O(trials · dimensions) a neighbourhood, of which there are at most 101. Undefined where no trial has a score.
 */
export function findPlateau(
  space: SearchSpace,
  trials: Sequence<ScoredPoint>,
  reach: number = DEFAULT_REACH,
): Plateau | undefined {
  // prettier-ignore
  if (!(reach >= 0 && reach <= 1)) throw new DataError('a reach is a part of the range', { field: 'reach', value: reach })
  const near = nearness(space, trials, reach)
  const scores = Float64Array.from(trials, ({ score }) => score.value ?? NaN)
  const around = bestScores(scores, MOST_CENTRES).map(({ at }) => neighbourhood(scores, at, near))
  const [peak] = around
  if (peak === undefined) return undefined
  const centre = around.reduce((kept, one) => (meanOf(one) > meanOf(kept) ? one : kept), peak)
  return { peak, centre }
}

function meanOf({ mean }: Neighbourhood): number {
  return mean.value ?? -Infinity
}

/** Whether two trials are neighbours. */
type IsNear = (first: number, second: number) => boolean

function nearness({ dimensions }: SearchSpace, trials: Sequence<ScoredPoint>, reach: number): IsNear {
  const count = dimensions.length
  const units = new Float64Array(trials.length * count)
  let trial = 0
  for (const { point } of trials) {
    for (const [at, dimension] of dimensions.entries()) {
      const value = point[dimension.name]
      if (value === undefined)
        throw new DataError(`trial ${trial} has no such param`, { row: trial, field: dimension.name })
      units[trial * count + at] = unitOf(dimension, value)
    }
    trial++
  }
  // Rounding must not cut off a neighbour that is exactly a step away.
  const within = dimensions.map((dimension) => reachOf(dimension, reach) + 1e-9)
  return (first, second) => {
    for (let at = 0; at < count; at++) {
      const apart = (units[first * count + at] as number) - (units[second * count + at] as number)
      if (Math.abs(apart) > (within[at] as number)) return false
    }
    return true
  }
}

/** How far apart neighbours may lie on a dimension, in parts of it: 0 for words, one step at least for numbers. */
export function reachOf(dimension: Dimension, reach: number): number {
  if (dimension.kind === 'list' && !dimension.isOrdered) return 0
  const levels = levelCount(dimension)
  if (dimension.kind === 'list' || dimension.scale === 'linear' || dimension.step === undefined) return Math.max(reach, 1 / levels) // prettier-ignore
  // On a logarithmic scale the first step is the widest.
  const { lowest, step } = dimension
  return Math.max(reach, levels === 1 ? 0 : unitOf(dimension, lowest + step) - unitOf(dimension, lowest))
}

/** `scores`: NaN for a trial without one. */
function neighbourhood(scores: Float64Array, trial: number, isNear: IsNear): Neighbourhood {
  let [sum, worst, count, unscored] = [0, Infinity, 0, 0]
  scores.forEach((score, other) => {
    if (!isNear(trial, other)) return
    if (Number.isNaN(score)) unscored++
    else {
      count++
      sum += score
      worst = Math.min(worst, score)
    }
  })
  const few = tooFew(count - 1, FEWEST_NEIGHBOURS, 'neighbours')
  return {
    trial,
    score: known(scores[trial] as number),
    neighbours: count - 1,
    unscored,
    mean: few ?? known(sum / count),
    worst: few ?? known(worst),
  }
}
