import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/core/time.js'
import {
  averageDrawdown, averageDrawdownDays, deepestDrawdown, drawdownPeriods, drawdownSeries, intrabarDrawdown, longestDrawdownDays, maxDrawdown,
  recoveryFactor, ulcerIndex, worstDrawdowns,
} from '../../src/metrics/drawdown.js' // prettier-ignore
import { known } from '../../src/metrics/statistic.js'

const days = (...numbers: number[]): number[] => numbers.map((day) => day * DAY_MS)

describe('a hand-worked curve: 100, 120, 90, 108, 120, 130, 117, 125', () => {
  const equity = [100, 120, 90, 108, 120, 130, 117, 125]
  const time = days(1, 2, 3, 4, 5, 6, 7, 8)
  const periods = drawdownPeriods(time, equity, undefined)

  it('falls by a quarter and by a tenth', () => {
    const expected = [0, 0, 0.25, 0.1, 0, 0, 0.1, 1 - 125 / 130]
    drawdownSeries(equity, undefined).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14))
    expect(maxDrawdown(drawdownSeries(equity, undefined))).toEqual({ value: 0.25 })
  })

  it('dates peak, valley and recovery; the second fall is not over', () => {
    expect(periods).toHaveLength(2)
    expect(periods[0]).toEqual({
      peakTime: 2 * DAY_MS,
      valleyTime: 3 * DAY_MS,
      recoveryTime: 5 * DAY_MS,
      depth: 0.25,
      durationDays: 3,
    })
    expect(periods[1]).toMatchObject({
      peakTime: 6 * DAY_MS,
      valleyTime: 7 * DAY_MS,
      recoveryTime: null,
      durationDays: 2,
    })
  })

  it('averages them', () => {
    expect(averageDrawdown(periods).value).toBeCloseTo(0.175, 14)
    expect(averageDrawdownDays(periods)).toEqual({ value: 2.5 })
    expect(longestDrawdownDays(periods)).toEqual({ value: 3 })
    expect(worstDrawdowns(periods, 1)).toEqual([periods[0]])
    const squares = 0.25 ** 2 + 0.1 ** 2 + 0.1 ** 2 + (5 / 130) ** 2
    expect(ulcerIndex(drawdownSeries(equity, undefined)).value).toBeCloseTo(Math.sqrt(squares / 8), 14)
  })

  it('a starting balance above the first bar is the first peak', () => {
    expect(drawdownSeries([90, 100], 100)).toEqual(Float64Array.of(1 - 0.9, 0))
    expect(drawdownSeries([90, 100], undefined)).toEqual(Float64Array.of(0, 0))
    expect(drawdownPeriods(days(1, 2), [90, 100], 100, 0)[0]).toMatchObject({
      peakTime: 0,
      recoveryTime: 2 * DAY_MS,
    })
  })

  it('a fall on the very first bar that is never made good', () => {
    expect(drawdownPeriods(days(1, 2), [90, 95], 100, 0)).toEqual([
      { peakTime: 0, valleyTime: DAY_MS, recoveryTime: null, depth: 1 - 0.9, durationDays: 2 },
    ])
  })

  it('inside bars: the adverse point against the peak of the closes before', () => {
    // Bar 3 closes at its high of 130 after touching 84: 84 falls 30 % from 120, not 35 % from 130.
    expect(intrabarDrawdown([120, 130], [110, 84], 120).value).toBeCloseTo(0.3, 14)
    expect(() => intrabarDrawdown([1, 2], [1], 1)).toThrow(/one value per bar/)
  })

  it('without a fall there is nothing to average or to recover from', () => {
    expect(averageDrawdown([])).toHaveProperty('reason')
    expect(recoveryFactor(known(0.5), known(0))).toEqual({ reason: 'no drawdown' })
    expect(maxDrawdown([])).toHaveProperty('reason')
    expect(deepestDrawdown([], 0)).toHaveProperty('reason')
    expect(deepestDrawdown([], 1)).toEqual({ value: 0 })
  })
})

const curve = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 })

describe('properties', () => {
  it('drawdowns lie in [0, 1), and the largest is what a search over all pairs finds', () => {
    fc.assert(
      fc.property(curve, (equity) => {
        const drawdowns = drawdownSeries(equity, undefined)
        let worst = 0
        equity.forEach((peak, i) =>
          equity.slice(i).forEach((later) => {
            if (later < peak) worst = Math.max(worst, 1 - later / peak)
          }),
        )
        expect(drawdowns.every((value) => value >= 0 && value < 1)).toBe(true)
        expect(maxDrawdown(drawdowns).value).toBe(worst)
      }),
    )
  })

  it('do not depend on the size of the account (exactly, for powers of two)', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: -8, max: 8 }), (equity, power) => {
        const scaled = equity.map((value) => value * 2 ** power)
        expect(drawdownSeries(scaled, undefined)).toEqual(drawdownSeries(equity, undefined))
      }),
    )
  })

  it('a deeper drawdown cannot come from cutting the end off', () => {
    fc.assert(
      fc.property(curve, (equity) => {
        const whole = maxDrawdown(drawdownSeries(equity, undefined)).value ?? NaN
        for (let end = 1; end < equity.length; end++) {
          expect(maxDrawdown(drawdownSeries(equity.slice(0, end), undefined)).value).toBeLessThanOrEqual(
            whole,
          )
        }
      }),
    )
  })

  it('periods do not overlap, each valley lies inside, and the deepest is the maximum drawdown', () => {
    fc.assert(
      fc.property(curve, (equity) => {
        const time = equity.map((_, i) => i * DAY_MS)
        const periods = drawdownPeriods(time, equity, undefined)
        const deepest = worstDrawdowns(periods, 1)[0]?.depth ?? 0
        expect(deepest).toBe(maxDrawdown(drawdownSeries(equity, undefined)).value)
        expect(deepestDrawdown(periods, equity.length)).toEqual({ value: deepest })
        periods.forEach((period, i) => {
          expect(period.peakTime).toBeLessThan(period.valleyTime)
          if (period.recoveryTime !== null) {
            expect(period.recoveryTime).toBeGreaterThan(period.valleyTime)
            expect(periods[i + 1]?.peakTime ?? Infinity).toBeGreaterThanOrEqual(period.recoveryTime)
          } else expect(i).toBe(periods.length - 1)
        })
      }),
    )
  })

  it('periods are the stretches on which the series is above 0', () => {
    fc.assert(
      fc.property(
        curve,
        fc.option(fc.double({ min: 1, max: 1e6, noNaN: true }), { nil: undefined }),
        (equity, peak) => {
          const series = [...drawdownSeries(equity, peak)]
          const periods = drawdownPeriods(equity.map((_, i) => i), equity, peak, -1) // prettier-ignore
          const inside = series.map((_, i) => periods.filter(({ peakTime, recoveryTime }) => peakTime < i && i < (recoveryTime ?? Infinity))) // prettier-ignore
          expect(inside.map(({ length }) => length)).toEqual(series.map((fall) => (fall > 0 ? 1 : 0)))
          for (const { peakTime, valleyTime, recoveryTime, depth } of periods) {
            expect(depth).toBe(Math.max(...series.slice(peakTime + 1, recoveryTime ?? series.length)))
            expect(series[valleyTime]).toBe(depth)
          }
        },
      ),
    )
  })

  it('an adverse point that is no number leaves no bound', () => {
    expect(intrabarDrawdown([100, 90, 95], [100, NaN, 80], 100)).toHaveProperty('reason')
  })

  it('the intrabar bound is never smaller than the drawdown on closes, and equal without adverse moves', () => {
    const bars = fc.array(fc.tuple(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1 })
    fc.assert(
      fc.property(bars, (rows) => {
        const equity = rows.map(([close]) => close)
        const adverse = rows.map(([close, share]) => close * share)
        const onCloses = maxDrawdown(drawdownSeries(equity, 50)).value ?? NaN
        expect(intrabarDrawdown(equity, adverse, 50).value).toBeGreaterThanOrEqual(onCloses)
        expect(intrabarDrawdown(equity, equity, 50).value).toBe(onCloses)
      }),
    )
  }) // prettier-ignore
})
