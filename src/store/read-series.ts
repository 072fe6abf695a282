import { sharedColumn } from '../core/columns.js'
import type { TimeRange } from '../core/time.js'
import { literal, queryNumber, readColumns, withReader } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { type Store, verifiedPath } from './store.js'

/** A stored file as an SQL table. Its bytes are checked first. */
export async function verifiedTable(store: Store, entry: SeriesEntry): Promise<string> {
  return `read_parquet(${literal(await verifiedPath(store, entry.file))})`
}

/** Some bars of a coarser interval, at least one, by the times at which they open (UTC ms, rising, on one grid). */
export interface CoarseBars {
  readonly openTimes: readonly number[]
  readonly timeframeMs: number
}

/** Conditions that must all hold. */
function conditionsOf(
  entry: SeriesEntry,
  range: TimeRange | undefined,
  inside: CoarseBars | undefined,
): string[] {
  const parts: string[] = []
  // A column that no condition reads need not be decoded.
  if (entry.neverKnown > 0) parts.push('"knownAt" IS NOT NULL')
  if (range !== undefined && Number.isFinite(range.startMs)) parts.push(`"eventTime" >= ${range.startMs}`)
  if (range !== undefined && Number.isFinite(range.endMs)) parts.push(`"eventTime" < ${range.endMs}`)
  if (inside !== undefined) parts.push(insideCondition(inside))
  return parts
}

/** Rows that happened inside one of the bars: those that the bar's open is reckoned from lie at or after the first. */
function insideCondition({ openTimes, timeframeMs }: CoarseBars): string {
  const [first = NaN] = openTimes
  const opensAt = `"eventTime" - ("eventTime" - ${first}) % ${timeframeMs}`
  return `"eventTime" >= ${first} AND ${opensAt} IN (${openTimes.join(', ')})`
}

interface SeriesOptions {
  readonly order?: string
  readonly inside?: CoarseBars
  /** Columns, by name, that nobody needs any more: they are written instead of new ones if they are as long. */
  readonly memory?: Readonly<Record<string, Float64Array>>
}

/**
 * Number columns (name → SQL) of the rows of a series that were ever known, on shared memory: those that happened within `range`, or
 * `inside` one of some bars. The file's bytes are checked first.
 */
export async function readSeries(
  store: Store,
  entry: SeriesEntry,
  columns: Readonly<Record<string, string>>,
  range: TimeRange | undefined,
  { order, inside, memory }: SeriesOptions = {},
): Promise<Record<string, Float64Array>> {
  const table = await verifiedTable(store, entry)
  const conditions = conditionsOf(entry, range, inside)
  const from = conditions.length === 0 ? table : `${table} WHERE ${conditions.join(' AND ')}`
  return withReader(store, async (connection) => {
    const rows =
      conditions.length === 0
        ? entry.file.rows
        : await queryNumber(connection, `SELECT count(*) FROM ${from}`)
    const source = order === undefined ? from : `${from} ORDER BY ${order}`
    return readColumns(connection, columns, source, rows, memory)
  })
}

/** A column that was asked for. */
export function column(columns: Readonly<Record<string, Float64Array>>, name: string): Float64Array {
  return columns[name] ?? sharedColumn(0)
}
