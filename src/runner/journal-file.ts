import { hash as digestOf } from 'node:crypto'
import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs'
import type BetterSqlite from 'better-sqlite3'
import { DataError } from '../core/errors.js'
import type { SessionFact } from '../engine/session.js'
import { readWitness, witnessPath, witnessText, type Witness } from '../store/witness.js'
import { journalBody, journalText } from './journal-text.js'

type Sqlite = BetterSqlite.Database

/** One row as it is written. `hash` covers the row and the hash of the row before it. */
export interface JournalRow {
  /** From 1, without holes. */
  readonly seq: number
  readonly kind: string
  /** Text of the body: see journal-text. */
  readonly text: string
}

interface StoredRow extends JournalRow {
  readonly hash: string
}

/** What the first row follows. */
export const FIRST_HASH: string = '0'.repeat(64)

const SCHEMA = `
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS dropped (seq INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS lease (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL, host TEXT NOT NULL, started TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS freed (time INTEGER NOT NULL, reason TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL, started TEXT NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS journal_is_not_edited BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is never edited'); END;
`
const NEVER_SHORTENED = `CREATE TRIGGER IF NOT EXISTS journal_is_not_shortened BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is never shortened'); END;`

/** `synchronous` as SQLite numbers it: every commit is on the disk before it returns. */
const FULL = 2

/**
 * The file of a journal: rows that are only ever added, each chained to the one before by a hash, on SQLite with a write-ahead log. A
 * commit that returns outlasts a loss of power: `synchronous=FULL` is set, and read back after the first write.
 */
export class JournalFile {
  readonly path: string
  private readonly database: Sqlite
  /** Of the file that was opened, whatever stands at its path later. */
  private readonly number: number | undefined
  private readonly insert: BetterSqlite.Statement
  private lastSeq: number = 0
  private lastHash: string = FIRST_HASH
  private isOpen: boolean = false
  private isProven: boolean = false
  /** Of the file that tells how many rows there are, once it is open. */
  private witness: number | undefined

  private constructor(path: string, database: Sqlite) {
    this.path = path
    this.database = database
    this.number = fileNumber(path)
    this.insert = database.prepare('INSERT INTO journal (seq, kind, text, hash) VALUES (?, ?, ?, ?)')
  }

  /**
   * Opens a journal, making it where there is none. Throws DataError where the file is no journal, or is damaged so that SQLite cannot read
   * it. SQLite is loaded here and nowhere else.
   */
  static async open(path: string): Promise<JournalFile> {
    const { default: Database } = await import('better-sqlite3')
    return refusing(path, () => {
      const database = new Database(path)
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = FULL')
      database.exec(SCHEMA)
      database.exec(NEVER_SHORTENED)
      addProcess(database)
      return new this(path, database)
    })
  }

  /**
   * Reads all rows and verifies their chain. A last row that does not follow from those before it was torn: it is moved out of the journal, and
   * `onTorn` is told. Throws DataError naming file and row where the damage is not at the end.
   */
  read(onTorn: (row: JournalRow) => void): JournalRow[] {
    return refusing(this.path, () => {
      const witness = readWitness(this.path)
      const stored = this.database
        .prepare('SELECT seq, kind, text, hash FROM journal ORDER BY seq')
        .all() as StoredRow[]
      const bad = this.verify(stored)
      if (bad >= 0 && bad < stored.length - 1) throw damaged(this.path, stored[bad] as StoredRow)
      requireAll(this.path, stored, bad, witness)
      if (bad < 0) return stored
      const torn = stored.pop() as StoredRow
      this.dropTorn(torn)
      this.testify()
      onTorn(torn)
      return stored
    })
  }

  /** Facts that were noted, in their order; to be asked for once the rows have been read. */
  *facts(): Generator<SessionFact> {
    const rows = this.database.prepare("SELECT text FROM journal WHERE kind = 'fact' ORDER BY seq").iterate()
    for (const { text } of rows as IterableIterator<Pick<JournalRow, 'text'>>)
      yield journalBody(text) as SessionFact
  }

  /** Place of the first row that breaks the chain, −1 where none does; what stands before it is where the next row goes. */
  private verify(rows: readonly StoredRow[]): number {
    this.lastSeq = 0
    this.lastHash = FIRST_HASH
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as StoredRow
      if (!follows(row, this.lastSeq, this.lastHash)) return at
      this.lastSeq = row.seq
      this.lastHash = row.hash
    }
    return -1
  }

  private dropTorn({ seq, kind, text, hash }: StoredRow): void {
    this.database.transaction(() => {
      this.database.prepare('INSERT INTO dropped (seq, kind, text, hash) VALUES (?, ?, ?, ?)').run(seq, kind, text, hash) // prettier-ignore
      this.database.exec('DROP TRIGGER journal_is_not_shortened')
      this.database.prepare('DELETE FROM journal WHERE seq = ?').run(seq)
      this.database.exec(NEVER_SHORTENED)
    })()
  }

  /** Notes a row; durable once `commit` has returned. */
  append(kind: string, body: unknown): void {
    const row = { seq: this.lastSeq + 1, kind, text: journalText(body) }
    const hash = rowHash(this.lastHash, row)
    refusing(this.path, () => {
      if (!this.isOpen) this.database.exec('BEGIN IMMEDIATE')
      this.isOpen = true
      this.insert.run(row.seq, row.kind, row.text, hash)
    })
    this.lastSeq = row.seq
    this.lastHash = hash
  }

  /** Makes all rows that were noted durable. */
  commit(): void {
    if (!this.isOpen) return
    refusing(this.path, () => {
      this.database.exec('COMMIT')
      this.isOpen = false
      this.testify()
      if (!this.isProven) this.proveDurable()
      this.isProven = true
    })
  }

  /** Notes beside the file how many rows there are: rows that are lost at its end, or with its write-ahead log, leave no trace in it. */
  private testify(): void {
    this.witness ??= openSync(witnessPath(this.path), constants.O_RDWR | constants.O_CREAT, 0o666)
    writeSync(this.witness, witnessText({ count: this.lastSeq, hash: this.lastHash }), 0)
  }

  private proveDurable(): void {
    const mode = this.database.pragma('journal_mode', { simple: true })
    const synchronous = this.database.pragma('synchronous', { simple: true })
    if (mode === 'wal' && synchronous === FULL) return
    throw new DataError('the journal would not outlast a loss of power: SQLite did not keep its settings', {
      file: this.path,
      field: 'journal_mode, synchronous',
      value: `${String(mode)}, ${String(synchronous)}`,
    })
  }

  /**
   * Takes the lease: only its holder writes. Throws DataError naming the holder where `isAlive` says that it lives, or where it
   * runs on another machine, of which nobody here can tell.
   */
  takeLease(holder: LeaseHolder, isAlive: (holder: LeaseHolder) => boolean): void {
    refusing(this.path, () =>
      this.database
        .transaction(() => {
          const held = this.holder()
          if (held !== undefined && (held.host !== holder.host || isAlive(held))) {
            throw new DataError(
              `another runner has this session: process ${held.pid} on ${held.host}, since ${held.started}`,
              { file: this.path },
            )
          }
          this.database.prepare('DELETE FROM lease').run()
          this.database
            .prepare('INSERT INTO lease (one, pid, host, started, process) VALUES (1, ?, ?, ?, ?)')
            .run(holder.pid, holder.host, holder.started, holder.process ?? null)
        })
        .immediate(),
    )
  }

  /** Throws DataError where somebody else has the lease now, or the file is no longer in its place: whoever lost it must not go on, since nobody could stop it or find what it did. */
  requireLease({ pid, host, started }: LeaseHolder): void {
    if (fileNumber(this.path) !== this.number)
      throw new DataError('the journal is gone from its place, or another file stands there: the folder of a session stays where it is while it runs', { file: this.path }) // prettier-ignore
    const held = this.holder()
    if (held?.pid === pid && held.host === host && held.started === started) return
    const who = held === undefined ? 'nobody' : `process ${held.pid} on ${held.host}`
    throw new DataError(`the lease of this session is lost: ${who} has it`, { file: this.path })
  }

  holder(): LeaseHolder | undefined {
    return leaseIn(this.database)
  }

  /** Takes the lease from a holder that is gone for good, and notes when (UTC ms), whose and why. Throws DataError where somebody else has it by now. */
  freeLease(holder: LeaseHolder, reason: string, time: number): void {
    const { pid, host, started } = holder
    refusing(this.path, () =>
      this.database
        .transaction(() => {
          this.requireLease(holder)
          this.database.prepare('INSERT INTO freed (time, reason, pid, host, started) VALUES (?, ?, ?, ?, ?)').run(time, reason, pid, host, started)
          this.database.prepare('DELETE FROM lease').run()
        })
        .immediate(),
    )
  } // prettier-ignore

  /** Leases that were freed by hand, oldest first. */
  freed(): FreedLease[] {
    return this.database.prepare('SELECT time, reason, pid, host, started FROM freed ORDER BY rowid').all() as FreedLease[] // prettier-ignore
  }

  /** Rows that were noted and not committed are lost, as in a crash: the lease would else be lost with them, and never given back. */
  giveLeaseBack({ pid, host, started }: LeaseHolder): void {
    this.isOpen = false
    try {
      // A disk that failed has ended the transaction already.
      if (this.database.inTransaction) this.database.exec('ROLLBACK')
      this.database
        .prepare('DELETE FROM lease WHERE pid = ? AND host = ? AND started = ?')
        .run(pid, host, started)
    } catch (error) {
      // On a disk that takes nothing the lease stays, and is free once this process is gone: what went wrong with the disk is told by whoever wrote to it.
      if (!isOfFiles(error)) throw error
    }
  }

  /** Rows that were noted and not committed are lost, as in a crash. */
  close(): void {
    this.database.close()
    if (this.witness !== undefined) closeSync(this.witness)
    this.witness = undefined
  }
}

/**
 * Reads the rows of a journal without opening it for writing, also while its session runs. A last row that was torn is left out. Throws DataError naming file and
 * row where the damage is not at the end, or where there is no journal.
 */
export async function readJournalRows(path: string): Promise<JournalRow[]> {
  const { default: Database } = await import('better-sqlite3')
  return refusing(path, () => {
    const witness = readWitness(path)
    const database = new Database(path, { readonly: true, fileMustExist: true })
    try {
      const rows = database.prepare('SELECT seq, kind, text, hash FROM journal ORDER BY seq').all() as StoredRow[] // prettier-ignore
      let before = FIRST_HASH
      const bad = rows.findIndex((row, at) => {
        if (!follows(row, at, before)) return true
        before = row.hash
        return false
      })
      if (bad >= 0 && bad < rows.length - 1) throw damaged(path, rows[bad] as StoredRow)
      requireAll(path, rows, bad, witness)
      return bad < 0 ? rows : rows.slice(0, bad)
    } finally {
      database.close()
    }
  })
}

/** How many rows a journal had when it was last written, and the hash of the last one; undefined where nobody knows. To be asked for before its rows, which may grow meanwhile. */
export function journalHead(path: string): { readonly count: number; readonly hash: string } | undefined {
  const witness = readWitness(path)
  return witness === undefined || witness.count === 0 ? undefined : witness
}

/** Whether a row follows from the rows before it: its place, and the hash of them and of itself, which text that was torn does not have. */
function follows(row: StoredRow, rowsBefore: number, hashBefore: string): boolean {
  return row.seq === rowsBefore + 1 && row.hash === rowHash(hashBefore, row)
}

/** Throws DataError where rows are missing at the end, or the journal is another than the one that was written last. `bad`: place of the first row that breaks the chain, or −1. */
function requireAll(
  path: string,
  rows: readonly StoredRow[],
  bad: number,
  witness: Witness | undefined,
): void {
  // prettier-ignore
  if (witness === undefined || witness.count === 0) return
  const { count, hash } = witness
  if (count > rows.length)
    throw new DataError(
      `the journal has lost its last rows: ${rows.length} are there, and ${witnessPath(path)} tells of ${count}. Restore both from a copy; who wants to go on without those rows removes that file`,
      { file: path, row: rows.length },
    )
  if (bad < 0 && rows[count - 1]?.hash !== hash)
    throw new DataError(`the journal is not the one that ${witnessPath(path)} tells of: it was replaced, or one of the two was damaged`, { file: path, row: count }) // prettier-ignore
}

function damaged(file: string, { seq: row }: StoredRow): DataError {
  return new DataError(
    'the journal is damaged: a row does not follow from the rows before it. Restore the file from a copy; nothing is traded on it',
    { file, row },
  )
}

/** Journals of earlier versions do not say which of the processes of one number has the lease. */
function addProcess(database: Sqlite): void {
  database
    .transaction(() => {
      const columns = database.pragma('table_info(lease)') as { readonly name: string }[]
      if (!columns.some(({ name }) => name === 'process')) database.exec('ALTER TABLE lease ADD COLUMN process TEXT') // prettier-ignore
    })
    .immediate()
}

function fileNumber(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** Who has the lease of a journal, which may be one of an earlier version that is only read. */
export function leaseIn(database: Sqlite): LeaseHolder | undefined {
  const row = database.prepare('SELECT * FROM lease').get() as (LeaseHolder & { readonly process?: string | null }) | undefined
  if (row === undefined) return undefined
  const { pid, host, started, process } = row
  return { pid, host, started, ...(typeof process === 'string' && { process }) }
} // prettier-ignore

/** Who writes a journal. */
export interface LeaseHolder {
  readonly pid: number
  readonly host: string
  /** In UTC, as people read it. */
  readonly started: string
  /** Tells it from other processes of the same number, where the system says it. */
  readonly process?: string
}

/** A lease that was taken from its holder by hand. */
export interface FreedLease extends Omit<LeaseHolder, 'process'> {
  /** UTC ms. */
  readonly time: number
  readonly reason: string
}

/** The hash of a row that follows one with the hash `before`; none where a flipped bit has made bytes of one of its texts, of which SQLite keeps the type by row: written out, they would look like it. */
export function rowHash(before: string, { seq, kind, text }: JournalRow): string {
  if ([kind, text].some((value: unknown) => typeof value !== 'string')) return ''
  return digestOf('sha256', `${before}\n${seq}\n${kind}\n${text}`, 'hex')
}

/** Errors of SQLite, and of the file beside, as errors of the journal. */
function refusing<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isOfFiles(error)) throw error
    throw new DataError(`the journal cannot be used (${error.code}: ${error.message})`, { file: path })
  }
}

/** An error of SQLite, or of the file beside. */
function isOfFiles(error: unknown): error is Error & { readonly code: string } {
  const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown }
  return typeof code === 'string' && (code.startsWith('SQLITE_') || typeof syscall === 'string')
}
