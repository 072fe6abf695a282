import { largestByLuck, type Estimate } from '../metrics/newey-west.js'
import { derive, known, unknown, type Statistic } from '../metrics/statistic.js'
import type { EntryStudy } from './entry-study.js'
import type { ScoreStudy } from './score-study.js'
import type { EntriesOfSide } from './signal-study.js'

/** Figures that were each held against chance. Whoever looks at many finds some that luck made. */
export interface FigureCount {
  readonly figures: number
  /** Those of them whose 95 % interval excludes 0, or, of entries, whose mean return lies outside the middle 95 % of the same entries at other times. */
  readonly beyond: number
  /** As many as luck alone would put there: 5 % of the figures. */
  readonly expectedByLuck: number
  /** Size of the largest t, on the scale on which 1.96 is the edge of the interval; of entries none. n/a where no figure has one. */
  readonly largest: Statistic
  /** What the largest of so many must exceed to be more than luck, if they were independent (Šidák 1967). Since they are not, less would do. */
  readonly neededAlone: number
}

/** Counts what a study holds against chance: coefficients, spreads of deciles, gains of legs, and entries. Means of single deciles are not. */
export function countFigures(score: ScoreStudy | undefined, entries: readonly EntriesOfSide[]): FigureCount {
  const tested = (score === undefined ? [] : estimatesOf(score)).flatMap(({ beyond }) =>
    beyond.value === undefined ? [] : [beyond.value],
  )
  const outside = entries.flatMap(({ horizons }) => horizons.flatMap(isOutsideBand))
  const figures = tested.length + outside.length
  return {
    figures,
    beyond: tested.filter((value) => value > 1).length + outside.filter((is) => is).length,
    expectedByLuck: 0.05 * figures,
    largest: derive(
      tested.length === 0 ? unknown('no figure has a standard error') : known(Math.max(...tested)),
      (value) => 1.96 * value,
    ),
    neededAlone: largestByLuck(figures),
  }
}

/** By the band that the table of entries shows; nothing where there is none. */
function isOutsideBand({ meanReturn, bandLower, bandUpper }: EntryStudy): boolean[] {
  const [mean, lower, upper] = [meanReturn.value, bandLower.value, bandUpper.value]
  if (mean === undefined || lower === undefined || upper === undefined) return []
  return [mean < lower || mean > upper]
}

function estimatesOf({ decay, months, deciles, legs }: ScoreStudy): Estimate[] {
  return [
    ...decay.flatMap(({ rank, linear, priceOnly, byInstrument }) => [
      rank,
      linear,
      priceOnly,
      ...byInstrument.map((one) => one.rank),
    ]),
    ...months.flatMap(({ all, byInstrument }) => [all, ...byInstrument.map(({ rank }) => rank)]),
    ...deciles.map(({ topMinusBottom }) => topMinusBottom),
    ...(legs?.variants ?? []).flatMap(({ decay: own, topMinusBottom, gain }) => [
      ...own.map(({ rank }) => rank),
      topMinusBottom,
      ...(gain === undefined ? [] : [gain]),
    ]),
  ]
}
