import { mean } from './averages.js'
import { div, sub, add, mul } from './arithmetic.js'
import { type Feature, type Operand, feature, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/** Below this share of its largest value since the last exact pass, the sum of squares has lost digits and is computed anew. */
const CANCELLED = 1e-4

/**
 * Standard deviation of the last n values from a running mean and sum of squared deviations (Welford 1962, sliding form), in
 * exact two passes over the ring each time it is full and whenever the sum of squares has shrunk so far that digits were lost.
 * A window of equal values has a deviation of exactly 0.
 */
class MovingDeviation {
  private readonly period: number = 2
  private readonly divisor: number = 1
  private readonly ring: Float64Array = new Float64Array(0)
  private slot = 0
  private missing = 0
  private mean = 0.5
  private squares = 0.5
  private peak = 0.5
  private last = NaN
  private equal = 0
  private exact = false

  constructor(period: number, divisor: number) {
    this.period = period
    this.divisor = divisor
    this.ring = new Float64Array(period).fill(NaN)
    this.missing = period
    this.mean = 0
    this.squares = 0
    this.peak = 0
  }

  next(value: number): number {
    const old = this.ring[this.slot] as number
    this.ring[this.slot] = value
    const wrapped = ++this.slot === this.period
    if (wrapped) this.slot = 0
    if (old - old !== 0) this.missing--
    if (value - value !== 0) this.missing++
    this.equal = value === this.last ? this.equal + 1 : 1
    this.last = value
    if (this.missing !== 0) {
      this.exact = false
      return Number.NaN
    }
    if (this.equal >= this.period) {
      this.exact = false
      return 0
    }
    if (!this.exact || wrapped) this.recompute()
    else this.slide(value, old)
    return Math.sqrt(this.squares / this.divisor)
  }

  private slide(value: number, old: number): void {
    const before = this.mean
    const after = before + (value - old) / this.period
    this.mean = after
    this.squares += (value - old) * (value - after + (old - before))
    if (this.squares > this.peak) this.peak = this.squares
    else if (!(this.squares > this.peak * CANCELLED)) this.recompute()
  }

  private recompute(): void {
    const { ring, period } = this
    let sum = 0
    for (let i = 0; i < period; i++) sum += ring[i] as number
    const mean = sum / period
    let squares = 0
    for (let i = 0; i < period; i++) squares += ((ring[i] as number) - mean) * ((ring[i] as number) - mean)
    this.mean = mean
    this.squares = squares
    this.peak = squares
    this.exact = true
  }
}

/**
 * Sample standard deviation (divisor period − 1) of the last `period` values, O(1) a bar. Warm-up period − 1; NaN while the
 * window holds a NaN; exactly 0 where all its values are equal. `of: 'population'` divides by the period, as Bollinger does.
 */
export function deviation(of: Operand, period: number, divisor: 'sample' | 'population' = 'sample'): Feature {
  const name = divisor === 'sample' ? 'deviation' : 'populationDeviation'
  return feature(name, [of], [wholeBars(`${name}.period`, period, 2)])
}

/** (value − mean) / sample deviation of the last `period` values. Warm-up period − 1; NaN where the deviation is 0. */
export function zScore(of: Operand, period: number): Feature {
  return div(sub(of, mean(of, period)), deviation(of, period))
}

export interface BollingerBands {
  readonly mid: Feature
  readonly upper: Feature
  readonly lower: Feature
  /** (upper − lower) / mid. */
  readonly width: Feature
}

/** Bollinger's bands: mean ± `deviations` population deviations of the last `period` values. Warm-up period − 1. */
export function bollinger(of: Operand, period: number = 20, deviations: number = 2): BollingerBands {
  const mid = mean(of, period)
  const reach = mul(deviation(of, period, 'population'), deviations)
  const upper = add(mid, reach)
  const lower = sub(mid, reach)
  return { mid, upper, lower, width: div(sub(upper, lower), mid) }
}

const warmUp: NonNullable<OperatorDefinition['warmUp']> = (args, inputs) =>
  warmAfter(inputs, numberAt(args, 0) - 1)

export const DISPERSION: Readonly<Record<string, OperatorDefinition>> = {
  deviation: {
    arity: 1,
    create: (args) => new MovingDeviation(numberAt(args, 0), numberAt(args, 0) - 1),
    warmUp,
  },
  populationDeviation: {
    arity: 1,
    create: (args) => new MovingDeviation(numberAt(args, 0), numberAt(args, 0)),
    warmUp,
  },
}
