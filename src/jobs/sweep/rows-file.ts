import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { DataError } from '../../core/errors.js'
import type { RowStore } from '../../research/sweep/kept-trials.js'

/** What is read at once where rows are looked at one after the other, bytes. */
const READ_AHEAD = 256 * 1024

/**
 * Rows of numbers in a file while a sweep is judged, so that memory does not grow with trials: each at a place that follows from its number, 8 bytes
 * a number. The file is made anew, and gone when it is closed.
 */
export class RowsFile implements RowStore {
  private readonly file: number
  /** Of a row; undefined until the first that has numbers. */
  private width: number | undefined
  private count: number = 0
  /** Rows that were read ahead, from `aheadFrom` on. */
  private ahead: Float64Array = new Float64Array(0)
  private aheadFrom: number = 0
  private last: number = -1

  constructor(private readonly path: string) {
    this.file = openSync(path, 'w+')
  }

  add(row: Float64Array | undefined): void {
    const place = this.count++
    if (row === undefined) return
    this.width ??= row.length
    if (row.length !== this.width)
      throw new DataError(`all rows need the same length; the first has ${this.width}`, { file: this.path, row: place, field: 'length', value: row.length }) // prettier-ignore
    const bytes = bytesOf(row)
    if (writeSync(this.file, bytes, 0, bytes.length, place * bytes.length) !== bytes.length)
      throw new DataError('not all of a row could be written: is the disk full?', { file: this.path, row: place }) // prettier-ignore
  }

  at(place: number): Float64Array {
    const width = this.width ?? 0
    const follows = place === this.last + 1
    this.last = place
    const isThere = (): boolean => place >= this.aheadFrom && (place - this.aheadFrom + 1) * width <= this.ahead.length // prettier-ignore
    if (!isThere()) {
      const rows = follows ? Math.max(1, Math.floor(READ_AHEAD / (8 * width))) : 1
      this.ahead = this.read(place, Math.min(rows, this.count - place) * width)
      this.aheadFrom = place
      if (!isThere())
        throw new DataError('a row is not where it was written', { file: this.path, row: place })
    }
    const from = (place - this.aheadFrom) * width
    return this.ahead.slice(from, from + width)
  }

  /** At most so many numbers from a row on: fewer where the file ends before. */
  private read(place: number, most: number): Float64Array {
    const numbers = new Float64Array(Math.max(0, most))
    const bytes = bytesOf(numbers)
    const read = readSync(this.file, bytes, 0, bytes.length, place * 8 * (this.width ?? 0))
    return numbers.subarray(0, Math.floor(read / 8))
  }

  /** Nothing can be read any more. */
  close(): void {
    closeSync(this.file)
    rmSync(this.path, { force: true })
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
