import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError } from '../../core/errors.js'
import { HOUR_MS, SECOND_MS, durationName } from '../../core/time.js'
import { retryAtMs } from '../retry-after.js'
import { within } from '../within.js'
import { askPage } from './ask-page.js'
import type { CandlePage, CandlePages } from './candle-pages.js'
import type { FactPages } from './fact-pages.js'
import { loadCcxt } from './load-ccxt.js'

/** Addresses of Binance's public market data, where they are not its own: a loopback world's. */
export interface BinanceAddresses {
  readonly spotRest: string
  readonly usdmRest: string
  /** Of statistics such as the history of open interest. */
  readonly usdmData?: string
}

export interface BinanceOptions {
  readonly isPerpetual: boolean
  /** UTC ms. */
  readonly now: () => number
  readonly addresses?: BinanceAddresses
  /** Waits; default in real time. */
  readonly pause?: (durationMs: number) => Promise<void>
  /** Real ms for a whole answer; default 30 s. */
  readonly timeoutMs?: number
}

/** A market as the venue lists it. */
export interface ListedMarket {
  readonly id: string
  readonly base: string
}

/** Public market data of one of Binance's markets. */
export interface Binance {
  /** Throws ConfigError for a symbol that the venue does not list, such as `BTCUSDT`. */
  market(symbol: string): ListedMarket
  candles(symbol: string, timeframeMs: number): CandlePages
  /** Settlements of a perpetual. */
  funding(symbol: string): FactPages
  /** Open interest of a perpetual at the hours of the latest month, which is all that the venue keeps. */
  openInterest(symbol: string): FactPages
}

/** What of ccxt is used here; it is loaded when asked for, since that takes a second. */
interface Exchange {
  readonly urls: { readonly api: Record<string, unknown> }
  readonly markets: Readonly<Record<string, Market>>
  readonly last_json_response?: unknown
  readonly last_response_headers?: Readonly<Record<string, string>>
  loadMarkets(reload: boolean): Promise<unknown>
  fetchTime(): Promise<number | undefined>
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<unknown[]>
  fetchFundingRateHistory(symbol: string, since: number, limit: number, more: object): Promise<unknown[]>
  fetchOpenInterestHistory(symbol: string, timeframe: string, since: number, limit: number, more: object): Promise<unknown[]> // prettier-ignore
}

interface Market {
  readonly id: string
  readonly symbol: string
  readonly base: string
}

interface Ccxt {
  readonly binance: new (options: object) => Exchange
  readonly BadRequest: new () => Error
  readonly BadSymbol: new () => Error
  readonly NotSupported: new () => Error
  readonly RateLimitExceeded: new () => Error
  readonly DDoSProtection: new () => Error
}

/** Rows that both markets of Binance give in one page of candles. */
const CANDLES_A_PAGE = 1_000

/** Settlements are at least an hour apart: a page of so many hours is never cut at its 1,000 rows. */
const FUNDING_WINDOW_MS = 500 * HOUR_MS

/** 500 rows a page at most. */
const INTEREST_WINDOW_MS = 400 * HOUR_MS

/**
 * Binance through ccxt, without a key: public data alone. ccxt's own retries stay off, since only we know what may be asked again. Throws BaleenError with the exit
 * code of networks where the list of markets cannot be had.
 */
export async function openBinance(options: BinanceOptions): Promise<Binance> {
  const { isPerpetual, now, addresses, pause = (durationMs) => delay(durationMs), timeoutMs = 30 * SECOND_MS } = options // prettier-ignore
  const ccxt = await loadCcxt<Ccxt>()
  const type = isPerpetual ? 'linear' : 'spot'
  const exchange = new ccxt.binance({
    maxRetriesOnFailure: 0,
    enableRateLimit: addresses === undefined,
    enableLastJsonResponse: true,
    options: { defaultType: isPerpetual ? 'swap' : 'spot', fetchCurrencies: false, fetchMargins: false, fetchMarkets: { types: [type] } }, // prettier-ignore
  })
  if (addresses !== undefined) {
    const { spotRest, usdmRest, usdmData } = addresses
    Object.assign(exchange.urls.api, { public: spotRest, fapiPublic: usdmRest, ...(usdmData !== undefined && { fapiData: usdmData }) }) // prettier-ignore
  }
  const failed = (error: unknown): CandlePage => {
    const message = wordsOf(error)
    // ccxt's classes mislead: a garbled body is a TypeError, a 504 a timeout. Only what is surely ours is not asked again.
    if ([ccxt.BadRequest, ccxt.BadSymbol, ccxt.NotSupported].some((kind) => error instanceof kind))
      return { failure: 'refused', message }
    const isLimit = error instanceof ccxt.RateLimitExceeded || error instanceof ccxt.DDoSProtection
    const headers = Object.entries(exchange.last_response_headers ?? {})
    const header = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? null
    const retryAt = isLimit ? retryAtMs(header, now()) : undefined
    const failure = isLimit ? 'limited' : 'unavailable'
    return { failure, message, ...(retryAt !== undefined && { retryAt }) }
  }
  const pageOf = async (ask: () => Promise<unknown[]>): Promise<CandlePage> => {
    try {
      const rows = await within(timeoutMs, ask())
      // Of a body that is no JSON ccxt makes an empty list: that would be a gap which nobody has.
      if (Array.isArray(rows) && Array.isArray(exchange.last_json_response)) return { rows }
      return { failure: 'unavailable', message: 'the answer is no list' }
    } catch (error) {
      return failed(error)
    }
  }
  const markets = async (): Promise<CandlePage> => {
    try {
      await within(timeoutMs, exchange.loadMarkets(true))
      const rows = Object.values(exchange.markets)
      // Of a body that breaks off ccxt makes a venue without markets.
      return rows.length > 0 ? { rows } : { failure: 'unavailable', message: 'the list of markets is empty' }
    } catch (error) {
      return failed(error)
    }
  }
  await askPage(markets, "the venue's list of markets", { now, pause })
  const serverTime = async (): Promise<number | undefined> => {
    for (let tries = 0; tries < 5; tries++) {
      const time = await within(timeoutMs, exchange.fetchTime()).catch(() => undefined)
      if (time !== undefined) return time
      await pause(1_000 * 2 ** tries)
    }
    return undefined
  }
  const marketOf = (symbol: string): Market => {
    const market = Object.values(exchange.markets).find(({ id }) => id === symbol)
    if (market !== undefined) return market
    throw new ConfigError(`the venue lists no such symbol among its ${isPerpetual ? 'perpetuals' : 'spot markets'}`, { field: 'instrument', value: symbol }) // prettier-ignore
  }

  return {
    market: marketOf,
    candles: (symbol, timeframeMs) => {
      const { symbol: name } = marketOf(symbol)
      const timeframe = durationName(timeframeMs)
      return {
        timeframeMs,
        pageSize: CANDLES_A_PAGE,
        serverTime,
        page: (fromMs, count) => pageOf(() => exchange.fetchOHLCV(name, timeframe, fromMs, count)),
      }
    },
    funding: (symbol) => {
      const { symbol: name } = marketOf(symbol)
      return {
        what: 'funding',
        windowMs: FUNDING_WINDOW_MS,
        serverTime,
        page: (fromMs, toMs) => pageOf(() => exchange.fetchFundingRateHistory(name, fromMs, 1_000, { until: toMs - 1 })), // prettier-ignore
      }
    },
    openInterest: (symbol) => {
      const { symbol: name } = marketOf(symbol)
      return {
        what: 'open interest',
        windowMs: INTEREST_WINDOW_MS,
        serverTime,
        page: (fromMs, toMs) => pageOf(() => exchange.fetchOpenInterestHistory(name, '1h', fromMs, 500, { until: toMs - 1 })), // prettier-ignore
      }
    },
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error)
}
