import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharpe } from '../../../src/metrics/ratios.js'
import { backtestOverfitting } from '../../../src/research/overfitting/backtest-overfitting.js'
import { halves } from '../../../src/research/overfitting/combinatorial-splits.js'
import { noiseTrials, studies, withSharpe } from '../noise.js'

/** CSCV as the paper tells it: glue the blocks of a half together, take Sharpe ratios, sort. */
function byHand(
  trials: readonly Float64Array[],
  blocks: number,
): { pbo: number; loss: number; ranks: number[] } {
  const days = trials[0]!.length
  const ratiosOn = (chosen: readonly number[]): number[] =>
    trials.map((returns) => {
      const part = chosen.flatMap((block) => [
        ...returns.slice(Math.floor((block * days) / blocks), Math.floor(((block + 1) * days) / blocks)),
      ])
      return sharpe(part).value ?? 0
    })
  const all = Array.from({ length: blocks }, (_, at) => at)
  const outcomes = halves(blocks).map((set) => {
    const inside = ratiosOn(all.filter((block) => (set >> block) % 2 === 1))
    const outside = ratiosOn(all.filter((block) => (set >> block) % 2 === 0))
    const best = inside.indexOf(Math.max(...inside))
    const below = outside.filter((value) => value < outside[best]! - 1e-12).length
    const equal = outside.filter((value) => Math.abs(value - outside[best]!) <= 1e-12).length
    const omega = (below + (equal + 1) / 2) / (trials.length + 1)
    return { logit: Math.log(omega / (1 - omega)), omega, isLoss: outside[best]! <= 0 }
  })
  return {
    pbo: outcomes.filter(({ logit }) => logit <= 0).length / outcomes.length,
    loss: outcomes.filter(({ isLoss }) => isLoss).length / outcomes.length,
    ranks: outcomes.map(({ omega }) => omega),
  }
}

const small = { blocks: 6, fewestBlockDays: 5, fewestTrials: 2 }

describe('splits', () => {
  it('of 16 blocks are 12,870, each with its complement', () => {
    const sets = halves(16)
    expect(sets).toHaveLength(12_870)
    sets.forEach((set, at) => expect(set + sets[sets.length - 1 - at]!).toBe(2 ** 16 - 1))
  })
})

describe('probability of backtest overfitting', () => {
  it('is what gluing blocks and sorting ratios gives, for days that no number of blocks divides', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 30, max: 75 }), fc.constantFrom(2, 4, 6), (seed, count, days, blocks) => {
        const trials = noiseTrials(seed, count, days)
        const expected = byHand(trials, blocks)
        const found = backtestOverfitting(trials, { ...small, blocks })
        expect(found.probability.value).toBeCloseTo(expected.pbo, 12)
        expect(found.probabilityOfLoss.value).toBeCloseTo(expected.loss, 12)
        found.ranks.forEach((rank, at) => expect(rank).toBeCloseTo(expected.ranks[at]!, 12))
      }),
      { numRuns: 60 },
    )
  }) // prettier-ignore

  it('does not depend on the order, the scale or the repeats of trials', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 3, max: 10 }), (seed, count) => {
        const trials = noiseTrials(seed, count, 60)
        const base = backtestOverfitting(trials, small)
        const turned = backtestOverfitting([...trials].reverse(), small)
        const repeated = backtestOverfitting([...trials, trials[0]!.slice(), trials[1]!], small)
        const scaled = backtestOverfitting(trials.map((returns, at) => returns.map((value) => value * 2 ** at)), small)
        for (const other of [turned, repeated, scaled]) {
          expect(other.probability).toEqual(base.probability)
          expect(other.probabilityOfLoss).toEqual(base.probabilityOfLoss)
        }
        expect(repeated.repeats).toBe(2)
        expect(repeated.trials).toBe(count)
      }),
      { numRuns: 40 },
    )
  }) // prettier-ignore

  it('under the null is ½ on average, with a deviation of about 0.15', () => {
    const found = Array.from(
      { length: studies(60) },
      (_, seed) => backtestOverfitting(noiseTrials(seed, 50, 480)).probability.value!,
    )
    const mean = found.reduce((sum, value) => sum + value) / found.length
    const deviation = Math.sqrt(
      found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (found.length - 1),
    )
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.07)
    expect(deviation).toBeGreaterThan(0.09)
    expect(deviation).toBeLessThan(0.21)
  })

  it('is 0 where one trial is the best everywhere, and 1 where what wins in one half loses in the other', () => {
    const trials = noiseTrials(1, 50, 480)
    trials[7] = withSharpe(trials[7]!, 15)
    const sure = backtestOverfitting(trials)
    expect(sure.probability.value).toBe(0)
    expect(sure.probabilityOfLoss.value).toBe(0)
    expect(sure.medianRank.value).toBeCloseTo(50 / 51, 12)
    expect(sure.isPlateau).toBe(false)
    // Each trial gains in one block what it loses in all the others.
    const fitted = Array.from({ length: 6 }, (_, trial) =>
      Float64Array.from({ length: 60 }, (_, day) => {
        const sign = Math.floor(day / 10) === trial ? 5 : -1
        return sign * 0.01 + (day % 2) * 0.001
      }),
    )
    expect(backtestOverfitting(fitted, small).probability.value).toBe(1)
    expect(backtestOverfitting(fitted, small).probabilityOfLoss.value).toBe(1)
  })

  it('of a plateau of good trials is near ½, while the probability of loss is low', () => {
    const [shared] = noiseTrials(3, 1, 1460) as [Float64Array]
    const good = withSharpe(shared, 3)
    const plateau = noiseTrials(4, 60, 1460).map((noise) =>
      noise.map((value, day) => good[day]! + 0.05 * value),
    )
    const found = backtestOverfitting(plateau)
    expect(found.isPlateau).toBe(true)
    expect(found.probability.value).toBeGreaterThan(0.2)
    expect(found.probabilityOfLoss.value).toBeLessThan(0.02)
  })

  it('counts trials that stand still as neither gaining nor losing, and a choice of them as a loss', () => {
    const still = Array.from({ length: 5 }, (_, trial) => {
      const returns = new Float64Array(60)
      returns[trial * 10] = -0.01
      returns[trial * 10 + 1] = -0.01 * (trial + 1)
      return returns
    })
    const found = backtestOverfitting(still, small)
    expect(found.probabilityOfLoss.value).toBe(1)
    expect(found.probability.value).toBeGreaterThan(0.4)
    expect([...found.ranks].every((rank) => rank > 0 && rank < 1)).toBe(true)
  })

  it('shares a split among trials that are equally good in sample', () => {
    // Two trials that are one in the first half of the days: in the split by halves both are best.
    const [first, second] = noiseTrials(9, 2, 60) as [Float64Array, Float64Array]
    first.fill(0.01, 0, 30)
    second.fill(0.01, 0, 30)
    first[0] = second[0] = 0.02
    const ranks = backtestOverfitting([first, second], { ...small, blocks: 2 }).ranks
    expect(ranks[0]).toBeCloseTo((1 / 3 + 2 / 3) / 2, 12)
  })

  it('is n/a, with the number that is short, for too few trials or days; the sample keeps the best', () => {
    expect(backtestOverfitting(noiseTrials(1, 49, 480)).probability).toEqual({
      reason: '49 distinct trials, at least 50 needed',
    })
    expect(backtestOverfitting(noiseTrials(1, 50, 479)).probability).toEqual({
      reason: '479 days, at least 480 needed',
    })
    expect(backtestOverfitting([]).probability).toHaveProperty('reason')
    const trials = noiseTrials(2, 60, 60)
    trials[3] = withSharpe(trials[3]!, 40)
    const sampled = backtestOverfitting(trials, { ...small, mostTrials: 10 })
    expect([10, 11]).toContain(sampled.trials)
    expect(sampled.medianRank.value).toBeGreaterThan(0.9)
    expect(() => backtestOverfitting(trials, { blocks: 5 })).toThrow('even')
  })
})
