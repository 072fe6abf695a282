import { type FactColumns, type FundingSchedule, sharedColumn } from '../core/columns.js'
import { ConfigError, DataError } from '../core/errors.js'
import { HOUR_MS, type TimeRange } from '../core/time.js'
import { USABLE_CONFIRMATION } from './confirmations.js'
import { queryNumber, readColumns, withReader } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { column, readSeries, verifiedTable } from './read-series.js'
import { fundingId, modelVersionName, parseSeriesId } from './series-id.js'
import { type Store, seriesEntry, storeManifest } from './store.js'

/** Order in which FactColumns stand. */
const FACT_ORDER = '"knownAt", "eventTime", revision'

/** What features read of each kind: name → SQL. Confirmations without a usable answer have NaN composites, never 0. */
function factFields(entry: SeriesEntry, id: string): Record<string, string> {
  switch (entry.kind) {
    case 'funding':
      return { rate8h: `rate * (${8 * HOUR_MS} / "intervalMs")`, rate: 'rate', intervalMs: '"intervalMs"' }
    case 'open-interest':
      return { openInterest: '"openInterest"' }
    case 'exchange-flows':
      return { inflow: 'inflow', outflow: 'outflow', supply: 'supply' }
    case 'confirmations':
      return {
        long: `CASE WHEN ${USABLE_CONFIRMATION} THEN "long" END`,
        short: `CASE WHEN ${USABLE_CONFIRMATION} THEN "short" END`,
        veto: `CASE WHEN upper(coalesce(confidence, '')) = 'VETO' THEN 1 ELSE 0 END`,
        available: `CASE WHEN ${USABLE_CONFIRMATION} THEN 1 ELSE 0 END`,
      }
    case 'series':
      return Object.fromEntries(entry.fields.map((name) => [name, `"${name}"`]))
    case 'candles':
    case 'mark-candles':
    case 'whale-positions':
      throw new ConfigError(`${entry.kind} are not read as plain facts`, { field: 'series', value: id })
  }
}

/**
 * Facts of one series, sorted by known-at, event time, revision; rows that were never known are left out.
 *
 * Fields: funding `rate8h` (fraction per 8 hours), `rate` (per its own interval), `intervalMs`; open interest
 * `openInterest` (base units); exchange flows `inflow`, `outflow`, `supply` (native units); confirmations `long`, `short`
 * (−1..1, NaN where there is no answer), `veto` and `available` (0 or 1), all of one model version; a user's series: its own fields.
 */
export async function loadFacts(store: Store, seriesId: string, range?: TimeRange): Promise<FactColumns> {
  const { qualifier } = parseSeriesId(seriesId)
  const entry = seriesEntry(store, await storeManifest(store), seriesId)
  const fields = factFields(entry, seriesId)
  const columns = { eventTime: '"eventTime"', knownAt: '"knownAt"', ...fields }
  const read = await readSeries(store, entry, columns, range, { order: FACT_ORDER })
  const { eventTime, knownAt, ...values } = read
  return {
    eventTime: eventTime ?? sharedColumn(0),
    knownAt: knownAt ?? sharedColumn(0),
    values,
    ...(entry.kind === 'confirmations' && { modelVersion: modelVersionName(qualifier) }),
  }
}

export interface FundingOptions {
  /** Take only settled rates: what a run charges. Otherwise an average or predicted series may stand in where none is settled. */
  readonly settledOnly: boolean
  /** Also name the settlements within this range that lie before the first or after the last recorded one. */
  readonly cover?: TimeRange
}

/**
 * Settlements of one perpetual. Where two recorded ones stand further apart than the later one's interval, the settlements
 * between them happened but their rates were not recorded: NaN. The latest revision of each settlement counts, since a
 * payment is made once, at its final rate.
 */
export async function loadFunding(
  store: Store,
  instrumentId: string,
  options: FundingOptions,
): Promise<FundingSchedule> {
  const manifest = await storeManifest(store)
  const settled = fundingId(instrumentId)
  const stand = options.settledOnly
    ? []
    : [fundingId(instrumentId, 'average'), fundingId(instrumentId, 'predicted')]
  const id = [settled, ...stand].find((candidate) => manifest.series[candidate] !== undefined) ?? settled
  const entry = seriesEntry(store, manifest, id)
  const table = await verifiedTable(store, entry)
  const known = `${table} WHERE "knownAt" IS NOT NULL`
  const latest = `${known} QUALIFY row_number() OVER (PARTITION BY "eventTime" ORDER BY revision DESC) = 1`
  const read = await withReader(store, async (connection) => {
    const rows = await queryNumber(connection, `SELECT count(DISTINCT "eventTime") FROM ${known}`)
    const columns = { time: '"eventTime"', rate: 'rate', intervalMs: '"intervalMs"', mark: 'mark' }
    return readColumns(connection, columns, `${latest} ORDER BY "eventTime"`, rows)
  })
  return fillSchedule(
    column(read, 'time'),
    column(read, 'rate'),
    column(read, 'intervalMs'),
    column(read, 'mark'),
    options.cover,
  )
}

/** Adds the settlements that must have happened, with NaN rates. Recorded times need not lie on a grid. */
export function fillSchedule(
  time: Float64Array,
  rate: Float64Array,
  intervalMs: Float64Array,
  mark: Float64Array,
  cover?: TimeRange,
): FundingSchedule {
  const filled: { time: number; row: number }[] = []
  const missingBetween = (after: number, before: number, interval: number): void => {
    const missing: number[] = []
    // Half an interval of tolerance: stamps are a second late here and there, and intervals change.
    for (let at = before - interval; at > after + interval / 2; at -= interval) missing.push(at)
    for (const at of missing.reverse()) filled.push({ time: at, row: -1 })
  }
  const last = time.length - 1
  if (last < 0) throw new DataError('a funding series holds no settlement', { field: 'rate' })
  if (cover !== undefined && Number.isFinite(cover.startMs)) {
    missingBetween(cover.startMs - intervalMs[0]! / 2 - 1, time[0]!, intervalMs[0]!)
  }
  for (let row = 0; row <= last; row++) {
    if (row > 0) missingBetween(time[row - 1]!, time[row]!, intervalMs[row]!)
    filled.push({ time: time[row]!, row })
  }
  if (cover !== undefined && Number.isFinite(cover.endMs)) {
    for (let at = time[last]! + intervalMs[last]!; at < cover.endMs; at += intervalMs[last]!)
      filled.push({ time: at, row: -1 })
  }
  const schedule = {
    time: sharedColumn(filled.length),
    rate: sharedColumn(filled.length),
    mark: sharedColumn(filled.length),
  }
  for (const [index, settlement] of filled.entries()) {
    schedule.time[index] = settlement.time
    schedule.rate[index] = settlement.row < 0 ? NaN : rate[settlement.row]!
    schedule.mark[index] = settlement.row < 0 ? NaN : mark[settlement.row]!
  }
  return schedule
}
