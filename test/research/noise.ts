import { Normals, type RandomGenerator } from '../../src/market/random.js'
import { seededRandom } from '../../src/research/seeded-random.js'

/** Daily returns of trials without any edge: independent normal numbers, of 1 % deviation. */
export function noiseTrials(seed: number, trials: number, days: number): Float64Array[] {
  const random = seededRandom(seed)
  return Array.from({ length: trials }, () => normalSeries(random, days))
}

export function normalSeries(random: RandomGenerator, days: number, scale: number = 0.01): Float64Array {
  const normals = new Normals(random)
  return Float64Array.from({ length: days }, () => scale * normals.next())
}

/** Returns with a yearly Sharpe ratio expected of them. */
export function withSharpe(returns: Float64Array, yearly: number, scale: number = 0.01): Float64Array {
  return returns.map((value) => value + (scale * yearly) / Math.sqrt(365))
}

/** x_t = ρ x_{t−1} + noise. */
export function autoregressive(noise: Float64Array, rho: number): Float64Array {
  let last = 0
  return noise.map((value) => (last = rho * last + value))
}

/** How often something holds over many seeds. */
export function shareOf(studies: number, holds: (seed: number) => boolean): number {
  let count = 0
  for (let seed = 0; seed < studies; seed++) if (holds(seed)) count++
  return count / studies
}

/** Studies of a simulation: few in the suite, many where `BALEEN_NULL_STUDIES` says so. */
export function studies(few: number): number {
  return Number(process.env['BALEEN_NULL_STUDIES'] ?? few)
}
