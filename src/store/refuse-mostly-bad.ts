import { DataError, type ErrorPlace } from '../core/errors.js'
import { type Cell, cellsAbout, readCell, readCells } from './cells.js'
import { type DuckDBConnection, queryNumber, queryRows } from './duckdb.js'
import { lineOfRow } from './file-lines.js'
import type { ImportOptions } from './import-options.js'
import type { ImportPlan, SeriesTarget } from './plan.js'
import { problemFields } from './problem-fields.js'

/** How many reasons a refusal names. */
const REASONS_NAMED = 4

/**
 * Answers how many rows of `staged` are bad. Throws DataError where there is none at all, or more than half are bad, with the reasons, the first
 * row of each and what stands in it.
 */
export async function refuseMostlyBad(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
  target: SeriesTarget,
): Promise<number> {
  const { file } = options
  const rows = await queryNumber(connection, 'SELECT count(*) FROM staged')
  const bad = await queryNumber(connection, 'SELECT count(*) FROM staged WHERE problem IS NOT NULL')
  if (rows === 0) throw new DataError('no row fits --where', { file, field: target.id })
  if (bad * 2 <= rows) return bad
  const reasons = await badReasons(connection, plan, options)
  const [first] = reasons
  const words = reasons.map(({ reason, count, row, line, value }) => {
    const place = `row ${row}${line === undefined ? '' : ` (line ${line} of the file, header counted)`}`
    const where = `${count === 1 ? '1 row, ' : `${count} rows, the first is `}${place}`
    return `${reason}: ${where}${value === undefined ? '' : `: ${value}`}`
  })
  throw new DataError(
    `${bad} of ${rows} ${rows === 1 ? 'row' : 'rows'} of ${target.id} ${bad === 1 ? 'is' : 'are'} bad (${words.join('; ')}): nothing was imported`,
    first === undefined ? { file } : await placeOf(connection, file, first),
  )
}

interface BadReason {
  readonly reason: string
  readonly count: number
  /** The first one. */
  readonly row: number
  readonly line: number | undefined
  readonly cells: readonly Cell[]
  /** As the file writes it, with its unit. */
  readonly value: string | undefined
}

async function badReasons(
  connection: DuckDBConnection,
  plan: ImportPlan,
  options: ImportOptions,
): Promise<BadReason[]> {
  const found = await queryRows(
    connection,
    `SELECT problem AS reason, count(*)::DOUBLE AS count, min("sourceRow")::DOUBLE AS row FROM staged
     WHERE problem IS NOT NULL GROUP BY problem ORDER BY count(*) DESC, problem LIMIT ${REASONS_NAMED}`,
  )
  const fileRows = await queryNumber(connection, 'SELECT count(*) FROM source')
  const reasons: BadReason[] = []
  for (const { reason: text, count, row: first } of found) {
    const [reason, row] = [String(text), Number(first)]
    const cells = cellsAbout(plan, options, problemFields(plan, reason))
    const [value] = await readCells(connection, cells, [row])
    const line = await lineOfRow(options.file, row, fileRows)
    reasons.push({ reason, count: Number(count), row, line, cells, value }) // prettier-ignore
  }
  return reasons
}

async function placeOf(
  connection: DuckDBConnection,
  file: string,
  { row, cells }: BadReason,
): Promise<ErrorPlace> {
  const [cell, ...others] = cells
  if (cell === undefined || others.length > 0) return { file, row }
  const value = await readCell(connection, cell, row)
  const { name: field, unit } = cell
  return { file, row, field, ...(value === undefined ? {} : { value, ...(unit === '' ? {} : { unit }) }) }
}
