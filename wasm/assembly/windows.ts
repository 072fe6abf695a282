/**
 * Extremes of windows that move along a column, in place: the window of so many numbers that begins at a place takes that place. Windows of four times the length are
 * made of four, until four of them cover the one that is asked for. Of equal values the later one is kept. Compiled by `npm run build:wasm`; src/features/windows.ts
 * calls it. `values` is an address; 64 bytes behind the column are read, and written, too.
 */

abstract class Inlined {
  @inline
  static highestOf4(at: usize, second: usize, third: usize, last: usize): v128 {
    return f64x2.pmax(
      f64x2.pmax(v128.load(at + last), v128.load(at + third)),
      f64x2.pmax(v128.load(at + second), v128.load(at)),
    )
  }

  @inline
  static lowestOf4(at: usize, second: usize, third: usize, last: usize): v128 {
    return f64x2.pmin(
      f64x2.pmin(v128.load(at + last), v128.load(at + third)),
      f64x2.pmin(v128.load(at + second), v128.load(at)),
    )
  }
}

/** The first `count` windows of `period` numbers. */
export function highest(values: usize, count: i32, period: i32): void {
  const end = values + ((<usize>(count + period)) << 3)
  let length = 1
  while (length < period) {
    const furthest = period - length
    const last = (<usize>min(3 * length, furthest)) << 3
    const third = (<usize>min(2 * length, furthest)) << 3
    const second = (<usize>min(length, furthest)) << 3
    for (let at = values; at + last < end; at += 16)
      v128.store(at, Inlined.highestOf4(at, second, third, last))
    length = min(4 * length, period)
  }
}

export function lowest(values: usize, count: i32, period: i32): void {
  const end = values + ((<usize>(count + period)) << 3)
  let length = 1
  while (length < period) {
    const furthest = period - length
    const last = (<usize>min(3 * length, furthest)) << 3
    const third = (<usize>min(2 * length, furthest)) << 3
    const second = (<usize>min(length, furthest)) << 3
    for (let at = values; at + last < end; at += 16)
      v128.store(at, Inlined.lowestOf4(at, second, third, last))
    length = min(4 * length, period)
  }
}

/** Whether none of these numbers is NaN. Counts in pairs: the one behind an odd number of them must be known too. */
export function known(values: usize, count: i32): bool {
  const end = values + ((<usize>count) << 3)
  let unknown = i64x2.splat(0)
  for (let at = values; at < end; at += 16) {
    const pair = v128.load(at)
    unknown = v128.or(unknown, f64x2.ne(pair, pair))
  }
  return !v128.any_true(unknown)
}
