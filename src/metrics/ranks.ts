import type { Values } from './moments.js'

/** Ranks from 1, the smallest first; equal values share the mean of the ranks they take up (mid-ranks). O(n log n). */
export function midRanks(values: Values): Float64Array {
  const sorted = Float64Array.from(values).sort()
  // The distinct values, moved to the front of what was sorted, and the rank of each.
  const rankOf = new Float64Array(sorted.length)
  let distinct = 0
  for (let from = 0; from < sorted.length;) {
    let end = from + 1
    while (end < sorted.length && sorted[end] === sorted[from]) end++
    // They take up the ranks from + 1 to end.
    rankOf[distinct] = (from + 1 + end) / 2
    sorted[distinct++] = sorted[from]!
    from = end
  }
  const ranks = new Float64Array(values.length)
  for (let at = 0; at < ranks.length; at++) ranks[at] = rankOf[placeOf(sorted, distinct, values[at]!)]!
  return ranks
}

/** Where a value lies among the first `count` of rising ones, which hold it. */
function placeOf(rising: Float64Array, count: number, value: number): number {
  let [low, high] = [0, count - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rising[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
