import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { packParams, unpackParams } from '../../src/jobs/packed-params.js'
import type { TrialParams } from '../../src/jobs/trial-messages.js'

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

  it('name what has no value, for the strategy to say so, and no name that is none', () => {
    const odd = [{ fast: undefined }, {}] as unknown as TrialParams[]
    const packed = structuredClone(packParams(odd))
    expect([0, 1].map((trial) => Object.keys(unpackParams(packed, trial)))).toEqual([['fast'], []])
    expect(() => packParams([JSON.parse('{"__proto__":5}') as TrialParams])).toThrow(ConfigError)
  })

  it('are columns of numbers where each trial has one, and have the names in their order', () => {
    const { columns } = packParams([{ fast: 1, side: 'long' }, { fast: 2 }])
    const [numbers, texts] = columns as [Float64Array, readonly string[]]
    expect(numbers).toEqual(Float64Array.of(1, 2))
    expect([texts[0], 1 in texts]).toEqual(['long', false])
    expect(Object.keys(unpackParams(packParams([{ slow: 2, fast: 1 }]), 0))).toEqual(['slow', 'fast'])
  })
})
