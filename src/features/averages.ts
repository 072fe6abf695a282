import { type Feature, type Operand, feature, wholeBars } from './feature.js'
import { ExponentialMean } from './exponential-mean.js'
import { MovingMean } from './moving-mean.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/**
 * Wilder's smoothing (1978): the plain mean of the first n known values, then previous + (value − previous) / n. A missing value
 * leaves the state as it was and has no answer.
 */
class WilderMean {
  private readonly period: number = 1
  private mean = 0.5
  private known = 0

  constructor(period: number) {
    this.period = period
    this.mean = 0
  }

  next(value: number): number {
    if (value !== value) return Number.NaN
    if (this.known < this.period) {
      this.mean += value
      if (++this.known < this.period) return Number.NaN
      this.mean /= this.period
    } else this.mean += (value - this.mean) / this.period
    return this.mean
  }
}

/** Linearly weighted mean: the newest of n values weighs n, the oldest 1. Added up anew on each bar, oldest first. */
class WeightedMean {
  private readonly period: number = 1
  private readonly ring: Float64Array = new Float64Array(0)
  private slot = 0

  constructor(period: number) {
    this.period = period
    this.ring = new Float64Array(period).fill(NaN)
  }

  next(value: number): number {
    const { ring, period } = this
    ring[this.slot] = value
    if (++this.slot === period) this.slot = 0
    let sum = 0
    for (let weight = 1, i = this.slot; weight <= period; weight++) {
      sum += weight * (ring[i] as number)
      if (++i === period) i = 0
    }
    return sum / ((period * (period + 1)) / 2)
  }
}

/** Simple moving average of the last `period` values: O(1) a bar. Warm-up period − 1; NaN while the window holds a NaN. */
export function sma(of: Operand, period: number): Feature {
  return feature('sma', [of], [wholeBars('sma.period', period)])
}

/** Rolling arithmetic mean: `sma` by its statistical name. */
export function mean(of: Operand, period: number): Feature {
  return sma(of, period)
}

/** Exponential moving average, weight 2 / (period + 1). Warm-up period − 1; a NaN is passed over and answers NaN on its bar. */
export function ema(of: Operand, period: number): Feature {
  return feature('ema', [of], [wholeBars('ema.period', period)])
}

/** Wilder's moving average, weight 1 / period. Warm-up period − 1; a NaN is passed over and answers NaN on its bar. */
export function wilder(of: Operand, period: number): Feature {
  return feature('wilder', [of], [wholeBars('wilder.period', period)])
}

/** Linearly weighted moving average: O(period) a bar. Warm-up period − 1; NaN while the window holds a NaN. */
export function wma(of: Operand, period: number): Feature {
  return feature('wma', [of], [wholeBars('wma.period', period)])
}

const windowed = (create: (period: number) => { next(value: number): number }): OperatorDefinition => ({
  arity: 1,
  create: (args) => create(numberAt(args, 0)),
  warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
})

export const AVERAGES: Readonly<Record<string, OperatorDefinition>> = {
  sma: windowed((period) => new MovingMean(period)),
  ema: windowed((period) => new ExponentialMean(period)),
  wilder: windowed((period) => new WilderMean(period)),
  wma: windowed((period) => new WeightedMean(period)),
}
