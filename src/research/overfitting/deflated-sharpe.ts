import { mean, quantile, sampleDeviation, type Values } from '../../metrics/moments.js'
import {
  minimumTrackRecord,
  probabilisticSharpeOf,
  type SharpeMoments,
  sharpeMoments,
} from '../../metrics/probabilistic-sharpe.js'
import { known, type Statistic, tooFew, unknown } from '../../metrics/statistic.js'
import { expectedMaximum } from './expected-maximum.js'

/** What a series is deflated by. */
export interface Search {
  /** Trials on overlapping data over the whole family of the strategy, repeats removed, those pruned or failed included. */
  readonly trials: number
  /**
   * Variance between the per-day Sharpe ratios of trials that fill the space (random, grid, Sobol): see `sharpeVariance`. Those of a sampler that learns
   * crowd around what looked good and would understate it. Only the floor is used where it is n/a.
   */
  readonly sharpeVariance: Statistic
}

/** How sure one may be that the best of many trials has an edge at all. Sharpe ratios per day. */
export interface DeflatedSharpe {
  /** Probability that the true Sharpe ratio exceeds what the best of so many trials reaches by luck. */
  readonly probability: Statistic
  /** SR0: the Sharpe ratio that the best of so many worthless trials is expected to reach. */
  readonly luckySharpe: number
  /** The variance that SR0 was made with, and whether it is the floor 1/(T − 1). */
  readonly sharpeVariance: number
  readonly isFloored: boolean
  readonly trials: number
  /** Days after which a Sharpe ratio such as this exceeds SR0 with 95 % confidence. */
  readonly minimumTrackRecordDays: Statistic
}

/** Sample variance of some trials' per-day Sharpe ratios. n/a for fewer than two. */
export function sharpeVariance(sharpes: Values): Statistic {
  return tooFew(sharpes.length, 2, 'space-filling trials') ?? known(sampleDeviation(sharpes) ** 2)
}

/** Interquartile range of a normal distribution in deviations. */
const QUARTILES_APART = 1.3489795003921634

/**
 * Variance that the middle half of the Sharpe ratios would have if they were normal, (interquartile range / 1.349)²: what trials scatter by
 * that neither carry an edge nor lose by their costs, as long as those are fewer than a quarter on each side. The sample variance takes
 * real differences between trials for luck, so that it hides an edge which only some of them have. n/a for fewer than eight.
 */
export function middleSharpeVariance(sharpes: Values): Statistic {
  return (
    tooFew(sharpes.length, 8, 'space-filling trials') ??
    known(((quantile(sharpes, 0.75) - quantile(sharpes, 0.25)) / QUARTILES_APART) ** 2)
  )
}

/**
 * The probabilistic Sharpe ratio against SR0 = √V · expectedMaximum(N) (Bailey & López de Prado 2014, equations 1 and 2), V never below
 * 1/(T − 1), the variance of the estimate of a Sharpe ratio of 0: trials that resemble each other, as those of a sampler
 * that learns do, would bring V, and with it the bar, towards 0.
 */
export function deflatedSharpeOf(
  moments: SharpeMoments,
  observations: number,
  search: Search,
): DeflatedSharpe {
  const floor = 1 / (observations - 1)
  const measured = search.sharpeVariance.value ?? 0
  const isFloored = !(measured > floor)
  const variance = isFloored ? floor : measured
  const luckySharpe = Math.sqrt(variance) * expectedMaximum(search.trials)
  return {
    probability: probabilisticSharpeOf(moments, observations, luckySharpe),
    luckySharpe,
    sharpeVariance: variance,
    isFloored,
    trials: search.trials,
    minimumTrackRecordDays: minimumTrackRecord(moments, { benchmarkSharpe: luckySharpe }),
  }
}

/** The same of the daily returns of the best trial, net, flat days included; or why there is none. O(days). */
export function deflatedSharpe(
  returns: Values,
  search: Search,
): DeflatedSharpe | { readonly reason: string } {
  const moments = sharpeMoments(returns)
  return 'reason' in moments ? moments : deflatedSharpeOf(moments, returns.length, search)
}

/**
 * Minimum backtest length in years, (expectedMaximum(N) / SR)² (Bailey, Borwein, López de Prado & Zhu 2014, theorem 1): over any shorter
 * time the best of N worthless trials is expected to show a yearly Sharpe ratio of SR or more.
 */
export function minimumBacktestYears(trials: number, yearlySharpe: number = 1): Statistic {
  return yearlySharpe > 0
    ? known((expectedMaximum(trials) / yearlySharpe) ** 2)
    : unknown('the Sharpe ratio is not above 0')
}

/** Per-day Sharpe ratio; undefined where the returns have no deviation or there are fewer than two. O(days). */
export function dailySharpe(returns: Values): number | undefined {
  if (returns.length < 2) return undefined
  const deviation = sampleDeviation(returns)
  return deviation === 0 ? undefined : mean(returns) / deviation
}
