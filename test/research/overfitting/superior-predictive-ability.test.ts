import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawStretches, resampleInto } from '../../../src/research/overfitting/stationary-bootstrap.js'
import { superiorPredictiveAbility } from '../../../src/research/overfitting/superior-predictive-ability.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { autoregressive, noiseTrials, shareOf, studies, withSharpe } from '../noise.js'

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length

/** Hansen 2005, section 3, without any shortcut: resamples are laid out day by day, the variance is the kernel's double sum. */
function byHand(trials: readonly Float64Array[], seed: number, block: number, resamples: number) {
  const n = trials[0]!.length
  const omega = trials.map((d) => {
    const centre = mean(d)
    let variance = 0
    for (let lag = 0; lag < n; lag++) {
      let gamma = 0
      for (let t = lag; t < n; t++) gamma += ((d[t]! - centre) * (d[t - lag]! - centre)) / n
      const q = 1 / block
      const kappa = ((n - lag) / n) * (1 - q) ** lag + (lag / n) * (1 - q) ** (n - lag)
      variance += lag === 0 ? gamma : 2 * kappa * gamma
    }
    return Math.sqrt(variance)
  })
  const statistic = Math.max(0, ...trials.map((d, k) => (Math.sqrt(n) * mean(d)) / omega[k]!))
  const plain = Math.max(...trials.map((d) => Math.sqrt(n) * mean(d)))
  const random = seededRandom(seed)
  const reached = { consistent: 1, lower: 1, upper: 1, plain: 1 }
  for (let b = 0; b < resamples; b++) {
    const stretches = drawStretches(random, n, block)
    const maxima = { consistent: 0, lower: 0, upper: 0, plain: -Infinity }
    trials.forEach((d, k) => {
      const sample = new Float64Array(n)
      resampleInto(d, stretches, sample)
      const own = mean(d)
      const bound = -Math.sqrt(((omega[k]! * omega[k]!) / n) * 2 * Math.log(Math.log(n)))
      const z = (recentred: number): number => (Math.sqrt(n) * (mean(sample) - recentred)) / omega[k]!
      maxima.upper = Math.max(maxima.upper, z(own))
      maxima.lower = Math.max(maxima.lower, z(Math.max(0, own)))
      maxima.consistent = Math.max(maxima.consistent, z(own >= bound ? own : 0))
      maxima.plain = Math.max(maxima.plain, Math.sqrt(n) * (mean(sample) - own))
    })
    if (maxima.consistent >= statistic) reached.consistent++
    if (maxima.lower >= statistic) reached.lower++
    if (maxima.upper >= statistic) reached.upper++
    if (maxima.plain >= plain) reached.plain++
  }
  return { statistic, ...reached }
}

describe('superior predictive ability', () => {
  it('is what the paper’s formulas give, laid out day by day', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 19 }), fc.integer({ min: 20, max: 70 }), fc.constantFrom(1, 4, 9.5), fc.integer({ min: -8, max: 4 }), (seed, count, days, block, lead) => {
        const trials = noiseTrials(seed, count, days).map((returns, at) => withSharpe(returns, at % 3 === 0 ? 3 * lead : 0))
        const expected = byHand(trials, seed, block, 60)
        const found = superiorPredictiveAbility(trials, { random: seededRandom(seed), meanBlockDays: block, resamples: 60 })
        expect(found.statistic).toBeCloseTo(expected.statistic, 9)
        expect(found.pValue.value! * 61).toBeCloseTo(expected.consistent, 9)
        expect(found.lowerPValue.value! * 61).toBeCloseTo(expected.lower, 9)
        expect(found.upperPValue.value! * 61).toBeCloseTo(expected.upper, 9)
        expect(found.realityCheck.value! * 61).toBeCloseTo(expected.plain, 9)
      }),
      { numRuns: 60 },
    )
  }) // prettier-ignore

  const test = (trials: readonly Float64Array[], seed: number, meanBlockDays: number = 5) =>
    superiorPredictiveAbility(trials, { random: seededRandom(seed, 1), meanBlockDays, resamples: 199 })

  it.each<[string, (noise: Float64Array) => Float64Array, number, number]>([
    ['independent noise', (noise) => noise, 5, 0.02],
    // Much more than returns of days show. The test is liberal there, as docs/overfitting.md measures.
    ['noise that trends', (noise) => autoregressive(noise, 0.3), 12, 0.06],
    [
      'noise in bursts',
      (noise) => noise.map((value, day) => value * (1 + 2 * Math.sin(day / 40) ** 8)),
      5,
      0.02,
    ],
  ])('holds its size where no trial has an edge: %s', (_, shape, block, misses) => {
    const results: number[] = []
    const count = studies(120)
    for (let seed = 0; seed < count; seed++) {
      results.push(test(noiseTrials(seed, 20, 500).map(shape), seed, block).pValue.value!)
    }
    const share = (level: number): number => results.filter((p) => p <= level).length / count
    // Three binomial deviations, and what a bootstrap of 500 days misses.
    expect(share(0.05)).toBeLessThan(0.05 + 3 * Math.sqrt(0.0475 / count) + misses)
    expect(Math.abs(share(0.5) - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / count) + 0.08)
    expect(share(0.25)).toBeGreaterThan(0.08)
  })

  it('finds one good trial among many', () => {
    const found = shareOf(studies(40), (seed) => {
      const trials = noiseTrials(seed, 50, 1460)
      trials[11] = withSharpe(trials[11]!, 3)
      const result = test(trials, seed)
      return result.pValue.value! <= 0.05 && result.best === 11
    })
    expect(found).toBeGreaterThan(0.8)
  })

  it('does not let trials that are clearly worse soften it, as the conservative bound and the reality check do', () => {
    const trials = noiseTrials(3, 10, 730)
    trials[0] = withSharpe(trials[0]!, 2.3)
    const crowd = [...trials, ...noiseTrials(4, 300, 730).map((returns) => withSharpe(returns, -12, 0.01))]
    const [alone, among] = [test(trials, 5), test(crowd, 5)]
    expect(among.pValue.value).toBeCloseTo(alone.pValue.value!, 2)
    expect(among.upperPValue.value).toBeGreaterThan(3 * alone.upperPValue.value!)
    // One wild trial drowns the reality check, and not the studentised test.
    const [noise] = noiseTrials(6, 1, 730) as [Float64Array]
    const wild = [...trials, noise.map((value) => 20 * (value - mean(noise)))]
    expect(test(wild, 5).realityCheck.value).toBeGreaterThan(0.2)
    expect(test(wild, 5).pValue.value).toBeLessThan(0.1)
  })

  it('orders its bounds, is 1 where nothing beats the benchmark, and does not see repeats', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, count) => {
        const trials = noiseTrials(seed, count, 60)
        const { lowerPValue, pValue, upperPValue } = test(trials, seed)
        expect(lowerPValue.value!).toBeLessThanOrEqual(pValue.value!)
        expect(pValue.value!).toBeLessThanOrEqual(upperPValue.value!)
        expect(pValue.value!).toBeGreaterThan(0)
        expect(test([...trials, trials[0]!], seed).pValue).toEqual(pValue)
        const losers = trials.map((returns) => returns.map((value) => value - mean(returns) - 1e-4))
        expect(test(losers, seed)).toMatchObject({ pValue: { value: 1 }, statistic: 0 })
      }),
      { numRuns: 30 },
    )
  })

  it('leaves out trials that never differ from their benchmark, and is n/a without others', () => {
    const trials = noiseTrials(8, 3, 100)
    const flat = new Float64Array(100)
    const found = test([flat, ...trials, flat.map(() => 1e-3)], 1)
    expect(found).toMatchObject({ trials: 5, flat: 2 })
    expect(found.pValue).toEqual(test(trials, 1).pValue)
    expect(test([flat], 1).pValue).toEqual({ reason: 'no trial moved against its benchmark' })
    expect(test([], 1).pValue).toHaveProperty('reason')
    expect(test(noiseTrials(1, 2, 19), 1).pValue).toEqual({ reason: '19 days, at least 20 needed' })
  })
})
