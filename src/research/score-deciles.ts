import type { Values } from '../metrics/moments.js'
import { spearman } from '../metrics/correlation.js'
import { estimate, type Estimate } from '../metrics/newey-west.js'
import { midRanks } from '../metrics/ranks.js'
import { known, unknown, type Statistic } from '../metrics/statistic.js'

/** What came after the scores of one bucket. */
export interface ScoreBucket {
  /** From 1, the lowest scores. */
  readonly bucket: number
  /** NaN where the bucket is empty. */
  readonly lowestScore: number
  readonly highestScore: number
  /** Mean forward return, a fraction, with its standard error and its 95 % interval. */
  readonly mean: Estimate
}

export interface ScoreDeciles {
  readonly buckets: readonly ScoreBucket[]
  /** Mean of the highest bucket that holds any score less that of the lowest one. */
  readonly topMinusBottom: Estimate
  /** Rank correlation of the bucket's number with its mean return, over buckets that hold any: 1 where each is above the one below. */
  readonly monotonicity: Statistic
  /** Mean over all observations. */
  readonly all: Estimate
  /** Bars with both a score and a forward return, over all instruments. */
  readonly observations: number
}

/**
 * Mean forward return by decile of the score. The four arrays are parallel, one entry an instrument and bar; an entry whose score or
 * return is NaN is left out and never becomes 0.
 *
 * Deciles are cut over all entries together, since a score means the same on every instrument and at every time; equal scores lie
 * in the same one (that of their mid-rank), so that a score of few levels leaves some empty: those are n/a. Cutting over the whole span
 * describes what happened; it is no rule that could have been traded. Standard errors are Newey and West's: they allow
 * for returns that overlap over `horizon` bars, and for entries at the same instant that depend on each other. O(n log n).
 *
 * @param scores the higher, the more bullish
 * @param forwardReturns fraction over `horizon` bars from the price at which one could act on the score
 * @param slots whole numbers of bars since any common origin: entries of one instant have the same, of the next bar one more
 * @param horizon in bars
 * @param buckets how many; 10 for deciles
 */
export function scoreDeciles(
  scores: Values,
  forwardReturns: Values,
  slots: ArrayLike<number>,
  horizon: number,
  buckets: number = 10,
): ScoreDeciles {
  const rows = completeRows(scores, forwardReturns)
  const bucketOf = bucketsOf(
    Float64Array.from(rows, (row) => scores[row]!),
    buckets,
  )
  const returns = Float64Array.from(rows, (row) => forwardReturns[row]!)
  const span = spanOf(rows, slots)
  const meanOf = (isMember: (at: number) => boolean): Mean =>
    meanWithInfluence(returns, rows, slots, span, isMember)
  const means = Array.from({ length: buckets }, (_, bucket) => meanOf((at) => bucketOf[at] === bucket))
  const filled = means.flatMap(({ count }, bucket) => (count > 0 ? [bucket] : []))
  return {
    buckets: means.map(({ value, influence, count }, bucket) => ({
      bucket: bucket + 1,
      ...extremes(scores, rows, (at) => bucketOf[at] === bucket),
      mean: estimate(value, influence, horizon, count),
    })),
    topMinusBottom: difference(means[filled.at(-1) ?? 0], means[filled[0] ?? 0], horizon),
    monotonicity: spearman(
      filled,
      filled.map((bucket) => means[bucket]!.value.value!),
    ),
    all: ((all) => estimate(all.value, all.influence, horizon, all.count))(meanOf(() => true)),
    observations: rows.length,
  }
}

/** Buckets from 0 of scores that are all known: that of the mid-rank, so that equal scores share one. */
export function bucketsOf(scores: Values, buckets: number): Int32Array {
  const count = scores.length
  return Int32Array.from(midRanks(scores), (rank) => Math.floor((buckets * (rank - 0.5)) / count))
}

function completeRows(scores: Values, returns: Values): Int32Array {
  const rows: number[] = []
  for (let row = 0; row < scores.length; row++)
    if (!Number.isNaN(scores[row]!) && !Number.isNaN(returns[row]!)) rows.push(row)
  return Int32Array.from(rows)
}

/** First slot with an observation, and the number of slots from it to the last. */
export interface SlotSpan {
  readonly first: number
  readonly length: number
}

function spanOf(rows: Int32Array, slots: ArrayLike<number>): SlotSpan {
  let [first, last] = [Infinity, -Infinity]
  for (const row of rows) {
    first = Math.min(first, slots[row]!)
    last = Math.max(last, slots[row]!)
  }
  return rows.length === 0 ? { first: 0, length: 0 } : { first, length: last - first + 1 }
}

interface Mean {
  readonly value: Statistic
  readonly influence: Float64Array
  readonly count: number
}

function meanWithInfluence(
  returns: Float64Array,
  rows: Int32Array,
  slots: ArrayLike<number>,
  { first, length }: SlotSpan,
  isMember: (at: number) => boolean,
): Mean {
  let [total, count] = [0, 0]
  for (let at = 0; at < rows.length; at++) {
    if (!isMember(at)) continue
    total += returns[at]!
    count++
  }
  const influence = new Float64Array(length)
  if (count === 0) return { value: unknown('no score in this bucket'), influence, count }
  const mean = total / count
  for (let at = 0; at < rows.length; at++)
    if (isMember(at)) influence[slots[rows[at]!]! - first]! += (returns[at]! - mean) / count
  return { value: known(mean), influence, count }
}

function difference(top: Mean | undefined, bottom: Mean | undefined, horizon: number): Estimate {
  const none = unknown('fewer than two buckets hold any score')
  if (top?.value.value === undefined || bottom?.value.value === undefined || top === bottom)
    return estimate(none, new Float64Array(0), horizon, 0)
  const influence = top.influence.map((term, slot) => term - bottom.influence[slot]!)
  return estimate(known(top.value.value - bottom.value.value), influence, horizon, top.count + bottom.count)
}

function extremes(
  scores: Values,
  rows: Int32Array,
  isMember: (at: number) => boolean,
): Pick<ScoreBucket, 'lowestScore' | 'highestScore'> {
  let [lowest, highest] = [Infinity, -Infinity]
  for (let at = 0; at < rows.length; at++) {
    if (!isMember(at)) continue
    lowest = Math.min(lowest, scores[rows[at]!]!)
    highest = Math.max(highest, scores[rows[at]!]!)
  }
  return lowest > highest
    ? { lowestScore: NaN, highestScore: NaN }
    : { lowestScore: lowest, highestScore: highest }
}
