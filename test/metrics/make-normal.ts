import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Seeded standard normal numbers (Box & Muller 1958), times a scale. */
export function makeNormal(seed: number, count: number, scale: number = 0.01): Float64Array {
  const generator = xoroshiro128plus(seed)
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)))
    return scale * radius * Math.cos(2 * Math.PI * uniformFloat64(generator))
  })
}
