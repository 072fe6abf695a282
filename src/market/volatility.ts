import { DAY_MS, HOUR_MS } from '../core/time.js'
import { CLUSTERING, HOUR_MULTIPLES, REGIMES, WEEKDAY_MULTIPLES } from './levels.js'
import {
  autoregressivePath,
  Normals,
  persistenceOf,
  uniform,
  type RandomGenerator,
  type Streams,
} from './random.js'
import type { Timeline } from './timeline.js'

/** Multiple of volatility by hour of the week, scaled so that its square averages 1. Hour 0 is Thursday 00:00 UTC, as in 1970. */
function weeklySeason(): Float64Array {
  const season = Float64Array.from(
    { length: 168 },
    (_, hour) => (HOUR_MULTIPLES[hour % 24] ?? 1) * (WEEKDAY_MULTIPLES[Math.floor(hour / 24)] ?? 1),
  )
  const meanSquare = season.reduce((sum, multiple) => sum + multiple * multiple, 0) / season.length
  return season.map((multiple) => multiple / Math.sqrt(meanSquare))
}

/**
 * Volatility of each hour as a multiple of its unconditional deviation: regimes (two-state Markov chain) · clustering (log-normal
 * AR(1) processes, one slow and one fast) · weekly season. Its square averages 1 over time. Nothing in it depends on a return, and it carries no
 * drift, so it cannot tell which way a price will go.
 */
export function volatilityPath({ startTime, hours }: Timeline, streams: Streams): Float64Array {
  const season = weeklySeason()
  const path = regimePath(hours, streams('volatility regime'))
  for (const [name, { logDeviation, halfLifeMs }] of Object.entries(CLUSTERING)) {
    const cluster = autoregressivePath(
      hours,
      persistenceOf(halfLifeMs, HOUR_MS),
      streams(`volatility ${name}`),
    )
    // E[exp(2·d·N − 2·d²)] = 1 for a standard normal N.
    for (let hour = 0; hour < hours; hour++)
      path[hour]! *= Math.exp(logDeviation * cluster[hour]! - logDeviation * logDeviation)
  }
  for (let hour = 0; hour < hours; hour++) {
    const hourOfWeek = Math.floor(((startTime + hour * HOUR_MS) % (7 * DAY_MS)) / HOUR_MS)
    path[hour]! *= season[hourOfWeek]!
  }
  return path
}

/** Calm or stressed, as a multiple whose square averages 1. */
function regimePath(hours: number, random: RandomGenerator): Float64Array {
  const { calm, stressed } = REGIMES
  const shareCalm = calm.meanDurationMs / (calm.meanDurationMs + stressed.meanDurationMs)
  const scale = Math.sqrt(shareCalm * calm.multiple ** 2 + (1 - shareCalm) * stressed.multiple ** 2)
  const path = new Float64Array(hours)
  let isCalm = uniform(random) < shareCalm
  for (let hour = 0; hour < hours; hour++) {
    const regime = isCalm ? calm : stressed
    path[hour] = regime.multiple / scale
    if (uniform(random) < HOUR_MS / regime.meanDurationMs) isCalm = !isCalm
  }
  return path
}

/** Jump at the open of each hour, as a multiple of an instrument's hourly volatility: mostly 0, symmetric, independent of all else. */
export function jumpPath(
  hours: number,
  { meanGapMs, size }: { readonly meanGapMs: number; readonly size: number },
  random: RandomGenerator,
): Float64Array {
  const normals = new Normals(random)
  const path = new Float64Array(hours)
  for (let hour = 0; hour < hours; hour++) {
    const happens = uniform(random) < HOUR_MS / meanGapMs
    if (happens) path[hour] = size * normals.next()
  }
  return path
}

/** Volume of each hour as a multiple of the typical: it rises with volatility, whichever way prices go. */
export function activityPath(volatility: Float64Array, random: RandomGenerator): Float64Array {
  const normals = new Normals(random)
  return volatility.map((multiple) => multiple ** 1.3 * Math.exp(0.35 * normals.next()))
}

/** The same jumps at opens of bars: one that falls inside a bar longer than an hour waits for the next open. */
export function jumpsAtOpens(jumps: Float64Array, { startTime, timeframeMs }: Timeline): Float64Array {
  const moved = new Float64Array(jumps.length)
  let waiting = 0
  jumps.forEach((jump, hour) => {
    waiting += jump
    if ((startTime + hour * HOUR_MS) % timeframeMs !== 0 && timeframeMs > HOUR_MS) return
    moved[hour] = waiting
    waiting = 0
  })
  return moved
}
