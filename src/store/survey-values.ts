import type { FieldSurvey } from '../core/data-survey.js'
import { type DuckDBConnection, identifier, readColumns } from './duckdb.js'
import { kindTable } from './kinds.js'
import type { SeriesEntry } from './manifest.js'
import { queryRow, readSpread, spreadSql } from './survey-sql.js'

/** Number fields of a series, in the order in which they are stored. */
function numberFields({ kind, fields }: SeriesEntry): string[] {
  const known = kindTable(kind).fields
  return fields.filter((name) => (known.find((field) => field.name === name)?.type ?? 'number') === 'number')
}

/** Fields of which a run of equal values says something: a price or a level that stands still while the feed goes on. */
function fieldsThatMove(entry: SeriesEntry): string[] {
  if (kindTable(entry.kind).fields.some(({ key }) => key === true)) return []
  const names = numberFields(entry)
  return names.includes('close') ? ['close'] : names.filter((name) => name !== 'intervalMs')
}

/** Range, quantiles, missing values and longest standstill of every number field of `latest` (the last revision of every row). */
export async function surveyValues(connection: DuckDBConnection, entry: SeriesEntry): Promise<FieldSurvey[]> {
  const names = numberFields(entry)
  if (names.length === 0) return []
  const parts = names.flatMap((name, index) => [
    `count(*) FILTER (WHERE ${identifier(name)} IS NULL)::DOUBLE AS missing${index}`,
    `${spreadSql(identifier(name))} AS spread${index}`,
  ])
  const row = await queryRow(connection, `SELECT count(*)::DOUBLE AS rows, ${parts.join(', ')} FROM latest`)
  const moving = fieldsThatMove(entry)
  const columns = Object.fromEntries(moving.map((name) => [name, identifier(name)]))
  const read = await readColumns(
    connection,
    { ...columns, ' time': '"eventTime"' },
    'latest ORDER BY "eventTime"',
    Number(row['rows']),
  )
  return names.map((name, index): FieldSurvey => {
    return {
      name,
      missing: Number(row[`missing${index}`]),
      spread: readSpread(row[`spread${index}`]),
      flat: moving.includes(name) ? longestFlat(read[' time']!, read[name]!) : undefined,
    }
  })
}

/** The longest run of equal values, missing ones left out; undefined without a value. Both in order of time. O(rows). */
export function longestFlat(time: Float64Array, values: Float64Array): FieldSurvey['flat'] {
  let longest: { length: number; startTime: number; endTime: number } | undefined
  let run = { value: NaN, length: 0, startTime: NaN }
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    run =
      value === run.value ? { ...run, length: run.length + 1 } : { value, length: 1, startTime: time[row]! }
    if (run.length > (longest?.length ?? 0))
      longest = { length: run.length, startTime: run.startTime, endTime: time[row]! }
  }
  return longest
}
