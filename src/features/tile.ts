import { sharedColumn } from '../core/columns.js'
import type { Ramp } from './ramp.js'
import type { Steps } from './steps.js'

/** Some consecutive bars of one instrument, and the bar before them, so that what compares neighbours works at the edge. */
export interface Tile {
  /** Bar of place 0 of every column: the one before `from`, or 0 where there is none. */
  readonly first: number
  readonly from: number
  readonly end: number
}

/** One column of the tile that is loaded. Place 0 is the tile's `first` bar, the last one its `end` − 1. */
export interface TileColumn {
  /** The value of every place, in memory that another tile may use again. Written when first asked for. */
  readonly values: Float64Array
  /** The same as a list of changes, where these are few; undefined where they are not. */
  readonly steps?: Steps | undefined
  /** The same as slopes, for a column that rises or falls with every bar between changes. */
  readonly ramp?: Ramp | undefined
  /** The value of one place, at no more cost than that. */
  at(place: number): number
}

/** Where columns of a tile are kept. */
export interface ColumnMemory {
  /** Promises room for `count` columns of `length` numbers. All that was there before is given up. */
  reserve(count: number, length: number): void
  /** One of the columns that were promised. */
  column(): Float64Array
}

/** Every column an array of its own. */
export function separateColumns(make: (length: number) => Float64Array): ColumnMemory {
  let size = 0
  return {
    reserve(_count, length) {
      size = length
    },
    column: () => make(size),
  }
}

export const plainMemory = (): ColumnMemory => separateColumns((length) => new Float64Array(length))

/** Columns that other threads can read. */
export const sharedMemory = (): ColumnMemory => separateColumns(sharedColumn)
