import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ENTER_LONG, EXIT_LONG } from '../../src/core/signals.js'
import { HOUR_MS } from '../../src/core/time.js'
import * as b from '../../src/index.js'
import {
  type Strategy,
  compileStrategy,
  defineStrategy,
  describeStrategy,
  findLookAhead,
} from '../../src/index.js'
import type { StrategyInputs } from '../../src/strategy/compiled.js'
import { factsUntil, sliceCandles } from '../../src/strategy/leaks.js'
import { roughCandles, walk } from '../features/candles.js'
import { columnRows, smartMoneyFacts, streamRows } from '../strategy/helpers.js'

const folder = new URL('../../strategies/', import.meta.url)
/** Those of the package, and whatever somebody has added with `baleen strategy new`: a new file has to keep the contract too. */
const strategies = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map(
      async (file) =>
        [file, ((await import(new URL(file, folder).href)) as { default: Strategy }).default] as const,
    ),
)

function inputsOf(bars: number, seed: number): StrategyInputs {
  const candles = walk(bars, seed)
  const start = candles.openTime[0]!
  return { candles, facts: smartMoneyFacts(start, start + bars * HOUR_MS, seed) }
}

/** Every preset of every strategy. The ranks' 30 days are shortened so that they know something here. */
const cases = strategies.flatMap(([file, strategy]) =>
  Object.keys(strategy.presets).map((preset) => {
    const shorter = preset === 'relative' ? { rankDays: 6, rankKnownDays: 2 } : {}
    return [`${file} ${preset}`, compileStrategy(strategy, shorter, preset)] as const
  }),
)

it('the shipped strategies are there, and each is described by its file name', () => {
  const files = strategies.map(([file]) => file)
  expect(files).toEqual(expect.arrayContaining(['sma-cross.ts', 'smart-money.ts', 'trend-breakout.ts']))
  for (const [file, strategy] of strategies) {
    expect(`${strategy.name}.ts`).toBe(file)
    expect(describeStrategy(strategy).params.length).toBeGreaterThan(0)
  }
})

describe.each(cases)('%s', (_name, compiled) => {
  const inputs = inputsOf(600, 4)

  it('says the same in columns and bar by bar, bit for bit', () => {
    expect(streamRows(compiled, inputs)).toEqual(columnRows(compiled, inputs))
  })
  it('acts on these data, or the checks here would prove nothing', () => {
    const bits = columnRows(compiled, inputs).reduce((seen, { signal }) => seen | signal.bits, 0)
    expect(bits & (ENTER_LONG | EXIT_LONG)).toBe(ENTER_LONG | EXIT_LONG)
  })
  it('says of a prefix what it said of the whole', () => {
    const whole = columnRows(compiled, inputs)
    for (const cut of [0, 1, 50, 51, 333, 598]) {
      const before = { candles: sliceCandles(inputs.candles, cut + 1), facts: factsUntil(inputs, cut) }
      expect(columnRows(compiled, before)).toEqual(whole.slice(0, cut + 1))
    }
  })
  it('does not change when the future is shuffled', () => {
    expect(findLookAhead(compiled, inputs)).toBeUndefined()
  })
})

describe('random strategies', () => {
  const { close, high, low, open } = b
  const source = fc.constantFrom(
    close,
    high,
    low,
    open,
    b.fact('s', 'x'),
    b.fact('s', 'x', { maxAgeMs: 3 * HOUR_MS }),
  )
  const period = fc.integer({ min: 1, max: 6 })
  const feature = fc.letrec<{ feature: b.Feature }>((tie) => ({
    feature: fc.oneof(
      { depthSize: 'small' },
      source,
      fc.tuple(tie('feature'), period).map(([x, n]) => b.sma(x, n)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.ema(x, n)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.highest(x, n)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.lag(x, n)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.rsi(x, n)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.zScore(x, n + 1)),
      fc.tuple(tie('feature'), period).map(([x, n]) => b.rank(x, n)),
      fc.tuple(tie('feature'), tie('feature')).map(([x, y]) => b.div(x, y)),
      fc.tuple(tie('feature'), tie('feature')).map(([x, y]) => b.orElse(x, y)),
    ),
  })).feature
  const comparison = fc.constantFrom(b.above, b.below, b.atLeast, b.atMost, b.crossesAbove, b.crossesBelow)
  const simple = fc.tuple(comparison, feature, feature).map(([make, x, y]) => make(x, y))
  const rule = fc.oneof(
    simple,
    fc.tuple(simple, simple).map(([x, y]) => b.and(x, b.not(y))),
    fc.tuple(simple, simple).map(([x, y]) => b.or(x, y)),
  )
  const strategy = fc.oneof(
    fc.tuple(rule, rule, rule, rule, period).map(([enterLong, exitLong, enterShort, gate, n]) =>
      defineStrategy({
        name: 'random-rules', description: '', params: {}, features: () => ({}),
        enterLong: () => enterLong, exitLong: () => exitLong, enterShort: () => enterShort,
        gates: () => ({ long: gate }), risk: () => ({ stop: b.atrStop(2, n), allowShort: true }),
      })), // prettier-ignore
    fc.tuple(feature, feature).map(([x, y]) =>
      defineStrategy({
        name: 'random-row', description: '', params: {}, features: () => ({ x, y }),
        signal: ({ x, y }) => x / (Math.abs(x) + Math.abs(y)) >= 0 ? x / (Math.abs(x) + Math.abs(y)) || 0 : NaN,
      })), // prettier-ignore
    fc.tuple(feature, feature, feature).map(([x, y, z]) => {
      const leg = (of: b.Feature): b.Feature =>
        b.bandLeg(of, { high: 2, low: 1, above: 0.1, between: 0.5, below: 1 })
      const features = { x: leg(x), y: leg(y), z: leg(z) }
      const legs = [
        { weight: 0.5, leg: features.x },
        { weight: 0.3, leg: features.y },
        { weight: 0.2, leg: features.z },
      ]
      return defineStrategy({
        name: 'random-score', description: '', params: {},
        features: () => ({ ...features, ...b.combineLegs(legs, { minimumCoverage: 0.4 }), event: b.factEventTime('s') }),
        score: 'score', coverage: 'coverage', rearm: 'event',
      }) // prettier-ignore
    }),
  )
  const facts = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 4 })), { maxLength: 20 })
    .map((rows) => rows.map(([event, delay, x]) => ({ event, known: event + delay, x })).sort((p, q) => p.known - q.known || p.event - q.event))
    .map((rows) => ({
      eventTime: Float64Array.from(rows, ({ event }) => event * HOUR_MS),
      knownAt: Float64Array.from(rows, ({ known }) => known * HOUR_MS),
      values: { x: Float64Array.from(rows, ({ x }) => x) },
    })) // prettier-ignore

  it('say the same in columns and bar by bar, on prefixes, and whatever the future holds', () => {
    fc.assert(
      fc.property(strategy, roughCandles(), facts, fc.nat(), (drawn, candles, s, at) => {
        const compiled = compileStrategy(drawn)
        const inputs = { candles, facts: { s } }
        const whole = columnRows(compiled, inputs)
        expect(streamRows(compiled, inputs)).toEqual(whole)
        const cut = at % candles.close.length
        const before = { candles: sliceCandles(candles, cut + 1), facts: factsUntil(inputs, cut) }
        expect(columnRows(compiled, before)).toEqual(whole.slice(0, cut + 1))
        expect(findLookAhead(compiled, inputs)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

describe('planted look-ahead is caught and named', () => {
  const inputs = inputsOf(400, 8)
  const honest = compileStrategy(
    defineStrategy({
      name: 'honest', description: '', params: {},
      features: () => ({ funding: b.fact('funding', 'rate8h'), mean: b.sma(b.close, 9), z: b.zScore(b.close, 50) }),
      enterLong: (f) => b.above(b.close, f.mean),
    }), // prettier-ignore
  )
  /** The honest strategy with one column computed by someone who may look anywhere. */
  const planted = (
    name: string,
    column: (inputs: StrategyInputs) => Float64Array,
  ): Parameters<typeof findLookAhead>[0] => ({
    columns: (given) => {
      const { features, signal } = honest.columns(given)
      return { features: { ...features, [name]: column(given) }, signal }
    },
  })

  it('and the honest strategy passes', () => {
    expect(findLookAhead(honest, inputs)).toBeUndefined()
  })
  it('a join on event time', () => {
    const leak = planted('flows', ({ candles, facts }) => {
      const flows = facts['exchange-flows']!
      const early = { ...flows, knownAt: flows.eventTime }
      return compileStrategy(
        defineStrategy({ name: 'early', description: '', params: {}, features: () => ({ x: b.fact('exchange-flows', 'inflow') }), enterLong: (f) => b.above(f.x, 0) }), // prettier-ignore
      ).columns({ candles, facts: { 'exchange-flows': early } }).features['x']!
    })
    expect(findLookAhead(leak, inputs)).toMatchObject({ column: 'flows', kind: 'fact-before-known' })
  })
  it('a fact taken from the end of its series', () => {
    const leak = planted('funding', ({ candles, facts }) =>
      candles.close.map(() => facts['funding']!.eventTime.at(-1) ?? NaN),
    )
    expect(findLookAhead(leak, inputs)).toMatchObject({
      column: 'funding',
      bar: 0,
      kind: 'fact-before-known',
    })
  })
  it('a centred window', () => {
    const half = 4
    const leak = planted('mean', ({ candles: { close } }) =>
      close.map((_, i) => {
        const window = close.subarray(Math.max(0, i - half), i + half + 1)
        return window.reduce((sum, x) => sum + x, 0) / window.length
      }),
    )
    const found = findLookAhead(leak, inputs)
    expect(found).toMatchObject({ column: 'mean', kind: 'future-bars' })
    expect(found!.cut - found!.bar).toBe(half - 1)
  })
  it('scaling by the full sample', () => {
    const leak = planted('z', ({ candles: { close } }) => {
      const mean = close.reduce((sum, x) => sum + x, 0) / close.length
      const squares = close.reduce((sum, x) => sum + (x - mean) ** 2, 0)
      return close.map((x) => (x - mean) / Math.sqrt(squares / (close.length - 1)))
    })
    expect(findLookAhead(leak, inputs)).toMatchObject({ column: 'z', bar: 0, kind: 'whole-sample' })
  })
  it('a signal that reads the next close', () => {
    const leak: Parameters<typeof findLookAhead>[0] = {
      columns: (given) => {
        const answer = honest.columns(given)
        const next = given.candles.close.map((_, i, all) => all[i + 1] ?? NaN)
        const enterLong = honest.columns({ ...given, candles: { ...given.candles, close: next } }).signal
          .enterLong
        return { ...answer, signal: { ...answer.signal, enterLong } }
      },
    }
    expect(findLookAhead(leak, inputs, [100, 101, 102, 103, 104, 200, 201, 202])).toMatchObject({
      column: 'signal.enterLong',
      kind: 'future-bars',
    })
  })
})
