import type { BucketPeriod, DataGap } from '../core/data-survey.js'
import { DAY_MS, HOUR_MS } from '../core/time.js'

/** A piece of time, half open, UTC ms. */
export interface Bucket {
  readonly startTime: number
  readonly endTime: number
}

/** Longest ranges that are cut into hours, days, months: a strip has some hundred pieces at most. */
const LONGEST_OF_HOURS = 4 * DAY_MS
const LONGEST_OF_DAYS = 120 * DAY_MS
const LONGEST_OF_MONTHS = 240 * 30.4 * DAY_MS

/** The calendar period (UTC) into which a range is cut. */
export function bucketPeriod(startTime: number, endTime: number): BucketPeriod {
  const length = endTime - startTime
  if (length <= LONGEST_OF_HOURS) return 'hour'
  if (length <= LONGEST_OF_DAYS) return 'day'
  return length <= LONGEST_OF_MONTHS ? 'month' : 'year'
}

/** First instant of the period that holds an instant, or of the one after it. */
function edge(time: number, period: BucketPeriod, later: 0 | 1): number {
  const fixed = period === 'hour' ? HOUR_MS : DAY_MS
  if (period === 'hour' || period === 'day') return (Math.floor(time / fixed) + later) * fixed
  const date = new Date(time)
  const month = period === 'month' ? date.getUTCMonth() + later : 0
  return Date.UTC(date.getUTCFullYear() + (period === 'year' ? later : 0), month, 1)
}

/** The pieces of `[startTime, endTime)`, the first and the last cut to it; at least one. */
export function cutIntoBuckets(startTime: number, endTime: number, period: BucketPeriod): Bucket[] {
  const buckets: Bucket[] = []
  for (let from = startTime; from < endTime;) {
    const next = Math.min(edge(from, period, 1), endTime)
    buckets.push({ startTime: from, endTime: next })
    from = next
  }
  return buckets.length > 0 ? buckets : [{ startTime, endTime }]
}

/**
 * Share of each bucket's time that lies in no gap. A gap's missing time runs from the first missing event to the event that ends it.
 * Gaps in order of time, buckets too. O(gaps + buckets).
 */
export function coverageOf(buckets: readonly Bucket[], gaps: readonly DataGap[]): number[] {
  const missing = buckets.map(() => 0)
  let bucket = 0
  for (const { beforeTime, lengthMs } of gaps) {
    const from = beforeTime - lengthMs
    while (bucket < buckets.length - 1 && buckets[bucket]!.endTime <= from) bucket++
    for (let at = bucket; at < buckets.length && buckets[at]!.startTime < beforeTime; at++) {
      const { startTime, endTime } = buckets[at]!
      missing[at]! += Math.max(0, Math.min(endTime, beforeTime) - Math.max(startTime, from))
    }
  }
  return buckets.map(({ startTime, endTime }, index) =>
    endTime > startTime ? 1 - missing[index]! / (endTime - startTime) : 1,
  )
}
