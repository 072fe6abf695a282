import { runOperator } from './loop.js'
import type { Operator } from './operator.js'
import type { LoadedColumn } from './source-columns.js'
import type { TileColumn } from './tile.js'
import type { LoadedTile, OwnMemory } from './tile-state.js'

/** A calculation that remembers: its operator sees each bar once, tile after tile. */
export class RunningColumn implements LoadedColumn {
  values: Float64Array = new Float64Array(0)
  private last = NaN

  constructor(
    private readonly tile: LoadedTile,
    private readonly memory: OwnMemory,
    private readonly operator: Operator,
    private readonly inputs: readonly TileColumn[],
  ) {}

  load(): void {
    const { first, from, length } = this.tile
    const values = this.memory.take()
    if (from > first) values[0] = this.last
    const inputs = this.inputs.map((input) => input.values)
    runOperator(this.operator, inputs, values, from - first, length)
    if (length > 0) this.last = values[length - 1] as number
    this.values = values
  }

  at(place: number): number {
    return this.values[place] as number
  }
}
