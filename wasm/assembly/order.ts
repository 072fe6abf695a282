/**
 * Columns kept in the order of their values from place to place, as src/strategy/column-order.ts says, where the same is written in TypeScript. Compiled by
 * `npm run build:wasm`. `state` is the address of what stands in both: ten whole numbers, the last five of them addresses.
 */

// Offsets of the numbers.
const COLUMNS = 0
const KNOWN = 4
const HAS_TIES = 8
const USED = 12
const CAPACITY = 16
const VALUES = 20
const ORDER = 24
const LIST_OF = 28
const COUNTS = 32
const FOUND = 36

abstract class Inlined {
  /** The value of a column that starts at a number of places. */
  @inline
  static value(values: usize, start: i32): f64 {
    return load<f64>(values + ((start as usize) << 3))
  }

  @inline
  static becomesKnown(values: usize, order: usize, known: i32, columns: i32): bool {
    for (let at = known; at < columns; at++) {
      const value = Inlined.value(values, load<i32>(order + ((at as usize) << 3)))
      if (value === value) return true
    }
    return false
  }
}

function takeBack(counts: usize, found: usize, from: i32, end: i32): void {
  for (let at = from; at < end; at += 2) {
    const count = counts + ((load<i32>(found + ((at as usize) << 2)) as usize) << 2)
    store<i32>(count, load<i32>(count) - 1)
  }
}

export function reorder(state: usize, from: i32, end: i32, base: i32): i32 {
  const columns = load<i32>(state, COLUMNS)
  const known = load<i32>(state, KNOWN)
  const capacity = load<i32>(state, CAPACITY) - columns * columns
  const order = load<i32>(state, ORDER) as usize
  const last = order + ((known as usize) << 3)
  const listOf = load<i32>(state, LIST_OF) as usize
  const counts = load<i32>(state, COUNTS) as usize
  const found = load<i32>(state, FOUND) as usize
  let values = (load<i32>(state, VALUES) as usize) + ((from as usize) << 3)
  let used = load<i32>(state, USED)
  let hasTies = load<i32>(state, HAS_TIES)
  let place = from
  for (; place < end; place++, values += 8) {
    if (hasTies !== 0 || used > capacity) break
    if (known < columns && Inlined.becomesKnown(values, order, known, columns)) break
    const before = used
    let isUnknown = false
    let highest = -Infinity
    for (let at = order; at < last; at += 8) {
      const start = load<i32>(at)
      const value = Inlined.value(values, start)
      if (value > highest) {
        highest = value
        continue
      }
      if (!(value < highest)) {
        if (value !== value) {
          isUnknown = true
          break
        }
        hasTies = 1
        continue
      }
      const column = load<i32>(at, 4)
      let to = at
      for (; to > order; to -= 8) {
        const standing = load<i32>(to - 8)
        const other = Inlined.value(values, standing)
        if (!(other > value)) {
          if (other === value) hasTies = 1
          break
        }
        const passed = load<i32>(to - 8, 4)
        store<i32>(to, standing)
        store<i32>(to, passed, 4)
        const list = load<i32>(listOf + (((passed * columns + column) as usize) << 2))
        if (list < 0) continue
        const count = counts + ((list as usize) << 2)
        store<i32>(count, load<i32>(count) + 1)
        const note = found + ((used as usize) << 2)
        store<i32>(note, list)
        store<i32>(note, base + place, 4)
        used += 2
      }
      store<i32>(to, start)
      store<i32>(to, column, 4)
    }
    if (isUnknown) {
      takeBack(counts, found, before, used)
      used = before
      break
    }
  }
  store<i32>(state, used, USED)
  store<i32>(state, hasTies, HAS_TIES)
  return place
}
