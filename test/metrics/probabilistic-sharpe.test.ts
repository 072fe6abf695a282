import normalCdf from '@stdlib/stats-base-dists-normal-cdf'
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { describe, expect, it } from 'vitest'
import { autocorrelation } from '../../src/metrics/autocorrelation.js'
import {
  effectiveObservations, minimumTrackRecord, probabilisticSharpe, probabilisticSharpeOf, sharpeMoments, type SharpeMoments,
} from '../../src/metrics/probabilistic-sharpe.js' // prettier-ignore
import { makeNormal } from './make-normal.js'

const normal = (sharpe: number): SharpeMoments => ({ sharpe, skewness: 0, kurtosis: 3, autocorrelation: 0 })

describe('Bailey & López de Prado 2012, the Sharpe ratio efficient frontier', () => {
  // Their example: two years of monthly returns, annualised Sharpe 1.59.
  const hedge: SharpeMoments = { sharpe: 0.458, skewness: -2.448, kurtosis: 10.164, autocorrelation: 0 }

  it('the probability drops from 0.982 under normality to 0.913 with the fund’s skew and kurtosis', () => {
    expect(probabilisticSharpeOf(normal(0.458), 24).value).toBeCloseTo(0.982, 3)
    expect(probabilisticSharpeOf(hedge, 24).value).toBeCloseTo(0.913, 3)
  })

  it.each([
    ['daily', 252, 2.73],
    ['weekly', 52, 2.83],
    ['monthly', 12, 3.24],
  ])('years to show that a yearly Sharpe of 2 exceeds 1, %s returns: %f periods', (_, periods, years) => {
    const root = Math.sqrt(periods)
    const length = minimumTrackRecord(normal(2 / root), { benchmarkSharpe: 1 / root })
    expect((length.value ?? NaN) / periods).toBeCloseTo(years, 2)
  })

  it('the probability at the minimum length is the confidence', () => {
    const length = minimumTrackRecord(hedge, { confidence: 0.95 }).value ?? NaN
    expect(probabilisticSharpeOf(hedge, length).value).toBeCloseTo(0.95, 12)
  })
})

describe('Bailey & López de Prado 2014, the deflated Sharpe ratio', () => {
  it('the best of 100 trials: benchmark 0.1132 a day, probability 0.9004', () => {
    const [trials, euler] = [100, 0.5772156649015329]
    const deviation = Math.sqrt(0.5 / 250)
    const z = (p: number): number => normalQuantile(p, 0, 1)
    const benchmarkSharpe =
      deviation * ((1 - euler) * z(1 - 1 / trials) + euler * z(1 - 1 / (trials * Math.E)))
    expect(benchmarkSharpe).toBeCloseTo(0.11317, 4)
    const best: SharpeMoments = {
      sharpe: 2.5 / Math.sqrt(250),
      skewness: -3,
      kurtosis: 10,
      autocorrelation: 0,
    }
    expect(probabilisticSharpeOf(best, 1250, benchmarkSharpe).value).toBeCloseTo(0.9004, 4)
  })
})

describe('minimum track record, days at 95 % and 365 days a year', () => {
  it.each([
    [1, 990],
    [2, 249],
    [3, 112],
  ])('a yearly Sharpe of %d needs %d days', (yearly, days) => {
    expect(Math.round(minimumTrackRecord(normal(yearly / Math.sqrt(365))).value ?? NaN)).toBe(days)
  })

  it('is n/a where the ratio does not exceed its benchmark', () => {
    expect(minimumTrackRecord(normal(0)).value).toBeUndefined()
    expect(minimumTrackRecord(normal(0.1), { benchmarkSharpe: 0.1 }).value).toBeUndefined()
  })
})

describe('of a series', () => {
  it('reads sample deviation, moment skewness and raw kurtosis', () => {
    // Mean 1, squared deviations 1 + 1 + 4 + 4 = 10, cubes 0, fourth powers 34.
    const returns = [0, 2, 3, -1]
    const moments = sharpeMoments(returns)
    if ('reason' in moments) throw new Error(moments.reason)
    expect(moments.sharpe).toBeCloseTo(1 / Math.sqrt(10 / 3), 14)
    expect(moments.skewness).toBeCloseTo(0, 14)
    expect(moments.kurtosis).toBeCloseTo(34 / 4 / 2.5 ** 2, 14)
    // (−1)(1) + (1)(2) + (2)(−2) over 10
    expect(moments.autocorrelation).toBeCloseTo(-0.3, 14)
  })

  it('is the normal probability of a hand-worked series', () => {
    const returns = [0, 2, 3, -1]
    const ratio = 1 / Math.sqrt(10 / 3)
    const expected = normalCdf((ratio * Math.sqrt(3)) / Math.sqrt(1 + ((1.36 - 1) / 4) * ratio ** 2), 0, 1)
    expect(probabilisticSharpe(returns).value).toBeCloseTo(expected, 14)
  })

  it('a positive autocorrelation shortens the series, a negative one does not lengthen it', () => {
    expect(effectiveObservations(300, 0.5)).toBe(100)
    expect(effectiveObservations(300, -0.5)).toBe(300)
    const trending = { ...normal(0.1), autocorrelation: 0.5 }
    expect(probabilisticSharpeOf(trending, 300)).toEqual(probabilisticSharpeOf(normal(0.1), 100))
    expect(minimumTrackRecord(trending).value).toBeCloseTo(
      3 * (minimumTrackRecord(normal(0.1)).value ?? NaN),
      9,
    )
  })

  it('is uniform on noise: about 5 % of series without an edge look 95 % certain', () => {
    const studies = 2000
    let convinced = 0
    for (let seed = 0; seed < studies; seed++) {
      if ((probabilisticSharpe(makeNormal(seed, 250)).value ?? 0) >= 0.95) convinced++
    }
    expect(convinced / studies).toBeGreaterThan(0.03)
    expect(convinced / studies).toBeLessThan(0.07)
  })

  it('autocorrelation of an AR(1) series is its coefficient', () => {
    const noise = makeNormal(7, 20_000)
    for (let i = 1; i < noise.length; i++) noise[i] = noise[i]! + 0.4 * noise[i - 1]!
    expect(autocorrelation(noise).value).toBeCloseTo(0.4, 1)
    expect(autocorrelation(noise, 2).value).toBeCloseTo(0.16, 1)
  })

  it('is n/a for too few or constant returns', () => {
    for (const returns of [[], [0.1], [0.1, 0.2], [0.01, 0.01, 0.01, 0.01]]) {
      expect(probabilisticSharpe(returns).value).toBeUndefined()
    }
  })
})
