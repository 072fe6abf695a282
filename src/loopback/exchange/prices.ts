import { DAY_MS } from '../../core/time.js'
import { type Bar, barAt, barsAt, lastPrice } from '../bars-at.js'
import { decimal } from '../decimal.js'
import type { View } from '../reply.js'
import { refuse } from './errors.js'
import { intervalOf, windowOf } from './parameters.js'
import type { Listed, Market } from './venue.js'

type Query = Readonly<Record<string, string>>

/** Largest number of candles an answer. Sources as below. */
const MOST_BARS: Readonly<Record<Market, number>> = { spot: 1_000, usdm: 1_500 }

/**
 * Candles, the open one last. Sources: Binance spot API, "Kline/Candlestick data", `GET /api/v3/klines` (limit 500, at most 1,000); USDⓈ-M futures, "Kline/Candlestick
 * Data", `GET /fapi/v1/klines` (limit 500, at most 1,500). Fields by place: open time, open, high, low, close, volume, close time, quote asset volume,
 * number of trades, taker buy base volume, taker buy quote volume, ignore.
 */
export function klines(listed: Listed, market: Market, query: Query, { knownMs }: View): unknown[][] {
  const intervalMs = intervalOf(query['interval'], listed.candles.timeframeMs)
  const window = windowOf(query, 500, MOST_BARS[market])
  return barsAt(listed.candles, { ...window, intervalMs }, knownMs, listed.instrument.tickSize).map(klineRow)
}

/** A world does not know who took: half of the volume each. */
export function klineRow(bar: Bar): unknown[] {
  return [
    bar.openTime,
    decimal(bar.open),
    decimal(bar.high),
    decimal(bar.low),
    decimal(bar.close),
    decimal(bar.volume),
    bar.closeTime,
    decimal(bar.quoteVolume),
    bar.parts,
    decimal(bar.volume / 2),
    decimal(bar.quoteVolume / 2),
    '0',
  ]
}

/** Best bid and offer: the price at which the world trades, and one tick above it. Quantities are a hundredth of the last finest candle's volume. */
export interface BestQuotes {
  readonly bid: number
  readonly ask: number
  readonly quantity: number
}

export function bestQuotes({ candles, instrument }: Listed, nowMs: number): BestQuotes | undefined {
  const { tickSize, lotSize } = instrument
  const bid = lastPrice(candles, nowMs, tickSize)
  if (bid === undefined) return undefined
  const [bar] = barsAt(candles, { intervalMs: candles.timeframeMs, limit: 1 }, nowMs, tickSize)
  const quantity = Math.max(lotSize, 1e-8, Math.round((bar?.volume ?? 0) * 10) / 1_000)
  const perUnit = Math.round(1 / tickSize)
  const ask = tickSize === 0 ? bid : Math.round((bid + tickSize) * perUnit) / perUnit
  return { bid, ask, quantity }
}

/**
 * Sources: Binance spot API, "Symbol order book ticker", `GET /api/v3/ticker/bookTicker`: symbol, bidPrice, bidQty, askPrice, askQty; USDⓈ-M futures, "Symbol Order
 * Book Ticker", `GET /fapi/v1/ticker/bookTicker`: the same, time, lastUpdateId.
 */
export function bookTicker(listed: Listed, market: Market, { knownMs, clockMs }: View): object {
  const { bid, ask, quantity } = bestQuotes(listed, knownMs) ?? refuse('symbol')
  const quotes = { symbol: listed.symbol, bidPrice: decimal(bid), bidQty: decimal(quantity), askPrice: decimal(ask), askQty: decimal(quantity) } // prettier-ignore
  return market === 'spot' ? quotes : { ...quotes, time: clockMs, lastUpdateId: clockMs }
}

/** Sources: "Symbol price ticker" of both markets, `GET /api/v3/ticker/price`, `GET /fapi/v1/ticker/price`. */
export function priceTicker(listed: Listed, market: Market, { knownMs, clockMs }: View): object {
  const price = lastPrice(listed.candles, knownMs, listed.instrument.tickSize) ?? refuse('symbol')
  return { symbol: listed.symbol, price: decimal(price), ...(market === 'usdm' && { time: clockMs }) }
}

/**
 * Sources: Binance spot API, "24hr ticker price change statistics", `GET /api/v3/ticker/24hr`; USDⓈ-M futures, "24hr Ticker Price Change Statistics",
 * `GET /fapi/v1/ticker/24hr` (without bid and ask).
 */
export function dayTicker(listed: Listed, market: Market, { knownMs, clockMs }: View): object {
  const { candles, instrument, symbol } = listed
  const finestMs = candles.timeframeMs
  const opensAt = Math.ceil((knownMs - DAY_MS) / finestMs) * finestMs
  const day = barAt(candles, opensAt, DAY_MS + finestMs, knownMs, instrument.tickSize) ?? refuse('symbol')
  const quotes = bestQuotes(listed, knownMs) ?? refuse('symbol')
  const mean = day.volume > 0 ? day.quoteVolume / day.volume : day.close
  return {
    symbol,
    priceChange: decimal(day.close - day.open),
    priceChangePercent: ((day.close / day.open - 1) * 100).toFixed(3),
    weightedAvgPrice: decimal(mean),
    lastPrice: decimal(day.close),
    lastQty: decimal(quotes.quantity),
    openPrice: decimal(day.open),
    highPrice: decimal(day.high),
    lowPrice: decimal(day.low),
    volume: decimal(day.volume),
    quoteVolume: decimal(day.quoteVolume),
    openTime: clockMs - DAY_MS,
    closeTime: clockMs,
    firstId: 0,
    lastId: day.parts,
    count: day.parts,
    ...(market === 'spot' && {
      prevClosePrice: decimal(day.open),
      bidPrice: decimal(quotes.bid),
      bidQty: decimal(quotes.quantity),
      askPrice: decimal(quotes.ask),
      askQty: decimal(quotes.quantity),
    }),
  }
}
