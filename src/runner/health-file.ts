import { renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { DataError } from '../core/errors.js'
import type { HoldReason } from './hold.js'
import type { SessionMode } from './mode.js'

/** A state of something that may fail, and since when (UTC ms). */
export interface SourceState {
  /** `ready`, `polling` (the socket is silent), `down`, `ended`, … in a word. */
  readonly state: string
  readonly since: number
}

/**
 * health.json, written by whoever runs a session after every close and every few seconds between. What is not known is null, never 0 or healthy. All
 * times are UTC ms of this machine's clock, but for `lastCloseTime`, which is the market's.
 */
export interface SessionHealthFile {
  readonly time: number
  readonly startedAt: number
  readonly pid: number
  readonly host: string
  readonly mode: SessionMode
  readonly holds: readonly HoldReason[]
  /** Close of the newest bars that were decided on. */
  readonly lastCloseTime: number | null
  /** How old that close was when it was decided on. */
  readonly candleAgeMs: number | null
  /** This machine's clock less the exchange's. */
  readonly clockOffsetMs: number | null
  /** For deciding on the last close and writing it down. */
  readonly journalMs: number | null
  readonly feed: SourceState
  readonly api: SourceState
  readonly errorsLastHour: number | null
  /** Quote units, marked at the last close. */
  readonly equity: number | null
  readonly promotion: 'promoted' | 'unpromoted'
}

/** Writes it under a temporary name and renames it: readers see the old one or the new one. It is not synced: what was true before a loss of power is of no use after it. */
export function writeHealthFile(path: string, health: SessionHealthFile): void {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, `${JSON.stringify(health)}\n`)
  renameSync(temporary, path)
}

/** Undefined where there is none yet. Throws DataError naming the file where it cannot be read. */
export async function readHealthFile(path: string): Promise<SessionHealthFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text) as SessionHealthFile
  } catch {
    throw new DataError('the health of a session is no JSON', { file: path })
  }
}

/** A number as health.json holds it: NaN and infinities are unknown. */
export function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
