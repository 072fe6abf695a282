import type { CheckExample, DataCheck } from '../core/data-survey.js'
import { type DuckDBConnection, queryRows } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'
import { type Criterion, type Scale, criteriaFor } from './survey-criteria.js'
import { queryRow } from './survey-sql.js'

const EXAMPLES = 5
const ROUNDING = 1e-9

/** Asks every criterion of a series' kind about `latest`. Reads `steps`. `limit` is in robust deviations. */
export async function surveyChecks(
  connection: DuckDBConnection,
  entry: SeriesEntry,
  limit: number,
): Promise<DataCheck[]> {
  const { checked, list } = criteriaFor(entry, limit)
  await connection.run(`CREATE OR REPLACE TEMP TABLE checked AS ${checked}`)
  const scales = await readScales(connection, list)
  const judged = list.flatMap((criterion) => {
    const scale = scaleOf(criterion, scales)
    return scale === undefined ? [] : [{ criterion, scale }]
  })
  const counts = judged.map(
    ({ criterion, scale }, index) => `count(*) FILTER (WHERE ${criterion.condition(scale)}) AS count${index}`,
  )
  const row =
    counts.length === 0 ? {} : await queryRow(connection, `SELECT ${counts.join(', ')} FROM checked`)
  const checks: DataCheck[] = []
  for (const criterion of list) {
    const { key, title, criterion: formula, severity } = criterion
    const said = { key, title, criterion: formula, severity }
    const index = judged.findIndex((one) => one.criterion === criterion)
    const scale = judged[index]?.scale
    if (scale === undefined) {
      checks.push({ ...said, count: undefined, reason: whyNot(criterion, scales), worst: [] })
      continue
    }
    const count = Number(row[`count${index}`])
    const worst = count === 0 ? [] : await worstRows(connection, criterion, scale)
    checks.push({ ...said, count, worst })
  }
  return checks
}

async function worstRows(
  connection: DuckDBConnection,
  { condition, score, text }: Criterion,
  scale: Scale,
): Promise<CheckExample[]> {
  const rows = await queryRows(
    connection,
    `SELECT "eventTime"::DOUBLE AS "time", ${text} AS "text", (${score(scale)})::DOUBLE AS "score" FROM checked
     WHERE ${condition(scale)} ORDER BY "score" DESC, "eventTime" LIMIT ${EXAMPLES}`,
  )
  return rows.map((row) => ({
    time: Number(row['time']),
    text: String(row['text']),
    score: Number(row['score']),
  }))
}

type Scales = ReadonlyMap<string, Scale>

/** Deviation by each kind of scale, as SQL. */
const DEVIATIONS = {
  mad: (column: string) => `1.4826 * mad(${column})`,
  range: (column: string) => `(quantile_cont(${column}, 0.95) - quantile_cont(${column}, 0.05)) / 3.29`,
} as const

async function readScales(connection: DuckDBConnection, list: readonly Criterion[]): Promise<Scales> {
  const kinds = new Map(list.map(({ scaledBy, scale = 'mad' }) => [scaledBy, scale]))
  kinds.delete(undefined)
  const columns = [...kinds.keys()].map(String)
  if (columns.length === 0) return new Map()
  const parts = columns.flatMap((column) => [
    `median(${column})::DOUBLE AS "${column}"`,
    `(${DEVIATIONS[kinds.get(column) ?? 'mad'](column)})::DOUBLE AS "${column} deviation"`,
    `max(abs(${column}))::DOUBLE AS "${column} largest"`,
  ])
  const [row] = await queryRows(connection, `SELECT ${parts.join(', ')} FROM checked`)
  const of = (name: string): number => Number(row?.[name] ?? NaN)
  return new Map(
    columns.map((column) => {
      // Values that differ by no more than what arithmetic leaves in the last digits are the same.
      const isNoise = of(`${column} deviation`) <= ROUNDING * of(`${column} largest`)
      return [column, { median: of(column), deviation: isNoise ? 0 : of(`${column} deviation`) }]
    }),
  )
}

/** The scale of a criterion, or undefined where it needs one that does not exist. */
function scaleOf({ scaledBy }: Criterion, scales: Scales): Scale | undefined {
  if (scaledBy === undefined) return { median: 0, deviation: 1 }
  const scale = scales.get(scaledBy)
  return scale !== undefined && scale.deviation > 0 ? scale : undefined
}

function whyNot({ scaledBy = '', scale = 'mad' }: Criterion, scales: Scales): string {
  if (Number.isNaN(scales.get(scaledBy)?.deviation ?? NaN)) return 'there is no such value'
  return scale === 'mad'
    ? 'at least half of the values are the same, so that the MAD is 0'
    : 'nine tenths of the values are the same'
}
