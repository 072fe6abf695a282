import { type ColumnMemory, plainMemory } from '../features/tile.js'
import type { RunList } from './runs.js'
import type { Scannable, ScanTest, Scanner } from './scanner.js'

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
    let inAbove = 0
    let inBelow = 0
    // Of the place before: a ≤ b, and a ≥ b.
    let wasNotAbove = false
    let wasNotBelow = false
    for (let i = 0; i < length;) {
      const a = left[i] as number
      const b = right[i] as number
      if (a > b) {
        if (wasNotAbove) inAbove = single(scratch, inAbove, i)
        do i++
        while (i < length && (left[i] as number) > (right[i] as number))
        wasNotAbove = false
        wasNotBelow = true
      } else if (a < b) {
        if (wasNotBelow) inBelow = single(secondScratch, inBelow, i)
        do i++
        while (i < length && (left[i] as number) < (right[i] as number))
        wasNotAbove = true
        wasNotBelow = false
      } else {
        wasNotAbove = wasNotBelow = a === b
        i++
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
