import { ConfigError } from '../core/errors.js'
import { type Feature, type Operand, feature, positive, time, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'

/**
 * A multiset of numbers that knows how many of its members lie below one of them, the current value. Distinct values are kept
 * sorted with their counts. While the current value stays, adding and removing a number costs a binary search; when it moves,
 * the count walks from the old place to the new one. Step-like data (hourly facts on minute bars) therefore cost little
 * even in windows of 100,000 bars; data that are new on every bar cost O(window) a bar.
 */
class RankedWindow {
  private values = new Float64Array(64)
  private counts = new Float64Array(64)
  private distinct = 0
  private current = NaN
  private below = 0
  size = 0

  add(value: number): void {
    const at = this.place(value)
    if (at < this.distinct && this.values[at] === value) this.counts[at] = (this.counts[at] as number) + 1
    else this.insert(at, value)
    this.size++
    if (value < this.current) this.below++
  }

  remove(value: number): void {
    const at = this.place(value)
    const count = (this.counts[at] as number) - 1
    this.counts[at] = count
    if (count === 0) {
      this.values.copyWithin(at, at + 1, this.distinct)
      this.counts.copyWithin(at, at + 1, this.distinct)
      this.distinct--
    }
    this.size--
    if (value < this.current) this.below--
  }

  /** Share of the members below `value`, those equal to it counted half. `value` must be a member. */
  rank(value: number): number {
    const at = this.place(value)
    if (value !== this.current) this.moveTo(value, at)
    return (this.below + (this.counts[at] as number) / 2) / this.size
  }

  private moveTo(value: number, at: number): void {
    let below = 0
    if (this.current !== this.current) for (let i = 0; i < at; i++) below += this.counts[i] as number
    else {
      below = this.below
      const from = this.place(this.current)
      for (let i = from; i < at; i++) below += this.counts[i] as number
      for (let i = at; i < from; i++) below -= this.counts[i] as number
    }
    this.below = below
    this.current = value
  }

  private insert(at: number, value: number): void {
    if (this.distinct === this.values.length) {
      this.values = grown(this.values)
      this.counts = grown(this.counts)
    }
    this.values.copyWithin(at + 1, at, this.distinct)
    this.counts.copyWithin(at + 1, at, this.distinct)
    this.values[at] = value
    this.counts[at] = 1
    this.distinct++
  }

  private place(value: number): number {
    let low = 0
    let high = this.distinct
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.values[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}

/** Rank among the known values of the last n bars. */
class Rank {
  private readonly ring: Float64Array
  private readonly window = new RankedWindow()
  private slot = 0

  constructor(
    private readonly period: number,
    private readonly minimumKnown: number,
  ) {
    this.ring = new Float64Array(period).fill(NaN)
  }

  next(value: number): number {
    const old = this.ring[this.slot] as number
    this.ring[this.slot] = value
    if (++this.slot === this.period) this.slot = 0
    if (old === old) this.window.remove(old)
    if (value !== value) return Number.NaN
    this.window.add(value)
    return this.window.size >= this.minimumKnown ? this.window.rank(value) : Number.NaN
  }
}

/** Rank among the known values of the bars that closed within a trailing span of time, (t − span, t]. */
class RankOver {
  private readonly window = new RankedWindow()
  private times: number[] = []
  private values: number[] = []
  private start = 0

  constructor(
    private readonly spanMs: number,
    private readonly minimumKnown: number,
  ) {}

  next(value: number, timeMs: number): number {
    this.drop(timeMs - this.spanMs)
    if (value !== value) return Number.NaN
    this.times.push(timeMs)
    this.values.push(value)
    this.window.add(value)
    return this.window.size >= this.minimumKnown ? this.window.rank(value) : Number.NaN
  }

  private drop(untilMs: number): void {
    while (this.start < this.times.length && (this.times[this.start] as number) <= untilMs) {
      this.window.remove(this.values[this.start] as number)
      this.start++
    }
    if (this.start > 1024 && this.start * 2 > this.times.length) {
      this.times = this.times.slice(this.start)
      this.values = this.values.slice(this.start)
      this.start = 0
    }
  }
}

/**
 * Share of the last `period` bars' known values that lie below this bar's, equal ones (itself included) counted half: in
 * (0, 1), 0.5 for a series that never moves. NaN on a bar without a value and while fewer than `minimumKnown` (default: all) of
 * the window's values are known; a NaN inside the window is left out of the count. Warm-up minimumKnown − 1.
 */
export function rank(of: Operand, period: number, options: { readonly minimumKnown?: number } = {}): Feature {
  const minimumKnown = wholeBars('rank.minimumKnown', options.minimumKnown ?? period)
  if (minimumKnown > wholeBars('rank.period', period)) {
    throw new ConfigError('cannot be above the period', {
      field: 'rank.minimumKnown',
      value: minimumKnown,
      unit: 'bars',
    })
  }
  return feature('rank', [of], [period, minimumKnown])
}

/** The same over a trailing span of time; known bars must add up to `minimumKnownMs` (default: the whole span) of time. */
export function rankOver(
  of: Operand,
  spanMs: number,
  options: { readonly minimumKnownMs?: number } = {},
): Feature {
  const minimumKnownMs = positive('rankOver.minimumKnownMs', options.minimumKnownMs ?? spanMs, 'ms')
  if (minimumKnownMs > positive('rankOver.spanMs', spanMs, 'ms')) {
    throw new ConfigError('cannot be above the span', {
      field: 'rankOver.minimumKnownMs',
      value: minimumKnownMs,
      unit: 'ms',
    })
  }
  return feature('rankOver', [of, time], [spanMs, minimumKnownMs])
}

export const RANKS: Readonly<Record<string, OperatorDefinition>> = {
  rank: {
    arity: 1,
    create: (args) => new Rank(numberAt(args, 0), numberAt(args, 1)),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 1) - 1),
  },
  rankOver: {
    arity: 2,
    create: (args, { timeframeMs }) =>
      new RankOver(numberAt(args, 0), Math.max(1, Math.ceil(numberAt(args, 1) / timeframeMs))),
    warmUp: (args, inputs, { timeframeMs }) =>
      warmAfter(inputs, Math.max(1, Math.ceil(numberAt(args, 1) / timeframeMs)) - 1),
  },
}
