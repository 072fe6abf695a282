import { type Feature, type Operand, feature, positive, time, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'
import { SpanHistory } from './span-history.js'

/** The value n bars ago. The ring starts as NaN: what was never seen is unknown. */
class Lag {
  private readonly bars: number = 1
  private readonly ring: Float64Array = new Float64Array(0)
  private slot = 0

  constructor(bars: number) {
    this.bars = bars
    this.ring = new Float64Array(bars).fill(NaN)
  }

  next(value: number): number {
    const old = this.ring[this.slot] as number
    this.ring[this.slot] = value
    if (++this.slot === this.bars) this.slot = 0
    return old
  }

  /** Most of it is a copy: but for the first values, what is asked for stands in the column itself. */
  run(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    const values = inputs[0] as Float64Array
    const within = from + this.bars
    if (end <= within) {
      for (let i = from; i < end; i++) out[i] = this.next(values[i] as number)
      return
    }
    const { ring, slot, bars } = this
    out.set(ring.subarray(slot), from)
    out.set(ring.subarray(0, slot), within - slot)
    out.set(values.subarray(from, end - bars), within)
    ring.set(values.subarray(end - bars, end))
    this.slot = 0
  }
}

/** value / value n bars ago − 1. */
class RateOfChange {
  private readonly lag: Lag

  constructor(bars: number) {
    this.lag = new Lag(bars)
  }

  next(value: number): number {
    const old = this.lag.next(value)
    return old === 0 ? Number.NaN : value / old - 1
  }
}

/** value / value nearest to one span of time ago − 1. */
class ChangeOver {
  private readonly history: SpanHistory

  constructor(
    private readonly spanMs: number,
    private readonly toleranceMs: number,
  ) {
    this.history = new SpanHistory(spanMs + toleranceMs)
  }

  next(value: number, timeMs: number): number {
    if (value !== value) return Number.NaN
    this.history.put(timeMs, value)
    const old = this.history.nearest(timeMs - this.spanMs, this.toleranceMs)
    return old === 0 ? Number.NaN : value / old - 1
  }
}

/** The value `bars` bars ago. Warm-up `bars`; NaN where that bar's value was NaN. */
export function lag(of: Operand, bars: number): Feature {
  return feature('lag', [of], [wholeBars('lag.bars', bars)])
}

/** value / value `bars` bars ago − 1, a fraction. Warm-up `bars`; NaN where either is NaN or the old one is 0. */
export function rateOfChange(of: Operand, bars: number): Feature {
  return feature('rateOfChange', [of], [wholeBars('rateOfChange.bars', bars)])
}

/**
 * value / value one span of **time** ago − 1, a fraction, so that gaps in the bars do not stretch the span. The old value is that
 * of the known bar whose close is nearest to `spanMs` before this bar's, at most `toleranceMs` away; NaN where there is none.
 */
export function changeOver(
  of: Operand,
  spanMs: number,
  options: { readonly toleranceMs?: number } = {},
): Feature {
  const toleranceMs = options.toleranceMs ?? 0
  if (!(toleranceMs >= 0 && toleranceMs < spanMs))
    positive('changeOver.toleranceMs', NaN, 'ms, below the span')
  return feature('changeOver', [of, time], [positive('changeOver.spanMs', spanMs, 'ms'), toleranceMs])
}

export const CHANGES: Readonly<Record<string, OperatorDefinition>> = {
  lag: {
    arity: 1,
    create: (args) => new Lag(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0)),
  },
  rateOfChange: {
    arity: 1,
    create: (args) => new RateOfChange(numberAt(args, 0)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0)),
  },
  changeOver: {
    arity: 2,
    create: (args) => new ChangeOver(numberAt(args, 0), numberAt(args, 1)),
    warmUp: (args, inputs, { timeframeMs }) =>
      warmAfter(inputs, Math.ceil((numberAt(args, 0) - numberAt(args, 1)) / timeframeMs)),
  },
}
