import { ConfigError, DataError } from '../core/errors.js'
import { HOUR_MS } from '../core/time.js'
import { type DuckDBConnection, identifier, queryNumber, queryRows } from './duckdb.js'
import type { Finding, ImportOptions } from './import-options.js'
import { type ImportPlan, type SeriesTarget, templateColumns } from './plan.js'
import type { SourceColumns } from './source-file.js'
import { structOf } from './stage.js'

/** So many events may contradict themselves and be set aside; more of them are another series or a misread file. */
const HANDFUL = 5

/** Columns by which a file tells its series apart. Those of the second list say the same as an `asset` field does. */
const PLACE_NAMES = ['list', 'venue', 'exchange']
const ASSET_NAMES = ['symbol', 'coin', 'asset', 'pair', 'market', 'ticker', 'instrument']

/** More different texts than this are words about the rows, not names of series. */
const FEW = 20

/** A factor nearer to 1 may be a correction; so many rows and so little spread make it a unit. */
const UNIT_FACTOR = 1.5
const UNIT_ROWS = 3
const UNIT_SPREAD = 0.02

/** A median rate beyond 0.1 % per 8 hours, over 100 % a year, is one in percent or basis points. Few rows may be a squeeze. */
const TYPICAL_RATE_8H = 0.001
const TYPICAL_ROWS = 10

const PLACEHOLDER_OPTION = {
  instrument: '--instrument',
  'venue-asset': '--asset',
  'venue-list': '--list',
  asset: '--asset',
  name: '--name',
} as const

/** Columns that the import reads or has chosen rows by. */
function usedColumns(plan: ImportPlan, options: ImportOptions): Set<string> {
  const read = plan.fields.flatMap(({ from }) =>
    from !== undefined && 'column' in from ? [from.column] : [],
  )
  const known = plan.known.kind === 'column' ? [plan.known.column.column] : []
  return new Set([
    plan.time.column,
    ...known,
    ...read,
    ...templateColumns(options),
    ...Object.keys(options.where ?? {}),
  ])
}

function howToChoose(plan: ImportPlan, column: string, example: string): string {
  return (
    `choose rows with --where ${column}=${example}, or make one series of each value ` +
    `with {${column}} in ${PLACEHOLDER_OPTION[plan.table.subject]}`
  )
}

/**
 * Looks for columns that nothing was said about and that hold several names within one series: that file holds several series.
 * A column called as such (venue, symbol, list, …) is refused with a ConfigError; other texts make a notice.
 */
export async function checkUnusedColumns(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  columns: SourceColumns,
  target: SeriesTarget,
): Promise<Finding[]> {
  const used = usedColumns(plan, options)
  const hasAsset = plan.fields.some(({ field }) => field.name === 'asset')
  const naming = new Set([...PLACE_NAMES, ...(hasAsset ? [] : ASSET_NAMES)])
  const findings: Finding[] = []
  for (const [column, type] of columns) {
    const isNaming = naming.has(column.toLowerCase())
    if (used.has(column) || (type !== 'VARCHAR' && !isNaming)) continue
    const text = `CAST(${identifier(column)} AS VARCHAR)`
    const wordsOnly = isNaming
      ? ''
      : `AND TRY_CAST(${text} AS DOUBLE) IS NULL AND TRY_CAST(${text} AS TIMESTAMPTZ) IS NULL`
    const found = await queryRows(
      connection,
      `SELECT DISTINCT ${text} AS value FROM source WHERE ${target.condition} AND trim(${text}) <> '' ${wordsOnly} ORDER BY 1 LIMIT ${FEW + 1}`,
    )
    const values = found.map(({ value }) => String(value))
    if (values.length < 2) continue
    const named = `${values.slice(0, 4).join(', ')}${values.length > 4 ? ', …' : ''}`
    if (isNaming) {
      throw new ConfigError(
        `the file holds several series, which would become one: its column ${column} holds ${named}; ` +
          `${howToChoose(plan, column, values[0] ?? '')}. To keep them together, name each in a --where`,
        { file: options.file, field: column },
      )
    }
    if (values.length <= FEW) {
      const message = `column ${column} is not used and holds ${named}: if these are different series, ${howToChoose(plan, column, values[0] ?? '')}`
      findings.push({ kind: 'notice', message, count: values.length, rows: [] })
    }
  }
  return findings
}

function keysOf(plan: ImportPlan): string[] {
  return ['eventTime', ...plan.fields.flatMap(({ field }) => (field.key === true ? [field.name] : []))]
}

/**
 * Quarantines every one of several rows of one event, known at one time, that say different things: no revision, since none
 * came later, and nothing says which is right. Throws DataError naming rows and differing columns where there are many.
 */
export async function checkContradictions(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  columns: SourceColumns,
  target: SeriesTarget,
): Promise<void> {
  const keys = [...keysOf(plan), 'knownAt'].map(identifier).join(', ')
  // Rows that stand alone are put aside first: to compare values is what takes long.
  const values = structOf(plan.fields.map(({ field }) => field.name))
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE contradictions AS
     SELECT "sourceRow", dense_rank() OVER (ORDER BY ${keys}) AS event
     FROM (SELECT * FROM staged WHERE problem IS NULL QUALIFY count(*) OVER (PARTITION BY ${keys}) > 1)
     QUALIFY count(DISTINCT ${values}) OVER (PARTITION BY ${keys}) > 1`,
  )
  const events = await queryNumber(connection, 'SELECT count(DISTINCT event) FROM contradictions')
  if (events > HANDFUL) {
    const rows = await queryRows(
      connection,
      'SELECT "sourceRow"::DOUBLE AS row FROM contradictions ORDER BY event, "sourceRow" LIMIT 4',
    )
    throw new DataError(
      `${events} events of ${target.id} have several different values each, all known at the same time ` +
        `(rows ${rows.map(({ row }) => String(row)).join(', ')}, …): ${await differingColumn(connection, plan, options, columns)}`,
      { file: options.file },
    )
  }
  await connection.run(
    `UPDATE staged SET problem = 'differs from another row of the same time'
     WHERE "sourceRow" IN (SELECT "sourceRow" FROM contradictions)`,
  )
}

/** In which unused columns the rows of one event differ, and what to do about it. */
async function differingColumn(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  columns: SourceColumns,
): Promise<string> {
  const used = usedColumns(plan, options)
  for (const name of Object.keys(options.where ?? {})) used.delete(name)
  const differing: string[] = []
  let example = ''
  for (const column of columns.keys()) {
    if (used.has(column)) continue
    const text = `CAST(source.${identifier(column)} AS VARCHAR)`
    const [found] = await queryRows(
      connection,
      `SELECT max(number)::DOUBLE AS number, min(value) AS value FROM (
         SELECT count(DISTINCT ${text}) AS number, min(${text}) AS value
         FROM contradictions JOIN source USING ("sourceRow") GROUP BY event)`,
    )
    if (Number(found?.['number']) < 2) continue
    if (differing.length === 0) example = String(found?.['value'])
    differing.push(column)
  }
  const [first] = differing
  if (first === undefined) return 'no other column of the file differs between them'
  return `they differ in ${differing.join(', ')}; ${howToChoose(plan, first, example)}`
}

/**
 * Refuses numbers in another unit than they are read in: rates that no perpetual typically has, and values that are one constant
 * multiple of the stored ones of the same events. Throws ConfigError.
 */
export async function checkUnits(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  target: SeriesTarget,
): Promise<void> {
  const refuse = (words: string): ConfigError =>
    new ConfigError(words, {
      file: options.file,
      field: plan.table.units.length > 1 ? '--unit' : target.id,
      ...(options.unit === undefined ? {} : { value: options.unit }),
    })
  if (plan.table.kind === 'funding' && options.unit === undefined) {
    const typical = await queryNumber(
      connection,
      `SELECT median(abs(rate) * ${8 * HOUR_MS} / "intervalMs") FROM staged WHERE problem IS NULL HAVING count(*) >= ${TYPICAL_ROWS}`,
    )
    if (typical > TYPICAL_RATE_8H) {
      throw refuse(
        `a typical rate of ${target.id} would be ${Number((100 * typical).toPrecision(3))} % per 8 hours: ` +
          `say --unit percent or --unit bps, or --unit fraction if it is so`,
      )
    }
  }
  const sameKey = keysOf(plan).map((key) => `f.${identifier(key)} = s.${identifier(key)}`)
  for (const { field } of plan.fields) {
    if (field.type !== 'number' || field.name === 'intervalMs') continue
    const name = identifier(field.name)
    const [found] = await queryRows(
      connection,
      `SELECT count(*)::DOUBLE AS rows, median(factor) AS factor, quantile_cont(factor, 0.1) AS low, quantile_cont(factor, 0.9) AS high
       FROM (SELECT f.${name} / s.${name} AS factor FROM staged f JOIN stored s ON ${sameKey.join(' AND ')}
         WHERE f.problem IS NULL AND f.${name} <> 0 AND s.${name} <> 0)`,
    )
    const [rows, factor, low, high] = ['rows', 'factor', 'low', 'high'].map((key) => Number(found?.[key]))
    if (rows === undefined || factor === undefined || low === undefined || high === undefined) continue
    const isConstant = high - low <= UNIT_SPREAD * Math.abs(factor)
    const isOther = factor > UNIT_FACTOR || factor < 1 / UNIT_FACTOR
    if (rows >= UNIT_ROWS && isConstant && isOther) {
      throw refuse(
        `${field.name} of ${rows} rows is ${Number(factor.toPrecision(3))} times what is stored of the same events in ${target.id}: is it in another unit, or another series?`,
      )
    }
  }
}
