import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { sharedColumn } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import { duckdbLibrary } from './duckdb-library.js'
import type { Store } from './store.js'

export type { DuckDBConnection }

/** Runs `work` on a private in-memory database that is closed afterwards. Texts without a zone are read as UTC. */
export async function withDuckDB<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await duckdbLibrary().DuckDBInstance.create(':memory:', {
    temp_directory: temporaryFolder(),
  })
  const connection = await instance.connect()
  try {
    await connection.run(`SET TimeZone = 'UTC'`)
    await connection.run('SET preserve_insertion_order = true')
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The database through which each store is read. It goes with its store. */
const readers = new WeakMap<Store, Promise<DuckDBInstance>>()

/**
 * Runs `work` on a connection of its own to the one database through which a store is read. It stays open as long as the store is in use: to
 * open and close one, and to let it find its memory anew, takes as long as to read half a million candles. One thread decodes while this
 * one copies.
 */
export async function withReader<T>(
  store: Store,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const opened = readers.get(store) ?? openReader()
  readers.set(store, opened)
  opened.catch(() => readers.delete(store))
  const connection = await (await opened).connect()
  try {
    await connection.run(`SET TimeZone = 'UTC'`)
    return await work(connection)
  } finally {
    connection.closeSync()
  }
}

async function openReader(): Promise<DuckDBInstance> {
  return duckdbLibrary().DuckDBInstance.create(':memory:', {
    threads: '1',
    temp_directory: temporaryFolder(),
  })
}

function temporaryFolder(): string {
  return join(tmpdir(), `baleen-${process.pid}`)
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll(`'`, `''`)}'`
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** DuckDB names no code of the system: what it cannot write begins with these words. */
const UNWRITTEN = /^IO Error\b/

/**
 * Writes a table, or a query in parentheses, as a Parquet file (zstd). Throws DataError naming the file where it cannot be written: on a full disk, say; nothing is left of it then.
 */
export async function copyToParquet(
  connection: DuckDBConnection,
  source: string,
  file: string,
): Promise<void> {
  try {
    await connection.run(`COPY ${source} TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`)
  } catch (error) {
    if (!(error instanceof Error && UNWRITTEN.test(error.message))) throw error
    await rm(file, { force: true })
    throw new DataError(`cannot be written (is the disk full?): ${error.message}`, { file })
  }
}

/** Small answers only (checks, counts): one plain object a row. */
export async function queryRows(
  connection: DuckDBConnection,
  sql: string,
): Promise<Record<string, unknown>[]> {
  const reader = await connection.runAndReadAll(sql)
  return reader.getRowObjectsJS()
}

/** The one number that a query answers; NaN for NULL. */
export async function queryNumber(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await queryRows(connection, sql)
  const value = row === undefined ? null : Object.values(row)[0]
  return value === null || value === undefined ? NaN : Number(value)
}

/**
 * Reads named number columns of `rows` rows from `source` (a table expression with its WHERE and ORDER BY) into shared
 * float64 columns, chunk by chunk, without an object per row. NULL becomes NaN.
 *
 * @param columns output name → SQL expression
 * @param memory columns of so many rows that nobody needs, to be written instead of new ones
 */
export async function readColumns(
  connection: DuckDBConnection,
  columns: Readonly<Record<string, string>>,
  source: string,
  rows: number,
  memory: Readonly<Record<string, Float64Array>> = {},
): Promise<Record<string, Float64Array>> {
  const names = Object.keys(columns)
  const list = names.map(
    (name) => `coalesce(CAST(${columns[name]} AS DOUBLE), CAST('NaN' AS DOUBLE)) AS ${identifier(name)}`,
  )
  const targets = names.map((name) => (memory[name]?.length === rows ? memory[name] : sharedColumn(rows)))
  const result = await connection.stream(`SELECT ${list.join(', ')} FROM ${source}`)
  let filled = 0
  let fetched = result.fetchChunk()
  for (;;) {
    const chunk = await fetched
    if (chunk === null || chunk.rowCount === 0) break
    // The next chunk is decoded while this one is copied. Should that fail, it is what is told.
    fetched = result.fetchChunk()
    fetched.catch(() => undefined)
    for (let column = 0; column < targets.length; column++) {
      // A chunk's vector holds its doubles in one array, which the package's types keep private: reading it whole is what
      // makes five million rows a matter of a second. NULL slots were coalesced above, since theirs hold garbage.
      const vector = chunk.getColumnVector(column) as unknown as { readonly items: Float64Array }
      targets[column]!.set(vector.items, filled)
    }
    filled += chunk.rowCount
  }
  if (filled !== rows) throw new Error(`expected ${rows} rows and read ${filled}`)
  return Object.fromEntries(names.map((name, index) => [name, targets[index]!]))
}
