import type { Values } from './moments.js'

/** Ranks from 1, the smallest first; equal values share the mean of the ranks they take up (mid-ranks). O(n log n). */
export function midRanks(values: Values): Float64Array {
  const sorted = Float64Array.from(values).sort()
  const distinct: number[] = []
  const rankOf: number[] = []
  for (let from = 0; from < sorted.length;) {
    let end = from + 1
    while (end < sorted.length && sorted[end] === sorted[from]) end++
    distinct.push(sorted[from]!)
    // They take up the ranks from + 1 to end.
    rankOf.push((from + 1 + end) / 2)
    from = end
  }
  return Float64Array.from(values, (value) => rankOf[placeOf(distinct, value)]!)
}

/** Where a value lies among rising ones that hold it. */
function placeOf(rising: readonly number[], value: number): number {
  let [low, high] = [0, rising.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rising[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
