import { quantile } from '../../metrics/moments.js'
import type { Dimension } from '../search-dimension.js'
import { dimensionParts, type DimensionParts } from './dimension-parts.js'
import type { ScoredTrial } from './objective-map.js'

/** The trials of one part of a param, whatever their other params. */
export interface SlicePart {
  /** Of the dimension, from 0. */
  readonly part: number
  readonly trials: number
  /** Index of the trial with the highest score, the first of equals, and that score. */
  readonly bestTrial: number
  readonly best: number
  readonly median: number
}

/** Scores over one param alone. */
export interface ObjectiveSlice {
  readonly parts: DimensionParts
  /** Those that hold a trial, rising; the others have none. */
  readonly cells: readonly SlicePart[]
}

/**
 * The best and the median score of each part of a dimension, cut into at most `most`: where the best stands out alone, above medians and neighbours that
 * do not follow, it is a one-off. O(n log n).
 */
export function objectiveSlice(
  dimension: Dimension,
  trials: readonly ScoredTrial[],
  most: number,
): ObjectiveSlice {
  const parts = dimensionParts(dimension, most)
  const scores = new Map<number, number[]>()
  const bestTrials = new Map<number, number>()
  let at = 0
  for (const { point, score } of trials) {
    const part = parts.of(point[dimension.name]!)
    const there = scores.get(part)
    if (there === undefined) scores.set(part, [score])
    else there.push(score)
    const best = bestTrials.get(part)
    if (best === undefined || score > trials[best]!.score) bestTrials.set(part, at)
    at++
  }
  const cells = [...scores].sort(([a], [b]) => a - b).map(([part, of]) => {
    const bestTrial = bestTrials.get(part)!
    return { part, trials: of.length, bestTrial, best: trials[bestTrial]!.score, median: quantile(of, 0.5) }
  }) // prettier-ignore
  return { parts, cells }
}
