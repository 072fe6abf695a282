/**
 * Values by time over a trailing span. Times may arrive out of order (a late fact), a repeated time replaces its value (a
 * revision). Whatever is older than the span before the newest time is dropped: it can never be asked for again.
 */
export class SpanHistory {
  private times: number[] = []
  private values: number[] = []
  private start = 0

  constructor(private readonly spanMs: number) {}

  put(timeMs: number, value: number): void {
    const at = this.firstNotBefore(timeMs)
    if (this.times[at] === timeMs) this.values[at] = value
    else if (at === this.times.length) {
      this.times.push(timeMs)
      this.values.push(value)
    } else {
      this.times.splice(at, 0, timeMs)
      this.values.splice(at, 0, value)
    }
    this.drop()
  }

  /** Value at the known time nearest to `timeMs`, the earlier one of two equally near; NaN if none is within the tolerance. */
  nearest(timeMs: number, toleranceMs: number): number {
    const after = this.firstNotBefore(timeMs)
    const gapAfter =
      after < this.times.length ? (this.times[after] as number) - timeMs : Number.POSITIVE_INFINITY
    const gapBefore =
      after > this.start ? timeMs - (this.times[after - 1] as number) : Number.POSITIVE_INFINITY
    const gap = Math.min(gapBefore, gapAfter)
    if (!(gap <= toleranceMs)) return Number.NaN
    return this.values[gapBefore <= gapAfter ? after - 1 : after] as number
  }

  private drop(): void {
    const oldest = (this.times[this.times.length - 1] as number) - this.spanMs
    while ((this.times[this.start] as number) < oldest) this.start++
    if (this.start > 64 && this.start * 2 > this.times.length) {
      this.times = this.times.slice(this.start)
      this.values = this.values.slice(this.start)
      this.start = 0
    }
  }

  private firstNotBefore(timeMs: number): number {
    let low = this.start
    let high = this.times.length
    // Nearly every call asks about the newest time or one after it.
    if (high > low && (this.times[high - 1] as number) < timeMs) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.times[middle] as number) < timeMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
