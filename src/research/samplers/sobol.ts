import { ConfigError } from '../../core/errors.js'
import { valueAtUnit } from '../search-dimension.js'
import { pointOf, type SearchSpace, spaceSize } from '../search-space.js'
import { seededRandom } from '../seeded-random.js'
import { followedBy, randomSequence } from './random.js'
import { MOST_ORDERED } from './random-order.js'
import type { Sampler } from './sampler.js'
import { type Sequence, sequenceSampler } from './sequence-sampler.js'
import { MOST_SOBOL_DIMENSIONS, scramble, sobolWords } from './sobol-sequence.js'

/**
 * Points of a scrambled Sobol sequence: more even than chance, so that fewer trials cover the space; best in powers of two. In a finite
 * space points that come again are left out. Throws ConfigError for more dimensions than there are direction numbers.
 */
export function sobolSampler(space: SearchSpace, seed: number): Sampler {
  return sequenceSampler('sobol', space, sobolSequence(space, seed))
}

/** After 2^31 points, or twice the size of a finite space, what is left comes in random order. */
export function sobolSequence(space: SearchSpace, seed: number): Sequence {
  const { length } = space.dimensions
  if (length > MOST_SOBOL_DIMENSIONS)
    throw new ConfigError(`a Sobol sequence has at most ${MOST_SOBOL_DIMENSIONS} dimensions: fix some params, or sample at random`, { field: 'sampler', value: length, unit: 'params' }) // prettier-ignore
  const words = sobolWords(length)
  const random = seededRandom(seed, 0x736f626f6c)
  const keys = space.dimensions.map(() => random.next())
  const even: Sequence = (place) => {
    const word = words(place)
    return pointOf(
      space,
      space.dimensions.map((dimension, at) =>
        valueAtUnit(dimension, scramble(word[at] as number, keys[at] as number) / 2 ** 32),
      ),
    )
  }
  const size = spaceSize(space)
  const most = 2 ** 31
  return followedBy(even, size > MOST_ORDERED ? most : Math.min(most, 2 * size), randomSequence(space, seed))
}
