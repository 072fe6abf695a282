import type { Feature } from '../features/feature.js'
import { round12 } from '../features/combine.js'
import { ConfigError } from '../core/errors.js'
import { SCORE_BANDS, type ScoreSignal } from '../core/score-bands.js'
import type { BoundStrategy } from './define.js'

/** A leg of a score as its strategy declares it. */
export interface ScoreLeg {
  /** Name of the feature. */
  readonly name: string
  readonly weight: number
  readonly feature: Feature
}

export interface ScoreLayout {
  readonly legs: readonly ScoreLeg[]
  readonly minimumCoverage: number
}

/**
 * Legs, weights and minimum coverage of a strategy whose score is made by `combineLegs`; undefined for any other.
 *
 * @throws ConfigError where a leg is not among the strategy's named features, since reports could not name it
 */
export function scoreLayout({ form, features }: BoundStrategy): ScoreLayout | undefined {
  const score = form.kind === 'score' ? features[form.score] : undefined
  if (score?.operator !== 'weightedScore') return undefined
  const [minimumCoverage, ...weights] = score.args as number[]
  const legs = score.inputs.map((feature, index) => {
    const name = Object.keys(features).find((key) => features[key]?.key === feature.key)
    if (name === undefined)
      throw new ConfigError('each leg of a score must be a named feature', {
        field: 'features',
        value: feature.key,
      })
    return { name, weight: weights[index] as number, feature }
  })
  return { legs, minimumCoverage: minimumCoverage as number }
}

/** What one leg can answer. */
export interface LegRange {
  readonly weight: number
  readonly lowest: number
  readonly highest: number
  readonly present: 'always' | 'sometimes' | 'never'
}

export interface ScoreRange {
  readonly lowest: number
  readonly highest: number
  /** Signals whose band the range does not touch. */
  readonly unreachable: readonly ScoreSignal[]
}

/**
 * Lowest and highest weighted mean that legs within these ranges can give, over every set of legs that may be present together and
 * carries the minimum coverage; undefined where no set does (the score is never known). O(2^legs).
 */
export function scoreRange(legs: readonly LegRange[], minimumCoverage: number): ScoreRange | undefined {
  const total = legs.reduce((sum, { weight }) => sum + weight, 0)
  let lowest = Infinity
  let highest = -Infinity
  for (let set = 1; set < 2 ** legs.length; set++) {
    const has = (index: number): boolean => Math.floor(set / 2 ** index) % 2 === 1
    if (legs.some(({ present }, index) => present !== 'sometimes' && has(index) !== (present === 'always')))
      continue
    const present = legs.filter((_, index) => has(index))
    const weight = present.reduce((sum, leg) => sum + leg.weight, 0)
    if (round12(weight / total) < minimumCoverage) continue
    lowest = Math.min(
      lowest,
      round12(present.reduce((sum, leg) => sum + leg.weight * leg.lowest, 0) / weight),
    )
    highest = Math.max(
      highest,
      round12(present.reduce((sum, leg) => sum + leg.weight * leg.highest, 0) / weight),
    )
  }
  if (lowest > highest) return undefined
  const unreachable = SCORE_BANDS.filter(({ from }, index) => {
    const to = SCORE_BANDS[index - 1]?.from ?? Number.POSITIVE_INFINITY
    return highest < from || lowest >= to
  })
  return { lowest, highest, unreachable: unreachable.map(({ signal }) => signal) }
}

/** How a leg behaved over some bars. */
export interface LegActivity {
  readonly name: string
  readonly weight: number
  readonly bars: number
  readonly knownBars: number
  /** Known bars on which the leg was not 0.5. */
  readonly activeBars: number
  /** NaN where the leg was never known. */
  readonly lowest: number
  readonly highest: number
}

/** Counts, per leg, the bars `[from, to)` on which it was known and away from neutral, and its extremes. */
export function legActivity(
  { legs }: ScoreLayout,
  features: Readonly<Record<string, Float64Array>>,
  from: number = 0,
  to: number = Infinity,
): LegActivity[] {
  return legs.map(({ name, weight }) => {
    const column = (features[name] ?? new Float64Array(0)).subarray(
      from,
      Math.min(to, Number.MAX_SAFE_INTEGER),
    )
    let knownBars = 0
    let activeBars = 0
    let lowest = Infinity
    let highest = -Infinity
    for (const value of column) {
      if (value !== value) continue
      knownBars++
      if (value !== 0.5) activeBars++
      lowest = Math.min(lowest, value)
      highest = Math.max(highest, value)
    }
    const seen = knownBars > 0
    return { name, weight, bars: column.length, knownBars, activeBars, lowest: seen ? lowest : Number.NaN, highest: seen ? highest : Number.NaN } // prettier-ignore
  })
}

/** Range of scores that legs which behaved like this can reach: each leg's extremes taken together, whether or not they met. */
export function attainableScores(
  activity: readonly LegActivity[],
  minimumCoverage: number,
): ScoreRange | undefined {
  const legs = activity.map(({ weight, lowest, highest, knownBars, bars }): LegRange => {
    const present = knownBars === 0 ? 'never' : knownBars === bars ? 'always' : 'sometimes'
    return { weight, lowest, highest, present }
  })
  return scoreRange(legs, minimumCoverage)
}
