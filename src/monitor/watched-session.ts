import type { SessionHealthFile } from '../runner/health-file.js'
import { readHealthFile } from '../runner/health-file.js'
import type { JournalRow } from '../runner/journal-file.js'
import type { StoredSession } from '../runner/session-file.js'
import { JournalFold, type SessionRecord } from './journal-fold.js'
import { JournalReader } from './journal-reader.js'
import { readSessionLog, type SessionLog } from './session-log.js'
import { SessionTiming } from './session-timing.js'

/** All that the files of a session say, once each row of its journal was found to follow from those before it. Times UTC ms. */
export interface WatchedSession {
  readonly stored: StoredSession
  readonly record: SessionRecord
  readonly fold: JournalFold
  readonly timing: SessionTiming
  /** Rows of orders and of what a broker said of them. */
  readonly orders: readonly JournalRow[]
  readonly head: { readonly rows: number; readonly hash: string }
  readonly health: SessionHealthFile | undefined
  /** Undefined where there is none. */
  readonly log: SessionLog | undefined
  /** Open of the first bar that counts. */
  readonly fromTime: number
  /** Its last close. */
  readonly toTime: number
}

/** Rows up to the last close at or before `until` (UTC ms). Undefined for a session that has traded on no close by then. Throws DataError where its journal is not there, or not whole. */
export async function readWatched(
  stored: StoredSession,
  until: number = Infinity,
): Promise<WatchedSession | undefined> {
  const { paths, settings } = stored
  const fold = new JournalFold({ fromMs: Infinity, toMs: until, stopsThere: true })
  const timing = new SessionTiming(settings)
  const orders: JournalRow[] = []
  const reader = await JournalReader.open(paths.journal)
  try {
    reader.read((row) => {
      fold.take(row)
      if (fold.isPast) return
      timing.take(row)
      if (row.kind === 'intent' || row.kind === 'broker') orders.push(row)
    })
  } finally {
    reader.close()
  }
  const { record } = fold
  const toTime = timing.closes.at(-1)?.time
  if (record === undefined || toTime === undefined) return undefined
  const [health, log] = [await readHealthFile(paths.health), await readSessionLog(paths.log)]
  return { stored, record, fold, timing, orders, head: reader.head, health, log, fromTime: settings.startTime, toTime } // prettier-ignore
}
