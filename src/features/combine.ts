import { ConfigError } from '../core/errors.js'
import { type Feature, feature } from './feature.js'
import type { OperatorDefinition } from './operator.js'

/** Rounded to 12 decimals: scores are rounded before any comparison, so that 0.65 is 0.65 everywhere. */
export function round12(value: number): number {
  return Math.round(value * 1e12) / 1e12
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

/** Weights of the legs whose value is known, over all weights; added in declared order. */
class Coverage {
  private readonly total: number

  constructor(protected readonly weights: readonly number[]) {
    this.total = sum(weights)
  }

  next(...legs: number[]): number {
    let present = 0
    for (let i = 0; i < legs.length; i++) if (legs[i] === legs[i]) present += this.weights[i] as number
    return round12(present / this.total)
  }
}

/** Weighted mean of the known legs, added in declared order; NaN where they carry less than the minimum coverage. */
class WeightedScore {
  private readonly coverage: Coverage

  constructor(
    private readonly weights: readonly number[],
    private readonly minimumCoverage: number,
  ) {
    this.coverage = new Coverage(weights)
  }

  next(...legs: number[]): number {
    let weighted = 0
    let present = 0
    for (let i = 0; i < legs.length; i++) {
      const leg = legs[i] as number
      if (leg !== leg) continue
      const weight = this.weights[i] as number
      weighted += weight * leg
      present += weight
    }
    if (present === 0 || this.coverage.next(...legs) < this.minimumCoverage) return NaN
    return round12(weighted / present)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
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
  const enough = (bars: number): boolean =>
    coverage.next(...inputs.map((warm) => (warm <= bars ? 1 : NaN))) >= minimumCoverage
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
