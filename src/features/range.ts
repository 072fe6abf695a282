import { abs, add, div, mul, sub } from './arithmetic.js'
import { wilder } from './averages.js'
import { close, type Feature, feature, high, low, wholeBars } from './feature.js'
import { inStretches } from './loop.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/** Largest of high − low and the distances of both from the last known close; high − low where there is none yet. */
function rangeOf(high: number, low: number, lastClose: number): number {
  const range = high - low
  const up = Math.abs(high - lastClose)
  const down = Math.abs(low - lastClose)
  // Comparisons with the NaN of a first bar are false, which leaves high − low.
  const larger = up > range ? up : range
  return down > larger ? down : larger
}

class TrueRange {
  private lastClose = NaN

  next(high: number, low: number, close: number): number {
    const range = rangeOf(high, low, this.lastClose)
    if (close === close) this.lastClose = close
    return range
  }
}

/** True range and Wilder's smoothing in one pass: the same numbers as `wilder(trueRange, n)`. */
class AverageTrueRange {
  private readonly period: number = 1
  private lastClose = NaN
  private mean = 0.5
  private known = 0

  constructor(period: number) {
    this.period = period
    this.mean = 0
  }

  next(high: number, low: number, close: number): number {
    const range = rangeOf(high, low, this.lastClose)
    if (close === close) this.lastClose = close
    if (range !== range) return Number.NaN
    if (this.known < this.period) {
      this.mean += range
      if (++this.known < this.period) return Number.NaN
      this.mean /= this.period
    } else this.mean += (range - this.mean) / this.period
    return this.mean
  }

  /** What `next` does once the mean is known, with everything in registers. */
  run(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    inStretches(from, end, (at, to) => this.runStretch(inputs, out, at, to))
  }

  private runStretch(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    const [highs, lows, closes] = inputs as [Float64Array, Float64Array, Float64Array]
    const { period } = this
    let i = from
    for (; i < end && this.known < period; i++)
      out[i] = this.next(highs[i] as number, lows[i] as number, closes[i] as number)
    let { lastClose, mean } = this
    for (; i < end; i++) {
      const close = closes[i] as number
      const range = rangeOf(highs[i] as number, lows[i] as number, lastClose)
      if (close === close) lastClose = close
      if (range === range) {
        mean += (range - mean) / period
        out[i] = mean
      } else out[i] = NaN
    }
    this.lastClose = lastClose
    this.mean = mean
  }
}

/**
 * Wilder's directional movement of one side: how far this bar's extreme passed the last known bar's, if farther than on the other
 * side (equal: neither), else 0. The first bar moved nowhere: 0.
 */
class DirectionalMovement {
  private readonly side: number = 1
  private lastHigh = NaN
  private lastLow = NaN

  constructor(side: number) {
    this.side = side
  }

  next(high: number, low: number): number {
    const range = high - low
    if (range !== range) return Number.NaN
    const up = high - this.lastHigh
    const down = this.lastLow - low
    this.lastHigh = high
    this.lastLow = low
    const own = this.side > 0 ? up : down
    const other = this.side > 0 ? down : up
    return own > 0 && own > other ? own : 0
  }
}

/** Wilder's true range; high − low on the first bar. No warm-up; NaN on a bar with a missing price. */
export function trueRange(): Feature {
  return feature('trueRange', [high, low, close])
}

/** Wilder's average true range (1978), in price units. Warm-up period − 1; a NaN is passed over and answers NaN on its bar. */
export function atr(period: number = 14): Feature {
  return feature('atr', [high, low, close], [wholeBars('atr.period', period)])
}

export interface DirectionalIndex {
  /** +DI and −DI in percent. */
  readonly plus: Feature
  readonly minus: Feature
  /** Average directional index in [0, 100]. */
  readonly adx: Feature
}

/**
 * Wilder's directional movement system (1978). Warm-up period − 1 for +DI and −DI, 2 · period − 2 for the ADX; NaN where the
 * average range is 0, and for the ADX where neither side moved.
 */
export function adx(period: number = 14): DirectionalIndex {
  const range = atr(period)
  const plus = mul(100, div(wilder(feature('directionalMovement', [high, low], [1]), period), range))
  const minus = mul(100, div(wilder(feature('directionalMovement', [high, low], [-1]), period), range))
  const index = mul(100, div(abs(sub(plus, minus)), add(plus, minus)))
  return { plus, minus, adx: wilder(index, period) }
}

export const RANGES: Readonly<Record<string, OperatorDefinition>> = {
  trueRange: { arity: 3, create: () => new TrueRange() },
  atr: {
    arity: 3,
    create: (args) => new AverageTrueRange(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
  },
  directionalMovement: { arity: 2, create: (args) => new DirectionalMovement(numberAt(args, 0)) },
}
