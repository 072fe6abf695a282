import { BLOCK_ROWS, foldWholeBlocks, type FoldedBlocks } from './fold-blocks.js'

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

/** Folds a column into its extremes while somebody goes along it, or at once: O(rows), in less time where the column is known to have no NaN. */
export class ExtremesFold {
  private readonly rows: Float64Array
  private readonly hasNaN: boolean
  /** By blocks of 16 rows. */
  readonly blocks: FoldedBlocks
  /** Blocks before it are folded. */
  private block: number = 0

  constructor(rows: Float64Array, hasNaN: boolean, of: 'highest' | 'lowest' | 'both') {
    this.rows = rows
    this.hasNaN = hasNaN
    this.blocks = {
      highest: of === 'lowest' ? undefined : blocksFor(rows),
      lowest: of === 'highest' ? undefined : blocksFor(rows),
    }
  }

  /** Folds the blocks that end by a row; what is left is folded when the extremes are asked for. */
  pass(end: number): void {
    const { rows, blocks } = this
    const whole = this.hasNaN ? 0 : Math.floor(end / BLOCK_ROWS)
    if (whole > this.block) {
      foldWholeBlocks(rows, this.block, whole, blocks)
      this.block = whole
    }
    if (end < rows.length) return
    for (; this.block * BLOCK_ROWS < rows.length; this.block++) this.foldSome(this.block)
  }

  highest(): Extremes {
    this.pass(this.rows.length)
    return extremesFrom(this.rows, this.blocks.highest, 'highest')
  }

  lowest(): Extremes {
    this.pass(this.rows.length)
    return extremesFrom(this.rows, this.blocks.lowest, 'lowest')
  }

  private foldSome(block: number): void {
    const { rows } = this
    const { highest, lowest } = this.blocks
    let most = -Infinity
    let least = Infinity
    for (let row = block * BLOCK_ROWS; row < Math.min(rows.length, (block + 1) * BLOCK_ROWS); row++) {
      const value = rows[row] as number
      if (value > most) most = value
      if (value < least) least = value
    }
    if (highest !== undefined) highest[block] = most
    if (lowest !== undefined) lowest[block] = least
  }
}

/** Largest values of a column by blocks: O(rows). */
export function highestByBlock(rows: Float64Array, hasNaN: boolean): Extremes {
  return new ExtremesFold(rows, hasNaN, 'highest').highest()
}

/** Smallest values of a column by blocks: O(rows). */
export function lowestByBlock(rows: Float64Array, hasNaN: boolean): Extremes {
  return new ExtremesFold(rows, hasNaN, 'lowest').lowest()
}

function extremesFrom(
  rows: Float64Array,
  by16: Float64Array | undefined,
  kind: 'highest' | 'lowest',
): Extremes {
  if (by16 === undefined) throw new Error(`the ${kind} rows of blocks were not asked for`)
  const by256 = foldedAgain(by16, kind)
  return { rows, by16, by256, by4096: foldedAgain(by256, kind) }
}

function foldedAgain(values: Float64Array, kind: 'highest' | 'lowest'): Float64Array {
  const fold = new ExtremesFold(values, false, kind)
  fold.pass(values.length)
  return fold.blocks[kind] as Float64Array
}

function blocksFor(rows: Float64Array): Float64Array {
  return new Float64Array(new SharedArrayBuffer(Math.ceil(rows.length / BLOCK_ROWS) * 8))
}

/**
 * Largest value of rows `[from, end)`: of the largest blocks inside, then of the rows before and behind them, where the whole of their block has a larger one; −Infinity where
 * there is none. O(log rows).
 */
export function highestWithin(extremes: Extremes, from: number, end: number): number {
  const { rows, by16 } = extremes
  const first = (from + 15) >> 4
  const last = end >> 4
  let most = -Infinity
  if (first > last) return highestRow(rows, from, end, most)
  for (let row = first << 4; row < last << 4;) {
    const size = blockAt(row, end)
    const value = extremeAt(extremes, row, size)
    if (value > most) most = value
    row += size
  }
  if (from < first << 4 && (by16[first - 1] as number) > most) most = highestRow(rows, from, first << 4, most)
  if (last << 4 < end && (by16[last] as number) > most) most = highestRow(rows, last << 4, end, most)
  return most
}

function highestRow(rows: Float64Array, from: number, end: number, most: number): number {
  for (let row = from; row < end; row++) {
    const value = rows[row] as number
    if (value > most) most = value
  }
  return most
}

/** Smallest value of rows `[from, end)`; Infinity where there is none. */
export function lowestWithin(extremes: Extremes, from: number, end: number): number {
  const { rows, by16 } = extremes
  const first = (from + 15) >> 4
  const last = end >> 4
  let least = Infinity
  if (first > last) return lowestRow(rows, from, end, least)
  for (let row = first << 4; row < last << 4;) {
    const size = blockAt(row, end)
    const value = extremeAt(extremes, row, size)
    if (value < least) least = value
    row += size
  }
  if (from < first << 4 && (by16[first - 1] as number) < least)
    least = lowestRow(rows, from, first << 4, least)
  if (last << 4 < end && (by16[last] as number) < least) least = lowestRow(rows, last << 4, end, least)
  return least
}

function lowestRow(rows: Float64Array, from: number, end: number, least: number): number {
  for (let row = from; row < end; row++) {
    const value = rows[row] as number
    if (value < least) least = value
  }
  return least
}

/** Rows of the largest block that begins at a row, a multiple of 16, and ends by `end`, at least 16 rows behind it. */
function blockAt(row: number, end: number): number {
  if ((row & 255) !== 0 || row + 256 > end) return 16
  return (row & 4095) !== 0 || row + 4096 > end ? 256 : 4096
}

function extremeAt({ by16, by256, by4096 }: Extremes, row: number, size: number): number {
  if (size === 16) return by16[row >> 4] as number
  return (size === 256 ? by256[row >> 8] : by4096[row >> 12]) as number
}
