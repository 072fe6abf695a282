import { ConfigError } from '../../core/errors.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, durationName } from '../../core/time.js'
import { type VenueInstrument } from '../download/exchange-download.js'
import type { StoredAnswer } from '../smart-money/answer-log.js'

export interface Question {
  /** Of the API with `/v1/`; of an exchange the endpoint alone. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
}

/** What is asked for again and again. */
export interface PolledSeries {
  readonly id: string
  readonly what: string
  readonly from: 'api' | 'spot' | 'usdm'
  readonly needsKey: boolean
  /** Asked one after the other at each poll. */
  readonly questions: readonly Question[]
  /** An archive's table: asked for backwards, page by page, from now to where the last poll ended, less an overlap for what is known late. */
  readonly walk?: { readonly overlapMs: number; readonly firstMs: number }
  /** Of candles, their length: a page reaches back to the last answer. */
  readonly candlesMs?: number
  /** As often as is of use, and the least that still is, ms between polls. */
  readonly idealMs: number
  readonly slowestMs: number
}

/** The series that an answer belongs to: its place and its symbol. Pure. */
export function seriesOf({ url, params }: Pick<StoredAnswer, 'url' | 'params'>): string {
  const { pathname } = new URL(url)
  const [, market, rest] = /^\/(v1|api\/v3|fapi\/v1)\/(.*)$/.exec(pathname) ?? [undefined, 'other', pathname]
  const name = market === 'v1' ? 'api' : market === 'api/v3' ? 'spot' : market === 'fapi/v1' ? 'usdm' : market
  const symbol = params['symbol']
  return symbol === undefined ? `${name}:${rest}` : `${name}:${rest}:${symbol}`
}

const table = (
  name: string,
  what: string,
  idealMs: number,
  slowestMs: number,
  overlapMs: number,
): PolledSeries => ({
  // prettier-ignore
  id: `api:history/${name}`,
  what,
  from: 'api',
  needsKey: false,
  questions: [{ path: `/v1/history/${name}`, params: {} }],
  walk: { overlapMs, firstMs: overlapMs },
  idealMs,
  slowestMs,
})

const whole = (path: string, what: string, idealMs: number, slowestMs: number): PolledSeries => ({
  id: `api:${path}`,
  what,
  from: 'api',
  needsKey: false,
  questions: [{ path: `/v1/${path}`, params: {} }],
  idealMs,
  slowestMs,
})

/**
 * Series of the API, most valuable first: by the weight of the leg that they feed, and cheap ones before dear ones of the same leg. The slowest interval still of use follows from the age at which a
 * leg counts as stale: whales 12 h, funding 1.5 intervals, open interest 2 h, flows 96 h, confirmation 1 h.
 */
export function apiSeries(assets: readonly string[], hasKey: boolean): PolledSeries[] {
  const confirm = assets.map((symbol): PolledSeries => ({
    id: `api:confirm:${symbol}`,
    what: `confirmation of ${symbol}, both sides`,
    from: 'api',
    needsKey: true,
    questions: (['long', 'short'] as const).map((direction) => ({ path: '/v1/confirm', params: { symbol, direction } })), // prettier-ignore
    idealMs: 15 * MINUTE_MS,
    slowestMs: 30 * MINUTE_MS,
  }))
  // Their archive is open and tells the same later: it stands in where there is no key.
  const archived = hasKey ? [] : [table('confirmations', 'confirmations, from the archive', 15 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS)] // prettier-ignore
  return [
    table('whale_positions', 'positions of tracked wallets', 15 * MINUTE_MS, 4 * HOUR_MS, 12 * HOUR_MS),
    table('derivatives', 'funding by exchange', 30 * MINUTE_MS, 4 * HOUR_MS, DAY_MS),
    table('derivatives_agg', 'open interest of all exchanges', 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS),
    table('onchain', 'exchange flows', HOUR_MS, 12 * HOUR_MS, 7 * DAY_MS),
    ...confirm,
    ...archived,
    whole('whale-consensus', 'long and short wallets by asset', 15 * MINUTE_MS, 4 * HOUR_MS),
    whole('whales/crowding', 'crowding by asset', 30 * MINUTE_MS, 4 * HOUR_MS),
  ]
}

export interface ExchangePolls {
  readonly candlesMs: number
  readonly bookEveryMs: number
}

/** Most candles that both markets give in a page. */
export const CANDLES_A_PAGE = 1_000

/** Series of one instrument of an exchange. */
export function exchangeSeries(
  instrument: VenueInstrument,
  { candlesMs, bookEveryMs }: ExchangePolls,
): PolledSeries[] {
  // prettier-ignore
  const { symbol, isPerpetual, id } = instrument
  const from = isPerpetual ? 'usdm' : 'spot'
  const everyMs = Math.min(HOUR_MS, Math.max(MINUTE_MS, 15 * candlesMs))
  const series = (path: string, what: string, idealMs: number, params: Record<string, string> = {}): PolledSeries => ({
    id: `${from}:${path}:${symbol}`,
    what: `${what} of ${id}`,
    from,
    needsKey: false,
    questions: [{ path, params: { symbol, ...params } }],
    idealMs,
    slowestMs: idealMs,
  }) // prettier-ignore
  const interval = durationName(candlesMs)
  return [
    series('ticker/bookTicker', 'best bid and offer', bookEveryMs),
    { ...series('klines', `${interval} candles`, everyMs, { interval }), candlesMs },
    ...(isPerpetual ? [series('openInterest', 'open interest', 5 * MINUTE_MS), series('fundingRate', 'settled funding', HOUR_MS, { limit: '100' })] : []), // prettier-ignore
  ]
}

const QUOTES = /^([A-Z0-9]+?)(USDT|USDC|FDUSD|BUSD|TUSD|USD|EUR|TRY|BTC|ETH|BNB)$/

/** `BTC` of `BTCUSDT`. Throws ConfigError for a symbol in another quote currency. */
export function baseOf({ symbol, id }: VenueInstrument): string {
  const base = QUOTES.exec(symbol)?.[1]
  if (base !== undefined) return base
  throw new ConfigError('its quote currency is none of those that are known', { field: 'instrument', value: id }) // prettier-ignore
}

/** Whole seconds, as the API counts. */
export function secondsOf(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS)
}
