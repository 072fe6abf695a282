import { DataError } from '../core/errors.js'
import { durationName } from '../core/time.js'
import {
  copyToParquet,
  type DuckDBConnection,
  identifier,
  literal,
  queryNumber,
  queryRows,
} from './duckdb.js'
import type { ImportOptions } from './import-options.js'
import { type Origin, isBars } from './kinds.js'
import type { SeriesEntry } from './manifest.js'
import type { ImportPlan } from './plan.js'
import { structOf } from './stage.js'

/** Columns that every stored row carries before its fields. */
const ROW_COLUMNS = ['eventTime', 'knownAt', 'revision', 'origin', 'flags', 'source'] as const

/** How many gaps a report lists. */
const GAPS_NAMED = 5

function sqlType(type: 'number' | 'text' | 'side'): string {
  if (type === 'number') return 'DOUBLE'
  return type === 'text' ? 'VARCHAR' : 'TINYINT'
}

/**
 * Loads what the series holds already into `stored`; empty for a new one, and without `path`, for one whose file is broken.
 * Throws DataError where its fields differ.
 */
export async function loadStored(
  connection: DuckDBConnection,
  plan: ImportPlan,
  entry: SeriesEntry | undefined,
  path: string | undefined,
): Promise<void> {
  const fields = plan.fields.map(({ field }) => field)
  const columns = fields.map((field) => `${identifier(field.name)} ${sqlType(field.type)}`)
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE stored ("eventTime" BIGINT, "knownAt" BIGINT, revision INTEGER, origin VARCHAR,
       flags VARCHAR, source VARCHAR, ${columns.join(', ')})`,
  )
  if (entry === undefined) return
  const want = fields.map((field) => field.name)
  if (entry.fields.join() !== want.join()) {
    throw new DataError(
      `the series holds the fields ${entry.fields.join(', ')}; import the others under another name`,
      { file: entry.file.path, field: want.join(', ') },
    )
  }
  if (path === undefined) return
  await connection.run(`INSERT INTO stored SELECT * FROM read_parquet(${literal(path)})`)
}

/**
 * Joins `stored` and the good rows of `staged` into `merged`. Within one event, rows stand in the order in which they became
 * known; one that says the same as the one before it is dropped, one that says something else is the next revision.
 * `fresh` marks rows of this import and `place` their row in its file.
 */
export async function mergeRows(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  stamp: RowStamp,
): Promise<void> {
  const names = plan.fields.map(({ field }) => field.name)
  const keys = [
    'eventTime',
    ...plan.fields.filter(({ field }) => field.key === true).map(({ field }) => field.name),
  ]
  const quoted = names.map(identifier).join(', ')
  const partition = keys.map(identifier).join(', ')
  const values = structOf(names)
  const sameKey = keys.map((key) => `s.${identifier(key)} = g.${identifier(key)}`).join(' AND ')
  const order = `PARTITION BY ${partition} ORDER BY "knownAt" NULLS LAST, fresh, place`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE merged AS
     WITH good AS (
       SELECT * EXCLUDE (copy) FROM (
         SELECT *, row_number() OVER (PARTITION BY "knownAt", ${partition}, ${values} ORDER BY "sourceRow") AS copy
         FROM staged WHERE problem IS NULL) WHERE copy = 1
     ), candidates AS (
       SELECT "eventTime", "knownAt", origin, flags, source, ${quoted}, false AS fresh, CAST(revision AS BIGINT) AS place FROM stored
       UNION ALL
       SELECT "eventTime", "knownAt", ${literal(stamp.origin)}, ${literal(stamp.flags)}, ${literal(stamp.source)}, ${quoted}, true, "sourceRow"
       FROM good g WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE ${sameKey} AND s."knownAt" IS NOT DISTINCT FROM g."knownAt"
         AND ${structOf(names, 's')} IS NOT DISTINCT FROM ${structOf(names, 'g')})
     ), changes AS (
       SELECT *, row_number() OVER (${order}) > 1 AND lag(${values}) OVER (${order}) IS NOT DISTINCT FROM ${values} AS repeats
       FROM candidates
     )
     SELECT "eventTime", "knownAt", CAST(row_number() OVER (${order}) - 1 AS INTEGER) AS revision, origin, flags, source, ${quoted}, fresh, place
     FROM changes WHERE NOT repeats`,
  )
  const count = await queryNumber(connection, 'SELECT count(*) FROM merged')
  if (count === 0) throw new DataError('no usable row', { file: options.file })
}

/** What is written beside every row of one import. */
export interface RowStamp {
  readonly origin: Origin
  /** Comma-separated, empty for none. */
  readonly flags: string
  readonly source: string
}

export interface SeriesFacts {
  readonly rows: number
  readonly rowsAdded: number
  readonly firstEventTime: number
  readonly lastEventTime: number
  readonly neverKnown: number
  readonly revisions: number
  readonly stepMs: number | undefined
  readonly knownDelayMedianMs: number | undefined
  readonly origins: Origin[]
  readonly flags: string[]
  readonly sources: string[]
  readonly gaps: { count: number; missing: number; longestMs: number }
  readonly firstGaps: [number, number][]
}

async function distinctTexts(connection: DuckDBConnection, column: string): Promise<string[]> {
  const rows = await queryRows(
    connection,
    `SELECT DISTINCT ${column} AS text FROM merged WHERE ${column} <> '' ORDER BY 1`,
  )
  return rows.map((row) => String(row['text']))
}

/** Refuses a stated interval that is not the one at which the rows stand: every later reading would be wrong by that factor. */
function checkInterval(plan: ImportPlan, options: ImportOptions, stepMs: number, events: number): void {
  const isConstant =
    isBars(plan.table) || plan.fields.some(({ from }) => from !== undefined && 'constant' in from)
  const stated = options.intervalMs
  if (!isConstant || stated === undefined || events < 4 || !Number.isFinite(stepMs)) return
  if (Math.abs(stepMs - stated) > stated / 4) {
    throw new DataError(`the rows typically stand ${durationName(stepMs)} apart`, {
      file: options.file,
      field: '--interval',
      value: durationName(stated),
    })
  }
}

/** Range, gaps and other facts about `merged`. Throws DataError where the stated interval contradicts the rows. */
export async function describeSeries(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
): Promise<SeriesFacts> {
  const [total] = await queryRows(
    connection,
    `SELECT count(*)::DOUBLE AS rows, count(*) FILTER (WHERE fresh)::DOUBLE AS added, min("eventTime")::DOUBLE AS first,
       max("eventTime")::DOUBLE AS last, count(*) FILTER (WHERE "knownAt" IS NULL)::DOUBLE AS never,
       count(*) FILTER (WHERE revision > 0)::DOUBLE AS revisions, median("knownAt" - "eventTime")::DOUBLE AS delay FROM merged`,
  )
  const of = (name: string): number => Number(total?.[name])
  const hasInterval = plan.fields.some(({ field }) => field.name === 'intervalMs')
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE steps AS
     SELECT "eventTime" AS after, lag("eventTime") OVER (ORDER BY "eventTime") AS before,
       "eventTime" - lag("eventTime") OVER (ORDER BY "eventTime") AS step, "intervalMs"
     FROM (SELECT "eventTime", ${hasInterval ? 'max("intervalMs")' : 'CAST(NULL AS DOUBLE)'} AS "intervalMs" FROM merged GROUP BY 1)`,
  )
  const stepMs = await queryNumber(connection, 'SELECT quantile_disc(step, 0.5) FROM steps')
  checkInterval(plan, options, stepMs, await queryNumber(connection, 'SELECT count(*) FROM steps'))
  const expected = hasInterval
    ? '"intervalMs"'
    : String(options.intervalMs ?? (Number.isFinite(stepMs) ? stepMs : 1))
  const isGap = `step > 1.5 * ${expected}`
  const [gaps] = await queryRows(
    connection,
    `SELECT count(*)::DOUBLE AS count, coalesce(sum(round(step / ${expected}) - 1), 0)::DOUBLE AS missing,
       coalesce(max(step), 0)::DOUBLE AS longest FROM steps WHERE ${isGap}`,
  )
  const first = await queryRows(
    connection,
    `SELECT before::DOUBLE AS before, after::DOUBLE AS after FROM steps WHERE ${isGap} ORDER BY after LIMIT ${GAPS_NAMED}`,
  )
  const delay = total?.['delay']
  return {
    rows: of('rows'),
    rowsAdded: of('added'),
    firstEventTime: of('first'),
    lastEventTime: of('last'),
    neverKnown: of('never'),
    revisions: of('revisions'),
    stepMs: Number.isFinite(stepMs) ? stepMs : undefined,
    knownDelayMedianMs: delay === null || delay === undefined ? undefined : Number(delay),
    origins: (await distinctTexts(connection, 'origin')) as Origin[],
    flags: [...new Set((await distinctTexts(connection, 'flags')).flatMap((text) => text.split(',')))].sort(),
    sources: await distinctTexts(connection, 'source'),
    gaps: {
      count: Number(gaps?.['count']),
      missing: Number(gaps?.['missing']),
      longestMs: Number(gaps?.['longest']),
    },
    firstGaps: first.map((gap): [number, number] => [Number(gap['before']), Number(gap['after'])]),
  }
}

/** Writes `merged` in the order in which it will be read. */
export async function writeRows(connection: DuckDBConnection, plan: ImportPlan, path: string): Promise<void> {
  const names = plan.fields.map(({ field }) => identifier(field.name))
  const keys = plan.fields
    .filter(({ field }) => field.key === true)
    .map(({ field }) => identifier(field.name))
  const order = ['"knownAt" NULLS LAST', '"eventTime"', 'revision', ...keys]
  const columns = [...ROW_COLUMNS.map(identifier), ...names].join(', ')
  await copyToParquet(connection, `(SELECT ${columns} FROM merged ORDER BY ${order.join(', ')})`, path)
}

/**
 * Adds the bad rows of `staged` to what is in quarantine already: file, its hash, row, reason and the row as it was read.
 * Answers the number of rows in quarantine, 0 for none.
 */
export async function writeQuarantine(
  connection: DuckDBConnection,
  file: { readonly name: string; readonly sha256: string },
  storedPath: string | undefined,
  path: string,
): Promise<number> {
  const stored = storedPath === undefined ? '' : `UNION SELECT * FROM read_parquet(${literal(storedPath)})`
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE quarantine AS
     SELECT ${literal(file.sha256)} AS "fileSha256", ${literal(file.name)} AS file, staged."sourceRow" AS row, problem AS reason,
       CAST(source AS VARCHAR) AS record
     FROM staged JOIN source ON source."sourceRow" = staged."sourceRow" WHERE problem IS NOT NULL ${stored}`,
  )
  const rows = await queryNumber(connection, 'SELECT count(*) FROM quarantine')
  if (rows > 0) {
    await copyToParquet(
      connection,
      '(SELECT * FROM quarantine ORDER BY "fileSha256", row, reason, file)',
      path,
    )
  }
  return rows
}
