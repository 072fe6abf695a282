import { type DuckDBConnection, identifier, literal, queryRows } from './duckdb.js'
import type { ImportOptions } from './import-options.js'
import type { ImportPlan } from './plan.js'

/** A column of the file that a complaint is about. */
export interface Cell {
  /** What the column feeds: a field, `time` or `known-at`. */
  readonly name: string
  readonly column: string
  readonly type: string
  /** Of the numbers in the file; empty where it is not one of several. */
  readonly unit: string
}

/** Longer texts of a cell are cut. */
const LONGEST = 60

/** The columns of the file behind the names; names that no column feeds are left out. */
export function cellsAbout(plan: ImportPlan, options: ImportOptions, names: readonly string[]): Cell[] {
  const { table, time, known } = plan
  const unitOf = (name: string): string =>
    name === table.unitField ? (options.unit ?? table.units[0] ?? '') : ''
  return names.flatMap((name): Cell[] => {
    if (name === 'time') return [{ name, column: time.column, type: time.type, unit: '' }]
    if (name === 'known-at')
      return known.kind === 'column'
        ? [{ name, column: known.column.column, type: known.column.type, unit: '' }]
        : []
    const from = plan.fields.find(({ field }) => field.name === name)?.from
    return from !== undefined && 'column' in from ? [{ name, ...from, unit: unitOf(name) }] : []
  })
}

/** A cell as the file writes it: texts in quotes, `empty` where there is nothing. */
function sqlText({ column, type, unit }: Cell): string {
  const text = `CAST(${identifier(column)} AS VARCHAR)`
  const cut = `CASE WHEN length(${text}) > ${LONGEST} THEN left(${text}, ${LONGEST}) || '…' ELSE ${text} END`
  const quoted = type === 'VARCHAR' ? `'"' || ${cut} || '"'` : cut
  return `coalesce(${quoted}${unit === '' ? '' : ` || ${literal(` ${unit}`)}`}, 'empty')`
}

/** The text of one cell, neither quoted nor cut; undefined where there is nothing. */
export async function readCell(
  connection: DuckDBConnection,
  { column }: Cell,
  row: number,
): Promise<string | undefined> {
  const [found] = await queryRows(
    connection,
    `SELECT CAST(${identifier(column)} AS VARCHAR) AS text FROM source WHERE "sourceRow" = ${row}`,
  )
  const text = found?.['text']
  return text === null || text === undefined ? undefined : String(text)
}

/**
 * What stands in cells of `source`, for each of the rows in their order: `"abc"`, or `high "1", low "2"` where there are several. Empty where
 * there is no cell.
 */
export async function readCells(
  connection: DuckDBConnection,
  cells: readonly Cell[],
  rows: readonly number[],
): Promise<string[]> {
  if (cells.length === 0 || rows.length === 0) return []
  const parts = cells.map((cell) =>
    cells.length === 1 ? sqlText(cell) : `${literal(`${cell.name} `)} || ${sqlText(cell)}`,
  )
  const found = await queryRows(
    connection,
    `SELECT "sourceRow"::DOUBLE AS row, ${parts.join(` || ', ' || `)} AS text FROM source WHERE "sourceRow" IN (${rows.join(', ')})`,
  )
  const texts = new Map(found.map(({ row, text }) => [Number(row), String(text)]))
  return rows.map((row) => texts.get(row) ?? '')
}
