import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import type { FactColumns } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import {
  DEFAULT_INSTRUMENTS,
  simulateMarket,
  type MarketOptions,
  type SimulatedMarket,
} from '../../src/market/index.js'
import { simulatePrices } from '../../src/market/prices.js'

const START = Date.UTC(2030, 0, 1)

function simulate(seed: number, options: Partial<MarketOptions> = {}): SimulatedMarket {
  return simulateMarket({ startTime: START, bars: 24 * 30, ...options }, xoroshiro128plus(seed))
}

/** All numbers of a market in a fixed order. */
function columnsOf(market: SimulatedMarket): Float64Array[] {
  const facts = market.instruments.flatMap((one) => [
    one.funding,
    one.openInterest,
    one.exchangeFlows,
    one.confirmations,
  ])
  const { openTime, open, high, low, close, volume } = market.instruments[0]!.candles
  const { eventTime, knownAt, quantity, notional, leverage, accountValue } = market.whales
  return [
    ...facts.flatMap((series) => [series.eventTime, series.knownAt, ...Object.values(series.values)]),
    ...[
      openTime,
      open,
      high,
      low,
      close,
      volume,
      eventTime,
      knownAt,
      quantity,
      notional,
      leverage,
      accountValue,
    ],
  ]
}

describe('simulateMarket', () => {
  it('gives the same bytes for the same seed, others for another, and says that it is synthetic', () => {
    expect(columnsOf(simulate(7))).toEqual(columnsOf(simulate(7)))
    expect(columnsOf(simulate(7))).not.toEqual(columnsOf(simulate(8)))
    const market = simulate(7)
    expect(market.synthetic).toBe(true)
    for (const { instrument } of market.instruments) expect(instrument.venue).toBe('synthetic')
  })

  it('the prices and facts of a longer simulation begin with those of a shorter one', () => {
    const short = simulate(3, { bars: 240 })
    const long = simulate(3, { bars: 500 })
    const beginning = (of: Float64Array, like: Float64Array): Float64Array => of.slice(0, like.length)
    short.instruments.forEach((one, index) => {
      const other = long.instruments[index]!
      expect(beginning(other.candles.close, one.candles.close)).toEqual(one.candles.close)
      expect(beginning(other.candles.low, one.candles.low)).toEqual(one.candles.low)
      expect(beginning(other.funding.values['rate']!, one.funding.values['rate']!)).toEqual(
        one.funding.values['rate'],
      )
      const { knownAt } = one.confirmations
      expect(beginning(other.confirmations.knownAt, knownAt)).toEqual(knownAt)
    })
    expect(beginning(long.whales.quantity, short.whales.quantity)).toEqual(short.whales.quantity)
  })

  it.each([15 * MINUTE_MS, HOUR_MS, 8 * HOUR_MS])(
    'makes valid candles on the grid (%d ms)',
    (timeframeMs) => {
      for (const { candles, instrument } of simulate(11, { timeframeMs, bars: 2_000 }).instruments) {
        for (let bar = 0; bar < candles.openTime.length; bar++) {
          const [open, high, low, close] = [
            candles.open[bar]!,
            candles.high[bar]!,
            candles.low[bar]!,
            candles.close[bar]!,
          ]
          if (!(
            low > 0 &&
            low <= Math.min(open, close) &&
            high >= Math.max(open, close) &&
            candles.volume[bar]! > 0
          )) {
            expect.fail(`${instrument.id} bar ${bar}: ${open} ${high} ${low} ${close}`)
          }
          if (candles.openTime[bar] !== START + bar * timeframeMs) expect.fail(`bar ${bar} is off the grid`)
        }
      }
    },
  )

  it('facts are known after they happen, with the delays of their kind, and sorted by known-at', () => {
    const market = simulate(5, { bars: 24 * 200 })
    for (const one of market.instruments) {
      const delays = (series: { eventTime: Float64Array; knownAt: Float64Array }): number[] =>
        Array.from(series.knownAt, (known, row) => known - series.eventTime[row]!)
      expect(new Set(delays(one.funding))).toEqual(new Set([0]))
      expect(new Set(delays(one.openInterest))).toEqual(new Set([MINUTE_MS]))
      expect(new Set(delays(one.confirmations))).toEqual(new Set([5_000]))
      const flowDelays = delays(one.exchangeFlows)
      expect(Math.min(...flowDelays)).toBeGreaterThanOrEqual(26 * HOUR_MS)
      expect(Math.max(...flowDelays)).toBeLessThanOrEqual(70 * HOUR_MS)
      expect(Math.max(...flowDelays)).toBeGreaterThan(31 * HOUR_MS)
      for (const series of [one.funding, one.openInterest, one.exchangeFlows, one.confirmations]) {
        expect(Array.from(series.knownAt)).toEqual(Array.from(series.knownAt).sort((a, b) => a - b))
        for (const values of Object.values(series.values)) expect(values.every(Number.isFinite)).toBe(true)
      }
      expect(one.funding.eventTime.every((time) => time % (8 * HOUR_MS) === 0)).toBe(true)
      expect(one.exchangeFlows.eventTime.every((time) => time % DAY_MS === 0)).toBe(true)
      expect(one.exchangeFlows.values['inflow']!.every((value) => value > 0)).toBe(true)
      expect(one.exchangeFlows.values['outflow']!.every((value) => value > 0)).toBe(true)
    }
    const { eventTime, knownAt, side, asset, quantity } = market.whales
    expect(new Set(Array.from(knownAt, (known, row) => known - eventTime[row]!))).toEqual(
      new Set([3 * MINUTE_MS]),
    )
    expect(new Set(side)).toEqual(new Set(['long', 'short']))
    expect(new Set(asset)).toEqual(new Set(['BTC', 'ETH', 'SOL']))
    expect(quantity.every((value) => value > 0)).toBe(true)
  })

  it('a whale snapshot values positions at a close that was already known', () => {
    const market = simulate(5)
    const { eventTime, asset, quantity, notional } = market.whales
    for (let row = 0; row < eventTime.length; row += 97) {
      const one = market.instruments.find(({ instrument }) => instrument.base === asset[row])!
      const bar = Math.floor((eventTime[row]! - START) / HOUR_MS) - 1
      expect(notional[row]! / quantity[row]!).toBeCloseTo(one.candles.close[bar]!, 0)
    }
  })

  it('has the volatility, clustering, seasons and correlation it is set to', () => {
    const { instruments } = simulate(1, { bars: 24 * 1500 })
    const returns = instruments.map(({ candles }) =>
      candles.close.map((close, bar) => close / candles.open[bar]! - 1),
    )
    instruments.forEach((_, index) => {
      const wanted = DEFAULT_INSTRUMENTS[index]!.hourlyVolatility
      expect(deviation(returns[index]!)).toBeGreaterThan(0.85 * wanted)
      expect(deviation(returns[index]!)).toBeLessThan(1.15 * wanted)
    })
    expect(correlation(returns[0]!, returns[1]!)).toBeGreaterThan(0.75)
    expect(correlation(returns[0]!, returns[1]!)).toBeLessThan(0.85)
    const size = returns[0]!.map(Math.abs)
    expect(correlation(size.slice(1), size.slice(0, -1))).toBeGreaterThan(0.15)
    expect(correlation(size.slice(24), size.slice(0, -24))).toBeGreaterThan(0.1)
    const kurtosis = mean(returns[0]!.map((value) => value ** 4)) / deviation(returns[0]!) ** 4
    expect(kurtosis).toBeGreaterThan(5)
    const saturday = size.filter((_, bar) => new Date(START + bar * HOUR_MS).getUTCDay() === 6)
    expect(mean(saturday)).toBeLessThan(0.8 * mean(size))
  })

  it('refuses what it cannot simulate, naming field and value', () => {
    expect(() => simulate(1, { timeframeMs: 5 * HOUR_MS })).toThrow(/field timeframe.*18000000 ms/)
    expect(() => simulate(1, { startTime: START + 1 })).toThrow(/startTime/)
    expect(() => simulate(1, { bars: 0 })).toThrow(/bars/)
    expect(() => simulate(1, { edge: 1 })).toThrow(/edge/)
  })
})

/** Timing rules: what they hold over bar i + 1, decided at the close of bar i from what was known then. */
const timingRules: Record<string, (market: SimulatedMarket, instrument: number, bar: number) => number> = {
  momentum: ({ instruments }, index, bar) => {
    const { close } = instruments[index]!.candles
    return bar < 24 ? 0 : Math.sign(close[bar]! - close[bar - 24]!)
  },
  'fade funding': ({ instruments }, index, bar) => {
    const { funding } = instruments[index]!
    const settled = Math.floor((bar + 1) / 8) - 1
    return settled < 0 ? 0 : -Math.sign(funding.values['rate']![settled]! - 0.00005)
  },
  'follow confirmation': ({ instruments }, index, bar) =>
    instruments[index]!.confirmations.values['long']![bar]!,
  'calm hours': (_market, _index, bar) => (bar % 24 < 12 ? 1 : -1),
}

/** Timing return of every rule on one market: Σ weight · (total return of the next bar incl. the jump after it − drift). */
function timingReturns(market: SimulatedMarket, driftPerHour: number): Record<string, number> {
  const sums: Record<string, number> = Object.fromEntries(Object.keys(timingRules).map((rule) => [rule, 0]))
  market.instruments.forEach(({ candles, funding }, index) => {
    for (let bar = 0; bar + 2 < candles.openTime.length; bar++) {
      const closeTime = candles.openTime[bar + 2]!
      const settles = (closeTime - START) % (8 * HOUR_MS) === 0
      const paid = settles ? candles.close[bar + 1]! * rateAt(funding, closeTime) : 0
      const excess = (candles.open[bar + 2]! - paid) / candles.open[bar + 1]! - 1 - driftPerHour
      for (const [rule, weight] of Object.entries(timingRules))
        sums[rule]! += weight(market, index, bar) * excess
    }
  })
  return sums
}

function rateAt(funding: FactColumns, time: number): number {
  const row = (time - START) / (8 * HOUR_MS) - 1
  if (funding.eventTime[row] !== time) throw new Error('settlements are not where the test looks for them')
  return funding.values['rate']![row]!
}

/** z of each rule's mean timing return over seeds. */
function timingScores(edge: number, seeds: number): Record<string, number> {
  const driftPerHour = 0.0001
  const results = Array.from({ length: seeds }, (_, index) =>
    timingReturns(simulate((index + 1) * 7919, { bars: 24 * 20, edge, driftPerHour }), driftPerHour),
  )
  return Object.fromEntries(
    Object.keys(timingRules).map((rule) => [rule, zScore(Float64Array.from(results, (sums) => sums[rule]!))]),
  )
}

describe('edge 0', () => {
  it('total return is a martingale around the drift: no rule can time it', () => {
    for (const [rule, z] of Object.entries(timingScores(0, 300)))
      expect(Math.abs(z), rule).toBeLessThanOrEqual(3)
  })

  it('with an edge the legs can time it, and the calendar still cannot', () => {
    const scores = timingScores(0.1, 100)
    expect(scores['follow confirmation']).toBeGreaterThan(5)
    expect(scores['fade funding']).toBeGreaterThan(3)
    expect(Math.abs(scores['calm hours']!)).toBeLessThanOrEqual(3)
  })

  it('without shocks a bar returns exactly its drift after funding, and funding is not small change', () => {
    const timeline = { startTime: START, bars: 24 * 30, timeframeMs: HOUR_MS }
    const still = new Float64Array(timeline.bars)
    const drivers = {
      volatility: still,
      noise: still,
      jumps: still,
      sentiment: still.map((_, bar) => Math.sin(bar / 20)),
    }
    const levels = DEFAULT_INSTRUMENTS[0]!
    const { candles, funding } = simulatePrices(
      timeline,
      levels,
      drivers,
      { driftPerHour: 1e-5, edge: 0 },
      xoroshiro128plus(1),
    )
    const tick = levels.instrument.tickSize / levels.startPrice
    let largestRate = 0
    candles.close.forEach((close, bar) => {
      const closeTime = candles.openTime[bar]! + HOUR_MS
      const rate = closeTime % (8 * HOUR_MS) === 0 ? rateAt(funding, closeTime) : 0
      largestRate = Math.max(largestRate, Math.abs(rate))
      expect(Math.abs((close * (1 - rate)) / candles.open[bar]! - 1 - 1e-5)).toBeLessThan(1.01 * tick)
    })
    expect(largestRate).toBeGreaterThan(50 * tick)
  })

  it('a stop or a target resting inside the bar has no advantage', () => {
    const outcomes = { stop: [] as number[], target: [] as number[] }
    const touches = { stop: 0, target: 0 }
    for (let seed = 1; seed <= 300; seed++) {
      const { candles } = simulate(seed * 104729, { bars: 24 * 20 }).instruments[0]!
      const sums = { stop: 0, target: 0 }
      candles.open.forEach((open, bar) => {
        if ((candles.openTime[bar]! + HOUR_MS) % (8 * HOUR_MS) === 0) return // pays funding at its close
        const stopped = candles.low[bar]! <= open * 0.997
        const reached = candles.high[bar]! >= open * 1.003
        touches.stop += stopped ? 1 : 0
        touches.target += reached ? 1 : 0
        sums.stop += stopped ? -0.003 : candles.close[bar]! / open - 1
        sums.target += reached ? 0.003 : candles.close[bar]! / open - 1
      })
      outcomes.stop.push(sums.stop)
      outcomes.target.push(sums.target)
    }
    for (const kind of ['stop', 'target'] as const) {
      expect(touches[kind]).toBeGreaterThan(10_000)
      expect(Math.abs(zScore(Float64Array.from(outcomes[kind]))), kind).toBeLessThanOrEqual(3)
    }
  })
})

function zScore(values: Float64Array): number {
  return (mean(values) / deviation(values)) * Math.sqrt(values.length)
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: Float64Array): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)]
  const products = a.map((value, index) => (value - meanA) * (b[index]! - meanB))
  return mean(products) / (deviation(a) * deviation(b))
}
