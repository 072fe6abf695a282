import { sharedColumn } from '../core/columns.js'

/** Rows of so many numbers each, in memory that grows by four as it fills: shared memory, which does not count towards the next full collection. */
export class NumberRows {
  /** Row after row; grows when a row is added, so it must be asked for again. */
  values: Float64Array
  private readonly width: number
  private used: number = 0

  constructor(width: number) {
    this.width = width
    this.values = sharedColumn(width * 64)
  }

  /** Room for one more row: where it begins. O(1), now and then O(rows). */
  add(): number {
    const at = this.used
    this.used += this.width
    if (this.used > this.values.length) this.grow()
    return at
  }

  private grow(): void {
    const larger = sharedColumn(this.values.length * 4)
    larger.set(this.values)
    this.values = larger
  }
}
