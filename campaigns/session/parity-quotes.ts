import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quotedSince } from '../../src/core/quotes.js'
import { durationName, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.js'
import { offerTo, type QuoteFillSettings } from '../../src/execution/quote-fills.js'
import { steppedClock } from '../../src/loopback/clock.js'
import { parseFaultPlan } from '../../src/loopback/faults/plan.js'
import { serveLoopback } from '../../src/loopback/server.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import type { BrokerMessage } from '../../src/runner/broker.js'
import { StoredFeed } from '../../src/runner/feed.js'
import { quoteFillSettings } from '../../src/runner/fill-model.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { readJournalRows, type JournalRow } from '../../src/runner/journal-file.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { openLiveFeed } from '../../src/runner/open-live-feed.js'
import { openPaperSession, type PaperSessionSettings } from '../../src/runner/paper-session.js'
import { replayDecisions } from '../../src/runner/replay/replay-decisions.js'
import { runSession } from '../../src/runner/run-session.js'
import { isInPart, type CampaignOptions } from '../options.js'
import {
  diesAfter,
  liveClock,
  PowerLoss,
  settingsOf,
  sourceOf,
  storedOf,
  type ParityCase,
} from './live-session.js'
import { loadCase, parityMarket } from './parity.js'
import { parityStrategies } from './parity-strategies.js'

/** What came of one session that lived by quotes. */
export interface QuotesOutcome {
  readonly rows: readonly JournalRow[]
  readonly settings: PaperSessionSettings
  readonly fills: number
  /** Fills that left a part of their order open. */
  readonly partial: number
  /** Decisions that a replay with the recorded fills came to again. */
  readonly decisions: number
  readonly killed: number
  /** Holds for want of quotes. */
  readonly staleHolds: number
  /** What was not as it must be; empty where all was. */
  readonly differences: readonly string[]
}

export interface QuotesCase {
  readonly market: ParityCase
  readonly folder: string
  /** How often it loses its power on the way. */
  readonly kills: number
  readonly seed: number
  readonly quotes?: Partial<QuoteFillSettings>
  /** As in a fault plan of a loopback world. */
  readonly faults?: readonly object[]
}

/** A world so fast pushes quotes every five minutes of its own: as often as a feed that is stepped looks at them. */
const UPDATES_AS_AT = 6_000
/** Of a clock that is stepped five minutes at a time. */
const LIFE_MS = 11 * MINUTE_MS

/** A session that hears bars, facts, best bid and ask by sockets and fills by quotes, with losses of power on the way, and what must hold of its journal. */
export async function playQuotesCase(one: QuotesCase): Promise<QuotesOutcome> {
  const { market, folder, kills } = one
  const quotes = quoteFillSettings({ quoteLifeMs: LIFE_MS, ...one.quotes })
  const settings: PaperSessionSettings = { ...settingsOf(market), fillModel: 'quotes', quotes }
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'journal.sqlite')
  const random = seededRandom(one.seed, 0x71756f74)
  const clock = steppedClock(market.startTime, market.world.endTime)
  const faults = parseFaultPlan({ seed: one.seed, rules: [...(one.faults ?? [])] })
  const loopback = await serveLoopback({ world: market.world, clock: { ...clock, speed: UPDATES_AS_AT }, faults }) // prettier-ignore
  const exchange = `http://127.0.0.1:${loopback.port}`
  const stored = storedOf(market, folder, exchange)
  const differences: string[] = []
  let [killed, isOver, before] = [0, false, [] as readonly JournalRow[]]
  try {
    while (!isOver) {
      const holder = { pid: process.pid, host: 'campaign', started: String(killed) }
      const session = await openPaperSession(path, settings, { holder, isAlive: () => false, onTorn: () => undefined }) // prettier-ignore
      const { desk, file } = session
      const isDying = killed < kills && diesAfter(file, 30 + drawBelow(random, 150))
      const stop = new AbortController()
      const feed = await openLiveFeed({ ...stored, settings: { ...stored.settings, fillModel: 'quotes', quotes } }, sourceOf(market, exchange), {
        environment: { SMARTMONEY_API_KEY: 'sm_loopback_pro' },
        trouble: () => undefined,
        stop: stop.signal,
        clock: liveClock(clock),
        stored: () => Promise.resolve(new StoredFeed(market.data, market.startTime)),
      }) // prettier-ignore
      for (const fact of file.facts()) feed.remember?.(fact)
      try {
        await runSession(desk, {
          feed,
          clock: { ...feed.clock, monotonic: () => 0 },
          log: () => undefined,
          limits: { ...DEFAULT_HOLD_LIMITS, candleAgeMs: HOUR_MS, quoteAgeMs: quotes.quoteLifeMs },
          killed: () => undefined,
          stopped: () => desk.session.lastDecided >= market.endTime,
          requireLease: () => undefined,
        })
        isOver = true
      } catch (error) {
        if (!(error instanceof PowerLoss)) throw error
        killed++
      } finally {
        stop.abort()
        await feed.close()
        // What was noted and not committed is lost with it.
        if (isDying) file.close()
        else session.close()
      }
      const rows = await readJournalRows(path)
      const lost = before.findIndex(({ text }, at) => rows[at]?.text !== text)
      if (lost >= 0) differences.push(`row ${lost + 1} was durable, and is another after ${killed} losses of power`) // prettier-ignore
      before = rows
    }
  } finally {
    clock.stop()
    await loopback.close()
  }
  // Recovered once more, to no end: rows, account and session agree, or it throws.
  const last = await openPaperSession(path, settings, { holder: { pid: 0, host: 'campaign', started: 'last' }, isAlive: () => false, onTorn: () => undefined }) // prettier-ignore
  last.close()
  const { decisions, difference } = replayDecisions(settings, before, path)
  if (difference !== undefined) differences.push(`replayed, row ${difference.row} (${difference.kind} ${difference.field}) was ${difference.recorded.slice(0, 100)}, now ${difference.now.slice(0, 100)}`) // prettier-ignore
  const { fills, partial, faults: wrong } = quoteFaultsOf(before, quotes)
  const staleHolds = before.filter(
    ({ kind, text }) => kind === 'hold' && text.includes('stale-quotes'),
  ).length
  return { rows: before, settings, fills, partial, decisions, killed, staleHolds, differences: [...differences, ...wrong] } // prettier-ignore
}

/** What is wrong with the fills of a journal, by the quotes that stand beside them: a price that was not there, one that was old, more than was offered, a fill told twice. */
export function quoteFaultsOf(rows: readonly JournalRow[], { quoteLifeMs }: QuoteFillSettings): { readonly fills: number; readonly partial: number; readonly faults: string[] } {
  const faults: string[] = []
  const ids = new Set<string>()
  const taken = new Map<string, number>()
  const ordered = new Map<number, number>()
  let [fills, partial] = [0, 0]
  for (const { kind, text, seq } of rows) {
    if (kind === 'intent') {
      const intent = journalBody(text) as { readonly order?: { readonly order: { readonly id: number; readonly quantity: number } } }
      if (intent.order !== undefined) ordered.set(intent.order.order.id, intent.order.order.quantity)
    }
    if (kind !== 'broker') continue
    const { id, event, met } = journalBody(text) as BrokerMessage
    if (ids.has(id)) faults.push(`row ${seq}: ${id} was told twice`)
    ids.add(id)
    if (event.kind !== 'fill' || event.fill.role === 'liquidation') continue
    fills++
    const { side, price, quantity, liquidity, time, orderId } = event.fill
    if (quantity < (ordered.get(orderId) ?? 0) * (1 - 1e-9)) partial++
    if (met === undefined) {
      faults.push(`row ${seq}: a fill that met no quote`)
      continue
    }
    const offer = offerTo(side, met)
    if (time - quotedSince(met) > quoteLifeMs) faults.push(`row ${seq}: filled at a quote that was ${durationName(time - quotedSince(met))} old`)
    if (liquidity === 'taker' && price !== offer.price) faults.push(`row ${seq}: took at ${price}, and ${offer.price} was offered`)
    if (side * (price - offer.price) < -1e-9) faults.push(`row ${seq}: filled at ${price}, better than ${offer.price}`)
    const key = `${met.instrument} ${side} ${met.time}`
    taken.set(key, (taken.get(key) ?? 0) + quantity)
    if ((taken.get(key) ?? 0) > offer.size + 1e-9) faults.push(`row ${seq}: ${taken.get(key)} were taken of ${offer.size}`)
  }
  return { fills, partial, faults }
} // prettier-ignore

/** Before the first bar that is traded nothing goes wrong: quotes fall silent in the stream and by REST for hours of the second day. */
export function silentQuotes(fromMs: number, toMs: number): object[] {
  const during = [fromMs, toMs].map((time) => new Date(time).toISOString()).join('..')
  return [
    { fault: 'silence', where: 'stream', path: 'bookTicker', during },
    { fault: 'server-error', where: 'exchange', path: 'bookTicker', during },
  ]
}

const MARKETS = 2
const GENERATED = 7
const TRADED_DAYS = 3
const KILLS = 3

/** Latencies that are nothing, usual, and longer than quotes are apart, so that cancels and fills race. */
const LATENCIES: readonly Partial<QuoteFillSettings>[] = [
  { sendLatencyMs: 0, answerLatencyMs: 0 },
  {},
  { sendLatencyMs: 7 * SECOND_MS, answerLatencyMs: 9 * SECOND_MS, touchWaitMs: 5 * MINUTE_MS },
]

/**
 * Strategies on markets whose sessions hear best bid and ask by sockets and fill by them: with losses of power, and hours in which quotes are silent. Nothing durable is lost, no fill meets a price that was
 * not there, and a replay with the recorded fills decides everything again to the last bit. `size`: cases, of 60.
 */
export async function parityQuotes(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const root = mkdtempSync(join(tmpdir(), 'baleen-parity-quotes-'))
  try {
    const strategies = parityStrategies(GENERATED, seed)
    const markets = new Map<number, string>()
    const totals = { sessions: 0, fills: 0, partial: 0, decisions: 0, killed: 0, staleHolds: 0 }
    let failed = 0
    for (let at = 0; at < size; at++) {
      if (!isInPart(at, options)) continue
      const which = at % MARKETS
      if (!markets.has(which)) markets.set(which, await parityMarket(join(root, `market-${which}`), seed * 10 + which, which === 1)) // prettier-ignore
      const strategy = strategies[Math.floor(at / MARKETS) % strategies.length]
      const quotes = LATENCIES[Math.floor(at / (MARKETS * strategies.length)) % LATENCIES.length]
      if (strategy === undefined || quotes === undefined) throw new Error('no strategy')
      const market = await loadCase(strategy, markets.get(which) ?? '', TRADED_DAYS)
      const faults = silentQuotes(market.startTime + 20 * HOUR_MS, market.startTime + 26 * HOUR_MS)
      const folder = join(root, `case-${at}`)
      const outcome = await playQuotesCase({ market, folder, kills: KILLS, seed: seed + at, quotes, faults })
      const { differences, fills, partial, decisions, killed, staleHolds } = outcome
      totals.sessions++
      for (const [name, count] of Object.entries({ fills, partial, decisions, killed, staleHolds })) totals[name as keyof typeof totals] += count // prettier-ignore
      if (differences.length > 0) failed++
      console.log(`${strategy.name}, market ${which}: ${decisions} decisions, ${fills} fills, ${killed} kills, ${staleHolds} holds${differences.map((one) => `\n  ${one}`).join('')}`) // prettier-ignore
      rmSync(folder, { recursive: true })
    }
    console.table(totals)
    console.log(`parity-quotes: ${totals.sessions - failed} passed, ${failed} failed`)
    return failed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
