import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import { formatUtc } from '../core/time.js'
import type { LeaseHolder } from './journal-file.js'
import type { Clock } from './run-session.js'

/** This machine's clock. How far it is from the exchange's, somebody else has to measure. */
export function machineClock(offset: () => number = () => NaN): Clock {
  return { now: () => Date.now(), monotonic: () => performance.now(), offset }
}

/** A clock for stored data: no time passes, so that nothing is late. */
export function standingClock(): Clock {
  return { now: () => NaN, monotonic: () => performance.now(), offset: () => NaN }
}

/** This process as the holder of a lease. */
export function thisProcess(): LeaseHolder {
  return { pid: process.pid, host: hostname(), started: formatUtc(Date.now()) }
}

/** Whether a process of this machine runs. One that may not be asked does. */
export function isAlive({ pid }: Pick<LeaseHolder, 'pid'>): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
