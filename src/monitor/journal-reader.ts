import { existsSync } from 'node:fs'
import type BetterSqlite from 'better-sqlite3'
import { DataError } from '../core/errors.js'
import {
  FIRST_HASH,
  journalHead,
  leaseIn,
  rowHash,
  type JournalRow,
  type LeaseHolder,
} from '../runner/journal-file.js'

/** Rows of a journal at once, so that a long one is not held whole. */
const BATCH = 2_000

/**
 * Reads a journal that somebody else writes, and never writes to it: rows that are committed, each verified to follow from the one before. Holds
 * no lock between two readings.
 */
export class JournalReader {
  readonly path: string
  private readonly database: BetterSqlite.Database
  private readonly next: BetterSqlite.Statement
  private readonly hashOf: BetterSqlite.Statement
  private seq: number = 0
  private hash: string = FIRST_HASH

  private constructor(path: string, database: BetterSqlite.Database) {
    this.path = path
    this.database = database
    this.next = database.prepare('SELECT seq, kind, text, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?') // prettier-ignore
    this.hashOf = database.prepare('SELECT hash FROM journal WHERE seq = ?')
  }

  /** Throws DataError where there is no journal, or none that SQLite can read. */
  static async open(path: string): Promise<JournalReader> {
    if (!existsSync(path)) throw new DataError('there is no journal', { file: path })
    const { default: Database } = await import('better-sqlite3')
    return refusing(path, () => new this(path, new Database(path, { readonly: true })))
  }

  /**
   * Tells of every row that came since the last time. Throws DataError naming the row that does not follow from those before it; what stood
   * before it has been told by then; or saying that rows are gone which the file beside it knows of.
   */
  read(tell: (row: JournalRow) => void): void {
    const head = journalHead(this.path)
    this.readRows(tell)
    if (head !== undefined) this.requireRow(head)
  }

  /** What was cut off at the end, or replaced as a whole, looks whole: the file beside it tells. */
  private requireRow({ count, hash }: NonNullable<ReturnType<typeof journalHead>>): void {
    const row = refusing(this.path, () => this.hashOf.get(count)) as { readonly hash: string } | undefined
    if (row?.hash === hash) return
    const what = row === undefined ? `it has lost its last rows, of which there were ${count}` : 'it is not the one that was written last' // prettier-ignore
    throw new DataError(`the journal is not whole: ${what}, says ${this.path}-head`, { file: this.path, row: Math.min(count, this.seq) }) // prettier-ignore
  }

  private readRows(tell: (row: JournalRow) => void): void {
    for (;;) {
      const rows = refusing(this.path, () => this.next.all(this.seq, BATCH)) as (JournalRow & { readonly hash: string })[] // prettier-ignore
      for (const { seq, kind, text, hash } of rows) {
        const row = { seq, kind, text }
        if (seq !== this.seq + 1 || hash !== rowHash(this.hash, row))
          throw new DataError('the journal is damaged: a row does not follow from the rows before it', { file: this.path, row: seq }) // prettier-ignore
        this.seq = seq
        this.hash = hash
        tell(row)
      }
      if (rows.length < BATCH) return
    }
  }

  /** The last row that was told, by its number and the hash over it and all before it. */
  get head(): { readonly rows: number; readonly hash: string } {
    return { rows: this.seq, hash: this.hash }
  }

  /** Who has the lease; undefined where nobody has. */
  holder(): LeaseHolder | undefined {
    return refusing(this.path, () => leaseIn(this.database))
  }

  close(): void {
    this.database.close()
  }
}

function refusing<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error
    throw new DataError(`the journal cannot be read (${code}: ${(error as Error).message})`, { file: path })
  }
}
