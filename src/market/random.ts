import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

export type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** Uniform in [0, 1). */
export function uniform(random: RandomGenerator): number {
  return uniformFloat64(random)
}

/** Uniform in (0, 1], for logarithms. */
export function uniformAboveZero(random: RandomGenerator): number {
  return 1 - uniformFloat64(random)
}

/** Standard normal numbers (Box & Muller 1958), two from each pair of uniform ones. */
export class Normals {
  private spare = NaN

  constructor(private readonly random: RandomGenerator) {}

  next(): number {
    const { spare } = this
    if (spare === spare) {
      this.spare = NaN
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log(uniformAboveZero(this.random)))
    const angle = 2 * Math.PI * uniform(this.random)
    this.spare = radius * Math.cos(angle - Math.PI / 2)
    return radius * Math.cos(angle)
  }
}

/** Step of a stationary unit-variance AR(1) process: `persistence · value + √(1 − persistence²) · noise`. */
export function autoregress(value: number, persistence: number, noise: number): number {
  return persistence * value + Math.sqrt(1 - persistence * persistence) * noise
}

/** Persistence per step of an AR(1) process that forgets half of itself in `halfLifeMs`. */
export function persistenceOf(halfLifeMs: number, stepMs: number): number {
  return Math.pow(0.5, stepMs / halfLifeMs)
}

/** `steps` values of a stationary AR(1) process of mean 0 and variance 1. */
export function autoregressivePath(
  steps: number,
  persistence: number,
  random: RandomGenerator,
): Float64Array {
  const normals = new Normals(random)
  const path = new Float64Array(steps)
  let value = normals.next()
  for (let step = 0; step < steps; step++) {
    path[step] = value
    value = autoregress(value, persistence, normals.next())
  }
  return path
}

/** A generator for a part of a simulation, by the part's name. */
export type Streams = (name: string) => RandomGenerator

/**
 * Generators of their own for the parts of a simulation: a part draws the same numbers whatever the others draw and whether they are
 * there at all, so that bitcoin's prices do not change when another instrument is added. Takes four numbers from `random` as the
 * key; the state of a part is a hash of key and name (finaliser of MurmurHash3, Appleby 2011).
 */
export function streamsOf(random: RandomGenerator): Streams {
  const key = Array.from({ length: 4 }, () => random.next())
  return (name) => {
    const words = [...key, ...Array.from(name, (letter) => letter.codePointAt(0) ?? 0)]
    return xoroshiro128plusFromState([1, 2, 3, 4].map((salt) => words.reduce(mixed, salt)))
  }
}

function mixed(hash: number, word: number): number {
  let bits = (Math.imul(hash, 0x9e3779b1) + word) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
