import { DataError } from '../core/errors.js'
import { identifier, literal, queryRows, withDuckDB } from '../store/duckdb.js'
import { storeManifest, verifiedPath, type Store } from '../store/store.js'

/** One row of an answer. Whole numbers and times (UTC ms) are numbers, NULL is null. */
export type SqlRow = Readonly<Record<string, number | string | boolean | null>>

/**
 * Asks the stored Parquet files by SQL of DuckDB. Every series is a view under its id: `SELECT count(*) FROM "candles/binance:BTCUSDT@1h"`; `eventTime` and
 * `knownAt` are UTC ms. Nothing can be written to the files. For answers that fit a page: each row becomes an object.
 *
 * Throws DuckDB's own words for SQL that it cannot read, DataError where a file that is asked for is not as it was stored, and for a value that is neither
 * number, text nor flag, or a whole number beyond 2^53.
 */
export async function querySeries(store: Store, sql: string): Promise<readonly SqlRow[]> {
  const { series } = await storeManifest(store)
  return withDuckDB(async (connection) => {
    for (const [id, { file }] of Object.entries(series)) {
      if (!sql.includes(id)) continue
      const path = await verifiedPath(store, file)
      await connection.run(`CREATE VIEW ${identifier(id)} AS FROM read_parquet(${literal(path)})`)
    }
    const rows = await queryRows(connection, sql)
    return rows.map((row, at) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value, name, at)]))) // prettier-ignore
  })
}

function plain(value: unknown, field: string, at: number): SqlRow[string] {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
  throw new DataError('an answer holds numbers, texts and flags: CAST it to DOUBLE or VARCHAR', { field, row: at + 1, value: String(value) }) // prettier-ignore
}
