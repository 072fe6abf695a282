import { ConfigError } from '../../core/errors.js'
import { levelCount } from '../search-dimension.js'
import { allowedCount, pointAtIndex, type SearchSpace, spaceSize } from '../search-space.js'
import { shuffledSequence } from './random.js'
import type { Sampler } from './sampler.js'
import { type Sequence, sequenceSampler } from './sequence-sampler.js'

const MOST_POINTS = 100_000

export interface GridOptions {
  /** Points that a grid may have, those included that the constraints rule out. Default: 100,000. */
  readonly most?: number
  /** How many will be asked for in all. Default: every point. */
  readonly trials?: number
  /** By which points are drawn where fewer are asked for than there are. Default: 0. */
  readonly seed?: number
}

/**
 * Every point, in the order of nested loops over the params as declared: the last one turns fastest. Of fewer `trials` than the constraints leave points the first ones of
 * that order would be a corner of the space: they are drawn from the whole of it, each as likely, without repeats, by the seed. Throws ConfigError for a number without a
 * step, and for more points than `most`.
 */
export function gridSampler(space: SearchSpace, options: GridOptions = {}): Sampler {
  const { most = MOST_POINTS, trials = Infinity, seed = 0 } = options
  for (const dimension of space.dimensions)
    if (levelCount(dimension) === Infinity)
      throw new ConfigError('a grid needs a step, such as 1:5:0.5', { field: `params.${dimension.name}` })
  const size = spaceSize(space)
  if (size > most) {
    const factors = space.dimensions
      .map((dimension) => `${levelCount(dimension)} ${dimension.name}`)
      .join(' × ')
    throw new ConfigError(`a grid of ${factors} has more than ${most} points: give larger steps, or sample`, {
      field: 'grid',
      value: size,
      unit: 'points',
    })
  }
  const isPart = trials < size && trials < allowedCount(space, trials + 1)
  return sequenceSampler('grid', space, isPart ? shuffledSequence(space, seed) : gridSequence(space))
}

/** How many points a grid has, where fewer trials than that are drawn from it; undefined where it is tried whole. */
export function drawnFrom(space: SearchSpace, trials: number): number | undefined {
  if (trials >= spaceSize(space)) return undefined
  const points = allowedCount(space)
  return trials < points ? points : undefined
}

function gridSequence(space: SearchSpace): Sequence {
  const size = spaceSize(space)
  return (place) => (place < size ? pointAtIndex(space, place) : undefined)
}
