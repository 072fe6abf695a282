import { describe, expect, it } from 'vitest'
import { ConfigError, choice, flag, int, parseParam, real } from '../../src/index.js'
import { paramValues } from '../../src/strategy/params.js'

const specs = {
  fast: int(5, 12, 50, { unit: 'bars' }),
  even: int(2, 4, 10, { step: 2 }),
  stop: real(1, 2, 5, { step: 0.25 }),
  share: real(0, 0.1, 1),
  side: choice(['both', 'long', 'short']),
  strict: flag(false),
}

describe('params', () => {
  it('take their defaults, in declared order, frozen', () => {
    const values = paramValues(specs, { share: 0.3 })
    expect(values).toEqual({ fast: 12, even: 4, stop: 2, share: 0.3, side: 'both', strict: false })
    expect(Object.keys(values)).toEqual(Object.keys(specs))
    expect(Object.isFrozen(values)).toBe(true)
  })
  it.each([
    [{ fats: 3 }, /unknown parameter, did you mean fast\? There are fast, even.*params\.fats, value 3/],
    [{ toString: 3 }, /unknown parameter/],
    [{ fast: 51 }, /within 5 and 50.*params\.fast.*51 bars/],
    [{ fast: 12.5 }, /whole number/],
    [{ fast: '12' }, /must be a number/],
    [{ fast: NaN }, /must be a number/],
    [{ even: 5 }, /2 plus whole steps of 2/],
    [{ stop: 2.1 }, /steps of 0.25/],
    [{ side: 'sideways' }, /one of both, long, short/],
    [{ strict: 'yes' }, /true or false/],
  ])('%j: %s', (given, message) => {
    expect(() => paramValues(specs, given as Record<string, unknown>)).toThrow(ConfigError)
    expect(() => paramValues(specs, given as Record<string, unknown>)).toThrow(message)
  })
  it('refuse a declaration that contradicts itself', () => {
    expect(() => int(5, 4, 10)).toThrow(ConfigError)
    expect(() => real(2, 2, 1)).toThrow(ConfigError)
    expect(() => real(0, 1, 2, { step: 0 })).toThrow(ConfigError)
    expect(() => choice([])).toThrow(ConfigError)
  })
  it('are read from text as their own type', () => {
    expect(parseParam(specs, 'fast', '20')).toBe(20)
    expect(parseParam(specs, 'strict', 'true')).toBe(true)
    expect(parseParam(specs, 'side', 'long')).toBe('long')
    expect(() => parseParam(specs, 'fast', '')).toThrow(/must be a number.*""/)
    expect(() => parseParam(specs, 'fast', '5 %')).toThrow(/must be a number.*"5 %"/)
    expect(() => parseParam(specs, 'strict', '1')).toThrow(/true or false/)
    expect(() => parseParam(specs, 'slow', '1')).toThrow(/unknown parameter/)
  })
})
