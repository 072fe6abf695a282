import { DAY_MS, HOUR_MS } from '../core/time.js'
import { CLUSTERING, HOUR_MULTIPLES, REGIMES, WEEKEND_MULTIPLE } from './levels.js'
import { autoregress, gaussian, persistenceOf, uniform, type RandomGenerator } from './random.js'
import { openTimeOf, type Timeline } from './timeline.js'

/** Multiple of volatility by hour of the week, scaled so that its square averages 1. Hour 0 is Thursday 00:00 UTC, as in 1970. */
function weeklySeason(): Float64Array {
  const season = Float64Array.from({ length: 168 }, (_, hour) => {
    const isWeekend = Math.floor(hour / 24) === 2 || Math.floor(hour / 24) === 3
    return (HOUR_MULTIPLES[hour % 24] ?? 1) * (isWeekend ? WEEKEND_MULTIPLE : 1)
  })
  const meanSquare = season.reduce((sum, multiple) => sum + multiple * multiple, 0) / season.length
  return season.map((multiple) => multiple / Math.sqrt(meanSquare))
}

/**
 * Volatility of each bar as a multiple of its unconditional deviation per √hour already scaled to the bar: regimes (two-state
 * Markov chain) · clustering (log-normal AR(1)) · weekly season. The square averages 1 over time. Nothing in it depends on a
 * return, and it carries no drift, so it cannot tell which way a price will go.
 */
export function volatilityPath(timeline: Timeline, random: RandomGenerator): Float64Array {
  const { bars, timeframeMs } = timeline
  const season = weeklySeason()
  const { calm, stressed } = REGIMES
  const shareCalm = calm.meanDurationMs / (calm.meanDurationMs + stressed.meanDurationMs)
  const regimeScale = Math.sqrt(shareCalm * calm.multiple ** 2 + (1 - shareCalm) * stressed.multiple ** 2)
  const persistence = persistenceOf(CLUSTERING.halfLifeMs, timeframeMs)
  const spread = CLUSTERING.logDeviation
  const barScale = Math.sqrt(timeframeMs / HOUR_MS)

  const path = new Float64Array(bars)
  let isCalm = uniform(random) < shareCalm
  let cluster = gaussian(random)
  for (let bar = 0; bar < bars; bar++) {
    const regime = isCalm ? calm : stressed
    const hourOfWeek = Math.floor((openTimeOf(timeline, bar) % (7 * DAY_MS)) / HOUR_MS)
    // E[exp(2·spread·N − 2·spread²)] = 1 for a standard normal N.
    const clustering = Math.exp(spread * cluster - spread * spread)
    path[bar] = barScale * (regime.multiple / regimeScale) * clustering * (season[hourOfWeek] ?? 1)
    if (uniform(random) < timeframeMs / regime.meanDurationMs) isCalm = !isCalm
    cluster = autoregress(cluster, persistence, gaussian(random))
  }
  return path
}

/** Jump of each bar's open against the close before it, as a multiple of an instrument's hourly volatility: mostly 0, symmetric. */
export function jumpPath(
  timeline: Timeline,
  meanGapMs: number,
  size: number,
  random: RandomGenerator,
): Float64Array {
  const path = new Float64Array(timeline.bars)
  for (let bar = 0; bar < timeline.bars; bar++) {
    const happens = uniform(random) < timeline.timeframeMs / meanGapMs
    const jump = size * gaussian(random)
    path[bar] = happens ? jump : 0
  }
  return path
}
