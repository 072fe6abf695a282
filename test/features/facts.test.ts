import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import { DataError, fact, factAge, factChange, factEventTime } from '../../src/index.js'
import { factsUntil, sliceCandles } from '../../src/strategy/leaks.js'
import { columnOf, sameBits, streamOf, walk } from './candles.js'

/** Rows of [event hour, known hour, value]. */
function series(...rows: (readonly [number, number, number])[]): FactColumns {
  return {
    eventTime: Float64Array.from(rows, ([event]) => event * HOUR_MS),
    knownAt: Float64Array.from(rows, ([, known]) => known * HOUR_MS),
    values: { value: Float64Array.from(rows, ([, , value]) => value) },
  }
}

/** Hourly bars that close at hours 1, 2, 3, … */
function hours(bars: number): ReturnType<typeof walk> {
  const candles = walk(bars, 1)
  candles.openTime.forEach((_, i) => (candles.openTime[i] = i * HOUR_MS))
  return candles
}

describe('facts', () => {
  const facts = { s: series([0, 2, 10], [3, 4, 20], [1, 5, 99], [3, 6, 21]) }

  it('count from when they are known; an older event never hides a newer one; a revision does', () => {
    expect(Array.from(columnOf(fact('s', 'value'), hours(7), facts))).toEqual([NaN, 10, 10, 20, 20, 21, 21])
    expect(Array.from(columnOf(factAge('s'), hours(5), facts), (age) => age / HOUR_MS)).toEqual([
      NaN,
      2,
      3,
      1,
      2,
    ])
    expect(Array.from(columnOf(factEventTime('s'), hours(4), facts), (at) => at / HOUR_MS)).toEqual([
      NaN,
      0,
      0,
      3,
    ])
  })
  it('are stale by the age of the event, not of the poll', () => {
    const column = columnOf(fact('s', 'value', { maxAgeMs: 2 * HOUR_MS }), hours(7), facts)
    expect(Array.from(column)).toEqual([NaN, 10, NaN, 20, 20, NaN, NaN])
  })
  it('of an absent series are absent; of an absent field an error', () => {
    expect(Array.from(columnOf(fact('none', 'value'), hours(2), facts))).toEqual([NaN, NaN])
    expect(() => columnOf(fact('s', 'valve'), hours(2), facts)).toThrow(DataError)
    expect(() => streamOf(fact('s', 'valve'), hours(2), facts)).toThrow(/s\.valve/)
  })
})

describe('change over event time', () => {
  const change = factChange('s', 'value', { spanMs: 24 * HOUR_MS, toleranceMs: HOUR_MS })
  const at = (hour: number, ...rows: (readonly [number, number, number])[]): number =>
    columnOf(change, hours(hour), { s: series(...rows) })[hour - 1]!

  it('compares with the fact of 24 hours before', () => {
    expect(at(30, [0, 1, 100], [1, 2, 200], [24, 25, 150])).toBe(0.5)
  })
  it('takes the nearest within the tolerance, the earlier of two equally near', () => {
    expect(at(40, [9.4, 10, 100], [10.2, 11, 200], [34, 35, 300])).toBe(0.5)
    expect(at(40, [9.5, 10, 100], [10.5, 11, 200], [34, 35, 300])).toBe(2)
  })
  it('is absent when the nearest is farther away, as in a gap', () => {
    expect(at(40, [8.9, 10, 100], [11.1, 12, 200], [34, 35, 300])).toBeNaN()
  })
  it('uses a late revision of the older fact only once it is known', () => {
    const rows = [[0, 1, 100], [24, 25, 150], [0, 28, 75]] as const // prettier-ignore
    expect(at(27, ...rows)).toBe(0.5)
    expect(at(28, ...rows)).toBe(1)
  })
  it('follows the clock of the feed when the feed stands still', () => {
    expect(at(60, [0, 1, 100], [24, 25, 150])).toBe(0.5)
  })
  it('is absent where either value is missing', () => {
    expect(at(30, [0, 1, NaN], [24, 25, 150])).toBeNaN()
    expect(at(30, [0, 1, 100], [24, 25, 150], [25, 26, NaN])).toBeNaN()
  })
})

describe('batch ≡ stream and prefix, on facts that come late, twice and out of order', () => {
  const row = fc.record({
    event: fc.integer({ min: 0, max: 60 }),
    delay: fc.integer({ min: 0, max: 40 }),
    value: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(NaN)),
    lost: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  })
  const rows = fc.array(row, { maxLength: 40 }).map((drawn) => {
    const known = drawn
      .map(({ event, delay, value }) => [event / 2, (event + delay) / 2, value] as const)
      .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    return series(...known)
  })
  const features = {
    value: fact('s', 'value'),
    fresh: fact('s', 'value', { maxAgeMs: 3 * HOUR_MS }),
    age: factAge('s'),
    event: factEventTime('s'),
    change: factChange('s', 'value', { spanMs: 8 * HOUR_MS, toleranceMs: HOUR_MS }),
    longChange: factChange('s', 'value', { spanMs: 2 * HOUR_MS, toleranceMs: HOUR_MS }),
  }
  it.each(Object.entries(features))('%s', (_name, feature) => {
    const candles = hours(45)
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 44 }), (s, cut) => {
        const whole = columnOf(feature, candles, { s })
        const until = factsUntil({ candles, facts: { s } }, cut)
        const before = columnOf(feature, sliceCandles(candles, cut + 1), until)
        return (
          sameBits(whole, streamOf(feature, candles, { s })) && sameBits(whole.subarray(0, cut + 1), before)
        )
      }),
      { numRuns: 300 },
    )
  })

  it('the change equals a search through all known facts', () => {
    const candles = hours(45)
    fc.assert(
      fc.property(rows, (s) => {
        const column = columnOf(features.change, candles, { s })
        return candles.openTime.every((openTime, bar) =>
          Object.is(column[bar], changeByBruteForce(s, openTime + HOUR_MS, 8 * HOUR_MS, HOUR_MS)),
        )
      }),
      { numRuns: 300 },
    )
  })
})

function changeByBruteForce(
  { eventTime, knownAt, values }: FactColumns,
  now: number,
  span: number,
  tolerance: number,
): number {
  const known = Array.from(eventTime, (event, row) => ({
    event,
    at: knownAt[row]!,
    value: values['value']![row]!,
  })).filter(({ at }) => at <= now)
  const newest = known.reduce<{ event: number; value: number } | undefined>((best, next) => (best === undefined || next.event >= best.event ? next : best), undefined) // prettier-ignore
  if (newest === undefined) return NaN
  const last = new Map(
    known.filter(({ value }) => !Number.isNaN(value)).map(({ event, value }) => [event, value]),
  )
  const target = newest.event - span
  const near = [...last].filter(([event]) => Math.abs(event - target) <= tolerance)
    .sort(([a], [b]) => Math.abs(a - target) - Math.abs(b - target) || a - b) // prettier-ignore
  const old = near[0]?.[1] ?? NaN
  return old === 0 ? NaN : newest.value / old - 1
}
