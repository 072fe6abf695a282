import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/time.js'
import type { Limits } from '../smart-money/budget.js'
import type { PolledSeries } from './series.js'

/** Intervals that polls are made at, fastest first. */
const LADDER_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 8 * HOUR_MS, 12 * HOUR_MS, DAY_MS] // prettier-ignore

/** Of a day's requests, what is kept for further pages, for asking again, and for others with the same key. */
const RESERVE = 0.15

export interface PollPlan {
  readonly covered: readonly { readonly series: PolledSeries; readonly everyMs: number }[]
  readonly uncovered: readonly { readonly series: PolledSeries; readonly reason: string }[]
  /** Planned of the API a day, without the reserve. */
  readonly requestsPerDay: number
}

/**
 * How often each series is asked for within a day's requests. Each gets the slowest interval that is of use, the most valuable first, as long as there are requests; what is left makes
 * them faster, a step each in the same order. Pure. O(series × steps).
 */
export function planPolls(series: readonly PolledSeries[], { perDay }: Limits, hasKey: boolean): PollPlan {
  const uncovered: { series: PolledSeries; reason: string }[] = []
  const covered: { series: PolledSeries; everyMs: number }[] = []
  const available = Math.floor(perDay * (1 - RESERVE))
  let used = 0
  for (const one of series) {
    if (one.from !== 'api') covered.push({ series: one, everyMs: one.idealMs })
    else if (one.needsKey && !hasKey) uncovered.push({ series: one, reason: 'needs a key' })
    else if (used + costOf(one, one.slowestMs) > available)
      uncovered.push({ series: one, reason: `the plan's ${perDay} requests a day are used up by the series above it` }) // prettier-ignore
    else {
      used += costOf(one, one.slowestMs)
      covered.push({ series: one, everyMs: one.slowestMs })
    }
  }
  for (let isFaster = true; isFaster;) {
    isFaster = false
    for (const one of covered) {
      const next = fasterThan(one.everyMs)
      if (next === undefined || next < one.series.idealMs) continue
      const more = costOf(one.series, next) - costOf(one.series, one.everyMs)
      if (used + more > available) continue
      used += more
      one.everyMs = next
      isFaster = true
    }
  }
  return { covered, uncovered, requestsPerDay: used }
}

export function costOf({ questions }: PolledSeries, everyMs: number): number {
  return (questions.length * DAY_MS) / everyMs
}

function fasterThan(everyMs: number): number | undefined {
  return LADDER_MS.filter((step) => step < everyMs).at(-1)
}
