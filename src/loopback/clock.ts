import { ConfigError } from '../core/errors.js'

/** The time of a loopback world, UTC ms, and what is to happen at its instants. */
export interface VirtualClock {
  /** Virtual milliseconds a real one; 0 for a clock that is stepped by hand. */
  readonly speed: number
  /** Never decreases, and never passes the end of the world. Whole milliseconds. */
  now(): number
  /** Runs a callback once, as soon as the clock has reached a time. The answer takes it back. */
  at(timeMs: number, callback: () => void): () => void
  /** Nothing more will happen. */
  stop(): void
}

/** A clock that only its owner moves: for tests, and for whoever wants one world twice. */
export interface SteppedClock extends VirtualClock {
  /** Moves on, running what becomes due in the order of its times; during each callback it is that callback's time. */
  advanceTo(timeMs: number): void
  advanceBy(durationMs: number): void
}

interface Due {
  readonly timeMs: number
  readonly callback: () => void
}

/** What is to happen, earliest first; of one time in the order in which it was asked for. */
class Agenda {
  private readonly items: Due[] = []

  /** Whether the new item is the first. */
  add(item: Due): boolean {
    let at = this.items.length
    while (at > 0 && this.items[at - 1]!.timeMs > item.timeMs) at--
    this.items.splice(at, 0, item)
    return at === 0
  }

  remove(item: Due): void {
    const at = this.items.indexOf(item)
    if (at >= 0) this.items.splice(at, 1)
  }

  get nextMs(): number {
    return this.items[0]?.timeMs ?? Infinity
  }

  take(nowMs: number): Due | undefined {
    return this.nextMs <= nowMs ? this.items.shift() : undefined
  }

  clear(): void {
    this.items.length = 0
  }
}

/** Starts a stepped clock. Throws ConfigError where it would be moved back. */
export function steppedClock(startMs: number, endMs: number = Infinity): SteppedClock {
  const agenda = new Agenda()
  let now = startMs
  const advanceTo = (timeMs: number): void => {
    if (timeMs < now)
      throw new ConfigError('a clock is not set back', { field: 'time', value: timeMs, unit: 'ms' })
    const target = Math.min(timeMs, endMs)
    for (let due = agenda.take(target); due !== undefined; due = agenda.take(target)) {
      now = Math.max(now, due.timeMs)
      due.callback()
    }
    now = Math.max(now, target)
  }
  return {
    speed: 0,
    now: () => now,
    at: (timeMs, callback) => {
      const item = { timeMs, callback }
      agenda.add(item)
      return () => agenda.remove(item)
    },
    advanceTo,
    advanceBy: (durationMs) => advanceTo(now + durationMs),
    stop: () => agenda.clear(),
  }
}

/** How fast a world may run: at 10,000 a day takes 8.64 s. */
export const SPEEDS = { slowest: 1, fastest: 10_000 } as const

/** Throws ConfigError for a speed out of range. */
export function checkSpeed(speed: number): void {
  const { slowest, fastest } = SPEEDS
  if (speed >= slowest && speed <= fastest) return
  throw new ConfigError(`must be from ${slowest} to ${fastest}`, { field: 'speed', value: speed, unit: 'times real time' }) // prettier-ignore
}

export interface RunningClockOptions {
  readonly startMs: number
  /** The clock stands there once it is reached; default never. */
  readonly endMs?: number
  readonly speed: number
  /** Monotonic real time, ms; default the process's own. */
  readonly realNow?: () => number
}

/** The longest that a real timer waits in one go: Node's overflow at 2³¹ ms. */
const LONGEST_WAIT_MS = 60_000

/** Starts a clock that runs by itself, `speed` times as fast as real time. Throws ConfigError for a speed out of range. */
export function runningClock(options: RunningClockOptions): VirtualClock {
  const { startMs, endMs = Infinity, speed, realNow = () => performance.now() } = options
  checkSpeed(speed)
  const agenda = new Agenda()
  const realStart = realNow()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const now = (): number => Math.min(endMs, startMs + Math.floor((realNow() - realStart) * speed))

  const run = (): void => {
    for (let due = agenda.take(now()); due !== undefined; due = agenda.take(now())) due.callback()
    wait()
  }
  const wait = (): void => {
    clearTimeout(timer)
    // What lies beyond the end never happens.
    if (isStopped || !(agenda.nextMs <= endMs) || agenda.nextMs === Infinity) return
    timer = setTimeout(run, Math.min(LONGEST_WAIT_MS, Math.max(0, (agenda.nextMs - now()) / speed)))
  }
  return {
    speed,
    now,
    at: (timeMs, callback) => {
      const item = { timeMs, callback }
      if (agenda.add(item)) wait()
      return () => agenda.remove(item)
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
      agenda.clear()
    },
  }
}
