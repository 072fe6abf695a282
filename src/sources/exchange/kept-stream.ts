import { setTimeout as delay } from 'node:timers/promises'

export interface KeptStreamOptions {
  /** For troubles. */
  readonly name: string
  /** Each subscribes, answers when something has come or never, and rejects where the socket is gone. */
  readonly ask: readonly (() => Promise<unknown>)[]
  /** Real ms without a word after which the socket is opened again. */
  readonly silenceMs: number
  readonly reopen: () => void
  readonly onTrouble: (what: string, message: string) => void
}

/** Streams of one kind that are kept open. */
export interface KeptStream {
  /** `streaming`, `silent`, `down`; since when, real UTC ms. */
  readonly state: { readonly state: string; readonly since: number }
  /** Something has come. */
  heard(): void
  /** Whether what a socket says now may be old: this process stood still while it was open, and what came meanwhile lay waiting. Such a socket is opened again, and stays outdated. */
  isOutdated(socket: object): boolean
  end(): void
}

/** The longest pause after failures of the socket, real ms. */
const LONGEST_PAUSE_MS = 30_000
/** A process whose timers come later than this stood still, real ms. */
const STOOD_STILL_MS = 3_000
const BEAT_MS = 1_000

/** Keeps streams open: asks again after failures, and opens the socket again where nothing was heard for long. */
export function keepStream({ name, ask, silenceMs, reopen, onTrouble }: KeptStreamOptions): KeptStream {
  let heardAt = performance.now()
  let beatAt = now()
  let current = { state: 'silent', since: Date.now() }
  let isEnded = false
  const outdated = new WeakSet<object>()
  const become = (state: string): void => {
    if (current.state !== state) current = { state, since: Date.now() }
  }
  const again = (message: string): void => {
    heardAt = performance.now()
    become('silent')
    onTrouble(name, message)
    reopen()
  }
  const listen = async (one: () => Promise<unknown>): Promise<void> => {
    for (let failures = 0; !isEnded;) {
      const began = performance.now()
      try {
        await one()
        failures = 0
      } catch (error) {
        if (isEnded) return
        if (performance.now() - began > LONGEST_PAUSE_MS) failures = 0
        become('down')
        onTrouble(name, wordsOf(error))
        await delay(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures++), undefined, { ref: false })
      }
    }
  }
  for (const one of ask) void listen(one)
  const watchdog = setInterval(
    () => {
      beatAt = now()
      if (performance.now() - heardAt < silenceMs) return
      again(`nothing was heard for ${Math.round(silenceMs / 1_000)} s: it is opened again, and what is missing is asked for`) // prettier-ignore
    },
    Math.min(silenceMs, BEAT_MS),
  )
  watchdog.unref()
  return {
    get state() {
      return current
    },
    heard: () => {
      heardAt = performance.now()
      become('streaming')
    },
    isOutdated: (socket) => {
      if (outdated.has(socket)) return true
      if (now() - beatAt < STOOD_STILL_MS) return false
      outdated.add(socket)
      again('this process stood still: what was waiting is old, and the socket is opened again')
      return true
    },
    end: () => {
      isEnded = true
      clearInterval(watchdog)
    },
  }
}

/** Steps with the clock too, since the other one stands while a machine sleeps. */
function now(): number {
  return Math.max(performance.now(), Date.now() - performance.timeOrigin)
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error)
}
