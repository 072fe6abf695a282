import { leastRoundedTo } from '../features/combine.js'
import type { Steps } from '../features/steps.js'
import type { TileColumn } from '../features/tile.js'
import type { ScoreThresholds } from './define.js'
import { type Conditions, SCORE } from './program.js'
import { above } from './rules.js'

/** All that rules ask of a score: on which side of its thresholds it is. An unknown score has no grade. */
export const SELL_GRADE = 0
export const NEUTRAL_GRADE = 1
export const BUY_GRADE = 2
/** Stands for unknown in a list of grades. */
const NO_GRADE = 3

const buy = above(SCORE, NEUTRAL_GRADE)
const sell = above(NEUTRAL_GRADE, SCORE)

/** The conditions of a score, read from its grades. */
export const GRADE_CONDITIONS: Conditions = {
  enterLong: buy,
  exitLong: sell,
  enterShort: sell,
  exitShort: buy,
}

/** Where scores pass from one grade to another: what to compare them with, and memory for the changes, used by one score at a time. */
export class Grading {
  /** Thresholds for scores that are not rounded yet. */
  buyFrom = 0.5
  sellBelow = 0.5
  /** Rows from which on the grade is another one, and which. */
  rows: Int32Array = new Int32Array(0)
  grades: Uint8Array = new Uint8Array(0)

  /** For scores with these thresholds, at most so many of them. */
  prepare(thresholds: UnroundedThresholds, rows: number): this {
    this.buyFrom = thresholds.buyFrom
    this.sellBelow = thresholds.sellBelow
    if (this.rows.length < rows) {
      this.rows = new Int32Array(rows)
      this.grades = new Uint8Array(rows)
    }
    return this
  }

  /** Grades the scores `[from, end)`. Answers how many changes there are; −1 − row where there is no score but another number. */
  ofScores(scores: Float64Array, from: number, end: number): number {
    const { buyFrom, sellBelow, rows, grades } = this
    let last = -1
    let count = 0
    for (let row = from; row < end; row++) {
      const score = scores[row] as number
      if (score < 0 || score > 1) return -1 - row
      const grade =
        score >= buyFrom
          ? BUY_GRADE
          : score < sellBelow
            ? SELL_GRADE
            : score === score
              ? NEUTRAL_GRADE
              : NO_GRADE
      if (grade === last) continue
      rows[count] = row
      grades[count++] = grade
      last = grade
    }
    return count
  }

  /** Writes the changes as a column that has no grade before the place `start`; `places` are those of the rows, if not the same. */
  write(out: Steps, count: number, start: number, places: Int32Array | undefined): void {
    out.clear()
    if (start > 0) out.push(0, NaN)
    for (let change = 0; change < count; change++) {
      const row = this.rows[change] as number
      const place = places === undefined ? row : (places[row] as number)
      const grade = this.grades[change] as number
      out.push(place < start ? start : place, grade === NO_GRADE ? Number.NaN : grade)
    }
  }
}

export interface UnroundedThresholds {
  readonly buyFrom: number
  readonly sellBelow: number
}

/** Thresholds for scores that are not rounded to 12 decimals, so that these need not be. */
export function unrounded({ long, short }: ScoreThresholds): UnroundedThresholds {
  return { buyFrom: leastRoundedTo(long), sellBelow: leastRoundedTo(short) }
}

/** A column of grades, which is all changes. */
export class GradeColumn implements TileColumn {
  constructor(private readonly score: { readonly grades: Steps; readonly length: number }) {}

  get steps(): Steps {
    return this.score.grades
  }

  get values(): Float64Array {
    const values = new Float64Array(this.score.length)
    this.steps.fill(values, values.length)
    return values
  }

  at(place: number): number {
    return this.steps.at(place)
  }
}
