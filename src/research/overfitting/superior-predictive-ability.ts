import { DataError } from '../../core/errors.js'
import type { RandomGenerator } from '../../market/random.js'
import { mean, sampleDeviation } from '../../metrics/moments.js'
import { known, type Statistic, tooFew, unknown } from '../../metrics/statistic.js'
import { bootstrapVariance, drawStretches, type Stretches } from './stationary-bootstrap.js'
import { LANES, type StretchSums, stretchSums } from './stretch-sums.js'
import { inOneGo, type Steps } from '../steps.js'
import { commonDays, sameDays, type TrialReturns } from './trial-returns.js'

export interface SpaOptions {
  readonly random: RandomGenerator
  /** Days: see `commonBlockLength`. */
  readonly meanBlockDays: number
  /** Default 1,000. */
  readonly resamples?: number
  /** Whether a trial could have been chosen; default: each could. The others count among what was tried and not for what was found: the test is stricter for them. */
  readonly isChoosable?: (trial: number) => boolean
}

/** Whether the best of many trials beats its benchmark by more than the best of as many worthless ones would. */
export interface SpaResult {
  /** Consistent p-value: trials that are clearly worse than their benchmark do not soften the test. The one to use. */
  readonly pValue: Statistic
  /** Bounds: the liberal one counts every losing trial out, the conservative one takes each for as good as its benchmark. */
  readonly lowerPValue: Statistic
  readonly upperPValue: Statistic
  /** White's reality check on the same resamples, for comparison: not studentised, so that the wildest trial rules the test. */
  readonly realityCheck: Statistic
  /** Largest √n · mean / deviation of a trial that could have been chosen, never below 0. */
  readonly statistic: number
  /** Index of that trial; undefined where no trial moved against its benchmark. */
  readonly best: number | undefined
  readonly trials: number
  /** Trials that never differed from their benchmark in a way that has a deviation: they are not in the test. */
  readonly flat: number
  readonly days: number
  readonly meanBlockDays: number
  readonly resamples: number
}

const DEFAULT_RESAMPLES = 1000

/**
 * Test for superior predictive ability (Hansen 2005), studentised by the bootstrap's own variance, and the reality check (White 2000) on the same
 * stationary bootstrap. `advantages.at(k)[t]` is what trial k made on day t above its benchmark; remove repeats before (`distinctTrials`).
 * H₀: no trial's expectation is above 0. A trial whose t is below −√(2 log log n) keeps its mean in the resamples (g_c of Hansen 2005, p. 372).
 * p = (1 + #{T* ≥ T}) / (1 + B): never 0, as B resamples cannot say so.
 *
 * A resample's sum over a stretch of days is a difference of two prefix sums, so that it costs two look-ups a block: O(trials · B · days /
 * meanBlock) time; memory is that of the resamples' stretches, 16 · B · days / meanBlock bytes.
 */
export function superiorPredictiveAbility(advantages: TrialReturns, options: SpaOptions): SpaResult {
  return inOneGo(superiorPredictiveAbilityInSteps(advantages, options))
}

/** The same, a trial a step. */
export function* superiorPredictiveAbilityInSteps(
  advantages: TrialReturns,
  options: SpaOptions,
): Steps<SpaResult> {
  const { random, meanBlockDays, resamples = DEFAULT_RESAMPLES, isChoosable = () => true } = options
  const days = advantages.at(0)?.length ?? 0
  const trials = advantages.length
  const empty = { statistic: 0, best: undefined, trials, days, meanBlockDays, resamples }
  const none = (reason: Statistic, flat: number): SpaResult => ({
    ...empty,
    flat,
    pValue: reason,
    lowerPValue: reason,
    upperPValue: reason,
    realityCheck: reason,
  })
  const short = tooFew(trials, 1, 'trials') ?? tooFew(days, 20, 'days')
  if (short !== undefined) {
    commonDays(advantages)
    return none(short, 0)
  }
  if (!(resamples >= 1))
    throw new DataError('there must be a resample', { field: 'resamples', value: resamples })

  const contest = new Contest(days, meanBlockDays, drawAll(random, days, meanBlockDays, resamples))
  let entering = 0
  for (const advantage of sameDays(advantages)) {
    contest.enter(advantage, entering, isChoosable(entering++))
    yield
  }
  const moving = contest.finish()
  if (moving === 0) return none(unknown('no trial moved against its benchmark'), trials)
  const { best, statistic } = contest
  return {
    ...empty,
    statistic,
    best,
    flat: trials - moving,
    pValue: shareAtLeast(contest.consistent, statistic),
    lowerPValue: shareAtLeast(contest.lower, statistic),
    upperPValue: shareAtLeast(contest.upper, statistic),
    realityCheck: shareAtLeast(contest.plain, contest.plainStatistic),
  }
}

function drawAll(
  random: RandomGenerator,
  days: number,
  meanBlock: number,
  count: number,
): readonly Stretches[] {
  return Array.from({ length: count }, () => drawStretches(random, days, meanBlock))
}

function shareAtLeast(maxima: Float64Array, observed: number): Statistic {
  let count = 1
  for (const value of maxima) if (value >= observed) count++
  return known(count / (maxima.length + 1))
}

/** Trials are entered one by one and resampled by the eight; of each resample only the largest figures are kept. */
class Contest {
  statistic = 0
  plainStatistic = -Infinity
  best: number | undefined
  readonly consistent: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly plain: Float64Array
  readonly #days: number
  readonly #meanBlock: number
  /** A trial counts as clearly worse below this t. */
  readonly #worse: number
  /** Of the centred series of eight trials. */
  readonly #resamples: StretchSums
  readonly #centred: Float64Array
  readonly #deviation: Float64Array = new Float64Array(LANES)
  readonly #t: Float64Array = new Float64Array(LANES)
  #lanes = 0
  #moving = 0
  #bestT = -Infinity

  constructor(days: number, meanBlock: number, stretches: readonly Stretches[]) {
    this.#days = days
    this.#meanBlock = meanBlock
    this.#worse = -Math.sqrt(2 * Math.log(Math.log(days)))
    this.#resamples = stretchSums(days, stretches)
    this.#centred = new Float64Array(days)
    const count = stretches.length
    this.consistent = new Float64Array(count)
    this.lower = new Float64Array(count)
    this.upper = new Float64Array(count)
    this.plain = new Float64Array(count).fill(-Infinity)
  }

  enter(advantage: Float64Array, trial: number, isChoosable: boolean): void {
    const days = this.#days
    if (sampleDeviation(advantage) === 0) return
    const average = mean(advantage)
    for (let day = 0; day < days; day++) this.#centred[day] = (advantage[day] as number) - average
    const variance = bootstrapVariance(this.#centred, this.#meanBlock)
    // A series that swings back every day can have none.
    if (!(variance > 0)) return
    const deviation = Math.sqrt(variance)
    const t = (Math.sqrt(days) * average) / deviation
    if (isChoosable) {
      if (t > this.#bestT) {
        this.#bestT = t
        this.best = trial
      }
      this.statistic = Math.max(this.statistic, t)
      this.plainStatistic = Math.max(this.plainStatistic, t * deviation)
    }
    const lane = this.#lanes++
    this.#t[lane] = t
    this.#deviation[lane] = deviation
    const { prefix } = this.#resamples
    let total = 0
    for (let day = 0; day < days; day++) {
      prefix[day * LANES + lane] = total
      total += this.#centred[day] as number
    }
    prefix[days * LANES + lane] = total
    this.#moving++
    if (this.#lanes === LANES) this.#resample()
  }

  /** Resamples the trials that are left; answers how many took part. */
  finish(): number {
    if (this.#lanes > 0) this.#resample()
    return this.#moving
  }

  #resample(): void {
    const lanes = this.#lanes
    const root = Math.sqrt(this.#days)
    const { sums } = this.#resamples
    this.#resamples.add()
    for (let at = 0; at < this.plain.length; at++) {
      for (let lane = 0; lane < lanes; lane++) {
        const plain = (sums[at * LANES + lane] as number) / root
        const t = this.#t[lane] as number
        const centred = plain / (this.#deviation[lane] as number)
        const consistent = t < this.#worse ? centred + t : centred
        const lower = t < 0 ? centred + t : centred
        if (plain > (this.plain[at] as number)) this.plain[at] = plain
        if (centred > (this.upper[at] as number)) this.upper[at] = centred
        if (consistent > (this.consistent[at] as number)) this.consistent[at] = consistent
        if (lower > (this.lower[at] as number)) this.lower[at] = lower
      }
    }
    this.#lanes = 0
  }
}
