import type { FactColumns } from '../core/columns.js'
import { DataError } from '../core/errors.js'

/** First place of the sorted `times` from `from` on whose time is not before `time`: gallops, since facts come close together. */
function firstNotBefore(times: Float64Array, time: number, from: number): number {
  let low = from
  let step = 1
  while (low + step < times.length && (times[low + step] as number) < time) {
    low += step
    step *= 2
  }
  let high = Math.min(low + step, times.length)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The join of PointInTimeIndex for one series, tile by tile and as a list of changes: places of the tile at which facts become
 * known. O(facts · log bars between them), whatever the number of bars.
 */
export class SeriesTile {
  /** Places at which facts became known; the first is 0. */
  places: Int32Array = new Int32Array(16)
  /** Rows before this one are known from that place on. */
  rowEnds: Int32Array = new Int32Array(16)
  /** The row in use from that place on; −1 for none. */
  rows: Int32Array = new Int32Array(16)
  count = 0
  /** The first row that was not known before this tile. */
  firstRow = 0

  private next = 0
  private current = -1
  private currentEventTime = -Infinity
  private lastKnownAt = -Infinity

  constructor(private readonly facts: FactColumns) {}

  /**
   * @param closeTimes of the tile's bars, the one before it included
   * @throws DataError naming the row where `knownAt` decreases
   */
  load(closeTimes: Float64Array): void {
    const { knownAt, eventTime } = this.facts
    const last = closeTimes[closeTimes.length - 1] ?? -Infinity
    this.firstRow = this.next
    this.count = 0
    this.put(0)
    let place = 0
    for (; this.next < knownAt.length; this.next++) {
      const known = knownAt[this.next] as number
      if (known !== known) continue
      if (known < this.lastKnownAt) refuseDisorder(this.next, known, this.lastKnownAt)
      if (known > last) break
      this.lastKnownAt = known
      place = firstNotBefore(closeTimes, known, place)
      // An older event is a correction of the past and never hides what is newer; an equal one is a revision.
      if ((eventTime[this.next] as number) >= this.currentEventTime) {
        this.current = this.next
        this.currentEventTime = eventTime[this.next] as number
      }
      this.put(place, this.next + 1)
    }
  }

  private put(place: number, rowEnd: number = this.next): void {
    if (this.count > 0 && this.places[this.count - 1] === place) this.count--
    if (this.count === this.places.length) this.grow()
    this.places[this.count] = place
    this.rowEnds[this.count] = rowEnd
    this.rows[this.count] = this.current
    this.count++
  }

  private grow(): void {
    const grown = (list: Int32Array): Int32Array => {
      const larger = new Int32Array(list.length * 2)
      larger.set(list)
      return larger
    }
    this.places = grown(this.places)
    this.rowEnds = grown(this.rowEnds)
    this.rows = grown(this.rows)
  }
}

function refuseDisorder(row: number, value: number, previous: number): never {
  throw new DataError(`knownAt must not decrease: the row before it has ${previous}`, {
    row: row + 1,
    field: 'knownAt',
    value,
    unit: 'UTC ms',
  })
}
