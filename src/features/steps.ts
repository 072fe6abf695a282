import type { TileColumn } from './tile.js'

/**
 * A column as a list of its changes: from place `places[k]` up to the next one's it has the value `values[k]`. The first place is 0.
 * Facts that change by the hour are a hundred times shorter in this form than as a column of minutes.
 */
export class Steps {
  places: Int32Array = new Int32Array(8)
  values: Float64Array = new Float64Array(8)
  count = 0
  private found = 0

  clear(): void {
    this.count = 0
    this.found = 0
  }

  /** From this place on, which is not before the last one, the value is another. */
  push(place: number, value: number): void {
    let { count } = this
    // A change that is taken back on the same bar was none.
    if (count > 0 && this.places[count - 1] === place) count--
    if (count > 0 && Object.is(this.values[count - 1], value)) {
      this.count = count
      return
    }
    if (count === this.places.length) this.grow()
    this.places[count] = place
    this.values[count] = value
    this.count = count + 1
  }

  /** Place at which the k-th piece ends, in a tile of `length` places. */
  endOf(piece: number, length: number): number {
    return piece + 1 < this.count ? (this.places[piece + 1] as number) : length
  }

  /** From each of the first `count` places on, the value that belongs to it. */
  write(places: Int32Array, values: Float64Array, count: number): void {
    this.clear()
    while (this.places.length < count) this.grow()
    const { places: ownPlaces, values: ownValues } = this
    let written = 0
    for (let k = 0; k < count; k++) {
      const value = values[k] as number
      if (written > 0 && Object.is(value, ownValues[written - 1])) continue
      ownPlaces[written] = places[k] as number
      ownValues[written++] = value
    }
    this.count = written
  }

  /** Piece that holds a place. Asking about places in order costs nothing; any other O(log pieces). */
  pieceAt(place: number): number {
    const { places, count } = this
    let piece = this.found
    if (piece >= count || (places[piece] as number) > place) piece = 0
    if (piece + 1 < count && (places[piece + 1] as number) <= place) {
      let low = piece + 1
      let high = count
      if (low + 1 < count && (places[low + 1] as number) > place) high = low + 1
      while (high - low > 1) {
        const middle = (low + high) >>> 1
        if ((places[middle] as number) <= place) low = middle
        else high = middle
      }
      piece = low
    }
    this.found = piece
    return piece
  }

  at(place: number): number {
    return this.values[this.pieceAt(place)] as number
  }

  /** Writes the value of each place. */
  fill(out: Float64Array, length: number): void {
    for (let piece = 0; piece < this.count; piece++) {
      out.fill(this.values[piece] as number, this.places[piece], this.endOf(piece, length))
    }
  }

  private grow(): void {
    const places = new Int32Array(this.places.length * 2)
    const values = new Float64Array(this.places.length * 2)
    places.set(this.places)
    values.set(this.values)
    this.places = places
    this.values = values
  }
}

/**
 * A list of changes is worth while if it is shorter than the column by this much: a piece costs as much as several bars. One that
 * never changes always is.
 */
const BARS_PER_PIECE = 8

/** Whether as many changes of several columns, in a tile of `length` places, are worth while. */
export function areFew(changes: number, columns: number, length: number): boolean {
  return changes * BARS_PER_PIECE <= length || changes <= columns
}

/** Where something changes: in `count` pieces, of which the k-th begins at `places[k]`. */
export interface Pieces {
  readonly places: Int32Array
  readonly count: number
}

const NOWHERE = 0x7fffffff

/** Several columns' changes brought to common places: between two of them nothing changes. O(changes · columns). */
export class CommonSteps {
  places: Int32Array = new Int32Array(0)
  /** Of each column, the piece that holds the k-th place. */
  pieces: readonly Int32Array[]
  count = 0

  constructor(columns: number) {
    this.pieces = Array.from({ length: columns }, () => new Int32Array(0))
  }

  /** Which of them holds a place. O(log pieces). */
  pieceAt(place: number): number {
    const { places } = this
    let low = 0
    let high = this.count
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((places[middle] as number) <= place) low = middle
      else high = middle
    }
    return low
  }

  align(columns: readonly Pieces[]): void {
    const lists = columns.map(({ places }) => places)
    const counts = columns.map(({ count }) => count)
    this.makeRoom(counts.reduce((all, count) => all + count, 1))
    const { places, pieces } = this
    places[0] = 0
    for (const list of pieces) list[0] = 0
    let last = 0
    for (;;) {
      let next = NOWHERE
      for (let j = 0; j < lists.length; j++) {
        const piece = (pieces[j] as Int32Array)[last] as number
        if (piece + 1 >= (counts[j] as number)) continue
        const place = (lists[j] as Int32Array)[piece + 1] as number
        if (place < next) next = place
      }
      if (next === NOWHERE) break
      for (let j = 0; j < lists.length; j++) {
        const list = pieces[j] as Int32Array
        const piece = list[last] as number
        const goesOn = piece + 1 < (counts[j] as number) && (lists[j] as Int32Array)[piece + 1] === next
        list[last + 1] = goesOn ? piece + 1 : piece
      }
      places[++last] = next
    }
    this.count = last + 1
  }

  private makeRoom(most: number): void {
    if (this.places.length >= most) return
    this.places = new Int32Array(most * 2)
    this.pieces = this.pieces.map(() => new Int32Array(most * 2))
  }
}

/**
 * The values of several columns on the places at which one of them changes. Whatever is calculated from the same columns shares it: the
 * scores of a thousand trials from the same four legs.
 */
export class SharedSteps {
  readonly common: CommonSteps
  /** Of each column, the value from the k-th place on. */
  values: readonly Float64Array[] = []
  private loaded = -1
  private areFew = false

  constructor(private readonly columns: readonly TileColumn[]) {
    this.common = new CommonSteps(columns.length)
  }

  /** Whether there are lists of changes, and they are few enough, in the tile of this number and length. */
  load(tileNumber: number, length: number): boolean {
    if (this.loaded === tileNumber) return this.areFew
    this.loaded = tileNumber
    this.areFew = false
    const all: Steps[] = []
    let changes = 0
    for (const { steps } of this.columns) {
      if (steps === undefined) return false
      all.push(steps)
      changes += steps.count
    }
    this.areFew = areFew(changes, all.length, length)
    if (this.areFew) this.gather(all)
    return this.areFew
  }

  private gather(all: readonly Steps[]): void {
    const { common } = this
    common.align(all)
    const { count, places } = common
    if ((this.values[0]?.length ?? 0) < count) this.values = all.map(() => new Float64Array(places.length))
    for (let j = 0; j < all.length; j++) {
      const { values } = all[j] as Steps
      const pieces = common.pieces[j] as Int32Array
      const out = this.values[j] as Float64Array
      for (let k = 0; k < count; k++) out[k] = values[pieces[k] as number] as number
    }
  }
}
