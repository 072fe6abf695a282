import { mixBits, seededRandom } from '../seeded-random.js'

const ROUNDS = 8

/** Largest size that `randomOrder` can order: 2^52. */
export const MOST_ORDERED: number = 2 ** 52

/**
 * An order of the numbers below `size` in which the number at any place is known without those before it, and in which none repeats: a Feistel
 * network over the next power of four, walked until it lands below `size` (Black & Rogaway 2002, cycle walking). O(1) a place, no memory.
 */
export function randomOrder(size: number, seed: number): (place: number) => number {
  let half = 1
  while (4 ** half < size) half++
  const side = 2 ** half
  const random = seededRandom(seed, 0x6f72646572)
  const keys = Array.from({ length: ROUNDS }, () => [random.next(), random.next()] as const)
  const permute = (value: number): number => {
    let left = Math.floor(value / side)
    let right = value % side
    for (const [first, second] of keys) {
      const mixed = mixBits(mixBits(right ^ first) ^ second) >>> (32 - half)
      ;[left, right] = [right, left ^ mixed]
    }
    return left * side + right
  }
  return (place) => {
    let value = permute(place)
    while (value >= size) value = permute(value)
    return value
  }
}
