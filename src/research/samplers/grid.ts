import { ConfigError } from '../../core/errors.js'
import { levelCount } from '../search-dimension.js'
import { pointAtIndex, type SearchSpace, spaceSize } from '../search-space.js'
import type { Sampler } from './sampler.js'
import { type Sequence, sequenceSampler } from './sequence-sampler.js'

const MOST_POINTS = 100_000

/**
 * Every point, in the order of nested loops over the params as declared: the last one turns fastest. Throws ConfigError for a number without a
 * step, and for more points than `most` (default 100,000).
 */
export function gridSampler(space: SearchSpace, options: { readonly most?: number } = {}): Sampler {
  const most = options.most ?? MOST_POINTS
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
  return sequenceSampler('grid', space, gridSequence(space))
}

function gridSequence(space: SearchSpace): Sequence {
  const size = spaceSize(space)
  return (place) => (place < size ? pointAtIndex(space, place) : undefined)
}
