import { formatValue } from '../metrics/format.js'

/** Who proposed the trials of a search. */
export interface SampledTrials {
  readonly sampler: string
  readonly seed: number
  /** How many were asked for. */
  readonly trials: number
  /** Points of the grid that they were drawn from, where it has more. */
  readonly drawnFrom?: number | undefined
}

/** `grid`; `grid, 200 of its 400 points, drawn by seed 3`; `sobol, seed 3`. */
export function samplerWords({ sampler, seed, trials, drawnFrom }: SampledTrials): string {
  if (sampler !== 'grid') return `${sampler}, seed ${seed}`
  if (drawnFrom === undefined) return sampler
  return `grid, ${formatValue(trials, 'count')} of its ${formatValue(drawnFrom, 'count')} points, drawn by seed ${seed}`
}
