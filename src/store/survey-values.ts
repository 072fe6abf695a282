import type { FieldSurvey } from '../core/data-survey.js'
import { type DuckDBConnection, identifier, queryRows } from './duckdb.js'
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
  const row = await queryRow(connection, `SELECT ${parts.join(', ')} FROM latest`)
  const moving = fieldsThatMove(entry)
  const surveys: FieldSurvey[] = []
  for (const [index, name] of names.entries()) {
    surveys.push({
      name,
      missing: Number(row[`missing${index}`]),
      spread: readSpread(row[`spread${index}`]),
      flat: moving.includes(name) ? await longestFlat(connection, name) : undefined,
    })
  }
  return surveys
}

async function longestFlat(connection: DuckDBConnection, name: string): Promise<FieldSurvey['flat']> {
  const value = identifier(name)
  const [row] = await queryRows(
    connection,
    `SELECT count(*)::DOUBLE AS length, min("eventTime")::DOUBLE AS start, max("eventTime")::DOUBLE AS end FROM (
       SELECT "eventTime", sum(changed) OVER (ORDER BY "eventTime") AS run FROM (
         SELECT "eventTime", CASE WHEN ${value} IS DISTINCT FROM lag(${value}) OVER (ORDER BY "eventTime") THEN 1 ELSE 0 END AS changed
         FROM latest WHERE ${value} IS NOT NULL)
     ) GROUP BY run ORDER BY length DESC, start LIMIT 1`,
  )
  if (row === undefined) return undefined
  return { length: Number(row['length']), startTime: Number(row['start']), endTime: Number(row['end']) }
}
