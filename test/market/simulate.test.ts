import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { instrumentLevels, INVENTED_INSTRUMENTS, type SimulatedMarket } from '../../src/market/index.js'
import { START, simulate } from './simulated-inputs.js'

/** All numbers of a market in a fixed order. */
function columnsOf(market: SimulatedMarket): Float64Array[] {
  const candles = market.instruments.flatMap(({ candles: { openTime, open, high, low, close, volume } }) => [
    openTime, open, high, low, close, volume,
  ]) // prettier-ignore
  const facts = market.instruments.flatMap((one) => [one.funding, one.openInterest, one.exchangeFlows, one.confirmations]) // prettier-ignore
  const { eventTime, knownAt, quantity, notional, leverage, accountValue } = market.whales
  return [
    ...candles,
    ...facts.flatMap((series) => [series.eventTime, series.knownAt, ...Object.values(series.values)]),
    ...[eventTime, knownAt, quantity, notional, leverage, accountValue],
  ]
}

/** Bars of `minutes` put together to bars of `timeframeMs`. */
function resampled(minutes: Candles, timeframeMs: number): Candles {
  const perBar = timeframeMs / minutes.timeframeMs
  const bars = minutes.openTime.length / perBar
  const make = (of: (from: number, to: number) => number): Float64Array =>
    Float64Array.from({ length: bars }, (_, bar) => of(bar * perBar, (bar + 1) * perBar))
  return {
    timeframeMs,
    openTime: make((from) => minutes.openTime[from]!),
    open: make((from) => minutes.open[from]!),
    high: make((from, to) => Math.max(...minutes.high.subarray(from, to))),
    low: make((from, to) => Math.min(...minutes.low.subarray(from, to))),
    close: make((_, to) => minutes.close[to - 1]!),
    volume: make((from, to) => minutes.volume.subarray(from, to).reduce((sum, volume) => sum + volume, 0)),
  }
}

describe('simulateMarket', () => {
  it('gives the same bytes for the same seed, others for another, and says that it is synthetic', () => {
    const options = { bars: 24 * 8, gaps: true }
    const market = simulate(7, options)
    expect(columnsOf(simulate(7, options))).toEqual(columnsOf(market))
    expect(columnsOf(simulate(8, options))).not.toEqual(columnsOf(market))
    expect(market.synthetic).toBe(true)
    for (const { instrument } of market.instruments) expect(instrument.venue).toBe('synthetic')
  })

  it('the prices and facts of a longer simulation begin with those of a shorter one', () => {
    const short = simulate(3, { bars: 240 })
    const long = simulate(3, { bars: 500 })
    const beginning = (of: Float64Array, like: Float64Array): Float64Array => of.slice(0, like.length)
    short.instruments.forEach((one, index) => {
      const other = long.instruments[index]!
      expect(beginning(other.candles.close, one.candles.close)).toEqual(Float64Array.from(one.candles.close))
      expect(beginning(other.candles.low, one.candles.low)).toEqual(Float64Array.from(one.candles.low))
      const rates = one.funding.values['rate']!
      expect(beginning(other.funding.values['rate']!, rates)).toEqual(rates)
      const { knownAt } = one.confirmations
      expect(beginning(other.confirmations.knownAt, knownAt)).toEqual(knownAt)
    })
    expect(beginning(long.whales.quantity, short.whales.quantity)).toEqual(short.whales.quantity)
  })

  it.each([5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS])(
    'a seed is one market at any timeframe up to an hour (%d ms)',
    (timeframeMs) => {
      const [minutes] = simulate(5, { bars: 24 * 60 * 12, timeframeMs: MINUTE_MS }).instruments
      const market = simulate(5, { bars: (12 * DAY_MS) / timeframeMs, timeframeMs })
      const wanted = resampled(minutes!.candles, timeframeMs)
      const { candles, funding } = market.instruments[0]!
      for (const name of ['openTime', 'open', 'high', 'low', 'close'] as const)
        expect(Float64Array.from(candles[name])).toEqual(wanted[name])
      candles.volume.forEach((volume, bar) => expect(volume).toBeCloseTo(wanted.volume[bar]!, 0))
      expect(funding.values).toEqual(minutes!.funding.values)
    },
  )

  it('an instrument is the same whichever others are beside it', () => {
    const alone = simulate(5, { instruments: instrumentLevels(['synthetic:ETHUSDT-PERP']) }).instruments[0]!
    const among = simulate(5, { instruments: instrumentLevels(6) }).instruments[1]!
    expect(among).toEqual(alone)
    expect(among.candles.close).not.toEqual(simulate(5).instruments[0]!.candles.close)
  })

  it.each([MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS])(
    'makes valid candles on the grid, whole ticks (%d ms)',
    (timeframeMs) => {
      for (const { candles, instrument } of simulate(11, {
        timeframeMs,
        bars: Math.min(900, (60 * DAY_MS) / timeframeMs),
      }).instruments) {
        const { tickSize } = instrument
        for (let bar = 0; bar < candles.openTime.length; bar++) {
          const [open, high, low, close] = [candles.open[bar]!, candles.high[bar]!, candles.low[bar]!, candles.close[bar]!] // prettier-ignore
          const isValid = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && candles.volume[bar]! > 0 // prettier-ignore
          if (!isValid) expect.fail(`${instrument.id} bar ${bar}: ${open} ${high} ${low} ${close}`)
          if (Math.abs(close / tickSize - Math.round(close / tickSize)) > 1e-6) expect.fail(`${close} is no whole number of ticks`) // prettier-ignore
          if (candles.openTime[bar] !== START + bar * timeframeMs) expect.fail(`bar ${bar} is off the grid`)
        }
      }
    },
  )

  it('jumps lie between bars, at 4 hours too: inside a bar the price never leaps', () => {
    for (const timeframeMs of [MINUTE_MS, 4 * HOUR_MS]) {
      const bars = (150 * DAY_MS) / timeframeMs
      const { candles } = simulate(2, { timeframeMs, bars, instruments: instrumentLevels(1) }).instruments[0]!
      const leaps = candles.open.slice(1).map((open, bar) => Math.abs(open / candles.close[bar]! - 1))
      const large = leaps.filter((leap) => leap > 0.002)
      expect(large.length).toBeGreaterThan(1)
      expect(large.length).toBeLessThan(25)
      expect(leaps.filter((leap) => leap > 2e-6 && leap < 2e-5).length).toBeLessThan(3)
    }
  })

  it('facts are known after they happen, with the delays of their kind, and sorted by known-at', () => {
    const market = simulate(5, { bars: 24 * 200 })
    for (const one of market.instruments) {
      const delays = (series: { eventTime: Float64Array; knownAt: Float64Array }): number[] =>
        Array.from(series.knownAt, (known, row) => known - series.eventTime[row]!)
      expect(new Set(delays(one.funding))).toEqual(new Set([0]))
      expect(new Set(delays(one.openInterest))).toEqual(new Set([HOUR_MS]))
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

  it('a whale snapshot values positions at a close that was already known, and names a wallet once', () => {
    const market = simulate(5)
    const { eventTime, asset, quantity, notional, wallet } = market.whales
    const seen = new Set<string>()
    for (let row = 0; row < eventTime.length; row++) {
      const one = market.instruments.find(({ instrument }) => instrument.base === asset[row])!
      const bar = Math.floor((eventTime[row]! - START) / HOUR_MS) - 1
      const price = bar < 0 ? one.candles.open[0]! : one.candles.close[bar]!
      if (Math.abs(notional[row]! / quantity[row]! / price - 1) > 1e-4) expect.fail(`row ${row} is not worth ${price}`) // prettier-ignore
      const name = `${eventTime[row]} ${wallet[row]} ${asset[row]}`
      if (seen.has(name)) expect.fail(`${name} twice`)
      seen.add(name)
    }
  })

  it('refuses what it cannot simulate, naming field and value', () => {
    expect(() => simulate(1, { timeframeMs: 5 * HOUR_MS })).toThrow(/field timeframe.*18000000 ms/)
    expect(() => simulate(1, { timeframeMs: 30_000 })).toThrow(/timeframe/)
    expect(() => simulate(1, { startTime: START + 1 })).toThrow(/startTime/)
    expect(() => simulate(1, { startTime: START + HOUR_MS, timeframeMs: DAY_MS })).toThrow(/startTime/)
    expect(() => simulate(1, { bars: 0 })).toThrow(/bars/)
    expect(() => simulate(1, { edge: 1 })).toThrow(/edge/)
    expect(() => simulate(1, { edge: NaN })).toThrow(/edge/)
    expect(() => simulate(1, { driftPerHour: 30 })).toThrow(/driftPerHour/)
    expect(() => instrumentLevels(0)).toThrow(/instruments/)
    expect(() => instrumentLevels(INVENTED_INSTRUMENTS.length + 1)).toThrow(/from 1 to 20/)
    expect(() => instrumentLevels(['binance:BTCUSDT-PERP'])).toThrow(/no such invented instrument/)
    expect(() => instrumentLevels(['synthetic:BTCUSDT-PERP', 'synthetic:BTCUSDT-PERP'])).toThrow(/twice/)
  })
})

describe('gaps on request', () => {
  const days = 700
  const whole = simulate(3, { bars: 24 * days, instruments: instrumentLevels(2) })
  const gappy = simulate(3, { bars: 24 * days, instruments: instrumentLevels(2), gaps: true })

  it('leave out bars of all instruments at once, and what remains is as it would have been', () => {
    const [first, second] = gappy.instruments
    expect(first!.candles.openTime).toEqual(second!.candles.openTime)
    const missing = 24 * days - first!.candles.openTime.length
    expect(missing).toBeGreaterThan(10)
    expect(missing).toBeLessThan(200)
    const before = whole.instruments[0]!.candles
    first!.candles.openTime.forEach((openTime, row) => {
      const bar = (openTime - START) / HOUR_MS
      expect(first!.candles.high[row]).toBe(before.high[bar])
    })
    expect(first!.funding).toEqual(whole.instruments[0]!.funding)
  })

  it('leave out facts, and let some be known late', () => {
    for (const name of ['openInterest', 'exchangeFlows', 'confirmations'] as const) {
      const [before, after] = [whole.instruments[0]![name], gappy.instruments[0]![name]]
      const lost = 1 - after.eventTime.length / before.eventTime.length
      expect(lost, name).toBeGreaterThan(0.003)
      expect(lost, name).toBeLessThan(0.1)
      expect(Array.from(after.knownAt)).toEqual(Array.from(after.knownAt).sort((a, b) => a - b))
    }
    const { eventTime, knownAt } = gappy.instruments[0]!.confirmations
    const late = knownAt.filter((known, row) => known - eventTime[row]! > 60_000).length / knownAt.length
    expect(late).toBeGreaterThan(0.02)
    expect(late).toBeLessThan(0.04)
    const snapshots = (of: Float64Array): number => new Set(of).size
    expect(snapshots(gappy.whales.eventTime)).toBeLessThan(snapshots(whole.whales.eventTime))
    expect(snapshots(gappy.whales.eventTime)).toBeGreaterThan(0.9 * snapshots(whole.whales.eventTime))
    const delays = Array.from(gappy.whales.knownAt, (known, row) => known - gappy.whales.eventTime[row]!)
    expect(Math.max(...new Set(delays))).toBeGreaterThan(HOUR_MS)
  })
})
