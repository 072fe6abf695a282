import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { replay } from '../../src/engine/replay.js'
import { holdBenchmark } from '../../src/metrics/hold-benchmark.js'
import { cashFraction } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from '../engine/scripted.js'

const BARS = 100
/** The entry, at the open of bar 1, falls on a midnight. */
const START = Date.UTC(2024, 0, 1, 23)
const MIDNIGHTS = [1, 25, 49, 73, 97]

/** Settlements at midnights (the entry is one), at the end, on the grid and off it; some without a mark. */
const settlements = fc.uniqueArray(
  fc.record({
    at: fc.oneof(
      fc.constantFrom(...MIDNIGHTS, BARS),
      fc.integer({ min: 0, max: BARS }),
      fc.double({ min: 0, max: BARS, noNaN: true }),
    ),
    rate: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    mark: fc.oneof(fc.double({ min: 50, max: 200, noNaN: true }), fc.constant(NaN)),
  }),
  { selector: ({ at }) => Math.round(at * HOUR_MS), maxLength: 40 },
)

it('is what the engine makes of buying with everything and holding on, day by day', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 80, max: 120 }), { minLength: BARS, maxLength: BARS }),
      fc.uniqueArray(fc.integer({ min: 3, max: BARS - 2 }), { maxLength: 30 }),
      settlements,
      fc.constantFrom('close', 'leave-open'),
      fc.constantFrom('adverse-only', 'held-before'),
      (prices, gaps, charged, endOfData, fundingAtFill) => {
        const open = (bar: number): number => prices[bar - 1] ?? 100
        const all = candlesOf(
          prices.map((close, bar) => [
            open(bar),
            Math.max(open(bar), close),
            Math.min(open(bar), close),
            close,
          ]),
          START,
        )
        const kept = (column: Float64Array): Float64Array => column.filter((_, bar) => !gaps.includes(bar))
        const { openTime, high, low, close, volume, timeframeMs } = all
        const columns = { openTime, open: all.open, high, low, close, volume }
        const candles = {
          timeframeMs,
          ...(Object.fromEntries(
            Object.entries(columns).map(([name, column]) => [name, kept(column)]),
          ) as typeof columns),
        }
        const sorted = [...charged].sort((a, b) => a.at - b.at)
        const funding = {
          time: Float64Array.from(sorted, ({ at }) => START + Math.round(at * HOUR_MS)),
          rate: Float64Array.from(sorted, ({ rate }) => rate),
          mark: Float64Array.from(sorted, ({ mark }) => mark),
        }
        const instrument = instrumentOf({ takerFee: 0.0005 })
        const risk = { sizing: cashFraction(1), stop: { kind: 'none' }, target: { kind: 'none' }, dailyLossLimit: 0 } as const // prettier-ignore
        const strategy = scriptedStrategy(new Map([[candles, { says: 'L'.padEnd(BARS, '.') }]]), risk)
        const result = replay({
          strategy,
          instruments: [dataOf(candles, instrument, funding)],
          startTime: START,
          endTime: START + BARS * HOUR_MS,
          startingBalance: 10_000,
          costs: { slippageBps: 5 },
          policies: { sizeAt: 'fill', endOfData, fundingAtFill },
        })
        const held = holdBenchmark(result, {
          takerFee: { [instrument.id]: 0.0005 },
          slippageBps: 5,
          funding: { [instrument.id]: funding },
        })
        if ('reason' in held) throw new Error(held.reason)
        expect(result.trades).toHaveLength(1)
        expect(result.trades[0]?.entryBar).toBe(1)
        held.equity.forEach((value, day) => expect(value / result.daily.equity[day]!).toBeCloseTo(1, 11))
      },
    ),
  )
})
