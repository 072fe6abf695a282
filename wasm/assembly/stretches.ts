/**
 * Sums over stretches of eight series at a time, from their prefix sums: two series are a vector. Compiled by `npm run build:wasm`;
 * src/research/overfitting/stretch-sums.ts calls it. All but counts are addresses.
 */

/** Bytes of the prefix sums of eight series up to a day. */
const DAY: i32 = 64

/**
 * `stretches` are pairs of days, from and to, of one list after the other; `ends` says, list by list, how many numbers there are up to its end. Writes eight
 * sums a list.
 */
export function sumLists(prefix: usize, stretches: usize, ends: usize, lists: i32, out: usize): void {
  let at = stretches
  for (let list = 0; list < lists; list++, ends += 4, out += DAY) {
    const end = stretches + 4 * load<u32>(ends)
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let d = f64x2.splat(0)
    for (; at < end; at += 8) {
      const from = prefix + DAY * load<u32>(at)
      const to = prefix + DAY * load<u32>(at, 4)
      a = f64x2.add(a, f64x2.sub(v128.load(to), v128.load(from)))
      b = f64x2.add(b, f64x2.sub(v128.load(to, 16), v128.load(from, 16)))
      c = f64x2.add(c, f64x2.sub(v128.load(to, 32), v128.load(from, 32)))
      d = f64x2.add(d, f64x2.sub(v128.load(to, 48), v128.load(from, 48)))
    }
    v128.store(out, a)
    v128.store(out, b, 16)
    v128.store(out, c, 32)
    v128.store(out, d, 48)
  }
}
