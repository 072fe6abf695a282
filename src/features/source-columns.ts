import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { FactReader } from './fact-columns.js'
import type { Ramp } from './ramp.js'
import type { SeriesTile } from './series-tile.js'
import { Steps } from './steps.js'
import type { TileColumn } from './tile.js'
import type { LoadedTile, OwnMemory } from './tile-state.js'

/** A column that must see every tile. */
export interface LoadedColumn extends TileColumn {
  load(): void
}

/** A column of the candles: a view, never a copy. */
export class BarField implements LoadedColumn {
  values: Float64Array

  constructor(
    private readonly tile: LoadedTile,
    private readonly column: Float64Array,
  ) {
    this.values = column.subarray(0, 0)
  }

  load(): void {
    this.values = this.column.subarray(this.tile.first, this.tile.end)
  }

  at(place: number): number {
    return this.values[place] as number
  }
}

/** Close time of each bar, UTC ms. */
export class CloseTime implements LoadedColumn {
  values: Float64Array = new Float64Array(0)
  private memory = this.values

  constructor(
    private readonly tile: LoadedTile,
    private readonly candles: Candles,
  ) {}

  /** @throws DataError naming the row where close times decrease */
  load(): void {
    const { first, length } = this.tile
    const { openTime, timeframeMs } = this.candles
    if (this.memory.length < length) this.memory = new Float64Array(length)
    const values = this.memory.subarray(0, length)
    let last = -Infinity
    for (let i = 0; i < length; i++) {
      const time = (openTime[first + i] as number) + timeframeMs
      if (!(time >= last)) refuseDisorder(first + i, time)
      values[i] = time
      last = time
    }
    this.values = values
  }

  at(place: number): number {
    return this.values[place] as number
  }
}

function refuseDisorder(bar: number, value: number): never {
  throw new DataError('close times must not decrease', { row: bar + 1, field: 'closeTime', value, unit: 'UTC ms' }) // prettier-ignore
}

/** The same number on every bar. */
export class ConstantColumn implements TileColumn {
  readonly steps: Steps = new Steps()
  private filled: Float64Array | undefined

  constructor(
    private readonly memory: OwnMemory,
    private readonly value: number,
  ) {
    this.steps.push(0, value)
  }

  get values(): Float64Array {
    const values = this.memory.take()
    if (values !== this.filled) values.fill(this.value)
    this.filled = values
    return values
  }

  at(): number {
    return this.value
  }
}

/** What is known of a fact: it stands still until the next one is known. */
export class FactColumn implements LoadedColumn {
  readonly steps: Steps = new Steps()
  private filled = -1

  constructor(
    private readonly tile: LoadedTile,
    private readonly memory: OwnMemory,
    private readonly reader: FactReader,
    private readonly series: SeriesTile,
  ) {}

  get values(): Float64Array {
    const values = this.memory.take()
    if (this.filled !== this.tile.number) this.steps.fill(values, this.tile.length)
    this.filled = this.tile.number
    return values
  }

  load(): void {
    const { places, count } = this.series
    this.steps.clear()
    for (let change = 0; change < count; change++) {
      this.steps.push(places[change] as number, this.reader.valueAt(change))
    }
  }

  at(place: number): number {
    return this.steps.at(place)
  }
}

/** Close time − event time of the fact in use: rises from bar to bar until the next fact is known. */
export class AgeColumn implements TileColumn {
  readonly ramp: Ramp
  private filled = -1

  constructor(
    private readonly tile: LoadedTile,
    private readonly memory: OwnMemory,
    private readonly eventTime: FactColumn,
    private readonly closeTime: TileColumn,
  ) {
    const { steps } = eventTime
    this.ramp = {
      get places() {
        return steps.places
      },
      get count() {
        return steps.count
      },
      at: (piece, place) => (closeTime.values[place] as number) - (steps.values[piece] as number),
    }
  }

  get values(): Float64Array {
    const values = this.memory.take()
    if (this.filled !== this.tile.number) this.write(values)
    this.filled = this.tile.number
    return values
  }

  at(place: number): number {
    return this.closeTime.at(place) - this.eventTime.at(place)
  }

  private write(out: Float64Array): void {
    const { steps } = this.eventTime
    const closeTime = this.closeTime.values
    for (let piece = 0; piece < steps.count; piece++) {
      const eventTime = steps.values[piece] as number
      const end = steps.endOf(piece, this.tile.length)
      for (let i = steps.places[piece] as number; i < end; i++) out[i] = (closeTime[i] as number) - eventTime
    }
  }
}
