import fc from 'fast-check'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import * as b from '../../src/index.js'
import type { Strategy } from '../../src/index.js'

const { close, high, low, open } = b
const source = fc.constantFrom(
  close,
  high,
  low,
  open,
  b.fact('s', 'x'),
  b.fact('s', 'x', { maxAgeMs: 3 * HOUR_MS }),
  b.factAge('s'),
  b.factChange('s', 'x', { spanMs: 5 * HOUR_MS, toleranceMs: 2 * HOUR_MS }),
  b.constant(2),
)
const period = fc.integer({ min: 1, max: 6 })
const bound = fc.integer({ min: 0, max: 4 })

/** Features of facts, prices and operators with and without state, in any mixture. */
export const randomFeature: fc.Arbitrary<b.Feature> = fc.letrec<{ feature: b.Feature }>((tie) => {
  const one = <T>(
    second: fc.Arbitrary<T>,
    make: (x: b.Feature, y: T) => b.Feature,
  ): fc.Arbitrary<b.Feature> => fc.tuple(tie('feature'), second).map(([x, y]) => make(x, y))
  return {
    feature: fc.oneof(
      { depthSize: 'small' },
      source,
      one(period, b.sma),
      one(period, b.ema),
      one(period, b.highest),
      one(period, b.lag),
      one(period, b.rsi),
      one(period, (x, n) => b.zScore(x, n + 1)),
      one(period, b.rank),
      one(tie('feature'), b.div),
      one(tie('feature'), b.sub),
      one(tie('feature'), b.orElse),
      one(tie('feature'), (x, y) => b.crossing(x, y, 'was-below')),
      one(tie('feature'), (x, y) => b.where(b.greater(x, y), x, y)),
      one(bound, (x, atLeast) => b.keepWhere(x, b.factAge('s'), { atLeast: atLeast * HOUR_MS })),
      one(bound, (x, most) => b.keepWhere(x, b.factAge('s'), { atMost: most * HOUR_MS })),
      one(tie('feature'), (x, y) => b.keepWhere(x, b.div(b.factAge('s'), y), { atMost: HOUR_MS })),
    ),
  }
}).feature

const comparison = fc.constantFrom(
  b.above,
  b.below,
  b.atLeast,
  b.atMost,
  b.crossesAbove,
  b.crossesBelow,
  (x: b.Feature, y: b.Feature) => b.crossesAbove(x, y, 'was-below'),
  (x: b.Feature, y: b.Feature) => b.crossesBelow(x, y, 'strict'),
)
const simple = fc.tuple(comparison, randomFeature, randomFeature).map(([make, x, y]) => make(x, y))
export const randomRule: fc.Arbitrary<b.Rule> = fc.oneof(
  simple,
  randomFeature.map(b.known),
  fc.tuple(simple, simple).map(([x, y]) => b.and(x, b.not(y))),
  fc.tuple(simple, simple).map(([x, y]) => b.or(x, y)),
)

const rules = fc.tuple(randomRule, randomRule, randomRule, randomRule, period).map(([enterLong, exitLong, enterShort, gate, n]) =>
  b.defineStrategy({
    name: 'random-rules', description: '', params: {}, features: () => ({}),
    enterLong: () => enterLong, exitLong: () => exitLong, enterShort: () => enterShort,
    gates: () => ({ long: gate }), risk: () => ({ stop: b.atrStop(2, n), allowShort: true }),
  })) // prettier-ignore
const row = fc.tuple(randomFeature, randomFeature).map(([x, y]) =>
  b.defineStrategy({
    name: 'random-row', description: '', params: { scale: b.int(1, 1, 3) }, features: () => ({ x, y }),
    signal: ({ x, y }, { scale }) => {
      const share = x / (Math.abs(x) + Math.abs(y)) / scale
      return share >= 0 ? share || 0 : NaN
    },
  })) // prettier-ignore
const score = fc.tuple(randomFeature, randomFeature, randomFeature).map(([x, y, z]) => {
  const leg = (of: b.Feature): b.Feature =>
    b.bandLeg(of, { high: 2, low: 1, above: 0.1, between: 0.5, below: 1 })
  const features = { x: leg(x), y: leg(y), z: leg(z) }
  return b.defineStrategy({
    name: 'random-score', description: '', params: { weight: b.real(0.1, 0.5, 1) },
    features: ({ weight }) => ({
      ...features, event: b.factEventTime('s'),
      ...b.combineLegs([{ weight, leg: features.x }, { weight: 0.3, leg: features.y }, { weight: 0.2, leg: features.z }], { minimumCoverage: 0.4 }),
    }),
    gates: (f) => ({ short: b.known(f.x) }),
    score: 'score', coverage: 'coverage', rearm: 'event',
  }) // prettier-ignore
})
const decide = fc.tuple(randomFeature, randomFeature).map(([x, y]) =>
  b.defineStrategy({
    name: 'random-decide', description: '', params: {}, features: () => ({ x, y }),
    decide: ({ x, y }) => (x > y ? 'enter-long' : 'hold'),
  })) // prettier-ignore

/** Strategies of all four forms. */
export const randomStrategy: fc.Arbitrary<Strategy> = fc.oneof(rules, row, score, decide)

/** A series `s` with a field `x`: facts that come late, twice and out of order. */
export const randomFacts: fc.Arbitrary<FactColumns> = fc
  .array(
    fc.record({
      event: fc.integer({ min: 0, max: 60 }),
      delay: fc.integer({ min: 0, max: 9 }),
      x: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.constant(NaN)),
    }),
    { maxLength: 20 },
  )
  .map((rows) => {
    const known = rows
      .map(({ event, delay, x }) => ({ event, known: event + delay / 2, x }))
      .sort((p, q) => p.known - q.known || p.event - q.event)
    return {
      eventTime: Float64Array.from(known, ({ event }) => event * HOUR_MS),
      knownAt: Float64Array.from(known, ({ known }) => known * HOUR_MS),
      values: { x: Float64Array.from(known, ({ x }) => x) },
    }
  })
