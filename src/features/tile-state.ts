import type { ColumnMemory, Tile } from './tile.js'

/** The tile that is loaded, as all its columns see it. */
export interface LoadedTile extends Tile {
  first: number
  from: number
  end: number
  /** Places of a column. */
  length: number
  /** Counts the tiles, so that a column knows whether it was calculated for this one. */
  number: number
  /** Counts how often tiles have outgrown their memory. */
  room: number
}

/** The memory of one column, taken when it is first needed and again when tiles have outgrown it. */
export class OwnMemory {
  private values: Float64Array = new Float64Array(0)
  private room = -1

  constructor(
    private readonly tile: LoadedTile,
    private readonly memory: ColumnMemory,
  ) {}

  take(): Float64Array {
    if (this.room !== this.tile.room) {
      this.room = this.tile.room
      this.values = this.memory.column()
    }
    return this.values
  }
}
