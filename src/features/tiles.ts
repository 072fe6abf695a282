import { factReader } from './fact-columns.js'
import { FACT_OPERATORS, factEventTime } from './facts.js'
import type { Feature } from './feature.js'
import type { FeatureInputs, Plan } from './plan.js'
import { PointwiseColumn } from './pointwise-column.js'
import { BAR_FIELDS, definitionOf } from './registry.js'
import { RunningColumn, RunningColumns } from './running-column.js'
import { SeriesTile } from './series-tile.js'
import { AgeColumn, BarField, CloseTime, ConstantColumn, FactColumn } from './source-columns.js'
import { SharedSteps } from './steps.js'
import { type ColumnMemory, type TileColumn, plainMemory } from './tile.js'
import { type LoadedTile, OwnMemory } from './tile-state.js'

/**
 * The features of a plan tile by tile, each distinct one once. Operators keep their state from one tile to the next, so any
 * tiling gives the same values bit for bit, and memory is that of the largest tile. What remembers is calculated as a tile is loaded,
 * all else when it is asked for.
 */
export class FeatureTiles {
  private readonly loaded: LoadedTile = { first: 0, from: 0, end: 0, length: 0, number: 0, room: 0 }
  private readonly series = new Map<string, SeriesTile>()
  private readonly closeTime: CloseTime
  private readonly columns: readonly TileColumn[]
  private readonly toLoad: { load(): void }[] = []
  private readonly running = new Map<string, RunningColumns>()
  private readonly shared = new Map<string, SharedSteps>()
  private roomFor = 0
  private owners = 0
  private readonly needsTime: boolean

  /** @throws DataError where a series has no field of a name that is read */
  constructor(
    private readonly plan: Plan,
    private readonly inputs: FeatureInputs,
    private readonly memory: ColumnMemory = plainMemory(),
  ) {
    this.closeTime = new CloseTime(this.loaded, inputs.candles)
    this.needsTime = plan.series.length > 0 || plan.slots.has('time')
    for (const name of plan.series) {
      const facts = inputs.facts[name]
      if (facts !== undefined) this.series.set(name, new SeriesTile(facts))
    }
    const columns: TileColumn[] = []
    for (const feature of plan.nodes) columns.push(this.columnOf(feature, columns))
    this.columns = columns
  }

  /** Memory for one more column, beside those of the plan. To be asked for before the first tile. */
  ownMemory(): OwnMemory {
    this.owners++
    return new OwnMemory(this.loaded, this.memory)
  }

  /** The tile that is loaded. */
  get tile(): Readonly<LoadedTile> {
    return this.loaded
  }

  has(feature: Feature): boolean {
    return this.plan.slots.has(feature.key)
  }

  /** The column of a feature of the plan: the same object for every tile. */
  column(feature: Feature): TileColumn {
    return this.columns[this.plan.slots.get(feature.key) as number] as TileColumn
  }

  /** The changes of several features of the plan at common places: the same object for all who ask for these. */
  sharedSteps(features: readonly Feature[]): SharedSteps {
    return this.commonSteps(
      features,
      features.map((feature) => this.column(feature)),
    )
  }

  /** Moves on to the bars `[from, to)`; `from` is where the tile before ended. */
  load(from: number, to: number): void {
    const { loaded } = this
    if (from !== loaded.end || !(to >= from) || to > this.inputs.candles.close.length) {
      throw new RangeError(`a tile [${from}, ${to}) cannot follow one that ended at ${loaded.end}`)
    }
    loaded.first = Math.max(0, from - 1)
    loaded.from = from
    loaded.end = to
    loaded.length = to - loaded.first
    loaded.number++
    if (loaded.length > this.roomFor) this.makeRoom(loaded.length)
    if (this.needsTime) this.closeTime.load()
    for (const series of this.series.values()) series.load(this.closeTime.values)
    for (const column of this.toLoad) column.load()
  }

  private makeRoom(length: number): void {
    this.roomFor = length
    this.loaded.room++
    this.memory.reserve(this.owners, length)
  }

  private columnOf(feature: Feature, before: readonly TileColumn[]): TileColumn {
    const { operator, args } = feature
    if (operator === 'time') return this.closeTime
    if (BAR_FIELDS.has(operator))
      return this.loading(new BarField(this.loaded, this.inputs.candles[operator as 'open']))
    const memory = this.ownMemory()
    if (operator === 'constant') return new ConstantColumn(memory, args[0] as number)
    if (FACT_OPERATORS.has(operator)) return this.factColumn(feature, memory)
    const inputs = feature.inputs.map(
      (input) => before[this.plan.slots.get(input.key) as number] as TileColumn,
    )
    const definition = definitionOf(feature)
    const calculation = definition.create(args, this.inputs.candles)
    if (definition.isStateless !== true)
      return this.runningColumn(feature, inputs, new RunningColumn(calculation, memory))
    const bounds = definition.bounds?.(args)
    const traits = { ...(definition.isMonotone && { isMonotone: true as const }), ...(bounds && { bounds }) }
    return new PointwiseColumn(
      this.loaded,
      memory,
      calculation,
      inputs,
      this.commonSteps(feature.inputs, inputs),
      traits,
    )
  }

  /** Beside those of the same kind over the same inputs: all are loaded with the first of them, whose inputs come before it. */
  private runningColumn(
    { operator, inputs }: Feature,
    columns: readonly TileColumn[],
    column: RunningColumn,
  ): RunningColumn {
    const key = [operator, ...this.slotsOf(inputs)].join()
    let beside = this.running.get(key)
    if (beside === undefined) {
      beside = this.loading(new RunningColumns(this.loaded, columns))
      this.running.set(key, beside)
    }
    beside.add(column)
    return column
  }

  private slotsOf(features: readonly Feature[]): (number | undefined)[] {
    return features.map((feature) => this.plan.slots.get(feature.key))
  }

  private commonSteps(features: readonly Feature[], columns: readonly TileColumn[]): SharedSteps {
    const key = this.slotsOf(features).join()
    const shared = this.shared.get(key) ?? new SharedSteps(columns)
    this.shared.set(key, shared)
    return shared
  }

  private factColumn(feature: Feature, memory: OwnMemory): TileColumn {
    const name = feature.args[0] as string
    const series = this.series.get(name)
    const facts = this.inputs.facts[name]
    if (series === undefined || facts === undefined) return new ConstantColumn(memory, NaN)
    const known = (of: Feature): FactColumn =>
      this.loading(new FactColumn(this.loaded, memory, factReader(of, facts, series), series))
    if (feature.operator !== 'factAge') return known(feature)
    return new AgeColumn(this.loaded, memory, known(factEventTime(name)), this.closeTime)
  }

  private loading<T extends { load(): void }>(column: T): T {
    this.toLoad.push(column)
    return column
  }
}
