import { readFileSync, readlinkSync } from 'node:fs'
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
  const name = processName(process.pid)
  return { pid: process.pid, host: hostname(), started: formatUtc(Date.now()), ...(name !== undefined && { process: name }) }
} // prettier-ignore

/**
 * Whether a process of this machine runs. One that may not be asked does. A number may have been given to another program since, after a restart of the machine above all: one that began at another time is not
 * the one that was noted. Of numbers that a container counted nothing is concluded here.
 */
export function isAlive({ pid, process: noted }: Pick<LeaseHolder, 'pid' | 'process'>): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = processName(pid)
  if (noted === undefined || now === undefined || noted === now) return true
  return !isCountedHere({ process: noted })
}

/** Whether the number of a process is one that this very system counts, and not a container, or an earlier start of one; true where nobody says. */
export function isCountedHere({ process: noted }: Pick<LeaseHolder, 'process'>): boolean {
  const now = processName(process.pid)
  return noted === undefined || now === undefined || noted.split(' ')[0] === now.split(' ')[0]
}

/** Names a process beyond its number: who counts it, which start of the machine, and when after that it began (Linux, proc(5)). Undefined where the system does not say. */
function processName(pid: number): string | undefined {
  try {
    const [space, boot, stat] = [readlinkSync('/proc/self/ns/pid'), readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readFileSync(`/proc/${pid}/stat`, 'utf8')]
    // Field 22, counted behind the name of the program, which may hold anything.
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return began === undefined ? undefined : `${space} ${boot} ${began}`
  } catch {
    return undefined
  }
} // prettier-ignore
