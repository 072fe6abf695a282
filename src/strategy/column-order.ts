import { compileModule, instantiate } from '../core/web-assembly.js'
import { ORDER_MODULE } from './order-module.js'
import type { ScannerKind } from './scanner.js'

/** No list is kept of where this column rises above that one. */
export const NO_LIST = -1

/** Most places at hand at a time, besides the one before them. */
export const PLACES_AT_ONCE = 512
/** Where the first of the places at hand stands in a column. */
export const FIRST_PLACE = 1
/** From one column to the next: no power of two, so that one place of all columns lies on different lines of the cache. */
const STRIDE = PLACES_AT_ONCE + 8

/** Numbers of the state that are at the same time places of them. */
const enum State {
  Columns,
  Known,
  HasTies,
  Used,
  Capacity,
  /** Addresses, for WebAssembly. */
  Values,
  Order,
  ListOf,
  Counts,
  Found,
  Numbers,
}

/** What wasm/assembly/order.ts exports. */
interface OrderExports {
  reorder(state: number, from: number, end: number, barOfPlace0: number): number
}

let compiled: object | undefined

/**
 * Columns in the order of their values, moved from place to place: two that cross change places. A cross is noted as the number of its list and its bar. In WebAssembly
 * where the scanner is, in JavaScript where it is not: the same notes either way.
 */
export class ColumnOrder {
  /** By two columns, first · columns + second: the list of where the first rises above the second. */
  readonly listOf: Int32Array
  /** Notes of each list. */
  readonly counts: Int32Array
  private readonly state: Int32Array
  /** Values of the places at hand and of the one before them, column by column. */
  private readonly values: Float64Array
  /** Where a column starts in `values`, and which it is: those that have a value, least first, then those that have none. */
  private readonly order: Int32Array
  private readonly found: Int32Array
  private readonly wasm: OrderExports | undefined
  /** All notes but those that stand in `found`. */
  private notes: Int32Array
  private noted = 0

  constructor(
    readonly columns: number,
    lists: number,
    kind: ScannerKind,
  ) {
    const capacity = 4 * columns * columns + (1 << 12)
    const sizes = [STRIDE * columns * 8, 2 * columns * 4, columns * columns * 4, lists * 4, capacity * 4]
    const starts: number[] = [State.Numbers * 4 + 8 - ((State.Numbers * 4) % 8)]
    for (const size of sizes) starts.push((starts.at(-1) as number) + size + (size % 8))
    const [values, order, listOf, counts, found, end] = starts as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const made = kind === 'simd' ? instance(end) : undefined
    const buffer = made?.buffer ?? new Float64Array(end / 8).buffer
    this.wasm = made?.exports
    this.state = new Int32Array(buffer, 0, State.Numbers)
    this.state.set([columns, 0, 0, 0, capacity, values, order, listOf, counts, found])
    this.values = new Float64Array(buffer, values, STRIDE * columns)
    this.order = new Int32Array(buffer, order, 2 * columns)
    this.listOf = new Int32Array(buffer, listOf, columns * columns).fill(NO_LIST)
    this.counts = new Int32Array(buffer, counts, lists)
    this.found = new Int32Array(buffer, found, capacity)
    this.notes = new Int32Array(capacity)
  }

  /** Forgets all notes. */
  clear(): void {
    this.counts.fill(0)
    this.state[State.Used] = 0
    this.noted = 0
  }

  /** Takes up the next places `[from, from + places)` of a column, behind the last one that was taken up before. */
  take(column: number, values: Float64Array, from: number, places: number): void {
    const start = column * STRIDE + FIRST_PLACE
    this.values[start - 1] = this.values[start + PLACES_AT_ONCE - 1] as number
    this.values.set(values.subarray(from, from + places), start)
  }

  /**
   * From place to place, as long as the columns stand in an order with neither ties nor newcomers, puts them in their new order by insertion and notes who passes whom.
   * Answers the first place on which that does not say it all, `end` where there is none. O(columns + notes) a place.
   */
  reorder(from: number, end: number, barOfPlace0: number): number {
    for (;;) {
      this.spill()
      from = this.wasm?.reorder(0, from, end, barOfPlace0) ?? this.reorderPlainly(from, end, barOfPlace0)
      if (from === end || this.hasRoom) return from
    }
  }

  /** Notes a cross. */
  note(list: number, bar: number): void {
    if (!this.hasRoom) this.spill()
    const { found, counts, state } = this
    const used = state[State.Used] as number
    found[used] = list
    found[used + 1] = bar
    counts[list] = (counts[list] as number) + 1
    state[State.Used] = used + 2
  }

  /** The value of a column on a place at hand. */
  valueOf(column: number, place: number): number {
    return this.values[column * STRIDE + place] as number
  }

  /** Puts the columns in the order of a place, whatever they were in before. */
  arrange(place: number): void {
    const { order, columns, state, values } = this
    let known = 0
    let unknown = columns
    let hasTies = false
    for (let column = 0; column < columns; column++) {
      const start = column * STRIDE
      const value = values[start + place] as number
      let to = value === value ? known++ : --unknown
      if (value === value) {
        for (; to > 0; to--) {
          const below = values[(order[2 * to - 2] as number) + place] as number
          if (below === value) hasTies = true
          if (below <= value) break
          order[2 * to] = order[2 * to - 2] as number
          order[2 * to + 1] = order[2 * to - 1] as number
        }
      }
      order[2 * to] = start
      order[2 * to + 1] = column
    }
    state[State.Known] = known
    state[State.HasTies] = hasTies ? 1 : 0
  }

  /** All notes, in the order in which they were made: list and bar. */
  all(): Int32Array {
    this.spill()
    return this.notes.subarray(0, this.noted)
  }

  /** A place can have as many crosses as there are pairs of columns. */
  private get hasRoom(): boolean {
    const { state, columns } = this
    return (state[State.Used] as number) + columns * columns <= (state[State.Capacity] as number)
  }

  private spill(): void {
    const { state, found } = this
    const used = state[State.Used] as number
    if (this.noted + used > this.notes.length) {
      const longer = new Int32Array(2 * (this.noted + used))
      longer.set(this.notes)
      this.notes = longer
    }
    this.notes.set(found.subarray(0, used), this.noted)
    this.noted += used
    state[State.Used] = 0
  }

  /** As wasm/assembly/order.ts has it. The inner loop has no calls and writes nothing: what it reads stays in registers. */
  private reorderPlainly(from: number, end: number, barOfPlace0: number): number {
    const { state, order, values, listOf, counts, found, columns } = this
    const known = state[State.Known] as number
    const capacity = (state[State.Capacity] as number) - columns * columns
    const last = 2 * known
    let used = state[State.Used] as number
    let hasTies = state[State.HasTies] === 1
    let place = from
    for (; place < end; place++) {
      if (hasTies || used > capacity || (known < columns && this.becomesKnown(place, known))) break
      const before = used
      const bar = barOfPlace0 + place
      let isUnknown = false
      let highest = Number.NEGATIVE_INFINITY
      for (let at = 0; ; at += 2) {
        let value = highest
        for (; at < last; at += 2) {
          value = values[(order[at] as number) + place] as number
          if (!(value > highest)) break
          highest = value
        }
        if (at >= last) break
        if (!(value < highest)) {
          isUnknown = value !== value
          if (isUnknown) break
          hasTies = true
          continue
        }
        // Columns that stand before this one and are above it now have risen above it.
        const start = order[at] as number
        const column = order[at + 1] as number
        let to = at
        for (; to > 0; to -= 2) {
          const standing = order[to - 2] as number
          const other = values[standing + place] as number
          if (!(other > value)) {
            if (other === value) hasTies = true
            break
          }
          const passed = order[to - 1] as number
          order[to] = standing
          order[to + 1] = passed
          const list = listOf[Math.imul(passed, columns) + column] as number
          if (list === NO_LIST) continue
          counts[list] = (counts[list] as number) + 1
          found[used++] = list
          found[used++] = bar
        }
        order[to] = start
        order[to + 1] = column
      }
      if (isUnknown) {
        for (; used > before; used -= 2) {
          const list = found[used - 2] as number
          counts[list] = (counts[list] as number) - 1
        }
        break
      }
    }
    state[State.Used] = used
    state[State.HasTies] = hasTies ? 1 : 0
    return place
  }

  private becomesKnown(place: number, known: number): boolean {
    const { order, values, columns } = this
    for (let at = known; at < columns; at++) {
      const value = values[(order[2 * at] as number) + place] as number
      if (value === value) return true
    }
    return false
  }
}

/** Undefined where the machine has no vectors, as for the scanner. */
function instance(bytes: number): { exports: OrderExports; buffer: ArrayBuffer } | undefined {
  compiled ??= compileModule(ORDER_MODULE)
  return compiled && instantiate<OrderExports>(compiled, bytes)
}
