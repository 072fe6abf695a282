import { mean, sampleDeviation } from '../metrics/moments.js'
import type { ScoreDecile } from './run-charts.js'

/** Scores with the returns that followed them: two columns of equal length, none of them NaN. */
export interface ScoredReturns {
  readonly score: readonly number[]
  readonly forward: readonly number[]
}

/**
 * Mean forward return by decile of the score. Equal scores share a decile, that of their mean rank, so that a score of few levels leaves
 * some out. `independentShare` is the share of returns that do not overlap their neighbours: standard errors count only so many.
 * O(n log n).
 */
export function scoreDeciles({ score, forward }: ScoredReturns, independentShare: number): ScoreDecile[] {
  const order = score.map((_, row) => row).sort((a, b) => score[a]! - score[b]!)
  const members: number[][] = Array.from({ length: 10 }, () => [])
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && score[order[end]!] === score[order[start]!]) end++
    const decile = Math.min(9, Math.floor((5 * (start + end)) / order.length))
    for (let at = start; at < end; at++) members[decile]!.push(order[at]!)
    start = end
  }
  return members.flatMap((rows, index) => {
    if (rows.length === 0) return []
    const returns = Float64Array.from(rows, (row) => forward[row]!)
    const independent = rows.length * independentShare
    const error = independent < 2 ? null : sampleDeviation(returns) / Math.sqrt(independent)
    const [lowest, highest] = [rows[0]!, rows.at(-1)!]
    return [
      {
        decile: index + 1,
        lowestScore: score[lowest]!,
        highestScore: score[highest]!,
        count: rows.length,
        mean: mean(returns),
        standardError: error,
      },
    ]
  })
}
