import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Normals } from '../../../src/market/random.js'
import { type SharpeMoments, sharpeMoments } from '../../../src/metrics/probabilistic-sharpe.js'
import { known, unknown } from '../../../src/metrics/statistic.js'
import {
  dailySharpe, deflatedSharpe, deflatedSharpeOf, middleSharpeVariance, minimumBacktestYears, sharpeVariance,
} from '../../../src/research/overfitting/deflated-sharpe.js' // prettier-ignore
import { expectedMaximum } from '../../../src/research/overfitting/expected-maximum.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { noiseTrials, shareOf, studies, withSharpe } from '../noise.js'

const normal = (sharpe: number): SharpeMoments => ({ sharpe, skewness: 0, kurtosis: 3, autocorrelation: 0 })

describe('the expected best of many worthless trials', () => {
  it.each([
    [10, 1.5388],
    [100, 2.5076],
    [1000, 3.2414],
  ])('of %d normal numbers is %f (exact values: Harter 1961), to 2.5 %%', (trials, exact) => {
    expect(Math.abs(expectedMaximum(trials) / exact - 1)).toBeLessThan(0.025)
  })

  it('is what simulation finds', () => {
    const normals = new Normals(seededRandom(5))
    let sum = 0
    for (let draw = 0; draw < 2000; draw++) {
      let best = -Infinity
      for (let trial = 0; trial < 200; trial++) best = Math.max(best, normals.next())
      sum += best
    }
    expect(Math.abs(sum / 2000 - expectedMaximum(200))).toBeLessThan(0.04)
  })

  it('is 0 for one trial, never falls as trials are added, and refuses fewer than one', () => {
    expect(expectedMaximum(1)).toBe(0)
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e7, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }), (n, more) => {
        expect(expectedMaximum(n + more)).toBeGreaterThanOrEqual(expectedMaximum(n))
      }),
    )
    for (const trials of [0, 0.9, NaN]) expect(() => expectedMaximum(trials)).toThrow('at least one trial')
  }) // prettier-ignore
})

describe('deflated Sharpe: Bailey & López de Prado 2014, numerical example (p. 9 f.)', () => {
  // Sharpe 2.5 a year of 250 days, T = 1250, V = ½ a year, N = 100, skewness −3, kurtosis 10.
  const best: SharpeMoments = { sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10, autocorrelation: 0 }
  const example = deflatedSharpeOf(best, 1250, { trials: 100, sharpeVariance: known(0.5 / 250) })

  it('SR0 is 0.1132 and DSR 0.9004', () => {
    expect(example.luckySharpe).toBeCloseTo(0.11317, 4)
    expect(example.probability.value).toBeCloseTo(0.9004, 4)
    expect(example.isFloored).toBe(false)
  })

  it('with 46 trials it would have been 0.9505', () => {
    const fewer = deflatedSharpeOf(best, 1250, { trials: 46, sharpeVariance: known(0.5 / 250) })
    expect(fewer.probability.value).toBeCloseTo(0.9505, 3)
  })
})

describe('the floor of the variance', () => {
  it('is 1/(T − 1): trials that crowd do not lower the bar', () => {
    const crowd = deflatedSharpeOf(normal(0.1), 731, { trials: 500, sharpeVariance: known(1e-9) })
    expect(crowd).toMatchObject({ sharpeVariance: 1 / 730, isFloored: true })
    expect(crowd.luckySharpe).toBeCloseTo(expectedMaximum(500) / Math.sqrt(730), 14)
    const none = deflatedSharpeOf(normal(0.1), 731, { trials: 500, sharpeVariance: unknown('no trials') })
    expect(none.probability).toEqual(crowd.probability)
    expect(deflatedSharpeOf(normal(0.1), 731, { trials: 500, sharpeVariance: known(0.01) }).isFloored).toBe(
      false,
    )
  })

  it('keeps the best of independent noise from looking certain', () => {
    const share = shareOf(studies(80), (seed) => {
      const trials = noiseTrials(seed, 50, 730)
      const sharpes = trials.map((returns) => dailySharpe(returns)!)
      const best = trials[sharpes.indexOf(Math.max(...sharpes))]!
      const deflated = deflatedSharpe(best, { trials: 50, sharpeVariance: sharpeVariance(sharpes) })
      return 'probability' in deflated && deflated.probability.value! >= 0.95
    })
    expect(share).toBeLessThanOrEqual(0.05)
  })
})

describe('the variance of the middle half', () => {
  it('is the sample variance of normal ratios, and does not see those that differ for a reason', () => {
    const noise = noiseTrials(4, 1, 4000)[0]!
    expect(middleSharpeVariance(noise).value! / sharpeVariance(noise).value!).toBeCloseTo(1, 1)
    const some = noise.map((value, at) => (at % 10 === 0 ? value + 0.2 : at % 10 === 1 ? value - 0.3 : value))
    expect(sharpeVariance(some).value! / sharpeVariance(noise).value!).toBeGreaterThan(50)
    expect(middleSharpeVariance(some).value! / sharpeVariance(noise).value!).toBeLessThan(2.2)
    expect(middleSharpeVariance(noise.subarray(0, 7))).toHaveProperty('reason')
  })
})

it('MinTRL(SR0) is the time after which the same ratio is 95 % sure', () => {
  const search = { trials: 50, sharpeVariance: known(0.02) }
  const days = deflatedSharpeOf(normal(0.5), 1000, search).minimumTrackRecordDays.value!
  const again = deflatedSharpeOf(normal(0.5), Math.ceil(days), search)
  expect(again.isFloored).toBe(false)
  expect(again.probability.value).toBeCloseTo(0.95, 2)
})

describe('minimum backtest length: Bailey, Borwein, López de Prado & Zhu 2014', () => {
  it('five years of data allow no more than 45 independent trials (p. 464)', () => {
    expect(minimumBacktestYears(45).value).toBeCloseTo(5.0, 1)
  })

  it('20,000 trials need 16.2 years, and a higher ratio proves itself sooner', () => {
    expect(minimumBacktestYears(20_000).value).toBeCloseTo(16.2, 1)
    expect(minimumBacktestYears(20_000, 2).value).toBeCloseTo(16.2 / 4, 1)
    expect(minimumBacktestYears(45, 0)).toHaveProperty('reason')
  })

  it('stays below their upper bound 2 ln N / SR²', () => {
    for (const trials of [2, 10, 100, 1e4, 1e6])
      expect(minimumBacktestYears(trials).value).toBeLessThan(2 * Math.log(trials))
  })
})

it('reads a series as the probabilistic ratio does, and says why it cannot', () => {
  const [noise] = noiseTrials(1, 1, 400) as [Float64Array]
  const returns = withSharpe(noise, 3)
  const moments = sharpeMoments(returns) as SharpeMoments
  const search = { trials: 7, sharpeVariance: known(0.004) }
  expect(deflatedSharpe(returns, search)).toEqual(deflatedSharpeOf(moments, 400, search))
  expect(deflatedSharpe(new Float64Array(400), search)).toEqual({ reason: 'zero deviation' })
  expect(deflatedSharpe(new Float64Array(1), search)).toHaveProperty('reason')
  expect(dailySharpe(new Float64Array(400))).toBeUndefined()
  expect(sharpeVariance([0.1])).toHaveProperty('reason')
})
