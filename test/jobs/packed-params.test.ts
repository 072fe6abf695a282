import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packParams, unpackParams } from '../../src/jobs/packed-params.js'

const value = fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.string())
const names = fc.constantFrom('fast', 'slow', 'stop', 'side', 'isLong')

describe('params of many trials, packed', () => {
  it('cross to another thread as they are, whichever of them a trial names', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(names, value, { noNullPrototype: true })), (all) => {
        const packed = structuredClone(packParams(all))
        expect(all.map((_, trial) => unpackParams(packed, trial))).toEqual(all)
      }),
    )
  })

  it('keep zeros of either sign and numbers that are none', () => {
    const packed = packParams([{ at: -0 }, { at: 0 }, { at: NaN }])
    const found = [0, 1, 2].map((trial) => unpackParams(packed, trial)['at'])
    expect(found.map((number) => Object.is(number, -0))).toEqual([true, false, false])
    expect(found[2]).toBeNaN()
  })

  it('are columns of numbers where each trial has one, and have the names in their order', () => {
    const { columns } = packParams([{ fast: 1, side: 'long' }, { fast: 2 }])
    expect(columns).toEqual([Float64Array.of(1, 2), ['long', undefined]])
    expect(Object.keys(unpackParams(packParams([{ slow: 2, fast: 1 }]), 0))).toEqual(['slow', 'fast'])
  })
})
