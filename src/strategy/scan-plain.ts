import { type ColumnMemory, plainMemory } from '../features/tile.js'
import type { RunList } from './runs.js'
import type { Scannable, ScanTest, Scanner } from './scanner.js'

/** A column that is scanned for crosses so often in one tile, and may be again, has its bounds found: they cost about as much as two scans. */
export const SCANS_UNTIL_BOUNDS = 3
/** Places that share a lower and an upper bound. */
const BOUNDED_PLACES = 16

/** Writes `[start, end)` pairs of the places that pass into `out` and answers how many numbers it wrote. */
type Scan = (left: Scannable, right: Scannable, length: number, out: Int32Array) => number

/** Text of its own for each kind of comparison, so that each keeps monomorphic type feedback. */
function makeScan(holds: string): Scan {
  const text = [
    'let i = 0, count = 0',
    'for (;;) {',
    `  while (i < length && !(${holds})) i++`,
    '  if (i >= length) return count',
    '  out[count++] = i',
    `  while (i < length && ${holds}) i++`,
    '  out[count++] = i',
    '}',
  ].join('\n')
  return new Function('left', 'right', 'length', 'out', text) as Scan
}

const SCANS: Readonly<Record<ScanTest, readonly [Scan, Scan, Scan]>> = {
  '>': [makeScan('left[i] > right[i]'), makeScan('left[i] > right'), makeScan('left > right[i]')],
  '>=': [makeScan('left[i] >= right[i]'), makeScan('left[i] >= right'), makeScan('left >= right[i]')],
}
const KNOWN = makeScan('left[i] === left[i]')

/** The scanner in plain JavaScript. */
export class PlainScanner implements Scanner {
  readonly kind = 'plain'
  readonly memory: ColumnMemory = plainMemory()
  private scratch = new Int32Array(0)
  private secondScratch = new Int32Array(0)
  private readonly bounds = new ColumnBounds()

  columnsChange(): void {
    this.bounds.forget()
  }

  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void {
    const [columns, numberRight, numberLeft] = SCANS[test]
    const scan = typeof left === 'number' ? numberLeft : typeof right === 'number' ? numberRight : columns
    this.run(scan, left, right, first, length, out)
  }

  known(column: Float64Array, first: number, length: number, out: RunList): void {
    this.run(KNOWN, column, 0, first, length, out)
  }

  scanBothOrders(
    left: Float64Array,
    right: Float64Array,
    first: number,
    length: number,
    above: RunList,
    below: RunList,
  ): void {
    this.makeRoom(length)
    const { scratch, secondScratch } = this
    let inAbove = 0
    let inBelow = 0
    for (let i = 0; i < length;) {
      const a = left[i] as number
      const b = right[i] as number
      if (a > b) {
        scratch[inAbove++] = i
        do i++
        while (i < length && (left[i] as number) > (right[i] as number))
        scratch[inAbove++] = i
      } else if (a < b) {
        secondScratch[inBelow++] = i
        do i++
        while (i < length && (left[i] as number) < (right[i] as number))
        secondScratch[inBelow++] = i
      } else i++
    }
    write(above, scratch, inAbove, first)
    write(below, secondScratch, inBelow, first)
  }

  crosses(
    left: Float64Array,
    right: Float64Array,
    first: number,
    length: number,
    above: RunList,
    below: RunList,
  ): void {
    this.makeRoom(length)
    const { scratch, secondScratch } = this
    const boundsLeft = this.bounds.of(left, length)
    const boundsRight = this.bounds.of(right, length)
    const isBounded = boundsLeft !== undefined && boundsRight !== undefined
    let inAbove = 0
    let inBelow = 0
    // Of the place before: a ≤ b, and a ≥ b.
    let wasNotAbove = false
    let wasNotBelow = false
    for (let i = 0; i < length;) {
      if (isBounded && i + BOUNDED_PLACES <= length) {
        const at = (i / BOUNDED_PLACES) * 2
        const staysAbove =
          wasNotBelow && !wasNotAbove && (boundsLeft[at] as number) > (boundsRight[at + 1] as number)
        const staysBelow =
          wasNotAbove && !wasNotBelow && (boundsLeft[at + 1] as number) < (boundsRight[at] as number)
        if (staysAbove || staysBelow) {
          i += BOUNDED_PLACES
          continue
        }
      }
      const end = isBounded ? Math.min(i + BOUNDED_PLACES, length) : length
      while (i < end) {
        const a = left[i] as number
        const b = right[i] as number
        if (a > b) {
          if (wasNotAbove) inAbove = single(scratch, inAbove, i)
          do i++
          while (i < end && (left[i] as number) > (right[i] as number))
          wasNotAbove = false
          wasNotBelow = true
        } else if (a < b) {
          if (wasNotBelow) inBelow = single(secondScratch, inBelow, i)
          do i++
          while (i < end && (left[i] as number) < (right[i] as number))
          wasNotAbove = true
          wasNotBelow = false
        } else {
          wasNotAbove = wasNotBelow = a === b
          i++
        }
      }
    }
    write(above, scratch, inAbove, first)
    write(below, secondScratch, inBelow, first)
  }

  private run(
    scan: Scan,
    left: Scannable,
    right: Scannable,
    first: number,
    length: number,
    out: RunList,
  ): void {
    this.makeRoom(length)
    write(out, this.scratch, scan(left, right, length, this.scratch), first)
  }

  private makeRoom(length: number): void {
    if (this.scratch.length > length) return
    this.scratch = new Int32Array(length + 1)
    this.secondScratch = new Int32Array(length + 1)
  }
}

/** Least and greatest values of each sixteen places of columns that are scanned often, side by side; NaN where one of them is. */
class ColumnBounds {
  private readonly scans = new Map<Float64Array, number>()
  private readonly found = new Map<Float64Array, Float64Array>()

  forget(): void {
    this.scans.clear()
    this.found.clear()
  }

  /** Undefined for a column that was not scanned often yet. A rest of less than sixteen places has no bounds. */
  of(column: Float64Array, length: number): Float64Array | undefined {
    const found = this.found.get(column)
    if (found !== undefined) return found
    const scans = (this.scans.get(column) ?? 0) + 1
    this.scans.set(column, scans)
    if (scans < SCANS_UNTIL_BOUNDS) return undefined
    const bounds = boundsOf(column, length)
    this.found.set(column, bounds)
    return bounds
  }
}

function boundsOf(column: Float64Array, length: number): Float64Array {
  const blocks = Math.floor(length / BOUNDED_PLACES)
  const bounds = new Float64Array(blocks * 2)
  for (let block = 0; block < blocks; block++) {
    let least = column[block * BOUNDED_PLACES] as number
    let greatest = least
    const end = (block + 1) * BOUNDED_PLACES
    for (let i = block * BOUNDED_PLACES + 1; i < end; i++) {
      const value = column[i] as number
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
    }
    bounds[block * 2] = least
    bounds[block * 2 + 1] = greatest
  }
  return bounds
}

/** Writes a place as a run of its own. */
function single(out: Int32Array, count: number, place: number): number {
  out[count] = place
  out[count + 1] = place + 1
  return count + 2
}

function write(out: RunList, places: Int32Array, count: number, first: number): void {
  const runs = out.room(count)
  for (let i = 0; i < count; i++) runs[i] = (places[i] as number) + first
  out.end(count)
}
