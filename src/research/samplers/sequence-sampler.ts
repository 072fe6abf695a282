import { ConfigError, DataError } from '../../core/errors.js'
import {
  indexOfPoint,
  isAllowed,
  type Point,
  pointKey,
  type SearchSpace,
  spaceSize,
} from '../search-space.js'
import { checkTold, type Proposal, type Sampler, type SamplerName, type ToldTrial } from './sampler.js'

/** Points in an order that depends on no result: the point at a place, counted from 0; undefined past the end. */
export type Sequence = (place: number) => Point | undefined

/** A space of at most so many points is walked to its end in search of those that the constraints allow. */
const MOST_WALKED = 1_000_000
/** In a larger one so many places in a row without a new point that the constraints allow mean that there is none. */
const MOST_MISSES = 100_000
/** A space of at most so many points takes a bit for each: 32 MiB. */
const MOST_BITS = 2 ** 28

/**
 * The points of a sequence that the constraints allow; of a finite space each only once. In a space of numbers without steps repeats have
 * no chance worth a look-up. Their places are kept as they are found, so that any beginning is searched for once; a point is made anew each time.
 */
export class DistinctPoints {
  readonly #space: SearchSpace
  readonly #sequence: Sequence
  readonly #size: number
  readonly #found: number[] = []
  readonly #takes: (point: Point) => boolean
  #place = 0

  constructor(space: SearchSpace, sequence: Sequence) {
    this.#space = space
    this.#sequence = sequence
    this.#size = spaceSize(space)
    this.#takes = takesOnce(space, this.#size)
  }

  /**
   * The points at places `[from, to)` among the distinct ones, as far as there are so many. Throws ConfigError where the constraints leave
   * a large space nothing.
   */
  between(from: number, to: number): readonly Point[] {
    for (let misses = 0; this.#found.length < to;) {
      const place = this.#place++
      const point = this.#sequence(place)
      if (point === undefined) break
      if (isAllowed(this.#space, point) && this.#takes(point)) {
        this.#found.push(place)
        misses = 0
      } else if (++misses === MOST_MISSES && this.#size > MOST_WALKED)
        throw new ConfigError(`the constraints allow none of ${MOST_MISSES} points in a row`, {
          field: 'constraint',
          value: this.#space.constraints
            .map(({ left, operator, right }) => `${left}${operator}${right}`)
            .join(),
        })
    }
    return this.#found.slice(from, to).map((place) => this.#sequence(place) as Point)
  }
}

/** Answers true for each point of a finite space the first time; a bit a point where that is not too much, its text where it would be. */
function takesOnce(space: SearchSpace, size: number): (point: Point) => boolean {
  if (size === Infinity) return () => true
  if (size <= MOST_BITS) {
    const bits = new Uint8Array(Math.ceil(size / 8))
    return (point) => {
      const index = indexOfPoint(space, point)
      const bit = 1 << (index & 7)
      const isNew = ((bits[index >>> 3] as number) & bit) === 0
      bits[index >>> 3]! |= bit
      return isNew
    }
  }
  const keys = new Set<string>()
  return (point) => {
    const key = pointKey(space, point)
    const isNew = !keys.has(key)
    keys.add(key)
    return isNew
  }
}

/** A sampler that walks a sequence, whatever it is told of results. Refuses trials that the sequence does not have at their place. */
export function sequenceSampler(name: SamplerName, space: SearchSpace, sequence: Sequence): Sampler {
  const points = new DistinctPoints(space, sequence)
  let told = 0
  const ask = (count: number, pending: readonly Proposal[] = []): readonly Proposal[] => {
    const from = told + pending.length
    return points
      .between(from, from + count)
      .map((point, at) => ({ number: from + at, point, isSpaceFilling: true }))
  }
  return {
    name,
    ask,
    propose: ask,
    tell(trials: readonly ToldTrial[]): void {
      checkTold(space, told, trials)
      const proposed = points.between(told, told + trials.length)
      trials.forEach(({ number, point }, at) => {
        const own = proposed[at]
        if (own === undefined || pointKey(space, own) !== pointKey(space, point))
          throw new DataError(`trial ${number} is not what this sampler with this seed and space proposes`, {
            field: 'params',
            value: JSON.stringify(point),
          })
      })
      told += trials.length
    },
  }
}
