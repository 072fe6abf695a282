import { type Feature, type Operand, feature } from './feature.js'
import type { OperatorDefinition } from './operator.js'

/** What a leg answers on three sides of two thresholds. */
export interface BandAnswers {
  readonly high: number
  readonly low: number
  readonly above: number
  readonly between: number
  readonly below: number
}

class Band {
  private readonly high: number = 0.5
  private readonly low: number = 0.5
  private readonly above: number = 0.5
  private readonly between: number = 0.5
  private readonly below: number = 0.5

  constructor({ high, low, above, between, below }: BandAnswers) {
    this.high = high
    this.low = low
    this.above = above
    this.between = between
    this.below = below
  }

  next(value: number): number {
    if (value !== value) return Number.NaN
    return value > this.high ? this.above : value < this.low ? this.below : this.between
  }
}

/** The API's composites of −1..+1, each oriented to the direction asked, as one bullish score in [0, 1]. */
class Confirmation {
  next(available: number, long: number, short: number): number {
    if (!(available > 0)) return Number.NaN
    if (long === long && short === short) return 0.5 + (long - short) / 4
    return long === long ? 0.5 + long / 2 : 0.5 - short / 2
  }
}

/** `above` where value > high, `below` where value < low, `between` otherwise, NaN where the value is. */
export function bandLeg(value: Operand, band: BandAnswers): Feature {
  return feature('bandLeg', [value], [band.high, band.low, band.above, band.between, band.below])
}

/**
 * 0.5 + (long − short) / 4 of the two composites, 0.5 ± composite / 2 when only one side was asked, NaN where the answer was not
 * available or both are missing.
 */
export function confirmationLeg(available: Operand, long: Operand, short: Operand): Feature {
  return feature('confirmationLeg', [available, long, short])
}

export const LEG_OPERATORS: Readonly<Record<string, OperatorDefinition>> = {
  bandLeg: {
    arity: 1,
    isStateless: true,
    create: (args) => {
      const [high, low, above, between, below] = args as [number, number, number, number, number]
      return new Band({ high, low, above, between, below })
    },
  },
  confirmationLeg: { arity: 3, isStateless: true, create: () => new Confirmation() },
}
