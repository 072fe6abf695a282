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
