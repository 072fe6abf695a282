import { quantile } from '../../metrics/moments.js'
import type { Dimension } from '../search-dimension.js'
import type { Point } from '../search-space.js'
import { dimensionParts, type DimensionParts } from './dimension-parts.js'

/** A trial that has a score, larger is better. */
export interface ScoredTrial {
  readonly point: Point
  readonly score: number
}

/** The trials of one cell, whatever their other params. */
export interface MapCell {
  /** Part of the first and of the second dimension, from 0. */
  readonly x: number
  readonly y: number
  readonly trials: number
  /** Of their scores. */
  readonly median: number
}

/** Scores over two params. */
export interface ObjectiveMap {
  readonly x: DimensionParts
  readonly y: DimensionParts
  /** Those that hold a trial; the others have none. */
  readonly cells: readonly MapCell[]
}

/** The median score of each cell of two dimensions, each cut into at most `most` parts. O(n log n). */
export function objectiveMap(
  [first, second]: readonly [Dimension, Dimension],
  trials: readonly ScoredTrial[],
  most: number,
): ObjectiveMap {
  const [x, y] = [dimensionParts(first, most), dimensionParts(second, most)]
  const scores = new Map<number, number[]>()
  for (const { point, score } of trials) {
    const cell = x.of(point[first.name]!) * y.labels.length + y.of(point[second.name]!)
    const there = scores.get(cell)
    if (there === undefined) scores.set(cell, [score])
    else there.push(score)
  }
  const cells = [...scores].sort(([a], [b]) => a - b).map(([cell, of]) => ({
    x: Math.floor(cell / y.labels.length),
    y: cell % y.labels.length,
    trials: of.length,
    median: quantile(of, 0.5),
  })) // prettier-ignore
  return { x, y, cells }
}
