import { execFile } from 'node:child_process'
import { setPriority } from 'node:os'
import { dirname } from 'node:path'
import { entryFile } from '../../jobs/code-entry.js'
import { KEY_VARIABLE } from '../open-live-feed.js'
import type { StoredSession } from '../session-file.js'
import type { ReplayDay } from './daily-replay.js'

/** Behind everything else that the machine has to do: a month of minute bars takes seconds. */
const PRIORITY = 10

/**
 * Replays by `baleen paper replay` in a process of its own: a session lives through all that it ever did, and whoever trades must not stand still for it. It ends with the session, and then nothing is
 * wrong.
 */
export function replayElsewhere({ paths, settings }: StoredSession, stop: AbortSignal): ReplayDay {
  const entry = entryFile('cli/main')
  const program = entry.endsWith('.js') ? [entry] : ['--import', import.meta.resolve('tsx/esm'), entry]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== KEY_VARIABLE))
  return (day) => {
    if (stop.aborted) return Promise.resolve(undefined)
    const words = ['--quiet', 'paper', 'replay', settings.id, '--sessions', dirname(paths.folder), '--day', day]
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [...program, ...words], { env, signal: stop }, (error, _out, told) => {
        if (error === null || stop.aborted) return resolve(undefined)
        resolve(told.trim().replace(/^error: /, '') || error.message)
      })
      if (child.pid !== undefined) lower(child.pid)
    })
  }
} // prettier-ignore

/** It may be over already. */
function lower(pid: number): void {
  try {
    setPriority(pid, PRIORITY)
  } catch {
    // Then it is as fast as all else.
  }
}
