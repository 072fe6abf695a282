/** Rows of a few numbers each, one behind the other in memory that doubles when it is full: records without an object for each. */
export class NumberRows {
  numbers: Float64Array
  count: number = 0
  private readonly width: number

  constructor(width: number) {
    this.width = width
    this.numbers = new Float64Array(256 * width)
  }

  /** Where a new row begins. */
  add(): number {
    const at = this.count++ * this.width
    if (at === this.numbers.length) {
      const longer = new Float64Array(2 * at)
      longer.set(this.numbers)
      this.numbers = longer
    }
    return at
  }
}
