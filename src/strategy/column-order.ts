import { compileModule, instantiate } from '../core/web-assembly.js'
import { ORDER_MODULE } from './order-module.js'
import type { ScannerKind } from './scanner.js'

/** Nobody asks where this column rises above that one. */
const NO_LIST = -1

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
  /** Where each list ends among the bars of all. */
  readonly ends: Int32Array
  /** Notes of each list. */
  private readonly counts: Int32Array
  /** By two columns, first · columns + second: the list of where the first rises above the second. */
  private readonly listOf: Int32Array
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
  private bars: Int32Array = new Int32Array(0)

  /**
   * `lefts` and `rights` are the columns of each pair that is asked for: list 2 · pair says where the left one rises above the right one, and the
   * list after it where the right one rises above the left one.
   */
  constructor(
    private readonly columns: number,
    private readonly lefts: Int32Array,
    private readonly rights: Int32Array,
    kind: ScannerKind,
  ) {
    const lists = 2 * lefts.length
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
    for (let pair = 0; pair < lefts.length; pair++) {
      const [left, right] = [lefts[pair] as number, rights[pair] as number]
      this.listOf[left * columns + right] = 2 * pair
      this.listOf[right * columns + left] = 2 * pair + 1
    }
    this.counts = new Int32Array(buffer, counts, lists)
    this.found = new Int32Array(buffer, found, capacity)
    this.notes = new Int32Array(capacity)
    this.ends = new Int32Array(lists)
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

  /** Looks at each pair on a place and the one before. A comparison with NaN does not hold. O(pairs). */
  compare(place: number, bar: number): void {
    if (!this.hasRoom) this.spill()
    const { values, lefts, rights, found, counts, state } = this
    let used = state[State.Used] as number
    for (let pair = 0; pair < lefts.length; pair++) {
      const left = (lefts[pair] as number) * STRIDE + place
      const right = (rights[pair] as number) * STRIDE + place
      const a = values[left] as number
      const b = values[right] as number
      const before = values[left - 1] as number
      const other = values[right - 1] as number
      const rises = a > b && before <= other
      if (!rises && !(a < b && before >= other)) continue
      const list = rises ? 2 * pair : 2 * pair + 1
      counts[list] = (counts[list] as number) + 1
      found[used++] = list
      found[used++] = bar
    }
    state[State.Used] = used
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

  /** The bars of all notes, list after list, each list's in order; `ends` says where each list ends. O(lists + notes). */
  byList(): Int32Array {
    this.spill()
    const { counts, ends, notes, noted } = this
    if (this.bars.length < noted / 2) this.bars = new Int32Array(notes.length / 2)
    const { bars } = this
    let start = 0
    for (let list = 0; list < ends.length; list++) {
      ends[list] = start
      start += counts[list] as number
    }
    for (let at = 0; at < noted; at += 2) {
      const list = notes[at] as number
      const place = ends[list] as number
      bars[place] = notes[at + 1] as number
      ends[list] = place + 1
    }
    return bars
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
