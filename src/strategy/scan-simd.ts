import { compileModule, instantiate } from '../core/web-assembly.js'
import type { ColumnMemory } from '../features/tile.js'
import type { RunList } from './runs.js'
import { SCAN_MODULE } from './scan-module.js'
import type { Scannable, ScanTest, Scanner } from './scanner.js'

type Scan = (a: number, b: number, length: number, base: number, out: number) => number
type ScanBoth = (
  a: number,
  b: number,
  length: number,
  base: number,
  outAbove: number,
  outBelow: number,
  counts: number,
) => void

/** What wasm/assembly/scan.ts exports: columns and lists are byte addresses in its memory. */
interface ScanExports {
  readonly greater: Scan
  readonly atLeast: Scan
  readonly greaterThan: Scan
  readonly atLeastThan: Scan
  readonly lessThan: Scan
  readonly atMostThan: Scan
  known(a: number, length: number, base: number, out: number): number
  readonly bothOrders: ScanBoth
  readonly crosses: ScanBoth
}

/** Where a scan that finds two things says how many there are of each. */
const COUNTS = 0
/** A line of the cache: what stands at such places is loaded fastest. */
const LINE = 64
const FIRST_LIST = COUNTS + LINE
/** Columns beyond this are made elsewhere, and copied to be scanned. */
const MOST_BYTES = 2 ** 30

/** So many bytes, in whole lines. */
function lines(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE
}

let compiled: object | undefined

/** The scanner on vectors of two numbers, sixteen places at a time; undefined where the machine has none. */
export function simdScanner(): Scanner | undefined {
  compiled ??= compileModule(SCAN_MODULE)
  return compiled && new SimdScanner(compiled)
}

/**
 * Memory: two numbers that a scan answers with; two lists of changes; places to which columns from elsewhere are copied; then the columns
 * that are kept here. Lists and columns have room for as many places as were promised.
 */
class SimdScanner implements Scanner, ColumnMemory {
  readonly kind = 'simd'
  readonly memory: ColumnMemory = this
  private buffer: ArrayBuffer | undefined
  private wasm!: ScanExports
  private numbers!: Int32Array
  private doubles!: Float64Array
  private length = 0
  /** Bytes from one column to the next. */
  private stride = 0
  private secondList = 0
  private left = 0
  private right = 0
  private columns = 0
  private next = 0

  constructor(private readonly module: object) {}

  reserve(count: number, length: number): void {
    this.length = length
    // A line more than a whole number of them: columns do not all fall on the same lines.
    this.stride = lines(length * 8) + LINE
    this.secondList = FIRST_LIST + lines((length + 1) * 4)
    this.left = this.secondList + lines((length + 1) * 4)
    this.right = this.left + this.stride
    this.columns = this.right + this.stride
    this.next = this.columns
    const bytes = Math.min(this.columns + count * this.stride, Math.max(MOST_BYTES, this.columns))
    if (this.buffer === undefined || this.buffer.byteLength < bytes) this.renew(bytes)
  }

  columnsChange(): void {
    // Nothing of them is remembered: on vectors, bounds were tried and save nothing, for the columns of a sweep stand in a far cache, whichever part is looked at.
  }

  column(): Float64Array {
    const { next, length, stride, buffer } = this
    if (buffer === undefined || next + stride > buffer.byteLength) return new Float64Array(length)
    this.next += stride
    return new Float64Array(buffer, next, length)
  }

  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void {
    this.makeRoom(length)
    const { greater, atLeast, greaterThan, atLeastThan, lessThan, atMostThan } = this.wasm
    const list = FIRST_LIST
    let count: number
    if (typeof right === 'number') {
      const scan = test === '>' ? greaterThan : atLeastThan
      count = scan(this.address(left as Float64Array, this.left, length), right, length, first, list)
    } else if (typeof left === 'number') {
      const scan = test === '>' ? lessThan : atMostThan
      count = scan(this.address(right, this.left, length), left, length, first, list)
    } else {
      const scan = test === '>' ? greater : atLeast
      const a = this.address(left, this.left, length)
      count = scan(a, this.address(right, this.right, length), length, first, list)
    }
    this.write(out, list, count, first + length)
  }

  known(column: Float64Array, first: number, length: number, out: RunList): void {
    this.makeRoom(length)
    const a = this.address(column, this.left, length)
    const list = FIRST_LIST
    this.write(out, list, this.wasm.known(a, length, first, list), first + length)
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
    const { secondList } = this
    const a = this.address(left, this.left, length)
    const b = this.address(right, this.right, length)
    this.wasm.bothOrders(a, b, length, first, FIRST_LIST, secondList, COUNTS)
    this.writeBoth(above, below, first + length)
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
    const { secondList } = this
    const a = this.address(left, this.left, length)
    const b = this.address(right, this.right, length)
    this.wasm.crosses(a, b, length, first, FIRST_LIST, secondList, COUNTS)
    this.writeBoth(above, below, first + length)
  }

  private writeBoth(above: RunList, below: RunList, end: number): void {
    this.write(above, FIRST_LIST, this.numbers[0] as number, end)
    this.write(below, this.secondList, this.numbers[1] as number, end)
  }

  /** Copies a list of changes; a run that is still open ends at the bar `end`. */
  private write(out: RunList, list: number, count: number, end: number): void {
    const { numbers } = this
    const runs = out.room(count + 1)
    const from = list >> 2
    for (let i = 0; i < count; i++) runs[i] = numbers[from + i] as number
    if ((count & 1) === 1) runs[count] = end
    out.end(count + (count & 1))
  }

  /** Where a column lies; one from elsewhere is copied first. */
  private address(column: Float64Array, copied: number, length: number): number {
    if (column.buffer === this.buffer) return column.byteOffset
    this.doubles.set(column.length === length ? column : column.subarray(0, length), copied >> 3)
    return copied
  }

  /** For who scans more than was promised: columns that were made before are then from elsewhere. */
  private makeRoom(length: number): void {
    if (this.buffer === undefined || length > this.length) this.reserve(0, length)
  }

  /** New memory rather than a longer one: growing detaches what stood in the old, which slows every typed array there is. */
  private renew(bytes: number): void {
    const { exports, buffer } = instantiate<ScanExports>(this.module, bytes)
    this.wasm = exports
    this.buffer = buffer
    this.numbers = new Int32Array(this.buffer)
    this.doubles = new Float64Array(this.buffer)
  }
}
