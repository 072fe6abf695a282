import { closeSync, openSync, writeSync } from 'node:fs'
import type { Candles, FactColumns } from '../core/columns.js'
import type {
  InstrumentLevels,
  SimulatedInstrument,
  SimulatedMarket,
  WhalePositions,
} from '../market/index.js'
import type { ImportOptions } from '../store/import-options.js'
import { candlesId, confirmationsId, fundingId } from '../store/series-id.js'

/** The word of `confirmations` for who answered. */
const MODEL_VERSION = 'synthetic-1'
const WHALE_LIST = 'biggest'

type Columns = Readonly<Record<string, Float64Array | readonly string[] | string>>

/** One file of a simulated market, as a recorder would have left it, and how to import it. */
export interface MarketFile {
  readonly name: string
  /** Writes it as CSV. */
  readonly write: (path: string) => void
  readonly options: Omit<ImportOptions, 'file' | 'now'>
}

/** Ids of the series that a market makes, in the order of `marketFiles`. */
export function marketSeries(levels: readonly InstrumentLevels[], timeframeMs: number): string[] {
  const ofInstruments = levels.flatMap(({ instrument: { id, venue, base } }) => [
    candlesId(id, timeframeMs),
    fundingId(id),
    `open-interest/${venue}:${base}`,
    `exchange-flows/${base}`,
    confirmationsId(base, MODEL_VERSION),
  ])
  return [...ofInstruments, `whale-positions/${levels[0]?.instrument.venue ?? ''}:${WHALE_LIST}`]
}

/** All files of a market. */
export function marketFiles(market: SimulatedMarket, timeframeMs: number): MarketFile[] {
  return [
    ...market.instruments.flatMap((one) => instrumentFiles(one, timeframeMs)),
    whaleFile(market.whales, market.instruments[0]?.instrument.venue ?? ''),
  ]
}

function instrumentFiles(one: SimulatedInstrument, timeframeMs: number): MarketFile[] {
  const { id, venue, base } = one.instrument
  const known = { knownAtColumn: 'known_at' }
  const answers = { confidence: 'MEDIUM', modelVersion: MODEL_VERSION }
  return [
    csvFile(`${base}-candles`, candleColumns(one.candles), { kind: 'candles', instrument: id, intervalMs: timeframeMs }),
    csvFile(`${base}-funding`, factColumns(one.funding), { kind: 'funding', instrument: id, ...known }),
    csvFile(`${base}-open-interest`, factColumns(one.openInterest), { kind: 'open-interest', venue, asset: base, unit: 'base', ...known }),
    csvFile(`${base}-exchange-flows`, factColumns(one.exchangeFlows), { kind: 'exchange-flows', asset: base, ...known }),
    csvFile(`${base}-confirmations`, { ...factColumns(one.confirmations), ...answers }, { kind: 'confirmations', asset: base, ...known }),
  ] // prettier-ignore
}

function whaleFile({ eventTime, knownAt, ...columns }: WhalePositions, venue: string): MarketFile {
  const options = { kind: 'whale-positions', venue, list: WHALE_LIST, knownAtColumn: 'known_at' } as const
  return csvFile('whales', { time: eventTime, known_at: knownAt, ...columns }, options)
}

function candleColumns({ openTime, open, high, low, close, volume }: Candles): Columns {
  return { time: openTime, open, high, low, close, volume }
}

function factColumns({ eventTime, knownAt, values }: FactColumns): Columns {
  return { time: eventTime, known_at: knownAt, ...values }
}

function csvFile(name: string, columns: Columns, options: MarketFile['options']): MarketFile {
  return { name, write: (path) => writeCsv(path, columns), options }
}

const ROWS_AT_ONCE = 20_000

/** A column that is one text holds it in every row. */
function writeCsv(path: string, columns: Columns): void {
  const values = Object.values(columns)
  const rows = Math.max(0, ...values.map((column) => (typeof column === 'string' ? 0 : column.length)))
  const file = openSync(path, 'w')
  try {
    writeSync(file, `${Object.keys(columns).join(',')}\n`)
    for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
      const lines: string[] = []
      for (let row = start; row < Math.min(rows, start + ROWS_AT_ONCE); row++)
        lines.push(values.map((column) => (typeof column === 'string' ? column : column[row])).join(','))
      writeSync(file, `${lines.join('\n')}\n`)
    }
  } finally {
    closeSync(file)
  }
}
