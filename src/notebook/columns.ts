import { DataError } from '../core/errors.js'

/** A column under its name. `time`: UTC ms, NaN where there is none; `number`: NaN where there is none; texts and flags: null. */
export type NamedColumn = { readonly name: string } & (
  | { readonly kind: 'time' | 'number'; readonly values: Float64Array }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'flag'; readonly values: readonly (boolean | null)[] }
)

/**
 * What has columns: candles, facts, funding, an equity curve, any object whose members are arrays of one length; or rows: trades, fills, any list of
 * plain objects. Single numbers and texts beside arrays (`timeframeMs`) are no columns.
 */
export type ColumnSource = object

/** Members that hold UTC ms wherever they stand in this library. */
const TIMES: ReadonlySet<string> = new Set([
  'time', 'openTime', 'closeTime', 'eventTime', 'knownAt', 'entryTime', 'exitTime', 'decidedAt', 'startTime', 'endTime',
]) // prettier-ignore

/**
 * Columns of what has some, in their order; `values` of facts stand beside their times. Numbers are not copied where they are a Float64Array already. Throws
 * DataError where there is none, where lengths differ, where two have one name, and for a value that is neither number, text nor flag. O(values).
 */
export function columnsOf(source: ColumnSource): readonly NamedColumn[] {
  const columns = Array.isArray(source) ? ofRows(source) : ofMembers(source)
  const [first] = columns
  if (first === undefined) throw new DataError('there is no column in it', { field: 'columns' })
  const names = new Set<string>()
  for (const { name, values } of columns) {
    if (names.has(name)) throw new DataError('two columns have one name', { field: name })
    names.add(name)
    if (values.length !== first.values.length)
      throw new DataError(`a column must have ${first.values.length} rows, as ${first.name}`, { field: name, value: values.length, unit: 'rows' }) // prettier-ignore
  }
  return columns
}

function ofMembers(source: object): readonly NamedColumn[] {
  return Object.entries(source).flatMap(([name, member]: [string, unknown]): readonly NamedColumn[] => {
    if (member instanceof Float64Array) return [{ name, kind: kindOf(name), values: member }]
    if (ArrayBuffer.isView(member) && !(member instanceof DataView))
      return [{ name, kind: kindOf(name), values: Float64Array.from(member as unknown as ArrayLike<number>) }]
    if (Array.isArray(member)) return [ofValues(name, member)]
    return typeof member === 'object' && member !== null ? ofMembers(member) : []
  })
}

function ofRows(rows: readonly unknown[]): readonly NamedColumn[] {
  const [first] = rows
  if (typeof first !== 'object' || first === null)
    throw new DataError('rows are plain objects, and there is at least one', {
      field: 'columns',
      value: first,
    })
  return Object.keys(first).map((name) =>
    ofValues(name, rows.map((row) => (row as Readonly<Record<string, unknown>>)[name]))) // prettier-ignore
}

function kindOf(name: string): 'time' | 'number' {
  return TIMES.has(name) ? 'time' : 'number'
}

/** A list as a column: of what its first value is; null and undefined are missing. */
function ofValues(name: string, values: readonly unknown[]): NamedColumn {
  const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined
  const type = typeof values.find((value) => !isMissing(value))
  const wrong = values.findIndex((value) => !isMissing(value) && typeof value !== type)
  const isKnown = type === 'number' || type === 'string' || type === 'boolean' || type === 'undefined'
  if (wrong >= 0 || !isKnown)
    throw new DataError('a column holds numbers, texts or flags, all of one kind', { field: name, row: Math.max(wrong, 0), value: values[Math.max(wrong, 0)] }) // prettier-ignore
  if (type === 'string') return { name, kind: 'text', values: values.map((value) => (isMissing(value) ? null : String(value))) } // prettier-ignore
  if (type === 'boolean') return { name, kind: 'flag', values: values.map((value) => (isMissing(value) ? null : value === true)) } // prettier-ignore
  return { name, kind: kindOf(name), values: Float64Array.from(values, (value) => (isMissing(value) ? NaN : Number(value))) } // prettier-ignore
}
