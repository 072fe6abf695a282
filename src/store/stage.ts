import { type DuckDBConnection, identifier, literal, queryNumber } from './duckdb.js'
import type { ImportOptions } from './import-options.js'
import { type Field, isBars } from './kinds.js'
import type { ImportPlan, PlannedField, SeriesTarget } from './plan.js'
import { type TimeColumn, millisecondsExpression, unitExpression } from './time-unit.js'

const RATE_SCALE: Readonly<Record<string, string>> = { fraction: '1.0', percent: '1e-2', bps: '1e-4' }

/** SQL that turns the number read for the kind's unit field into the stored unit. */
function toStoredUnit(value: string, plan: ImportPlan, options: ImportOptions): string {
  const unit = options.unit ?? plan.table.units[0]
  if (plan.table.kind === 'funding') return `${value} * ${RATE_SCALE[unit ?? 'fraction'] ?? '1.0'}`
  if (plan.table.kind === 'open-interest' && unit === 'usd') return `${value} / "convertClose"`
  if (unit === 'usd') return `${value} / "close"`
  if (unit !== 'contracts') return value
  // Contracts of unknown size say nothing in base units.
  if (options.contractSize === undefined) return 'CAST(NULL AS DOUBLE)'
  const inContractUnit = `${value} * ${options.contractSize}`
  return options.contractUnit === 'quote' ? `${inContractUnit} / "close"` : inContractUnit
}

function readField({ field, from }: PlannedField): string {
  if (from === undefined) return field.type === 'text' ? 'CAST(NULL AS VARCHAR)' : 'CAST(NULL AS DOUBLE)'
  if ('constant' in from) return `CAST(${from.constant} AS DOUBLE)`
  const column = identifier(from.column)
  const text = `nullif(trim(CAST(${column} AS VARCHAR)), '')`
  if (field.type === 'text') return text
  if (field.type === 'side') {
    return `CASE lower(${text}) WHEN 'long' THEN 1 WHEN 'buy' THEN 1 WHEN '1' THEN 1
      WHEN 'short' THEN -1 WHEN 'sell' THEN -1 WHEN '-1' THEN -1 END`
  }
  const number = from.type === 'VARCHAR' ? `TRY_CAST(${text} AS DOUBLE)` : `CAST(${column} AS DOUBLE)`
  // In an optional column NaN is how a dataframe says "missing".
  return field.required ? number : `CASE WHEN NOT isnan(${number}) THEN ${number} END`
}

function isPresent({ from }: PlannedField): string {
  if (from === undefined) return 'false'
  return 'constant' in from ? 'true' : isWritten(from.column, from.type)
}

/** An empty text is how CSV writes a missing value. */
function isWritten(column: string, type: string): string {
  const name = identifier(column)
  return type === 'VARCHAR' ? `nullif(trim(${name}), '') IS NOT NULL` : `${name} IS NOT NULL`
}

const BOUNDS = {
  positive: { broken: (name: string) => `${name} <= 0`, words: 'is zero or negative' },
  'not-negative': { broken: (name: string) => `${name} < 0`, words: 'is negative' },
  'minus-one-to-one': { broken: (name: string) => `abs(${name}) > 1`, words: 'is outside -1..1' },
} as const

function fieldProblems(field: Field, required: boolean): string[] {
  const name = identifier(field.name)
  const present = identifier(`${field.name}?`)
  const what = field.type === 'side' ? 'is neither long nor short' : 'is not a number'
  const problems = [
    `WHEN ${present} AND ${name} IS NULL AND NOT ${identifier(`${field.name}!`)} THEN ${literal(`${field.name} ${what}`)}`,
  ]
  if (required) problems.unshift(`WHEN NOT ${present} THEN ${literal(`${field.name} is missing`)}`)
  if (field.type === 'number') {
    problems.push(`WHEN NOT isfinite(${name}) THEN ${literal(`${field.name} is NaN or infinite`)}`)
    const bounds = field.bounds === undefined ? undefined : BOUNDS[field.bounds]
    if (bounds !== undefined)
      problems.push(`WHEN ${bounds.broken(name)} THEN ${literal(`${field.name} ${bounds.words}`)}`)
  }
  return problems
}

function timeProblems(alias: string, found: TimeColumn, what: string, optional: boolean): string[] {
  const unit = identifier(`${alias}Unit`)
  const guard = optional ? `${identifier(`${alias}?`)} AND ` : ''
  return [
    `WHEN ${guard}${unit} IS NULL THEN ${literal(`${what} is not a time between 1990 and 2100`)}`,
    `WHEN ${guard}${unit} <> ${literal(found.unit)} THEN ${literal(`${what} is not in the unit of the others (${found.unit})`)}`,
  ]
}

function problemCase(plan: ImportPlan, options: ImportOptions): string {
  const { table, known } = plan
  const volumeUnknown =
    table.kind === 'candles' && options.unit === 'contracts' && options.contractSize === undefined
  const problems = timeProblems('eventTime', plan.time, 'time', false)
  if (known.kind === 'column') problems.push(...timeProblems('knownAt', known.column, 'known-at', true))
  if (table.kind === 'open-interest' && options.unit === 'usd') {
    problems.push(`WHEN "convertClose" IS NULL THEN 'no candle of the same time to convert by'`)
  }
  for (const { field } of plan.fields) {
    problems.push(...fieldProblems(field, field.required && !(volumeUnknown && field.name === 'volume')))
  }
  if (isBars(table)) {
    problems.push(`WHEN high < low THEN 'high is below low'`)
    problems.push(
      `WHEN open > high OR open < low OR close > high OR close < low THEN 'open or close is outside high and low'`,
    )
  }
  if (options.rateKind !== 'predicted')
    problems.push(`WHEN "knownAt" < "eventTime" THEN 'known before it happened'`)
  return `CASE ${problems.join('\n')} END`
}

/** Condition on which a present value may be missing after conversion without being a bad number. */
function convertedAway(plan: ImportPlan, options: ImportOptions, field: Field): string {
  const contractsUnknown = options.unit === 'contracts' && options.contractSize === undefined
  return String(contractsUnknown && field.name === plan.table.unitField)
}

/**
 * Reads the rows of one target into the temporary table `staged`: source row, event time, known-at, typed fields, and
 * `problem`, which is NULL for a good row. Candles off the grid and contradictory ones get their problem here too.
 */
export async function stageRows(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  target: SeriesTarget,
): Promise<void> {
  const eventTime = `TRY_CAST(${millisecondsExpression(plan.time, 'down')} AS BIGINT)`
  const knownAt =
    plan.known.kind === 'column'
      ? `TRY_CAST(${millisecondsExpression(plan.known.column, 'up')} AS BIGINT)`
      : `${eventTime} + ${plan.known.lagMs}`
  const columns = [
    '"sourceRow"',
    `${eventTime} AS "eventTime"`,
    `${unitExpression(plan.time.column, plan.time.type)} AS "eventTimeUnit"`,
    `${knownAt} AS "knownAt"`,
  ]
  if (plan.known.kind === 'column') {
    const { column, type } = plan.known.column
    columns.push(`${unitExpression(column, type)} AS "knownAtUnit"`)
    columns.push(`${isWritten(column, type)} AS "knownAt?"`)
  }
  for (const planned of plan.fields) {
    const { field } = planned
    columns.push(`${readField(planned)} AS ${identifier(field.name)}`)
    columns.push(`${isPresent(planned)} AS ${identifier(`${field.name}?`)}`)
    columns.push(`${convertedAway(plan, options, field)} AS ${identifier(`${field.name}!`)}`)
  }
  const isConverted = plan.table.kind === 'open-interest' && options.unit === 'usd'
  const unitField = plan.table.unitField
  const inUnit =
    unitField === undefined
      ? ''
      : `REPLACE (${toStoredUnit(identifier(unitField), plan, options)} AS ${identifier(unitField)})`
  const read = `SELECT ${columns.join(', ')} FROM source WHERE ${target.condition}`
  const joined = isConverted
    ? `SELECT r.*, c.close AS "convertClose" FROM (${read}) r LEFT JOIN "convertCandles" c ON c."openTime" = r."eventTime"`
    : read
  const converted = `SELECT * ${inUnit} FROM (${joined})`
  const kept = plan.fields.map(({ field }) => identifier(field.name)).join(', ')
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged AS
     SELECT "sourceRow", "eventTime", "knownAt", ${kept}, ${problemCase(plan, options)} AS problem
     FROM (${converted}) ORDER BY "sourceRow"`,
  )
}

/** Quarantines candles off the grid, and returns the grid's offset within an interval: the stored one, or the commonest. */
export async function checkGrid(
  connection: DuckDBConnection,
  intervalMs: number,
  storedOffsetMs: number | undefined,
): Promise<number> {
  const phase = `("eventTime" % ${intervalMs})`
  const offset =
    storedOffsetMs ??
    (await queryNumber(
      connection,
      `SELECT ${phase} AS phase FROM staged WHERE problem IS NULL GROUP BY phase ORDER BY count(*) DESC, phase LIMIT 1`,
    ))
  if (Number.isNaN(offset)) return 0
  await connection.run(
    `UPDATE staged SET problem = 'off the grid of the interval' WHERE problem IS NULL AND ${phase} <> ${offset}`,
  )
  return offset
}

/** Quarantines candles that contradict a stored candle. */
export async function checkAgainstStored(
  connection: DuckDBConnection,
  fields: readonly string[],
): Promise<void> {
  await connection.run(
    `UPDATE staged SET problem = 'differs from the stored candle' WHERE problem IS NULL AND EXISTS (
       SELECT 1 FROM stored WHERE stored."eventTime" = staged."eventTime" AND ${structOf(fields, 'stored')} IS DISTINCT FROM ${structOf(fields, 'staged')})`,
  )
}

/**
 * Quarantines a settlement that stands within half an interval of a more trusted one (already stored, or on the grid where it
 * is not): a slipped stamp beside the true one would be charged twice. Stamps off the grid are otherwise kept, since venues
 * do settle late.
 */
export async function checkDoubledSettlements(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `UPDATE staged SET problem = 'within half an interval of another settlement' WHERE problem IS NULL AND "eventTime" IN (
       WITH phases AS (
         SELECT "intervalMs", mode("eventTime" % "intervalMs") AS phase FROM staged WHERE problem IS NULL GROUP BY 1
       ), times AS (
         SELECT "eventTime", max("intervalMs") AS interval, max(trust) AS trust FROM (
           SELECT "eventTime", "intervalMs", 2 AS trust FROM stored
           UNION ALL
           SELECT "eventTime", "intervalMs", CASE WHEN "eventTime" % "intervalMs" = phase THEN 1 ELSE 0 END
           FROM staged JOIN phases USING ("intervalMs") WHERE problem IS NULL) GROUP BY 1
       ), neighbours AS (
         SELECT *, lag("eventTime") OVER w AS before, lag(trust) OVER w AS "beforeTrust",
           lead("eventTime") OVER w AS after, lead(trust) OVER w AS "afterTrust", lead(interval) OVER w AS "afterInterval"
         FROM times WINDOW w AS (ORDER BY "eventTime")
       )
       SELECT "eventTime" FROM neighbours
       WHERE ("eventTime" - before < interval / 2 AND "beforeTrust" > trust)
          OR (after - "eventTime" < "afterInterval" / 2 AND "afterTrust" > trust))`,
  )
}

/** SQL for all fields of a row as one comparable value. */
export function structOf(fields: readonly string[], table?: string): string {
  const prefix = table === undefined ? '' : `${table}.`
  return `struct_pack(${fields.map((name) => `${identifier(name)} := ${prefix}${identifier(name)}`).join(', ')})`
}
