import { DataError } from '../core/errors.js'
import type { CostSettings } from '../engine/options.js'
import { DEFAULT_QUOTE_FILLS, type QuoteFillSettings } from '../execution/quote-fills.js'
import { Session, type SessionSettings } from '../engine/session.js'
import { Desk } from './desk.js'
import { makePaperBroker, type FillModel } from './fill-model.js'
import { JournalFile, type JournalRow, type LeaseHolder } from './journal-file.js'
import { journalText } from './journal-text.js'
import { differences } from './reconcile.js'
import { liveThrough, ReplayedJournal, type RowSink } from './recovery.js'

/** All that a session on paper is made of. */
export interface PaperSessionSettings extends SessionSettings {
  /** Names the session: client ids are made of it. */
  readonly id: string
  readonly costs: CostSettings
  /** Who fills the orders. Default `bars`. */
  readonly fillModel?: FillModel
  /** Of the fill model `quotes`. */
  readonly quotes?: Partial<QuoteFillSettings>
  /** SHA-256 of the strategy's sources, where it has any. */
  readonly strategyHash: string
  /** What the data are and where they are from, in words or hashes. */
  readonly data: string
}

/** A session whose rows have all been lived through, and which goes on where they end. */
export interface OpenedSession {
  readonly desk: Desk
  /** Rows that were there already. */
  readonly recovered: number
}

/** Row 1 of every journal: what the session is, so that it is never gone on with as another. */
const SESSION = 'session'

/**
 * Starts a session on paper, which is recovering it: verifies its rows against what it is now, lives all of them through again, and compares
 * the broker's account with the session's. Throws DataError naming file and row where anything differs; nothing is sent then.
 */
export function recoverSession(
  settings: PaperSessionSettings,
  rows: readonly JournalRow[],
  sink: RowSink,
): OpenedSession {
  const { fillModel = 'bars', id } = settings
  const record = sessionRecord(settings)
  if (rows[0] === undefined) {
    sink.append(SESSION, record)
    sink.commit()
  } else refuseOtherSession(rows[0], record, sink.path)
  const journal = new ReplayedJournal(rows, sink, Math.min(rows.length, 1))
  const broker = makePaperBroker(fillModel, settings)
  const desk = new Desk(new Session(settings), broker, journal, id)
  liveThrough(desk, journal, sink.path)
  const [difference, ...more] = differences(desk.session, broker.account(), id)
  if (difference !== undefined)
    throw new DataError(`session and broker disagree in ${more.length + 1} ways, first: ${difference}`, { file: sink.path }) // prettier-ignore
  return { desk, recovered: rows.length }
}

/** A session on paper with its journal open and its lease taken. */
export interface PaperSession extends OpenedSession {
  readonly file: JournalFile
  /** Gives the lease back and closes the journal. */
  close(): void
}

/** What opening a session asks of the machine. */
export interface PaperSessionPorts {
  readonly holder: LeaseHolder
  readonly isAlive: (holder: LeaseHolder) => boolean
  readonly onTorn: (row: JournalRow) => void
}

/**
 * Opens the journal at a path and recovers its session. Throws DataError where another runner has it, or the journal is damaged or of
 * another session.
 */
export async function openPaperSession(
  path: string,
  settings: PaperSessionSettings,
  { holder, isAlive, onTorn }: PaperSessionPorts,
): Promise<PaperSession> {
  const file = await JournalFile.open(path)
  let isLeased = false
  const close = (): void => {
    if (isLeased) file.giveLeaseBack(holder)
    file.close()
  }
  try {
    file.takeLease(holder, isAlive)
    isLeased = true
    return { ...recoverSession(settings, file.read(onTorn), file), file, close }
  } catch (error) {
    close()
    throw error
  }
}

function sessionRecord(settings: PaperSessionSettings): Readonly<Record<string, unknown>> {
  const { strategy, id, instruments, timeframeMs, startTime, startingBalance, policies, costs } = settings
  const { strategyHash, data, takerFee, makerFee, fillModel = 'bars', quotes } = settings
  const { name, params, risk } = strategy
  return {
    id, strategy: name, strategyHash, params, risk, instruments, timeframeMs, startTime, startingBalance, policies, costs, takerFee,
    makerFee, data, fills: fillModel === 'bars' ? fillModel : { model: fillModel, ...DEFAULT_QUOTE_FILLS, ...quotes },
  } // prettier-ignore
}

function refuseOtherSession(row: JournalRow, record: Readonly<Record<string, unknown>>, file: string): void {
  if (row.kind === SESSION && row.text === journalText(record)) return
  const before = row.kind === SESSION ? (JSON.parse(row.text) as Record<string, unknown>) : {}
  const now = JSON.parse(journalText(record)) as Record<string, unknown>
  const names = Object.keys({ ...before, ...now })
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
  throw new DataError(
    `this journal is of another session: ${changed.join(', ')} differ. Begin a new session, or go on with what it was begun with`,
    { file, row: row.seq },
  )
}
