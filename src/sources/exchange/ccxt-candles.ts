import { ConfigError } from '../../core/errors.js'
import { durationName } from '../../core/time.js'
import { retryAtMs } from '../smart-money/meaning.js'
import type { CandlePage, CandlePages } from './candle-pages.js'
import { loadCcxt } from './load-ccxt.js'

/** Addresses of Binance's public market data, where they are not its own: a loopback world's. */
export interface BinanceAddresses {
  readonly spotRest: string
  readonly usdmRest: string
}

export interface CcxtCandlesOptions {
  /** `BTCUSDT` of `binance:BTCUSDT` or `binance:BTCUSDT-PERP`. */
  readonly symbol: string
  readonly isPerpetual: boolean
  readonly timeframeMs: number
  /** UTC ms. */
  readonly now: () => number
  readonly addresses?: BinanceAddresses
}

/** What of ccxt is used here; it is loaded when asked for, since that takes a second. */
interface Exchange {
  readonly urls: { readonly api: Record<string, unknown> }
  readonly markets: Readonly<Record<string, { readonly id: string; readonly symbol: string }>>
  readonly last_json_response?: unknown
  readonly last_response_headers?: Readonly<Record<string, string>>
  loadMarkets(): Promise<unknown>
  fetchTime(): Promise<number | undefined>
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<unknown[]>
}

interface Ccxt {
  readonly binance: new (options: object) => Exchange
  readonly BadRequest: new () => Error
  readonly BadSymbol: new () => Error
  readonly NotSupported: new () => Error
  readonly RateLimitExceeded: new () => Error
  readonly DDoSProtection: new () => Error
}

/** Rows that both markets of Binance give in one page. */
const PAGE_SIZE = 1_000

/**
 * Candles of Binance through ccxt, without a key: public data alone. ccxt's own retries stay off, since only we know what may be asked again. Throws
 * ConfigError for a symbol that the venue does not list.
 */
export async function ccxtCandles(options: CcxtCandlesOptions): Promise<CandlePages> {
  const { symbol, isPerpetual, timeframeMs, now, addresses } = options
  const ccxt = await loadCcxt<Ccxt>()
  const type = isPerpetual ? 'linear' : 'spot'
  const exchange = new ccxt.binance({
    maxRetriesOnFailure: 0,
    enableRateLimit: addresses === undefined,
    enableLastJsonResponse: true,
    options: { defaultType: isPerpetual ? 'swap' : 'spot', fetchCurrencies: false, fetchMargins: false, fetchMarkets: { types: [type] } }, // prettier-ignore
  })
  if (addresses !== undefined)
    Object.assign(exchange.urls.api, { public: addresses.spotRest, fapiPublic: addresses.usdmRest })
  await exchange.loadMarkets()
  const market = Object.values(exchange.markets).find(({ id }) => id === symbol)
  if (market === undefined) throw new ConfigError('the venue lists no such symbol', { field: 'instrument', value: symbol }) // prettier-ignore
  const timeframe = durationName(timeframeMs)

  const failed = (error: unknown): CandlePage => {
    const message = error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error)
    // ccxt's classes mislead: a garbled body is a TypeError, a 504 a timeout. Only what is surely ours is not asked again.
    if ([ccxt.BadRequest, ccxt.BadSymbol, ccxt.NotSupported].some((kind) => error instanceof kind))
      return { failure: 'refused', message }
    const isLimit = error instanceof ccxt.RateLimitExceeded || error instanceof ccxt.DDoSProtection
    const headers = Object.entries(exchange.last_response_headers ?? {})
    const header = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? null
    const retryAt = isLimit ? retryAtMs(header, now()) : undefined
    return {
      failure: isLimit ? 'limited' : 'unavailable',
      message,
      ...(retryAt !== undefined && { retryAt }),
    }
  }

  return {
    timeframeMs,
    pageSize: PAGE_SIZE,
    serverTime: () => exchange.fetchTime().catch(() => undefined),
    page: async (fromMs, count) => {
      try {
        const rows = await exchange.fetchOHLCV(market.symbol, timeframe, fromMs, count)
        // Of a body that is no JSON ccxt makes an empty list: that would be a gap which nobody has.
        if (Array.isArray(rows) && Array.isArray(exchange.last_json_response)) return { rows }
        return { failure: 'unavailable', message: 'the answer is no list' }
      } catch (error) {
        return failed(error)
      }
    },
  }
}
