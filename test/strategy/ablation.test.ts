import { expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import {
  close,
  combineLegs,
  compileStrategy,
  defineStrategy,
  fact,
  sma,
  type Strategy,
} from '../../src/index.js'
import { legVariants, variantColumns } from '../../src/strategy/ablation.js'
import smartMoney from '../../strategies/smart-money.js'

const NAMES = ['a', 'b', 'c'] as const

function legs(weights: readonly number[], minimumCoverage: number): Strategy {
  return defineStrategy({
    name: 'legs',
    description: '',
    params: {},
    features: () => {
      const features = Object.fromEntries(
        NAMES.slice(0, weights.length).map((name) => [name, fact(name, 'leg')]),
      )
      const combined = combineLegs(
        weights.map((weight, at) => ({ weight, leg: fact(NAMES[at]!, 'leg') })),
        { minimumCoverage },
      )
      return { ...features, score: combined.score }
    },
    score: 'score',
  })
}

function inputs(columns: Readonly<Record<string, readonly number[]>>): Parameters<typeof variantColumns>[1] {
  const bars = Object.values(columns)[0]!.length
  const flat = new Float64Array(bars).fill(100)
  const openTime = flat.map((_, bar) => bar * HOUR_MS)
  const known = openTime.map((time) => time + HOUR_MS)
  const facts = Object.fromEntries(
    Object.entries(columns).map(([name, values]): [string, FactColumns] => [
      name,
      { eventTime: known, knownAt: known, values: { leg: Float64Array.from(values) } },
    ]),
  )
  return {
    candles: { timeframeMs: HOUR_MS, openTime, open: flat, high: flat, low: flat, close: flat, volume: flat },
    facts,
  }
}

it('each leg alone, then the score without each, weighted as the score does when a leg is missing', () => {
  const compiled = compileStrategy(legs([0.5, 0.3, 0.2], 0.6))
  const variants = legVariants(compiled)
  expect(variants.map(({ kind, leg, weightShare }) => [kind, leg, weightShare])).toEqual([
    ['alone', 'a', 0.5], ['alone', 'b', 0.3], ['alone', 'c', 0.2],
    ['without', 'a', 0.5], ['without', 'b', 0.3], ['without', 'c', 0.2],
  ]) // prettier-ignore
  const data = inputs({ a: [1, 0.2, NaN], b: [0, 0.4, 0.5], c: [0.5, NaN, 1] })
  const columns = variantColumns(variants, data, 0)
  expect(columns.slice(0, 3).map((one) => Array.from(one))).toEqual([
    [1, 0.2, NaN],
    [0, 0.4, 0.5],
    [0.5, NaN, 1],
  ])
  // Without a: (0.3 · 0 + 0.2 · 0.5) / 0.5; then b alone carries 0.3 / 0.5 = 0.6 of the weight, just enough.
  expect(Array.from(columns[3]!)).toEqual([0.2, 0.4, expect.closeTo((0.15 + 0.2) / 0.5, 12)])
  // Without b: then c alone would carry 0.2 / 0.7: too little.
  expect(Array.from(columns[4]!)).toEqual([expect.closeTo(0.6 / 0.7, 11), 0.2, NaN])
  // Leaving a leg out is what the score itself does where the leg is missing and the rest is enough.
  const whole = compiled.columns(inputs({ a: [1, 1, 1], b: [0, 0, 0], c: [NaN, NaN, NaN] })).signal.score!
  const without = variantColumns(
    variants,
    inputs({ a: [1, 1, 1], b: [0, 0, 0], c: [9, 9, 9].map(() => 0.9) }),
    0,
  )[5]!
  expect(without).toEqual(whole)
})

it('a variant is not known before the strategy is warm', () => {
  const [alone] = variantColumns(
    legVariants(compileStrategy(legs([0.7, 0.3], 0.6))),
    inputs({ a: [1, 0.5, 0.2], b: [0, 0, 0] }),
    2,
  )
  expect(Array.from(alone!)).toEqual([NaN, NaN, 0.2])
})

it('one leg has no score without it; a score without legs, and rules, have no variants', () => {
  expect(legVariants(compileStrategy(legs([1], 0))).map(({ kind }) => kind)).toEqual(['alone'])
  const plain = defineStrategy({
    name: 'plain',
    description: '',
    params: {},
    features: () => ({ score: sma(close, 2) }),
    score: 'score',
  })
  expect(legVariants(compileStrategy(plain))).toEqual([])
  expect(variantColumns([], inputs({ a: [1] }), 0)).toEqual([])
})

it('the shipped score has its four legs', () => {
  const names = legVariants(compileStrategy(smartMoney)).map(({ kind, leg }) => `${kind} ${leg}`)
  expect(names).toHaveLength(8)
  expect(names).toContain('without onChain')
})
