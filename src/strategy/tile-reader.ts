import type { ColumnReader } from '../core/signal-tile.js'
import { round12 } from '../features/combine.js'
import type { Tile, TileColumn } from '../features/tile.js'

/** Reads a score, which is not rounded yet. */
export class ScoreReader implements ColumnReader {
  constructor(
    private readonly tile: Tile,
    private readonly score: { at(place: number): number },
  ) {}

  at(bar: number): number {
    return round12(this.score.at(bar - this.tile.first))
  }
}

/** Reads a column of the tile that is loaded by the bars of the instrument. */
export class TileReader implements ColumnReader {
  constructor(
    private readonly tile: Tile,
    private readonly column: TileColumn,
  ) {}

  at(bar: number): number {
    return this.column.at(bar - this.tile.first)
  }

  firstAbove(from: number, to: number, threshold: number): number {
    if (from >= to) return to
    const { first } = this.tile
    const { steps } = this.column
    if (steps === undefined) {
      const { values } = this.column
      for (let bar = from; bar < to; bar++) if ((values[bar - first] as number) > threshold) return bar
      return to
    }
    for (let piece = steps.pieceAt(from - first); piece < steps.count; piece++) {
      const start = Math.max(from, first + (steps.places[piece] as number))
      if (start >= to) return to
      if ((steps.values[piece] as number) > threshold) return start
    }
    return to
  }
}
