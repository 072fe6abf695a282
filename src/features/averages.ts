import { type Feature, type Operand, feature, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/**
 * Mean of the last n values. The sum is updated by one addition and one subtraction a bar; beside it a second one is added up anew
 * from the first slot of the ring on, and takes its place each time the ring of n slots is full: rounding never accumulates over
 * more than n bars, and an infinite value leaves no trace. The slots start as NaN, so warm-up is the same rule as a missing value: no answer while the window holds one.
 */
class MovingMean {
  private readonly period: number = 1
  private readonly ring: Float64Array = new Float64Array(0)
  private sum = 0.5
  private fresh = 0.5
  private slot = 0
  private missing = 0

  constructor(period: number) {
    this.period = period
    this.ring = new Float64Array(period).fill(NaN)
    this.missing = period
    this.sum = 0
    this.fresh = 0
  }

  next(value: number): number {
    const { ring } = this
    const slot = this.slot
    const old = ring[slot] as number
    ring[slot] = value
    if (old - old + (value - value) === 0) {
      this.fresh += value
      this.sum = this.sum - old + value
    } else this.replace(old, value)
    if (slot + 1 === this.period) {
      this.slot = 0
      this.sum = this.fresh
      this.fresh = 0
    } else this.slot = slot + 1
    return this.missing === 0 ? this.sum / this.period : NaN
  }

  /** Stretches of known values in a loop whose sums stand in registers, all else by `next`: the same additions in the same order. */
  run(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    const values = inputs[0] as Float64Array
    for (let i = from; i < end;) {
      const begun = i
      if (this.missing === 0) i = this.runKnown(values, out, i, end)
      if (i > begun) continue
      out[i] = this.next(values[i] as number)
      i++
    }
  }

  /** While the window holds only finite values, up to the end of the ring. Answers the place at which it stopped. */
  private runKnown(values: Float64Array, out: Float64Array, from: number, end: number): number {
    const { ring, period } = this
    let { sum, fresh, slot } = this
    const stop = Math.min(end, from + period - slot)
    let i = from
    for (; i < stop; i++, slot++) {
      const value = values[i] as number
      if (value - value !== 0) break
      const old = ring[slot] as number
      ring[slot] = value
      fresh += value
      sum = sum - old + value
      out[i] = sum / period
    }
    const isFull = slot === period
    // The sum that takes the other's place counts on that very bar.
    if (isFull) out[i - 1] = fresh / period
    this.slot = isFull ? 0 : slot
    this.sum = isFull ? fresh : sum
    this.fresh = isFull ? 0 : fresh
    return i
  }

  /** One of the two is missing or infinite. */
  private replace(old: number, value: number): void {
    if (old - old === 0) this.sum -= old
    else this.missing--
    if (value - value === 0) {
      this.fresh += value
      this.sum += value
    } else this.missing++
  }
}

/**
 * Exponential average with weight 2 / (n + 1) on the newest value, started at the first known value; defined from the n-th
 * known value on. A missing value leaves the state as it was and has no answer.
 */
class ExponentialMean {
  private readonly period: number = 1
  private readonly weight: number = 0.5
  private mean = NaN
  private known = 0

  constructor(period: number) {
    this.period = period
    this.weight = 2 / (period + 1)
  }

  next(value: number): number {
    if (value !== value) return NaN
    this.mean = this.known === 0 ? value : value * this.weight + this.mean * (1 - this.weight)
    if (this.known < this.period) this.known++
    return this.known === this.period ? this.mean : NaN
  }
}

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
    if (value !== value) return NaN
    if (this.known < this.period) {
      this.mean += value
      if (++this.known < this.period) return NaN
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
