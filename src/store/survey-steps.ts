import type { DataGap } from '../core/data-survey.js'
import type { Bucket } from './survey-buckets.js'

/** A step longer than so many expected ones is a gap: as the import counts them. */
export const GAP_STEPS = 1.5

/** Distances between successive events: one fewer than there are events. */
export function stepsOf(time: Float64Array): Float64Array {
  return time.slice(1).map((at, index) => at - time[index]!)
}

/** The gaps between events in order of time. `expected` is the step that should lead to each event, ms. O(events). */
export function gapsOf(time: Float64Array, expected: Float64Array): DataGap[] {
  const gaps: DataGap[] = []
  for (let row = 1; row < time.length; row++) {
    const step = time[row]! - time[row - 1]!
    const due = expected[row]!
    if (!(step > GAP_STEPS * due)) continue
    gaps.push({
      afterTime: time[row - 1]!,
      beforeTime: time[row]!,
      missing: Math.round(step / due) - 1,
      lengthMs: step - due,
    })
  }
  return gaps
}

/** Events in each bucket. Both in order of time; the first bucket starts at the first event. O(events + buckets). */
export function eventsIn(buckets: readonly Bucket[], time: Float64Array): number[] {
  const counts = buckets.map(() => 0)
  let bucket = 0
  for (const at of time) {
    while (bucket < buckets.length - 1 && buckets[bucket]!.endTime <= at) bucket++
    counts[bucket]!++
  }
  return counts
}
