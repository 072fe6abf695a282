import { SharedSteps, Steps } from '../features/steps.js'
import type { Tile, TileColumn } from '../features/tile.js'
import type { LoadedTile, OwnMemory } from '../features/tile-state.js'
import { type RowFunction, type RowLoop, findFault } from './row-loop.js'

/** Throws: tells the bar, what was answered or thrown there, and which of the two. */
export type FailOnBar = (bar: number, answer: unknown, thrown: boolean) => never

/** The score of a trial before it is rounded; NaN before the warm-up is over. */
export interface TrialScore extends TileColumn {
  /** Asks for every score of the tile, so that one that is none fails. */
  check?(): void
}

/** The score is a feature: the column itself, but for the bars of the warm-up. */
export class FeatureScore implements TrialScore {
  private masked: Float64Array = new Float64Array(0)
  private maskedSteps: Steps | undefined

  constructor(
    private readonly tile: Tile,
    private readonly warmUpBars: number,
    private readonly column: TileColumn,
  ) {}

  get steps(): Steps | undefined {
    const { steps } = this.column
    const { first, from } = this.tile
    if (steps === undefined || from >= this.warmUpBars) return steps
    this.maskedSteps ??= new Steps()
    writeFrom(this.maskedSteps, steps, this.warmUpBars - first)
    return this.maskedSteps
  }

  get values(): Float64Array {
    const { values } = this.column
    const { first, from, end } = this.tile
    if (from >= this.warmUpBars) return values
    this.masked = values.slice(0, end - first)
    return this.masked.fill(NaN, 0, this.warmUpBars - first)
  }

  at(place: number): number {
    return this.tile.first + place < this.warmUpBars ? NaN : this.column.at(place)
  }
}

/** Another column's changes, with NaN before a place. */
function writeFrom(out: Steps, { places, values, count }: Steps, start: number): void {
  out.clear()
  out.push(0, NaN)
  for (let piece = 0; piece < count; piece++) {
    const isLast = piece + 1 === count
    if (isLast || (places[piece + 1] as number) > start) {
      out.push(Math.max(start, places[piece] as number), values[piece] as number)
    }
  }
}

/**
 * Memory for the score of one trial at a time: thousands of row functions have theirs in turn, and it stays in the cache. Whoever reads
 * from it asks its own score to be there first.
 */
export class ScoreMemory {
  readonly steps: Steps = new Steps()
  isSteps = false
  private owner: unknown
  private ownersEnd = -1

  constructor(
    readonly tile: Readonly<LoadedTile>,
    private readonly bars: OwnMemory,
  ) {}

  get length(): number {
    return this.tile.end - this.tile.first
  }

  get values(): Float64Array {
    return this.bars.take()
  }

  /** True where somebody else's score, or that of another tile, stood there. */
  take(owner: unknown): boolean {
    if (this.owner === owner && this.ownersEnd === this.tile.end) return false
    this.owner = owner
    this.ownersEnd = this.tile.end
    return true
  }
}

/** The score is a function of the row of named features; where all of them stand still, so does it. */
export class RowScore implements TrialScore {
  private readonly shared: SharedSteps
  private answers: Float64Array = new Float64Array(1)

  constructor(
    private readonly memory: ScoreMemory,
    private readonly warmUpBars: number,
    private readonly names: readonly string[],
    private readonly columns: readonly TileColumn[],
    private readonly loop: RowLoop,
    private readonly signal: RowFunction,
    private readonly params: Readonly<Record<string, unknown>>,
    private readonly fail: FailOnBar,
  ) {
    this.shared = new SharedSteps(columns)
  }

  get steps(): Steps | undefined {
    this.check()
    return this.memory.isSteps ? this.memory.steps : undefined
  }

  get values(): Float64Array {
    this.check()
    const { memory } = this
    if (memory.isSteps) memory.steps.fill(memory.values, memory.length)
    return memory.values
  }

  check(): void {
    const { memory } = this
    if (!memory.take(this)) return
    const { first, from, end } = memory.tile
    const start = Math.min(Math.max(from, this.warmUpBars), end) - first
    memory.isSteps = this.shared.load(memory.tile.number, memory.length)
    if (memory.isSteps) return this.writeSteps(start)
    memory.values.fill(NaN, 0, start)
    const columns = this.columns.map(({ values }) => values)
    this.ask(columns, start, memory.length, memory.values, (place) => place)
  }

  /** Asked again: the function is one of the row alone. */
  at(place: number): number {
    if (this.memory.tile.first + place < this.warmUpBars) return NaN
    const row = this.columns.map((column) => Float64Array.of(column.at(place)))
    this.ask(row, 0, 1, this.answers, () => place)
    return this.answers[0] as number
  }

  private writeSteps(start: number): void {
    const { memory } = this
    const { common, values } = this.shared
    const out = memory.steps
    out.clear()
    if (start > 0) out.push(0, NaN)
    if (start >= memory.length) return
    const { places, count } = common
    if (this.answers.length < count) this.answers = new Float64Array(places.length)
    const { answers } = this
    let piece = 0
    while (piece + 1 < count && (places[piece + 1] as number) <= start) piece++
    const placeOf = (k: number): number => Math.max(start, places[k] as number)
    this.ask(values, piece, count, answers, placeOf)
    for (let k = piece; k < count; k++) out.push(placeOf(k), answers[k] as number)
  }

  private ask(
    columns: readonly Float64Array[],
    from: number,
    end: number,
    out: Float64Array,
    placeOf: (row: number) => number,
  ): void {
    try {
      if (this.loop(columns, from, end, this.signal, this.params, out) === end) return
    } catch (error) {
      this.refuse(columns, from, end, placeOf, error)
    }
    this.refuse(columns, from, end, placeOf)
  }

  private refuse(
    columns: readonly Float64Array[],
    from: number,
    end: number,
    placeOf: (row: number) => number,
    error?: unknown,
  ): never {
    const named = Object.fromEntries(this.names.map((name, index) => [name, columns[index] as Float64Array]))
    const fault = findFault(named, from, end, this.signal, this.params)
    const { place, answer, thrown } = fault ?? { place: from, answer: error, thrown: error !== undefined }
    return this.fail(this.memory.tile.first + placeOf(place), answer, thrown)
  }
}
