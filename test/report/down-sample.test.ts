import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pointRows, stretchesOf, thinned, thinnedCandles } from '../../src/report/index.js'
import { packColumn, packTimes, unpackColumn, unpackTimes } from '../../src/report/page/packed-columns.js'

const column = fc.array(fc.oneof({ weight: 5, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) }, { weight: 1, arbitrary: fc.constant(NaN) }), { maxLength: 400 }) // prettier-ignore
const most = fc.integer({ min: 2, max: 60 })

describe('columns thinned for drawing', () => {
  it('keep their extremes, each inside its own stretch, and their last value', () => {
    fc.assert(
      fc.property(column, most, fc.nat(20), (values, points, skipped) => {
        const first = Math.min(skipped, values.length)
        const stretches = stretchesOf(first, values.length, points)
        const [rows, drawn] = [pointRows(stretches), thinned(values, stretches)]
        expect(drawn).toHaveLength(rows.length)
        expect(drawn.length).toBeLessThanOrEqual(points + 2)
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b))
        const known = (list: readonly (number | null)[]): number[] => list.filter((value) => value !== null && !Number.isNaN(value)) as number[] // prettier-ignore
        const whole = known(values.slice(first))
        expect(Math.max(...known(drawn))).toBe(Math.max(...whole))
        expect(Math.min(...known(drawn))).toBe(Math.min(...whole))
        if (values.length > first && drawn.length > 1) expect(rows.at(-1)).toBeLessThan(values.length)
        drawn.forEach((value, at) => {
          const start = Math.floor((rows[at]! - first) / stretches.size) * stretches.size + first
          const stretch = values.slice(start, start + stretches.size)
          if (value === null) expect(stretch.some((one) => Number.isNaN(one))).toBe(true)
          else expect(stretch).toContain(value)
        })
      }),
    )
  })

  it('of few rows are the rows themselves, gaps as null', () => {
    const stretches = stretchesOf(1, 4, 10)
    expect(stretches.size).toBe(1)
    expect(thinned([9, 1, NaN, 3], stretches)).toEqual([1, null, 3])
    expect(pointRows(stretches)).toEqual([1, 2, 3])
  })

  it('by hand: two points a stretch, in the order in which they came, and the last row', () => {
    const stretches = stretchesOf(0, 9, 5)
    expect(stretches.size).toBe(4)
    expect(pointRows(stretches)).toEqual([0, 2, 4, 6, 8])
    expect(thinned([5, 1, 9, 4, 7, 7, 2, 3, 6], stretches)).toEqual([1, 9, 7, 2, 6])
  })
})

it('candles of several bars open with the first, close with the last and reach as far as any of them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.double({ min: 1, max: 9 }), fc.double({ min: 1, max: 9 })), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (bars, count) => {
      const [open, close] = [bars.map(([a]) => a), bars.map(([, b]) => b)]
      const [high, low] = [bars.map((bar) => Math.max(...bar)), bars.map((bar) => Math.min(...bar))]
      const drawn = thinnedCandles({ openTime: [...bars.keys()], open, high, low, close }, 0, bars.length, count)
      expect(drawn.time.length).toBeLessThanOrEqual(count)
      expect([drawn.open[0], drawn.close.at(-1)]).toEqual([open[0], close.at(-1)])
      expect([Math.max(...drawn.high), Math.min(...drawn.low)]).toEqual([Math.max(...high), Math.min(...low)])
    }),
  )
}) // prettier-ignore

it('packed times and columns come out as they went in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), fc.array(fc.constantFrom(1, 60_000, 3_600_000), { maxLength: 50 }), (start, steps) => {
      const times = steps.reduce<number[]>((list, step) => [...list, list.at(-1)! + step], [start])
      expect(unpackTimes(packTimes(times))).toEqual(times)
      expect(unpackTimes(JSON.parse(JSON.stringify(packTimes([]))) as ReturnType<typeof packTimes>)).toEqual([])
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.constantFrom(1, 2, null), { maxLength: 6 }), (values) => {
      expect(unpackColumn(packColumn(values), values.length)).toEqual(values)
    }),
  )
}) // prettier-ignore
