import { expect, test } from 'vitest'
import { mean, sampleDeviation } from '../../src/metrics/moments.js'
import { aboveBand, deepestDrawdown, simultaneousBand, type SimultaneousBand } from '../../src/research/overfitting/simultaneous-band.js' // prettier-ignore
import { drawStretches, resampleInto } from '../../src/research/overfitting/stationary-bootstrap.js'
import { Normals } from '../../src/market/random.js'
import { seededRandom } from '../../src/research/seeded-random.js'

const DAYS = 28
const normals = new Normals(seededRandom(5))
const returns = Float64Array.from({ length: 400 }, () => 0.0005 + 0.01 * normals.next())

function pathOf(seed: number): number[] {
  const sample = new Float64Array(returns.length)
  resampleInto(returns, drawStretches(seededRandom(seed, 9), returns.length, 3), sample)
  let factor = 1
  return Array.from(sample.subarray(0, DAYS), (value) => (factor *= 1 + value) - 1)
}

const band = simultaneousBand(returns, { random: seededRandom(1), meanBlockDays: 3, days: DAYS }) as SimultaneousBand // prettier-ignore

test('a band of 5 % is crossed anywhere by 5 % of healthy paths, where 5 % of each day is crossed by many more', () => {
  const paths = Array.from({ length: 2_000 }, (_, seed) => pathOf(seed))
  const crossing = paths.filter((path) => (aboveBand(path, band).value as number) < 0).length / paths.length
  expect(crossing).toBeGreaterThan(0.033)
  expect(crossing).toBeLessThan(0.07)
  const onDay = (day: number): number[] => paths.map((path) => Math.log1p(path[day] as number))
  const pointwise = Array.from({ length: DAYS }, (_, day) => Math.expm1(mean(onDay(day)) - 1.645 * sampleDeviation(onDay(day)))) // prettier-ignore
  const crossingPoints = paths.filter((path) => path.some((value, day) => value < (pointwise[day] as number))).length / paths.length // prettier-ignore
  expect(crossingPoints).toBeGreaterThan(0.15)
})

test('its drawdown is the 95th percentile over the very paths that the band is made of', () => {
  const random = seededRandom(1)
  const deepest = Array.from({ length: 1_000 }, () => {
    const sample = new Float64Array(returns.length)
    resampleInto(returns, drawStretches(random, returns.length, 3), sample)
    let [worth, peak, worst] = [1, 1, 0]
    for (const value of sample.subarray(0, DAYS)) {
      worth *= 1 + value
      peak = Math.max(peak, worth)
      worst = Math.max(worst, 1 - worth / peak)
    }
    return worst
  }).sort((a, b) => a - b)
  // Between the 950th and the 951st of 1,000.
  expect(band.drawdown95).toBeGreaterThanOrEqual((deepest[949] as number) - 1e-12)
  expect(band.drawdown95).toBeLessThanOrEqual((deepest[950] as number) + 1e-12)
  const down = [0.1, -0.01, 0.045].map((value) => Math.log1p(value))
  expect(deepestDrawdown(down)).toBeCloseTo(1 - 0.99 / 1.1, 12)
  expect(deepestDrawdown([-0.1, 0])).toBeCloseTo(1 - Math.exp(-0.1), 12)
})

test('a bot that loses what the backtest never lost is below the band', () => {
  const losing = Array.from({ length: DAYS }, (_, day) => 0.992 ** (day + 1) - 1)
  expect(aboveBand(losing, band).value).toBeLessThan(0)
  expect(aboveBand([0], band).value).toBeGreaterThan(0)
})

test('says why there is none', () => {
  const of = (values: Float64Array, days: number): unknown => simultaneousBand(values, { random: seededRandom(1), meanBlockDays: 3, days }) // prettier-ignore
  expect(of(returns.subarray(0, 19), 5)).toEqual({ reason: '19 days, at least 20 needed' })
  expect(of(returns, 401)).toEqual({ reason: '401 days, and the backtest has 400' })
  expect(of(returns, 0)).toEqual({ reason: 'no whole day has passed' })
  expect(of(Float64Array.from({ length: 30 }, () => -1), 5)).toEqual({ reason: 'equity of the backtest fell to zero or below' }) // prettier-ignore
  expect(aboveBand([], band)).toEqual({ reason: 'no whole day has passed' })
})
