/** How many of the first `length` items come before a border that a predicate tells (true before it, false after). O(log n). */
export function partitionPoint(length: number, isBefore: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the last entry ≤ time in an increasing column, −1 where there is none. O(log n). */
export function lastAtOrBefore(times: ArrayLike<number>, time: number): number {
  return partitionPoint(times.length, (index) => times[index]! <= time) - 1
}

/** Index of the last entry < time in an increasing column, −1 where there is none. O(log n). */
export function lastBefore(times: ArrayLike<number>, time: number): number {
  return partitionPoint(times.length, (index) => times[index]! < time) - 1
}

/**
 * Index of the first entry ≥ time in an increasing column, its length where there is none, looked for from an index on that is not past
 * it. O(log of how far it lies from there), for those who ask in order.
 */
export function firstAtOrAfter(times: Float64Array, time: number, from: number): number {
  let low = from
  let high = from
  for (let step = 1; high < times.length && times[high]! < time; step *= 2) {
    low = high + 1
    high += step
  }
  high = Math.min(high, times.length)
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Closing times of bars, which do not overlap: in order, each at least a step after the one before. */
export class BarTimes {
  private readonly times: Float64Array
  private readonly step: number
  /** No bar is missing: as many steps as bars lie between the first and the last. */
  private readonly isEven: boolean

  constructor(times: Float64Array, step: number) {
    this.times = times
    this.step = step
    this.isEven = times.length > 0 && times[times.length - 1]! - times[0]! === (times.length - 1) * step
  }

  /** As firstAtOrAfter, and O(1) where no bar is missing. */
  firstAtOrAfter(time: number, from: number): number {
    const { times, step } = this
    if (!this.isEven) return firstAtOrAfter(times, time, from)
    return Math.min(times.length, Math.max(from, Math.ceil((time - times[0]!) / step)))
  }

  /** Without a look into the column where that is not needed: many who ask come to it at random places. */
  at(bar: number): number {
    return this.isEven && bar < this.times.length ? this.times[0]! + bar * this.step : this.times[bar]!
  }
}
