export interface RankedScore {
  readonly at: number
  readonly score: number
}

/** The highest scores and their places, at most `most` of them, the best first, the earlier of equals first; undefined and NaN are none. O(scores · most) at worst, and next to no memory. */
export function bestScores(scores: Iterable<number | undefined>, most: number): readonly RankedScore[] {
  const best: RankedScore[] = []
  let at = -1
  for (const score of scores) {
    at++
    if (score === undefined || Number.isNaN(score)) continue
    if (best.length === most && !(score > (best.at(-1)?.score ?? Infinity))) continue
    let place = best.length
    while (place > 0 && score > (best[place - 1] as RankedScore).score) place--
    best.splice(place, 0, { at, score })
    if (best.length > most) best.pop()
  }
  return best
}
