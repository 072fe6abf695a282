import { describe, expect, it } from 'vitest'
import { equityCurve } from '../../../src/metrics/returns.js'
import { bootstrapBands } from '../../../src/research/overfitting/bootstrap-bands.js'
import { shuffledDrawdown } from '../../../src/research/overfitting/trade-shuffle.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { noiseTrials, shareOf, studies, withSharpe } from '../noise.js'

describe('block bootstrap bands of a run', () => {
  const bands = (returns: Float64Array, seed: number = 1) =>
    bootstrapBands(returns, { random: seededRandom(seed), meanBlockDays: 10, resamples: 300 })

  it('hold low ≤ median ≤ high for each figure, and are the same for the same seed', () => {
    const [noise] = noiseTrials(1, 1, 365) as [Float64Array]
    const found = bands(withSharpe(noise, 2))
    for (const { low, median, high } of [found.totalReturn, found.maxDrawdown, found.sharpe]) {
      expect(low.value!).toBeLessThan(median.value!)
      expect(median.value!).toBeLessThan(high.value!)
    }
    expect(found.maxDrawdown.low.value!).toBeGreaterThan(0)
    expect(bands(withSharpe(noise, 2))).toEqual(found)
    expect(bands(withSharpe(noise, 2), 2)).not.toEqual(found)
  })

  it('hold the true Sharpe ratio and the true growth about nine times in ten', () => {
    const inside = { sharpe: 0, growth: 0 }
    const count = studies(120)
    for (let seed = 0; seed < count; seed++) {
      const [noise] = noiseTrials(seed, 1, 365) as [Float64Array]
      const { sharpe, totalReturn } = bands(withSharpe(noise, 1))
      if (sharpe.low.value! <= 1 && sharpe.high.value! >= 1) inside.sharpe++
      const growth = (1 + 0.01 / Math.sqrt(365)) ** 365 - 1
      if (totalReturn.low.value! <= growth && totalReturn.high.value! >= growth) inside.growth++
    }
    for (const hits of [inside.sharpe, inside.growth]) {
      expect(hits / count).toBeGreaterThan(0.8)
      expect(hits / count).toBeLessThan(0.98)
    }
  })

  it('know that losses follow losses, which single days do not', () => {
    const clustered = Float64Array.from({ length: 400 }, (_, day) =>
      Math.floor(day / 20) % 2 === 0 ? 0.01 : -0.01,
    )
    const depth = (meanBlockDays: number): number =>
      bootstrapBands(clustered, { random: seededRandom(2), meanBlockDays, resamples: 200 }).maxDrawdown.median
        .value!
    expect(depth(40)).toBeGreaterThan(1.5 * depth(1))
  })

  it('are n/a with a reason for a lost account, too few days, or a resample without a ratio', () => {
    const lost = new Float64Array(30)
    lost[7] = -1
    expect(bands(lost).totalReturn.low).toEqual({
      reason: 'a resample has none: equity fell to zero or below',
    })
    expect(bands(new Float64Array(19)).sharpe.high).toHaveProperty('reason')
    const rare = new Float64Array(40)
    rare[3] = 0.01
    expect(bands(rare).sharpe.median).toEqual({ reason: 'a resample has none: zero deviation' })
    expect(bands(rare).totalReturn.median.value).toBeGreaterThanOrEqual(0)
  })
})

describe('shuffled trades', () => {
  const shuffle = (trades: readonly number[]) =>
    shuffledDrawdown(trades, { random: seededRandom(1), shuffles: 500 })

  it('two losses and two gains have the drawdowns of their six orders', () => {
    // Losses together: 1 − 0.9² = 0.19; apart with a gain between: at most 1 − 0.9 · 1.1 · 0.9 = 0.109 or 0.1.
    const found = shuffle([0.1, -0.1, -0.1, 0.1])
    expect(found.observed.value).toBeCloseTo(0.19, 12)
    // LLGG, GLLG, GGLL of six orders.
    expect(found.shareAsDeep.value!).toBeGreaterThan(0.42)
    expect(found.shareAsDeep.value!).toBeLessThan(0.58)
    expect(found.band.low.value).toBeCloseTo(0.1, 2)
    expect(found.band.high.value).toBeCloseTo(0.19, 12)
  })

  it('losses alone fall as deep in every order, whatever their products round to', () => {
    const losses = Array.from({ length: 30 }, (_, at) => -0.001 * (at + 1.37))
    expect(shuffle(losses).shareAsDeep.value).toBe(1)
  })

  it('deals every order alike: the observed depth has a uniform place among them', () => {
    const share = shareOf(studies(200), (seed) => {
      const trades = [...noiseTrials(seed, 1, 60)[0]!].map((value) => value * 3)
      return (
        shuffledDrawdown(trades, { random: seededRandom(seed, 9), shuffles: 99 }).shareAsDeep.value! <= 0.2
      )
    })
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.3)
  })

  it('say nothing of return: the last equity is the same in every order', () => {
    const trades = [0.2, -0.1, 0.05]
    const end = (order: readonly number[]): number => equityCurve(order).at(-1)!
    expect(end([...trades].reverse())).toBeCloseTo(end(trades), 14)
    expect(Object.keys(shuffle(trades)).sort()).toEqual(['band', 'observed', 'shareAsDeep', 'shuffles'])
    expect(shuffle([0.1]).band.low).toHaveProperty('reason')
    expect(shuffle([0.1, -1]).observed).toEqual({ reason: 'a trade lost all equity' })
  })
})
