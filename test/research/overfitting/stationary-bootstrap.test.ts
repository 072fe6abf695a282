import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bootstrapVariance, drawStretches, resampleInto, type Stretches,
} from '../../../src/research/overfitting/stationary-bootstrap.js' // prettier-ignore
import { commonBlockLength, optimalBlockLength } from '../../../src/research/overfitting/block-length.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { autoregressive, noiseTrials, normalSeries } from '../noise.js'

const pairsOf = (stretches: Stretches): [number, number][] =>
  Array.from({ length: stretches.length / 2 }, (_, at) => [stretches[2 * at]!, stretches[2 * at + 1]!])

describe('stationary bootstrap', () => {
  it('lays stretches of the series end to end, exactly as many days as there are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, days, part) => {
        const stretches = drawStretches(seededRandom(seed), days, 1 + part * (days - 1))
        for (const [from, to] of pairsOf(stretches)) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeGreaterThan(from)
          expect(to).toBeLessThanOrEqual(days)
        }
        expect(pairsOf(stretches).reduce((sum, [from, to]) => sum + to - from, 0)).toBe(days)
        const values = Float64Array.from({ length: days }, (_, day) => day)
        const sample = new Float64Array(days).fill(-1)
        resampleInto(values, stretches, sample)
        expect(sample.every((value) => value >= 0)).toBe(true)
      }),
    )
  }) // prettier-ignore

  it('goes on with the next day with probability 1 − 1/L, over the end too, and begins anywhere', () => {
    const [days, mean] = [50, 8]
    const random = seededRandom(1)
    const sample = new Float64Array(days)
    const counts = new Float64Array(days)
    let next = 0
    for (let draw = 0; draw < 4000; draw++) {
      resampleInto(
        Float64Array.from({ length: days }, (_, day) => day),
        drawStretches(random, days, mean),
        sample,
      )
      for (const day of sample) counts[day]!++
      for (let at = 1; at < days; at++) if (sample[at] === (sample[at - 1]! + 1) % days) next++
    }
    // A new block may begin on the next day by chance.
    expect(next / (4000 * (days - 1))).toBeCloseTo(1 - 1 / mean + 1 / mean / days, 2)
    for (const count of counts) expect(Math.abs(count / 4000 - 1)).toBeLessThan(0.15)
  })

  it('with blocks of one day is the ordinary bootstrap; blocks beyond the series are refused', () => {
    expect(pairsOf(drawStretches(seededRandom(2), 30, 1)).every(([from, to]) => to === from + 1)).toBe(true)
    for (const block of [0.5, 31, NaN])
      expect(() => drawStretches(seededRandom(2), 30, block)).toThrow('mean block')
  })

  it('its variance is the double sum of Politis & Romano 1994', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, n, part) => {
        const block = 1 + part * (n - 1)
        const raw = autoregressive(normalSeries(seededRandom(seed), n), 0.5)
        const centre = raw.reduce((sum, value) => sum + value) / n
        const x = raw.map((value) => value - centre)
        const gamma = (lag: number): number => {
          let sum = 0
          for (let t = 0; t + lag < n; t++) sum += x[t]! * x[t + lag]!
          return sum / n
        }
        let expected = gamma(0)
        for (let lag = 1; lag < n; lag++) {
          const kappa = ((n - lag) / n) * (1 - 1 / block) ** lag + (lag / n) * (1 - 1 / block) ** (n - lag)
          expected += 2 * kappa * gamma(lag)
        }
        expect(Math.abs(bootstrapVariance(x, block) - expected)).toBeLessThan(1e-11 * gamma(0) * n + 1e-18)
      }),
    )
  }) // prettier-ignore

  it('its variance is what resamples show', () => {
    const x = autoregressive(normalSeries(seededRandom(3), 200), 0.4)
    const centre = x.reduce((sum, value) => sum + value) / 200
    const centred = x.map((value) => value - centre)
    const random = seededRandom(4)
    const sample = new Float64Array(200)
    let squares = 0
    for (let draw = 0; draw < 4000; draw++) {
      resampleInto(centred, drawStretches(random, 200, 12), sample)
      squares += sample.reduce((sum, value) => sum + value) ** 2 / 200
    }
    expect(squares / 4000 / bootstrapVariance(centred, 12)).toBeGreaterThan(0.92)
    expect(squares / 4000 / bootstrapVariance(centred, 12)).toBeLessThan(1.08)
  })
})

describe('block length of Patton, Politis & White 2009', () => {
  const series = (days: number, rho: number): Float64Array =>
    autoregressive(
      Float64Array.from({ length: days }, (_, day) => {
        const value = Math.sin(day + 1) * 43758.5453
        return value - Math.floor(value) - 0.5
      }),
      rho,
    )

  it.each([
    [500, 0.6, 9.947636260436946],
    [1000, 0.2, 4.7760965122958146],
    [300, -0.5, 8.202189042537203],
  ])('of a fixed series of %d days, ρ = %f, is %f, as another program has it', (days, rho, expected) => {
    expect(optimalBlockLength(series(days, rho))).toBeCloseTo(expected, 5)
  })

  it('of a long AR(1) series is near (2ρ / (1 − ρ²))^(2/3) n^(1/3), the optimum', () => {
    for (const rho of [0.3, 0.6]) {
      const lengths = Array.from({ length: 25 }, (_, seed) =>
        optimalBlockLength(autoregressive(normalSeries(seededRandom(seed), 4000), rho)),
      )
      const median = lengths.sort((a, b) => a - b)[12]!
      const optimum = ((2 * rho) / (1 - rho * rho)) ** (2 / 3) * 4000 ** (1 / 3)
      expect(Math.abs(median / optimum - 1)).toBeLessThan(0.15)
    }
  })

  it('is at least 1 and at most min(3√n, n/3); that of noise is short', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 9, max: 300 }), fc.constantFrom(0, 0.9, 0.999, -0.9), (seed, days, rho) => {
        const length = optimalBlockLength(autoregressive(normalSeries(seededRandom(seed), days), rho))
        expect(length).toBeGreaterThanOrEqual(1)
        expect(length).toBeLessThanOrEqual(Math.min(3 * Math.sqrt(days), days / 3))
      }),
    )
    expect(optimalBlockLength(new Float64Array(100))).toBe(1)
    expect(() => optimalBlockLength(new Float64Array(8))).toThrow('at least 9 days')
  }) // prettier-ignore

  it('for trials together is their median, at least 5 days and a mean holding, at most a tenth', () => {
    const noise = noiseTrials(5, 9, 730)
    expect(commonBlockLength(noise, { meanHoldingDays: 0.2 })).toBe(5)
    expect(commonBlockLength(noise, { meanHoldingDays: 20 })).toBe(20)
    expect(commonBlockLength(noise, { meanHoldingDays: 200 })).toBe(73)
    const slow = noise.map((series) => autoregressive(series, 0.8))
    const sorted = slow.map(optimalBlockLength).sort((a, b) => a - b)
    expect(commonBlockLength(slow, { meanHoldingDays: 0 })).toBe(sorted[4])
    expect(() => commonBlockLength(noise, { meanHoldingDays: NaN })).toThrow('holding')
  })
})
