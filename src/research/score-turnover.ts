import type { Values } from '../metrics/moments.js'
import { quotient, type Statistic } from '../metrics/statistic.js'
import { timeSeriesCoefficient } from './information-coefficient.js'
import { bucketsOf } from './score-deciles.js'

/** Scores of one instrument by decision bar, NaN where unknown. */
export interface ScoreSeries {
  /** Bars since an origin that all series share, rising. */
  readonly slots: ArrayLike<number>
  readonly scores: Values
}

/** How much a score moves from one bar to the next. Bars after an unknown score, or after a missing bar, are not counted. */
export interface ScoreTurnover {
  /** Pairs of bars that follow each other, both with a score. */
  readonly pairs: number
  /** Share of them with different deciles. */
  readonly decileChanges: Statistic
  /** Share of the bars in the highest decile that holds any score whose bar before was not there. */
  readonly topTurnover: Statistic
  /** The same for the lowest. */
  readonly bottomTurnover: Statistic
}

/** Turnover over all instruments together, deciles being cut over all known scores as `scoreDeciles` does. O(n log n). */
export function scoreTurnover(series: readonly ScoreSeries[], buckets: number = 10): ScoreTurnover {
  const all = series.flatMap(({ scores }) => Array.from(scores)).filter((score) => !Number.isNaN(score))
  const bucketed = bucketsOf(Float64Array.from(all), buckets)
  const filled = new Set(bucketed)
  const [lowest, highest] = [Math.min(...filled), Math.max(...filled)]
  let [pairs, changes, top, intoTop, bottom, intoBottom, at] = [0, 0, 0, 0, 0, 0, 0]
  for (const { slots, scores } of series) {
    let before = -1
    let slotBefore = -2
    for (let row = 0; row < scores.length; row++) {
      if (Number.isNaN(scores[row]!)) continue
      const bucket = bucketed[at++]!
      if (slots[row] === slotBefore + 1) {
        pairs++
        if (bucket !== before) changes++
        if (bucket === highest) top++
        if (bucket === highest && before !== highest) intoTop++
        if (bucket === lowest) bottom++
        if (bucket === lowest && before !== lowest) intoBottom++
      }
      before = bucket
      slotBefore = slots[row]!
    }
  }
  return {
    pairs,
    decileChanges: quotient(changes, pairs, 'no two bars that follow each other have a score'),
    topTurnover: quotient(intoTop, top, 'no bar in the highest decile'),
    bottomTurnover: quotient(intoBottom, bottom, 'no bar in the lowest decile'),
  }
}

/** Rank correlation of the score with itself `lag` bars before, within each instrument; over instruments weighted by observations. */
export function rankAutocorrelation(series: readonly ScoreSeries[], lag: number): Statistic {
  const samples = series.map(({ slots, scores }) => {
    const bySlot = new Map<number, number>()
    for (let row = 0; row < scores.length; row++) bySlot.set(slots[row]!, scores[row]!)
    const returns = Float64Array.from(scores, (_, row) => bySlot.get(slots[row]! - lag) ?? NaN)
    return { slots, scores, returns }
  })
  return timeSeriesCoefficient(samples, 1, 'rank').value
}
