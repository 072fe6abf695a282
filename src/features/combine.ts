import { ConfigError } from '../core/errors.js'
import { type Feature, feature } from './feature.js'
import type { OperatorDefinition } from './operator.js'

/** Rounded to 12 decimals: scores are rounded before any comparison, so that 0.65 is 0.65 everywhere. */
export function round12(value: number): number {
  const scaled = value * 1e12
  // Where halves can be told apart the two are the same number, and the second one's branches cost more than all else in a score.
  return (scaled >= 1 && scaled < 2 ** 51 ? Math.floor(scaled + 0.5) : Math.round(scaled)) / 1e12
}

/** The least number that is rounded to a threshold or above: comparing with it is comparing what is rounded with the threshold. */
export function leastRoundedTo(threshold: number): number {
  let low = threshold - 1e-12
  let high = threshold + 1e-12
  for (;;) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) return high
    if (round12(middle) >= threshold) high = middle
    else low = middle
  }
}

export interface WeightedLeg {
  readonly weight: number
  readonly leg: Feature
}

export interface CombinedLegs {
  readonly score: Feature
  /** Share of the weight that was present, in [0, 1]; never NaN. */
  readonly coverage: Feature
}

/**
 * The legs that both calculations below take: four by name, since a score rarely has more and an array on every bar would cost more
 * than the score, and any number behind them. An absent leg is one whose value is missing.
 */
class Weights {
  readonly first: number = 0.5
  readonly second: number = 0.5
  readonly third: number = 0.5
  readonly fourth: number = 0.5
  readonly others: readonly number[] = []
  readonly total: number = 0.5

  constructor(weights: readonly number[]) {
    const [first = 0, second = 0, third = 0, fourth = 0, ...others] = weights
    this.first = first
    this.second = second
    this.third = third
    this.fourth = fourth
    this.others = others
    this.total = weights.reduce((total, weight) => total + weight, 0)
  }
}

/** Weights of the legs whose value is known, over all weights; added in declared order. */
class Coverage extends Weights {
  next(a: number, b: number = NaN, c: number = NaN, d: number = NaN, ...more: number[]): number {
    let present = 0
    if (a === a) present += this.first
    if (b === b) present += this.second
    if (c === c) present += this.third
    if (d === d) present += this.fourth
    for (let i = 0; i < more.length; i++) if (more[i] === more[i]) present += this.others[i] as number
    return round12(present / this.total)
  }
}

/** Weighted mean of the known legs, added in declared order; NaN where they carry less than the minimum coverage. */
class WeightedScore extends Weights {
  private readonly minimumCoverage: number = 0.5

  constructor(weights: readonly number[], minimumCoverage: number) {
    super(weights)
    this.minimumCoverage = minimumCoverage
  }

  next(a: number, b: number = NaN, c: number = NaN, d: number = NaN, ...more: number[]): number {
    let weighted = 0
    let present = 0
    if (a === a) {
      weighted += this.first * a
      present += this.first
    }
    if (b === b) {
      weighted += this.second * b
      present += this.second
    }
    if (c === c) {
      weighted += this.third * c
      present += this.third
    }
    if (d === d) {
      weighted += this.fourth * d
      present += this.fourth
    }
    for (let i = 0; i < more.length; i++) {
      const leg = more[i] as number
      if (leg !== leg) continue
      weighted += (this.others[i] as number) * leg
      present += this.others[i] as number
    }
    if (present === 0) return Number.NaN
    // Where all legs are present the coverage is 1.
    if (present !== this.total && round12(present / this.total) < this.minimumCoverage) return Number.NaN
    return round12(weighted / present)
  }
}

/**
 * One score of several legs in [0, 1]: their weighted mean, added in declared order and rounded to 12 decimals. A missing leg
 * hands its weight to the others; where less than `minimumCoverage` of the weight is present the score is NaN. No warm-up
 * of its own: it answers as soon as enough legs do.
 */
export function combineLegs(
  legs: readonly WeightedLeg[],
  options: { readonly minimumCoverage?: number } = {},
): CombinedLegs {
  const minimumCoverage = options.minimumCoverage ?? 0.6
  if (legs.length === 0) throw new ConfigError('a score needs at least one leg', { field: 'combineLegs' })
  if (!(minimumCoverage >= 0 && minimumCoverage <= 1)) {
    throw new ConfigError('must be within 0 and 1', {
      field: 'combineLegs.minimumCoverage',
      value: minimumCoverage,
    })
  }
  for (const { weight } of legs) {
    if (!(weight > 0 && weight < Infinity)) {
      throw new ConfigError('a weight must be above 0', { field: 'combineLegs.weight', value: weight })
    }
  }
  const inputs = legs.map(({ leg }) => leg)
  const weights = legs.map(({ weight }) => weight)
  return {
    score: feature('weightedScore', inputs, [minimumCoverage, ...weights]),
    coverage: feature('coverage', inputs, weights),
  }
}

/** First bar count at which the legs that are warm carry the minimum coverage. */
function enoughWarm(weights: readonly number[], minimumCoverage: number, inputs: readonly number[]): number {
  const coverage = new Coverage(weights)
  const enough = (bars: number): boolean => {
    const [first = NaN, ...others] = inputs.map((warm) => (warm <= bars ? 1 : Number.NaN))
    return coverage.next(first, ...others) >= minimumCoverage
  }
  return [...inputs].sort((a, b) => a - b).find(enough) ?? 0
}

export const COMBINE: Readonly<Record<string, OperatorDefinition>> = {
  weightedScore: {
    arity: undefined,
    isStateless: true,
    create: ([minimum, ...weights]) => new WeightedScore(weights as number[], minimum as number),
    warmUp: ([minimum, ...weights], inputs) => enoughWarm(weights as number[], minimum as number, inputs),
  },
  coverage: {
    arity: undefined,
    isStateless: true,
    create: (weights) => new Coverage(weights as number[]),
    warmUp: () => 0,
  },
}
