import { homedir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../core/errors.js'
import { MINUTE_MS, SECOND_MS } from '../core/time.js'
import { ccxtCandles } from '../sources/exchange/ccxt-candles.js'
import { openLiveMarket, venueSymbol, type MarketAddresses } from '../sources/exchange/live-market.js'
import { Patience, politePages } from '../sources/exchange/patience.js'
import type { ToldQuote } from '../sources/exchange/quote-message.js'
import { answerLog } from '../sources/smart-money/answer-log.js'
import { openBudget } from '../sources/smart-money/shared-budget.js'
import { SmartMoneyClient } from '../sources/smart-money/client.js'
import { readLimits } from '../sources/smart-money/limits.js'
import { Secret } from '../sources/smart-money/secret.js'
import type { Feed } from './feed.js'
import { HeardQuotes } from './heard-quotes.js'
import { loopbackClock, realClock, venueTime, type LiveClock } from './live-clock.js'
import { HeardCandles, LIVE_TIMINGS, LiveFeed } from './live-feed.js'
import { LIVE_FACTS, LiveFacts } from './live-facts.js'
import { defaultKeyFolder } from './promotion/keys.js'
import { isLoopbackAddress, SMART_MONEY_URL } from './virtual-clock.js'
import type { SessionFeed, FeedTrouble } from './session-feed.js'
import type { LiveAddresses, SessionSource, StoredSession } from './session-file.js'

/** The one place where a key may stand. */
export const KEY_VARIABLE = 'SMARTMONEY_API_KEY'

/** Without a key the API's documents state no limit: this is ours. */
const KEYLESS_LIMITS = { perMinute: 5, perDay: 500 } as const
/** Between two looks at the quotes that have come, real ms; of a world that is stepped, its own. */
const QUOTE_STEP_MS = 100
const QUOTE_STEP_STEPPED_MS = 5 * MINUTE_MS
/** So that a stop is heard in time, real ms. */
const TIMEOUT_MS = 8_000

export interface LiveFeedPorts {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly trouble: FeedTrouble
  readonly stop: AbortSignal
  /** Stored data that warm features up. */
  readonly stored?: () => Promise<Feed>
  /** Default: this machine's, or the loopback world's. */
  readonly clock?: LiveClock
}

/** Opens everything that a live session listens to. Once it is stopped, what was still being asked complains to nobody. Throws ConfigError for symbols and addresses that cannot be, BaleenError where a loopback world does not answer. */
export async function openLiveFeed(
  { settings, paths }: StoredSession,
  source: SessionSource & { readonly kind: 'live' },
  { environment, stop, ...ports }: LiveFeedPorts,
): Promise<SessionFeed> {
  const trouble: FeedTrouble = (what, message) => {
    if (!stop.aborted) ports.trouble(what, message)
  }
  const { instruments, timeframeMs, strategy, factOverrides, funding, quotes: fills } = settings
  const { addresses, warmUpStartTime, isLoopback, speed } = source
  const clock = ports.clock ?? (isLoopback ? await loopbackClock(addresses.exchange ?? '') : realClock())
  const now = (): number => clock.now()
  const wanted = strategy.factsRead.filter((name) => factOverrides[name] !== 'none')
  for (const name of wanted)
    if (LIVE_FACTS[name] === undefined) trouble('facts', `${name} has no live source: it is absent`)
  const heard = new HeardCandles(timeframeMs)
  const heardQuotes = fills && new HeardQuotes(instruments.length, () => venueTime(clock))
  const patience = new Patience(now)
  const at = marketAddresses(addresses)
  const market = await openLiveMarket({
    instruments,
    timeframeMs,
    ...(at !== undefined && { addresses: at }),
    silenceMs: LIVE_TIMINGS.silenceMs,
    timeoutMs: TIMEOUT_MS,
    patience,
    onCandle: (instrument, candle) => heard.hear(instrument, candle),
    ...(heardQuotes && { onQuote: (instrument: number, quote: ToldQuote) => heardQuotes.hear(instrument, quote) }),
    onTrouble: trouble,
  })
  try {
    const rest = at && { spotRest: `${at.exchange}/api/v3`, usdmRest: `${at.exchange}/fapi/v1` }
    const pages = await Promise.all(
      instruments.map(async (one) => {
        const isPerpetual = one.kind === 'perpetual'
        const options = { symbol: venueSymbol(one), isPerpetual, timeframeMs, now, timeoutMs: TIMEOUT_MS, ...(rest && { addresses: rest }) }
        return politePages(await ccxtCandles(options), patience)
      }),
    )
    const client = await openClient(addresses, environment, paths.folder, now, trouble, wanted)
    const facts = new LiveFacts({ instruments, wanted, market, client, now: () => venueTime(clock), trouble })
    // A fast world: what is real time there is so much of its own time, but never so much that closes overlap.
    const timing = (ms: number, share: number): number => (speed === 1 ? ms : Math.min(ms * speed, timeframeMs * share))
    const { factLeadMs, graceMs, deadlineMs } = LIVE_TIMINGS
    const options = {
      instruments, timeframeMs, warmUpStartTime, clock, market, pages, facts, trouble, stop,
      startTime: settings.startTime,
      ...(ports.stored && { stored: ports.stored }),
      hasFunding: funding === 'settled',
      readsFunding: wanted.includes('funding'),
      speed: Math.max(speed, 1),
      // A world that is stepped stands still while it is asked.
      factLeadMs: speed === 0 ? 0 : timing(factLeadMs, 0.1),
      graceMs: timing(graceMs, 0.2),
      deadlineMs: timing(deadlineMs, 0.5),
      ...(heardQuotes && { quotes: { heard: heardQuotes, lifeMs: fills.quoteLifeMs, stepMs: speed === 0 ? QUOTE_STEP_STEPPED_MS : QUOTE_STEP_MS * speed } }),
    }
    return new LiveFeed(speed === 0 ? { ...options, graceMs: 10 * SECOND_MS, deadlineMs: 40 * SECOND_MS } : options, heard)
  } catch (error) {
    await market.close()
    throw error
  }
} // prettier-ignore

async function openClient(
  { smartMoney }: LiveAddresses,
  environment: LiveFeedPorts['environment'],
  folder: string,
  now: () => number,
  trouble: FeedTrouble,
  wanted: readonly string[],
): Promise<SmartMoneyClient | undefined> {
  if (smartMoney === undefined || !wanted.some((name) => LIVE_FACTS[name]?.startsWith('Smart Money') === true))
    return undefined
  const text = environment[KEY_VARIABLE]
  const key = text === undefined || text === '' ? undefined : new Secret(text)
  const place = { baseUrl: smartMoney, key, settingsFolder: defaultKeyFolder(environment, homedir()), ownFile: join(folder, 'smart-money-budget.json') }
  const budget = await openBudget(place, key === undefined ? KEYLESS_LIMITS : undefined)
  const client = new SmartMoneyClient({ baseUrl: smartMoney, budget, log: answerLog(join(folder, 'answers')), now, timeoutMs: TIMEOUT_MS, ...(key && { key }) })
  if (key === undefined) trouble('smart money', `no key in ${KEY_VARIABLE}: open endpoints alone are asked, ${KEYLESS_LIMITS.perDay} requests a day at most`)
  else {
    const { meaning, message } = await readLimits(client, budget, now)
    if (meaning === 'key-refused') throw new ConfigError(`the Smart Money API refuses the key: ${message}`, { field: KEY_VARIABLE })
    if (meaning !== 'answered') trouble('smart money', `the plan's limits are not known (${meaning}: ${message}): ${budget.limits.perDay} requests a day at most`)
  }
  return client
} // prettier-ignore

/** Addresses as they are asked for, slashes at the end left out; undefined for the venue's own. */
function marketAddresses({ exchange, stream }: LiveAddresses): MarketAddresses | undefined {
  if (exchange === undefined) return undefined
  const bare = exchange.replace(/\/+$/, '')
  return { exchange: bare, stream: (stream ?? bare.replace(/^http/, 'ws')).replace(/\/+$/, '') }
}

/** Checks addresses that were typed. Throws ConfigError for one that would send questions in the clear to another machine. */
export function liveAddresses({ exchange, stream, smartMoney }: LiveAddresses): LiveAddresses {
  const check = (field: string, text: string | undefined, secure: string, plain: string): void => {
    if (text === undefined) return
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isSafe = url?.protocol === secure || (url?.protocol === plain && isLoopbackAddress(text))
    if (!isSafe || url?.username !== '' || url.password !== '')
      throw new ConfigError(`an address begins with ${secure}//, or with ${plain}//127.0.0.1`, { field, value: text })
  }
  check('--exchange-url', exchange, 'https:', 'http:')
  check('--stream-url', stream, 'wss:', 'ws:')
  check('--smart-money-url', smartMoney, 'https:', 'http:')
  const own = exchange !== undefined && isLoopbackAddress(exchange) ? exchange : SMART_MONEY_URL
  return { ...(exchange !== undefined && { exchange }), ...(stream !== undefined && { stream }), smartMoney: smartMoney ?? own }
} // prettier-ignore
