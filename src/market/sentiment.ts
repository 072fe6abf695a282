import { SENTIMENT } from './levels.js'
import {
  autoregress,
  fork,
  gaussian,
  persistenceOf,
  type JumpableRandomGenerator,
  type RandomGenerator,
} from './random.js'
import type { Timeline } from './timeline.js'

/**
 * The hidden positioning of large traders in each instrument at the open of each bar: stationary, mean 0, variance 1, partly
 * common to all. Forks `random`. Legs read it; prices follow it only as far as the simulation's `edge` says.
 */
export function sentimentPaths(
  timeline: Timeline,
  instruments: number,
  random: JumpableRandomGenerator,
): Float64Array[] {
  const persistence = persistenceOf(SENTIMENT.halfLifeMs, timeline.timeframeMs)
  const commonWeight = Math.sqrt(SENTIMENT.commonShare)
  const ownWeight = Math.sqrt(1 - SENTIMENT.commonShare)
  const common = autoregressivePath(timeline.bars, persistence, fork(random))
  return Array.from({ length: instruments }, () => {
    const own = autoregressivePath(timeline.bars, persistence, fork(random))
    return own.map((value, bar) => ownWeight * value + commonWeight * (common[bar] ?? 0))
  })
}

function autoregressivePath(bars: number, persistence: number, random: RandomGenerator): Float64Array {
  const path = new Float64Array(bars)
  let value = gaussian(random)
  for (let bar = 0; bar < bars; bar++) {
    path[bar] = value
    value = autoregress(value, persistence, gaussian(random))
  }
  return path
}
