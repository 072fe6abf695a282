/** Some consecutive bars of one instrument, and the bar before them, so that what compares neighbours works at the edge. */
export interface Tile {
  /** Bar of index 0 of every column: the one before `from`, or 0 where there is none. */
  readonly first: number
  readonly from: number
  readonly end: number
}

/** One column of the tile that is loaded. */
export interface TileColumn {
  /** Index 0 is the tile's `first` bar, the last one its `end` − 1. Another array, or other values, after the next load. */
  readonly values: Float64Array
}

/** Room for `count` columns of `length` numbers. What was made before is given up. */
export type MakeColumns = (count: number, length: number) => Float64Array[]

export const plainColumns: MakeColumns = (count, length) =>
  Array.from({ length: count }, () => new Float64Array(length))
