import { join } from 'node:path'
import { ConfigError } from '../../core/errors.js'
import { durationName, HOUR_MS } from '../../core/time.js'
import type { ImportReport } from '../../store/import-options.js'
import { candlesId, fundingId } from '../../store/series-id.js'
import { type Store, storeManifest } from '../../store/store.js'
import type { Patience } from '../exchange/ask-page.js'
import { backfillCandles } from '../exchange/backfill.js'
import type { Binance } from '../exchange/binance.js'
import { backfillFacts } from '../exchange/fact-pages.js'
import type { PageMemory } from '../exchange/page-memory.js'
import { candleCells, candleShape, fundingShape, openInterestShape, settlementIntervals, settlementTime } from '../facts/exchange-facts.js' // prettier-ignore
import { type Cell, FactTables, importTables, type TableShape } from '../facts/fact-tables.js'
import { readDownloadState, writeDownloadState } from './download-state.js'
import { openPageLog } from './page-log.js'
import { joined, type Span, without } from './spans.js'

/** What an exchange can be asked for. */
export const EXCHANGE_SERIES = ['candles', 'funding', 'open-interest'] as const
export type ExchangeSeries = (typeof EXCHANGE_SERIES)[number]

/** `binance:BTCUSDT-PERP` taken apart. */
export interface VenueInstrument {
  readonly id: string
  readonly venue: string
  /** As the venue writes it. */
  readonly symbol: string
  readonly isPerpetual: boolean
}

/** Throws ConfigError for what is no id of an instrument. */
export function venueInstrument(id: string): VenueInstrument {
  const match = /^([a-z0-9_-]+):([A-Z0-9]+)(-PERP)?$/.exec(id)
  if (match === null) throw new ConfigError('an instrument is venue:SYMBOL, such as binance:BTCUSDT, or binance:BTCUSDT-PERP', { field: 'instrument', value: id }) // prettier-ignore
  return { id, venue: match[1]!, symbol: match[2]!, isPerpetual: match[3] !== undefined }
}

export interface ExchangeDownloadOptions extends Patience {
  readonly store: Store
  readonly fromMs: number
  readonly toMs: number
  readonly timeframeMs: number
  /** Words kept with every row, such as `synthetic`. */
  readonly flags: readonly string[]
  readonly source?: string
  /** A whole number of ms done of so many. */
  readonly progress?: (series: string, done: number, total: number) => void
}

/** What came of one series. */
export interface DownloadReport {
  readonly series: string
  /** UTC ms, asked for now; empty where everything was there already. */
  readonly asked: readonly Span[]
  /** Where the venue has nothing, as far as was asked for ever. */
  readonly gaps: readonly Span[]
  /** Pages answered now, and pages of an earlier try that were not asked for again. */
  readonly pages: { readonly asked: number; readonly remembered: number }
  /** Rows of the venue that are none of the series, with the reason; bad ones of those that are stand in the import's report. */
  readonly unreadable: readonly { readonly reason: string; readonly count: number }[]
  readonly import?: ImportReport
}

/** Rows of one span. */
interface Told {
  readonly rows: readonly { readonly time: number; readonly cells: Readonly<Record<string, Cell>> }[]
  readonly gaps: readonly Span[]
  readonly unreadable: readonly string[]
  /** UTC ms: what came before this was asked for. */
  readonly untilMs: number
}

interface Wanted {
  readonly id: string
  readonly shape: TableShape
  readonly read: (span: Span, memory: PageMemory, progress: (doneMs: number) => void) => Promise<Told>
}

/**
 * Downloads one series of an instrument into the store, as far as it is not there yet. Pages are durable as they come; a download that was cut off goes on where it was.
 *
 * @throws ConfigError where the instrument has no such series; BaleenError with the exit code of networks where the venue does not answer; DataError where the import refuses the rows
 */
export async function downloadFromExchange(
  venue: Binance,
  instrument: VenueInstrument,
  what: ExchangeSeries,
  options: ExchangeDownloadOptions,
): Promise<DownloadReport> {
  const { store, flags, source, now, progress } = options
  const wanted = wantedSeries(venue, instrument, what, options)
  const folder = join(store.directory, DOWNLOADS_FOLDER)
  const name = wanted.shape.name.replaceAll(':', '_')
  const stateFile = join(folder, `${name}.json`)
  const isStored = (await storeManifest(store)).series[wanted.id] !== undefined
  const found = await readDownloadState(stateFile)
  // A series that was taken out of the folder is wanted again.
  const before = isStored ? found : { spans: [], gaps: [] }
  const gridMs = what === 'candles' ? options.timeframeMs : 1
  const whole: Span = [Math.ceil(options.fromMs / gridMs) * gridMs, Math.ceil(options.toMs / gridMs) * gridMs]
  const spans = without(whole, before.spans)
  const log = await openPageLog(join(folder, `${name}.pages.ndjson`))
  const total = spans.reduce((sum, [start, end]) => sum + end - start, 0)
  const tables = new FactTables()
  const [gaps, done]: [Span[], Span[]] = [[], []]
  const unreadable = new Map<string, number>()
  let passed = 0
  for (const span of spans) {
    const told = await wanted.read(span, log, (doneMs) => progress?.(wanted.id, passed + doneMs - span[0], total)) // prettier-ignore
    passed += span[1] - span[0]
    for (const { time, cells } of told.rows) tables.add(wanted.shape, { time, knownAt: time, cells })
    for (const reason of told.unreadable) unreadable.set(reason, (unreadable.get(reason) ?? 0) + 1)
    gaps.push(...told.gaps)
    done.push([span[0], Math.max(span[0], told.untilMs)])
  }
  const prefix = 'download-'
  const [imported] = await importTables(tables.files(), { store, folder, now: now(), flags, prefix, ...(source !== undefined && { source }), throwsRefusals: true }) // prettier-ignore
  const after = { spans: joined([...before.spans, ...done]), gaps: joined([...before.gaps, ...gaps]) }
  await writeDownloadState(stateFile, after)
  await log.remove()
  return {
    series: wanted.id,
    asked: spans,
    gaps: after.gaps,
    pages: { asked: log.asked, remembered: log.remembered },
    unreadable: [...unreadable].map(([reason, count]) => ({ reason, count })),
    ...(imported?.report !== undefined && { import: imported.report }),
  }
}

/** Inside the data folder: what was asked for, and pages of downloads that are under way. */
export const DOWNLOADS_FOLDER = 'downloads'

function wantedSeries(
  venue: Binance,
  instrument: VenueInstrument,
  what: ExchangeSeries,
  { timeframeMs, now, pause }: ExchangeDownloadOptions,
): Wanted {
  const { id, symbol, isPerpetual } = instrument
  const { base } = venue.market(symbol)
  const patience = { now, pause }
  if (what === 'candles') {
    const pages = venue.candles(symbol, timeframeMs)
    return {
      id: candlesId(id, timeframeMs),
      shape: candleShape(id, timeframeMs),
      read: async ([fromMs, toMs], memory, progress) => {
        const got = await backfillCandles(pages, { fromMs, toMs, memory, progress, ...patience })
        const rows = got.candles.map((candle) => ({ time: candle.openTime, cells: candleCells(candle) }))
        // What looks like a candle is left to the import, which keeps it aside with its reason.
        const bad = got.quarantined.flatMap(({ row }) => (isRow(row) ? [rawCandle(row)] : []))
        const unreadable = got.quarantined.flatMap(({ row, reason }) => (isRow(row) ? [] : [reason]))
        return { rows: [...rows, ...bad], gaps: got.gaps, unreadable, untilMs: got.closedUntilMs }
      },
    }
  }
  if (!isPerpetual) throw new ConfigError(`a spot market has no ${what}`, { field: 'instrument', value: id })
  const facts = what === 'funding' ? venue.funding(symbol) : venue.openInterest(symbol)
  return {
    id: what === 'funding' ? fundingId(id) : `open-interest/${instrument.venue}:${base}`,
    shape: what === 'funding' ? fundingShape(id, base) : assumedInterest(instrument.venue, base),
    read: async ([fromMs, toMs], memory, progress) => {
      const { rows, askedUntilMs } = await backfillFacts(facts, { fromMs, toMs, memory, progress, ...patience }) // prettier-ignore
      const { told, unreadable } = what === 'funding' ? fundingRows(rows) : interestRows(rows)
      return { rows: told, gaps: [], unreadable, untilMs: askedUntilMs }
    },
  }
}

/** The venue does not say when a value became known: at least one bar later is assumed. */
const INTEREST_LAG_MS = HOUR_MS

function assumedInterest(venue: string, base: string): TableShape {
  const shape = openInterestShape(venue, base)
  return { ...shape, options: { ...shape.options, intervalMs: HOUR_MS, knownLagMs: INTEREST_LAG_MS } }
}

function isRow(row: unknown): row is readonly unknown[] {
  return Array.isArray(row) && row.length >= 6
}

function rawCandle(row: readonly unknown[]): Told['rows'][number] {
  const cell = (value: unknown): Cell => (typeof value === 'number' ? value : value === null || value === undefined ? null : String(value)) // prettier-ignore
  const [time, open, high, low, close, volume] = row
  return { time: Number(time), cells: { open: cell(open), high: cell(high), low: cell(low), close: cell(close), volume: cell(volume) } } // prettier-ignore
}

type Json = Readonly<Record<string, unknown>>

interface ToldFacts {
  readonly told: Told['rows']
  readonly unreadable: readonly string[]
}

/** Rows as ccxt reads them, by rising time. */
function timed(rows: readonly unknown[]): { readonly row: Json; readonly time: number }[] {
  const read = rows.flatMap((row) => {
    const time = typeof row === 'object' && row !== null ? (row as Json)['timestamp'] : undefined
    return typeof time === 'number' && Number.isFinite(time) ? [{ row: row as Json, time }] : []
  })
  return read.sort((a, b) => a.time - b.time)
}

function numberOrNull(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

function fundingRows(rows: readonly unknown[]): ToldFacts {
  const read = timed(rows).map(({ row, time }) => ({ row, time: settlementTime(time) }))
  const times = [...new Set(read.map(({ time }) => time))]
  const intervals = new Map(settlementIntervals(times).map((interval, index) => [times[index]!, interval]))
  const told = read.map(({ row, time }) => {
    const info = row['info']
    const mark = typeof info === 'object' && info !== null ? numberOrNull((info as Json)['markPrice']) : null
    const interval = intervals.get(time) ?? NaN
    return { time, cells: { rate: numberOrNull(row['fundingRate']), intervalMs: Number.isNaN(interval) ? null : interval, mark } } // prettier-ignore
  })
  return { told, unreadable: missingTimes(rows, told) }
}

function interestRows(rows: readonly unknown[]): ToldFacts {
  const told = timed(rows).map(({ row, time }) => ({ time, cells: { openInterest: numberOrNull(row['openInterestAmount']) } })) // prettier-ignore
  return { told, unreadable: missingTimes(rows, told) }
}

function missingTimes(rows: readonly unknown[], told: Told['rows']): string[] {
  return Array.from({ length: rows.length - told.length }, () => 'no row with a time')
}

/** In words, for people: `1h candles`. */
export function seriesWords(what: ExchangeSeries, timeframeMs: number): string {
  return what === 'candles' ? `${durationName(timeframeMs)} candles` : what.replace('-', ' ')
}
