import { ema } from './averages.js'
import { sub } from './arithmetic.js'
import { close, type Feature, type Operand, feature, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/**
 * Relative strength index of Wilder (1978): 100 · gain / (gain + loss), both the plain mean of the first n changes and Wilder's
 * smoothing after. Where nothing moved it is undefined (NaN). A missing value leaves the state; the next change is measured
 * from the last known value.
 */
class RelativeStrength {
  private readonly period: number = 1
  private last = NaN
  private gain = 0.5
  private loss = 0.5
  private changes = 0

  constructor(period: number) {
    this.period = period
    this.gain = 0
    this.loss = 0
  }

  next(value: number): number {
    if (value !== value) return Number.NaN
    const change = value - this.last
    this.last = value
    if (change !== change) return Number.NaN
    const up = change > 0 ? change : 0
    const down = change < 0 ? -change : 0
    if (this.changes < this.period) {
      this.gain += up / this.period
      this.loss += down / this.period
      if (++this.changes < this.period) return Number.NaN
    } else {
      this.gain += (up - this.gain) / this.period
      this.loss += (down - this.loss) / this.period
    }
    const total = this.gain + this.loss
    return total === 0 ? Number.NaN : (100 * this.gain) / total
  }
}

/** Wilder's relative strength index in [0, 100]. Warm-up `period`; a NaN is passed over; NaN where nothing moved at all. */
export function rsi(of: Operand, period: number = 14): Feature {
  return feature('rsi', [of], [wholeBars('rsi.period', period)])
}

export interface Macd {
  readonly line: Feature
  readonly signal: Feature
  readonly histogram: Feature
}

/**
 * Appel's moving average convergence divergence: ema(fast) − ema(slow), its ema over `signal` bars, and their difference.
 * Warm-up slow − 1 for the line, slow + signal − 2 for the others.
 */
export function macd(of: Operand = close, fast: number = 12, slow: number = 26, signal: number = 9): Macd {
  const line = sub(ema(of, fast), ema(of, slow))
  const signalLine = ema(line, signal)
  return { line, signal: signalLine, histogram: sub(line, signalLine) }
}

export const MOMENTUM: Readonly<Record<string, OperatorDefinition>> = {
  rsi: {
    arity: 1,
    create: (args) => new RelativeStrength(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0)),
  },
}
