import { durationName } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import type { Estimate } from '../metrics/newey-west.js'
import { derive, type Statistic } from '../metrics/statistic.js'
import type { HorizonDeciles, LegsStudy, VariantStudy } from '../research/score-study.js'
import type { EntriesOfSide, SignalStudy } from '../research/signal-study.js'
import type { SignalSummary } from './signal-summary.js'
import { table, type Table } from './table.js'

/** `24 bars (1d)`. */
export function horizonName(bars: number, timeframeMs: number): string {
  return `${bars} ${bars === 1 ? 'bar' : 'bars'} (${durationName(bars * timeframeMs)})`
}

/** A fraction as hundredths of a percent: `12.3 bps`. */
export function bps(fraction: number): string {
  const text = (fraction * 10_000).toFixed(1)
  return `${text === '-0.0' ? '0.0' : text} bps`
}

export function bpsOf(statistic: Statistic): string {
  return statistic.value === undefined ? 'n/a' : bps(statistic.value)
}

export function ratioOf(statistic: Statistic): string {
  return statistic.value === undefined ? 'n/a' : formatValue(statistic.value, 'ratio')
}

/** Both ends of an interval, or why there is none. */
function interval(
  { lower, upper }: Pick<Estimate, 'lower' | 'upper'>,
  unit: (statistic: Statistic) => string,
): string {
  return lower.value === undefined ? `n/a (${lower.reason})` : `${unit(lower)} to ${unit(upper)}`
}

/** How each instrument's coefficients are put together, in words. */
export function poolingWords({ score, instruments }: SignalStudy): string {
  if (score?.pooling === 'cross-sectional') {
    return `Cross-sectional: at each instant the rank correlation over the ${instruments.length} instruments, then the mean over time.`
  }
  return instruments.length === 1
    ? 'Over time: the rank correlation of scores with the returns after them.'
    : `Over time: the rank correlation of each instrument's scores with the returns after them; over the ${instruments.length} instruments the mean, weighted by observations.`
}

/** Coefficient by horizon; undefined for strategies without a score. */
export function decayTable({ score, timeframeMs }: SignalStudy): Table | undefined {
  if (score === undefined) return undefined
  const rows = score.decay.map(({ horizon, rank, linear, priceOnly, autocorrelation }) => [
    horizonName(horizon, timeframeMs),
    ratioOf(rank.value),
    ratioOf(rank.standardError),
    ratioOf(rank.tStatistic),
    interval(rank, ratioOf),
    ratioOf(linear.value),
    ratioOf(priceOnly.value),
    formatValue(rank.observations, 'count'),
    formatStatisticShort(rank.effective, 'count'),
    ratioOf(autocorrelation),
  ])
  return table(
    'Information coefficient by horizon',
    ['Horizon', 'Rank IC#', 'Error#', 't#', '95 % interval#', 'Pearson#', 'Price only#', 'Observations#', 'Effective#', 'Score with itself#'],
    rows,
  ) // prettier-ignore
}

function formatStatisticShort(statistic: Statistic, unit: 'count' | 'fraction' | 'ratio'): string {
  return statistic.value === undefined ? 'n/a' : formatValue(statistic.value, unit)
}

/** Rank coefficient of each instrument; undefined where there is but one, or no score. */
export function instrumentTable({ score, instruments, timeframeMs }: SignalStudy): Table | undefined {
  if (score === undefined || instruments.length < 2) return undefined
  const rows = score.decay.map(({ horizon, byInstrument }) => [
    horizonName(horizon, timeframeMs),
    ...byInstrument.map(({ rank }) => `${ratioOf(rank.value)} (t ${ratioOf(rank.tStatistic)})`),
  ])
  return table('Rank IC by instrument', ['Horizon', ...instruments.map((id) => `${id}#`)], rows)
}

/** Mean forward return by decile at the focus. */
export function decileTable(study: SignalStudy): Table | undefined {
  const deciles = focusDeciles(study)
  if (deciles === undefined) return undefined
  const rows = deciles.buckets.map(({ bucket, lowestScore, highestScore, mean }) => [
    String(bucket),
    mean.observations === 0 ? 'empty' : lowestScore === highestScore ? formatValue(lowestScore, 'ratio') : `${formatValue(lowestScore, 'ratio')} to ${formatValue(highestScore, 'ratio')}`,
    formatValue(mean.observations, 'count'),
    bpsOf(mean.value),
    bpsOf(mean.standardError),
    mean.observations === 0 ? '' : interval(mean, bpsOf),
  ]) // prettier-ignore
  return table(
    `Forward return by score decile, ${horizonName(study.focus, study.timeframeMs)}`,
    ['Decile', 'Scores', 'Bars#', 'Mean return#', 'Error#', '95 % interval#'],
    rows,
  )
}

export function focusDeciles({ score, focus }: SignalStudy): HorizonDeciles | undefined {
  return score?.deciles.find(({ horizon }) => horizon === focus)
}

/** Highest less lowest decile at every horizon, before and after costs. */
export function spreadTable({ score, timeframeMs }: SignalStudy): Table | undefined {
  if (score === undefined) return undefined
  const rows = score.deciles.map(
    ({ horizon, topMinusBottom, spreadAfterCosts, breakEvenFill, monotonicity }) => [
      horizonName(horizon, timeframeMs),
      bpsOf(topMinusBottom.value),
      ratioOf(topMinusBottom.tStatistic),
      interval(topMinusBottom, bpsOf),
      bpsOf(spreadAfterCosts),
      bpsOf(breakEvenFill),
      ratioOf(monotonicity),
    ],
  )
  return table(
    'Highest less lowest decile',
    ['Horizon', 'Spread#', 't#', '95 % interval#', 'After four fills#', 'Break-even fill#', 'Monotone#'],
    rows,
  )
}

/** How much the score moves, and what following it would cost. */
export function turnoverTable({ score, timeframeMs }: SignalStudy): Table | undefined {
  if (score === undefined) return undefined
  const { turnover, decay } = score
  const share = (statistic: Statistic): string => formatStatistic(statistic, 'fraction')
  const cost = (statistic: Statistic): string =>
    statistic.value === undefined ? formatStatistic(statistic, 'fraction') : bps(statistic.value)
  return table('Turnover and costs', ['Figure', 'Value#'], [
    ...decay.slice(0, 1).map(({ horizon, autocorrelation }) => [`Rank correlation of the score with itself ${horizonName(horizon, timeframeMs)} before`, formatStatistic(autocorrelation, 'ratio')]),
    ['Bars whose decile differs from the bar before', share(turnover.decileChanges)],
    ['New in the highest decile, a bar', share(turnover.topTurnover)],
    ['New in the lowest decile, a bar', share(turnover.bottomTurnover)],
    ['Cost of one fill: taker fee, slippage, half spread', cost(turnover.fillCost)],
    ['Cost a day of holding the highest decile long and the lowest short', cost(turnover.costPerDay)],
    ['What the two made a day before costs', cost(turnover.spreadPerDay)],
    ['Cost of one fill at which nothing would be left', cost(turnover.breakEvenFill)],
  ]) // prettier-ignore
}

export function variantName({ kind, leg }: Pick<VariantStudy, 'kind' | 'leg'>): string {
  return kind === 'alone' ? `${leg} alone` : `without ${leg}`
}

/** The score against each leg alone and each left out, at the focus. */
export function legTable(study: SignalStudy): Table | undefined {
  const { score, focus, timeframeMs } = study
  if (score?.legs === undefined) return undefined
  const whole = score.decay.find(({ horizon }) => horizon === focus)!.rank
  const scored = score.coverage.reduce((sum, one) => sum + one.scored, 0)
  const rows = [
    ['whole score', '', formatValue(scored, 'count'), ratioOf(whole.value), ratioOf(whole.tStatistic), interval(whole, ratioOf), bpsOf(focusDeciles(study)!.topMinusBottom.value), '', '', formatStatisticShort(score.turnover.decileChanges, 'fraction')],
    ...score.legs.variants.map((one) => [
      variantName(one),
      formatValue(one.weightShare, 'fraction'),
      formatValue(one.scored, 'count'),
      ratioOf(one.rank.value),
      ratioOf(one.rank.tStatistic),
      interval(one.rank, ratioOf),
      bpsOf(one.topMinusBottom.value),
      one.gain === undefined ? '' : ratioOf(one.gain.value),
      one.gain === undefined ? '' : ratioOf(one.gain.tStatistic),
      formatStatisticShort(one.turnover.decileChanges, 'fraction'),
    ]),
  ] // prettier-ignore
  return table(
    `Legs, ${horizonName(focus, timeframeMs)}`,
    ['Score', 'Weight#', 'Bars#', 'Rank IC#', 't#', '95 % interval#', 'Spread#', 'Leg adds#', 't of that#', 'Decile changes#'],
    rows,
  ) // prettier-ignore
}

/** Rank correlations between legs. */
export function correlationTable(legs: LegsStudy): Table {
  const names = legs.variants.filter(({ kind }) => kind === 'alone').map(({ leg }) => leg)
  const rows = names.map((name, row) => [name, ...legs.correlations[row]!.map(ratioOf)])
  return table('Rank correlation between legs', ['Leg', ...names.map((name) => `${name}#`)], rows)
}

/** What followed entries, against the same entries at other times. */
export function entryTable(
  { side, entries, meanGap, horizons }: EntriesOfSide,
  { timeframeMs }: Pick<SignalStudy, 'timeframeMs'>,
): Table {
  const gap = derive(meanGap, (bars) => (bars * timeframeMs) / 86_400_000)
  const rows = horizons.map((one) => [
    horizonName(one.horizon, timeframeMs),
    formatValue(one.entries, 'count'),
    bpsOf(one.meanReturn),
    bpsOf(one.anyTime),
    bpsOf(one.excess),
    one.bandLower.value === undefined ? `n/a (${one.bandLower.reason})` : `${bpsOf(one.bandLower)} to ${bpsOf(one.bandUpper)}`,
    ratioOf(one.pValue),
  ]) // prettier-ignore
  const title = `After ${sideName(side)}: ${formatValue(entries, 'count')} entries${gap.value === undefined ? '' : `, ${formatValue(gap.value, 'days')} apart on average`}`
  return table(title, ['Horizon', 'Entries#', 'Mean return#', 'Any time#', 'Excess#', 'Same entries at other times, middle 95 %#', 'p#'], rows) // prettier-ignore
}

export function sideName(side: EntriesOfSide['side']): string {
  return side === 'both' ? 'entries of both sides' : side === 'long' ? 'long entries' : 'short entries'
}

/** On how many bars there was a score, and whether thresholds were within reach. */
export function coverageTable({ study, signals }: SignalSummary): Table | undefined {
  const { score } = study
  if (score === undefined) return undefined
  const range = (lowest: number, highest: number): string =>
    Number.isNaN(lowest) ? 'none' : `${formatValue(lowest, 'ratio')} to ${formatValue(highest, 'ratio')}`
  const rows = score.coverage.map(({ instrument, bars, scored, lowest, highest }) => {
    const one = signals.find((found) => found.instrument === instrument)
    const [above, below] = [one?.entryAbove, one?.entryBelow]
    return [
      instrument,
      formatValue(bars, 'count'),
      formatValue(scored, 'count'),
      bars === 0 ? 'n/a' : formatValue(scored / bars, 'fraction'),
      range(lowest, highest),
      one?.attainable === undefined ? 'n/a' : range(one.attainable.lowest, one.attainable.highest),
      `${above === undefined ? '' : `buy from ${formatValue(above, 'ratio')}`}${below === undefined ? '' : `, sell under ${formatValue(below, 'ratio')}`}`,
    ]
  })
  return table(
    'Coverage',
    ['Instrument', 'Bars#', 'With a score#', 'Share#', 'Scores seen', 'Attainable', 'Thresholds'],
    rows,
  )
}

/** How many figures were looked at, in a sentence or two. */
export function figureWords({ figures }: SignalStudy): string {
  if (figures.figures === 0)
    return 'No figure could be held against chance: the range is too short, or nothing varied.'
  const largest = figures.largest.value === undefined ? '' : ` The largest |t|, on a scale on which 1.96 is the edge of its interval, is ${formatValue(figures.largest.value, 'ratio')}; the largest of ${figures.figures} independent ones passes ${formatValue(figures.neededAlone, 'ratio')} by luck once in twenty studies.` // prettier-ignore
  return `${formatValue(figures.figures, 'count')} figures were held against chance here; ${formatValue(figures.beyond, 'count')} of them ${figures.beyond === 1 ? 'lies' : 'lie'} outside, by what the tables show: a 95 % interval that leaves out 0 or, of entries, a mean return outside the middle 95 %. Luck alone would put about ${figures.expectedByLuck.toFixed(1)} there.${largest} Whoever picks horizon, leg or month after looking picks luck too.`
}
