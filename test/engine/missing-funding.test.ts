import { describe, expect, test } from 'vitest'
import type { FundingSchedule } from '../../src/core/columns.js'
import { HOUR_MS } from '../../src/core/time.js'
import { prepareMarket } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials } from '../../src/engine/trials.js'
import { noTarget } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

const START = Date.UTC(2024, 0, 1)
const HOURS = 48

/** A rate every eight hours, but none at this one. */
function ratesBut(missingHour: number): FundingSchedule {
  const hours = Array.from({ length: HOURS / 8 }, (_, at) => 8 * (at + 1))
  return {
    time: Float64Array.from(hours, (hour) => START + hour * HOUR_MS),
    rate: Float64Array.from(hours, (hour) => (hour === missingHour ? NaN : 0.0001)),
    mark: Float64Array.from(hours, () => 100),
  }
}

/** Instruments that are held from the second hour on, each of which lacks the rate of another hour. */
function heldOver(missingHours: readonly number[]): ReplayOptions {
  const says = 'L' + '.'.repeat(HOURS - 1)
  const candles = missingHours.map(() => candlesOf(Array.from(says, () => [100, 100, 100, 100] as const)))
  const strategy = scriptedStrategy(new Map(candles.map((of) => [of, { says }])), {
    target: noTarget(),
    dailyLossLimit: 0,
  })
  const instruments = missingHours.map((hour, at) =>
    dataOf(candles[at]!, instrumentOf({ id: `test:${'ABC'[at]!}` }), ratesBut(hour)),
  )
  return { strategy, instruments, startTime: -Infinity, endTime: Infinity, startingBalance: 10_000, costs: { slippageBps: 0 }, policies: { missingFunding: 'fail' } } // prettier-ignore
}

describe('a run over settlements without a rate', () => {
  test.each([
    [[40, 16, 24], 'test:B', '2024-01-01 16:00'],
    [[24, 40, 16], 'test:C', '2024-01-01 16:00'],
    [[24, 32, 24], 'test:A', '2024-01-02 00:00'],
    [[24], 'test:A', '2024-01-02 00:00'],
  ] as const)('at hours %j names %s at %s, whichever way it goes', (missingHours, id, time) => {
    const options = heldOver(missingHours)
    const told = new RegExp(
      `^${id} was held over a funding settlement whose rate was not recorded.*"${time}"`,
    )
    const market = prepareMarket(options)
    for (const path of ['skipping', 'bar-by-bar'] as const) {
      expect(() => replay({ ...options, path }), path).toThrow(told)
      const trials = [options.strategy]
      expect(() => runTrials({ market, trials, policies: options.policies!, path }, () => undefined), path).toThrow(told) // prettier-ignore
    }
  })
})
