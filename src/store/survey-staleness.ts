import type { Staleness } from '../core/data-survey.js'
import type { Bucket } from './survey-buckets.js'

/** Stretches between two instants at which something became known: `newest` is the latest event known in `[from, to)`. UTC ms. */
export interface KnownStretches {
  readonly from: Float64Array
  readonly to: Float64Array
  readonly newest: Float64Array
}

/**
 * Stretches of knowledge from events and the times at which they were known, in order of known-at; a fact about an older event than
 * the newest known one changes nothing. O(events).
 */
export function knownStretches(eventTime: Float64Array, knownAt: Float64Array): KnownStretches {
  const [from, to, newest]: [number[], number[], number[]] = [[], [], []]
  let latest = -Infinity
  for (let row = 0; row < eventTime.length; row++) {
    latest = Math.max(latest, eventTime[row]!)
    const next = knownAt[row + 1]
    if (next === undefined || next === knownAt[row]) continue
    from.push(knownAt[row]!)
    to.push(next)
    newest.push(latest)
  }
  return {
    from: Float64Array.from(from),
    to: Float64Array.from(to),
    newest: Float64Array.from(newest),
  }
}

/**
 * How old the newest known fact was, over time: within a stretch its age rises from `from − newest` to `to − newest`. Undefined without
 * a stretch.
 */
export function stalenessOf({ from, to, newest }: KnownStretches, limitMs: number): Staleness | undefined {
  if (from.length === 0) return undefined
  let [largestMs, largestAt, time, weighted, over] = [-Infinity, NaN, 0, 0, 0]
  for (let row = 0; row < from.length; row++) {
    const [start, end, event] = [from[row]!, to[row]!, newest[row]!]
    if (end - event > largestMs) [largestMs, largestAt] = [end - event, end]
    time += end - start
    weighted += (end - start) * ((start + end) / 2 - event)
    over += Math.max(0, end - Math.max(start, event + limitMs))
  }
  return { largestMs, largestAt, meanMs: weighted / time, limitMs, overLimit: over / time }
}

/**
 * Largest age of the newest known fact within each bucket: at the end of a stretch, or where the bucket cuts one. Undefined in buckets
 * without a stretch. Stretches and buckets in order of time. O(stretches + buckets).
 */
export function largestAges(
  buckets: readonly Bucket[],
  { from, to, newest }: KnownStretches,
): (number | undefined)[] {
  const ages = buckets.map((): number | undefined => undefined)
  let bucket = 0
  for (let row = 0; row < from.length; row++) {
    while (bucket < buckets.length - 1 && buckets[bucket]!.endTime <= from[row]!) bucket++
    for (let at = bucket; at < buckets.length && buckets[at]!.startTime < to[row]!; at++) {
      if (buckets[at]!.endTime <= from[row]!) continue
      const age = Math.min(to[row]!, buckets[at]!.endTime) - newest[row]!
      ages[at] = Math.max(ages[at] ?? -Infinity, age)
    }
  }
  return ages
}
