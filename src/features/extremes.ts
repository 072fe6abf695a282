import { type Feature, type Operand, feature, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/**
 * Largest of the last n values, O(1) amortised: a queue of the values that may still become the largest, in falling order. A
 * missing value empties the queue, since no window that holds it has an answer.
 */
class MovingHighest {
  private readonly values: Float64Array
  private readonly bars: Int32Array
  private head = 0
  private tail = 0
  private bar = 0
  private firstKnown = 0

  constructor(private readonly period: number) {
    this.values = new Float64Array(period + 1)
    this.bars = new Int32Array(period + 1)
  }

  next(value: number): number {
    const { values, bars, period } = this
    const bar = this.bar++
    let head = this.head
    let tail = this.tail
    if (value !== value) {
      this.head = tail
      this.firstKnown = bar + 1
      return NaN
    }
    while (tail !== head) {
      const last = tail === 0 ? period : tail - 1
      if ((values[last] as number) > value) break
      tail = last
    }
    values[tail] = value
    bars[tail] = bar
    this.tail = tail === period ? 0 : tail + 1
    if ((bars[head] as number) <= bar - period) this.head = head = head === period ? 0 : head + 1
    return bar - this.firstKnown >= period - 1 ? (values[head] as number) : NaN
  }
}

/** Smallest of the last n values: the mirror image. */
class MovingLowest {
  private readonly highest: MovingHighest

  constructor(period: number) {
    this.highest = new MovingHighest(period)
  }

  next(value: number): number {
    return -this.highest.next(-value)
  }
}

/** Highest of the last `period` values, this bar included: O(1) amortised. Warm-up period − 1; NaN while the window holds a NaN. */
export function highest(of: Operand, period: number): Feature {
  return feature('highest', [of], [wholeBars('highest.period', period)])
}

/** Lowest of the last `period` values, this bar included: O(1) amortised. Warm-up period − 1; NaN while the window holds a NaN. */
export function lowest(of: Operand, period: number): Feature {
  return feature('lowest', [of], [wholeBars('lowest.period', period)])
}

export const EXTREMES: Readonly<Record<string, OperatorDefinition>> = {
  highest: {
    arity: 1,
    create: (args) => new MovingHighest(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
  },
  lowest: {
    arity: 1,
    create: (args) => new MovingLowest(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
  },
}
