/**
 * Extremes of blocks of sixteen numbers, none of them NaN: eight pairs, winners in pairs again. Compiled by `npm run build:wasm`; src/engine/fold-blocks.ts calls it. `values` and `out` are addresses.
 */

abstract class Inlined {
  @inline
  static higher(a: usize, offset: usize): v128 {
    return f64x2.pmax(v128.load(a + offset), v128.load(a + offset, 16))
  }

  @inline
  static lower(a: usize, offset: usize): v128 {
    return f64x2.pmin(v128.load(a + offset), v128.load(a + offset, 16))
  }
}

export function highest(values: usize, blocks: i32, out: usize): void {
  for (let block = 0; block < blocks; block++, values += 128, out += 8) {
    const first = f64x2.pmax(Inlined.higher(values, 0), Inlined.higher(values, 32))
    const second = f64x2.pmax(Inlined.higher(values, 64), Inlined.higher(values, 96))
    const both = f64x2.pmax(first, second)
    store<f64>(out, max(f64x2.extract_lane(both, 0), f64x2.extract_lane(both, 1)))
  }
}

export function lowest(values: usize, blocks: i32, out: usize): void {
  for (let block = 0; block < blocks; block++, values += 128, out += 8) {
    const first = f64x2.pmin(Inlined.lower(values, 0), Inlined.lower(values, 32))
    const second = f64x2.pmin(Inlined.lower(values, 64), Inlined.lower(values, 96))
    const both = f64x2.pmin(first, second)
    store<f64>(out, min(f64x2.extract_lane(both, 0), f64x2.extract_lane(both, 1)))
  }
}
