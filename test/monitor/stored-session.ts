import { mkdtempSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatUtc } from '../../src/core/time.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { writeHealthFile, type SessionHealthFile } from '../../src/runner/health-file.js'
import { openPaperSession, type PaperSession } from '../../src/runner/paper-session.js'
import { effectivePolicies } from '../../src/engine/market.js'
import type { SessionFile, SessionSource, StoredSession } from '../../src/runner/session-file.js'
import { createSession } from '../../src/runner/session-folder.js'
import type { WatchPorts } from '../../src/monitor/session-view.js'
import { feed, inputsOf } from '../runner/as-session.js'
import { paperSettings, smallOptions } from '../runner/small-session.js'

export interface TestSession {
  /** Folder of sessions. */
  readonly folder: string
  readonly id: string
  readonly stored: StoredSession
  readonly options: ReplayOptions
  /** The session itself, open, with all that was fed. */
  readonly session: PaperSession
}

export interface TestSessionChanges {
  readonly bars?: number
  /** How many of its inputs it is told; default all. */
  readonly told?: number
  readonly source?: SessionSource
  readonly name?: string
  readonly promotion?: SessionFile['promotion']
  /** Folder of sessions; default a new one. */
  readonly folder?: string
  /** Bars before it warm up; default 6. */
  readonly startBar?: number
  readonly settings?: Partial<Omit<SessionFile, 'id'>>
}

const STORED: SessionSource = { kind: 'stored', dataFolder: '/nowhere', endTime: Infinity, speed: Infinity, dataHash: 'none', isSynthetic: true } // prettier-ignore
export const LIVE: SessionSource = {
  kind: 'live',
  addresses: {},
  warmUpStartTime: 0,
  warmUpFolder: null,
  isLoopback: false,
  speed: 1,
}

/** A session with a folder as `baleen paper start` makes it, told all of some invented bars, its journal still open. */
export async function testSession({ bars = 60, told = Infinity, source = STORED, name = 'busy', promotion = null, folder = mkdtempSync(join(tmpdir(), 'baleen-watch-')), startBar = 6, settings: others }: TestSessionChanges = {}): Promise<TestSession> {
  const small = smallOptions(bars)
  const options = { ...small, startTime: small.instruments[0]?.candles.openTime[startBar] as number }
  const settings = paperSettings(options)
  const stored = await createSession(folder, {
    schema: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    baleen: '0.0.0',
    strategy: { name, file: '/nowhere/busy.ts', preset: null, params: {}, factsRead: ['mood'] },
    instruments: settings.instruments,
    timeframeMs: settings.timeframeMs,
    startTime: settings.startTime,
    startingBalance: settings.startingBalance,
    costs: settings.costs,
    policies: effectivePolicies(options),
    funding: 'settled',
    factOverrides: {},
    fillModel: 'bars',
    holdLimits: DEFAULT_HOLD_LIMITS,
    source,
    code: { decision: 'd'.repeat(64), other: 'o'.repeat(64), dependencies: 'p'.repeat(64), dependenciesFrom: 'lockfile' },
    promotion,
    ...others,
  })
  const session = await openPaperSession(stored.paths.journal, { ...settings, id: stored.settings.id, strategyHash: stored.settings.code.decision, data: `session.json ${stored.sha256}` }, {
    holder: { pid: process.pid, host: hostname(), started: formatUtc(0) },
    isAlive: () => false,
    onTorn: () => undefined,
  })
  for (const input of inputsOf(options).slice(0, told)) feed(session.desk, input)
  return { folder, id: stored.settings.id, stored, options, session }
} // prettier-ignore

export const NOW = Date.UTC(2026, 5, 1, 12)

export function ports(changes: Partial<WatchPorts> = {}): WatchPorts {
  return { now: () => NOW, host: hostname(), isAlive: () => true, ...changes }
}

/** Writes health.json: a healthy one, but for the changes. */
export function writeHealth(
  { stored, session }: TestSession,
  changes: Partial<SessionHealthFile> = {},
): void {
  writeHealthFile(stored.paths.health, {
    time: NOW - 2_000,
    startedAt: NOW - 3_600_000,
    pid: process.pid,
    host: hostname(),
    mode: session.desk.mode,
    holds: session.desk.holds,
    lastCloseTime: session.desk.session.lastDecided,
    candleAgeMs: 1_200,
    clockOffsetMs: 12,
    journalMs: 3,
    feed: { state: 'ready', since: NOW - 3_600_000 },
    api: { state: 'ready', since: NOW - 3_600_000 },
    errorsLastHour: 0,
    equity: session.desk.session.state.markedEquity,
    promotion: 'unpromoted',
    ...changes,
  })
}
