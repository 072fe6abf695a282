import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import type { Fill, Order } from '../../src/core/orders.js'
import type { Trade } from '../../src/core/trades.js'
import { effectivePolicies, replay } from '../../src/engine/replay.js'
import type { InstrumentData } from '../../src/engine/options.js'
import type { Instrument } from '../../src/core/instrument.js'
import { HOUR_MS } from '../../src/core/time.js'
import { steppedClock, type SteppedClock } from '../../src/loopback/clock.js'
import { serveLoopback } from '../../src/loopback/server.js'
import type { World } from '../../src/loopback/world.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'
import { StoredFeed } from '../../src/runner/feed.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { JournalFile, type JournalRow } from '../../src/runner/journal-file.js'
import type { LiveClock } from '../../src/runner/live-clock.js'
import { openLiveFeed } from '../../src/runner/open-live-feed.js'
import {
  openPaperSession,
  type PaperSession,
  type PaperSessionSettings,
} from '../../src/runner/paper-session.js'
import { runSession } from '../../src/runner/run-session.js'
import type { SessionFeed } from '../../src/runner/session-feed.js'
import type { SessionFile, StoredSession } from '../../src/runner/session-file.js'
import { sessionPaths } from '../../src/runner/session-folder.js'
import type { CompiledDefinition } from '../../src/strategy/compile.js'

/** What is traded where, over which time. */
export interface ParityCase {
  readonly strategy: CompiledDefinition
  readonly instruments: readonly Instrument[]
  /** What a backtest reads. */
  readonly data: readonly InstrumentData[]
  /** The same as the truth of a loopback world. */
  readonly world: World
  /** Open of the first bar that warms up, of the first that is traded, and close of the last; UTC ms. */
  readonly warmUpTime: number
  readonly startTime: number
  readonly endTime: number
}

/** What a backtest and a session are compared in. */
export interface Outcome {
  readonly time: readonly number[]
  readonly equity: readonly number[]
  readonly orders: readonly Order[]
  readonly fills: readonly Fill[]
  readonly trades: readonly Trade[]
  /** Bars, features, signal, holds, intents, limits and fills, row by row; none of a backtest. */
  readonly rows: readonly string[]
}

/** Open candles are pushed as seldom as in a world so fast: they decide nothing, and are most of the work. */
const UPDATES_AS_AT = 12_000
const BALANCE = 10_000
const COSTS = { slippageBps: 2 } as const
const POLICIES = { endOfData: 'leave-open', missingFunding: 'flag' } as const

export function backtestOf({ strategy, data, startTime, endTime }: ParityCase): Omit<Outcome, 'rows'> {
  const result = replay({ strategy, instruments: data, startTime, endTime, startingBalance: BALANCE, costs: COSTS, policies: POLICIES }) // prettier-ignore
  return {
    time: [...result.equity.time],
    equity: [...result.equity.equity],
    orders: result.orders,
    fills: result.fills,
    trades: result.trades.filter(({ status }) => status === 'closed'),
  }
}

export function settingsOf({ strategy, instruments, startTime }: ParityCase): PaperSessionSettings {
  return {
    strategy,
    instruments,
    timeframeMs: HOUR_MS,
    startTime,
    startingBalance: BALANCE,
    policies: effectivePolicies({ strategy, policies: POLICIES }),
    costs: COSTS,
    id: 'parity',
    strategyHash: '',
    data: '',
  }
}

/** A session on the very rows of the backtest. */
export async function storedSession(one: ParityCase, path: string): Promise<Outcome> {
  const feed = new StoredFeed(one.data, one.endTime)
  const session = await open(one, path)
  try {
    await run(session, feed, one, NaN)
    return outcomeOf(session)
  } finally {
    session.close()
  }
}

/**
 * A session that is told by sockets, of a world on this machine whose clock goes on as the session waits. `kills`: how often it loses its power on the way, at a write of its
 * journal that is drawn; everything of it is dropped, and it is opened anew.
 */
export async function liveSession(one: ParityCase, folder: string, kills: number, random: ReturnType<typeof seededRandom>): Promise<Outcome & { readonly killed: number; readonly troubles: readonly string[] }> {
  const clock = steppedClock(one.startTime, one.world.endTime)
  const loopback = await serveLoopback({ world: one.world, clock: { ...clock, speed: UPDATES_AS_AT } })
  const exchange = `http://127.0.0.1:${loopback.port}`
  const path = join(folder, 'journal.sqlite')
  const troubles: string[] = []
  let killed = 0
  try {
    for (;;) {
      const session = await open(one, path)
      const dies = killed < kills ? diesAfter(session.file, 20 + drawBelow(random, 150)) : undefined
      const stop = new AbortController()
      const feed = await openLiveFeed(storedOf(one, folder, exchange), sourceOf(one, exchange), {
        environment: { SMARTMONEY_API_KEY: 'sm_loopback_pro' },
        trouble: (what, message) => void troubles.push(`${what}: ${message}`),
        stop: stop.signal,
        clock: liveClock(clock),
        stored: () => Promise.resolve(new StoredFeed(one.data, one.startTime)),
      })
      for (const fact of session.file.facts()) feed.remember?.(fact)
      try {
        await run(session, feed, one, clock.now())
        return { ...outcomeOf(session), killed, troubles }
      } catch (error) {
        if (!(error instanceof PowerLoss)) throw error
        killed++
      } finally {
        stop.abort()
        await feed.close()
        // What was noted and not committed is lost with it.
if (dies === undefined) session.close()
        else session.file.close()
      }
    }
  } finally {
    clock.stop()
    await loopback.close()
  }
} // prettier-ignore

export class PowerLoss extends Error {}

/** Lets the journal lose its power at its n-th write. */
export function diesAfter(file: JournalFile, writes: number): true {
  let left = writes
  const append = file.append.bind(file)
  file.append = (kind, body) => {
    if (left-- <= 0) throw new PowerLoss()
    append(kind, body)
  }
  return true
}

let lives = 0

function open(one: ParityCase, path: string): Promise<PaperSession> {
  const holder = { pid: process.pid, host: 'campaign', started: String(++lives) }
  return openPaperSession(path, settingsOf(one), { holder, isAlive: () => false, onTorn: () => undefined })
}

async function run(
  { desk }: PaperSession,
  feed: SessionFeed | StoredFeed,
  { endTime }: ParityCase,
  now: number,
): Promise<void> {
  const clock = 'clock' in feed ? feed.clock : { now: () => now, monotonic: () => 0, offset: () => NaN }
  await runSession(desk, {
    feed,
    clock: { ...clock, now: clock.now, monotonic: () => 0, offset: clock.offset },
    log: () => undefined,
    limits: DEFAULT_HOLD_LIMITS,
    killed: () => undefined,
    stopped: () => desk.session.lastDecided >= endTime,
    requireLease: () => undefined,
  })
}

const COMPARED: ReadonlySet<string> = new Set([
  'bars',
  'decision',
  'intent',
  'broker',
  'mark',
  'hold',
  'mode',
])

function outcomeOf({ desk, file }: PaperSession): Outcome {
  const { recorder, trades } = desk.session
  const text = ({ kind, text: body }: JournalRow): string => `${kind} ${body}`
  return {
    time: desk.marks.map(({ time }) => time),
    equity: desk.marks.map(({ equity }) => equity),
    orders: recorder.orders.list(),
    fills: recorder.fills.list(),
    trades,
    rows: file
      .read(() => undefined)
      .filter(({ kind }) => COMPARED.has(kind))
      .map(text),
  }
}

/** Time goes on as it is waited for, and stands still while sockets are spoken to. */
export function liveClock(clock: SteppedClock): LiveClock {
  let offset = NaN
  return {
    speed: 0,
    now: () => clock.now(),
    monotonic: () => 0,
    offset: () => offset,
    measured: (serverTime, askedAt, answeredAt) => (offset = (askedAt + answeredAt) / 2 - serverTime),
    steppedMs: () => 0,
    waitUntil: async (timeMs) => {
      clock.advanceTo(Math.max(timeMs, clock.now()))
      await delay(1)
    },
  }
}

export function sourceOf({ warmUpTime }: ParityCase, exchange: string): SessionFile['source'] & { readonly kind: 'live' } {
  return { kind: 'live', addresses: { exchange, smartMoney: exchange }, warmUpStartTime: warmUpTime, warmUpFolder: null, isLoopback: true, speed: 0 }
} // prettier-ignore

export function storedOf(one: ParityCase, folder: string, exchange: string): StoredSession {
  const { strategy, instruments, startTime } = one
  const { name, params, factsRead } = strategy
  const settings: SessionFile = {
    schema: 1,
    id: 'parity-000000000000',
    createdAt: '',
    baleen: '',
    strategy: { name, file: '', preset: null, params, factsRead },
    instruments,
    timeframeMs: HOUR_MS,
    startTime,
    startingBalance: BALANCE,
    costs: COSTS,
    policies: effectivePolicies({ strategy, policies: POLICIES }),
    funding: 'settled',
    factOverrides: {},
    fillModel: 'bars',
    holdLimits: DEFAULT_HOLD_LIMITS,
    source: sourceOf(one, exchange),
    code: { decision: '', other: '', dependencies: '', dependenciesFrom: 'lockfile' },
    promotion: null,
  }
  return { settings, sha256: '', paths: { ...sessionPaths(folder, settings.id), folder } }
}
