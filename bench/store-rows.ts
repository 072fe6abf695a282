import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { MINUTE_MS } from 'baleen'
import { importFile, loadCandles, openStore, type Candles } from 'baleen/lab'
import type { BenchmarkRow } from './harness.js'

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
  const column = new Float64Array(ROWS)
  return {
    name: 'store-load-5m-rows',
    bars: ROWS,
    trials: 1,
    prepare: () => importMinutes(folder),
    run: () => loadCandles(openStore(join(folder, 'data')), INSTRUMENT, MINUTE_MS),
    hash: (candles: Candles) =>
      createHash('sha256').update(new Uint8Array(candles.close.buffer)).digest('hex').slice(0, 16),
    // The least that filling six columns could do: write every value once.
    plainLoop: () => {
      for (let at = 0; at < 6; at++) for (let row = 0; row < ROWS; row++) column[row] = row
      return column[ROWS - 1] as number
    },
  }
}
