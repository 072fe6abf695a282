import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DAY_MS, MINUTE_MS } from '../../src/core/time.js'
import { simulateIntoStore } from '../../src/jobs/simulated-data.js'
import { runningClock } from '../../src/loopback/clock.js'
import type { FaultName, FaultRule, Where } from '../../src/loopback/faults/plan.js'
import { serveLoopback, type Loopback } from '../../src/loopback/server.js'
import { simulatedWorld } from '../../src/loopback/simulated-world.js'
import { readHealthFile, type SessionHealthFile } from '../../src/runner/health-file.js'
import { LIVE_TIMINGS } from '../../src/runner/live-feed.js'
import { sessionPaths, type SessionPaths } from '../../src/runner/session-folder.js'
import { PROGRAM, ROOT } from '../../test/cli/run-cli.js'

/** Enters or leaves at nearly every close, so that it would be seen if it entered on one on which it must not. */
const STRATEGY = `import { above, below, close, defineStrategy, sma } from 'baleen'

export default defineStrategy({
  name: 'busy',
  description: '',
  params: {},
  features: () => ({ fast: sma(close, 1), slow: sma(close, 2) }),
  enterLong: (f) => above(f.fast, f.slow),
  enterShort: (f) => below(f.fast, f.slow),
  risk: () => ({ allowShort: true, reversal: true, stop: { kind: 'percent', fraction: 0.05 } }),
})
`
/** The event of a line on stdout that is no JSON: with `--json` there is none. */
export const NO_JSON = 'no JSON'
/** The one instrument of these worlds. */
const INSTRUMENT = 'synthetic:BTCUSDT-PERP'
const WORLD = { days: 5, startTime: Date.UTC(2024, 0, 1), timeframeMs: MINUTE_MS, instruments: 1, seed: 7 } as const // prettier-ignore

/** A folder with a strategy, and instruments of the worlds that are served. */
export async function livePlace(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'busy.ts'), STRATEGY)
  const market = { ...WORLD, days: 1, edge: 0, driftPerYear: 0, gaps: false }
  await simulateIntoStore(market, { folder: join(folder, 'data'), now: 1 })
  return folder
}

/** A loopback world in this process, in which things go wrong when they are told to. */
export interface FaultyWorld {
  readonly url: string
  readonly speed: number
  /** UTC ms of the world. */
  now(): number
  /** From now on this goes wrong. */
  harm(fault: FaultName, where: Where, more?: Partial<FaultRule>): void
  /** Nothing goes wrong any more. */
  heal(): void
  /** Resolves once a path that holds this text is asked for the next time. */
  asked(part: string): Promise<void>
  /** Nobody answers any more. The clock goes on. */
  vanish(): Promise<void>
  close(): Promise<void>
}

export async function faultyWorld(speed: number): Promise<FaultyWorld> {
  const world = simulatedWorld(WORLD)
  const clock = runningClock({ startMs: world.startTime + 2 * DAY_MS + MINUTE_MS / 4, endMs: world.endTime, speed })
  const rules: FaultRule[] = []
  const waiting: { readonly part: string; readonly resolve: () => void }[] = []
  const asked = (_timeMs: number, path: string): void => {
    for (const one of waiting.filter(({ part }) => path.includes(part))) {
      waiting.splice(waiting.indexOf(one), 1)
      one.resolve()
    }
  }
  const loopback: Loopback = await serveLoopback({ world, clock, faults: { seed: 1, rules }, asked })
  let isServed = true
  const vanish = async (): Promise<void> => {
    if (isServed) await loopback.close()
    isServed = false
  }
  return {
    url: `http://127.0.0.1:${loopback.port}`,
    speed,
    now: () => clock.now(),
    harm: (fault, where, more) => void rules.push({ fault, where, chance: 1, startMs: -Infinity, endMs: Infinity, retryAfterS: null, status: 503, delayMs: 0, skewMs: 0, ...more }),
    heal: () => void rules.splice(0),
    asked: (part) => new Promise((resolve) => waiting.push({ part, resolve })),
    vanish,
    close: async () => {
      await vanish()
      clock.stop()
    },
  }
} // prettier-ignore

/** What a session said, and when it was heard, ms of `performance.now`. */
export interface Heard {
  readonly atMs: number
  readonly event: string
  readonly what?: string
  readonly message?: string
  readonly time?: number
  readonly mode?: string
  readonly holds?: readonly string[]
  readonly positions?: readonly number[]
  readonly candleAgeMs?: number | null
  readonly id?: string
}

export interface Ended {
  readonly atMs: number
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: string
}

export interface LiveProgramOptions {
  /** Where `livePlace` was made. */
  readonly place: string
  /** Its folder of sessions: one a session, so that it is easily found. */
  readonly sessions: string
  readonly world: FaultyWorld
  readonly strategy?: string
  readonly timeframeMs?: number
  readonly words?: readonly string[]
  /** Modules that are loaded before the program. */
  readonly hooks?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
}

/** `baleen paper start --feed live` as a process of its own, heard by its lines of JSON. */
export class LiveProgram {
  readonly child: ChildProcess
  readonly heard: Heard[] = []
  readonly ended: Promise<Ended>
  readonly timeframeMs: number
  readonly world: FaultyWorld
  readonly sessions: string
  private stderr: string = ''
  private isOver: boolean = false
  private waiting: (() => void)[] = []

  constructor(options: LiveProgramOptions) {
    const { place, sessions, world, strategy = './busy.ts', timeframeMs = MINUTE_MS, hooks = [] } = options
    this.timeframeMs = timeframeMs
    this.world = world
    this.sessions = sessions
    const own = ['paper', 'start', strategy, '-i', INSTRUMENT, '--timeframe', `${timeframeMs / MINUTE_MS}m`, '--unpromoted', '--fill-model', 'bars', '--warm-up', '20', '--exchange-url', world.url, '--sessions', sessions]
    this.child = spawn(process.execPath, [...hooks.flatMap((hook) => ['--import', hook]), ...PROGRAM, '--json', ...own, ...(options.words ?? [])], {
      cwd: place,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'), SMARTMONEY_API_KEY: 'sm_loopback_pro', ...options.environment },
    })
    let rest = ''
    this.child.stdout?.on('data', (text: Buffer) => {
      const lines = (rest + text.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.hear(line)
      this.wake()
    })
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()))
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('close', (code, signal) => {
        this.isOver = true
        resolve({ atMs: performance.now(), code, signal, stderr: this.stderr })
        this.wake()
      })
    })
  } // prettier-ignore

  private hear(line: string): void {
    const atMs = performance.now()
    try {
      this.heard.push({ ...(JSON.parse(line) as Heard), atMs })
    } catch {
      this.heard.push({ event: NO_JSON, message: line, atMs })
    }
  }

  private wake(): void {
    for (const one of this.waiting.splice(0)) one()
  }

  /** Real ms of so many of the world's. */
  realMs(virtualMs: number): number {
    return virtualMs / this.world.speed
  }

  /** Real ms from a moment (`performance.now`) to the close that comes next, and what the venue and the machine may take to tell it. */
  toCloseMs(): number {
    const { timeframeMs, world } = this
    return this.realMs(timeframeMs - (world.now() % timeframeMs))
  }

  /** Real ms after a close that it may take to be decided on: the socket is waited for, then REST is asked. */
  get graceMs(): number {
    return this.timing(LIVE_TIMINGS.graceMs, 0.2)
  }

  /** Real ms before a close at which facts are asked for, and clocks compared. */
  get leadMs(): number {
    return this.timing(LIVE_TIMINGS.factLeadMs, 0.1)
  }

  /** Real ms after a close at which what has not come is a gap. */
  get deadlineMs(): number {
    return this.timing(LIVE_TIMINGS.deadlineMs, 0.5)
  }

  private timing(ms: number, share: number): number {
    const { speed } = this.world
    return speed === 1 ? ms : this.realMs(Math.min(ms * speed, this.timeframeMs * share))
  }

  /** The first line from a place on that is so; undefined where it does not come in time, or the process is over. */
  async line(is: (line: Heard) => boolean, withinMs: number, from: number = this.heard.length): Promise<Heard | undefined> {
    const end = performance.now() + withinMs
    for (;;) {
      const found = this.heard.slice(from).find(is)
      const leftMs = end - performance.now()
      if (found !== undefined || leftMs <= 0 || this.isOver) return found
      const woken = new Promise<void>((resolve) => this.waiting.push(resolve))
      await Promise.race([woken, delay(Math.min(leftMs, 1_000), undefined, { ref: true })])
    }
  } // prettier-ignore

  close(withinMs: number, is: (line: Heard) => boolean = () => true): Promise<Heard | undefined> {
    return this.line((line) => line.event === 'close' && is(line), withinMs)
  }

  /** Waits until it has decided on a bar that closed while it ran. Throws what it said where it does not. */
  async untilLive(): Promise<void> {
    const ready = await this.line(({ event }) => event === 'ready', 120_000, 0)
    const first = ready && (await this.line(({ event, time }) => event === 'close' && (time ?? 0) > startOf(this.world, ready, this.timeframeMs), 180_000, 0))
    if (first !== undefined) return
    this.child.kill('SIGKILL')
    throw new Error(`the session did not begin: ${(await this.ended).stderr} ${JSON.stringify(this.heard.at(-1))}`)
  } // prettier-ignore

  /** Waits for a part of the bar under way, or of the next one where it is past. */
  async untilPhase(share: number): Promise<void> {
    const { timeframeMs, world } = this
    const phase = (): number => (world.now() % timeframeMs) / timeframeMs
    while (phase() > share) await delay(20)
    while (phase() < share) await delay(20)
  }

  get id(): string {
    return this.heard.find(({ event }) => event === 'ready')?.id ?? ''
  }

  get paths(): SessionPaths {
    return sessionPaths(this.sessions, this.id)
  }

  health(): Promise<SessionHealthFile | undefined> {
    return readHealthFile(this.paths.health)
  }

  /** Waits until it asks for a path that holds this text. Throws where it ends before. */
  async asks(part: string): Promise<void> {
    const end = await Promise.race([this.world.asked(part), this.ended])
    if (end !== undefined) throw new Error(`it ended before it asked for ${part}: ${end.stderr}`)
  }

  /** Ends it, however it is. */
  async end(): Promise<Ended> {
    this.child.kill('SIGKILL')
    return this.ended
  }
}

/** A bar that is live opened after the session was ready; one close more, so that the streams are there. */
function startOf(world: FaultyWorld, ready: Heard, timeframeMs: number): number {
  const virtualNow = world.now() - (performance.now() - ready.atMs) * world.speed
  return Math.floor(virtualNow / timeframeMs) * timeframeMs
}
