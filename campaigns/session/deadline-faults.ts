import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.js'
import type { DecisionRecord, SessionFact } from '../../src/engine/session.js'
import { HEALTH_MAX_AGE_MS } from '../../src/monitor/health-checks.js'
import { livenessOf } from '../../src/monitor/liveness.js'
import { viewSession } from '../../src/monitor/session-view.js'
import { JournalFile, readJournalRows, type JournalRow } from '../../src/runner/journal-file.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { isAlive, thisProcess } from '../../src/runner/machine.js'
import { LIVE_TIMINGS } from '../../src/runner/live-feed.js'
import { baleen } from '../../test/cli/run-cli.js'
import type { FaultyWorld, Heard, LiveProgram, LiveProgramOptions } from './live-program.js'

/** How long it took from a fault until the session was safe from it, real ms; NaN: it never was. */
export interface Measured {
  readonly state: string
  readonly tookMs: number
  readonly allowedMs: number
  /** Where what is allowed is from. */
  readonly rule: string
}

export interface DeadlineFault {
  readonly name: string
  readonly options?: Partial<Pick<LiveProgramOptions, 'strategy' | 'timeframeMs' | 'words' | 'hooks'>>
  readonly environment?: (sessions: string) => NodeJS.ProcessEnv
  /** Of the world; default that of the campaign. */
  readonly speed?: number
  /** Strikes before the session is there. */
  readonly before?: (world: FaultyWorld) => void
  /** The session need not have come to a live close. */
  readonly isEarly?: boolean
  /** `phase`: part of a bar, drawn, at which it is to strike. */
  readonly play: (session: LiveProgram, phase: number, folder: string) => Promise<Measured[]>
}

/** What the machine may take to tell of something, beyond what the rule allows: a process among others on two cores. */
const TELLING_MS = 2 * SECOND_MS
/** From the question to stop to the end of the process. */
const STOP_MS = 10 * SECOND_MS
/** Real ms without sign of life after which a campaign gives up on a state. */
const GIVE_UP_MS = 180 * SECOND_MS
/** health.json is written so often. */
const HEALTH_MS = 5 * SECOND_MS
/** More than hold.ts allows a journal, each commit; a close that is held, and tells of it, has some of them itself. */
const SLOW_MS = 2_500
const SLOW_COMMITS = 5

const SLOW_HOOK = new URL('slow-hook.mjs', import.meta.url).href

/** The faults, and by when the session must be safe from each. */
export const DEADLINE_FAULTS: readonly DeadlineFault[] = [
  {
    name: 'kill file',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      return halted(session, () => writeFileSync(session.paths.kill, 'a drill\n'))
    },
  },
  {
    name: 'clock offset',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const began = performance.now()
      session.world.harm('clock-skew', 'exchange', { skewMs: 1.5 * SECOND_MS * session.world.speed })
      // Where it was compared for the next close already, it is found out at the one after that.
      const isCompared = session.toCloseMs() < session.leadMs + TELLING_MS
      const barMs = isCompared ? session.realMs(session.timeframeMs) : 0
      const allowedMs = barMs + session.toCloseMs() + session.graceMs + TELLING_MS
      const held = await session.close(allowedMs + GIVE_UP_MS, ({ holds }) => holds?.includes('clock-offset') === true)
      return [{ state: 'HOLD', tookMs: sinceOf(held, began), allowedMs, rule: 'paper-trading.md: compared 10 s before each close, 1 s' }]
    },
  },
  {
    name: 'SIGTERM',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      return [await stopped(session)]
    },
  },
  {
    name: 'kill command',
    play: async (session, phase, folder) => {
      await session.untilPhase(phase)
      return halted(session, async () => {
        const { code, stderr } = await baleen(folder, ['paper', 'kill', session.id, '--reason', 'a drill', '--sessions', session.sessions])
        if (code !== 0) throw new Error(stderr)
      })
    },
  },
  {
    name: 'kill file, filled by quotes',
    options: { words: ['--fill-model', 'quotes'] },
    play: async (session, phase) => {
      await session.untilPhase(phase)
      return halted(session, () => writeFileSync(session.paths.kill, 'a drill\n'))
    },
  },
  {
    name: 'late candles',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const { world, timeframeMs } = session
      for (const where of ['stream', 'exchange'] as const) world.harm('late', where, { path: 'kline', delayMs: 3 * timeframeMs })
      return [await gapTold(session), await nothingDecided(session)]
    },
  },
  {
    name: 'candles by nobody',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      session.world.harm('silence', 'stream')
      session.world.harm('server-error', 'exchange', { path: '/klines' })
      return [await gapTold(session), await nothingDecided(session)]
    },
  },
  {
    name: 'silent socket',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const began = performance.now()
      const toCloseMs = session.toCloseMs()
      session.world.harm('silence', 'stream')
      const next = await session.close(GIVE_UP_MS)
      const byRest: Measured = { state: 'decided by REST', tookMs: sinceOf(next, began) - toCloseMs, allowedMs: session.graceMs + TELLING_MS, rule: 'paper-trading.md: the stream is waited for 2 s after a close' }
      const allowedMs = LIVE_TIMINGS.silenceMs + HEALTH_MS + TELLING_MS
      const tookMs = await healthSays(session, began, allowedMs, ({ feed }) => feed !== 'streaming')
      return [byRest, { state: 'health: not streaming', tookMs, allowedMs, rule: 'paper-trading.md: silent for a minute; health.json every 5 s' }]
    },
  },
  {
    name: 'exchange gone',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const began = performance.now()
      await session.world.vanish()
      const allowedMs = HEALTH_MS + TELLING_MS
      const down = await healthSays(session, began, allowedMs, ({ feed }) => feed === 'down')
      const health: Measured = { state: 'health: down', tookMs: down, allowedMs, rule: 'health.json every 5 s' }
      return [health, await gapTold(session), await nothingDecided(session), await stopped(session)]
    },
  },
  {
    name: 'SIGSTOP',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const began = performance.now()
      session.child.kill('SIGSTOP')
      const allowedMs = HEALTH_MAX_AGE_MS + TELLING_MS
      const tookMs = await liveness(session, began, allowedMs, 'stalled')
      const stalled: Measured = { state: 'status: stalled', tookMs, allowedMs, rule: 'monitoring.md: health.json is older than a minute' }
      // Long enough that a close is older than a candle may be.
      await delay(session.realMs(2 * session.timeframeMs + 10 * SECOND_MS) - (performance.now() - began))
      const before = session.heard.length
      session.child.kill('SIGCONT')
      const woken = performance.now()
      const first = await session.line(({ event }) => event === 'close', GIVE_UP_MS, before)
      const isHeld = first?.holds?.includes('stale-candle') === true
      return [stalled, { state: 'HOLD of what was missed', tookMs: isHeld ? sinceOf(first, woken) : NaN, allowedMs: STOP_MS, rule: 'paper-trading.md: a close older than 60 s is held' }]
    },
  },
  {
    name: 'lease lost while stopped',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      session.child.kill('SIGSTOP')
      const file = await JournalFile.open(session.paths.journal)
      const other = { pid: process.pid, host: 'another', started: 'a drill' }
      file.takeLease({ ...other, host: thisProcess().host }, () => false)
      file.close()
      const began = performance.now()
      session.child.kill('SIGCONT')
      const end = await Promise.race([session.ended, delay(GIVE_UP_MS, undefined)])
      const isFenced = end?.code === 3 && end.stderr.includes('the lease of this session is lost')
      return [{ state: 'ended', tookMs: isFenced ? end.atMs - began : NaN, allowedMs: 1 * SECOND_MS + TELLING_MS, rule: 'reliability.md: fenced by the lease; switches are looked at every second' }]
    },
  },
  {
    name: 'second runner',
    isEarly: true,
    play: async (session, _phase, folder) => {
      await session.line(({ event }) => event === 'ready', GIVE_UP_MS, 0)
      const began = performance.now()
      const { code, stderr } = await baleen(folder, ['paper', 'resume', session.id, '--sessions', session.sessions])
      const isRefused = code === 3 && stderr.includes(`process ${session.child.pid}`)
      return [{ state: 'refused by name', tookMs: isRefused ? performance.now() - began : NaN, allowedMs: MINUTE_MS, rule: 'reliability.md: the second refuses by name; a process starts meanwhile' }]
    },
  },
  {
    name: 'slow journal',
    options: { hooks: [SLOW_HOOK] },
    environment: (sessions) => ({ BALEEN_SLOW_WHILE: join(sessions, 'slow'), BALEEN_SLOW_MS: String(SLOW_MS) }),
    play: async (session, phase) => {
      await session.untilPhase(phase)
      const file = join(session.sessions, 'slow')
      const began = performance.now()
      const allowedMs = session.toCloseMs() + session.realMs(session.timeframeMs) + session.graceMs + SLOW_COMMITS * SLOW_MS + TELLING_MS
      writeFileSync(file, '')
      const held = await session.close(allowedMs + GIVE_UP_MS, ({ holds }) => holds?.includes('slow-journal') === true)
      const measured: Measured = { state: 'HOLD', tookMs: sinceOf(held, began), allowedMs, rule: 'the close after one that took over 2 s (paper-trading.md)' }
      const end = await stopped(session)
      rmSync(file)
      return [measured, end]
    },
  },
  {
    name: 'SIGTERM twice',
    play: async (session, phase) => {
      await session.untilPhase(phase)
      setTimeout(() => session.child.kill('SIGTERM'), 5)
      return [await stopped(session)]
    },
  },
  {
    name: 'SIGTERM while the API hangs',
    options: { strategy: 'smart-money' },
    isEarly: true,
    play: async (session) => {
      await session.line(({ event }) => event === 'ready', GIVE_UP_MS, 0)
      session.world.harm('slow-drip', 'api', { delayMs: MINUTE_MS })
      await session.asks('/v1/history/')
      return [await stopped(session)]
    },
  },
  {
    name: 'SIGTERM while the exchange hangs',
    play: async (session) => {
      session.world.harm('silence', 'stream')
      session.world.harm('slow-drip', 'exchange', { delayMs: MINUTE_MS })
      await session.asks('/time')
      return [await stopped(session)]
    },
  },
  {
    name: 'SIGTERM before it is ready',
    isEarly: true,
    before: (world) => world.harm('slow-drip', 'exchange', { delayMs: MINUTE_MS }),
    play: async (session) => {
      await session.asks('/exchangeInfo')
      return [await stopped(session, 'either')]
    },
  },
  {
    name: 'Smart Money API down',
    options: { strategy: 'smart-money', timeframeMs: HOUR_MS },
    speed: 3_600,
    play: async (session) => {
      const harmedAt = session.world.now()
      const began = performance.now()
      session.world.harm('server-error', 'api')
      const told = await session.line(({ event, what }) => event === 'trouble' && what?.startsWith('history/') === true, GIVE_UP_MS)
      const toldMs = sinceOf(told, began)
      const noticed: Measured = { state: 'error in the log', tookMs: toldMs, allowedMs: session.realMs(2 * HOUR_MS) + TELLING_MS, rule: 'asked at every close: an error, never a NEUTRAL (trading-bot.md)' }
      // Whales grow stale 12 h after their event, confirmations sooner: less than 0.6 of the weight is left.
      await session.line(({ event, time }) => event === 'close' && (time ?? 0) > harmedAt + 36 * HOUR_MS, GIVE_UP_MS)
      return [noticed, await noData(session)]
    },
  },
] // prettier-ignore

/** Throws the switch and waits until the session is halted, then flat. */
async function halted(session: LiveProgram, kill: () => Promise<void> | void): Promise<Measured[]> {
  const began = performance.now()
  await kill()
  const allowedMs = performance.now() - began + session.toCloseMs() + session.graceMs + TELLING_MS
  const isHalted = ({ mode }: Heard): boolean => mode === 'halted'
  const first = await session.close(allowedMs + GIVE_UP_MS, isHalted)
  const flat = await session.close(
    GIVE_UP_MS,
    (line) => isHalted(line) && line.positions?.every((quantity) => quantity === 0) === true,
  )
  const barMs = session.realMs(session.timeframeMs)
  return [
    { state: 'HALTED', tookMs: sinceOf(first, began), allowedMs, rule: 'paper-trading.md: at the next close' },
    { state: 'flat', tookMs: sinceOf(flat, began), allowedMs: allowedMs + barMs, rule: 'paper-trading.md: closed at the next open' },
  ]
} // prettier-ignore

/** Asks it to end. `either`: what else ended it before is well too. */
async function stopped(session: LiveProgram, code: 'either' | 143 = 143): Promise<Measured> {
  const began = performance.now()
  session.child.kill('SIGTERM')
  const end = await Promise.race([session.ended, delay(GIVE_UP_MS, undefined)])
  const isWell = end !== undefined && end.signal === null && (code === 'either' || end.code === code)
  const holder = session.id === '' ? undefined : await holderOf(session)
  return { state: holder === undefined ? 'stopped' : 'stopped, and kept its lease', tookMs: isWell && holder === undefined ? end.atMs - began : NaN, allowedMs: STOP_MS, rule: 'SIGTERM: 10 s' }
} // prettier-ignore

async function holderOf({ paths }: LiveProgram): Promise<unknown> {
  const file = await JournalFile.open(paths.journal)
  try {
    return file.holder()
  } finally {
    file.close()
  }
}

/** The next close does not come, and the log says so. */
async function gapTold(session: LiveProgram): Promise<Measured> {
  const began = performance.now()
  const toCloseMs = session.toCloseMs()
  const gap = await session.line(({ event, what }) => event === 'trouble' && what === 'gap', GIVE_UP_MS)
  return { state: 'gap in the log', tookMs: sinceOf(gap, began) - toCloseMs, allowedMs: session.deadlineMs + TELLING_MS, rule: 'paper-trading.md: 45 s after the close' }
} // prettier-ignore

/** Asked once a gap was told: nothing was decided since the close before. */
function nothingDecided(session: LiveProgram): Promise<Measured> {
  const gap = session.heard.findLastIndex(({ what }) => what === 'gap')
  const last = session.heard.findLast(({ event }) => event === 'close')
  const since = session.heard.slice(gap).some(({ event }) => event === 'close')
  const ageMs = gap < 0 ? NaN : (session.heard[gap]?.atMs ?? NaN) - (last?.atMs ?? NaN)
  return Promise.resolve({ state: 'nothing decided on it', tookMs: since || !(ageMs > 0) ? NaN : 0, allowedMs: 0, rule: 'reliability.md: never filled silently' }) // prettier-ignore
}

/** Waits until health.json says so; the answer is real ms since `began`. */
async function healthSays(session: LiveProgram, began: number, allowedMs: number, is: (states: { readonly feed: string; readonly api: string }) => boolean): Promise<number> {
  while (performance.now() - began < allowedMs + GIVE_UP_MS) {
    const health = await session.health()
    if (health !== undefined && is({ feed: health.feed.state, api: health.api.state })) return performance.now() - began
    await delay(200)
  }
  return NaN
} // prettier-ignore

/** Waits until somebody who watches its files says so. */
async function liveness(session: LiveProgram, began: number, allowedMs: number, state: string): Promise<number> {
  const ports = { now: () => Date.now(), host: thisProcess().host, isAlive }
  while (performance.now() - began < allowedMs + GIVE_UP_MS) {
    if (livenessOf(await viewSession(session.sessions, session.id, ports)).state === state) return performance.now() - began
    await delay(500)
  }
  return NaN
} // prettier-ignore

/** From the journal: age of the newest whales at the first close at which too little was known, and at the last at which enough was. */
async function noData(session: LiveProgram): Promise<Measured> {
  let [newest, firstMs, lastKnownMs] = [-Infinity, NaN, NaN]
  for (const { kind, text } of await readJournalRows(session.paths.journal)) {
    if (kind === 'fact') {
      const { series, eventTime } = journalBody(text) as SessionFact
      if (series === 'whales') newest = Math.max(newest, eventTime)
    }
    if (kind !== 'decision') continue
    for (const { signal, time } of journalBody(text) as DecisionRecord[]) {
      const isKnown = signal.coverage >= 0.6
      if (isKnown) [lastKnownMs, firstMs] = [time - newest, NaN]
      else if (Number.isNaN(firstMs)) firstMs = time - newest
    }
  }
  const allowedMs = 12 * HOUR_MS + session.timeframeMs
  return { state: 'NO_DATA, in time of the world', tookMs: lastKnownMs <= 12 * HOUR_MS ? firstMs : NaN, allowedMs, rule: 'trading-bot.md: whales are stale after 12 h, 0.6 of the weight' }
} // prettier-ignore

/** What must be so in every session, whatever happened to it: nothing is entered while it may not. Answers the rows of a journal that break it. */
export function breachesOf(rows: readonly JournalRow[]): string[] {
  const found: string[] = []
  let [mode, holds] = ['active', 0]
  for (const { seq, kind, text } of rows) {
    const body = journalBody(text) as { mode?: string; reasons?: unknown[]; kind?: string; order?: { order?: { role?: string } } } // prettier-ignore
    if (kind === 'mode') mode = body.mode ?? ''
    if (kind === 'hold') holds = body.reasons?.length ?? 0
    const isEntry = kind === 'intent' && body.kind === 'submit' && body.order?.order?.role === 'entry'
    if (isEntry && (mode !== 'active' || holds > 0))
      found.push(`row ${seq} enters while the session is ${mode}, with ${holds} reasons to hold`)
  }
  return found
}

function sinceOf(line: Heard | undefined, began: number): number {
  return line === undefined ? NaN : line.atMs - began
}
