import { setTimeout as delay } from 'node:timers/promises'
import { BaleenError, EXIT_CODES } from '../core/errors.js'
import type { Clock } from './run-session.js'

/** A clock that a live feed waits by. */
export interface LiveClock extends Clock {
  /** Times real time. */
  readonly speed: number
  /** Resolves once `now()` has reached a time (UTC ms), or somewhat before. */
  waitUntil(timeMs: number): Promise<void>
  /** What was measured of the venue's clock: its time, and this clock's when it was asked and when it answered. */
  measured(serverTime: number, askedAt: number, answeredAt: number): void
  /** By how much this clock was set since then, forward positive, or slept: against one that never steps, ms. 0 where nothing was measured yet. */
  steppedMs(): number
}

/** The venue's time: this clock less its offset, as far as that was measured. UTC ms. */
export function venueTime(clock: LiveClock): number {
  const offset = clock.offset()
  return clock.now() - (Number.isNaN(offset) ? 0 : offset)
}

/** One wait is not longer than so, real ms: switches are looked at in between. */
const LONGEST_WAIT_MS = 1_000

/** This machine's clock. Its offset is measured as the venue answers: half of the way there and back is taken for the way there. */
export function realClock(now: () => number = () => Date.now(), monotonic: () => number = () => performance.now()): LiveClock {
  return runningClock(now, 1, monotonic)
} // prettier-ignore

function runningClock(now: () => number, speed: number, monotonic: () => number): LiveClock {
  let offset = NaN
  let ahead = NaN
  return {
    now,
    speed,
    monotonic,
    offset: () => offset,
    waitUntil: async (timeMs) => {
      const leftMs = (timeMs - now()) / speed
      if (leftMs > 0) await delay(Math.min(LONGEST_WAIT_MS, leftMs))
    },
    measured: (serverTime, askedAt, answeredAt) => {
      offset = (askedAt + answeredAt) / 2 - serverTime
      ahead = now() - monotonic() * speed
    },
    steppedMs: () => (Number.isNaN(ahead) ? 0 : now() - monotonic() * speed - ahead),
  }
}

/** The clock of a loopback world, read once and counted on from there at the world's speed. Throws BaleenError with the exit code of networks, and its address, where it does not answer. */
export async function loopbackClock(exchangeUrl: string): Promise<LiveClock> {
  const fail = (why: string): never => {
    throw new BaleenError(`no loopback world tells its time at ${exchangeUrl}: ${why}; is baleen simulate serve running there?`, EXIT_CODES.network) // prettier-ignore
  }
  const asked = performance.now()
  const response = await fetch(`${exchangeUrl.replace(/\/+$/, '')}/loopback/status`).catch((error: unknown) => fail(wordsOf(error))) // prettier-ignore
  const status = (await response.json().catch(() => ({}))) as {
    now?: unknown
    speed?: unknown
    endTime?: unknown
  }
  const middle = (asked + performance.now()) / 2
  const { now, speed, endTime } = status
  if (typeof now !== 'number' || typeof speed !== 'number' || typeof endTime !== 'number' || !(speed > 0))
    return fail('what answers is no loopback world whose clock runs')
  // At the end of the world its clock stands still.
  const clock = runningClock(
    () => Math.min(endTime, Math.floor(now + (performance.now() - middle) * speed)),
    speed,
    () => performance.now(),
  )
  return { ...clock, steppedMs: () => 0 }
}

/** Of an error of `fetch`: what it was caused by says more than "fetch failed". */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
