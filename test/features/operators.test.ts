import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sliceCandles } from '../../src/strategy/leaks.js'
import type { Feature } from '../../src/features/feature.js'
import { OPERATORS, warmUpBars } from '../../src/features/registry.js'
import { columnOf, roughCandles, sameBits, streamOf, walk } from './candles.js'
import { FEATURES } from './every-operator.js'

function operatorsIn(feature: Feature, into: Set<string> = new Set()): Set<string> {
  into.add(feature.operator)
  feature.inputs.forEach((input) => operatorsIn(input, into))
  return into
}

it('every operator of the registry is under test here', () => {
  const tested = new Set(Object.values(FEATURES).flatMap((feature) => [...operatorsIn(feature)]))
  expect(Object.keys(OPERATORS).filter((name) => !tested.has(name))).toEqual([])
})

describe.each(Object.entries(FEATURES))('%s', (_name, feature) => {
  it('batch ≡ stream, bit for bit, whatever the bars hold', () => {
    fc.assert(
      fc.property(roughCandles(), (candles) =>
        sameBits(columnOf(feature, candles), streamOf(feature, candles)),
      ),
      { numRuns: 60 },
    )
  })

  it('a prefix of the bars has the prefix of the answers', () => {
    fc.assert(
      fc.property(roughCandles(), fc.double({ min: 0, max: 1, noNaN: true }), (candles, share) => {
        const bars = Math.floor(candles.close.length * share)
        const whole = columnOf(feature, candles).subarray(0, bars)
        return sameBits(whole, columnOf(feature, sliceCandles(candles, bars)))
      }),
      { numRuns: 40 },
    )
  })

  it('has its first value exactly after its warm-up', () => {
    const candles = walk(200, 7)
    const column = columnOf(feature, candles)
    const warmUp = warmUpBars(feature, candles)
    // An operator that answers on some bars only (a keepWhere) may start later, never earlier.
    expect(column.findIndex((value) => !Number.isNaN(value))).toBeGreaterThanOrEqual(warmUp)
    if (!operatorsIn(feature).has('keepWhere'))
      expect(column.subarray(warmUp).every((value) => !Number.isNaN(value))).toBe(true)
  })

  it('gets over a missing bar: one NaN never silences it for good', () => {
    const candles = walk(400, 3)
    for (const column of [candles.open, candles.high, candles.low, candles.close, candles.volume])
      column[60] = NaN
    const after = columnOf(feature, candles).subarray(360)
    expect(after.some((value) => !Number.isNaN(value))).toBe(true)
    if (!operatorsIn(feature).has('keepWhere'))
      expect(after.every((value) => !Number.isNaN(value))).toBe(true)
  })
})
