import type { Values } from './moments.js'

/** Ranks from 1, the smallest first; equal values share the mean of the ranks they take up (mid-ranks). O(n log n). */
export function midRanks(values: Values): Float64Array {
  const count = values.length
  const order = Int32Array.from({ length: count }, (_, at) => at).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Float64Array(count)
  for (let from = 0; from < count;) {
    let end = from + 1
    while (end < count && values[order[end]!] === values[order[from]!]) end++
    // Ranks from + 1 to end: their mean.
    const rank = (from + 1 + end) / 2
    for (let at = from; at < end; at++) ranks[order[at]!] = rank
    from = end
  }
  return ranks
}
