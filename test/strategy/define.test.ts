import { describe, expect, it } from 'vitest'
import * as b from '../../src/index.js'
import {
  CheckError,
  ConfigError,
  compileStrategy,
  defineStrategy,
  int,
  type PositionView,
} from '../../src/index.js'
import { countBars } from './read-runs.js'
import { walk } from '../features/candles.js'
import { streamRows } from './helpers.js'

const { close, above, sma } = b
const base = { name: 'test', description: '', params: { fast: int(2, 3, 9) } } as const
const inputs = { candles: walk(30, 1), facts: {} }

describe('a misspelt name does not compile', () => {
  it('in params, features, score, presets', () => {
    defineStrategy({
      ...base,
      // @ts-expect-error there is no param `fats`
      features: (p) => ({ fast: sma(close, p.fats ?? 3) }),
      enterLong: (f) => above(close, f.fast),
    })
    defineStrategy({
      ...base,
      features: (p) => ({ fast: sma(close, p.fast) }),
      // @ts-expect-error there is no feature `fats`
      enterLong: (f) => above(close, f.fats ?? f.fast),
      // @ts-expect-error there is no param `fats`
      exitLong: (f, p) => above(p.fats ?? 1, f.fast),
    })
    defineStrategy({
      ...base,
      features: () => ({ fast: close }),
      // @ts-expect-error there is no value `fats` in a row
      signal: (row) => (row.fats > 0 ? 1 : 0),
    })
    expect(() =>
      defineStrategy({
        ...base,
        features: () => ({ fast: close }),
        // @ts-expect-error there is no feature `fats`
        score: 'fats',
      }).bind({}),
    ).toThrow(/no feature has this name/)
    expect(() =>
      defineStrategy({
        ...base,
        features: () => ({ fast: close }),
        enterLong: (f) => above(f.fast, 1),
        // @ts-expect-error there is no param `fats`
        presets: { quick: { params: { fats: 2 } } },
      }),
    ).toThrow(/unknown parameter/)
  })
  it('nor does a choice that is none', () => {
    defineStrategy({
      ...base,
      params: { side: b.choice(['long', 'short']) },
      features: () => ({}),
      // @ts-expect-error side is long or short
      enterLong: (_f, p) => above(close, p.side === 'both' ? 1 : 2),
    })
  })
})

describe('a definition that contradicts itself is refused', () => {
  const features = (): { x: b.Feature } => ({ x: close })
  it.each([
    ['no signal at all', { ...base, features }, /exactly one/],
    ['two of them', { ...base, features, score: 'x', enterLong: () => above(close, 1) }, /exactly one/],
    ['a name with spaces', { ...base, name: 'My strategy', features }, /lower case/],
    ['a feature that is no name', { ...base, features: () => ({ __proto__x: close }), score: '__proto__x' }, /letters and digits/], // prettier-ignore
    ['thresholds upside down', { ...base, features, score: 'x', thresholds: () => ({ long: 0.3, short: 0.6 }) }, /short ≤ long/], // prettier-ignore
    [
      'risk out of range',
      { ...base, features, score: 'x', risk: () => ({ riskPerTrade: 2 }) },
      /riskPerTrade/,
    ],
    ['two periods for one range column', { ...base, features, score: 'x', risk: () => ({ stop: b.atrStop(2, 14), trailing: b.atrTrail(2, 20) }) }, /one period/], // prettier-ignore
    ['an operator that does not exist', { ...base, features: () => ({ x: { ...close, operator: 'magic', key: 'magic()' } }), score: 'x' }, /unknown operator.*magic/], // prettier-ignore
  ] as const)('%s', (_name, definition, message) => {
    const compile = (): unknown => compileStrategy(defineStrategy(definition as never))
    expect(compile).toThrow(ConfigError)
    expect(compile).toThrow(message)
  })
  it('an unknown preset or param', () => {
    const strategy = defineStrategy({ ...base, features, enterLong: () => above(close, 1) })
    expect(() => compileStrategy(strategy, {}, 'fancy')).toThrow(/unknown preset; there are default/)
    expect(() => compileStrategy(strategy, { slow: 1 })).toThrow(/unknown parameter/)
  })
})

describe('a row function', () => {
  const of = (
    signal: (row: { readonly x: number; readonly late: number }, p: { readonly fast: number }) => number,
  ) =>
    compileStrategy(
      defineStrategy({ ...base, features: (p) => ({ x: close, late: sma(close, p.fast) }), signal }),
    )

  it('is not asked before its features are warm, and sees its params', () => {
    const compiled = of((row, p) => (Number.isNaN(row.late) ? 2 : p.fast / 10))
    const { signal } = compiled.columns(inputs)
    expect(Array.from(signal.score!.subarray(0, 4))).toEqual([NaN, NaN, 0.3, 0.3])
    expect(signal.warmUpBars).toBe(2)
    expect(countBars(signal.enterShort)).toBe(28)
  })
  it.each([
    ['throws', () => { throw new Error('boom') }, /strategy test, bar closing 2020-09-13 15:00 UTC: the signal threw: boom/],
    ['answers 1.01', () => 1.01, /strategy test, bar closing .* a score is a number within 0 and 1.*1\.01/],
    ['answers −0.1', () => -0.1, /within 0 and 1/],
    ['answers nothing', () => undefined as never, /within 0 and 1.*undefined/],
    ['answers text', () => '0.5' as never, /within 0 and 1/],
    ['writes a param', (_row: unknown, p: { fast: number }) => (p.fast = 9), /read only/],
  ] as const)('that %s is an error that names strategy and bar, in columns and in the stream', (_name, signal, message) => {
    const compiled = of(signal as never)
    expect(() => compiled.columns(inputs)).toThrow(CheckError)
    expect(() => compiled.columns(inputs)).toThrow(message)
    expect(() => streamRows(compiled, inputs)).toThrow(message)
  }) // prettier-ignore
  it('cannot change what it is shown, nor keep it', () => {
    const before = Array.from(inputs.candles.close)
    const kept: object[] = []
    const compiled = of((row) => {
      kept.push(row)
      ;(row as { x: number }).x = -1
      return 0.5
    })
    const { features } = compiled.columns(inputs)
    expect(Array.from(inputs.candles.close)).toEqual(before)
    expect(Array.from(features['x']!)).toEqual(before)
    expect(new Set(kept).size).toBe(28)
  })
  it('may answer NaN: unknown, so no signal of any kind', () => {
    const { signal } = of(() => NaN).columns(inputs)
    expect([signal.enterLong, signal.exitLong, signal.enterShort, signal.exitShort].map(countBars)).toEqual([
      0, 0, 0, 0,
    ])
  })
})

describe('decide', () => {
  const flat: PositionView = { side: 0, quantity: 0, entryPrice: NaN, barsHeld: 0, unrealisedFraction: 0 }
  it('sees features, position and params; anything but a decision is an error', () => {
    const make = (answer: string) =>
      compileStrategy(
        defineStrategy({
          ...base,
          features: () => ({ x: close }),
          decide: (row, position, p) => (row.x > p.fast && position.side === 0 ? (answer as 'exit') : 'hold'),
        }),
      )
    expect(make('enter-long').decide!({ x: 10 }, flat)).toBe('enter-long')
    expect(make('enter-long').decide!({ x: 1 }, flat)).toBe('hold')
    expect(() => make('buy').decide!({ x: 10 }, flat)).toThrow(/decide must answer.*buy/)
    expect(countBars(make('hold').columns(inputs).signal.enterLong)).toBe(0)
  })
})

describe('compiled strategies', () => {
  it('share features: each distinct one is computed once', () => {
    const twice = (): Record<string, b.Feature> => ({
      a: sma(close, 3),
      b: sma(close, 3),
      c: b.add(sma(close, 3), 1),
    })
    const { features } = compileStrategy(defineStrategy({ ...base, features: twice, enterLong: (f) => above(f['c']!, 1) })).columns(inputs) // prettier-ignore
    expect(features['a']).toBe(features['b'])
  })
  it('bring the range column of their stop, and wait for it', () => {
    const { signal } = compileStrategy(
      defineStrategy({ ...base, features: () => ({}), enterLong: () => above(close, 1), risk: () => ({ stop: b.atrStop(2, 14) }) }), // prettier-ignore
    ).columns(inputs)
    expect(signal.atr!.findIndex((x) => !Number.isNaN(x))).toBe(13)
    expect(signal.warmUpBars).toBe(13)
  })
  it('say which series they read', () => {
    const strategy = defineStrategy({ ...base, features: () => ({ x: b.fact('whales', 'longs'), y: b.factAge('funding') }), enterLong: (f) => above(f.x, 1) }) // prettier-ignore
    expect(compileStrategy(strategy).factsRead).toEqual(['funding', 'whales'])
  })
  it('are listed with params, presets, features and data', () => {
    const strategy = defineStrategy({ ...base, features: (p) => ({ mean: sma(close, p.fast) }), enterLong: (f) => above(close, f.mean), presets: { quick: { description: 'q', params: { fast: 2 } } } }) // prettier-ignore
    expect(b.describeStrategy(strategy, 'quick')).toMatchObject({
      name: 'test',
      params: [{ name: 'fast', spec: { lowest: 2, default: 3, highest: 9 } }],
      presets: [{ name: 'default' }, { name: 'quick', params: { fast: 2 } }],
      features: [{ name: 'mean', key: 'sma(close;2)' }],
    })
  })
})
