import type { Operator } from './operator.js'

/**
 * Mean of the last n values. The sum is updated by one addition and one subtraction a bar; beside it a second one is added up anew
 * from the first slot of the ring on, and takes its place each time the ring of n slots is full: rounding never accumulates over
 * more than n bars, and an infinite value leaves no trace. The slots start as NaN, so warm-up is the same rule as a missing value: no answer while the window holds one.
 */
export class MovingMean implements Operator {
  readonly period: number = 1
  /** Of the last n values the one that came at slot k of the ring. */
  readonly ring: Float64Array = new Float64Array(0)
  sum = 0.5
  /** Of the values from slot 0 of the ring on. */
  fresh = 0.5
  slot = 0
  /** Slots without a finite value. */
  missing = 0
  private stretch: Stretch | undefined

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
    return this.missing === 0 ? this.sum / this.period : Number.NaN
  }

  run(inputs: readonly Float64Array[], out: Float64Array, from: number, end: number): void {
    this.runTogether([this], inputs, [out], from, end)
  }

  /** Stretches of known values in a loop whose sums stand in registers, all else by `next`: the same additions in the same order. */
  runTogether(
    means: readonly MovingMean[],
    inputs: readonly Float64Array[],
    outs: readonly Float64Array[],
    from: number,
    end: number,
  ): void {
    const values = inputs[0] as Float64Array
    for (let i = from; i < end;) {
      const begun = i
      if (means.every(({ missing }) => missing === 0)) {
        const stretch = (this.stretch ??= new Stretch())
        i = stretch.run(means, values, outs, i, end)
      }
      if (i > begun) continue
      const value = values[i] as number
      for (let k = 0; k < means.length; k++)
        (outs[k] as Float64Array)[i] = (means[k] as MovingMean).next(value)
      i++
    }
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

/** The window before a stretch of finite values and the first values of that, behind each other: what leaves a window and what enters it. */
class Stretch {
  private column: Float64Array = new Float64Array(0)

  /** Goes on while values are finite, as those in all windows are. Answers the place at which it stopped. */
  run(
    means: readonly MovingMean[],
    values: Float64Array,
    outs: readonly Float64Array[],
    from: number,
    end: number,
  ): number {
    const stop = firstNotFinite(values, from, end)
    const longest = means.reduce((a, b) => (b.period > a.period ? b : a))
    const before = longest.period
    // From here on whole windows lie in the stretch.
    const within = Math.min(stop, from + before)
    if (this.column.length < 2 * before) this.column = new Float64Array(2 * before)
    const { column } = this
    copyWindow(longest, column)
    column.set(values.subarray(from, within), before)
    for (let k = 0; k + 1 < means.length; k += 2) {
      const [a, b, outA, outB] = [means[k], means[k + 1], outs[k], outs[k + 1]] as Pair
      runTwo(a, b, outA, outB, column, before - from, from, within)
      runTwo(a, b, outA, outB, values, 0, within, stop)
    }
    if (means.length % 2 === 1) {
      const [last, out] = [means.at(-1), outs.at(-1)] as [MovingMean, Float64Array]
      runOne(last, out, column, before - from, from, within)
      runOne(last, out, values, 0, within, stop)
    }
    for (const mean of means) {
      if (stop - from < mean.period) keepWindow(mean, column, before + stop - from)
      else keepWindow(mean, values, stop)
    }
    return stop
  }
}

type Pair = [MovingMean, MovingMean, Float64Array, Float64Array]

/** The first value that is missing or infinite. */
function firstNotFinite(values: Float64Array, from: number, end: number): number {
  let i = from
  for (; i + 4 <= end; i += 4) {
    const a = values[i] as number
    const b = values[i + 1] as number
    const c = values[i + 2] as number
    const d = values[i + 3] as number
    if (a - a + (b - b) + (c - c + (d - d)) !== 0) break
  }
  while (i < end && Number.isFinite(values[i])) i++
  return i
}

/** The window's values, oldest first. */
function copyWindow({ ring, slot }: MovingMean, to: Float64Array): void {
  to.set(ring.subarray(slot))
  to.set(ring.subarray(0, slot), ring.length - slot)
}

/** Brings the ring up to the end of a stretch; the slot has been moved already. */
function keepWindow({ ring, slot, period }: MovingMean, column: Float64Array, end: number): void {
  ring.set(column.subarray(end - slot, end))
  ring.set(column.subarray(end - period, end - slot), slot)
}

/** The places `[from, end)`, of which the k-th has its value at `k + shift` in the column and the window before it. */
function runOne(
  mean: MovingMean,
  out: Float64Array,
  column: Float64Array,
  shift: number,
  from: number,
  end: number,
): void {
  const { period } = mean
  let { sum, fresh, slot } = mean
  const old = shift - period
  let i = from
  while (i < end) {
    const begun = i
    const fullAt = Math.min(end, i + period - slot)
    for (; i < fullAt; i++) {
      const value = column[i + shift] as number
      fresh += value
      sum = sum - (column[i + old] as number) + value
      out[i] = sum / period
    }
    slot += i - begun
    if (slot < period) continue
    // The sum that takes the other's place counts on that very bar.
    out[i - 1] = fresh / period
    sum = fresh
    fresh = 0
    slot = 0
  }
  mean.sum = sum
  mean.fresh = fresh
  mean.slot = slot
}

/** Two at a time: while one sum waits for the one before it, the other goes on. */
function runTwo(
  a: MovingMean,
  b: MovingMean,
  outA: Float64Array,
  outB: Float64Array,
  column: Float64Array,
  shift: number,
  from: number,
  end: number,
): void {
  const [periodA, periodB] = [a.period, b.period]
  let { sum: sumA, fresh: freshA, slot: slotA } = a
  let { sum: sumB, fresh: freshB, slot: slotB } = b
  const [oldA, oldB] = [shift - periodA, shift - periodB]
  let i = from
  while (i < end) {
    const begun = i
    const fullAt = Math.min(end, i + Math.min(periodA - slotA, periodB - slotB))
    for (; i < fullAt; i++) {
      const value = column[i + shift] as number
      freshA += value
      freshB += value
      sumA = sumA - (column[i + oldA] as number) + value
      sumB = sumB - (column[i + oldB] as number) + value
      outA[i] = sumA / periodA
      outB[i] = sumB / periodB
    }
    slotA += i - begun
    slotB += i - begun
    if (slotA === periodA) {
      outA[i - 1] = freshA / periodA
      sumA = freshA
      freshA = 0
      slotA = 0
    }
    if (slotB === periodB) {
      outB[i - 1] = freshB / periodB
      sumB = freshB
      freshB = 0
      slotB = 0
    }
  }
  a.sum = sumA
  a.fresh = freshA
  a.slot = slotA
  b.sum = sumB
  b.fresh = freshB
  b.slot = slotB
}
