import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Runs, RUNS_END, type SignalColumns } from '../../src/core/signals.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import type { StrategyColumns } from '../../src/strategy/compiled.js'
import { runsOf } from '../../src/strategy/runs.js'
import { type Ring, shiftSignal, SignalShifts } from '../../src/strategy/shift-signal.js'
import { roughCandles } from '../features/candles.js'
import { randomFacts, randomStrategy } from './random-strategies.js'

const RUNS = ['enterLong', 'exitLong', 'enterShort', 'exitShort', 'longOff', 'shortOff'] as const
const READ = ['score', 'coverage', 'rearmKey'] as const

function bitsOf(runs: Runs, bars: number): boolean[] {
  const bits = new Array<boolean>(bars).fill(false)
  for (let at = 0; runs[at] !== RUNS_END; at += 2) {
    // Maximal runs in order: no reader may depend on where one was cut.
    expect(at === 0 || (runs[at - 1] as number) < (runs[at] as number)).toBe(true)
    bits.fill(true, runs[at], runs[at + 1])
  }
  return bits
}

/** Bar by bar, the plainest way. */
function moved<T>(values: readonly T[], { from, to }: Ring, offset: number): T[] {
  return values.map((value, bar) => {
    if (bar < from || bar >= to) return value
    const length = to - from
    return values[from + ((((bar - from - offset) % length) + length) % length)]!
  })
}

const BARS = 40
const bits = fc.array(fc.boolean(), { minLength: BARS, maxLength: BARS })
const columns: fc.Arbitrary<StrategyColumns> = fc
  .tuple(
    fc.array(bits, { minLength: 6, maxLength: 6 }),
    fc.array(fc.double({ noNaN: false }), { minLength: BARS, maxLength: BARS }),
  ) // prettier-ignore
  .map(([all, numbers]) => {
    const runs = Object.fromEntries(
      RUNS.map((name, at) => [name, runsOf((bar) => all[at]![bar]!, BARS).runs]),
    )
    const score = Float64Array.from(numbers)
    const signal = { ...runs, score, coverage: score, rearmKey: undefined, atr: score, warmUpBars: 3 }
    return { signal: signal as unknown as SignalColumns, features: { score } }
  })

describe('a signal that is shifted on a ring', () => {
  it('says at each bar of the ring what it said so many bars before, and outside it what it says', () => {
    fc.assert(
      fc.property(
        columns,
        fc.tuple(fc.integer({ min: 0, max: BARS }), fc.integer({ min: 0, max: BARS })),
        fc.integer({ min: -100, max: 100 }),
        (before, [a, b], offset) => {
          const ring = { from: Math.min(a, b), to: Math.max(a, b) }
          const after = shiftSignal(before, ring, offset)
          for (const name of RUNS)
            expect(bitsOf(after.signal[name], BARS)).toEqual(moved(bitsOf(before.signal[name], BARS), ring, offset)) // prettier-ignore
          for (const name of READ) {
            const column = before.signal[name]
            expect(after.signal[name]).toEqual(column && Float64Array.from(moved([...column], ring, offset)))
          }
          expect(after.signal.atr).toBe(before.signal.atr)
          expect(after.features).toBe(before.features)
          expect(after.signal.warmUpBars).toBe(before.signal.warmUpBars)
        },
      ),
    )
  })

  it('begins its ring at the first bar that is traded and warm, and ends it with the run', () => {
    fc.assert(
      fc.property(randomStrategy, roughCandles(), randomFacts, fc.integer({ min: 1, max: 9 }), (strategy, candles, s, offset) => {
        const bars = candles.close.length
        if (bars < 4) return
        const compiled = compileStrategy(strategy)
        const inputs = { candles, facts: { s } }
        const range = { startTime: candles.openTime[1]!, endTime: candles.openTime[bars - 1]! }
        const own = compiled.columns(inputs)
        const end = candles.openTime.findLastIndex((time) => time + candles.timeframeMs <= range.endTime) + 1
        const ring = { from: Math.max(1, own.signal.warmUpBars), to: end }
        const shifted = new SignalShifts(compiled, range).by(offset).columns(inputs)
        for (const name of RUNS)
          expect(bitsOf(shifted.signal[name], bars)).toEqual(moved(bitsOf(own.signal[name], bars), ring, offset))
      }),
      { numRuns: 50 },
    )
  }) // prettier-ignore
})
