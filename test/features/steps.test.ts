import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import * as b from '../../src/index.js'
import type { Feature } from '../../src/index.js'
import { planFeatures } from '../../src/features/plan.js'
import { SharedSteps, Steps } from '../../src/features/steps.js'
import { FeatureTiles } from '../../src/features/tiles.js'
import { sameBits, streamOf, walk } from './candles.js'

const BARS = 900
const candles = walk(BARS, 5, MINUTE_MS)
const start = candles.openTime[0]!

/** Facts a quarter of an hour apart or more, some late, some out of order, with values that repeat and values that are missing. */
const facts: fc.Arbitrary<FactColumns> = fc
  .array(
    fc.record({
      minute: fc.integer({ min: -300, max: BARS }),
      delay: fc.integer({ min: 0, max: 200 }),
      x: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 3, -1, -0) }, fc.constant(NaN)),
    }),
    { maxLength: 30 },
  )
  .map((rows) => {
    const sorted = rows
      .map(({ minute, delay, x }) => ({ event: start + minute * MINUTE_MS, known: start + (minute + delay) * MINUTE_MS - 1, x }))
      .sort((p, q) => p.known - q.known || p.event - q.event)
    return {
      eventTime: Float64Array.from(sorted, ({ event }) => event),
      knownAt: Float64Array.from(sorted, ({ known }) => known),
      values: { x: Float64Array.from(sorted, ({ x }) => x) },
    }
  }) // prettier-ignore

const [x, y, age, otherAge] = [b.fact('s', 'x'), b.fact('t', 'x'), b.factAge('s'), b.factAge('t')]
const limit = fc.integer({ min: -200, max: 700 }).map((minutes) => minutes * MINUTE_MS)
const still: fc.Arbitrary<Feature> = fc.letrec<{ still: Feature }>((tie) => {
  const one = tie('still')
  const two = fc.tuple(one, one)
  return {
    still: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(x, y, b.constant(2), b.constant(-1), b.factEventTime('s'), b.factChange('t', 'x', { spanMs: HOUR_MS, toleranceMs: HOUR_MS / 2 })),
      two.map(([p, q]) => b.add(p, q)),
      two.map(([p, q]) => b.div(p, q)),
      two.map(([p, q]) => b.min(p, q)),
      two.map(([p, q]) => b.orElse(p, q)),
      two.map(([p, q]) => b.keepWhere(p, q, { atLeast: 0, atMost: 2 })),
      fc.tuple(one, one, one).map(([p, q, r]) => b.where(p, q, r)),
      fc.tuple(one, one, one).map(([p, q, r]) => b.confirmationLeg(p, q, r)),
      fc.tuple(one, one, one).map(([p, q, r]) => b.combineLegs([p, q, r].map((leg, i) => ({ leg, weight: i + 0.5 }))).score),
      two.map(([p, q]) => b.combineLegs([{ leg: p, weight: 1 }, { leg: q, weight: 0.3 }]).coverage),
      one.map((p) => b.bandLeg(p, { high: 2, low: 1, above: 0.2, between: 0.5, below: 0.8 })),
      // Ages, and ages over what stands still: of either sign, 0 and missing.
      fc.tuple(one, limit, limit).map(([p, low, high]) => b.keepWhere(p, age, { atLeast: low, atMost: high })),
      fc.tuple(one, limit).map(([p, high]) => b.keepWhere(p, otherAge, { atMost: high })),
      fc.tuple(one, one, limit, limit).map(([p, q, low, high]) => b.keepWhere(p, b.div(age, q), { atLeast: low, atMost: high })),
      fc.tuple(one, one, limit).map(([p, q, high]) => b.keepWhere(p, b.div(b.div(age, q), y), { atMost: high })),
      // A column of prices on the way is no list of changes.
      one.map((p) => b.where(b.greater(b.close, 100), p, b.mul(p, age))),
      one.map((p) => b.ema(p, 3)),
    ),
  }
}).still // prettier-ignore

describe('columns of facts, calculated by their changes', () => {
  it('are bit for bit what they are bar by bar, in any tiles, wherever they are read', () => {
    const sizes = fc.array(fc.integer({ min: 30, max: 500 }), { maxLength: 3 })
    fc.assert(
      fc.property(still, facts, facts, sizes, fc.nat(3), (feature, s, t, sizes, way) => {
        const inputs = { candles, facts: { s, t } }
        const expected = streamOf(feature, candles, inputs.facts)
        const tiles = new FeatureTiles(planFeatures([feature]), inputs)
        const column = tiles.column(feature)
        for (let from = 0, turn = 0; from < BARS; turn++) {
          const to = Math.min(BARS, from + (sizes[turn % sizes.length] ?? BARS))
          tiles.load(from, to)
          const { first } = tiles.tile
          const places = Array.from({ length: to - first }, (_, place) => place)
          const read = {
            0: () => places.map((place) => column.at(place)),
            1: () => places.reverse().map((place) => column.at(place)).reverse(),
            2: () => Array.from(column.values.subarray(0, to - first)),
            3: () => places.map((place) => (column.steps ?? column).at(place)),
          }[way]! // prettier-ignore
          if (!sameBits(read(), expected.subarray(first, to))) return false
          from = to
        }
        return true
      }),
      { numRuns: 1000 },
    )
  })

  it('are lists of changes wherever nothing else is needed', () => {
    const s = {
      eventTime: Float64Array.of(start, start + 4 * HOUR_MS),
      knownAt: Float64Array.of(start + HOUR_MS, start + 5 * HOUR_MS),
      values: { x: Float64Array.of(1, 3) },
    }
    const fresh = b.keepWhere(b.mul(x, 2), b.div(age, HOUR_MS), { atMost: 2.5 })
    const priced = b.mul(fresh, b.close)
    const tiles = new FeatureTiles(planFeatures([fresh, priced]), { candles, facts: { s } })
    tiles.load(0, BARS)
    expect(tiles.column(priced).steps).toBeUndefined()
    const { places, values, count } = tiles.column(fresh).steps!
    // Bars close one minute after they open: the bar that closes at the very hour knows.
    expect(Array.from(places.subarray(0, count))).toEqual([0, 59, 150, 299, 390])
    expect(Array.from(values.subarray(0, count))).toEqual([NaN, 2, NaN, 6, NaN])
  })
})

describe('lists of changes', () => {
  const list = (changes: readonly (readonly [number, number])[]): Steps => {
    const steps = new Steps()
    for (const [place, value] of changes) steps.push(place, value)
    return steps
  }
  const column = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, -0, 1, NaN)), { maxLength: 20 })
    .map((drawn) => list([[0, 5], ...drawn.sort((p, q) => p[0] - q[0])]))

  it('hold no change that changes nothing, and tell the value of any place', () => {
    fc.assert(
      fc.property(column, fc.array(fc.nat(49)), (steps, asked) => {
        const filled = new Float64Array(50)
        steps.fill(filled, 50)
        for (let k = 1; k < steps.count; k++) {
          expect(steps.places[k]).toBeGreaterThan(steps.places[k - 1]!)
          expect(Object.is(steps.values[k], steps.values[k - 1])).toBe(false)
        }
        for (const place of asked) expect(steps.at(place)).toBe(filled[place])
      }),
    )
  })

  it('come to common places', () => {
    fc.assert(
      fc.property(column, column, column, (...columns) => {
        const shared = new SharedSteps(
          columns.map((steps) => ({ steps, values: steps.values, at: (place) => steps.at(place) })),
        )
        expect(shared.load(1, 10_000)).toBe(true)
        const { common, values: gathered } = shared
        const expected = new Set(
          columns.flatMap(({ places, count }) => Array.from(places.subarray(0, count))),
        )
        const places = Array.from(common.places.subarray(0, common.count))
        expect(places).toEqual([...expected].sort((p, q) => p - q))
        places.forEach((place, k) =>
          columns.forEach((steps, j) => expect(gathered[j]![k]).toBe(steps.at(place))),
        )
      }),
    )
  })
})
