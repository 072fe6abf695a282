import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReplayOptions } from '../../src/engine/options.js'
import { prepareMarket } from '../../src/engine/market.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import { cashFraction, noStop, noTarget } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

/** One position from the second open on, without leverage, held to the end and left open there. */
function heldOver(closes: readonly number[], side: 'L' | 'S'): ReplayOptions {
  const candles = candlesOf(
    closes.map((close) => [close, Math.max(close, 100), Math.min(close, 100), close] as const),
  )
  const strategy = scriptedStrategy(new Map([[candles, { says: side + '.'.repeat(closes.length - 1) }]]), {
    sizing: cashFraction(1),
    stop: noStop(),
    target: noTarget(),
    allowShort: true,
    dailyLossLimit: 0,
  })
  return {
    strategy,
    instruments: [dataOf(candles, instrumentOf())],
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 100,
    costs: { slippageBps: 0 },
    policies: { endOfData: 'leave-open' },
  }
}

/** Bought and sold, or turned around, by turns, as many bars apart as the lengths say, over closes that walk on from a seed. */
function tradedOften(lengths: readonly number[], seed: number, turns: 'l' | 'S'): ReplayOptions {
  const says = lengths.map((length, at) => (at % 2 === 0 ? 'L' : turns) + '.'.repeat(length - 1)).join('')
  let price = 100
  let state = seed
  const candles = candlesOf(
    Array.from(says, () => {
      const open = price
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      price *= 1 + (state / 2 ** 32 - 0.5) / 20
      return [open, Math.max(open, price), Math.min(open, price), price] as const
    }),
  )
  const strategy = scriptedStrategy(new Map([[candles, { says }]]), {
    sizing: cashFraction(1),
    stop: noStop(),
    target: noTarget(),
    allowShort: true,
    reversal: true,
    dailyLossLimit: 0,
  })
  const instruments = [dataOf(candles, instrumentOf())]
  return { strategy, instruments, startTime: -Infinity, endTime: Infinity, startingBalance: 10_000, costs: { slippageBps: 1 } } // prettier-ignore
}

/** By its definition: the least of each close over the highest so far, less 1. */
function deepestFall(options: ReplayOptions): number {
  let peak = options.startingBalance
  let least = 1
  for (const equity of replay(options).equity.equity) {
    peak = Math.max(peak, equity)
    least = Math.min(least, equity / peak)
  }
  return least - 1
}

function falls(options: ReplayOptions): number[] {
  const market = prepareMarket(options)
  const { policies = {} } = options
  return (['skipping', 'bar-by-bar'] as const).map((path) => {
    let fall = NaN
    runTrials(
      { market, trials: [options.strategy], policies, path },
      ({ maxDrawdown }) => (fall = maxDrawdown),
    )
    return fall
  })
}

describe('the deepest fall of a trial', () => {
  test('of an account that owes money, and gains afterwards, is that of its closes', () => {
    const closes = Array.from({ length: 80 }, (_, bar) => ({ 20: 250, 36: 260, 40: 20 })[bar] ?? 100)
    const options = heldOver(closes, 'S')
    expect(deepestFall(options)).toBeCloseTo(-1.6, 12)
    expect(falls(options)).toEqual([deepestFall(options), deepestFall(options)])
  })

  test('is that of its closes, also where a short position has lost more than there was', () => {
    const prices = fc.oneof(
      { weight: 10, arbitrary: fc.integer({ min: 80, max: 120 }) },
      { weight: 1, arbitrary: fc.integer({ min: 190, max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: 5, max: 40 }) },
    )
    fc.assert(
      fc.property(
        fc.array(prices, { minLength: 40, maxLength: 700 }),
        fc.constantFrom('L' as const, 'S' as const),
        (closes, side) => {
          const options = heldOver([100, 100, ...closes], side)
          const fall = deepestFall(options)
          expect(falls(options)).toEqual([fall, fall])
        },
      ),
      { numRuns: 150 },
    )
  })

  test('is that of its closes, and its days are the bars by bars, however often it trades and wherever tiles end', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 100, maxLength: 400 })
    const tiles = fc.integer({ min: 16, max: 2_000 })
    let most = 0
    fc.assert(
      fc.property(lengths, fc.nat(), tiles, fc.constantFrom('l', 'S'), (bars, seed, tileSlots, turns) => {
        const options = tradedOften(bars, seed, turns)
        const market = prepareMarket(options)
        const [skipping, byBar] = (['skipping', 'bar-by-bar'] as const).map((path) => {
          const outcomes: TrialOutcome[] = []
          const trials = [options.strategy, options.strategy]
          runTrials({ market, trials, path, tileSlots }, (outcome) => outcomes.push(outcome))
          return outcomes.map((outcome) => ({ ...outcome, path: undefined, steps: undefined }))
        }) as [object[], object[]]
        expect(skipping).toEqual(byBar)
        expect(skipping[0]).toMatchObject({ maxDrawdown: deepestFall(options) })
        most = Math.max(most, (skipping[0] as TrialOutcome).trades)
      }),
      { numRuns: 60 },
    )
    expect(most).toBeGreaterThan(80)
  })
})
