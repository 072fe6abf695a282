import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { FactColumns, FundingSchedule } from '../../src/core/columns.js'
import { whaleFacts } from '../../src/core/whales.js'
import type { InstrumentData } from '../../src/engine/options.js'
import {
  simulateMarket,
  type MarketOptions,
  type SimulatedMarket,
  type WhalePositions,
} from '../../src/market/index.js'

export const START: number = Date.UTC(2030, 0, 1)

export function simulate(seed: number, options: Partial<MarketOptions> = {}): SimulatedMarket {
  return simulateMarket({ startTime: START, bars: 24 * 30, ...options }, xoroshiro128plus(seed))
}

/** A market as the engine reads it: what the store would load of it, without the store between. */
export function engineInputs(market: SimulatedMarket): InstrumentData[] {
  return market.instruments.map((one) => ({
    instrument: one.instrument,
    candles: one.candles,
    funding: scheduleOf(one.funding),
    facts: {
      funding: withValues(one.funding, { rate8h: one.funding.values['rate']! }),
      'open-interest': one.openInterest,
      'exchange-flows': one.exchangeFlows,
      confirmation: withValues(one.confirmations, {
        available: constant(one.confirmations, 1),
        veto: constant(one.confirmations, 0),
      }),
      whales: countsOf(market.whales, one.instrument.base),
    },
  }))
}

export function scheduleOf({ eventTime, values }: FactColumns): FundingSchedule {
  return { time: eventTime, rate: values['rate']!, mark: values['mark']! }
}

function withValues(facts: FactColumns, more: Readonly<Record<string, Float64Array>>): FactColumns {
  return { ...facts, values: { ...facts.values, ...more } }
}

function constant({ eventTime }: FactColumns, value: number): Float64Array {
  return new Float64Array(eventTime.length).fill(value)
}

export function countsOf(whales: WhalePositions, base: string): FactColumns {
  const numbers = new Map<string, number>()
  const rows = whales.eventTime.length
  const [wallet, asset, side] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)]
  for (let row = 0; row < rows; row++) {
    const name = whales.wallet[row]!
    let number = numbers.get(name)
    if (number === undefined) numbers.set(name, (number = numbers.size))
    wallet[row] = number
    asset[row] = whales.asset[row] === base ? 0 : 1
    side[row] = whales.side[row] === 'long' ? 1 : -1
  }
  return whaleFacts({ ...whales, edition: new Float64Array(rows), wallet, asset, side }, 0)
}
