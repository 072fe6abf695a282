import { DataError } from '../../core/errors.js'
import { type RandomGenerator, uniform, uniformAboveZero } from '../../market/random.js'
import { drawBelow } from '../seeded-random.js'

/**
 * One resample of a series: stretches `[from, to)` of it, laid end to end; pairs of indices, as many values in all as the series has.
 * What runs past the end goes on at the beginning, as a stretch of its own.
 */
export type Stretches = Int32Array

/**
 * Stationary bootstrap (Politis & Romano 1994): blocks begin anywhere, each place as likely, and end after each value with
 * probability 1/`meanBlock`; the series closes to a circle, the last block is cut. O(length / meanBlock). Throws DataError for a mean block
 * below 1 or above the length.
 */
export function drawStretches(random: RandomGenerator, length: number, meanBlock: number): Stretches {
  if (!(meanBlock >= 1 && meanBlock <= length))
    throw new DataError(`a mean block is between 1 and ${length} days`, {
      field: 'meanBlock',
      value: meanBlock,
    })
  const stretches: number[] = []
  for (let missing = length; missing > 0;) {
    const from = drawBelow(random, length)
    const size = Math.min(missing, geometric(random, meanBlock))
    const to = Math.min(length, from + size)
    stretches.push(from, to)
    if (from + size > length) stretches.push(0, from + size - length)
    missing -= size
  }
  return Int32Array.from(stretches)
}

/** Values until the end of a block, that one included: 1 and more, on average `mean`. Takes one number from the generator. */
function geometric(random: RandomGenerator, mean: number): number {
  if (mean === 1) {
    uniform(random)
    return 1
  }
  return 1 + Math.floor(Math.log(uniformAboveZero(random)) / Math.log1p(-1 / mean))
}

/** The values of a resample, into an array of the same length. */
export function resampleInto(values: Float64Array, stretches: Stretches, out: Float64Array): void {
  let at = 0
  for (let pair = 0; pair < stretches.length; pair += 2) {
    const part = values.subarray(stretches[pair], stretches[pair + 1])
    out.set(part, at)
    at += part.length
  }
}

/**
 * Variance of √n times the mean of a resample, given the series: γ₀ + 2 Σ κ(n, i) γ_i with κ(n, i) = (1 − i/n)(1 − 1/L)^i + (i/n)(1 − 1/L)^(n − i)
 * (Politis & Romano 1994, lemma 1; Hansen 2005, p. 369), the exact variance under the bootstrap, in O(n): Σ over the circle of
 * p^i x_{t−i} and of i p^i x_{t−i} follow from day to day. `centred` has mean 0.
 */
export function bootstrapVariance(centred: Float64Array, meanBlock: number): number {
  const n = centred.length
  const p = 1 - 1 / meanBlock
  const last = p ** (n - 1)
  let faded = 0
  let weighted = 0
  let power = 1
  for (let lag = 1; lag < n; lag++) {
    power *= p
    if (power < 1e-300) break
    faded += power * (centred[n - lag] as number)
    weighted += lag * power * (centred[n - lag] as number)
  }
  let squares = 0
  let products = 0
  for (let day = 0; day < n; day++) {
    const value = centred[day] as number
    const next = centred[day + 1 < n ? day + 1 : 0] as number
    squares += value * value
    products += value * (faded - weighted / n)
    weighted = p * (weighted + faded + value - n * last * next)
    faded = p * (faded + value - last * next)
  }
  return (squares + 2 * products) / n
}
