import type { TileColumn } from '../features/tile.js'
import { RunList } from './runs.js'
import { type ScanTest, scanFor } from './scan-loop.js'

export type Scannable = Float64Array | number

/**
 * Finds the bars of a tile on which a comparison holds, as runs. A comparison with NaN never holds. Places `[0, length)` of the
 * columns are the bars from `first` on. O(length).
 */
export interface Scanner {
  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void
}

/** The scanner in plain JavaScript. */
export class PlainScanner implements Scanner {
  private scratch = new Int32Array(1024)

  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void {
    if (this.scratch.length < length + 2) this.scratch = new Int32Array(length + 2)
    const { scratch } = this
    const count = scanFor(test, typeof left === 'number', typeof right === 'number')(
      left,
      right,
      length,
      scratch,
    )
    const runs = out.room(count)
    for (let i = 0; i < count; i++) runs[i] = (scratch[i] as number) + first
    out.end(count)
  }
}

/** What a comparison reads: a column of the tile or the same number on every bar. */
export type ScanOperand = TileColumn | number

export function scannable(operand: ScanOperand): Scannable {
  return typeof operand === 'number' ? operand : operand.values
}
