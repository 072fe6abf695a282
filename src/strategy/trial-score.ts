import type { ColumnReader } from '../core/signal-tile.js'
import { round12 } from '../features/combine.js'
import type { Tile, TileColumn } from '../features/tile.js'
import type { RowFunction, RowLoop } from './row-loop.js'

/** Throws: tells the bar, what was answered or thrown there, and which of the two. */
export type FailOnBar = (bar: number, answer: unknown, thrown: boolean) => never

/** Memory for the score of one trial at a time: thousands of trials have theirs in turn, and it stays in the cache. */
export class ScoreMemory {
  values: Float64Array = new Float64Array(0)
  private owner: unknown
  private ownersEnd = -1

  constructor(readonly tile: Tile) {}

  /** True where somebody else's scores, or those of another tile, were there. */
  take(owner: unknown): boolean {
    const { first, end } = this.tile
    if (this.owner === owner && this.ownersEnd === end) return false
    this.owner = owner
    this.ownersEnd = end
    if (this.values.length < end - first) this.values = new Float64Array(end - first)
    return true
  }
}

/**
 * The checked score of one trial: rounded, NaN before the warm-up is over. Its column stands in memory that other trials use too, so
 * `compute` must come before it is read; `at` reads single bars at any time.
 */
export abstract class TrialScore implements TileColumn, ColumnReader {
  constructor(
    protected readonly memory: ScoreMemory,
    private readonly warmUpBars: number,
  ) {}

  get values(): Float64Array {
    return this.memory.values
  }

  compute(): void {
    const { memory } = this
    if (!memory.take(this)) return
    const { first, from, end } = memory.tile
    const start = Math.min(Math.max(from, this.warmUpBars), end) - first
    memory.values.fill(NaN, 0, start)
    this.write(memory.values, start, end - first)
  }

  at(bar: number): number {
    return bar < this.warmUpBars ? NaN : this.valueAt(bar - this.memory.tile.first)
  }

  protected abstract write(out: Float64Array, start: number, end: number): void
  protected abstract valueAt(place: number): number
}

/** The score is a feature. */
export class FeatureScore extends TrialScore {
  constructor(
    memory: ScoreMemory,
    warmUpBars: number,
    private readonly column: TileColumn,
    private readonly fail: FailOnBar,
  ) {
    super(memory, warmUpBars)
  }

  protected write(out: Float64Array, start: number, end: number): void {
    const { values } = this.column
    for (let i = start; i < end; i++) {
      const score = values[i] as number
      if (score < 0 || score > 1) this.fail(this.memory.tile.first + i, score, false)
      out[i] = round12(score)
    }
  }

  protected valueAt(place: number): number {
    return round12(this.column.values[place] as number)
  }
}

/** The score is a function of the row of named features. */
export class RowScore extends TrialScore {
  constructor(
    memory: ScoreMemory,
    warmUpBars: number,
    private readonly columns: Readonly<Record<string, TileColumn>>,
    private readonly loop: RowLoop,
    private readonly signal: RowFunction,
    private readonly params: Readonly<Record<string, unknown>>,
    private readonly fail: FailOnBar,
  ) {
    super(memory, warmUpBars)
  }

  protected write(out: Float64Array, start: number, end: number): void {
    this.ask(
      Object.values(this.columns).map(({ values }) => values),
      start,
      end,
      out,
      this.memory.tile.first,
    )
  }

  /** Asked again: the function is one of the row alone. */
  protected valueAt(place: number): number {
    const out = new Float64Array(1)
    const row = Object.values(this.columns).map(({ values }) => values.subarray(place, place + 1))
    this.ask(row, 0, 1, out, this.memory.tile.first + place)
    return out[0] as number
  }

  private ask(
    columns: readonly Float64Array[],
    start: number,
    end: number,
    out: Float64Array,
    first: number,
  ): void {
    this.loop(columns, start, end, this.signal, this.params, out, (place, answer, thrown) =>
      this.fail(first + place, answer, thrown),
    )
  }
}
