import type { RandomGenerator } from '../../market/random.js'
import { drawdownSeries, maxDrawdown } from '../../metrics/drawdown.js'
import { quantile } from '../../metrics/moments.js'
import { sharpe } from '../../metrics/ratios.js'
import { equityCurve, totalReturn } from '../../metrics/returns.js'
import { known, type Statistic, tooFew, unknown } from '../../metrics/statistic.js'
import { drawStretches, resampleInto } from './stationary-bootstrap.js'

/** 5 %, median and 95 % of a figure over resamples. */
export interface Band {
  readonly low: Statistic
  readonly median: Statistic
  readonly high: Statistic
}

/** How else the same kind of days could have come. */
export interface BootstrapBands {
  readonly totalReturn: Band
  /** A positive fraction, on the closes of days. */
  readonly maxDrawdown: Band
  /** Annualised. */
  readonly sharpe: Band
  readonly resamples: number
  readonly meanBlockDays: number
}

export interface BandOptions {
  readonly random: RandomGenerator
  readonly meanBlockDays: number
  /** Default 1,000. */
  readonly resamples?: number
}

/** Quantiles of 5, 50 and 95 % of some figures. n/a where one of them is n/a, for the first such reason. */
export function bandOf(figures: readonly Statistic[]): Band {
  const values: number[] = []
  for (const figure of figures) {
    if (figure.value === undefined) {
      const none = unknown(`a resample has none: ${figure.reason}`)
      return { low: none, median: none, high: none }
    }
    values.push(figure.value)
  }
  const [low, median, high] = [0.05, 0.5, 0.95].map((level) => known(quantile(values, level)))
  return { low, median, high } as Band
}

/**
 * Bands of the total return, the largest drawdown and the Sharpe ratio of one run, from the stationary bootstrap of its net daily returns
 * (Politis & Romano 1994): blocks of days keep what follows what. It says how far the figures scatter if the future is like the past; it cannot know what
 * the past did not show, and a run chosen as the best of many keeps its luck in every resample. O(resamples · days).
 */
export function bootstrapBands(returns: Float64Array, options: BandOptions): BootstrapBands {
  const { random, meanBlockDays, resamples = 1000 } = options
  const about = { resamples, meanBlockDays }
  const short =
    tooFew(returns.length, 20, 'days') ??
    (returns.some((value) => !(value > -1)) ? unknown('equity fell to zero or below') : undefined)
  if (short !== undefined) {
    const none = bandOf([short])
    return { ...about, totalReturn: none, maxDrawdown: none, sharpe: none }
  }
  const figures: Record<'totalReturn' | 'maxDrawdown' | 'sharpe', Statistic[]> = {
    totalReturn: [],
    maxDrawdown: [],
    sharpe: [],
  }
  const sample = new Float64Array(returns.length)
  for (let draw = 0; draw < resamples; draw++) {
    resampleInto(returns, drawStretches(random, returns.length, meanBlockDays), sample)
    figures.totalReturn.push(totalReturn(sample))
    figures.maxDrawdown.push(maxDrawdown(drawdownSeries(equityCurve(sample), 1)))
    figures.sharpe.push(sharpe(sample))
  }
  return {
    ...about,
    totalReturn: bandOf(figures.totalReturn),
    maxDrawdown: bandOf(figures.maxDrawdown),
    sharpe: bandOf(figures.sharpe),
  }
}
