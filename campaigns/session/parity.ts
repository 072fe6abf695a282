import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseInstruments } from '../../src/core/parse-instruments.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { loadRunData } from '../../src/jobs/backtest.js'
import { simulateIntoStore } from '../../src/jobs/simulated-data.js'
import { storedWorld } from '../../src/loopback/stored-world.js'
import { seededRandom } from '../../src/research/seeded-random.js'
import { openStore } from '../../src/store/store.js'
import { isInPart, type CampaignOptions } from '../options.js'
import { backtestOf, liveSession, storedSession, type Outcome, type ParityCase } from './live-session.js'
import { parityStrategies } from './parity-strategies.js'

const MARKETS = 3
const GENERATED = 7
/** Before the first bar that is traded, and traded. */
const [WARM_UP_DAYS, TRADED_DAYS] = [4, 6]
const KILLS = 5

/** What came of one case. */
export interface ParityResult {
  readonly name: string
  /** What differed; empty where nothing did. */
  readonly differences: readonly string[]
  readonly fills: number
  readonly killed: number
}

/**
 * Every strategy on every market three times: as a backtest of a data folder, as a session on that folder, and as sessions that are told of it by sockets, undisturbed and with five losses of power on the
 * way. Orders, fills, trades and equity of all must be the backtest's, and every bar, feature, signal, intent, limit and fill of the sessions the same row for row. `size`: cases of 30.
 */
export async function parity(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const root = mkdtempSync(join(tmpdir(), 'baleen-parity-'))
  try {
    const strategies = parityStrategies(GENERATED, seed)
    const results: ParityResult[] = []
    const markets = new Map<number, string>()
    for (let at = 0; at < size; at++) {
      if (!isInPart(at, options)) continue
      const market = at % MARKETS
      if (!markets.has(market)) markets.set(market, await parityMarket(join(root, `market-${market}`), seed * 10 + market, market === 2))
      const strategy = strategies[Math.floor(at / MARKETS) % strategies.length]
      if (strategy === undefined) throw new Error('no strategy')
      const folder = join(root, `case-${at}`)
      const outcomes = await playCase(await loadCase(strategy, markets.get(market) ?? '', TRADED_DAYS), folder, KILLS, seed + at)
      const result = { differences: differencesOf(outcomes), fills: outcomes.backtest.fills.length, killed: outcomes.kills }
      results.push({ ...result, name: `${strategy.name}, market ${market}` })
      console.log(`${strategy.name}, market ${market}: ${result.fills} fills, ${result.killed} kills${result.differences.map((one) => `\n  ${one}`).join('')}`)
      rmSync(folder, { recursive: true })
    }
    const failed = results.filter(({ differences }) => differences.length > 0).length
    console.log(`${results.reduce((sum, { fills }) => sum + fills, 0)} fills, ${results.reduce((sum, { killed }) => sum + killed, 0)} losses of power`)
    console.log(`parity: ${results.length - failed} passed, ${failed} failed`)
    return failed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
} // prettier-ignore

/** An invented market in a data folder: two perpetuals. */
export async function parityMarket(folder: string, seed: number, gaps: boolean): Promise<string> {
  const days = WARM_UP_DAYS + TRADED_DAYS + 1
  const options = { days, startTime: Date.UTC(2024, 0, 1), timeframeMs: HOUR_MS, instruments: 2, seed, edge: 0, driftPerYear: 0, gaps } // prettier-ignore
  await simulateIntoStore(options, { folder, now: 1 })
  return folder
}

export async function loadCase(
  strategy: ParityCase['strategy'],
  folder: string,
  tradedDays: number,
): Promise<ParityCase> {
  const file = join(folder, 'instruments.json')
  const instruments = parseInstruments(JSON.parse(readFileSync(file, 'utf8')) as unknown, file).map((one) => one.instrument()) // prettier-ignore
  const world = await storedWorld(folder, instruments)
  const warmUpTime = world.startTime
  const startTime = warmUpTime + WARM_UP_DAYS * DAY_MS
  const endTime = startTime + tradedDays * DAY_MS
  const { instruments: data } = await loadRunData(openStore(folder), {
    strategy,
    dataFolder: folder,
    instruments,
    timeframeMs: HOUR_MS,
    range: { startMs: startTime, endMs: endTime },
    startingBalance: 1,
    costs: { slippageBps: 0 },
    policies: {},
    funding: 'settled',
    factOverrides: {},
  })
  return { strategy, instruments, data, world, warmUpTime, startTime, endTime }
}

/** One case as backtest and as sessions. */
export interface ParityOutcomes {
  readonly backtest: Omit<Outcome, 'rows'>
  readonly stored: Outcome
  readonly whole: Outcome
  readonly killed: Outcome
  /** Losses of power. */
  readonly kills: number
  /** What feeds complained of. */
  readonly troubles: readonly string[]
}

export async function playCase(one: ParityCase, folder: string, kills: number, seed: number): Promise<ParityOutcomes> {
  mkdirSync(join(folder, 'whole'), { recursive: true })
  mkdirSync(join(folder, 'killed'))
  const random = seededRandom(seed, 0x6b696c6c)
  const stored = await storedSession(one, join(folder, 'stored.sqlite'))
  const whole = await liveSession(one, join(folder, 'whole'), 0, random)
  const killed = await liveSession(one, join(folder, 'killed'), kills, random)
  const troubles = [...new Set([...whole.troubles, ...killed.troubles])]
  return { backtest: backtestOf(one), stored, whole, killed, kills: killed.killed, troubles }
} // prettier-ignore

export function differencesOf({ backtest, stored, whole, killed, troubles }: ParityOutcomes): string[] {
  const found = [
    ...compared('the session on stored data', stored, backtest, undefined),
    ...compared('the session by sockets', whole, backtest, stored),
    ...compared('the session that lost its power', killed, backtest, stored),
  ]
  return found.length > 0 ? [...found, ...troubles.slice(0, 3)] : []
}

function compared(name: string, session: Outcome, backtest: Omit<Outcome, 'rows'>, stored: Outcome | undefined): string[] {
  const parts = (['time', 'equity', 'orders', 'fills', 'trades'] as const).filter((part) => !isDeepStrictEqual(ordered(session[part]), ordered(backtest[part])))
  const found = parts.map((part) => `${name}: ${part} differ from the backtest's`)
  const at = stored === undefined ? -1 : session.rows.findIndex((row, place) => row !== stored.rows[place])
  const isShorter = stored !== undefined && session.rows.length !== stored.rows.length
  if (at >= 0 || isShorter)
    found.push(`${name}: row ${at} is ${cut(session.rows[at])}, of stored data ${cut(stored?.rows[at])}`)
  return found
} // prettier-ignore

/** Entries that the end of the data ends are none of a session's. */
function ordered(list: readonly unknown[]): readonly unknown[] {
  return list.map((one) => (isOpenEntry(one) ? { ...one, state: 'pending' } : one))
}

function isOpenEntry(one: unknown): one is { readonly state: string } {
  const { role, state } = (typeof one === 'object' && one !== null ? one : {}) as { role?: string; state?: string } // prettier-ignore
  return role === 'entry' && (state === 'expired' || state === 'working' || state === 'pending')
}

function cut(text: string | undefined): string {
  return text === undefined ? 'none' : text.length <= 300 ? text : `${text.slice(0, 300)}…`
}
