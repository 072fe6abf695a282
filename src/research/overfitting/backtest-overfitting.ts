import { DataError } from '../../core/errors.js'
import { quantile } from '../../metrics/moments.js'
import { known, type Statistic, tooFew } from '../../metrics/statistic.js'
import { judgeSplits, tabulateBlocks } from './combinatorial-splits.js'
import { dailySharpe, sharpeVariance } from './deflated-sharpe.js'
import { inOneGo, type Steps } from '../steps.js'
import {
  type DistinctTrials,
  distinctTrials,
  sameDays,
  sampleByHash,
  sequence,
  type TrialReturns,
} from './trial-returns.js'

/** Rules of the test; every one has a default. */
export interface OverfittingOptions {
  /** Blocks that the days are cut into: even, from 2 to 16. Default 16, which gives 12,870 splits. */
  readonly blocks?: number
  /** Fewest days of a block. Default 30. */
  readonly fewestBlockDays?: number
  /** Fewest distinct trials. Default 50. */
  readonly fewestTrials?: number
  /** Trials beyond these are sampled by hash, the best one always among them. Default 4,096. */
  readonly mostTrials?: number
  /** Of the trials, where they were told apart already. Default: by their returns. */
  readonly distinct?: DistinctTrials
}

/** How often the choice of the best trial fails on days that it was not chosen by. */
export interface BacktestOverfitting {
  /** PBO: share of splits whose in-sample best ranks in the lower half out of sample. ½ where nothing can be told from luck. */
  readonly probability: Statistic
  /** Share of splits whose in-sample best has an out-of-sample Sharpe ratio of 0 or less. */
  readonly probabilityOfLoss: Statistic
  /** Median of ω, the relative rank out of sample of the in-sample best: 0 worst, 1 best. */
  readonly medianRank: Statistic
  /** ω of every split, in the order of `halves`; empty where there is no answer. */
  readonly ranks: Float64Array
  /** Variance between the trials' per-day Sharpe ratios over all days. */
  readonly sharpeVariance: Statistic
  /** The trials' Sharpe ratios do not differ by more than estimates of one and the same would: variance ≤ 1/(T − 1). */
  readonly isPlateau: boolean
  readonly splits: number
  /** Trials that took part, and those left out since they repeat others. */
  readonly trials: number
  readonly repeats: number
  readonly days: number
}

const DEFAULTS = {
  blocks: 16,
  fewestBlockDays: 30,
  fewestTrials: 50,
  mostTrials: 4096,
}

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu 2017, section 4): the days are
 * cut into S blocks; for each choice of S/2 of them the trial with the best Sharpe ratio there is ranked by its Sharpe ratio on
 * the others, ω = rank / (N + 1) with mid-ranks for ties; PBO is the share of splits with ln(ω / (1 − ω)) ≤ 0. Where several
 * trials are best in sample, each counts for its part of the split. Blocks differ by a day where S does not divide the days.
 *
 * A trial that stands still in a half of the days has no Sharpe ratio there. It ranks between those that gained and those that lost,
 * and as a loss if it was chosen.
 *
 * Sums and sums of squares of each half come from tables of half-sets of blocks, so that a split costs O(trials):
 * O(trials · (days + splits)) time, 2^(S/2 + 5) · trials bytes (34 MB for 4,097 trials).
 */
export function backtestOverfitting(trials: TrialReturns, options?: OverfittingOptions): BacktestOverfitting {
  return inOneGo(backtestOverfittingInSteps(trials, options))
}

/** The same, in steps of a trial or of two splits. */
export function* backtestOverfittingInSteps(
  trials: TrialReturns,
  options: OverfittingOptions = {},
): Steps<BacktestOverfitting> {
  const { blocks, fewestBlockDays, fewestTrials, mostTrials } = { ...DEFAULTS, ...options }
  if (!(Number.isInteger(blocks) && blocks % 2 === 0 && blocks >= 2 && blocks <= 16))
    throw new DataError('the number of blocks is even, from 2 to 16', { field: 'blocks', value: blocks })
  const days = trials.at(0)?.length ?? 0
  const sharpes: (number | undefined)[] = []
  for (const returns of sameDays(trials)) {
    sharpes.push(dailySharpe(returns))
    yield
  }
  const distinct = options.distinct ?? distinctTrials(trials)
  const chosen = sampleByHash(distinct, mostTrials, bestOf(sharpes))
  const variance = sharpeVariance(
    chosen.map((trial) => sharpes[trial]).filter((value) => value !== undefined),
  )
  const about = {
    sharpeVariance: variance,
    isPlateau: variance.value !== undefined && variance.value <= 1 / (days - 1),
    trials: chosen.length,
    repeats: distinct.repeats,
    days,
  }
  const short =
    tooFew(distinct.indices.length, Math.max(2, fewestTrials), 'distinct trials') ??
    tooFew(days, blocks * fewestBlockDays, 'days')
  if (short !== undefined) {
    const ranks = new Float64Array(0)
    return { ...about, probability: short, probabilityOfLoss: short, medianRank: short, ranks, splits: 0 }
  }
  const taking = sequence(chosen.length, (at) => trials.at(chosen[at] as number) as Float64Array)
  const tables = yield* tabulateBlocks(taking, days, blocks)
  const { overfit, lost, ranks } = yield* judgeSplits(tables)
  return {
    ...about,
    probability: known(overfit / ranks.length),
    probabilityOfLoss: known(lost / ranks.length),
    medianRank: known(quantile(ranks, 0.5)),
    ranks,
    splits: ranks.length,
  }
}

/** Index of the largest, the first where several are; undefined where there is none. */
function bestOf(values: readonly (number | undefined)[]): number | undefined {
  let best: number | undefined
  values.forEach((value, at) => {
    if (value !== undefined && (best === undefined || value > (values[best] as number))) best = at
  })
  return best
}
