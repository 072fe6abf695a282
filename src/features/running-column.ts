import { runOperators } from './loop.js'
import type { Operator } from './operator.js'
import type { TileColumn } from './tile.js'
import type { LoadedTile, OwnMemory } from './tile-state.js'

/** A calculation that remembers: its operator sees each bar once, tile after tile. */
export class RunningColumn implements TileColumn {
  values: Float64Array = new Float64Array(0)
  private last = NaN

  constructor(
    readonly operator: Operator,
    private readonly memory: OwnMemory,
  ) {}

  /** Memory for the tile that is loaded, with the bar before it, if that is in view. */
  begin(hasBefore: boolean): Float64Array {
    const values = this.memory.take()
    if (hasBefore) values[0] = this.last
    return values
  }

  end(values: Float64Array, length: number): void {
    if (length > 0) this.last = values[length - 1] as number
    this.values = values
  }

  at(place: number): number {
    return this.values[place] as number
  }
}

/** Calculations of one kind over the same inputs, done together: averages of many lengths of one column. */
export class RunningColumns {
  private readonly columns: RunningColumn[] = []
  private readonly operators: Operator[] = []

  constructor(
    private readonly tile: LoadedTile,
    private readonly inputs: readonly TileColumn[],
  ) {}

  add(column: RunningColumn): void {
    this.columns.push(column)
    this.operators.push(column.operator)
  }

  load(): void {
    const { columns, operators } = this
    const { first, from, length } = this.tile
    const outs = columns.map((column) => column.begin(from > first))
    const inputs = this.inputs.map((input) => input.values)
    runOperators(operators, inputs, outs, from - first, length)
    columns.forEach((column, at) => column.end(outs[at] as Float64Array, length))
  }
}
