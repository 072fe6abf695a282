import { MINUTE_MS } from '../../core/time.js'
import { answered, type Reply, type Request, type View } from '../reply.js'
import { fundingInfo, fundingRates, openInterest, openInterestHistory, premiumIndex } from './derivatives.js'
import { exchangeInfo, WEIGHT_LIMIT } from './exchange-info.js'
import { bookTicker, dayTicker, klines, priceTicker } from './prices.js'
import { listedSymbol, type Listed, type Market, type Venue } from './venue.js'

interface Call {
  readonly venue: Venue
  readonly market: Market
  readonly query: Readonly<Record<string, string>>
  readonly view: View
}

type Handler = (call: Call) => unknown

const ofSymbol = (handle: (listed: Listed, call: Call) => unknown): Handler => (call) => handle(listedSymbol(call.venue, call.market, call.query), call) // prettier-ignore

/** One symbol where it is named, else all: how the tickers answer. */
const ofSymbols = (handle: (listed: Listed, call: Call) => unknown): Handler => (call) =>
  call.query['symbol'] === undefined
    ? [...call.venue[call.market].values()].map((listed) => handle(listed, call))
    : handle(listedSymbol(call.venue, call.market, call.query), call) // prettier-ignore

/** Of both markets, behind their prefixes. "Test Connectivity", "Check Server Time" and those that their functions name. */
const BOTH: Readonly<Record<string, Handler>> = {
  ping: () => ({}),
  time: ({ view }) => ({ serverTime: view.clockMs }),
  exchangeInfo: ({ venue, market, view }) => exchangeInfo(venue, market, view),
  klines: ofSymbol((listed, { market, query, view }) => klines(listed, market, query, view)),
  'ticker/bookTicker': ofSymbols((listed, { market, view }) => bookTicker(listed, market, view)),
  'ticker/price': ofSymbols((listed, { market, view }) => priceTicker(listed, market, view)),
  'ticker/24hr': ofSymbols((listed, { market, view }) => dayTicker(listed, market, view)),
}

const PERPETUALS: Readonly<Record<string, Handler>> = {
  fundingRate: ofSymbol((listed, { query, view }) => fundingRates(listed, query, view)),
  fundingInfo: ({ venue, view }) => fundingInfo([...venue.usdm.values()], view),
  premiumIndex: ofSymbols((listed, { view }) => premiumIndex(listed, view)),
  openInterest: ofSymbol((listed, { view }) => openInterest(listed, view)),
}

function routes(
  market: Market,
  prefix: string,
  handlers: Readonly<Record<string, Handler>>,
): [string, Route][] {
  return Object.entries(handlers).map(([name, handler]) => [prefix + name, { market, handler }])
}

interface Route {
  readonly market: Market
  readonly handler: Handler
}

const interestHistory = ofSymbol((listed, { query, view }) => openInterestHistory(listed, query, view))

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ...routes('spot', '/api/v3/', BOTH),
  ...routes('usdm', '/fapi/v1/', { ...BOTH, ...PERPETUALS }),
  ...routes('usdm', '/futures/data/', { openInterestHist: interestHistory }),
])

/** Paths of the exchange, for whoever lists them. */
export const EXCHANGE_PATHS: readonly string[] = [...ROUTES.keys()]

export function isExchangePath(path: string): boolean {
  return /^\/(api|fapi|futures)\//.test(path)
}

/** Candles weigh by how many are asked for. Source: the "Request Weight" of each endpoint; all others weigh 1 here. */
function weightOf(path: string, query: Readonly<Record<string, string>>): number {
  if (path === '/api/v3/klines') return 2
  if (path === '/api/v3/exchangeInfo') return 20
  if (path !== '/fapi/v1/klines') return 1
  const limit = Number(query['limit'] ?? 500)
  return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1_000 ? 5 : 10
}

/**
 * The exchange's REST side. It counts the weight of requests by virtual minute, tells it in `X-MBX-USED-WEIGHT-1M`, and beyond the limit answers 429
 * with Retry-After in (virtual) seconds. Source: Binance, "General API Information", LIMITS, IP limits.
 */
export class ExchangeRest {
  private readonly used = new Map<Market, { minute: number; weight: number }>()

  constructor(private readonly venue: Venue) {}

  answer({ path, query }: Request, view: View): Reply {
    const route = ROUTES.get(path)
    if (route === undefined) return { status: 404, body: { code: -5000, msg: `Path ${path} is invalid` } }
    const { market, handler } = route
    const minute = Math.floor(view.clockMs / MINUTE_MS)
    const before = this.used.get(market)
    const weight = (before?.minute === minute ? before.weight : 0) + weightOf(path, query)
    this.used.set(market, { minute, weight })
    const headers = { 'x-mbx-used-weight-1m': String(weight) }
    if (weight > WEIGHT_LIMIT[market]) {
      const seconds = Math.ceil(((minute + 1) * MINUTE_MS - view.clockMs) / 1_000)
      return tooManyRequests(429, seconds, headers)
    }
    const reply = answered(() => ({ status: 200, body: handler({ venue: this.venue, market, query, view }) }))
    return { ...reply, headers: { ...headers, ...reply.headers } }
  }
}

/** 429, or 418 for an address that went on after it. Source: as above. */
export function tooManyRequests(
  status: 418 | 429,
  retryAfterS: number | undefined,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  // prettier-ignore
  const msg = status === 429 ? 'Too many requests; please use the websocket for live updates to avoid polling the API.' : 'Way too many requests; IP banned.' // prettier-ignore
  return {
    status,
    body: { code: -1003, msg },
    headers: { ...headers, ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }) },
  }
}
