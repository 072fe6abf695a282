import { cellsAbout, type Cell, readCells } from './cells.js'
import { UNUSABLE_CONFIRMATIONS } from './confirmations.js'
import { type DuckDBConnection, literal, queryRows } from './duckdb.js'
import type { Finding, ImportOptions } from './import-options.js'
import { isBars } from './kinds.js'
import type { ImportPlan } from './plan.js'
import { problemFields } from './problem-fields.js'

/** How many rows a finding names. */
const ROWS_NAMED = 5
/** A move beyond this share of the price within one bar is suspicious. It is reported, not removed: crashes are real. */
const SUSPICIOUS_MOVE = 0.3
/** Perpetuals hardly ever settle beyond 5 %, in a long file or a short one. Reported, not removed. */
const IMPLAUSIBLE_RATE = 0.05

async function finding(
  connection: DuckDBConnection,
  kind: Finding['kind'],
  message: string,
  rowsOf: string,
  cells: readonly Cell[],
): Promise<Finding[]> {
  const [found] = await queryRows(
    connection,
    `SELECT count(*)::DOUBLE AS count, list(row ORDER BY row)[:${ROWS_NAMED}]::VARCHAR AS rows FROM (${rowsOf}) AS t(row)`,
  )
  const count = Number(found?.['count'] ?? 0)
  if (count === 0) return []
  const rows = JSON.parse(String(found?.['rows'])) as number[]
  const values = await readCells(connection, cells, rows)
  return [{ kind, message, count, rows, ...(values.length === 0 ? {} : { values }) }]
}

/** Everything the checks found, quarantined rows first, by frequency. `merged` must exist. */
export async function collectFindings(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
): Promise<Finding[]> {
  const reasons = await queryRows(
    connection,
    `SELECT problem FROM staged WHERE problem IS NOT NULL GROUP BY problem ORDER BY count(*) DESC, problem`,
  )
  const findings: Finding[] = []
  const add = async (
    kind: Finding['kind'],
    message: string,
    rowsOf: string,
    about: readonly string[] = [],
  ): Promise<void> => {
    findings.push(...(await finding(connection, kind, message, rowsOf, cellsAbout(plan, options, about))))
  }
  const values = plan.fields.map(({ field }) => field.name)
  for (const { problem } of reasons) {
    const reason = String(problem)
    await add(
      'quarantined',
      reason,
      `SELECT "sourceRow" FROM staged WHERE problem = ${literal(reason)}`,
      problemFields(plan, reason),
    )
  }
  await add(
    'dropped',
    'repeats a row already there',
    `SELECT "sourceRow" FROM staged WHERE problem IS NULL AND "sourceRow" NOT IN (SELECT place FROM merged WHERE fresh)`,
  )
  await add(
    'notice',
    'another value for an event already there: kept as a later revision',
    `SELECT place FROM merged WHERE fresh AND revision > 0`,
    values,
  )
  await add(
    'notice',
    'never known: kept, never loaded',
    `SELECT "sourceRow" FROM staged WHERE problem IS NULL AND "knownAt" IS NULL`,
  )
  await add(
    'notice',
    'earlier than the row before it: sorted',
    `SELECT "sourceRow" FROM (SELECT "sourceRow", "eventTime" < lag("eventTime") OVER (ORDER BY "sourceRow") AS late
       FROM staged WHERE problem IS NULL) WHERE late`,
    ['time'],
  )
  if (plan.table.kind === 'funding') {
    await add(
      'notice',
      'off the grid of the others: kept, venues settle late',
      `SELECT "sourceRow" FROM (SELECT "sourceRow", "eventTime" % "intervalMs" AS phase,
         mode("eventTime" % "intervalMs") OVER (PARTITION BY "intervalMs") AS grid FROM staged WHERE problem IS NULL)
       WHERE phase <> grid`,
      ['time'],
    )
    await add(
      'notice',
      `implausible: beyond ${100 * IMPLAUSIBLE_RATE} % a settlement, perhaps in another unit (--unit); kept`,
      `SELECT "sourceRow" FROM staged WHERE problem IS NULL AND abs(rate) > ${IMPLAUSIBLE_RATE}`,
      ['rate'],
    )
  }
  if (plan.table.kind === 'confirmations') {
    for (const [words, condition] of UNUSABLE_CONFIRMATIONS)
      await add('notice', words, `SELECT "sourceRow" FROM staged WHERE problem IS NULL AND ${condition}`)
  }
  if (plan.table.kind === 'candles') {
    await add(
      'notice',
      'no volume column: volume is unknown',
      plan.fields.some(({ field, from }) => field.name === 'volume' && from === undefined)
        ? `SELECT "sourceRow" FROM staged WHERE problem IS NULL`
        : `SELECT "sourceRow" FROM staged WHERE false`,
    )
    await add(
      'notice',
      'no volume in the bar',
      `SELECT "sourceRow" FROM staged WHERE problem IS NULL AND volume = 0`,
    )
  }
  if (isBars(plan.table)) {
    await add(
      'notice',
      'suspicious: the price moved more than 30 % within or into the bar',
      `SELECT place FROM (SELECT fresh, place, high, low, open, close, lag(close) OVER (ORDER BY "eventTime") AS before FROM merged)
       WHERE fresh AND (abs(close / before - 1) > ${SUSPICIOUS_MOVE}
         OR high > greatest(open, close) * ${1 + SUSPICIOUS_MOVE} OR low < least(open, close) * ${1 - SUSPICIOUS_MOVE})`,
      ['open', 'high', 'low', 'close'],
    )
  }
  return findings
}
