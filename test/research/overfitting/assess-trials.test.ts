import { describe, expect, it } from 'vitest'
import { type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { DEFAULT_VERDICT_LIMITS } from '../../../src/research/overfitting/verdict-limits.js'
import {
  advantageOver,
  type AssessedTrial,
  assessTrials,
} from '../../../src/research/overfitting/assess-trials.js'
import {
  dailySharpe,
  deflatedSharpe,
  middleSharpeVariance,
  sharpeVariance,
} from '../../../src/research/overfitting/deflated-sharpe.js'
import { returnHash } from '../../../src/research/overfitting/trial-returns.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { noiseTrials, withSharpe } from '../noise.js'

const DAYS = 480
const [hold] = noiseTrials(99, 1, DAYS).map((noise) => withSharpe(noise, 2)) as [Float64Array]

/** Trials that hold a part of the market, and add noise of their own. */
const sweep = (seed: number, count: number): AssessedTrial[] =>
  noiseTrials(seed, count, DAYS).map((noise, trial) => {
    const exposure = trial % 2 === 0 ? 0.5 : -0.2
    return { returns: noise.map((value, day) => value + exposure * hold[day]!), exposure, isSpaceFilling: trial % 3 > 0 }
  }) // prettier-ignore

const assess = (trials: readonly AssessedTrial[], given: object = {}) =>
  assessTrials({
    trials,
    hold,
    best: 0,
    ledgerTrials: 500,
    meanHoldingDays: 3,
    random: seededRandom(1),
    resamples: 99,
    ...given,
  })

describe('assessment of a sweep', () => {
  const trials = sweep(1, 60)

  it('compares each trial with holding at its own exposure: what the market gave is no skill', () => {
    const [own] = noiseTrials(1, 1, DAYS) as [Float64Array]
    advantageOver(hold, trials[0]!).forEach((value, day) => expect(value).toBeCloseTo(own[day]!, 14))
    const riders = sweep(2, 60).map((trial) => ({ ...trial, returns: trial.returns.map((value, day) => value + 0.5 * hold[day]!), exposure: trial.exposure + 0.5 }))
    expect(assess(riders).spa.pValue.value).toBeGreaterThan(DEFAULT_VERDICT_LIMITS.spaPValue)
  }) // prettier-ignore

  it('deflates by the raw count of the ledger and the middle half of the space-filling trials alone', () => {
    const filling = trials
      .filter(({ isSpaceFilling }) => isSpaceFilling)
      .map(({ returns }) => dailySharpe(returns)!)
    expect(assess(trials).deflatedSharpe).toEqual(
      deflatedSharpe(trials[0]!.returns, { trials: 500, sharpeVariance: middleSharpeVariance(filling) }),
    )
  })

  it('measures Sharpe ratios above the risk-free rate that it is given', () => {
    const ratePerDay = 0.0003
    const above = trials.map((trial) => ({
      ...trial,
      returns: trial.returns.map((value) => value - ratePerDay),
    }))
    const [found, expected] = [assess(trials, { ratePerDay }), assess(above)]
    expect(found.deflatedSharpe).toEqual(expected.deflatedSharpe)
    expect(found.overfitting).toEqual(expected.overfitting)
    expect(found.spa).toEqual(assess(trials).spa)
  })

  it('repeats the choice over what could have been chosen alone, and finds nothing that could not', () => {
    const barred = (index: number): boolean => index % 3 === 1 && index > 0
    const some = sweep(1, 120).map((trial, index) => ({ ...trial, isChoosable: !barred(index) }))
    const found = assess(some)
    expect(found.overfitting).toEqual(assess(some.filter((_, index) => !barred(index))).overfitting)
    expect(found.overfitting.trials).toBe(80)
    // The test is never easier than one that looks at what could be chosen, and counts everything that was tried.
    const alone = assess(some.filter((_, index) => !barred(index)))
    expect(found.spa.statistic).toBe(alone.spa.statistic)
    expect(found.spa.pValue.value).toBeGreaterThanOrEqual(alone.spa.pValue.value! - 0.1)
    expect([found.spa.trials, found.distinct]).toEqual([120, 120])
    const all = sweep(1, 120)
    const { statistic, best } = assess(all).spa
    const withoutBest = assess(all.map((trial, index) => ({ ...trial, isChoosable: index !== best })))
    expect(withoutBest.spa.statistic).toBeLessThan(statistic)
  })

  it('may choose what repeats a trial that may not be chosen', () => {
    const all = sweep(1, 60)
    const barred = { ...all[0]!, isChoosable: false }
    const found = assess([barred, ...all], { best: 1 })
    const plain = assess([all[0]!, ...all], { best: 1 })
    expect([found.overfitting.trials, found.overfitting.probability]).toEqual([
      60,
      plain.overfitting.probability,
    ])
    expect(found.spa).toEqual(plain.spa)
  })

  it('tells repeats by hashes that are known as by returns', () => {
    const twice = [...trials, ...trials.slice(0, 7)]
    const known = twice.map((trial) => ({ ...trial, hash: returnHash(trial.returns) }))
    expect(assess(twice)).toMatchObject({ distinct: 60, repeats: 7 })
    expect(assess(known)).toEqual(assess(twice))
  })

  it('deflates by another variance where it is asked to', () => {
    const filling = trials
      .filter(({ isSpaceFilling }) => isSpaceFilling)
      .map(({ returns }) => dailySharpe(returns)!)
    const by = (deflateBy: string) => assess(trials, { deflateBy }).deflatedSharpe
    const deflated = (variance: Statistic) =>
      deflatedSharpe(trials[0]!.returns, { trials: 500, sharpeVariance: variance })
    expect(by('sample')).toEqual(deflated(sharpeVariance(filling)))
    expect(by('floor')).toEqual(deflated(unknown('no variance')))
    expect(by('floor')).toMatchObject({ isFloored: true, sharpeVariance: 1 / (DAYS - 1) })
  })

  it('counts repeats out of every statistic', () => {
    const repeated = assess([...trials, trials[5]!, { ...trials[7]!, returns: trials[7]!.returns.slice() }])
    const once = assess(trials)
    expect(repeated).toMatchObject({ distinct: 60, repeats: 2, days: DAYS })
    expect(repeated.spa).toEqual(once.spa)
    expect(repeated.overfitting.probability).toEqual(once.overfitting.probability)
    expect(repeated.deflatedSharpe).toEqual(once.deflatedSharpe)
    expect(repeated.effectiveTrials).toEqual(once.effectiveTrials)
  })

  it('names the trial that SPA finds best among all trials, repeats counted', () => {
    const better = { ...trials[9]!, returns: withSharpe(trials[9]!.returns, 8) }
    const found = assess([trials[0]!, trials[0]!, ...trials.slice(1, 9), better, ...trials.slice(10)])
    expect(found.spa.best).toBe(10)
    expect(found.spa.pValue.value).toBe(0.01)
  })

  it('refuses counts and lengths that contradict each other; too few days are n/a', () => {
    expect(() => assess(trials, { ledgerTrials: 59 })).toThrow('fewer trials than the 60')
    expect(() => assess(trials, { best: 60 })).toThrow('not among the trials')
    expect(() => assess(trials, { hold: hold.subarray(1) })).toThrow('days of the trials, 480')
    const short = trials.map((trial) => ({ ...trial, returns: trial.returns.slice(0, 8) }))
    const found = assess(short, { hold: hold.slice(0, 8) })
    for (const statistic of [found.spa.pValue, found.overfitting.probability])
      expect(statistic).toHaveProperty('reason')
  })
})
