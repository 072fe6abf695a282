import { round12 } from '../features/combine.js'
import { CommonSteps, Steps, stepsOfAll } from '../features/steps.js'
import type { Tile, TileColumn } from '../features/tile.js'
import type { RowFunction, RowLoop } from './row-loop.js'

/** Throws: tells the bar, what was answered or thrown there, and which of the two. */
export type FailOnBar = (bar: number, answer: unknown, thrown: boolean) => never

/** Memory for the score of one trial at a time: thousands of trials have theirs in turn, and it stays in the cache. */
export class ScoreMemory {
  readonly steps: Steps = new Steps()
  /** Whether the score stands in `steps`. */
  isSteps = false
  /** Whether it stands in `values`. */
  isFilled = false
  private bars: Float64Array = new Float64Array(0)
  private owner: unknown
  private ownersEnd = -1

  constructor(readonly tile: Tile) {}

  get length(): number {
    return this.tile.end - this.tile.first
  }

  get values(): Float64Array {
    if (this.bars.length < this.length) this.bars = new Float64Array(this.length)
    return this.bars
  }

  /** True where somebody else's score, or that of another tile, stood there. */
  take(owner: unknown): boolean {
    if (this.owner === owner && this.ownersEnd === this.tile.end) return false
    this.owner = owner
    this.ownersEnd = this.tile.end
    this.isSteps = false
    this.isFilled = false
    return true
  }
}

/** How one trial's score is made. Places before `start` are left out. */
interface ScoreSource {
  /** Writes the changes; false where the score is not made of few. */
  writeSteps(out: Steps, start: number): boolean
  /** Writes a value for each place. */
  write(out: Float64Array, start: number): void
  at(place: number): number
}

/** The checked score of one trial: rounded, NaN before the warm-up is over. Its memory is that of all trials: see ScoreMemory. */
export class TrialScore implements TileColumn {
  constructor(
    private readonly memory: ScoreMemory,
    private readonly warmUpBars: number,
    private readonly source: ScoreSource,
  ) {}

  get steps(): Steps | undefined {
    this.compute()
    return this.memory.isSteps ? this.memory.steps : undefined
  }

  get values(): Float64Array {
    this.compute()
    const { memory } = this
    if (!memory.isFilled) memory.steps.fill(memory.values, memory.length)
    memory.isFilled = true
    return memory.values
  }

  /** Asks for every score of the tile, so that one that is none fails. */
  compute(): void {
    const { memory, source } = this
    if (!memory.take(this)) return
    const { first, from, end } = memory.tile
    const start = Math.min(Math.max(from, this.warmUpBars), end) - first
    memory.steps.clear()
    if (start > 0) memory.steps.push(0, NaN)
    memory.isSteps = source.writeSteps(memory.steps, start)
    if (memory.isSteps) return
    memory.values.fill(NaN, 0, start)
    source.write(memory.values, start)
    memory.isFilled = true
  }

  at(place: number): number {
    return this.memory.tile.first + place < this.warmUpBars ? NaN : this.source.at(place)
  }
}

/** The score is a feature. */
export class FeatureScore implements ScoreSource {
  constructor(
    private readonly tile: Tile,
    private readonly column: TileColumn,
    private readonly fail: FailOnBar,
  ) {}

  writeSteps(out: Steps, start: number): boolean {
    const { steps } = this.column
    if (steps === undefined) return false
    for (let piece = steps.pieceAt(start); piece < steps.count; piece++) {
      const place = Math.max(start, steps.places[piece] as number)
      out.push(place, this.checked(steps.values[piece] as number, place))
    }
    return true
  }

  write(out: Float64Array, start: number): void {
    const { values } = this.column
    const length = this.tile.end - this.tile.first
    for (let i = start; i < length; i++) out[i] = this.checked(values[i] as number, i)
  }

  at(place: number): number {
    return round12(this.column.at(place))
  }

  private checked(score: number, place: number): number {
    if (score < 0 || score > 1) this.fail(this.tile.first + place, score, false)
    return round12(score)
  }
}

/** The score is a function of the row of named features; where all of them stand still, so does it. */
export class RowScore implements ScoreSource {
  private readonly common: CommonSteps
  private answers: Float64Array = new Float64Array(1)

  constructor(
    private readonly tile: Tile,
    private readonly columns: readonly TileColumn[],
    private readonly loop: RowLoop,
    private readonly signal: RowFunction,
    private readonly params: Readonly<Record<string, unknown>>,
    private readonly fail: FailOnBar,
  ) {
    this.common = new CommonSteps(columns.length)
  }

  writeSteps(out: Steps, start: number): boolean {
    const length = this.tile.end - this.tile.first
    const inputs = stepsOfAll(this.columns, length)
    if (inputs === undefined) return false
    const { common } = this
    common.align(inputs)
    const { places, count } = common
    if (this.answers.length < count) this.answers = new Float64Array(places.length)
    const { answers } = this
    let piece = 0
    while (piece + 1 < count && (places[piece + 1] as number) <= start) piece++
    if (start >= length) return true
    this.ask(common.gather(inputs), piece, count, answers, (k) => Math.max(start, places[k] as number))
    for (let k = piece; k < count; k++) out.push(Math.max(start, places[k] as number), answers[k] as number)
    return true
  }

  write(out: Float64Array, start: number): void {
    const columns = this.columns.map(({ values }) => values)
    this.ask(columns, start, this.tile.end - this.tile.first, out, (place) => place)
  }

  /** Asked again: the function is one of the row alone. */
  at(place: number): number {
    const row = this.columns.map((column) => Float64Array.of(column.at(place)))
    this.ask(row, 0, 1, this.answers, () => place)
    return this.answers[0] as number
  }

  private ask(
    columns: readonly Float64Array[],
    from: number,
    end: number,
    out: Float64Array,
    placeOf: (row: number) => number,
  ): void {
    this.loop(columns, from, end, this.signal, this.params, out, (row, answer, thrown) =>
      this.fail(this.tile.first + placeOf(row), answer, thrown),
    )
  }
}
