import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { ema } from '../../src/features/averages.js'
import { close } from '../../src/features/feature.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import type { CompiledStrategy } from '../../src/strategy/compiled.js'
import { defineStrategy } from '../../src/strategy/define.js'
import { int } from '../../src/strategy/params.js'
import { above } from '../../src/strategy/rules.js'

/** A definition as an uncompiled file can hold it: nothing has checked its names. */
function loosely(changes: object): () => unknown {
  const definition = {
    name: 'slips',
    description: '',
    params: { fast: int(2, 5, 9) },
    features: (p: { fast: number }) => ({ fast: ema(close, p.fast) }),
    enterLong: (f: { fast: never }) => above(close, f.fast),
    ...changes,
  }
  return () => compileStrategy(defineStrategy(definition as never))
}

/** The error, and that it is one that its author can act upon. */
function refusal(call: () => unknown): ConfigError {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('nothing was refused')
}

describe('a mistake in a strategy that nothing compiled', () => {
  test('the definition without a slip compiles', () => {
    expect(loosely({})).not.toThrow()
  })

  test('a misspelt part is refused, with the parts there are', () => {
    expect(refusal(loosely({ enterLnog: () => undefined })).message).toMatch(
      /no such part.*enterLong.*"enterLnog"/,
    )
  })

  test('a misspelt feature is named, with the features there are, the file and the line', () => {
    const slip = refusal(loosely({ enterLong: (f: { fats: never }) => above(close, f.fats) }))
    expect(slip.message).toMatch(
      /slips\.enterLong failed: there is no feature of this name; there are fast.*"fats"/,
    )
    expect(slip.place.file).toMatch(/user-code\.test\.ts:\d+:\d+$/)
  })

  test('a misspelt param is named, with the params there are', () => {
    const slip = refusal(loosely({ features: (p: { fats: number }) => ({ fast: ema(close, p.fats) }) }))
    expect(slip.message).toMatch(
      /slips\.features failed: there is no param of this name; there are fast.*"fats"/,
    )
  })

  test('what a part throws is told with its place, not as a bug of ours', () => {
    const thrown = refusal(
      loosely({
        risk: () => {
          throw new Error('boom')
        },
      }),
    )
    expect(thrown.message).toMatch(/slips\.risk failed: boom/)
    expect(thrown.place.file).toMatch(/user-code\.test\.ts:\d+:\d+$/)
  })

  test('what decide throws on a bar is told in the same way', () => {
    const compiled = loosely({
      enterLong: undefined,
      decide: () => {
        throw new Error('boom')
      },
    })() as CompiledStrategy
    const flat = { side: 0, quantity: 0, entryPrice: NaN, barsHeld: 0, unrealisedFraction: 0 } as const
    expect(refusal(() => compiled.decide?.({ fast: 1 }, flat)).message).toMatch(/slips\.decide failed: boom/)
  })

  test('rules that can never enter are refused', () => {
    const noEntry = { enterLong: undefined, exitLong: () => above(close, 1) }
    expect(refusal(loosely(noEntry)).message).toMatch(/needs enterLong or enterShort/)
  })
})
