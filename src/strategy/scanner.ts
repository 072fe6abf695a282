import type { ColumnMemory, TileColumn } from '../features/tile.js'
import { PlainScanner } from './scan-plain.js'
import { simdScanner } from './scan-simd.js'
import type { RunList } from './runs.js'

export type ScanTest = '>' | '>='

/** What a comparison reads: places of a column, or the same number on each of them. */
export type Scannable = Float64Array | number

/** `simd`: WebAssembly on vectors; `plain`: JavaScript. */
export type ScannerKind = 'simd' | 'plain'

/**
 * Finds the bars on which a comparison holds, as runs: `length` places of columns, of which the first is the bar `first`. A comparison
 * with NaN never holds. At least one of the two is a column. O(length).
 */
export interface Scanner {
  readonly kind: ScannerKind
  /** Columns kept here are scanned where they stand; others are copied first. */
  readonly memory: ColumnMemory
  /** Says that columns which are kept here hold other values from now on, as in the next tile: nothing that was found of them holds any more. */
  columnsChange(): void
  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void
  /** Bars on which the column is a number. */
  known(column: Float64Array, first: number, length: number, out: RunList): void
  /** left > right and right > left in one pass. */
  scanBothOrders(
    left: Float64Array,
    right: Float64Array,
    first: number,
    length: number,
    above: RunList,
    below: RunList,
  ): void
  /**
   * Places on which left > right after left ≤ right on the place before, and those on which left < right after left ≥ right, each as a
   * run of its own, in one pass. The first place is none of them.
   */
  crosses(
    left: Float64Array,
    right: Float64Array,
    first: number,
    length: number,
    above: RunList,
    below: RunList,
  ): void
}

/** The scanner that was asked for; the plain one where the machine has no vectors. Both find the same runs. */
export function createScanner(kind: ScannerKind = 'simd'): Scanner {
  return (kind === 'simd' ? simdScanner() : undefined) ?? new PlainScanner()
}

/** What a rule compares: a column of the tile, or the same number on every bar. */
export type ScanOperand = TileColumn | number

export function scannable(operand: ScanOperand): Scannable {
  return typeof operand === 'number' ? operand : operand.values
}
