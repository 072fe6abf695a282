/** Times as the first of them and runs of equal distances: `[distance, how often]`. */
export interface PackedTimes {
  readonly first: number
  readonly steps: readonly (readonly [distance: number, count: number])[]
}

/** A column, or the one value that all its rows have. */
export type PackedColumn = readonly (number | null)[] | { readonly all: number | null }

export function packTimes(times: readonly number[]): PackedTimes {
  const steps: [number, number][] = []
  for (let row = 1; row < times.length; row++) {
    const distance = times[row]! - times[row - 1]!
    const last = steps.at(-1)
    if (last !== undefined && last[0] === distance) last[1]++
    else steps.push([distance, 1])
  }
  return { first: times[0] ?? NaN, steps }
}

/** The times that were packed, exactly. */
export function unpackTimes({ first, steps }: PackedTimes): number[] {
  if (first === null || Number.isNaN(first)) return []
  const times = [first]
  let last = first
  for (const [distance, count] of steps) for (let at = 0; at < count; at++) times.push((last += distance))
  return times
}

export function packColumn(values: readonly (number | null)[]): PackedColumn {
  const [all = null] = values
  return values.length > 1 && values.every((value) => value === all) ? { all } : values
}

export function unpackColumn(column: PackedColumn, length: number): readonly (number | null)[] {
  if (!('all' in column)) return column
  return Array.from({ length }, () => column.all)
}
