import { quantile } from '../metrics/moments.js'
import type { Objective } from '../research/sweep/objective.js'

/** From losses over nothing to gains, as a scale of Vega and of Vega-Lite. */
export interface ScoreColours {
  readonly type: 'linear'
  readonly domain: readonly [number, number, number]
  readonly range: readonly ['var(--loss)', 'var(--zero)', 'var(--gain)']
  readonly interpolate: 'lab'
  readonly clamp: true
}

/** Scores around the one that neither gains nor loses: 1 of a profit factor, 0 of all others. The farthest twentieth shares the last colour. */
export function scoreColours({ key }: Objective, scores: readonly number[]): ScoreColours {
  const centre = key === 'profitFactor' ? 1 : 0
  const apart = scores.map((score) => Math.abs(score - centre))
  const reach = (apart.length === 0 ? 0 : quantile(apart, 0.95)) || 1
  return {
    type: 'linear',
    domain: [centre - reach, centre, centre + reach],
    range: ['var(--loss)', 'var(--zero)', 'var(--gain)'],
    interpolate: 'lab',
    clamp: true,
  }
}
