import { DataError } from '../../core/errors.js'
import type { RandomGenerator } from '../../market/random.js'
import { type Statistic, unknown } from '../../metrics/statistic.js'
import { type BacktestOverfitting, backtestOverfitting } from './backtest-overfitting.js'
import { commonBlockLength } from './block-length.js'
import {
  dailySharpe,
  type DeflatedSharpe,
  deflatedSharpe,
  middleSharpeVariance,
  minimumBacktestYears,
  sharpeVariance,
} from './deflated-sharpe.js'
import { type EffectiveTrials, effectiveTrials } from './effective-trials.js'
import { type SpaResult, superiorPredictiveAbility } from './superior-predictive-ability.js'
import { commonDays, distinctHashes, type DistinctTrials, returnHash, sampleByHash, type Sequence, sequence } from './trial-returns.js' // prettier-ignore

/** A trial of a sweep that ran to its end. Pruned, failed and unfinished ones have no place here; they count in `ledgerTrials`. */
export interface AssessedTrial {
  /** Net, of whole UTC days, flat days included; the same days for all trials. */
  readonly returns: Float64Array
  /** Mean net exposure, a fraction of equity, negative where short: what holding must be scaled by to be compared. */
  readonly exposure: number
  /** Chosen without regard to results. */
  readonly isSpaceFilling: boolean
  /** It may be chosen: it has a score and breaks no condition. Default: true. */
  readonly isChoosable?: boolean
  /** `returnHash` of the returns, where it is known already. */
  readonly hash?: string
}

export interface Assessment {
  readonly deflatedSharpe: DeflatedSharpe | { readonly reason: string }
  readonly overfitting: BacktestOverfitting
  readonly spa: SpaResult
  readonly effectiveTrials: EffectiveTrials
  /** Years below which the best of as many worthless trials is expected to show a yearly Sharpe ratio of 1. */
  readonly minimumBacktestYears: Statistic
  readonly days: number
  /** Trials with returns of their own, and repeats of them. */
  readonly distinct: number
  readonly repeats: number
}

/** Series that the common block length is the median of. */
const BLOCK_LENGTH_SAMPLE = 256

/** Daily returns above holding at the trial's own exposure. */
export function advantageOver(hold: Float64Array, { returns, exposure }: AssessedTrial): Float64Array {
  return returns.map((value, day) => value - exposure * (hold[day] as number))
}

export interface AssessTrialsOptions {
  readonly trials: Sequence<AssessedTrial>
  /** Daily returns of holding the same instruments, of the same days. */
  readonly hold: Float64Array
  /** Index of the chosen trial. */
  readonly best: number
  /**
   * Trials on overlapping data over the strategy's family, without repeats, as the ledger counts them, pruned and failed ones included; never fewer
   * than there are distinct ones here.
   */
  readonly ledgerTrials: number
  readonly meanHoldingDays: number
  /** Risk-free rate of a day, a fraction, that Sharpe ratios are measured above. Default 0. */
  readonly ratePerDay?: number
  readonly random: RandomGenerator
  /**
   * Variance that the Sharpe ratio is deflated by, never below 1/(T − 1): that of the space-filling trials' middle half (`middle`, the default), of all
   * of them (`sample`), or 1/(T − 1) alone (`floor`). docs/overfitting.md has what each gets wrong.
   */
  readonly deflateBy?: 'sample' | 'middle' | 'floor'
  /** Default 1,000. */
  readonly resamples?: number
}

/** All that daily returns say of whether the best trial is luck. Throws DataError where a count or a length contradicts the others. */
export function assessTrials(options: AssessTrialsOptions): Assessment {
  const { trials, hold, best, ledgerTrials } = options
  const all = sequence(trials.length, (trial) => trialAt(trials, trial).returns)
  const days = commonDays(all)
  const chosen = trials.at(best)
  if (chosen === undefined)
    throw new DataError('the best trial is not among the trials', { field: 'best', value: best })
  if (hold.length !== days)
    throw new DataError(`holding needs the days of the trials, ${days}`, {
      field: 'hold',
      value: hold.length,
    })
  const hashOf = (index: number): string => {
    // Returns are only read where they are asked for.
    const trial = trialAt(trials, index)
    return trial.hash ?? returnHash(trial.returns)
  }
  const distinct = distinctHashes(sequence(trials.length, hashOf))
  const choosable = choosableTrials(trials)
  const { indices } = distinct
  const excess = (index: number): Float64Array => above(trialAt(trials, index).returns, options.ratePerDay)
  if (!(ledgerTrials >= indices.length))
    throw new DataError(`the ledger counts fewer trials than the ${indices.length} that are here`, { field: 'ledgerTrials', value: ledgerTrials }) // prettier-ignore
  const sharpes: number[] = []
  for (const index of indices) {
    const ratio = trialAt(trials, index).isSpaceFilling ? dailySharpe(excess(index)) : undefined
    if (ratio !== undefined) sharpes.push(ratio)
  }
  return {
    deflatedSharpe: deflatedSharpe(excess(best), {
      trials: ledgerTrials,
      sharpeVariance: varianceBy(sharpes, options.deflateBy ?? 'middle'),
    }),
    overfitting: overfittingOf(choosable, hashOf, excess),
    spa: testAdvantages(options, distinct, new Set(choosable.map(hashOf))),
    effectiveTrials: effectiveTrials(sequence(indices.length, (at) => trialAt(trials, indices[at] as number).returns)), // prettier-ignore
    minimumBacktestYears: minimumBacktestYears(ledgerTrials),
    days,
    distinct: indices.length,
    repeats: distinct.repeats,
  }
}

/** Of trials with equal returns any may be the one that was chosen. */
function choosableTrials(trials: Sequence<AssessedTrial>): readonly number[] {
  const indices = Array.from({ length: trials.length }, (_, index) => index)
  return indices.filter((index) => trialAt(trials, index).isChoosable !== false)
}

/** Cross-validation repeats the choice, so that only what could have been chosen takes part. */
function overfittingOf(
  choosable: readonly number[],
  hashOf: (index: number) => string,
  excess: (index: number) => Float64Array,
): BacktestOverfitting {
  const of = <T>(make: (index: number) => T): Sequence<T> => sequence(choosable.length, (at) => make(choosable[at] as number)) // prettier-ignore
  return backtestOverfitting(of(excess), { distinct: distinctHashes(of(hashOf)) })
}

function above(returns: Float64Array, ratePerDay: number = 0): Float64Array {
  return ratePerDay === 0 ? returns : returns.map((value) => value - ratePerDay)
}

function trialAt(trials: Sequence<AssessedTrial>, index: number): AssessedTrial {
  return trials.at(index) as AssessedTrial
}

function varianceBy(sharpes: readonly number[], by: 'sample' | 'middle' | 'floor'): Statistic {
  switch (by) {
    case 'sample':
      return sharpeVariance(sharpes)
    case 'middle':
      return middleSharpeVariance(sharpes)
    case 'floor':
      return unknown('only the floor was asked for')
  }
}

/** SPA over the distinct trials; `best` is an index into all of them. Fewer than 20 days have no block length, and no test either. */
function testAdvantages(
  { trials, hold, meanHoldingDays, random, resamples = 1000 }: AssessTrialsOptions,
  distinct: DistinctTrials,
  choosable: ReadonlySet<string>,
): SpaResult {
  const { indices, hashes } = distinct
  const advantageOf = (trial: number): Float64Array => advantageOver(hold, trialAt(trials, trial))
  const meanBlockDays =
    hold.length < 20
      ? 1
      : commonBlockLength(sampleByHash(distinct, BLOCK_LENGTH_SAMPLE).map(advantageOf), { meanHoldingDays })
  const advantages = sequence(indices.length, (at) => advantageOf(indices[at] as number))
  const isChoosable = (at: number): boolean => choosable.has(hashes[at] as string)
  const result = superiorPredictiveAbility(advantages, { random, meanBlockDays, resamples, isChoosable })
  return { ...result, best: result.best === undefined ? undefined : distinct.indices[result.best] }
}
