/** Bars in a block of the first, second and third level. */
export const BLOCK_SHIFTS = [4, 8, 12] as const

/**
 * Extremes of a column over blocks of 16, 256 and 4,096 rows: what is true of a block's extreme is true of each of its rows. NaN rows are
 * left out; a block of nothing but NaN has the extreme that nothing exceeds.
 */
export interface Extremes {
  readonly rows: Float64Array
  readonly by16: Float64Array
  readonly by256: Float64Array
  readonly by4096: Float64Array
}

/** Largest values of a column by blocks: O(rows). */
export function highestByBlock(rows: Float64Array): Extremes {
  const by16 = largest(rows)
  const by256 = largest(by16)
  return { rows, by16, by256, by4096: largest(by256) }
}

/** Smallest values of a column by blocks: O(rows). */
export function lowestByBlock(rows: Float64Array): Extremes {
  const by16 = smallest(rows)
  const by256 = smallest(by16)
  return { rows, by16, by256, by4096: smallest(by256) }
}

function shared(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8))
}

function largest(values: Float64Array): Float64Array {
  const blocks = shared(Math.ceil(values.length / 16))
  for (let block = 0; block < blocks.length; block++) {
    let most = -Infinity
    const end = Math.min(values.length, block * 16 + 16)
    for (let i = block * 16; i < end; i++) {
      const value = values[i] as number
      if (value > most) most = value
    }
    blocks[block] = most
  }
  return blocks
}

function smallest(values: Float64Array): Float64Array {
  const blocks = shared(Math.ceil(values.length / 16))
  for (let block = 0; block < blocks.length; block++) {
    let least = Infinity
    const end = Math.min(values.length, block * 16 + 16)
    for (let i = block * 16; i < end; i++) {
      const value = values[i] as number
      if (value < least) least = value
    }
    blocks[block] = least
  }
  return blocks
}
