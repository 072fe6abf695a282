import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BacktestResult } from '../../src/core/result.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { walk } from '../features/candles.js'
import { dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

const BARS = 120

function view(options: ReplayOptions): Omit<BacktestResult, 'path'> {
  const { path, ...result } = replay(options)
  expect(path.slots).toBe(BARS)
  return result
}

it('short signals on what is not sold short are counted, whatever the bars, as a step at each bar counts them', () => {
  const reasons = { 'not-shortable': 0, 'exit-on-same-bar': 0, 'order-on-same-bar': 0 }
  fc.assert(
    fc.property(
      // U: the short side's condition holds, and nothing is known of the long side's.
      fc.array(fc.constantFrom(...'LLLlSSsBXY..??UU'), { minLength: BARS, maxLength: BARS }),
      fc.nat({ max: 1_000 }),
      fc.boolean(),
      fc.constantFrom(0, 0.02),
      (letters, seed, isSpot, dailyLossLimit) => {
        const candles = walk(BARS, seed + 1)
        const strategy = scriptedStrategy(
          new Map([[candles, { says: letters.join('') }]]),
          {
            stop: { kind: 'percent', fraction: 0.005 },
            target: { kind: 'percent', fraction: 0.01 },
            maxPosition: 1,
            allowShort: isSpot,
            dailyLossLimit,
          },
          { ordersPerBar: 'one' },
        )
        const instrument = instrumentOf({ kind: isSpot ? 'spot' : 'perpetual' })
        const options: ReplayOptions = {
          strategy, instruments: [dataOf(candles, instrument)], startTime: -Infinity, endTime: Infinity, startingBalance: 10_000,
          costs: { slippageBps: 1 },
        } // prettier-ignore
        const fast = view(options)
        expect(fast).toEqual(view({ ...options, path: 'bar-by-bar' }))
        for (const reason of Object.keys(reasons) as (keyof typeof reasons)[])
          reasons[reason] += fast.funnel.blocked[reason]
      },
    ),
    { numRuns: 150 },
  )
  for (const count of Object.values(reasons)) expect(count).toBeGreaterThan(50)
})
