import { DataError } from '../../core/errors.js'
import type { RandomGenerator } from '../../market/random.js'
import { type Statistic, unknown } from '../../metrics/statistic.js'
import { inOneGo, type Steps } from '../steps.js'
import { type BacktestOverfitting, backtestOverfittingInSteps } from './backtest-overfitting.js'
import { commonBlockLength } from './block-length.js'
import {
  dailySharpe,
  type DeflatedSharpe,
  deflatedSharpe,
  middleSharpeVariance,
  minimumBacktestYears,
  sharpeVariance,
} from './deflated-sharpe.js'
import { type EffectiveTrials, effectiveTrialsInSteps } from './effective-trials.js'
import { type SpaResult, superiorPredictiveAbilityInSteps } from './superior-predictive-ability.js'
import { distinctHashes, type DistinctTrials, returnHash, sameDays, sampleByHash, type Sequence, sequence } from './trial-returns.js' // prettier-ignore

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
  const advantage = new Float64Array(returns.length)
  for (let day = 0; day < returns.length; day++)
    advantage[day] = (returns[day] as number) - exposure * (hold[day] as number)
  return advantage
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
  return inOneGo(assessTrialsInSteps(options))
}

/** The same, in steps of a trial or of two splits. */
export function* assessTrialsInSteps(options: AssessTrialsOptions): Steps<Assessment> {
  const { trials, hold, best, ledgerTrials, ratePerDay } = options
  const { days, hashes, choosable, sharpes } = yield* lookAtEach(trials, ratePerDay)
  const chosen = trials.at(best)
  if (chosen === undefined)
    throw new DataError('the best trial is not among the trials', { field: 'best', value: best })
  if (hold.length !== days)
    throw new DataError(`holding needs the days of the trials, ${days}`, {
      field: 'hold',
      value: hold.length,
    })
  const distinct = distinctHashes(hashes)
  const { indices } = distinct
  if (!(ledgerTrials >= indices.length))
    throw new DataError(`the ledger counts fewer trials than the ${indices.length} that are here`, { field: 'ledgerTrials', value: ledgerTrials }) // prettier-ignore
  const among = choosable.map((index) => hashes[index] as string)
  return {
    deflatedSharpe: deflatedSharpe(above(chosen.returns, ratePerDay), {
      trials: ledgerTrials,
      sharpeVariance: varianceBy(sharpes, options.deflateBy ?? 'middle'),
    }),
    // Cross-validation repeats the choice, so that only what could have been chosen takes part.
    overfitting: yield* backtestOverfittingInSteps(
      sequence(choosable.length, (at) => above(trialAt(trials, choosable[at] as number).returns, ratePerDay)),
      { distinct: distinctHashes(among) },
    ),
    spa: yield* testAdvantages(options, distinct, new Set(among)),
    effectiveTrials: yield* effectiveTrialsInSteps(sequence(indices.length, (at) => trialAt(trials, indices[at] as number).returns)), // prettier-ignore
    minimumBacktestYears: minimumBacktestYears(ledgerTrials),
    days,
    distinct: indices.length,
    repeats: distinct.repeats,
  }
}

interface Looks {
  readonly days: number
  /** Of every trial. */
  readonly hashes: readonly string[]
  /** Trials that may be chosen: of those with equal returns any may be the one that was. */
  readonly choosable: readonly number[]
  /** Of the space-filling trials that have one, repeats counted out. */
  readonly sharpes: readonly number[]
}

/** What one look at each trial tells: a trial a step. */
function* lookAtEach(trials: Sequence<AssessedTrial>, ratePerDay?: number): Steps<Looks> {
  const hashes: string[] = []
  const choosable: number[] = []
  const sharpes: number[] = []
  const seen = new Set<string>()
  let days = 0
  for (const returns of sameDays(sequence(trials.length, (trial) => trialAt(trials, trial).returns))) {
    const trial = hashes.length
    const { hash = returnHash(returns), isSpaceFilling, isChoosable = true } = trialAt(trials, trial)
    const ratio = isSpaceFilling && !seen.has(hash) ? dailySharpe(above(returns, ratePerDay)) : undefined
    if (ratio !== undefined) sharpes.push(ratio)
    if (isChoosable) choosable.push(trial)
    hashes.push(hash)
    seen.add(hash)
    days = returns.length
    yield
  }
  return { days, hashes, choosable, sharpes }
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
function* testAdvantages(
  { trials, hold, meanHoldingDays, random, resamples = 1000 }: AssessTrialsOptions,
  distinct: DistinctTrials,
  choosable: ReadonlySet<string>,
): Steps<SpaResult> {
  const { indices, hashes } = distinct
  const advantageOf = (trial: number): Float64Array => advantageOver(hold, trialAt(trials, trial))
  const meanBlockDays =
    hold.length < 20
      ? 1
      : commonBlockLength(sampleByHash(distinct, BLOCK_LENGTH_SAMPLE).map(advantageOf), { meanHoldingDays })
  const advantages = sequence(indices.length, (at) => advantageOf(indices[at] as number))
  const isChoosable = (at: number): boolean => choosable.has(hashes[at] as string)
  const result = yield* superiorPredictiveAbilityInSteps(advantages, {
    random,
    meanBlockDays,
    resamples,
    isChoosable,
  })
  return { ...result, best: result.best === undefined ? undefined : distinct.indices[result.best] }
}
