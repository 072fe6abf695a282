import { uniform } from '../../market/random.js'
import { valueAtUnit } from '../search-dimension.js'
import { pointAtIndex, pointOf, type SearchSpace, spaceSize } from '../search-space.js'
import { seededRandom } from '../seeded-random.js'
import { MOST_ORDERED, randomOrder } from './random-order.js'
import type { Sampler } from './sampler.js'
import { type Sequence, sequenceSampler } from './sequence-sampler.js'

/**
 * Points by chance (Bergstra & Bengio 2012). A finite space of linear scales is taken in a random order, without repeats and to its
 * last point; else each point is drawn by its own generator, from (seed, place).
 */
export function randomSampler(space: SearchSpace, seed: number): Sampler {
  return sequenceSampler('random', space, randomSequence(space, seed))
}

/** Endless in a space with numbers without steps; else it ends, with every point once. */
export function randomSequence(space: SearchSpace, seed: number): Sequence {
  const size = spaceSize(space)
  if (size > MOST_ORDERED) return drawnSequence(space, seed)
  const rest = shuffledSequence(space, seed)
  const isLog = space.dimensions.some((dimension) => dimension.kind === 'number' && dimension.scale === 'log')
  return isLog ? followedBy(drawnSequence(space, seed), Math.min(size, MOST_DRAWN), rest) : rest
}

/** Every point of a space of at most `MOST_ORDERED` once, in an order by chance in which each is as likely at any place, whatever its scale. */
export function shuffledSequence(space: SearchSpace, seed: number): Sequence {
  const size = spaceSize(space)
  const order = randomOrder(size, seed)
  return (place) => (place < size ? pointAtIndex(space, order(place)) : undefined)
}

/** On a logarithmic scale points are not equally likely: so many are drawn, then the rest comes in random order. */
const MOST_DRAWN = 100_000

/** The first `length` of a sequence, then another one. */
export function followedBy(first: Sequence, length: number, second: Sequence): Sequence {
  return (place) => (place < length ? first(place) : second(place - length))
}

function drawnSequence(space: SearchSpace, seed: number): Sequence {
  return (place) => {
    const random = seededRandom(seed, place)
    return pointOf(
      space,
      space.dimensions.map((dimension) => valueAtUnit(dimension, uniform(random))),
    )
  }
}
