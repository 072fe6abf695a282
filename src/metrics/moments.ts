import { DataError } from '../core/errors.js'

/** A read-only series of numbers: a Float64Array or a plain array. */
export type Values = ArrayLike<number>

export function sum(values: Values): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

/** Arithmetic mean. Throws DataError on an empty series: callers answer n/a before they ask. */
export function mean(values: Values): number {
  if (values.length === 0) throw new DataError('the mean of no values is undefined')
  return sum(values) / values.length
}

/** `Σ (x − mean)^power / n`. */
export function centralMoment(values: Values, power: number): number {
  const centre = mean(values)
  let total = 0
  for (let i = 0; i < values.length; i++) total += (values[i]! - centre) ** power
  return total / values.length
}

/**
 * Sample standard deviation, divisor n − 1, in two passes. A deviation that is only the rounding of the inputs counts as
 * exactly 0, so that a constant series has "zero deviation" instead of a Sharpe ratio of 10^15. Returns are ratios minus
 * one, hence their rounding is relative to `one` = 1; give 0 for quantities whose rounding is relative to themselves.
 * Throws DataError on fewer than two values.
 */
export function sampleDeviation(values: Values, one: number = 1): number {
  const count = values.length
  if (count < 2) throw new DataError('a sample deviation needs two values')
  let largest = one
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(values[i]!))
  const deviation = Math.sqrt((centralMoment(values, 2) * count) / (count - 1))
  return deviation <= largest * 2 ** -50 ? 0 : deviation
}

/** Sample covariance, divisor n − 1. Throws DataError where the lengths differ or are below two. */
export function sampleCovariance(first: Values, second: Values): number {
  const count = first.length
  if (count !== second.length) {
    throw new DataError('paired series must have equal lengths', {
      field: 'second',
      value: second.length,
      unit: `against ${count}`,
    })
  }
  if (count < 2) throw new DataError('a sample covariance needs two pairs')
  const firstMean = mean(first)
  const secondMean = mean(second)
  let total = 0
  for (let i = 0; i < count; i++) total += (first[i]! - firstMean) * (second[i]! - secondMean)
  return total / (count - 1)
}

/**
 * Quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7: the default of numpy and pandas).
 * O(n log n). Throws DataError on an empty series or a level outside [0, 1].
 */
export function quantile(values: Values, level: number): number {
  if (values.length === 0) throw new DataError('a quantile of no values is undefined')
  if (!(level >= 0 && level <= 1))
    throw new DataError('a quantile level lies in [0, 1]', { field: 'level', value: level })
  const sorted = Float64Array.from(values).sort()
  const position = (sorted.length - 1) * level
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}
