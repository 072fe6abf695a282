import type { Spread } from '../core/data-survey.js'
import { type DuckDBConnection, queryRows } from './duckdb.js'

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/** SQL for a list from which `readSpread` makes a Spread of an expression's values. */
export function spreadSql(expression: string): string {
  const quantiles = `quantile_disc(${expression}, [${LEVELS.join(', ')}])::DOUBLE[]`
  return `list_concat([count(${expression})::DOUBLE, min(${expression})::DOUBLE, max(${expression})::DOUBLE], ${quantiles})`
}

/** What `spreadSql` answered; undefined where there was no value. */
export function readSpread(value: unknown): Spread | undefined {
  const [count = 0, minimum, maximum, ...quantiles] = value as number[]
  const [p5, p25, median, p75, p95, p99] = quantiles
  if (!(count > 0)) return undefined
  return { count, minimum, p5, p25, median, p75, p95, p99, maximum } as Spread
}

/** The one row that a query answers. */
export async function queryRow(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>> {
  const [row] = await queryRows(connection, sql)
  if (row === undefined) throw new Error('a query of aggregates answered no row')
  return row
}
