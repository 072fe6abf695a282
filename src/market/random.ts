import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

export type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator'
export type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** Uniform in [0, 1). */
export function uniform(random: RandomGenerator): number {
  return uniformFloat64(random)
}

/** Uniform in (0, 1], for logarithms. */
export function uniformAboveZero(random: RandomGenerator): number {
  return 1 - uniformFloat64(random)
}

/** Standard normal (Box & Muller 1958). Takes two numbers from the generator at every call, so that draws stay aligned. */
export function gaussian(random: RandomGenerator): number {
  const radius = Math.sqrt(-2 * Math.log(uniformAboveZero(random)))
  return radius * Math.cos(2 * Math.PI * uniform(random))
}

/** Step of a stationary unit-variance AR(1) process: `persistence · value + √(1 − persistence²) · noise`. */
export function autoregress(value: number, persistence: number, noise: number): number {
  return persistence * value + Math.sqrt(1 - persistence * persistence) * noise
}

/** Persistence per step of an AR(1) process that forgets half of itself in `halfLifeMs`. */
export function persistenceOf(halfLifeMs: number, stepMs: number): number {
  return Math.pow(0.5, stepMs / halfLifeMs)
}

/**
 * A generator of its own for one part of a simulation: the same numbers whatever the other parts draw, so that a part can be
 * added or changed without moving the others. Moves `random` on by 2^64 numbers. Fork only the root: a branch of a branch would repeat the root's next branch.
 */
export function fork(random: JumpableRandomGenerator): JumpableRandomGenerator {
  const branch = random.clone()
  random.jump()
  return branch
}
