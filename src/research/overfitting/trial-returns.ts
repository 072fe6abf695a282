import { DataError } from '../../core/errors.js'
import { mixBits } from '../seeded-random.js'

/**
 * Many things of which one is looked at at a time, such as the returns of a million trials that lie in a file; an array is one. What is
 * looked at may be made anew each time.
 */
export interface Sequence<T> extends Iterable<T> {
  readonly length: number
  at(index: number): T | undefined
}

/** Daily returns of complete trials, one array each, of equal lengths: the same days for all. */
export type TrialReturns = Sequence<Float64Array>

/** A sequence whose things are made when they are looked at. */
export function sequence<T>(length: number, make: (index: number) => T): Sequence<T> {
  return {
    length,
    at: (index) => (index >= 0 && index < length ? make(index) : undefined),
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield make(index)
    },
  }
}

/**
 * Number of days that all trials have. Throws DataError naming the trial where one is shorter, as a pruned one is, or holds a value that
 * is not finite: no statistic reads a pruned trial as if it were complete. O(trials · days).
 */
export function commonDays(trials: TrialReturns): number {
  let days = 0
  for (const { length } of sameDays(trials)) days = length
  return days
}

/** The trials one after the other, each held against the days of the first as it is looked at: what `commonDays` refuses is refused here. */
export function* sameDays(trials: TrialReturns): Generator<Float64Array, undefined> {
  let trial = 0
  let days: number | undefined
  for (const returns of trials) {
    days ??= returns.length
    if (returns.length !== days)
      throw new DataError(`all trials need the same days; trial 0 has ${days}`, {
        row: trial,
        field: 'days of trial',
        value: returns.length,
      })
    for (let day = 0; day < days; day++)
      if (!Number.isFinite(returns[day]))
        throw new DataError(`day ${day} of trial ${trial} has no return`, {
          row: trial,
          field: 'daily returns',
          value: returns[day],
        })
    yield returns
    trial++
  }
}

/** 64 bits of a series as 16 hexadecimal digits, the same for −0 as for 0: trials with one hash are one trial. O(days). */
export function returnHash(returns: Float64Array): string {
  const plain = returns.map((value) => value + 0)
  const words = new Int32Array(plain.buffer, plain.byteOffset, plain.length * 2)
  let first = 0x243f6a88
  let second = 0x13198a2e
  for (let at = 0; at < words.length; at++) {
    first = Math.imul(mixBits(first ^ (words[at] as number)), 5) + 0x6b64
    second = Math.imul(mixBits((second + Math.imul(words[at] as number, 0x9e3779b1)) | 0), 9) + at
  }
  return hex(mixBits(first ^ words.length)) + hex(mixBits(second ^ first))
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

/** The first of each set of trials with the same returns. */
export interface DistinctTrials {
  /** Indices into the trials, rising. */
  readonly indices: readonly number[]
  /** Hash of each of them. */
  readonly hashes: readonly string[]
  readonly repeats: number
}

/** Params that make no difference make no further trial. O(trials · days). */
export function distinctTrials(trials: TrialReturns): DistinctTrials {
  return distinctHashes(sequence(trials.length, (trial) => returnHash(trials.at(trial) as Float64Array)))
}

/** The same of trials whose hashes are known. */
export function distinctHashes(hashes: Sequence<string>): DistinctTrials {
  const seen = new Map<string, number>()
  let trial = 0
  for (const hash of hashes) {
    if (!seen.has(hash)) seen.set(hash, trial)
    trial++
  }
  return { indices: [...seen.values()], hashes: [...seen.keys()], repeats: hashes.length - seen.size }
}

/**
 * At most `most` of the distinct trials, by the order of their hashes, which neither the order of trials nor their results can lean on, and
 * the `best` one in any case. Indices, rising.
 */
export function sampleByHash(distinct: DistinctTrials, most: number, best?: number): readonly number[] {
  if (distinct.indices.length <= most) return distinct.indices
  const ranked = distinct.hashes
    .map((hash, at) => ({ hash, trial: distinct.indices[at] as number }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const sample = new Set(ranked.slice(0, most).map(({ trial }) => trial))
  if (best !== undefined) sample.add(best)
  return [...sample].sort((a, b) => a - b)
}
