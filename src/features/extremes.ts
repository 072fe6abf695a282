import { type Feature, type Operand, feature, wholeBars } from './feature.js'
import { type OperatorDefinition, numberAt, warmAfter } from './operator.js'
import { LONGEST_WINDOW, WINDOWS_AT_ONCE, windowsOnVectors } from './windows.js'

/**
 * Largest or smallest of the last n values, O(1) amortised (van Herk 1992; Gil and Werman 1993): the bars are cut into blocks of n, so
 * that a window is the end of one block and the beginning of the next. The largest of each end is calculated when its block is
 * full, the largest of the beginning grows with it. Of equal values the later one is answered; a window that holds a missing
 * value has no answer.
 */
class MovingExtreme {
  private readonly period: number = 1
  /** 1 for the largest, −1 for the smallest: the largest of the values turned around, turned around. */
  private readonly sign: 1 | -1 = 1
  /** Values of the block that is filled; from the slot after the newest on, largest of each end of the block before. */
  private readonly ring: Float64Array = new Float64Array(0)
  private slot = 0
  private largest = -Infinity
  /** Known values in a row, counted up to the period. */
  private known = 0

  constructor(period: number, sign: 1 | -1) {
    this.period = period
    this.sign = sign
    this.ring = new Float64Array(period).fill(-Infinity)
  }

  next(value: number): number {
    const { ring, sign } = this
    const slot = this.slot++
    if (value === value) {
      const turned = sign * value
      ring[slot] = turned
      if (turned >= this.largest) this.largest = turned
      if (this.known < this.period) this.known++
    } else {
      ring[slot] = -Infinity
      this.known = 0
    }
    let largest = this.largest
    if (slot + 1 === this.period) this.fold()
    else if ((ring[slot + 1] as number) > largest) largest = ring[slot + 1] as number
    return this.known === this.period ? sign * largest : Number.NaN
  }

  /** The same on vectors while values are known, else with what changes in registers, from one full block to the next. */
  run(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    const values = inputs[0] as Float64Array
    let vectorsFrom = from
    for (let i = from; i < end;) {
      const begun = i
      if (this.known === this.period) {
        if (i >= vectorsFrom) {
          i = this.runOnVectors(values, out, i, end)
          vectorsFrom = i + WINDOWS_AT_ONCE
        }
        i = this.runKnown(values, out, i, end)
      }
      if (i > begun) continue
      out[i] = this.next(values[i] as number)
      i++
    }
  }

  /** While the next thousand values are known. What is left behind is a block that has just been filled. Answers the place at which it stopped. */
  private runOnVectors(values: Float64Array, out: Float64Array, from: number, end: number): number {
    const { period, ring, slot, sign } = this
    if (period < 2 || period > LONGEST_WINDOW || end - from < period) return from
    const windows = windowsOnVectors()
    if (windows === undefined) return from
    const ends = new Float64Array(period - 1)
    for (let i = 1; i < period; i++) ends[i - 1] = sign * (ring[(slot + i) % period] as number)
    const stop = windows.run(sign, ends, values, out, from, end)
    if (stop === from) return from
    for (let i = 0; i < period; i++) ring[i] = sign * (values[stop - period + i] as number)
    this.fold()
    return stop
  }

  /** While values are known and the block is not full. Answers the place at which it stopped. */
  private runKnown(values: Float64Array, out: Float64Array, from: number, end: number): number {
    const { ring, sign } = this
    let { slot, largest } = this
    const stop = Math.min(end, from + this.period - 1 - slot)
    let i = from
    for (; i < stop; i++) {
      const turned = sign * (values[i] as number)
      if (turned !== turned) break
      ring[slot] = turned
      if (turned >= largest) largest = turned
      const older = ring[++slot] as number
      out[i] = sign * (older > largest ? older : largest)
    }
    this.slot = slot
    this.largest = largest
    return i
  }

  private fold(): void {
    const { ring } = this
    let largest = -Infinity
    for (let i = this.period - 1; i >= 0; i--) {
      if ((ring[i] as number) > largest) largest = ring[i] as number
      ring[i] = largest
    }
    this.slot = 0
    this.largest = -Infinity
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
    create: (args) => new MovingExtreme(numberAt(args, 0), 1),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
  },
  lowest: {
    arity: 1,
    create: (args) => new MovingExtreme(numberAt(args, 0), -1),
    warmUp: (args, inputs) => warmAfter(inputs, numberAt(args, 0) - 1),
  },
}
