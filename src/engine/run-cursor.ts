import { type Runs, RUNS_END } from '../core/signals.js'

const NO_RUNS: Runs = Int32Array.of(RUNS_END, RUNS_END)

/** A place in the runs of a condition, moved along with the rows. */
export class RunCursor {
  private runs: Runs = NO_RUNS
  private at: number = 0
  /** The run at that place: the first that ends after the rows asked for so far. */
  private start: number = RUNS_END
  private end: number = RUNS_END

  /** Starts over with the runs of another tile. */
  load(runs: Runs): void {
    this.runs = runs
    this.at = 0
    this.start = runs[0] as number
    this.end = runs[1] as number
  }

  get isEmpty(): boolean {
    return this.runs[0] === RUNS_END
  }

  /** First row at or after `row` on which the condition holds, RUNS_END where none does. The rows asked for must not fall. */
  next(row: number): number {
    if (this.end <= row) this.moveTo(row)
    const { start } = this
    return start > row ? start : row
  }

  /** Whether the condition holds on this row, which must not fall. */
  holds(row: number): boolean {
    if (this.end <= row) this.moveTo(row)
    return this.start <= row
  }

  private moveTo(row: number): void {
    const { runs } = this
    let at = this.at
    while ((runs[at + 1] as number) <= row) at += 2
    this.at = at
    this.start = runs[at] as number
    this.end = runs[at + 1] as number
  }

  /** First row at or after `row` (RUNS_END for none) that is in the runs, without moving there. */
  peek(row: number): number {
    const { runs } = this
    let at = this.at
    while ((runs[at + 1] as number) <= row) at += 2
    const start = runs[at] as number
    return start > row ? start : row
  }

  /** First row at or after `row` that is not in the runs. */
  nextWithout(row: number): number {
    return this.next(row) > row ? row : this.end
  }

  /** Whether some row of `[from, to)` is in both. Moves both to `from`. O(runs). */
  meets(other: RunCursor, from: number, to: number): boolean {
    this.next(from)
    for (let row = other.next(from); row < to;) {
      const mine = this.peek(row)
      if (mine >= to) return false
      const theirs = other.peek(mine)
      if (theirs === mine) return true
      row = theirs
    }
    return false
  }

  /** Last row of `[from, to)` in the runs, −1 where none is. Moves nowhere. O(runs). */
  last(from: number, to: number): number {
    const { runs } = this
    let row = -1
    for (let at = this.at; (runs[at] as number) < to; at += 2) row = Math.min(runs[at + 1] as number, to) - 1
    return row < from ? -1 : row
  }

  /** Rows of `[from, to)` in the runs. Moves nowhere. O(runs). */
  count(from: number, to: number): number {
    const { runs } = this
    let rows = 0
    for (let at = this.at; (runs[at] as number) < to; at += 2) {
      const start = Math.max(runs[at] as number, from)
      const end = Math.min(runs[at + 1] as number, to)
      if (start < end) rows += end - start
    }
    return rows
  }

  /** Rows of `[from, to)` that are in both. Moves neither. O(runs). */
  countWith(other: RunCursor, from: number, to: number): number {
    const { runs: a } = this
    const { runs: b } = other
    let rows = 0
    let i = this.at
    let j = other.at
    while ((a[i] as number) < to && (b[j] as number) < to) {
      const start = Math.max(a[i] as number, b[j] as number, from)
      const end = Math.min(a[i + 1] as number, b[j + 1] as number, to)
      if (start < end) rows += end - start
      if ((a[i + 1] as number) < (b[j + 1] as number)) i += 2
      else j += 2
    }
    return rows
  }
}
