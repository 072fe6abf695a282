import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { withDuckDB } from '../../src/store/duckdb.js'
import { importFile } from '../../src/store/import.js'
import type { ImportOptions, SeriesReport } from '../../src/store/import-options.js'
import { type Store, openStore } from '../../src/store/store.js'

/** A fresh folder for each call, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-store-'))
  afterEachRemove.push(folder)
  return folder
}

const afterEachRemove: string[] = []
afterEach(() => {
  for (const folder of afterEachRemove.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export const T0 = Date.UTC(2024, 0, 1)
export const HOUR = 3_600_000

/** A CSV file of the given lines. */
export function csvFile(folder: string, lines: readonly string[], name = 'rows.csv'): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** A Parquet file made by DuckDB from a query. */
export async function parquetFile(folder: string, sql: string, name = 'rows.parquet'): Promise<string> {
  const path = join(folder, name)
  await withDuckDB((connection) => connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`))
  return path
}

/** Hourly candle lines: open, high, low, close around `price`. */
export function candleLines(count: number, startMs = T0, price = 100): string[] {
  return Array.from(
    { length: count },
    (_, bar) => `${startMs + bar * HOUR},${price},${price + 2},${price - 2},${price + 1},10`,
  )
}

export const CANDLE_HEADER = 'ts,open,high,low,close,volume'

export const CANDLES = { kind: 'candles', instrument: 'test:AAA', intervalMs: HOUR, now: 0 } as const

export interface Imported {
  readonly store: Store
  readonly folder: string
  readonly report: SeriesReport
}

/** Imports lines as CSV into a store and answers its single series. */
export async function importLines(
  lines: readonly string[],
  options: Omit<ImportOptions, 'file'>,
  into?: { store: Store; folder: string },
): Promise<Imported> {
  const folder = into?.folder ?? temporaryFolder()
  const store = into?.store ?? openStore(join(folder, 'data'))
  const { series } = await importFile(store, { ...options, file: csvFile(folder, lines) })
  const [report] = series
  if (report === undefined) throw new Error('no series')
  return { store, folder, report }
}

/** How often each finding was made. */
export function findingCounts(report: SeriesReport): Record<string, number> {
  return Object.fromEntries(report.findings.map(({ message, count }) => [message, count]))
}

/** Rows of any stored Parquet file, as objects: for tests only. */
export async function storedRows(
  store: Store,
  path: string,
  order: string,
): Promise<Record<string, unknown>[]> {
  return withDuckDB(async (connection) =>
    (
      await connection.runAndReadAll(
        `SELECT * FROM read_parquet('${join(store.directory, path)}') ORDER BY ${order}`,
      )
    ).getRowObjectsJson(),
  )
}
