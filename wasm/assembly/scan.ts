/**
 * Where comparisons of columns change their answer. Sixteen places at a time become sixteen bits, and a bit that differs from the one
 * before it is a change; most sixteens have none. Each function looks at `length` places, writes those of the changes with `base`
 * added, and answers how many there are; before the first place nothing holds. A comparison with NaN does not hold.
 *
 * Compiled by `npm run build:wasm`; src/strategy/scan-simd.ts calls it. Columns and lists are addresses.
 */

const GREATER = 0
const AT_LEAST = 1
const AT_MOST = 2
const LESS = 3
const EQUAL = 4

/** All code that must be copied to where it is called: with a constant test, one comparison is left of each choice. */
abstract class Inlined {
  @inline
  static holds(test: i32, a: v128, b: v128): v128 {
    if (test === GREATER) return f64x2.gt(a, b)
    if (test === AT_LEAST) return f64x2.ge(a, b)
    if (test === AT_MOST) return f64x2.le(a, b)
    if (test === LESS) return f64x2.lt(a, b)
    return f64x2.eq(a, b)
  }

  @inline
  static holdsAt(test: i32, a: f64, b: f64): i32 {
    if (test === GREATER) return i32(a > b)
    if (test === AT_LEAST) return i32(a >= b)
    if (test === AT_MOST) return i32(a <= b)
    if (test === LESS) return i32(a < b)
    return i32(a === b)
  }

  /** Two pairs of answers, 64 bits each, become four of 32. */
  @inline
  static four(a: v128, b: v128): v128 {
    return v128.shuffle<i32>(a, b, 0, 2, 4, 6)
  }

  /** The answers on sixteen places as bits, the first one lowest. */
  @inline
  static bits(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128, h: v128): i32 {
    const low = i16x8.narrow_i32x4_s(Inlined.four(a, b), Inlined.four(c, d))
    const high = i16x8.narrow_i32x4_s(Inlined.four(e, f), Inlined.four(g, h))
    return i8x16.bitmask(i8x16.narrow_i16x8_s(low, high))
  }

  /** Of two columns. */
  @inline
  static bitsOfColumns(test: i32, a: usize, b: usize): i32 {
    return Inlined.bits(
      Inlined.holds(test, v128.load(a), v128.load(b)),
      Inlined.holds(test, v128.load(a, 16), v128.load(b, 16)),
      Inlined.holds(test, v128.load(a, 32), v128.load(b, 32)),
      Inlined.holds(test, v128.load(a, 48), v128.load(b, 48)),
      Inlined.holds(test, v128.load(a, 64), v128.load(b, 64)),
      Inlined.holds(test, v128.load(a, 80), v128.load(b, 80)),
      Inlined.holds(test, v128.load(a, 96), v128.load(b, 96)),
      Inlined.holds(test, v128.load(a, 112), v128.load(b, 112)),
    )
  }

  /** Of a column and one number. */
  @inline
  static bitsOfColumn(test: i32, a: usize, b: v128): i32 {
    return Inlined.bits(
      Inlined.holds(test, v128.load(a), b),
      Inlined.holds(test, v128.load(a, 16), b),
      Inlined.holds(test, v128.load(a, 32), b),
      Inlined.holds(test, v128.load(a, 48), b),
      Inlined.holds(test, v128.load(a, 64), b),
      Inlined.holds(test, v128.load(a, 80), b),
      Inlined.holds(test, v128.load(a, 96), b),
      Inlined.holds(test, v128.load(a, 112), b),
    )
  }

  /** Whether it holds on all of sixteen places, which is cheaper to know than on which. */
  @inline
  static holdsOnAll(test: i32, a: usize, b: usize): bool {
    const first = v128.and(
      Inlined.holds(test, v128.load(a), v128.load(b)),
      Inlined.holds(test, v128.load(a, 16), v128.load(b, 16)),
    )
    const second = v128.and(
      Inlined.holds(test, v128.load(a, 32), v128.load(b, 32)),
      Inlined.holds(test, v128.load(a, 48), v128.load(b, 48)),
    )
    const third = v128.and(
      Inlined.holds(test, v128.load(a, 64), v128.load(b, 64)),
      Inlined.holds(test, v128.load(a, 80), v128.load(b, 80)),
    )
    const fourth = v128.and(
      Inlined.holds(test, v128.load(a, 96), v128.load(b, 96)),
      Inlined.holds(test, v128.load(a, 112), v128.load(b, 112)),
    )
    return v128.all_true<i64>(v128.and(v128.and(first, second), v128.and(third, fourth)))
  }

  @inline
  static staysAbove(above: i32, a: usize, b: usize): bool {
    return above !== 0 && Inlined.holdsOnAll(GREATER, a, b)
  }

  @inline
  static staysBelow(below: i32, a: usize, b: usize): bool {
    return below !== 0 && Inlined.holdsOnAll(LESS, a, b)
  }

  /** Writes the places of the changes among sixteen, and answers where the list ends then. */
  @inline
  static changes(bits: i32, open: i32, place: i32, out: usize): usize {
    let changed = (bits ^ ((bits << 1) | open)) & 0xffff
    while (changed) {
      store<i32>(out, place + ctz(changed))
      out += 4
      changed &= changed - 1
    }
    return out
  }

  /** Writes each place that has a bit, among sixteen, as a run of its own, and answers where the list ends then. */
  @inline
  static single(bits: i32, place: i32, out: usize): usize {
    while (bits) {
      const at = place + ctz(bits)
      store<i32>(out, at)
      store<i32>(out, at + 1, 4)
      out += 8
      bits &= bits - 1
    }
    return out
  }

  @inline
  static columns(test: i32, a: usize, b: usize, length: i32, base: i32, out: usize): i32 {
    const start = out
    let open = 0
    let i = 0
    for (; i + 16 <= length; i += 16) {
      const bits = Inlined.bitsOfColumns(test, a, b)
      out = Inlined.changes(bits, open, base + i, out)
      open = bits >> 15
      a += 128
      b += 128
    }
    for (; i < length; i++) {
      const now = Inlined.holdsAt(test, load<f64>(a), load<f64>(b))
      if (now !== open) {
        store<i32>(out, base + i)
        out += 4
      }
      open = now
      a += 8
      b += 8
    }
    return i32((out - start) >> 2)
  }

  @inline
  static column(test: i32, a: usize, b: f64, length: i32, base: i32, out: usize): i32 {
    const start = out
    let open = 0
    const splat = f64x2.splat(b)
    let i = 0
    for (; i + 16 <= length; i += 16) {
      const bits = Inlined.bitsOfColumn(test, a, splat)
      out = Inlined.changes(bits, open, base + i, out)
      open = bits >> 15
      a += 128
    }
    for (; i < length; i++) {
      const now = Inlined.holdsAt(test, load<f64>(a), b)
      if (now !== open) {
        store<i32>(out, base + i)
        out += 4
      }
      open = now
      a += 8
    }
    return i32((out - start) >> 2)
  }
}

/** a > b. */
export function greater(a: usize, b: usize, length: i32, base: i32, out: usize): i32 {
  return Inlined.columns(GREATER, a, b, length, base, out)
}

/** a ≥ b. */
export function atLeast(a: usize, b: usize, length: i32, base: i32, out: usize): i32 {
  return Inlined.columns(AT_LEAST, a, b, length, base, out)
}

/** a > number. */
export function greaterThan(a: usize, b: f64, length: i32, base: i32, out: usize): i32 {
  return Inlined.column(GREATER, a, b, length, base, out)
}

/** a ≥ number. */
export function atLeastThan(a: usize, b: f64, length: i32, base: i32, out: usize): i32 {
  return Inlined.column(AT_LEAST, a, b, length, base, out)
}

/** a < number. */
export function lessThan(a: usize, b: f64, length: i32, base: i32, out: usize): i32 {
  return Inlined.column(LESS, a, b, length, base, out)
}

/** a ≤ number. */
export function atMostThan(a: usize, b: f64, length: i32, base: i32, out: usize): i32 {
  return Inlined.column(AT_MOST, a, b, length, base, out)
}

/** a is a number, not NaN. */
export function known(a: usize, length: i32, base: i32, out: usize): i32 {
  return Inlined.columns(EQUAL, a, a, length, base, out)
}

/** a > b and b > a in one pass: `counts` has the numbers of changes of the two. Nothing is open before the first place. */
export function bothOrders(
  a: usize,
  b: usize,
  length: i32,
  base: i32,
  outAbove: usize,
  outBelow: usize,
  counts: usize,
): void {
  const startAbove = outAbove
  const startBelow = outBelow
  let above = 0
  let below = 0
  let i = 0
  for (; i + 16 <= length; i += 16) {
    if (!Inlined.staysAbove(above, a, b) && !Inlined.staysBelow(below, a, b)) {
      const bitsAbove = Inlined.bitsOfColumns(GREATER, a, b)
      const bitsBelow = Inlined.bitsOfColumns(LESS, a, b)
      outAbove = Inlined.changes(bitsAbove, above, base + i, outAbove)
      outBelow = Inlined.changes(bitsBelow, below, base + i, outBelow)
      above = bitsAbove >> 15
      below = bitsBelow >> 15
    }
    a += 128
    b += 128
  }
  for (; i < length; i++) {
    const x = load<f64>(a)
    const y = load<f64>(b)
    const nowAbove = i32(x > y)
    const nowBelow = i32(x < y)
    if (nowAbove !== above) {
      store<i32>(outAbove, base + i)
      outAbove += 4
    }
    if (nowBelow !== below) {
      store<i32>(outBelow, base + i)
      outBelow += 4
    }
    above = nowAbove
    below = nowBelow
    a += 8
    b += 8
  }
  store<i32>(counts, i32((outAbove - startAbove) >> 2))
  store<i32>(counts, i32((outBelow - startBelow) >> 2), 4)
}

/**
 * Places on which a > b after a ≤ b on the place before, and those on which a < b after a ≥ b, each as a run of its own; `counts` has how many
 * numbers that are. Most sixteen places keep the order in which the two were before: those need no second look.
 */
export function crosses(
  a: usize,
  b: usize,
  length: i32,
  base: i32,
  outAbove: usize,
  outBelow: usize,
  counts: usize,
): void {
  const startAbove = outAbove
  const startBelow = outBelow
  // Of the place before, in bit 0: a > b, a < b, a = b.
  let above = 0
  let below = 0
  let equal = 0
  let i = 0
  for (; i + 16 <= length; i += 16) {
    if (Inlined.staysAbove(above, a, b) || Inlined.staysBelow(below, a, b)) {
      a += 128
      b += 128
      continue
    }
    const bitsAbove = Inlined.bitsOfColumns(GREATER, a, b)
    const bitsBelow = Inlined.bitsOfColumns(LESS, a, b)
    const bitsEqual = (bitsAbove | bitsBelow) === 0xffff ? 0 : Inlined.bitsOfColumns(EQUAL, a, b)
    const notAboveBefore = ((bitsBelow | bitsEqual) << 1) | below | equal
    const notBelowBefore = ((bitsAbove | bitsEqual) << 1) | above | equal
    outAbove = Inlined.single(bitsAbove & notAboveBefore, base + i, outAbove)
    outBelow = Inlined.single(bitsBelow & notBelowBefore, base + i, outBelow)
    above = bitsAbove >> 15
    below = bitsBelow >> 15
    equal = bitsEqual >> 15
    a += 128
    b += 128
  }
  for (; i < length; i++) {
    const x = load<f64>(a)
    const y = load<f64>(b)
    const isAbove = i32(x > y)
    const isBelow = i32(x < y)
    outAbove = Inlined.single(isAbove & (below | equal), base + i, outAbove)
    outBelow = Inlined.single(isBelow & (above | equal), base + i, outBelow)
    above = isAbove
    below = isBelow
    equal = i32(x === y)
    a += 8
    b += 8
  }
  store<i32>(counts, i32((outAbove - startAbove) >> 2))
  store<i32>(counts, i32((outBelow - startBelow) >> 2), 4)
}
