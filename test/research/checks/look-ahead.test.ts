import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../src/core/time.js'
import type { InstrumentData } from '../../../src/engine/options.js'
import * as b from '../../../src/index.js'
import { barsUntil, knownUntil, shuffledAfter } from '../../../src/research/checks/changed-data.js'
import { checkShuffledFuture, checkTruncation } from '../../../src/research/checks/look-ahead.js'
import { drawBelow, seededRandom } from '../../../src/research/seeded-random.js'
import { columnTiles } from '../../../src/strategy/column-tiles.js'
import type { CompiledStrategy } from '../../../src/strategy/compiled.js'
import { checked, HONEST, optionsFor, walkData, wholeRun, withColumn } from './planted.js'

const BARS = 600
const data = walkData(BARS, 8)
const outcomes = (strategy: CompiledStrategy): ReturnType<typeof checked> => checked(optionsFor(strategy, [data])) // prettier-ignore

describe('a strategy that does not look ahead', () => {
  it('passes, and has fills that could have told', () => {
    const run = wholeRun(optionsFor(HONEST, [data]))
    expect(run.result.fills.length).toBeGreaterThan(40)
    expect(run.cuts).toHaveLength(6)
    for (const check of [checkTruncation(run), checkShuffledFuture(run, 3)]) {
      expect(check.outcome).toBe('passed')
      expect(check.detail).toMatch(/^all 42 columns and [1-9]\d* fills/)
    }
  })

  it('passes with several instruments of gappy bars that begin and end at other times, whatever it says and however it decides', () => {
    const decides = b.compileStrategy(
      b.defineStrategy({
        name: 'decides', description: '', params: {},
        features: () => ({ fast: b.sma(b.close, 3), slow: b.sma(b.close, 9) }),
        decide: (row, position) => (position.side === 0 ? (row.fast > row.slow ? 'enter-long' : 'hold') : position.barsHeld > 7 ? 'exit' : 'hold'),
      }), // prettier-ignore
    )
    const gappy = fc.record({ seed: fc.integer(), from: fc.integer({ min: 0, max: 90 }), to: fc.integer({ min: 110, max: 200 }), missing: fc.array(fc.integer({ min: 0, max: 199 }), { maxLength: 30 }) }) // prettier-ignore
    fc.assert(
      fc.property(fc.array(gappy, { minLength: 1, maxLength: 3 }), fc.boolean(), (all, byHand) => {
        const instruments = all.map(({ seed, from, to, missing }, at) =>
          withBars(walkData(200, seed, `test:${at}`), (bar) => bar >= from && bar < to && !missing.includes(bar)),
        )
        const run = wholeRun(optionsFor(byHand ? decides : HONEST, instruments))
        for (const check of [checkTruncation(run), checkShuffledFuture(run, 3)])
          expect([check.outcome === 'failed', check.detail]).toEqual([false, check.detail])
      }),
      { numRuns: 30 },
    )
  }) // prettier-ignore
})

function withBars(one: InstrumentData, isKept: (bar: number) => boolean): InstrumentData {
  const { timeframeMs, ...columns } = one.candles
  const kept = Object.entries(columns).map(([name, column]) => [name, column.filter((_, bar) => isKept(bar))])
  return { ...one, candles: { timeframeMs, ...Object.fromEntries(kept) } as InstrumentData['candles'] }
}

describe('planted look-ahead is caught with column, bar, time and both values', () => {
  it('a window that is centred on its bar', () => {
    const leak = withColumn('centred', ({ candles: { close } }) =>
      close.map((_, bar) => ((close[bar - 1] ?? NaN) + close[bar]! + (close[bar + 1] ?? NaN)) / 3),
    )
    const { truncation, determinism, 'shuffled-future': shuffled } = outcomes(leak)
    expect(determinism.outcome).toBe('passed')
    for (const { outcome, divergence } of [truncation, shuffled])
      expect([outcome, divergence?.column]).toEqual(['failed', 'centred'])
    const { bar, time, value, otherValue } = truncation.divergence!
    const { openTime, close } = data.candles
    expect(time).toBe(openTime[bar!]! + HOUR_MS)
    expect(value).toBe((close[bar! - 1]! + close[bar!]! + close[bar! + 1]!) / 3)
    expect(otherValue).toBeNaN()
    expect(truncation.detail).toContain(`centred of test:A at ${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC, bar ${bar} is ${value}, but n/a`) // prettier-ignore
    expect(truncation.detail).toContain('it saw the next bar or beyond, by later bars')
  })

  it('a feature that is scaled by all bars', () => {
    const leak = withColumn('z', ({ candles: { close } }) => {
      const mean = close.reduce((sum, price) => sum + price, 0) / close.length
      return close.map((price) => price / mean)
    })
    for (const key of ['truncation', 'shuffled-future'] as const) {
      const { outcome, divergence } = outcomes(leak)[key]
      // Another order of the same closes has the same mean but for its last digits.
      expect([outcome, divergence?.column, divergence?.bar]).toEqual(['failed', 'z', 0])
    }
  })

  it('facts that are read before they are known, with their name', () => {
    const leak = withColumn('early', ({ candles, facts }) => {
      const flows = facts['exchange-flows']!
      const early = { ...facts, 'exchange-flows': { ...flows, knownAt: flows.eventTime } }
      return HONEST.columns({ candles, facts: early }).features['inflow']!
    })
    const { truncation } = outcomes(leak)
    expect(truncation).toMatchObject({ outcome: 'failed', divergence: { column: 'early' } })
    expect(truncation.detail).toContain('by facts of exchange-flows before they were known')
  })

  it('a signal that sees the next close while all features are honest', () => {
    const { truncation } = outcomes({
      ...withColumn('none', ({ candles }) => candles.close),
      columns: (inputs) => {
        const { close } = inputs.candles
        const next = close.map((_, bar) => close[bar + 1] ?? close[bar]!)
        const { signal } = HONEST.columns({ ...inputs, candles: { ...inputs.candles, close: next } })
        return { features: HONEST.columns(inputs).features, signal }
      },
    })
    expect(truncation).toMatchObject({ outcome: 'failed' })
    expect(truncation.divergence!.column).toMatch(/^signal\./)
  })

  it.each([1, 3])('decisions that come of closes %i ahead which the columns do not show', (ahead) => {
    const decides: CompiledStrategy = {
      ...withColumn('none', ({ candles }) => candles.close),
      decide: (features, { side }) => (features['next']! > 0 ? (side === 0 ? 'enter-long' : 'hold') : 'exit'),
      tiles: (inputs) => {
        const { close } = inputs.candles
        const columns = HONEST.columns(inputs)
        const next = close.map((price, bar) => (close[bar + ahead] ?? price) - price)
        return columnTiles([{ ...columns, features: { next } }], close.length)
      },
    }
    const { truncation, 'shuffled-future': shuffled } = outcomes(decides)
    // With nothing after the cut the last decision alone is another one, and has nothing to act on.
    expect([truncation.outcome, shuffled.outcome]).toEqual([ahead === 1 ? 'passed' : 'failed', 'failed'])
    expect(shuffled.divergence!.column).toMatch(/^(fill|decision) \d+, (entry|exit): /)
    expect(shuffled.divergence!.bar).toBeUndefined()
  })
})

describe('changed data', () => {
  it('hold what was known at the cut, bit for bit, and nothing that came later', () => {
    const cut = data.candles.openTime[299]! + HOUR_MS
    const known = knownUntil(data, cut)
    expect(known.candles.close).toEqual(data.candles.close.slice(0, 300))
    const flows = known.facts['exchange-flows']!
    expect(flows.knownAt.every((time) => time <= cut)).toBe(true)
    expect(flows.knownAt.length).toBe(data.facts['exchange-flows']!.knownAt.filter((time) => time <= cut).length) // prettier-ignore
    const random = seededRandom(5)
    const shuffled = shuffledAfter(data, cut, (below) => drawBelow(random, below))
    const part = (one: InstrumentData, from: number, to: number): number[] => [...one.candles.close.slice(from, to)] // prettier-ignore
    expect(part(shuffled, 0, 300)).toEqual(part(data, 0, 300))
    expect(part(shuffled, 300, BARS)).not.toEqual(part(data, 300, BARS))
    expect(part(shuffled, 300, BARS).sort()).toEqual(part(data, 300, BARS).sort())
    expect(shuffled.facts['exchange-flows']!.knownAt).toEqual(data.facts['exchange-flows']!.knownAt)
    // Bars stay whole.
    shuffled.candles.high.forEach((high, bar) => expect(high).toBeGreaterThanOrEqual(shuffled.candles.close[bar]!)) // prettier-ignore
  })

  it('count a bar from its close on', () => {
    const { openTime } = data.candles
    expect(barsUntil(data.candles, openTime[5]!)).toBe(5)
    expect(barsUntil(data.candles, openTime[5]! + HOUR_MS - 1)).toBe(5)
    expect(barsUntil(data.candles, openTime[5]! + HOUR_MS)).toBe(6)
  })
})
