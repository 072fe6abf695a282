import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { MINUTE_MS } from 'baleen'
import { importFile, loadCandles, openStore, type Candles } from 'baleen/lab'
import type { BenchmarkRow } from './harness.js'
import { hashOf } from './hash.js'

const ROWS = 5_000_000
const INSTRUMENT = 'made:UPUSDT'

/** Writes ten years of invented minutes into a folder and imports them. */
async function importMinutes(folder: string): Promise<void> {
  const file = join(folder, 'minutes.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (
    SELECT 1400000040000 + i * ${MINUTE_MS} AS ts, 100 + sin(i / 1000.0) AS open, 102 + sin(i / 1000.0) AS high,
           98 + sin(i / 1000.0) AS low, 100 + cos(i / 1000.0) AS close, 1 + i % 7 AS volume
    FROM range(${ROWS}) t(i)) TO '${file}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  const options = {
    file,
    kind: 'candles',
    instrument: INSTRUMENT,
    asset: 'UP',
    intervalMs: MINUTE_MS,
    now: 0,
  } as const
  await importFile(openStore(join(folder, 'data')), options)
}

/** From verified Parquet files to columns in shared memory: 5 million rows of 6 columns. */
export function storeRow(folder: string): BenchmarkRow {
  return {
    name: 'store-load-5m-rows',
    bars: ROWS,
    trials: 1,
    prepare: () => importMinutes(folder),
    run: () => loadCandles(openStore(join(folder, 'data')), INSTRUMENT, MINUTE_MS),
    hash: (candles: Candles) => hashOf(candles.close),
  }
}
