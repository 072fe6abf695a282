import { plainColumns } from '../features/tile.js'
import type { RunList } from './runs.js'
import type { Scannable, ScanTest, Scanner } from './scanner.js'

/** Writes the places of `[0, length)` at which the answer changes into `out`, from "no" before the first, and answers how many. */
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
    '  if (i >= length) return count',
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
  readonly columns = plainColumns
  private scratch = new Int32Array(1024)

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
    this.scan('>', left, right, first, length, above)
    this.scan('>', right, left, first, length, below)
  }

  private run(
    scan: Scan,
    left: Scannable,
    right: Scannable,
    first: number,
    length: number,
    out: RunList,
  ): void {
    if (this.scratch.length < length) this.scratch = new Int32Array(length)
    const { scratch } = this
    const count = scan(left, right, length, scratch)
    const runs = out.room(count)
    for (let i = 0; i < count; i++) runs[i] = (scratch[i] as number) + first
    out.end(count)
    out.close(first + length)
  }
}
