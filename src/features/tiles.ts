import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import { type FactReader, factReader } from './fact-columns.js'
import { FACT_OPERATORS } from './facts.js'
import type { Feature } from './feature.js'
import { runOperator } from './loop.js'
import type { Operator } from './operator.js'
import type { FeatureInputs, Plan } from './plan.js'
import { BAR_FIELDS, definitionOf } from './registry.js'
import { SeriesTile } from './series-tile.js'
import { type MakeColumns, type Tile, type TileColumn, plainColumns } from './tile.js'

/** A node of the plan: computes its column of each tile in turn, and keeps what it must remember between them. */
interface Node extends TileColumn {
  load(tile: Tile): void
}

/** A node that needs memory of its own. */
interface OwnColumn extends Node {
  /** Moves to another array. */
  use(values: Float64Array): void
  /** Tells the new tile's first value, where the tile before ended with it. */
  startWith(value: number): void
}

/**
 * The features of a plan tile by tile, each distinct one once. Operators keep their state from one tile to the next, so any
 * tiling gives the same values bit for bit, and memory is that of the largest tile.
 */
export class FeatureTiles implements Tile {
  first = 0
  from = 0
  end = 0
  private readonly closeTime: CloseTime
  private readonly series = new Map<string, SeriesTile>()
  private readonly nodes: readonly Node[]
  private readonly owners: readonly OwnColumn[]
  private length = 0

  /** @throws DataError where a series has no field of a name that is read */
  constructor(
    private readonly plan: Plan,
    private readonly inputs: FeatureInputs,
    private readonly makeColumns: MakeColumns = plainColumns,
  ) {
    this.closeTime = new CloseTime(inputs.candles)
    for (const name of plan.series) {
      const facts = inputs.facts[name]
      if (facts !== undefined) this.series.set(name, new SeriesTile(facts))
    }
    const nodes: Node[] = []
    for (const feature of plan.nodes) nodes.push(this.nodeOf(feature, nodes))
    this.nodes = nodes
    this.owners = nodes.filter((node): node is OwnColumn => 'use' in node)
  }

  has(feature: Feature): boolean {
    return this.plan.slots.has(feature.key)
  }

  /** The column of a feature of the plan: the same object for every tile. */
  column(feature: Feature): TileColumn {
    return this.nodes[this.plan.slots.get(feature.key) as number] as TileColumn
  }

  /** Moves on to the bars `[from, to)`; `from` is where the tile before ended. */
  load(from: number, to: number): void {
    if (from !== this.end || !(to >= from) || to > this.inputs.candles.close.length) {
      throw new RangeError(`a tile [${from}, ${to}) cannot follow one that ended at ${this.end}`)
    }
    const last = this.end - 1 - this.first
    const before = this.owners.map((owner) => (last < 0 ? NaN : (owner.values[last] as number)))
    this.first = Math.max(0, from - 1)
    this.from = from
    this.end = to
    this.makeRoom(to - this.first)
    if (from > this.first) this.owners.forEach((owner, index) => owner.startWith(before[index] as number))
    this.closeTime.load(this)
    for (const series of this.series.values()) series.load(this.closeTime.values)
    for (const node of this.nodes) node.load(this)
  }

  private makeRoom(length: number): void {
    if (length <= this.length) return
    this.length = length
    const columns = this.makeColumns(this.owners.length, length)
    this.owners.forEach((owner, index) => owner.use(columns[index] as Float64Array))
  }

  private nodeOf(feature: Feature, nodes: readonly Node[]): Node {
    const { operator, args } = feature
    if (operator === 'time') return this.closeTime
    if (BAR_FIELDS.has(operator)) return new BarField(this.inputs.candles[operator as 'open'])
    if (operator === 'constant') return new Constant(args[0] as number)
    if (FACT_OPERATORS.has(operator)) {
      const tile = this.series.get(args[0] as string)
      const facts = this.inputs.facts[args[0] as string]
      if (tile === undefined || facts === undefined) return new Constant(NaN)
      const reader = factReader(feature, facts, tile)
      return new FactColumn(reader, tile, operator === 'factAge' ? this.closeTime : undefined)
    }
    const inputs = feature.inputs.map((input) => nodes[this.plan.slots.get(input.key) as number] as Node)
    return new Computed(definitionOf(feature).create(args, this.inputs.candles), inputs)
  }
}

const NOTHING = new Float64Array(0)

class BarField implements Node {
  values: Float64Array = NOTHING

  constructor(private readonly column: Float64Array) {}

  load({ first, end }: Tile): void {
    this.values = this.column.subarray(first, end)
  }
}

class CloseTime implements Node {
  values: Float64Array = NOTHING
  private memory: Float64Array = NOTHING
  private loaded = -1

  constructor(private readonly candles: Candles) {}

  load({ first, end }: Tile): void {
    // It may stand in the plan as well: the tile asks for it first.
    if (this.loaded === end && this.values.length === end - first) return
    this.loaded = end
    const { openTime, timeframeMs } = this.candles
    if (this.memory.length < end - first) this.memory = new Float64Array(end - first)
    const values = this.memory.subarray(0, end - first)
    for (let i = 0; i < values.length; i++) values[i] = (openTime[first + i] as number) + timeframeMs
    this.values = values
    for (let i = 1; i < values.length; i++) {
      if (!((values[i] as number) >= (values[i - 1] as number)))
        refuseDisorder(first + i, values[i] as number)
    }
  }
}

function refuseDisorder(bar: number, value: number): never {
  throw new DataError('close times must not decrease', { row: bar + 1, field: 'closeTime', value, unit: 'UTC ms' }) // prettier-ignore
}

class Constant implements OwnColumn {
  values: Float64Array = NOTHING

  constructor(private readonly value: number) {}

  use(values: Float64Array): void {
    this.values = values.fill(this.value)
  }

  startWith(): void {}
  load(): void {}
}

/** A running calculation over the columns of other nodes. */
class Computed implements OwnColumn {
  values: Float64Array = NOTHING

  constructor(
    private readonly operator: Operator,
    private readonly inputs: readonly Node[],
  ) {}

  use(values: Float64Array): void {
    this.values = values
  }

  startWith(value: number): void {
    this.values[0] = value
  }

  load({ first, from, end }: Tile): void {
    const inputs = this.inputs.map(({ values }) => values)
    runOperator(this.operator, inputs, this.values, from - first, end - first)
  }
}

/** A fact's value, or where `closeTime` is given the age of its event time. */
class FactColumn implements OwnColumn {
  values: Float64Array = NOTHING

  constructor(
    private readonly reader: FactReader,
    private readonly series: SeriesTile,
    private readonly closeTime: TileColumn | undefined,
  ) {}

  use(values: Float64Array): void {
    this.values = values
  }

  startWith(value: number): void {
    this.values[0] = value
  }

  load({ first, from, end }: Tile): void {
    const { places, count } = this.series
    const { values } = this
    const closeTime = this.closeTime?.values
    for (let change = 0; change < count; change++) {
      const value = this.reader.valueAt(change)
      const start = Math.max(places[change] as number, from - first)
      const stop = change + 1 < count ? (places[change + 1] as number) : end - first
      if (closeTime === undefined) values.fill(value, start, stop)
      else for (let i = start; i < stop; i++) values[i] = (closeTime[i] as number) - value
    }
  }
}
