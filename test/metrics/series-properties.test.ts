import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { autocorrelation, autocorrelationPenalty } from '../../src/metrics/autocorrelation.js'
import { probabilisticSharpe, probabilisticSharpeOf } from '../../src/metrics/probabilistic-sharpe.js'
import { downCapture, upCapture } from '../../src/metrics/capture.js'
import { ulcerIndex, ulcerPerformanceIndex } from '../../src/metrics/drawdown.js'
import { omega, sharpe, sortino, stability, volatility } from '../../src/metrics/ratios.js'
import { alpha, beta, correlation, informationRatio, rSquared, treynor } from '../../src/metrics/relative.js'
import { cagr, equityCurve, geometricMean, simpleReturns, totalReturn } from '../../src/metrics/returns.js'
import { excessKurtosis, skewness } from '../../src/metrics/shape.js'
import { known, type Statistic } from '../../src/metrics/statistic.js'
import {
  historicalShortfall, historicalValueAtRisk, normalValueAtRisk, outlierLossRatio, outlierWinRatio, tailRatio,
} from '../../src/metrics/tails.js' // prettier-ignore
import {
  best, cpcIndex, gainToPain, kelly, longestLossStreak, longestWinStreak, payoffRatio, profitFactor, winRate, worst,
} from '../../src/metrics/win-loss.js' // prettier-ignore
import { makeNormal } from './make-normal.js'

type Ask = (returns: Float64Array) => Statistic

/** Unchanged when the returns are dealt in another order. */
const ORDERLESS: Record<string, Ask> = {
  totalReturn, cagr, geometricMean, sharpe, sortino, omega, volatility, skewness, excessKurtosis, winRate, payoffRatio,
  profitFactor, gainToPain, kelly, cpcIndex, best, worst, historicalValueAtRisk, historicalShortfall, normalValueAtRisk,
  tailRatio, outlierWinRatio, outlierLossRatio,
} // prettier-ignore

/** Depend on the order. */
const ORDERED: Record<string, Ask> = {
  autocorrelation, autocorrelationPenalty, probabilisticSharpe, stability, longestWinStreak, longestLossStreak,
} // prettier-ignore

/** Pure numbers: unchanged when all returns are scaled, as by leverage without financing. */
const SCALE_FREE: Record<string, Ask> = {
  sharpe, sortino, omega, skewness, excessKurtosis, winRate, payoffRatio, profitFactor, gainToPain, kelly, cpcIndex,
  tailRatio, outlierWinRatio, outlierLossRatio, autocorrelation, autocorrelationPenalty, probabilisticSharpe,
  longestWinStreak, longestLossStreak,
} // prettier-ignore

/** Grow with the scale. */
const PROPORTIONAL: Record<string, Ask> = {
  volatility, best, worst, historicalValueAtRisk, historicalShortfall, normalValueAtRisk,
} // prettier-ignore

/** Returns in whole hundredths of a percent: zeros and repeats are common, rounding is not what is tested. */
const returnsOf = (minLength: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.integer({ min: -900, max: 900 }), { minLength, maxLength: 60 })
    .map((values) => Float64Array.from(values, (value) => value / 10_000))

function expectSame(actual: Statistic, expected: Statistic, factor: number = 1): void {
  if (expected.value === undefined) {
    expect(actual).toEqual(expected)
    return
  }
  const wanted = expected.value * factor
  expect(Math.abs((actual.value ?? NaN) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)))
}

describe.each(Object.entries({ ...ORDERLESS, ...ORDERED }))('%s', (_, ask) => {
  it('is a finite number, or says why there is none', () => {
    const any = fc.oneof(
      returnsOf(0),
      fc.array(fc.double({ min: -1, max: 5, noNaN: true }), { maxLength: 30 }).map((values) => Float64Array.from(values)),
      fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.nat(20)).map(([value, count]) => new Float64Array(count).fill(value)),
    )
    fc.assert(
      fc.property(any, (returns) => {
        const answer = ask(returns)
        if (answer.value === undefined) expect(answer.reason).toMatch(/\w{2}/)
        else expect(Number.isFinite(answer.value)).toBe(true)
      }),
      { numRuns: 300 },
    )
  }) // prettier-ignore

  it('does not write to its input', () => {
    const returns = makeNormal(3, 50)
    const before = returns.slice()
    ask(returns)
    expect(returns).toEqual(before)
  })
})

describe('order', () => {
  const shuffled = returnsOf(2).chain((returns) =>
    fc.tuple(fc.constant(returns), fc.shuffledSubarray([...returns], { minLength: returns.length })),
  )
  it.each(Object.entries(ORDERLESS))('%s does not depend on it', (_, ask) => {
    fc.assert(fc.property(shuffled, ([a, b]) => expectSame(ask(Float64Array.from(b)), ask(a))))
  })

  it.each(Object.entries(ORDERED))('%s depends on it', (_, ask) => {
    const rising = Float64Array.from({ length: 20 }, (_, i) => (i - 9) / 1000)
    const zigzag = rising.map((_, i) => rising[i % 2 === 0 ? i / 2 : 19 - (i - 1) / 2] ?? NaN)
    expect(ask(zigzag).value).not.toBeCloseTo(ask(rising).value ?? NaN, 3)
  })
})

describe('scale', () => {
  const scales = fc.constantFrom(0.25, 0.5, 2, 3)
  it.each(Object.entries(SCALE_FREE))('%s does not depend on it', (_, ask) => {
    fc.assert(fc.property(returnsOf(2), scales, (a, by) => expectSame(ask(a.map((value) => value * by)), ask(a))))
  }) // prettier-ignore

  it.each(Object.entries(PROPORTIONAL))('%s grows with it', (_, ask) => {
    fc.assert(fc.property(returnsOf(2), scales, (a, by) => expectSame(ask(a.map((value) => value * by)), ask(a), by)))
  }) // prettier-ignore
})

describe('equity and returns', () => {
  it('returns recombine to the equity they came from', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 2 }), (equity) => {
        const back = equityCurve(simpleReturns(equity), equity[0])
        back.forEach((value, i) => expect(Math.abs(value / (equity[i] ?? NaN) - 1)).toBeLessThan(1e-9))
        const total = totalReturn(simpleReturns(equity)).value ?? NaN
        expect(Math.abs((1 + total) / ((equity.at(-1) ?? NaN) / (equity[0] ?? NaN)) - 1)).toBeLessThan(1e-9)
      }),
    )
  })

  it('n periods of the geometric mean are the total', () => {
    fc.assert(
      fc.property(returnsOf(1), (returns) => {
        const rate = geometricMean(returns).value ?? NaN
        expect((1 + rate) ** returns.length - 1).toBeCloseTo(totalReturn(returns).value ?? NaN, 9)
      }),
    )
  })

  it('equity at or below zero has no return, and the row is named', () => {
    expect(() => simpleReturns([100, 0, 50])).toThrow(/row 2, field equity, value 0/)
    expect(() => simpleReturns([100, -5, 50])).toThrow(/row 2/)
  })
})

describe('degenerate series', () => {
  const flat = new Float64Array(30)
  const steady = new Float64Array(30).fill(0.01)
  it.each([
    ['sharpe of flat days', sharpe(flat), 'zero deviation'],
    ['sharpe of equal days', sharpe(steady), 'zero deviation'],
    ['sharpe of equal days up to rounding', sharpe(simpleReturns(equityCurve(steady))), 'zero deviation'],
    ['sharpe of one day', sharpe([0.1]), '1 returns, at least 2 needed'],
    ['sortino without a loss', sortino([0.01, 0.02]), 'no return below the required one'],
    ['sortino of flat days', sortino(flat), 'zero deviation'],
    ['sortino of flat days under a risk-free rate', sortino(flat, { ratePerPeriod: 0.02 / 365 }), 'zero deviation'],
    ['sortino of equal losses', sortino(steady.map((gain) => -gain)), 'zero deviation'],
    ['omega without a loss', omega(steady), 'no return below the threshold'],
    ['profit factor without a loss', profitFactor(steady), 'no loss'],
    ['profit factor of flat days', profitFactor(flat), 'no gain and no loss'],
    ['win rate of flat days', winRate(flat), 'no gain and no loss'],
    ['payoff without a gain', payoffRatio([-0.1]), 'no gain'],
    ['kelly without a loss', kelly(steady), 'no loss'],
    ['skew of two', skewness([1, 2]), '2 returns, at least 3 needed'],
    ['kurtosis of three', excessKurtosis([1, 2, 3]), '3 returns, at least 4 needed'],
    ['tail ratio of flat days', tailRatio(flat), 'the low quantile is zero'],
    ['normal value at risk of equal days', normalValueAtRisk(steady), 'zero deviation'],
    ['autocorrelation of equal days', autocorrelation(steady), 'zero deviation'],
    ['probabilistic Sharpe of a trend', probabilisticSharpeOf({ sharpe: 1, skewness: 0, kurtosis: 3, autocorrelation: 0.5 }, 3), '3 autocorrelated returns are worth fewer than two independent ones'],
    ['autocorrelation of two', autocorrelation([1, 2]), '2 returns, at least 3 needed'],
    ['ulcer of one point, n − 1', ulcerIndex([0.1], 1), '1 equity points, at least 2 needed'],
    ['cagr after ruin', cagr([0.5, -2.5]), 'equity fell below zero'],
    ['stability after ruin', stability([0.5, -1]), 'equity fell to zero'],
    ['beta on a flat benchmark', beta(steady, flat), 'the benchmark has zero deviation'],
    ['correlation of a flat strategy', correlation(flat, makeNormal(1, 30)), 'zero deviation of the strategy or the benchmark'],
  ])('%s', (_, statistic, reason) => expect(statistic).toEqual({ reason })) // prettier-ignore

  it('a loss of everything is −100 %, not n/a', () => {
    expect(cagr([0.5, -1])).toEqual({ value: -1 })
    expect(totalReturn([0.5, -1])).toEqual({ value: -1 })
  })
})

describe('hand-worked', () => {
  it('skew and kurtosis of 1, 2, 3, 4, 10', () => {
    // Deviations −3 −2 −1 0 6: squares 50, cubes 180, fourth powers 1394.
    const [m2, m3, m4] = [10, 36, 278.8]
    const values = [1, 2, 3, 4, 10]
    expect(skewness(values).value).toBeCloseTo(((m3 / m2 ** 1.5) * Math.sqrt(20)) / 3, 12)
    expect(excessKurtosis(values).value).toBeCloseTo((4 / 6) * (6 * (m4 / m2 ** 2 - 3) + 6), 12)
  })

  it('value at risk, shortfall and tails of −5 … 5', () => {
    const values = Array.from({ length: 11 }, (_, i) => (i - 5) / 100)
    expect(historicalValueAtRisk(values).value).toBeCloseTo(-0.045, 14)
    expect(historicalShortfall(values).value).toBeCloseTo(-0.05, 14)
    expect(historicalShortfall(values, 0.2).value).toBeCloseTo(-0.04, 14)
    expect(tailRatio(values).value).toBeCloseTo(1, 14)
    expect(outlierWinRatio(values).value).toBeCloseTo(4.9 / 2.5, 12)
    expect(outlierLossRatio(values).value).toBeCloseTo(4.9 / 3, 12)
    expect(normalValueAtRisk(values).value).toBeCloseTo(-1.6448536269514722 * Math.sqrt(0.0011), 12)
    expect(historicalShortfall([-0.1])).toEqual({ value: -0.1 })
  })

  it('the market’s growth on its up days, of which the strategy took half', () => {
    const [own, market] = [[0.05, 0.1, -0.2], [0.1, 0.2, -0.1]] // prettier-ignore
    const growth = (factor: number, count: number): number => factor ** (365 / count) - 1
    expect(upCapture(own, market).value).toBeCloseTo(growth(1.155, 2) / growth(1.32, 2), 12)
    expect(downCapture(own, market).value).toBeCloseTo(growth(0.8, 1) / growth(0.9, 1), 12)
  })

  it('yearly growth over the risk-free rate', () => {
    expect(treynor(known(0.12), known(0.5), 0.02).value).toBeCloseTo(0.2, 14)
    expect(ulcerPerformanceIndex(known(0.12), known(0.05), 0.02).value).toBeCloseTo(2, 14)
    expect(treynor(known(0.1), known(0))).toEqual({ reason: 'beta is zero' })
  })
})

describe('against a benchmark', () => {
  const market = makeNormal(1, 400)
  const noise = makeNormal(2, 400)

  it('recovers the slope and the intercept of a line', () => {
    const own = market.map((value) => 0.001 + 1.5 * value)
    expect(beta(own, market).value).toBeCloseTo(1.5, 12)
    expect(alpha(own, market).value).toBeCloseTo(0.365, 10)
    expect(alpha(own, market, { annualise: 'compound' }).value).toBeCloseTo(1.001 ** 365 - 1, 10)
    expect(correlation(own, market).value).toBeCloseTo(1, 12)
    expect(rSquared(own.map((value) => -value), market).value).toBeCloseTo(1, 12) // prettier-ignore
  })

  it('alpha over a risk-free rate takes it from both sides', () => {
    const own = market.map((value) => 0.001 + 0.5 * (value - 0.0002) + 0.0002)
    expect(alpha(own, market, { ratePerPeriod: 0.0002 }).value).toBeCloseTo(0.365, 10)
  })

  it('the information ratio is the Sharpe ratio of the difference', () => {
    const own = market.map((value, i) => value + (noise[i] ?? NaN))
    expect(informationRatio(own, market).value).toBeCloseTo(sharpe(noise).value ?? NaN, 10)
    expect(informationRatio(market, market)).toEqual({ reason: 'zero deviation' })
  })

  it('refuses series of unequal length', () => {
    expect(() => beta(market, market.subarray(1))).toThrow(/equal lengths/)
    expect(() => informationRatio(market, market.subarray(1))).toThrow(/one value per return/)
  })
})
