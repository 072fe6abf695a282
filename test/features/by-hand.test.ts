import { describe, expect, it } from 'vitest'
import * as all from '../../src/index.js'
import type { Candles, Feature } from '../../src/index.js'
import { HOUR_MS } from '../../src/core/time.js'
import { columnOf, walk } from './candles.js'

const { close, high, low } = all

/** Candles of which only the named columns matter; the others repeat the close. */
function candlesOf(columns: { close: number[]; high?: number[]; low?: number[]; open?: number[] }): Candles {
  const filled = (values: number[] | undefined): Float64Array => Float64Array.from(values ?? columns.close)
  return {
    timeframeMs: HOUR_MS,
    openTime: Float64Array.from(columns.close, (_, i) => i * HOUR_MS),
    open: filled(columns.open),
    high: filled(columns.high),
    low: filled(columns.low),
    close: filled(columns.close),
    volume: filled(undefined),
  }
}

function expectColumn(feature: Feature, candles: Candles, expected: number[], digits: number = 12): void {
  const column = columnOf(feature, candles)
  expect(column.length).toBe(expected.length)
  expected.forEach((value, i) => {
    if (Number.isNaN(value)) expect(column[i], `bar ${i}`).toBeNaN()
    else expect(column[i], `bar ${i}`).toBeCloseTo(value, digits)
  })
}

const _ = NaN

describe('worked by hand', () => {
  const prices = (...close: number[]): Candles => candlesOf({ close })

  it('sma: NaN first, and again while a NaN is in the window', () => {
    expectColumn(all.sma(close, 3), prices(1, 2, 6, _, 3, 3, 9, 0), [_, _, 3, _, _, _, 5, 4])
  })
  it('ema: started at the first value, weight 2 / 4; a NaN is passed over', () => {
    expectColumn(all.ema(close, 3), prices(4, 8, 2, _, 10), [_, _, 4, _, 7])
  })
  it('wilder: mean of three, then a third of the way', () => {
    expectColumn(all.wilder(close, 3), prices(3, 6, 9, 12, _, 1), [_, _, 6, 8, _, 8 - 7 / 3])
  })
  it('wma: weights 1, 2, 3', () => {
    expectColumn(all.wma(close, 3), prices(1, 2, 6, 0), [_, _, 23 / 6, 14 / 6])
  })
  it('highest and lowest', () => {
    expectColumn(all.highest(close, 3), prices(5, 4, 3, 2, 9, 1, _, 1, 2, 0), [_, _, 5, 4, 9, 9, _, _, _, 2])
    expectColumn(all.lowest(close, 3), prices(5, 4, 3, 2, 9, 1, _, 1, 2, 0), [_, _, 3, 2, 2, 1, _, _, _, 0])
  })
  it('deviation and z-score: 2, 4, 6 has mean 4 and sample deviation 2', () => {
    expectColumn(all.deviation(close, 3), prices(2, 4, 6, 6, 6), [_, _, 2, Math.sqrt(4 / 3), 0])
    expectColumn(all.zScore(close, 3), prices(2, 4, 6, 6, 6), [_, _, 1, 2 / 3 / Math.sqrt(4 / 3), _])
    expectColumn(all.deviation(close, 3, 'population'), prices(2, 4, 6), [_, _, Math.sqrt(8 / 3)])
  })
  it('lag, rate of change', () => {
    expectColumn(all.lag(close, 2), prices(1, 2, 3, 4), [_, _, 1, 2])
    expectColumn(all.rateOfChange(close, 1), prices(2, 3, 0, 5), [_, 0.5, -1, _])
  })
  it('rank: equal values count half, known values only', () => {
    expectColumn(all.rank(close, 4, { minimumKnown: 2 }), prices(5, 5, 7, _, 1, 7), [
      _,
      0.5,
      2.5 / 3,
      _,
      0.5 / 3,
      2 / 3,
    ])
  })
  it('rank: a series that never moves is in the middle of itself', () => {
    expectColumn(all.rank(close, 3), prices(4, 4, 4, 4), [_, _, 0.5, 0.5])
  })
  it('change over time: gaps do not stretch the span', () => {
    const candles = {
      ...prices(10, 20, 30, 40),
      openTime: Float64Array.of(0, 1, 5, 6).map((hour) => hour * HOUR_MS),
    }
    expectColumn(all.changeOver(close, HOUR_MS), candles, [_, 1, _, 1 / 3])
    expectColumn(all.changeOver(close, 4 * HOUR_MS, { toleranceMs: HOUR_MS }), candles, [_, _, 0.5, 1])
  })
  it('rsi: gains 1, losses 1 and 2, then Wilder', () => {
    // Two changes +1, −1: gain 0.5, loss 0.5. Then −2: gain 0.25, loss 1.25. Then +3: gain 1.625, loss 0.625.
    expectColumn(all.rsi(close, 2), prices(10, 11, 10, 8, 11), [_, _, 50, 25 / 1.5, 162.5 / 2.25])
    expectColumn(all.rsi(close, 2), prices(7, 7, 7, 8), [_, _, _, 100])
  })
  it('true range reaches back to the last close', () => {
    const candles = candlesOf({ close: [10, 20, 5], high: [12, 21, 8], low: [9, 19, 4] })
    expectColumn(all.trueRange(), candles, [3, 11, 16])
    expectColumn(all.atr(2), candles, [_, 7, 11.5])
  })
  it('crosses: equality, and a fall from above', () => {
    const a = [1, 2, 3, 2, 3, 1, 2, 3]
    const b = candlesOf({ close: a, open: a.map(() => 2) })
    //      1<2 2=2 3>2 2=2 3>2 1<2 2=2 3>2
    expectColumn(all.crossing(close, all.open), b, [_, 0, 1, 0, 1, 0, 0, 1])
    expectColumn(all.crossing(close, all.open, 'strict'), b, [_, 0, 0, 0, 0, 0, 0, 0])
    expectColumn(all.crossing(close, all.open, 'was-below'), b, [_, 0, 1, 0, 1, 0, 0, 1])
    const fromEqual = candlesOf({ close: [2, 3, 2, 3, 1, 3], open: [2, 2, 2, 2, 2, 2] })
    expectColumn(all.crossing(close, all.open), fromEqual, [_, 1, 0, 1, 0, 1])
    expectColumn(all.crossing(close, all.open, 'was-below'), fromEqual, [_, 0, 0, 0, 0, 1])
    expectColumn(all.crossing(close, all.open, 'strict'), fromEqual, [_, 0, 0, 0, 0, 1])
  })
  it('arithmetic', () => {
    const candles = candlesOf({ close: [1, 0, _, -4], open: [2, 3, 4, 0] })
    expectColumn(all.div(close, all.open), candles, [0.5, 0, _, _])
    expectColumn(all.abs(close), candles, [1, 0, _, 4])
    expectColumn(all.clamp(close, -1, 0.5), candles, [0.5, 0, _, -1])
    expectColumn(all.min(close, all.open), candles, [1, 0, _, -4])
    expectColumn(all.max(close, all.open), candles, [2, 3, _, 0])
    expectColumn(all.where(close, 7, all.open), candles, [7, 3, _, 7])
    expectColumn(all.orElse(close, all.open), candles, [1, 0, 4, -4])
    expectColumn(all.keepWhere(close, all.open, { atLeast: 2, atMost: 3 }), candles, [1, 0, _, _])
    expectColumn(all.greater(close, 0), candles, [1, 0, _, 0])
  })
  it('stochastic: NaN where nothing moved, not 0', () => {
    const candles = candlesOf({ close: [5, 5, 7], high: [5, 5, 9], low: [5, 5, 5] })
    expectColumn(all.stochastic(2, 1).k, candles, [_, _, 50])
  })
  it('directional movement: the farther side counts, equal sides do not', () => {
    const candles = candlesOf({ close: [10, 12, 12], high: [11, 14, 15], low: [9, 10, 9] })
    // +DM 0, 3, 0 and −DM 0, 0, 0: the third bar reaches 1 farther on both sides. Ranges 2, 4, 6.
    expectColumn(all.adx(3).plus, candles, [_, _, (100 * 1) / 4])
    expectColumn(all.adx(3).minus, candles, [_, _, 0])
  })
})

describe('rounding does not add up', () => {
  const BARS = 300_000

  /** What the same window gives when it is computed alone, in two passes. */
  function alone(values: Float64Array, bar: number, period: number): { mean: number; deviation: number } {
    const window = Array.from(values.subarray(bar - period + 1, bar + 1))
    const mean = window.reduce((sum, x) => sum + x, 0) / period
    return { mean, deviation: Math.sqrt(window.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (period - 1)) }
  }

  it('a mean and a deviation are as good on the last bar as on the first', () => {
    const candles = walk(BARS, 5)
    for (let i = 0; i < BARS; i++)
      candles.close[i] = 60_000 + Math.sin(i * 0.7) * 10 + (i % 1000 === 0 ? 1e6 : 0)
    const means = columnOf(all.sma(close, 50), candles)
    const deviations = columnOf(all.deviation(close, 50), candles)
    for (let bar = BARS - 1500; bar < BARS; bar++) {
      const expected = alone(candles.close, bar, 50)
      expect(Math.abs(means[bar]! / expected.mean - 1)).toBeLessThan(1e-13)
      expect(Math.abs(deviations[bar]! / expected.deviation - 1)).toBeLessThan(1e-9)
    }
  })

  it('an infinite or huge value leaves no trace', () => {
    const candles = walk(200, 2)
    candles.close[40] = Infinity
    candles.close[90] = 1e300
    const expected = alone(candles.close, 199, 20)
    expect(columnOf(all.sma(close, 20), candles)[199]).toBeCloseTo(expected.mean, 10)
    expect(columnOf(all.deviation(close, 20), candles)[199]).toBeCloseTo(expected.deviation, 10)
    expect(columnOf(all.sma(close, 20), candles)[45]).toBeNaN()
  })
})

describe('rank against counting', () => {
  it.each([
    ['new values on every bar', (i: number, x: number) => x + i * 0],
    ['steps that last and repeat', (i: number, x: number) => Math.round(x / 3) + (Math.floor(i / 40) % 3)],
  ])('%s', (_name, shape) => {
    const candles = walk(1500, 9)
    candles.close.forEach((x, i) => (candles.close[i] = i % 97 === 0 ? NaN : shape(i, x)))
    const column = columnOf(all.rank(close, 200, { minimumKnown: 50 }), candles)
    const overTime = columnOf(all.rankOver(close, 200 * HOUR_MS, { minimumKnownMs: 50 * HOUR_MS }), candles)
    candles.close.forEach((x, bar) => {
      const window = Array.from(candles.close.subarray(Math.max(0, bar - 199), bar + 1)).filter(
        (y) => !Number.isNaN(y),
      )
      const share =
        (window.filter((y) => y < x).length + window.filter((y) => y === x).length / 2) / window.length
      const expected = Number.isNaN(x) || window.length < 50 ? NaN : share
      expect(column[bar]).toBe(expected)
      expect(overTime[bar]).toBe(expected)
    })
  })
})

describe('settings that make no sense', () => {
  it.each([
    () => all.sma(close, 0),
    () => all.ema(close, 1.5),
    () => all.deviation(close, 1),
    () => all.rank(close, 5, { minimumKnown: 6 }),
    () => all.changeOver(close, 5, { toleranceMs: 5 }),
    () => all.fact('', 'x'),
    () => all.fact('x', 'y', { maxAgeMs: 0 }),
    () => all.constant(NaN),
    () => all.combineLegs([]),
    () => all.combineLegs([{ weight: 0, leg: close }]),
    () => all.ichimoku(9, 5, 52),
    () => all.highest(low, -1),
    () => all.lowest(high, Infinity),
  ])('%s', (make) => {
    expect(make).toThrow(all.ConfigError)
  })
})
