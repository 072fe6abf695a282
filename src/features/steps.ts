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

/** The lists of changes of all columns, if each has one and they are worth while together. */
export function stepsOfAll(columns: readonly TileColumn[], length: number): readonly Steps[] | undefined {
  const all: Steps[] = []
  let changes = 0
  for (const { steps } of columns) {
    if (steps === undefined) return undefined
    all.push(steps)
    changes += steps.count
  }
  return areFew(changes, columns.length, length) ? all : undefined
}

/** Where something changes: in `count` pieces, of which the k-th begins at `places[k]`. */
export interface Pieces {
  readonly places: Int32Array
  readonly count: number
}

/** Several columns' changes brought to common places: between two of them nothing changes. O(changes · columns). */
export class CommonSteps {
  places: Int32Array = new Int32Array(0)
  /** Of each column, the piece that holds the k-th place. */
  pieces: readonly Int32Array[]
  count = 0
  private gathered: readonly Float64Array[] = []

  constructor(private readonly columns: number) {
    this.pieces = Array.from({ length: columns }, () => new Int32Array(0))
  }

  align(columns: readonly Pieces[]): void {
    let most = 1
    for (const { count } of columns) most += count
    this.makeRoom(most)
    this.count = 1
    this.places[0] = 0
    for (const pieces of this.pieces) pieces[0] = 0
    while (this.advance(columns)) this.count++
  }

  /** The value of each column on each of the places. */
  gather(columns: readonly Steps[]): readonly Float64Array[] {
    const { count } = this
    if (this.gathered.length < columns.length || (this.gathered[0]?.length ?? count) < count) {
      this.gathered = columns.map(() => new Float64Array(this.places.length))
    }
    for (let j = 0; j < columns.length; j++) {
      const { values } = columns[j] as Steps
      const pieces = this.pieces[j] as Int32Array
      const out = this.gathered[j] as Float64Array
      for (let k = 0; k < count; k++) out[k] = values[pieces[k] as number] as number
    }
    return this.gathered
  }

  /** Goes on to the next place at which one of the columns changes. */
  private advance(columns: readonly Pieces[]): boolean {
    const last = this.count - 1
    let next = Infinity
    for (let j = 0; j < this.columns; j++) {
      const { places, count } = columns[j] as Pieces
      const piece = (this.pieces[j] as Int32Array)[last] as number
      if (piece + 1 < count && (places[piece + 1] as number) < next) next = places[piece + 1] as number
    }
    if (next === Infinity) return false
    this.places[last + 1] = next
    for (let j = 0; j < this.columns; j++) {
      const { places, count } = columns[j] as Pieces
      const pieces = this.pieces[j] as Int32Array
      const piece = pieces[last] as number
      pieces[last + 1] = piece + 1 < count && places[piece + 1] === next ? piece + 1 : piece
    }
    return true
  }

  private makeRoom(most: number): void {
    if (this.places.length >= most) return
    this.places = new Int32Array(most * 2)
    this.pieces = this.pieces.map(() => new Int32Array(most * 2))
  }
}
