import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import { DataError } from '../core/errors.js'
import { type RandomGenerator, uniform } from '../market/random.js'

/**
 * A generator of its own for each path of whole numbers below a seed, such as (seed, trial): the same numbers whatever is drawn for
 * other paths, in any order, on any number of workers. Nearby seeds and paths give unrelated streams: their state is mixed by the
 * finaliser of MurmurHash3 (Appleby 2011). Throws DataError for numbers that are not whole or not exact.
 */
export function seededRandom(seed: number, ...path: readonly number[]): RandomGenerator {
  const state = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]
  for (const part of [seed, ...path]) {
    if (!Number.isSafeInteger(part))
      throw new DataError('a seed is a whole number', { field: 'seed', value: part })
    for (const word of [part | 0, Math.floor(part / 2 ** 32) | 0]) absorb(state, word)
  }
  for (let round = 0; round < 4; round++) absorb(state, round)
  return xoroshiro128plusFromState(state)
}

/** A whole number from 0 up to and excluding `below`, each as likely; `below` at most 2^32. */
export function drawBelow(random: RandomGenerator, below: number): number {
  return Math.floor(uniform(random) * below)
}

/** Every bit of the word reaches every word of the state. */
function absorb(state: number[], word: number): void {
  let carried = word
  for (let at = 0; at < state.length; at++) {
    carried = mixBits((state[at] as number) ^ Math.imul(carried, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b))
    state[at] = carried
  }
}

/** A permutation of the 32-bit numbers in which each input bit changes about half of the output bits. */
export function mixBits(word: number): number {
  let mixed = word
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
