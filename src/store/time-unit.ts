import { DataError } from '../core/errors.js'
import { type DuckDBConnection, identifier, literal, queryRows } from './duckdb.js'

/** How a column writes time. `date` covers dates, timestamps and ISO 8601 texts; without a zone they are UTC. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'date'

/** What was found in a column, to be said in the import's summary. */
export interface TimeColumn {
  readonly column: string
  readonly unit: TimeUnit
  /** Column type as DuckDB names it. */
  readonly type: string
}

/** 1990-01-01 to 2100-01-01 in each unit: the ranges do not meet, so a number has one reading or none. */
const FIRST_SECOND = 631_152_000
const LAST_SECOND = 4_102_444_800
const PER_SECOND: Readonly<Record<Exclude<TimeUnit, 'date'>, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 }
const MS_PER_UNIT: Readonly<Record<TimeUnit, string>> = {
  s: '1e3',
  ms: '1e0',
  us: '1e-3',
  ns: '1e-6',
  date: '1e-3',
}

const DATE_TYPE = /^(DATE|TIMESTAMP.*)$/
const NUMBER_TYPE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/

export function isNumberType(type: string): boolean {
  return NUMBER_TYPE.test(type)
}

/** SQL for the number a time column holds: as written, or microseconds for dates. */
function amount(column: string, type: string): string {
  const name = identifier(column)
  if (type === 'TIMESTAMP WITH TIME ZONE') return `CAST(epoch_us(${name}) AS DOUBLE)`
  if (DATE_TYPE.test(type)) return `CAST(epoch_us(CAST(${name} AS TIMESTAMP)) AS DOUBLE)`
  if (isNumberType(type)) return `CAST(${name} AS DOUBLE)`
  return `coalesce(TRY_CAST(${name} AS DOUBLE), CAST(epoch_us(TRY_CAST(${name} AS TIMESTAMPTZ)) AS DOUBLE))`
}

/** SQL for the unit a value is written in, by its range; NULL where it is no time at all. */
export function unitExpression(column: string, type: string): string {
  const name = identifier(column)
  if (DATE_TYPE.test(type)) return `CASE WHEN ${name} IS NOT NULL AND isfinite(${name}) THEN 'date' END`
  const number = isNumberType(type) ? `CAST(${name} AS DOUBLE)` : `TRY_CAST(${name} AS DOUBLE)`
  const ranges = Object.entries(PER_SECOND).map(
    ([unit, factor]) =>
      `WHEN ${number} >= ${FIRST_SECOND * factor} AND ${number} < ${LAST_SECOND * factor} THEN '${unit}'`,
  )
  const text = isNumberType(type)
    ? ''
    : `WHEN ${number} IS NULL AND TRY_CAST(${name} AS TIMESTAMPTZ) IS NOT NULL THEN 'date'`
  return `CASE ${ranges.join(' ')} ${text} END`
}

/**
 * SQL for UTC epoch ms of a value written in `unit`. Fractions of a ms are cut from event times and rounded up in
 * known-at, so that nothing is known earlier than it was; the tolerance, under a
 * microsecond, absorbs what float64 loses of seconds and nanoseconds.
 */
export function millisecondsExpression(found: TimeColumn, rounding: 'down' | 'up'): string {
  const scaled = `${amount(found.column, found.type)} * ${MS_PER_UNIT[found.unit]}`
  return rounding === 'down' ? `floor(${scaled} + 5e-4)` : `ceil(${scaled} - 5e-4)`
}

/**
 * Finds the one unit in which a column of `table` (with its row numbers in `sourceRow`) writes time. Rows in another unit are
 * left to quarantine. Throws DataError naming rows where most values are no time, or no unit holds most of them.
 */
export async function detectTimeUnit(
  connection: DuckDBConnection,
  table: string,
  column: string,
  type: string,
  file: string,
): Promise<TimeColumn> {
  if (!DATE_TYPE.test(type) && !isNumberType(type) && type !== 'VARCHAR') {
    throw new DataError(`a time must be a number, a date or a text, not ${type}`, { file, field: column })
  }
  const counts = await queryRows(
    connection,
    `SELECT ${unitExpression(column, type)} AS unit, count(*)::DOUBLE AS rows, min("sourceRow")::DOUBLE AS first,
       CAST(arg_min(${identifier(column)}, "sourceRow") AS VARCHAR) AS example
     FROM ${table} WHERE ${identifier(column)} IS NOT NULL GROUP BY 1 ORDER BY rows DESC, unit`,
  )
  const total = counts.reduce((sum, found) => sum + Number(found['rows']), 0)
  const [most] = counts
  if (most === undefined || most['unit'] === null || Number(most['rows']) * 2 <= total) {
    const seen = counts.map(
      (found) =>
        `${String(found['rows'])} rows as ${String(found['unit'] ?? 'no time between 1990 and 2100')} (first: row ${String(found['first'])}, ${literal(String(found['example']))})`,
    )
    const isOtherDate = most?.['unit'] === null && /\d[^\d.]+\d|\.\d+\./.test(String(most['example']))
    if (isOtherDate && type === 'VARCHAR') {
      throw new DataError(
        'dates must be written as in ISO 8601 (2024-12-31, 2024-12-31T23:00:00Z), since 01/02/2024 has two readings: convert the column first',
        { file, row: Number(most['first']), field: column, value: most['example'] },
      )
    }
    throw new DataError(`the unit of time is unclear: ${seen.join('; ') || 'the column is empty'}`, {
      file,
      field: column,
    })
  }
  return { column, unit: most['unit'] as TimeUnit, type }
}
