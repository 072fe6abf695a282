import type { Table, Vector } from 'apache-arrow'
import { DataError } from '../core/errors.js'
import { columnsOf, type ColumnSource, type NamedColumn } from './columns.js'

/** A table of apache-arrow, under a name that a notebook's compiler can write down. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface ArrowTable extends Table {}

/**
 * The columns as an Arrow table of its own memory, for other libraries and files (`tableToIPC`).
 *
 * - Times are timestamps in milliseconds, UTC: 64-bit whole numbers, so that every time survives exactly. One that is missing (NaN) is null.
 * - Numbers are float64, bit for bit. A missing number stays **NaN** and does not become null: what reads the table then says NaN of a mean over
 *   it, where it would silently leave a null out. (In DuckDB and Polars NaN is a value: filter with `isnan`.)
 * - Texts are UTF-8, flags booleans, null where there is none.
 *
 * Throws DataError for a time that is no whole millisecond, and as `columnsOf`. O(values).
 */
export async function toArrow(source: ColumnSource): Promise<ArrowTable> {
  const columns = columnsOf(source)
  const arrow = await import('apache-arrow')
  return new arrow.Table(Object.fromEntries(columns.map((column) => [column.name, vectorOf(column)])))

  function vectorOf(column: NamedColumn): Vector {
    switch (column.kind) {
      case 'time':
        return arrow.vectorFromArray(timestamps(column.name, column.values), new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC')) // prettier-ignore
      case 'number':
        // A copy on memory of its own: columns lie on shared memory, which files and messages refuse.
        return arrow.makeVector(Float64Array.from(column.values))
      case 'text':
        return arrow.vectorFromArray(column.values, new arrow.Utf8())
      case 'flag':
        return arrow.vectorFromArray(column.values, new arrow.Bool())
    }
  }
}

/** The same as bytes of an Arrow file (Feather 2), which pandas, Polars, R and DuckDB read: `writeFileSync('candles.arrow', await toArrowFile(candles))`. */
export async function toArrowFile(source: ColumnSource): Promise<Uint8Array> {
  const [table, { tableToIPC }] = await Promise.all([toArrow(source), import('apache-arrow')])
  return tableToIPC(table, 'file')
}

function timestamps(name: string, times: Float64Array): (number | null)[] {
  return Array.from(times, (time, row) => {
    if (Number.isNaN(time)) return null
    if (Number.isSafeInteger(time)) return time
    throw new DataError('a time must be whole milliseconds', { field: name, row: row + 1, value: time, unit: 'ms' }) // prettier-ignore
  })
}
