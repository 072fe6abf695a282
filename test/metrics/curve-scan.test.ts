import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { scanCurve } from '../../src/metrics/curve-scan.js'
import { DrawdownScan, drawdownPeriods, IntrabarScan, intrabarDrawdown } from '../../src/metrics/drawdown.js'
import { BarTimes } from '../../src/metrics/bar-times.js'
import { firstAtOrAfter, lastAtOrBefore } from '../../src/metrics/partition-point.js'

/** Few different values: peaks are reached again to the digit. */
const equities = fc.array(
  fc.integer({ min: 1, max: 12 }).map((value) => value / 3),
  { minLength: 1, maxLength: 60 },
)
const curve = fc.record({
  equity: equities,
  below: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 60 }),
  startingPeak: fc.constantFrom(undefined, 1, 2, 3),
  ends: fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
})

describe('drawdowns of a curve', () => {
  it('are the definitions, word by word, however the curve is cut into stretches', () => {
    fc.assert(
      fc.property(curve, ({ equity, below, startingPeak, ends }) => {
        const time = equity.map((_, row) => (row + 1) * HOUR_MS)
        const adverse = equity.map((value, row) => value - below[row]! / 8)
        const closes = new DrawdownScan(time, equity, startingPeak, 0)
        const bars = new IntrabarScan(equity, adverse, startingPeak)
        for (const end of [...ends.sort((a, b) => a - b), equity.length]) {
          closes.pass(Math.min(end, equity.length))
          bars.pass(Math.min(end, equity.length))
        }
        const periods = closes.finish()
        expect(periods).toEqual(drawdownPeriods(time, equity, startingPeak, 0))
        expect(bars.deepest()).toEqual(intrabarDrawdown(equity, adverse, startingPeak))

        const first = startingPeak ?? equity[0]!
        const peaks = equity.map((_, row) => Math.max(first, ...equity.slice(0, row + 1)))
        const depths = equity.map((value, row) => 1 - value / peaks[row]!)
        expect(Math.max(0, ...periods.map(({ depth }) => depth))).toBe(Math.max(...depths))
        for (const { peakTime, valleyTime, recoveryTime, depth } of periods) {
          const [from, end] = [peakTime / HOUR_MS - 1, (recoveryTime ?? time.at(-1)! + HOUR_MS) / HOUR_MS - 1]
          const fall = depths.slice(from + 1, end)
          expect(fall.every((one) => one > 0)).toBe(true)
          expect(depth).toBe(Math.max(...fall))
          expect(fall.indexOf(depth) + from + 1).toBe(valleyTime / HOUR_MS - 1)
        }
        const fallen = periods.flatMap(({ peakTime, recoveryTime }) => time.filter((at) => at > peakTime && at < (recoveryTime ?? Infinity))) // prettier-ignore
        expect(fallen).toEqual(time.filter((_, row) => depths[row]! > 0))

        const inside = equity.map((value, row) => 1 - Math.min(adverse[row]!, value) / (row === 0 ? first : Math.max(first, ...equity.slice(0, row)))) // prettier-ignore
        expect(bars.deepest()).toEqual({ value: Math.max(0, ...inside) })
      }),
      { numRuns: 500 },
    )
  })

  it('of a long curve, its ruin too, do not depend on where it is cut', () => {
    const equity = Float64Array.from({ length: 5_000 }, (_, row) => 3 + row / 100 + Math.sin(row / 7) - (row === 3_000 || row === 4_950 ? 90 : 0)) // prettier-ignore
    const adverse = equity.map((value, row) => value - (row % 11) / 10)
    const time = equity.map((_, row) => (row + 1) * HOUR_MS)
    const { ruin, drawdowns, intrabarDrawdown: inside } = scanCurve({ equity, adverse }, time, undefined, HOUR_MS) // prettier-ignore
    expect(ruin).toBe(equity.findIndex((value) => value <= 0))
    expect(ruin).toBeGreaterThan(2_048)
    expect(drawdowns).toEqual(drawdownPeriods(time, equity, undefined, HOUR_MS))
    expect(drawdowns.length).toBeGreaterThan(20)
    expect(inside).toEqual(intrabarDrawdown(equity, adverse, undefined))
  })

  it('equity that is no number is refused by its row, wherever it stands', () => {
    for (const row of [0, 2_047, 2_048, 4_999]) {
      const equity = new Float64Array(5_000).fill(2)
      equity[row] = NaN
      expect(() => scanCurve({ equity, adverse: equity }, equity, 2, 0)).toThrow(`row ${row + 1}`)
    }
  })
})

it('closing times are those of the column, which is looked into only where a bar is missing', () => {
  const gaps = fc.array(fc.constantFrom(1, 1, 1, 2, 5), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(gaps, fc.boolean(), fc.integer({ min: -2, max: 80 }), fc.nat({ max: 31 }), (steps, isEven, ask, from) => {
      let close = 0
      const times = Float64Array.from(steps, (step) => (close += isEven ? HOUR_MS : step * HOUR_MS))
      let looks = 0
      const span = { bars: times.length, firstClose: times[0]!, lastClose: close, timeframeMs: HOUR_MS }
      const bars = new BarTimes(span, () => (looks++, times))
      const time = (ask * HOUR_MS) / 2
      const first = Math.min(from, firstAtOrAfter(times, time, 0))
      expect(bars.firstAtOrAfter(time, first)).toBe(firstAtOrAfter(times, time, first))
      expect(bars.lastAtOrBefore(time)).toBe(lastAtOrBefore(times, time))
      expect(times.map((_, bar) => bars.at(bar))).toEqual(times)
      expect(looks > 0).toBe(steps.slice(1).some((step) => !isEven && step > 1))
      expect([bars.at(-1), bars.at(times.length)]).toEqual([NaN, NaN])
    }),
  ) // prettier-ignore
})
