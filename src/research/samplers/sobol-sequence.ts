import { DataError } from '../../core/errors.js'
import { SOBOL_DIRECTIONS } from './sobol-directions.js'

/** Dimensions that the table of direction numbers reaches to. */
export const MOST_SOBOL_DIMENSIONS: number = SOBOL_DIRECTIONS.length + 1

const BITS = 32

/** Direction numbers of a dimension, counted from 0, as 32-bit fractions. */
function directionsOf(dimension: number): Int32Array {
  const directions = new Int32Array(BITS)
  if (dimension === 0) {
    for (let bit = 0; bit < BITS; bit++) directions[bit] = 1 << (BITS - 1 - bit)
    return directions
  }
  const row = SOBOL_DIRECTIONS[dimension - 1]
  if (row === undefined)
    throw new DataError(`a Sobol sequence has at most ${MOST_SOBOL_DIMENSIONS} dimensions here`, {
      field: 'dimensions',
      value: dimension + 1,
    })
  const [degree, coefficients, ...initial] = row.split(' ').map(Number) as [number, number, ...number[]]
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      directions[bit] = (initial[bit] as number) << (BITS - 1 - bit)
      continue
    }
    const oldest = directions[bit - degree] as number
    let next = oldest ^ (oldest >>> degree)
    for (let back = 1; back < degree; back++)
      if (((coefficients >> (degree - 1 - back)) & 1) === 1) next ^= directions[bit - back] as number
    directions[bit] = next
  }
  return directions
}

/**
 * Sobol's sequence (Sobol 1967) in the order of Antonov & Saleev (1979), without scrambling: place n → one 32-bit word a dimension, the
 * fraction times 2^32. The first 2^k points fill every dyadic interval of each dimension alike, and those of low dimensions jointly.
 */
export function sobolWords(dimensions: number): (place: number) => readonly number[] {
  const tables = Array.from({ length: dimensions }, (_, dimension) => directionsOf(dimension))
  return (place) => {
    const gray = place ^ (place >>> 1)
    return tables.map((directions) => {
      let word = 0
      for (let bit = 0; gray >>> bit !== 0 && bit < BITS; bit++)
        if (((gray >>> bit) & 1) === 1) word ^= directions[bit] as number
      return word >>> 0
    })
  }
}

/**
 * Scrambles the digits of a fraction as Owen (1995) does, each digit flipped at random by all digits before it, by a hash in place
 * of stored trees (Laine & Karras 2011; constants of Burley 2020). Keeps what makes the sequence even, and takes away its pattern.
 */
export function scramble(word: number, key: number): number {
  let mixed = (reverseBits(word) + key) | 0
  for (const factor of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6]) mixed ^= Math.imul(mixed, factor)
  return reverseBits(mixed) >>> 0
}

function reverseBits(word: number): number {
  let turned = word
  turned = ((turned >>> 1) & 0x55555555) | ((turned & 0x55555555) << 1)
  turned = ((turned >>> 2) & 0x33333333) | ((turned & 0x33333333) << 2)
  turned = ((turned >>> 4) & 0x0f0f0f0f) | ((turned & 0x0f0f0f0f) << 4)
  turned = ((turned >>> 8) & 0x00ff00ff) | ((turned & 0x00ff00ff) << 8)
  return (turned >>> 16) | (turned << 16)
}
