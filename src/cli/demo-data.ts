import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Candles, FactColumns } from '../core/columns.js'
import { HOUR_MS } from '../core/time.js'
import { simulateMarket, type SimulatedInstrument, type WhalePositions } from '../market/index.js'
import { importFile } from '../store/import.js'
import type { ImportOptions } from '../store/import-options.js'
import { openStore } from '../store/store.js'

const START_TIME = Date.UTC(2024, 0, 1)
const DAYS = 240
const SOURCE = 'baleen simulator'

type Columns = Readonly<Record<string, Float64Array | readonly string[]>>

export interface DemoData {
  readonly folder: string
  readonly instrumentsFile: string
  readonly series: number
  readonly rows: number
}

/**
 * Simulates a market without any edge, writes it as CSV files and imports them as a user would: the folder then holds a
 * store, the CSV files and an instruments file. Equal seeds give equal data.
 */
export async function makeDemoData(
  folder: string,
  seed: number,
  now: number,
  say: (text: string) => void,
): Promise<DemoData> {
  const market = simulateMarket({ startTime: START_TIME, bars: DAYS * 24 }, xoroshiro128plus(seed))
  const csvFolder = join(folder, 'csv')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(csvFolder, { recursive: true })
  const instrumentsFile = join(folder, 'instruments.json')
  const instruments = market.instruments.map(({ instrument: { venue: _venue, ...entry } }) => entry)
  writeFileSync(instrumentsFile, `${JSON.stringify(instruments, null, 2)}\n`)

  const store = openStore(folder)
  const imports = [...market.instruments.flatMap(instrumentImports), whaleImport(market.whales)]
  let [series, rows] = [0, 0]
  for (const { name, columns, options } of imports) {
    const file = join(csvFolder, `synthetic-${name}.csv`)
    writeFileSync(file, csv(columns))
    const report = await importFile(store, { ...options, file, now, source: SOURCE, flags: ['synthetic'] })
    for (const one of report.series) {
      series++
      rows += one.rowsAdded
      say(`imported ${one.id}: ${one.rowsAdded} rows`)
    }
  }
  return { folder, instrumentsFile, series, rows }
}

interface DemoImport {
  readonly name: string
  readonly columns: Columns
  readonly options: Omit<ImportOptions, 'file' | 'now'>
}

function instrumentImports(one: SimulatedInstrument): DemoImport[] {
  const { id, venue, base } = one.instrument
  const rows = one.confirmations.eventTime.length
  const known = { knownAtColumn: 'known_at' }
  return [
    { name: `${base}-candles`, columns: candleColumns(one.candles), options: { kind: 'candles', instrument: id, intervalMs: HOUR_MS } },
    { name: `${base}-funding`, columns: factColumns(one.funding), options: { kind: 'funding', instrument: id, ...known } },
    { name: `${base}-open-interest`, columns: factColumns(one.openInterest), options: { kind: 'open-interest', venue, asset: base, unit: 'base', ...known } },
    { name: `${base}-exchange-flows`, columns: factColumns(one.exchangeFlows), options: { kind: 'exchange-flows', asset: base, ...known } },
    {
      name: `${base}-confirmations`,
      columns: { ...factColumns(one.confirmations), confidence: column(rows, 'MEDIUM'), modelVersion: column(rows, 'synthetic-1') },
      options: { kind: 'confirmations', asset: base, ...known },
    },
  ] // prettier-ignore
}

function whaleImport({ eventTime, knownAt, ...columns }: WhalePositions): DemoImport {
  return {
    name: 'whales',
    columns: { time: eventTime, known_at: knownAt, ...columns },
    options: { kind: 'whale-positions', venue: 'synthetic', list: 'biggest', knownAtColumn: 'known_at' },
  }
}

function candleColumns({ openTime, open, high, low, close, volume }: Candles): Columns {
  return { time: openTime, open, high, low, close, volume }
}

function factColumns({ eventTime, knownAt, values }: FactColumns): Columns {
  return { time: eventTime, known_at: knownAt, ...values }
}

function column(rows: number, text: string): string[] {
  return new Array<string>(rows).fill(text)
}

function csv(columns: Columns): string {
  const names = Object.keys(columns)
  const values = Object.values(columns)
  const rows = values[0]?.length ?? 0
  const lines = [names.join(',')]
  for (let row = 0; row < rows; row++) lines.push(values.map((one) => one[row]).join(','))
  return `${lines.join('\n')}\n`
}
