import { HOUR_MS } from '../core/time.js'
import { SENTIMENT } from './levels.js'
import { autoregressivePath, persistenceOf, type Streams } from './random.js'

/**
 * The hidden positioning of large traders in each asset during each hour: stationary, mean 0, variance 1, partly common to all.
 * Facts read it; prices follow it only as far as the simulation's `edge` says.
 */
export function sentimentPaths(hours: number, assets: readonly string[], streams: Streams): Float64Array[] {
  const persistence = persistenceOf(SENTIMENT.halfLifeMs, HOUR_MS)
  const commonWeight = Math.sqrt(SENTIMENT.commonShare)
  const ownWeight = Math.sqrt(1 - SENTIMENT.commonShare)
  const common = autoregressivePath(hours, persistence, streams('sentiment'))
  return assets.map((asset) => {
    const own = autoregressivePath(hours, persistence, streams(`sentiment ${asset}`))
    return own.map((value, hour) => ownWeight * value + commonWeight * common[hour]!)
  })
}
