import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pearson, spearman } from '../../src/metrics/correlation.js'
import { criticalValue, estimate, largestByLuck, lagsFor, neweyWest } from '../../src/metrics/newey-west.js'
import { midRanks } from '../../src/metrics/ranks.js'
import { known } from '../../src/metrics/statistic.js'

describe('ranks and correlations', () => {
  it('ties share the mean of their ranks', () => {
    expect(Array.from(midRanks([30, 10, 20, 10, 10]))).toEqual([5, 2, 4, 2, 2])
    expect(midRanks([])).toHaveLength(0)
  })

  it("Spearman's example of intelligence and hours of television: -29/165", () => {
    // The worked example of most textbooks' exercise on rank correlation: sum of squared rank differences 194, n = 10.
    const quotient = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    expect(1 - (6 * 194) / (10 * 99)).toBeCloseTo(-29 / 165, 14)
    expect(spearman(quotient, hours).value).toBeCloseTo(-29 / 165, 14)
  })

  it('agrees with scipy.stats on the example of its own documentation, which has a tie', () => {
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).value).toBeCloseTo(0.8207826816681233, 14)
    expect(pearson([1, 2, 3, 4, 5], [10, 9, 2.5, 6, 4]).value).toBeCloseTo(-0.7426106572325056, 14)
  })

  it('are undefined, with a reason, where a side does not vary or there are too few pairs', () => {
    expect(spearman([1, 2, 3], [0.5, 0.5, 0.5])).toEqual({ reason: 'one side does not vary' })
    expect(pearson([1, 2], [1, 2])).toEqual({ reason: '2 pairs, at least 3 needed' })
  })

  it('only the order counts for ranks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer()), { minLength: 3 }),
        (pairs) => {
          const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)]
          const cubed = x.map((value) => value ** 3)
          expect(spearman(cubed, y)).toEqual(spearman(x, y))
        },
      ),
    )
  })
})

/** Newey and West's formula as printed: Γ0 + Σ w_j (Γj + Γj′), w_j = 1 − j / (lags + 1). */
function asPrinted(terms: readonly number[], lags: number): number {
  const covariance = (lag: number): number =>
    terms.slice(lag).reduce((sum, term, at) => sum + term * terms[at]!, 0)
  let total = covariance(0)
  for (let lag = 1; lag <= lags; lag++) total += 2 * (1 - lag / (lags + 1)) * covariance(lag)
  return total
}

describe('Newey and West', () => {
  it('equals the formula as printed, for any series and any number of lags', () => {
    const term = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 40 }), fc.nat(60), (terms, lags) => {
        expect(neweyWest(terms, lags)).toBeCloseTo(asPrinted(terms, lags), 6)
      }),
    )
  })

  it('by hand: 1, 2, -1 with one lag is 6 + 2 · ½ · (2 - 2)', () => {
    expect(neweyWest([1, 2, -1], 1)).toBe(6)
    expect(neweyWest([1, 2, -1], 0)).toBe(6)
    // Two lags: 6 + 2 · ⅔ · 0 + 2 · ⅓ · (-1).
    expect(neweyWest([1, 2, -1], 2)).toBeCloseTo(6 - 2 / 3, 14)
  })

  it('takes at least twice the overlap, and never as many lags as there are instants', () => {
    expect(lagsFor(10_000, 1)).toBe(130)
    expect(lagsFor(10_000, 168)).toBe(336)
    expect(lagsFor(5, 168)).toBe(4)
  })

  it("widens the interval as Kiefer and Vogelsang's table says, from the normal 1.96 up", () => {
    expect(criticalValue(0)).toBe(1.96)
    expect(criticalValue(1)).toBeCloseTo(4.813, 10)
    expect(criticalValue(0.1)).toBeCloseTo(1.96 + 0.29694 + 0.00416 - 0.0005324, 10)
  })

  it('says nothing of an error that too few stretches could show', () => {
    const short = estimate(known(0.1), new Float64Array(190).fill(0.001), 10, 190)
    expect(short.windows).toBe(19)
    expect(short.value).toEqual({ value: 0.1 })
    for (const part of [short.standardError, short.tStatistic, short.lower, short.upper, short.beyond])
      expect(part).toEqual({ reason: '19 of 20 stretches' })
  })

  it('puts an estimate together: error, t and interval', () => {
    const influence = Float64Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 0.01 : -0.01) / 4)
    const { standardError, tStatistic, lower, upper, beyond, lags } = estimate(known(0.02), influence, 1, 400)
    expect(lags).toBe(26)
    const error = Math.sqrt(asPrinted(Array.from(influence), 26))
    const reach = criticalValue(27 / 400) * error
    expect(standardError.value).toBeCloseTo(error, 12)
    expect(tStatistic.value).toBeCloseTo(0.02 / error, 8)
    expect([lower.value, upper.value]).toEqual([
      expect.closeTo(0.02 - reach, 12),
      expect.closeTo(0.02 + reach, 12),
    ])
    expect(beyond.value).toBeCloseTo(0.02 / reach, 8)
  })

  it('knows what the largest of many figures is by luck', () => {
    expect(largestByLuck(1)).toBeCloseTo(1.959964, 5)
    // 1 − 0.95^(1/20) = 0.002561 two-sided.
    expect(largestByLuck(20)).toBeCloseTo(3.016, 2)
  })
})
