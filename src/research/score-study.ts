import { DAY_MS } from '../core/time.js'
import { periodStart } from '../metrics/calendar.js'
import type { Estimate } from '../metrics/newey-west.js'
import { combine, derive, known, quotient, unknown, type Statistic } from '../metrics/statistic.js'
import type { ForwardReturns } from './forward-returns.js'
import {
  coefficientGain,
  crossSectionalCoefficient,
  FEWEST_INSTRUMENTS,
  timeSeriesCoefficient,
  type CorrelationForm,
  type InformationCoefficient,
  type ScoreSample,
} from './information-coefficient.js'
import { scoreDeciles, type ScoreDeciles } from './score-deciles.js'
import { rankAutocorrelation, scoreTurnover, type ScoreTurnover } from './score-turnover.js'
import type { Outlook, StudiedInstrument, StudyOptions, VariantName } from './signal-input.js'

/** On how many bars of an instrument the score was known, and within which range it lay. */
export interface ScoreCoverage {
  readonly instrument: string
  readonly bars: number
  readonly scored: number
  /** NaN where it was never known. */
  readonly lowest: number
  readonly highest: number
}

/** The information coefficient at one horizon. */
export interface HorizonCoefficient {
  readonly horizon: number
  /** Spearman's, of total returns: the figure to read first. */
  readonly rank: InformationCoefficient
  /** Pearson's. */
  readonly linear: InformationCoefficient
  /** Spearman's, of prices alone, without funding. */
  readonly priceOnly: InformationCoefficient
  /** None where there is but one. */
  readonly byInstrument: readonly { readonly instrument: string; readonly rank: InformationCoefficient }[]
  /** Rank correlation of the score with itself that many bars before. */
  readonly autocorrelation: Statistic
}

export interface MonthCoefficient {
  /** UTC ms. */
  readonly startTime: number
  readonly all: InformationCoefficient
  readonly byInstrument: readonly { readonly instrument: string; readonly rank: InformationCoefficient }[]
}

/** Deciles at one horizon, and what trading them would leave. */
export interface HorizonDeciles extends ScoreDeciles {
  readonly horizon: number
  /** Top minus bottom less four fills: a unit long and a unit short, each bought and sold within the horizon. */
  readonly spreadAfterCosts: Statistic
  /** Cost of one fill, as a fraction, at which nothing would be left of it. */
  readonly breakEvenFill: Statistic
}

/** Costs of holding the highest decile long and the lowest short, a unit each, for as long as the score stays there. */
export interface TurnoverCosts extends ScoreTurnover {
  /** Of one fill, as a fraction: taker fee, slippage and half spread. */
  readonly fillCost: Statistic
  /** Both sides together, as a fraction of one unit: 2 · fill cost · (top turnover + bottom turnover) · bars a day. */
  readonly costPerDay: Statistic
  /** What the two made a day before costs: the spread of one bar · bars a day. */
  readonly spreadPerDay: Statistic
  /** Cost of one fill at which the two would be equal. */
  readonly breakEvenFill: Statistic
}

/** One variant of the score beside the score itself. */
export interface VariantStudy extends VariantName {
  readonly scored: number
  readonly rank: InformationCoefficient
  readonly topMinusBottom: Estimate
  /** For `without`: how much the whole score's coefficient exceeds this one's on the bars that both know; what the leg adds. */
  readonly gain: Estimate | undefined
  readonly decay: readonly { readonly horizon: number; readonly rank: InformationCoefficient }[]
  readonly turnover: ScoreTurnover
}

export interface LegsStudy {
  readonly variants: readonly VariantStudy[]
  /** Rank correlations between legs over bars that both know, legs in the order of the variants. */
  readonly correlations: readonly (readonly Statistic[])[]
}

export interface ScoreStudy {
  /** How the coefficient is pooled over instruments. */
  readonly pooling: 'time-series' | 'cross-sectional'
  readonly coverage: readonly ScoreCoverage[]
  readonly decay: readonly HorizonCoefficient[]
  readonly months: readonly MonthCoefficient[]
  readonly deciles: readonly HorizonDeciles[]
  readonly turnover: TurnoverCosts
  /** Undefined where the score is not made of legs. */
  readonly legs: LegsStudy | undefined
}

type Part = keyof ForwardReturns

/** Studies a score that at least one instrument has. */
export function scoreStudy(
  instruments: readonly StudiedInstrument[],
  outlook: Outlook,
  options: StudyOptions,
): ScoreStudy {
  const { horizons, focus, timeframeMs, variants } = options
  const pooling = instruments.length >= FEWEST_INSTRUMENTS ? 'cross-sectional' : 'time-series'
  const pooled = pooling === 'cross-sectional' ? crossSectionalCoefficient : timeSeriesCoefficient
  const own = instruments.map(({ score, slots }) => score ?? new Float64Array(slots.length).fill(NaN))
  const samplesOf = (
    scores: readonly Float64Array[],
    horizon: number,
    part: Part = 'total',
  ): ScoreSample[] => {
    const returns = outlook(horizon)
    return instruments.map(({ slots }, at) => ({ slots, scores: scores[at]!, returns: returns[at]![part] }))
  }
  const coefficient = (
    horizon: number,
    form: CorrelationForm,
    part: Part = 'total',
  ): InformationCoefficient => pooled(samplesOf(own, horizon, part), horizon, form)
  const byInstrument = (
    samples: readonly ScoreSample[],
    horizon: number,
  ): HorizonCoefficient['byInstrument'] =>
    (samples.length === 1 ? [] : samples).map((sample, at) => ({
      instrument: instruments[at]!.id,
      rank: timeSeriesCoefficient([sample], horizon, 'rank'),
    }))
  const series = instruments.map(({ slots }, at) => ({ slots, scores: own[at]! }))
  const fillCost = meanFillCost(instruments)
  const decilesOf = (scores: readonly Float64Array[], horizon: number): ScoreDeciles => {
    const samples = samplesOf(scores, horizon)
    return scoreDeciles(
      joined(samples.map((one) => one.scores)),
      joined(samples.map((one) => one.returns)),
      joined(samples.map((one) => one.slots)),
      horizon,
    )
  }

  return {
    pooling,
    coverage: instruments.map(({ id }, at) => coverageOf(id, own[at]!)),
    decay: horizons.map((horizon) => ({
      horizon,
      rank: coefficient(horizon, 'rank'),
      linear: coefficient(horizon, 'linear'),
      priceOnly: coefficient(horizon, 'rank', 'priceOnly'),
      byInstrument: byInstrument(samplesOf(own, horizon), horizon),
      autocorrelation: rankAutocorrelation(series, horizon),
    })),
    months: monthsOf(instruments, options).map((startTime) => {
      const samples = samplesOf(own, focus).map((sample, at) =>
        withinMonth(sample, instruments[at]!, startTime),
      )
      return { startTime, all: pooled(samples, focus, 'rank'), byInstrument: byInstrument(samples, focus) }
    }),
    deciles: horizons.map((horizon) => {
      const deciles = decilesOf(own, horizon)
      const spread = deciles.topMinusBottom.value
      return {
        horizon,
        ...deciles,
        spreadAfterCosts: combine(spread, fillCost, (gross, fill) => gross - 4 * fill),
        breakEvenFill: derive(spread, (gross) => gross / 4),
      }
    }),
    turnover: turnoverCosts(
      scoreTurnover(series),
      decilesOf(own, 1).topMinusBottom.value,
      fillCost,
      DAY_MS / timeframeMs,
    ),
    legs: variants.length === 0 ? undefined : legsStudy(),
  }

  function legsStudy(): LegsStudy {
    const scoresOf = (variant: number): Float64Array[] => instruments.map((one) => one.variants[variant]!)
    return {
      variants: variants.map((variant, index): VariantStudy => {
        const scores = scoresOf(index)
        const decay = horizons.map((horizon) => ({
          horizon,
          rank: pooled(samplesOf(scores, horizon), horizon, 'rank'),
        }))
        return {
          ...variant,
          scored: scores.reduce((sum, one) => sum + knownCount(one), 0),
          rank: decay.find(({ horizon }) => horizon === focus)!.rank,
          topMinusBottom: decilesOf(scores, focus).topMinusBottom,
          gain:
            variant.kind === 'without' && pooling === 'time-series'
              ? coefficientGain(samplesOf(own, focus), samplesOf(scores, focus), focus)
              : undefined,
          decay,
          turnover: scoreTurnover(instruments.map(({ slots }, at) => ({ slots, scores: scores[at]! }))),
        }
      }),
      correlations: legCorrelations(),
    }
  }

  function legCorrelations(): Statistic[][] {
    const legs = variants.flatMap(({ kind }, index) => (kind === 'alone' ? [index] : []))
    return legs.map((first) =>
      legs.map((second) => {
        const samples = instruments.map(({ slots, variants: columns }) => ({
          slots,
          scores: columns[first]!,
          returns: columns[second]!,
        }))
        return timeSeriesCoefficient(samples, 1, 'rank').value
      }),
    )
  }
}

function joined(columns: readonly ArrayLike<number>[]): Float64Array {
  const out = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const column of columns) {
    out.set(column, at)
    at += column.length
  }
  return out
}

function knownCount(values: Float64Array): number {
  return values.reduce((count, value) => count + (value === value ? 1 : 0), 0)
}

function coverageOf(instrument: string, scores: Float64Array): ScoreCoverage {
  const known = scores.filter((score) => score === score)
  const range = (pick: (a: number, b: number) => number): number =>
    known.length === 0 ? NaN : known.reduce((a, b) => pick(a, b))
  return {
    instrument,
    bars: scores.length,
    scored: known.length,
    lowest: range(Math.min),
    highest: range(Math.max),
  }
}

function closeOf({ candles, firstBar }: StudiedInstrument, row: number): number {
  return candles.openTime[firstBar + row]! + candles.timeframeMs
}

/** Beginnings of the UTC months in which decisions fall, in order. A decision belongs to the month of the last instant of its bar. */
function monthsOf(instruments: readonly StudiedInstrument[], { timeframeMs }: StudyOptions): number[] {
  const months = new Set<number>()
  for (const { candles, firstBar, endBar } of instruments) {
    let end = -Infinity
    for (let bar = firstBar; bar < endBar; bar++) {
      const last = candles.openTime[bar]! + timeframeMs - 1
      if (last < end) continue
      months.add(periodStart(last, 'month'))
      end = periodStart(last, 'month', 1)
    }
  }
  return [...months].sort((a, b) => a - b)
}

function withinMonth(sample: ScoreSample, instrument: StudiedInstrument, startTime: number): ScoreSample {
  const end = periodStart(startTime, 'month', 1)
  const scores = Float64Array.from(sample.scores, (score, row) => {
    const last = closeOf(instrument, row) - 1
    return last >= startTime && last < end ? score : NaN
  })
  return { ...sample, scores }
}

function turnoverCosts(
  turnover: ScoreTurnover,
  spreadOfOneBar: Statistic,
  fillCost: Statistic,
  barsPerDay: number,
): TurnoverCosts {
  const both = combine(turnover.topTurnover, turnover.bottomTurnover, (top, bottom) => top + bottom)
  return {
    ...turnover,
    fillCost,
    costPerDay: combine(both, fillCost, (rate, fill) => 2 * fill * rate * barsPerDay),
    spreadPerDay: derive(spreadOfOneBar, (spread) => spread * barsPerDay),
    breakEvenFill: combine(spreadOfOneBar, both, (spread, rate) =>
      quotient(spread, 2 * rate, 'the score never enters these deciles'),
    ),
  }
}

/** Cost of one market order as a fraction, over instruments weighted by their bars. */
function meanFillCost(instruments: readonly StudiedInstrument[]): Statistic {
  const bars = instruments.reduce((sum, { slots }) => sum + slots.length, 0)
  const total = instruments.reduce((sum, { slots, costPerFill }) => sum + slots.length * costPerFill, 0)
  return bars === 0 ? unknown('no bar') : known(total / bars)
}
