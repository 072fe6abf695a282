import type { ColumnMemory } from '../features/tile.js'
import type { RunList } from './runs.js'
import { SCAN_MODULE } from './scan-module.js'
import type { Scannable, ScanTest, Scanner } from './scanner.js'

/** The part of WebAssembly that is used here: neither the language nor Node declares it. All of it is synchronous and pure. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

type OfColumns = (a: number, b: number, length: number, open: number, base: number, out: number) => number

/** What wasm/assembly/scan.ts exports: columns and lists are byte addresses in its memory. */
interface ScanExports {
  readonly greater: OfColumns
  readonly atLeast: OfColumns
  readonly greaterThan: OfColumns
  readonly atLeastThan: OfColumns
  readonly lessThan: OfColumns
  readonly atMostThan: OfColumns
  readonly known: OfColumns
  bothOrders(
    a: number,
    b: number,
    length: number,
    open: number,
    base: number,
    outAbove: number,
    outBelow: number,
  ): number
}

/** Places looked at by one call: columns from elsewhere are copied in by such pieces, and lists of changes have room for one. */
const PIECE = 4096
const LEFT = 0
const RIGHT = LEFT + PIECE * 8
const FIRST_LIST = RIGHT + PIECE * 8
const SECOND_LIST = FIRST_LIST + PIECE * 4
const COLUMNS = SECOND_LIST + PIECE * 4
const PAGE = 65_536
/** Columns beyond this are made elsewhere, and copied piece by piece. */
const MOST_BYTES = 2 ** 30

let compiled: object | undefined

/** The module; undefined where the machine has no WebAssembly with 128-bit vectors. */
function scanModule(): object | undefined {
  if (compiled === undefined && typeof WebAssembly === 'object') {
    const bytes = bytesOfBase64(SCAN_MODULE)
    if (WebAssembly.validate(bytes)) compiled = new WebAssembly.Module(bytes)
  }
  return compiled
}

function bytesOfBase64(text: string): Uint8Array {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const length = text.indexOf('=') < 0 ? text.length : text.indexOf('=')
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let bits = 0
  for (let i = 0, at = 0; i < length; i++) {
    bits = (bits << 6) | digits.indexOf(text[i] as string)
    // Of four digits, all but the first complete a byte.
    if (i % 4 !== 0) bytes[at++] = bits >> (2 * (3 - (i % 4)))
  }
  return bytes
}

/** The scanner on vectors of two numbers, sixteen places at a time; undefined where the machine has none. */
export function simdScanner(): Scanner | undefined {
  const module = scanModule()
  return module && new SimdScanner(module)
}

class SimdScanner implements Scanner, ColumnMemory {
  readonly kind = 'simd'
  readonly memory: ColumnMemory = this
  private buffer!: ArrayBuffer
  private wasm!: ScanExports
  private left!: Float64Array
  private right!: Float64Array
  private firstList!: Int32Array
  private secondList!: Int32Array
  private length = 0
  private stride = 0
  private next = COLUMNS

  constructor(private readonly module: object) {
    this.renew(COLUMNS)
  }

  reserve(count: number, length: number): void {
    // A line of the cache more than a whole number of them: columns do not all fall on the same lines.
    this.stride = Math.ceil((length * 8) / 64) * 64 + 64
    this.length = length
    this.next = COLUMNS
    this.renew(Math.min(COLUMNS + count * this.stride, MOST_BYTES))
  }

  column(): Float64Array {
    const { next, length, stride, buffer } = this
    if (next + stride > buffer.byteLength) return new Float64Array(length)
    this.next += stride
    return new Float64Array(buffer, next, length)
  }

  scan(test: ScanTest, left: Scannable, right: Scannable, first: number, length: number, out: RunList): void {
    const { greater, atLeast, greaterThan, atLeastThan, lessThan, atMostThan } = this.wasm
    if (typeof right === 'number') {
      this.pieces(left, right, test === '>' ? greaterThan : atLeastThan, first, length, out)
    } else if (typeof left === 'number') {
      this.pieces(right, left, test === '>' ? lessThan : atMostThan, first, length, out)
    } else this.pieces(left, right, test === '>' ? greater : atLeast, first, length, out)
  }

  known(column: Float64Array, first: number, length: number, out: RunList): void {
    this.pieces(column, 0, this.wasm.known, first, length, out)
  }

  scanBothOrders(
    left: Float64Array,
    right: Float64Array,
    first: number,
    length: number,
    above: RunList,
    below: RunList,
  ): void {
    above.end(0)
    below.end(0)
    for (let at = 0; at < length; at += PIECE) {
      const size = Math.min(PIECE, length - at)
      const a = this.address(left, at, size, LEFT, this.left)
      const b = this.address(right, at, size, RIGHT, this.right)
      const open = (above.count & 1) | ((below.count & 1) << 1)
      const counts = this.wasm.bothOrders(a, b, size, open, first + at, FIRST_LIST, SECOND_LIST)
      above.append(this.firstList, counts & 0xffff)
      below.append(this.secondList, counts >>> 16)
    }
    above.close(first + length)
    below.close(first + length)
  }

  private pieces(
    left: Scannable,
    right: Scannable,
    scan: OfColumns,
    first: number,
    length: number,
    out: RunList,
  ): void {
    out.end(0)
    for (let at = 0; at < length; at += PIECE) {
      const size = Math.min(PIECE, length - at)
      const a = this.address(left, at, size, LEFT, this.left)
      const b = this.address(right, at, size, RIGHT, this.right)
      out.append(this.firstList, scan(a, b, size, out.count & 1, first + at, FIRST_LIST))
    }
    out.close(first + length)
  }

  /** Where a column's places from `at` on lie; a number stands for itself. */
  private address(operand: Scannable, at: number, size: number, staged: number, stage: Float64Array): number {
    if (typeof operand === 'number') return operand
    if (operand.buffer === this.buffer) return operand.byteOffset + at * 8
    stage.set(operand.subarray(at, at + size))
    return staged
  }

  /** New memory rather than a longer one: growing detaches what stood in the old, which slows every typed array there is. */
  private renew(bytes: number): void {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) })
    const { exports } = new WebAssembly.Instance(this.module, { env: { memory } })
    this.wasm = exports as ScanExports
    this.buffer = memory.buffer
    this.left = new Float64Array(this.buffer, LEFT, PIECE)
    this.right = new Float64Array(this.buffer, RIGHT, PIECE)
    this.firstList = new Int32Array(this.buffer, FIRST_LIST, PIECE)
    this.secondList = new Int32Array(this.buffer, SECOND_LIST, PIECE)
  }
}
