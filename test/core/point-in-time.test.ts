import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import { joinPointInTime, pointInTimeCursor } from '../../src/core/point-in-time.js'

interface Fact {
  readonly eventTime: number
  readonly knownAt: number
}

/** Facts in the order of the store: by known-at, event time, revision; some never known, at the end. */
const facts = fc
  .array(
    fc.record({
      eventTime: fc.integer({ min: 0, max: 40 }),
      delay: fc.option(fc.integer({ min: -3, max: 30 }), { nil: NaN, freq: 8 }),
    }),
    { maxLength: 40 },
  )
  .map((rows): Fact[] =>
    rows
      .map(({ eventTime, delay }) => ({ eventTime, knownAt: eventTime + delay }))
      .sort((a, b) => {
        if (Number.isNaN(a.knownAt) || Number.isNaN(b.knownAt))
          return Number(Number.isNaN(a.knownAt)) - Number(Number.isNaN(b.knownAt))
        return a.knownAt - b.knownAt || a.eventTime - b.eventTime
      }),
  )
const closes = fc
  .array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 })
  .map((times) => times.sort((a, b) => a - b))

function join(rows: readonly Fact[], closeTimes: readonly number[]) {
  return joinPointInTime(
    Float64Array.from(rows, (fact) => fact.knownAt),
    Float64Array.from(rows, (fact) => fact.eventTime),
    Float64Array.from(closeTimes),
  )
}

/** The definition itself: of all rows known by T, the latest event; of its rows, the last one known. O(n · m). */
function byDefinition(rows: readonly Fact[], close: number): number {
  let best = -1
  rows.forEach((fact, row) => {
    if (!(fact.knownAt <= close)) return
    if (best < 0 || fact.eventTime >= (rows[best]?.eventTime ?? 0)) best = row
  })
  return best
}

describe('the point-in-time join', () => {
  it('equals its definition, row and age', () => {
    fc.assert(
      fc.property(facts, closes, (rows, closeTimes) => {
        const joined = join(rows, closeTimes)
        closeTimes.forEach((close, bar) => {
          const row = byDefinition(rows, close)
          expect(joined.row[bar]).toBe(row)
          expect(joined.ageMs[bar]).toBe(row < 0 ? NaN : close - (rows[row]?.eventTime ?? NaN))
        })
      }),
    )
  })

  it('streams the same arrays bit for bit, whenever facts are learned before they are needed', () => {
    fc.assert(
      fc.property(facts, closes, fc.integer({ min: 0, max: 20 }), (rows, closeTimes, early) => {
        const joined = join(rows, closeTimes)
        const cursor = pointInTimeCursor()
        let learned = 0
        closeTimes.forEach((close, bar) => {
          while (learned < rows.length && !((rows[learned]?.knownAt ?? NaN) > close + early))
            cursor.learn(rows[learned++] ?? { eventTime: 0, knownAt: 0 })
          const { row, ageMs } = cursor.advanceTo(close)
          expect(row).toBe(joined.row[bar])
          expect(Object.is(ageMs, joined.ageMs[bar])).toBe(true)
        })
      }),
    )
  })

  it('never sees a fact before it was known: removing the future changes nothing', () => {
    fc.assert(
      fc.property(facts, closes, fc.integer({ min: 0, max: 60 }), (rows, closeTimes, now) => {
        const past = closeTimes.filter((close) => close <= now)
        const known = rows.filter((fact) => fact.knownAt <= now)
        expect(join(known, past)).toEqual(join(rows, past))
      }),
    )
  })

  it('never sees a fact that was never known', () => {
    const joined = join([{ eventTime: 1, knownAt: NaN }], [0, 1, 1e15])
    expect([...joined.row]).toEqual([-1, -1, -1])
    expect([...joined.ageMs]).toEqual([NaN, NaN, NaN])
  })

  it('takes a revision once it is known, and no late revision of an older event', () => {
    const rows = [
      { eventTime: 10, knownAt: 12 },
      { eventTime: 10, knownAt: 15 },
      { eventTime: 20, knownAt: 21 },
      { eventTime: 10, knownAt: 30 },
    ]
    expect([...join(rows, [11, 12, 14, 15, 21, 30]).row]).toEqual([-1, 0, 0, 1, 2, 2])
  })

  it('ages by the event, not by when it was known', () => {
    expect([...join([{ eventTime: 10, knownAt: 50 }], [50, 60]).ageMs]).toEqual([40, 50])
  })

  it('refuses facts or bars out of order', () => {
    expect(() =>
      join(
        [
          { eventTime: 1, knownAt: 9 },
          { eventTime: 2, knownAt: 3 },
        ],
        [10],
      ),
    ).toThrow(DataError)
    expect(() => join([], [2, 1])).toThrow(/closeTime must not decrease.*row 2/)
    const cursor = pointInTimeCursor()
    cursor.learn({ eventTime: 1, knownAt: 9 })
    expect(() => cursor.learn({ eventTime: 2, knownAt: 3 })).toThrow(DataError)
    cursor.advanceTo(5)
    expect(() => cursor.advanceTo(4)).toThrow(DataError)
  })
})
