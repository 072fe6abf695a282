import { BLOCK_ROWS, foldWholeBlocks, HIGHEST, type Kind, LOWEST } from './fold-blocks.js'

/** Bars in a block of the first, second and third level. */
export const BLOCK_SHIFTS = [4, 8, 12] as const

/**
 * Extremes of a column over blocks of 16, 256 and 4,096 rows: what is true of a block's extreme is true of each of its rows. NaN rows are
 * left out; a block of nothing but NaN has the extreme that nothing exceeds.
 */
export interface Extremes {
  readonly rows: Float64Array
  readonly by16: Float64Array
  readonly by256: Float64Array
  readonly by4096: Float64Array
}

/** Largest values of a column by blocks: O(rows), in less time where the column is known to have no NaN. */
export function highestByBlock(rows: Float64Array, hasNaN: boolean): Extremes {
  return extremesByBlock(rows, HIGHEST, hasNaN)
}

/** Smallest values of a column by blocks: O(rows). */
export function lowestByBlock(rows: Float64Array, hasNaN: boolean): Extremes {
  return extremesByBlock(rows, LOWEST, hasNaN)
}

/** Largest value of rows `[from, end)`, from the largest blocks inside; −Infinity where there is none. O(log rows). */
export function highestWithin(extremes: Extremes, from: number, end: number): number {
  const { rows } = extremes
  let most = -Infinity
  for (let row = from; row < end;) {
    const size = blockAt(row, end)
    if (size > 1) {
      const value = extremeAt(extremes, row, size)
      if (value > most) most = value
      row += size
      continue
    }
    for (const stop = Math.min((row | 15) + 1, end); row < stop; row++) {
      const value = rows[row] as number
      if (value > most) most = value
    }
  }
  return most
}

/** Smallest value of rows `[from, end)`; Infinity where there is none. */
export function lowestWithin(extremes: Extremes, from: number, end: number): number {
  const { rows } = extremes
  let least = Infinity
  for (let row = from; row < end;) {
    const size = blockAt(row, end)
    if (size > 1) {
      const value = extremeAt(extremes, row, size)
      if (value < least) least = value
      row += size
      continue
    }
    for (const stop = Math.min((row | 15) + 1, end); row < stop; row++) {
      const value = rows[row] as number
      if (value < least) least = value
    }
  }
  return least
}

/** Rows of the largest block that begins at a row and ends by `end`. */
function blockAt(row: number, end: number): number {
  if ((row & 15) !== 0 || row + 16 > end) return 1
  if ((row & 255) !== 0 || row + 256 > end) return 16
  return (row & 4095) !== 0 || row + 4096 > end ? 256 : 4096
}

function extremeAt({ by16, by256, by4096 }: Extremes, row: number, size: number): number {
  if (size === 16) return by16[row >> 4] as number
  return (size === 256 ? by256[row >> 8] : by4096[row >> 12]) as number
}

function extremesByBlock(rows: Float64Array, kind: Kind, hasNaN: boolean): Extremes {
  const by16 = blocksOf(rows, kind, hasNaN)
  const by256 = blocksOf(by16, kind, false)
  return { rows, by16, by256, by4096: blocksOf(by256, kind, false) }
}

function blocksOf(values: Float64Array, kind: Kind, hasNaN: boolean): Float64Array {
  const blocks = new Float64Array(new SharedArrayBuffer(Math.ceil(values.length / BLOCK_ROWS) * 8))
  const whole = hasNaN ? 0 : Math.floor(values.length / BLOCK_ROWS)
  foldWholeBlocks(values, kind, blocks, whole)
  for (let block = whole; block < blocks.length; block++)
    blocks[block] = extremeOfSome(
      values,
      block * BLOCK_ROWS,
      Math.min(values.length, (block + 1) * BLOCK_ROWS),
      kind,
    )
  return blocks
}

function extremeOfSome(values: Float64Array, from: number, end: number, kind: Kind): number {
  let extreme = kind === HIGHEST ? -Infinity : Number.POSITIVE_INFINITY
  for (let row = from; row < end; row++) {
    const value = values[row] as number
    if (kind === HIGHEST ? value > extreme : value < extreme) extreme = value
  }
  return extreme
}
