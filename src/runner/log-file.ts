import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { plain } from '../jobs/json.js'
import type { Log } from './run-session.js'

/** At this size a log is moved to `log.1.jsonl`, over the one before. */
const LARGEST_BYTES = 64 * 1024 * 1024

/** A log of a session that counts what it could not write. */
export interface LogFile {
  readonly log: Log
  /** Lines that were lost since it was opened: a full disk, a folder that is gone. */
  readonly lost: () => number
  close(): void
}

/** Lines of JSON, each with `at`, the UTC ms at which it was written. What cannot be written is lost and counted: a log that fails never stops trading. */
export function openLogFile(path: string, now: () => number): LogFile {
  let file: number | undefined
  let bytes = 0
  let lost = 0
  const opened = (): number => {
    if (file !== undefined && bytes >= LARGEST_BYTES) {
      closeSync(file)
      file = undefined
      renameSync(path, path.replace(/\.jsonl$/, '.1.jsonl'))
    }
    if (file === undefined) {
      file = openSync(path, 'a')
      bytes = fstatSync(file).size
    }
    return file
  }
  return {
    log: (line) => {
      try {
        const text = Buffer.from(`${JSON.stringify({ at: now(), ...(plain(line) as object) })}\n`)
        // A full disk may take fewer bytes without an error.
        const written = writeSync(opened(), text)
        bytes += written
        if (written < text.length) lost++
      } catch {
        lost++
      }
    },
    lost: () => lost,
    close: () => {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
