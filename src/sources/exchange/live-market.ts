import { ConfigError } from '../../core/errors.js'
import type { Instrument } from '../../core/instrument.js'
import { durationName, HOUR_MS } from '../../core/time.js'
import type { ClosedCandle } from './backfill.js'
import { closedCandle } from './kline-message.js'
import { loadCcxt } from './load-ccxt.js'
import { within } from '../within.js'
import { keepStream, wordsOf, type KeptStream } from './kept-stream.js'
import type { Patience } from './patience.js'
import { quoteOfAnswer, quoteOfStream, type ToldQuote } from './quote-message.js'

/** Base addresses where they are not the venue's own: of a loopback world, `http://127.0.0.1:PORT` and `ws://127.0.0.1:PORT`. */
export interface MarketAddresses {
  readonly exchange: string
  readonly stream: string
}

export interface LiveMarketOptions {
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  readonly addresses?: MarketAddresses
  /** Real ms without a word from the socket after which it is opened again. */
  readonly silenceMs: number
  /** Real ms for one answer. */
  readonly timeoutMs: number
  readonly patience: Patience
  /** A candle that has closed by the venue's own time. It may come twice, out of order, or never. */
  readonly onCandle: (instrument: number, candle: ClosedCandle) => void
  /** Best bid and ask as they change, in the order in which they come; they are listened to where somebody wants to know. */
  readonly onQuote?: (instrument: number, quote: ToldQuote) => void
  readonly onTrouble: (what: string, message: string) => void
}

/** One settled rate. */
export interface SettledRate {
  /** UTC ms. */
  readonly time: number
  /** Fraction for its own interval. */
  readonly rate: number
  readonly intervalMs: number
  /** NaN where the venue does not tell it. */
  readonly mark: number
}

/** Open interest of one hour. */
export interface InterestRow {
  readonly eventTime: number
  /** Base units. */
  readonly openInterest: number
}

/** Public market data of Binance as they come: candles and quotes by WebSocket, the rest by REST. */
export interface LiveMarket {
  /** `streaming`, `silent` (nothing was heard lately), `down`, the last two of quotes as `quotes silent` and `quotes down`; since when, real UTC ms. */
  readonly state: { readonly state: string; readonly since: number }
  /** By the venue's clock, UTC ms; undefined where it does not answer. */
  serverTime(): Promise<number | undefined>
  /** Best bid and ask as they stand, for where the stream is silent; undefined where the venue does not answer, or tells none. */
  quote(instrument: number): Promise<ToldQuote | undefined>
  /** Settlements from a time on, oldest first; undefined where the venue does not answer. */
  settlements(instrument: number, fromMs: number): Promise<readonly SettledRate[] | undefined>
  openInterest(instrument: number, fromMs: number): Promise<readonly InterestRow[] | undefined>
  close(): Promise<void>
}

interface Market {
  readonly id: string
  readonly symbol: string
  readonly precision: { readonly price?: number; readonly amount?: number }
  readonly limits: { readonly cost: { readonly min?: number } }
}

interface Exchange {
  readonly urls: { readonly api: Record<string, unknown> }
  readonly markets: Readonly<Record<string, Market>>
  readonly last_response_headers?: Readonly<Record<string, string>>
  log(...words: readonly unknown[]): void
  loadHttpProxyAgent(): Promise<unknown>
  loadMarkets(): Promise<unknown>
  close(): Promise<void>
  fetchTime(): Promise<number | undefined>
  watchOHLCV(symbol: string, timeframe: string): Promise<unknown>
  fetchFundingRateHistory(symbol: string, since: number, limit: number): Promise<readonly { readonly timestamp: number; readonly fundingRate: number; readonly info: { readonly markPrice?: string } }[]>
  fapiPublicGetFundingInfo(): Promise<readonly { readonly symbol: string; readonly fundingIntervalHours: string | number }[]>
  fetchOpenInterestHistory(symbol: string, period: string, since: number, limit: number): Promise<readonly { readonly timestamp: number; readonly openInterestAmount: number }[]>
  handleOHLCV(client: object, message: unknown): void
  watchBidsAsks(symbols: readonly string[]): Promise<unknown>
  handleBidsAsks(client: object, message: unknown): void
  publicGetTickerBookTicker(params: { readonly symbol: string }): Promise<unknown>
  fapiPublicGetTickerBookTicker(params: { readonly symbol: string }): Promise<unknown>
} // prettier-ignore

interface Ccxt {
  readonly RateLimitExceeded: new () => Error
  readonly DDoSProtection: new () => Error
  readonly pro: { readonly binance: new (options: object) => Exchange }
}

/** Symbols that the venue's list of intervals leaves out settle so often. Source: Binance USDⓈ-M futures, "Get Funding Rate Info". */
const USUAL_INTERVAL_MS = 8 * HOUR_MS
/** Rows of one page of rates and of interest. */
const PAGE = 500

/** `BTCUSDT` of `binance:BTCUSDT-PERP`. */
export function venueSymbol({ id, kind }: Pick<Instrument, 'id' | 'kind'>): string {
  const symbol = id.slice(id.indexOf(':') + 1)
  return kind === 'perpetual' ? symbol.replace(/-PERP$/, '') : symbol
}

/** Opens the venue's public data for some instruments of one kind. Throws ConfigError for symbols that it does not list, and what ccxt throws where it cannot be reached. */
export async function openLiveMarket(options: LiveMarketOptions): Promise<LiveMarket> {
  const { instruments, timeframeMs, addresses, silenceMs, timeoutMs, patience, onCandle, onQuote, onTrouble } = options
  const perpetual = instruments.every(({ kind }) => kind === 'perpetual')
  if (!perpetual && instruments.some(({ kind }) => kind === 'perpetual'))
    throw new ConfigError('a live session trades spot or perpetuals, not both: start two sessions', { field: '--instrument' }) // prettier-ignore
  const { pro, RateLimitExceeded, DDoSProtection } = await loadCcxt<Ccxt>()
  const exchange = new pro.binance({
    maxRetriesOnFailure: 0,
    timeout: timeoutMs,
    enableRateLimit: addresses === undefined,
    options: { defaultType: perpetual ? 'swap' : 'spot', fetchCurrencies: false, fetchMargins: false, fetchMarkets: { types: [perpetual ? 'linear' : 'spot'] } }, // prettier-ignore
  })
  // It would print on stdout what it could not read.
  exchange.log = (...words) => onTrouble('stream', words.map((word) => (word instanceof Error ? wordsOf(word) : String(word))).join(' ').slice(0, 300))
  if (addresses !== undefined) point(exchange, addresses)
  // Without it ccxt refuses addresses that begin with ws://.
  await exchange.loadHttpProxyAgent()
  await within(timeoutMs, exchange.loadMarkets())
  const symbols = instruments.map((instrument) => {
    const id = venueSymbol(instrument)
    const market = Object.values(exchange.markets).find((one) => one.id === id)
    if (market !== undefined) {
      for (const fault of filterFaults(instrument, market)) onTrouble('filters', fault)
      return market.symbol
    }
    throw new ConfigError('the venue lists no such symbol', { field: 'instrument', value: instrument.id })
  })
  const ids = instruments.map(venueSymbol)
  const timeframe = durationName(timeframeMs)
  const keep = (name: string, ask: readonly (() => Promise<unknown>)[]): KeptStream =>
    // Whoever waits for it fails, and asks anew.
    keepStream({ name, ask, silenceMs, onTrouble, reopen: () => void exchange.close().catch(() => undefined) })
  // ccxt drops the word by which the venue says that a candle is closed, and its time of saying so.
  const handle = exchange.handleOHLCV.bind(exchange)
  const candles = keep('stream', symbols.map((symbol) => () => exchange.watchOHLCV(symbol, timeframe)))
  exchange.handleOHLCV = (client, message) => {
    candles.heard()
    const closed = closedCandle(message, timeframeMs)
    const instrument = closed === undefined ? -1 : ids.indexOf(closed.symbol)
    if (closed !== undefined && instrument >= 0) onCandle(instrument, closed.candle)
    handle(client, message)
  }
  const quotes = onQuote && keep('quotes', [() => exchange.watchBidsAsks(symbols)])
  // Hundreds a second: ccxt's own parser is not asked, and nobody waits for its answer.
  exchange.handleBidsAsks = (client, message) => {
    // What lay in the socket's buffer while this process stood still is old, and does not say so.
    if (quotes === undefined || quotes.isOutdated(client)) return
    const told = quoteOfStream(message)
    const instrument = told === undefined ? -1 : ids.indexOf(told.symbol)
    if (told === undefined || instrument < 0) return
    quotes.heard()
    onQuote?.(instrument, told)
  }
  const answered = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    if (patience.until !== undefined) return undefined
    try {
      return await within(timeoutMs, ask())
    } catch (error) {
      if (error instanceof RateLimitExceeded || error instanceof DDoSProtection) patience.heard(exchange.last_response_headers)
      onTrouble(what, wordsOf(error))
      return undefined
    }
  }
  let intervals: Promise<ReadonlyMap<string, number>> | undefined
  const readIntervals = async (): Promise<ReadonlyMap<string, number>> => {
    const rows = await exchange.fapiPublicGetFundingInfo()
    return new Map(rows.map(({ symbol, fundingIntervalHours }) => [symbol, Number(fundingIntervalHours) * HOUR_MS])) // prettier-ignore
  }
  return {
    get state() {
      const { state, since } = quotes?.state ?? candles.state
      return quotes === undefined || state === 'streaming' || candles.state.state !== 'streaming'
        ? candles.state
        : { state: `quotes ${state}`, since }
    },
    serverTime: () => answered('time', () => exchange.fetchTime()),
    quote: (instrument) =>
      answered('quotes', async () => {
        const asked = { symbol: ids[instrument] ?? '' }
        const answer = await (perpetual ? exchange.fapiPublicGetTickerBookTicker(asked) : exchange.publicGetTickerBookTicker(asked))
        return quoteOfAnswer(answer)
      }),
    settlements: (instrument, fromMs) =>
      answered('funding', async () => {
        intervals ??= readIntervals()
        const known = await intervals.catch((error: unknown) => {
          intervals = undefined
          throw error
        })
        const intervalMs = known.get(ids[instrument] ?? '') ?? USUAL_INTERVAL_MS
        const rows = await exchange.fetchFundingRateHistory(symbols[instrument] ?? '', Math.floor(fromMs), PAGE)
        return rows
          .filter(({ timestamp, fundingRate }) => Number.isFinite(timestamp) && Number.isFinite(fundingRate))
          .map(({ timestamp, fundingRate: rate, info }) => {
            const mark = Number.parseFloat(info.markPrice ?? '')
            return { time: timestamp, rate, intervalMs, mark: mark > 0 ? mark : NaN }
          })
          .sort((a, b) => a.time - b.time)
      }),
    openInterest: (instrument, fromMs) =>
      answered('open interest', async () => {
        const rows = await exchange.fetchOpenInterestHistory(symbols[instrument] ?? '', '1h', Math.floor(fromMs), PAGE)
        return rows
          .filter(({ timestamp, openInterestAmount }) => Number.isFinite(timestamp) && openInterestAmount > 0)
          .map(({ timestamp: eventTime, openInterestAmount: openInterest }) => ({ eventTime, openInterest }))
          .sort((a, b) => a.eventTime - b.eventTime)
      }),
    close: async () => {
      candles.end()
      quotes?.end()
      await exchange.close().catch(() => undefined)
    },
  }
} // prettier-ignore

/** Where the venue's rules now are others than the session trades by. */
function filterFaults(
  { id, tickSize, lotSize, minNotional }: Instrument,
  { precision, limits }: Market,
): string[] {
  const rules = [
    ['tick', tickSize, precision.price],
    ['lot', lotSize, precision.amount],
    ['least notional', minNotional, limits.cost.min],
  ] as const
  return rules.flatMap(([name, ours, theirs]) =>
    theirs === undefined || theirs === ours
      ? []
      : [`${id}: the venue's ${name} is ${theirs}, the session trades by ${ours}`],
  )
}

function point(exchange: Exchange, { exchange: rest, stream }: MarketAddresses): void {
  const [http, ws] = [rest.replace(/\/+$/, ''), stream.replace(/\/+$/, '')]
  Object.assign(exchange.urls.api, { public: `${http}/api/v3`, fapiPublic: `${http}/fapi/v1`, fapiData: `${http}/futures/data` }) // prettier-ignore
  Object.assign(exchange.urls.api['ws'] as object, { spot: `${ws}/streams/spot/ws`, future: `${ws}/usdm/ws` })
}
