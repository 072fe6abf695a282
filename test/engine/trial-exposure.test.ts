import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import { exposureOf } from '../../src/metrics/exposure.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import trendBreakout from '../../strategies/trend-breakout.js'
import smaCross from '../../strategies/sma-cross.js'
import { walk } from '../features/candles.js'
import { dataOf, instrumentOf } from './scripted.js'

const candles = [walk(400 * 24, 8), walk(400 * 24, 21)]
const ids = ['walk:BTCUSDT-PERP', 'walk:ETHUSDT-PERP'] as const

function optionsWith(strategy: ReplayOptions['strategy'], count: number): ReplayOptions {
  const instruments = ids
    .slice(0, count)
    .map((id, at) => dataOf(candles[at]!, instrumentOf({ id, kind: 'perpetual' }), undefined))
  return { strategy, instruments, startTime: -Infinity, endTime: Infinity, startingBalance: 1_000_000, costs: { slippageBps: 3 } } // prettier-ignore
}

function trialOf(options: ReplayOptions): TrialOutcome {
  const outcomes: TrialOutcome[] = []
  const { strategy } = options
  runTrials({ market: prepareMarket(options), trials: [strategy] }, (outcome) => outcomes.push(outcome))
  return outcomes[0] as TrialOutcome
}

/** Strategies that hold much, little, one side, both, one instrument, two. */
const cases: readonly (readonly [string, ReplayOptions])[] = [
  ['long only', optionsWith(compileStrategy(smaCross), 1)],
  ['long only, two instruments', optionsWith(compileStrategy(smaCross), 2)],
  ['both sides', optionsWith(compileStrategy(trendBreakout, { short: true }), 1)],
  ['both sides, two instruments', optionsWith(compileStrategy(trendBreakout, { short: true }), 2)],
  ['wide stops', optionsWith(compileStrategy(trendBreakout, { short: true, stopAtr: 5, target: 10 }), 1)],
]

describe('the net exposure of a trial', () => {
  it.each(cases)('%s: is that of the report, up to what the rule leaves out', (_name, options) => {
    const { meanNetExposure, trades, barsHeld } = trialOf(options)
    const { net, gross } = exposureOf(replay(options))
    expect(trades).toBeGreaterThan(30)
    expect(barsHeld / candles[0]!.close.length).toBeGreaterThan(0.02)
    expect(Math.abs(meanNetExposure - net)).toBeLessThanOrEqual(0.05 * gross)
  })

  it('is negative where only shorts are held, and 0 where nothing is', () => {
    const options = optionsWith(compileStrategy(trendBreakout, { short: true }), 1)
    const shorts = { ...options, policies: {}, strategy: onlyShort(options.strategy) }
    expect(trialOf(shorts).trades).toBeGreaterThan(10)
    expect(trialOf(shorts).meanNetExposure).toBeLessThan(0)
    const none = {
      ...options,
      startTime: candles[0]!.openTime[0]!,
      endTime: candles[0]!.openTime[0]! + DAY_MS,
    }
    expect(trialOf(none).meanNetExposure).toBe(0)
  })
})

function onlyShort(strategy: ReplayOptions['strategy']): ReplayOptions['strategy'] {
  return {
    ...strategy,
    columns(inputs) {
      const { features, signal } = strategy.columns(inputs)
      return {
        features,
        signal: { ...signal, enterLong: signal.enterLong.slice(signal.enterLong.length - 2) },
      }
    },
  }
}
