type Column = Float64Array | Int32Array

/**
 * The same plain data with every numeric column on shared memory, so that threads read one copy: columns that lie there already stay
 * where they are, others are copied, each once.
 */
export function onSharedMemory<T>(value: T, copies: Map<Column, Column> = new Map()): T {
  return shared(value, copies) as T
}

function shared(value: unknown, copies: Map<Column, Column>): unknown {
  if (value instanceof Float64Array || value instanceof Int32Array) return sharedColumnOf(value, copies)
  if (Array.isArray(value)) return value.map((item) => shared(item, copies))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shared(item, copies)]))
}

function sharedColumnOf(column: Column, copies: Map<Column, Column>): Column {
  if (column.buffer instanceof SharedArrayBuffer) return column
  const known = copies.get(column)
  if (known !== undefined) return known
  const memory = new SharedArrayBuffer(column.byteLength)
  const copy = column instanceof Float64Array ? new Float64Array(memory) : new Int32Array(memory)
  copy.set(column)
  copies.set(column, copy)
  return copy
}
