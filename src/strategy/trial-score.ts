import { type SharedSteps, Steps } from '../features/steps.js'
import type { TileColumn } from '../features/tile.js'
import type { LoadedTile } from '../features/tile-state.js'
import { GradeColumn, Grading, type UnroundedThresholds } from './grades.js'
import { type RowColumns, type RowFunction, type RowLoop, findFault } from './row-loop.js'

/** Throws: tells the bar, what was answered or thrown there, and which of the two. */
export type FailOnBar = (bar: number, answer: unknown, thrown: boolean) => never

/** What scores of one instrument share. */
export interface ScoreTile {
  readonly tile: Readonly<LoadedTile>
  readonly grading: Grading
}

/**
 * The score of a trial. What rules need of it are its grades, worked out once a tile; the scores themselves are not kept. It is unknown
 * before the warm-up is over.
 */
export abstract class TrialScore {
  /** The grades, for the rules that read SCORE. */
  readonly column: TileColumn = new GradeColumn(this)
  private readonly steps: Steps = new Steps()
  private graded = -1

  constructor(
    protected readonly shared: ScoreTile,
    private readonly warmUpBars: number,
    private readonly thresholds: UnroundedThresholds,
  ) {}

  /** Places of the tile. */
  get length(): number {
    return this.shared.tile.length
  }

  /** @throws CheckError where a score of the tile lies outside [0, 1], or the row function threw */
  get grades(): Steps {
    const { tile, grading } = this.shared
    if (this.graded === tile.number) return this.steps
    const start = this.start
    this.grade(grading.prepare(this.thresholds, tile.length), this.steps, start)
    this.graded = tile.number
    return this.steps
  }

  /** The score of a place before it is rounded. */
  at(place: number): number {
    return this.shared.tile.first + place < this.warmUpBars ? Number.NaN : this.scoreAt(place)
  }

  /** All scores of the tile before they are rounded, in memory of their own. */
  scores(): Float64Array {
    const out = new Float64Array(this.length)
    out.fill(NaN, 0, this.start)
    this.writeScores(out, this.start)
    return out
  }

  /** First place of the tile after the warm-up. The bar before the tile was graded with its own. */
  private get start(): number {
    const { first, from, end } = this.shared.tile
    return Math.min(Math.max(from, this.warmUpBars), end) - first
  }

  protected abstract grade(grading: Grading, out: Steps, start: number): void
  protected abstract scoreAt(place: number): number
  protected abstract writeScores(out: Float64Array, start: number): void
}

/** The score is a feature. */
export class FeatureScore extends TrialScore {
  constructor(
    shared: ScoreTile,
    warmUpBars: number,
    thresholds: UnroundedThresholds,
    private readonly feature: TileColumn,
    private readonly fail: FailOnBar,
  ) {
    super(shared, warmUpBars, thresholds)
  }

  protected grade(grading: Grading, out: Steps, start: number): void {
    const { steps } = this.feature
    const count =
      steps === undefined
        ? grading.ofScores(this.feature.values, start, this.length)
        : grading.ofScores(steps.values, steps.pieceAt(start), start < this.length ? steps.count : 0)
    if (count < 0) this.refuse(-1 - count, start, steps)
    grading.write(out, count, start, steps?.places)
  }

  protected scoreAt(place: number): number {
    return this.feature.at(place)
  }

  protected writeScores(out: Float64Array, start: number): void {
    out.set(this.feature.values.subarray(start, this.length), start)
  }

  private refuse(row: number, start: number, steps: Steps | undefined): never {
    const place = steps === undefined ? row : Math.max(start, steps.places[row] as number)
    return this.fail(this.shared.tile.first + place, this.feature.at(place), false)
  }
}

/** A row function, and what it is asked about. */
export interface RowQuestion {
  readonly names: readonly string[]
  readonly columns: readonly TileColumn[]
  /** The same columns' changes. */
  readonly changes: SharedSteps
  readonly loop: RowLoop
  readonly signal: RowFunction
  readonly params: Readonly<Record<string, unknown>>
}

/** The score is a function of the row of named features; where all of them stand still, so does it. */
export class RowScore extends TrialScore {
  private oneRow: RowColumns | undefined
  private answers: Float64Array | undefined

  constructor(
    shared: ScoreTile,
    warmUpBars: number,
    thresholds: UnroundedThresholds,
    private readonly question: RowQuestion,
    private readonly fail: FailOnBar,
  ) {
    super(shared, warmUpBars, thresholds)
  }

  protected grade(grading: Grading, out: Steps, start: number): void {
    const { changes } = this.question
    if (start >= this.length) return grading.write(out, 0, start, undefined)
    const isSteps = changes.load(this.shared.tile.number, this.length)
    const columns = isSteps ? changes.values : this.columnValues()
    const from = isSteps ? changes.common.pieceAt(start) : start
    const end = isSteps ? changes.common.count : this.length
    const places = isSteps ? changes.common.places : undefined
    const { loop, signal, params } = this.question
    const count = this.asked(columns, from, end, start, places, () =>
      loop.grades(columns, from, end, signal, params, grading),
    )
    grading.write(out, count, start, places)
  }

  /** Asked again: the function is one of the row alone. */
  protected scoreAt(place: number): number {
    const { columns } = this.question
    const row = (this.oneRow ??= columns.map(() => new Float64Array(1)))
    const answers = (this.answers ??= new Float64Array(1))
    for (let i = 0; i < row.length; i++) (row[i] as Float64Array)[0] = (columns[i] as TileColumn).at(place)
    this.ask(row, 0, 1, answers, place)
    return answers[0] as number
  }

  protected writeScores(out: Float64Array, start: number): void {
    this.ask(this.columnValues(), start, this.length, out, start)
  }

  private columnValues(): RowColumns {
    return this.question.columns.map(({ values }) => values)
  }

  private ask(columns: RowColumns, from: number, end: number, out: Float64Array, start: number): void {
    const { loop, signal, params } = this.question
    this.asked(columns, from, end, start, undefined, () => {
      const at = loop.scores(columns, from, end, signal, params, out)
      return at === end ? 0 : -1 - at
    })
  }

  /** What a loop answers if it is not below 0: else, and where it throws, it has come upon a fault. */
  private asked(
    columns: RowColumns,
    from: number,
    end: number,
    start: number,
    places: Int32Array | undefined,
    loop: () => number,
  ): number {
    let thrown: unknown
    try {
      const answer = loop()
      if (answer >= 0) return answer
    } catch (error) {
      thrown = error
    }
    const { names, signal, params } = this.question
    const named = Object.fromEntries(names.map((name, index) => [name, columns[index] as Float64Array]))
    const found = findFault(named, from, end, signal, params)
    const fault = found ?? { row: from, answer: thrown, thrown: thrown !== undefined }
    const place = places === undefined ? fault.row : (places[fault.row] as number)
    return this.fail(this.shared.tile.first + Math.max(start, place), fault.answer, fault.thrown)
  }
}
