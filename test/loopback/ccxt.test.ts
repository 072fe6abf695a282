import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { knownRows } from '../../src/loopback/world.js'
import { loadCcxt } from '../../src/sources/exchange/load-ccxt.js'
import { MIDDLE, served, type Served, START, WORLD } from './worlds.js'

/** What of ccxt this test uses; its own types are of no help. */
interface Exchange {
  readonly urls: { readonly api: Record<string, unknown> }
  loadHttpProxyAgent(): Promise<void>
  close(): Promise<void>
  fetchTime(): Promise<number>
  loadMarkets(): Promise<Record<string, { readonly id: string; readonly swap: boolean; readonly precision: { readonly price: number; readonly amount: number }; readonly limits: { readonly cost: { readonly min: number } } }>>
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>
  fetchFundingRateHistory(symbol: string, since?: number, limit?: number): Promise<{ readonly timestamp: number; readonly fundingRate: number }[]>
  fetchFundingRate(symbol: string): Promise<{ readonly fundingRate: number; readonly markPrice: number; readonly fundingTimestamp: number }>
  fetchOpenInterest(symbol: string): Promise<{ readonly openInterestAmount: number; readonly timestamp: number }>
  fetchOpenInterestHistory(symbol: string, timeframe: string, since?: number, limit?: number): Promise<{ readonly openInterestAmount: number; readonly timestamp: number }[]>
  fetchTicker(symbol: string): Promise<{ readonly last: number; readonly high: number }>
  fetchBidsAsks(symbols: string[]): Promise<Record<string, { readonly bid: number; readonly ask: number }>>
  watchOHLCV(symbol: string, timeframe: string): Promise<number[][]>
} // prettier-ignore

let at: Served
let exchange: Exchange
const [BTC, ETH] = [WORLD.instruments[0]!, WORLD.instruments[1]!]

beforeAll(async () => {
  at = await served()
  const ccxt = await loadCcxt<{ pro: { binance: new (options: object) => Exchange } }>()
  exchange = new ccxt.pro.binance({
    enableRateLimit: false,
    options: { defaultType: 'swap', fetchCurrencies: false, fetchMargins: false, fetchMarkets: { types: ['linear'] }, maxRetriesOnFailure: 0 }, // prettier-ignore
  })
  const { usdmRest, usdmData, usdmStreams } = at.urls
  Object.assign(exchange.urls.api, { fapiPublic: usdmRest, fapiData: usdmData, public: at.urls.spotRest })
  Object.assign(exchange.urls.api['ws'] as object, { future: usdmStreams, spot: at.urls.spotStreams })
  // Without it ccxt refuses addresses that begin with ws://.
  await exchange.loadHttpProxyAgent()
  await exchange.loadMarkets()
})
afterAll(async () => {
  await exchange.close()
  await at.close()
})

describe("ccxt's own parser of Binance reads the loopback exchange", () => {
  it('time', async () => {
    // Of futures; the spot market has the same clock.
    expect(await exchange.fetchTime()).toBe(MIDDLE)
  })

  it('markets: symbols, ticks, lots and least notionals of the instruments', async () => {
    const markets = await exchange.loadMarkets()
    expect(Object.keys(markets)).toEqual(['BTC/USDT:USDT', 'ETH/USDT:USDT', 'SOL/USDT:USDT'])
    for (const { instrument } of WORLD.instruments) {
      const market = markets[`${instrument.base}/USDT:USDT`]!
      expect(market.swap).toBe(true)
      expect([market.precision.price, market.precision.amount, market.limits.cost.min]).toEqual([
        instrument.tickSize,
        instrument.lotSize,
        instrument.minNotional,
      ])
    }
  })

  it("closed candles are the world's, digit by digit; the open one comes last", async () => {
    const since = MIDDLE - 100 * MINUTE_MS - 30_000
    const rows = await exchange.fetchOHLCV('ETH/USDT:USDT', '1m', since, 500)
    const first = (since - START) / MINUTE_MS
    const { openTime, open, high, low, close, volume } = ETH.candles
    expect(rows).toHaveLength(101)
    rows.slice(0, -1).forEach((row, index) => {
      const of = first + index
      expect(row).toEqual([openTime[of], open[of], high[of], low[of], close[of], volume[of]])
    })
    const [opensAt, opensWith] = rows.at(-1)!
    expect([opensAt, opensWith]).toEqual([MIDDLE - 30_000, open[first + 100]])
  })

  it('hours are their minutes put together', async () => {
    const rows = await exchange.fetchOHLCV('BTC/USDT:USDT', '1h', START, 48)
    expect(rows).toHaveLength(48)
    const { open, high, low, close } = BTC.candles
    rows.forEach(([opensAt, ...prices], hour) => {
      const [from, to] = [hour * 60, hour * 60 + 60]
      expect(opensAt).toBe(START + hour * HOUR_MS)
      const [top, bottom] = [Math.max(...high.slice(from, to)), Math.min(...low.slice(from, to))]
      expect(prices.slice(0, 4)).toEqual([open[from], top, bottom, close[to - 1]])
    })
  })

  it('settled funding, all of it and nothing of the future', async () => {
    const told = await exchange.fetchFundingRateHistory('BTC/USDT:USDT')
    const { eventTime, values } = BTC.funding!
    const settled = [...eventTime].filter((time) => time <= MIDDLE)
    expect(told.map(({ timestamp, fundingRate }) => [timestamp, fundingRate])).toEqual(
      settled.map((time, row) => [time, values['rate']![row]]),
    )
    const now = await exchange.fetchFundingRate('BTC/USDT:USDT')
    expect([now.fundingRate, now.fundingTimestamp]).toEqual([values['rate']![settled.length - 1], settled.at(-1)! + 8 * HOUR_MS]) // prettier-ignore
  })

  it('open interest: the newest that is known, and its history', async () => {
    const facts = BTC.openInterest!
    const [newest] = knownRows(facts, MIDDLE)
    expect(facts.knownAt[newest!]).toBeLessThanOrEqual(MIDDLE)
    const told = await exchange.fetchOpenInterest('BTC/USDT:USDT')
    expect([told.timestamp, told.openInterestAmount]).toEqual([facts.eventTime[newest!], facts.values['openInterest']![newest!]]) // prettier-ignore
    const history = await exchange.fetchOpenInterestHistory('BTC/USDT:USDT', '1h', undefined, 500)
    expect(history.map(({ timestamp, openInterestAmount }) => [timestamp, openInterestAmount])).toEqual(
      [...knownRows(facts, MIDDLE)].reverse().map((row) => [facts.eventTime[row], facts.values['openInterest']![row]]), // prettier-ignore
    )
  })

  it('tickers: one price, a tick between bid and offer', async () => {
    const { last } = await exchange.fetchTicker('BTC/USDT:USDT')
    const row = (MIDDLE - 30_000 - START) / MINUTE_MS
    expect(last).toBeGreaterThanOrEqual(BTC.candles.low[row]!)
    expect(last).toBeLessThanOrEqual(BTC.candles.high[row]!)
    const quotes = await exchange.fetchBidsAsks(['BTC/USDT:USDT'])
    const { bid, ask } = quotes['BTC/USDT:USDT']!
    expect(bid).toBe(last)
    expect(ask - bid).toBeCloseTo(BTC.instrument.tickSize, 9)
  })

  it('streams: the open candle, then the closed one', async () => {
    const first = exchange.watchOHLCV('BTC/USDT:USDT', '1m')
    expect((await first).at(-1)![0]).toBe(MIDDLE - 30_000)
    const row = (MIDDLE - 30_000 - START) / MINUTE_MS
    const { openTime, open, high, low, close, volume } = BTC.candles
    const next = exchange.watchOHLCV('BTC/USDT:USDT', '1m')
    at.clock.advanceBy(30_000)
    const seen = [...(await next)]
    for (let tries = 0; tries < 20 && !seen.some(([, , , , , size]) => size === volume[row]); tries++)
      seen.push(...(await exchange.watchOHLCV('BTC/USDT:USDT', '1m')))
    expect(seen).toContainEqual([openTime[row], open[row], high[row], low[row], close[row], volume[row]])
  })
})
