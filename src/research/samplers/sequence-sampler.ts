import { ConfigError, DataError } from '../../core/errors.js'
import { isAllowed, type Point, pointKey, type SearchSpace, spaceSize } from '../search-space.js'
import { checkTold, type Proposal, type Sampler, type SamplerName, type ToldTrial } from './sampler.js'

/** Points in an order that depends on no result: the point at a place, counted from 0; undefined past the end. */
export type Sequence = (place: number) => Point | undefined

/** A space of at most so many points is walked to its end in search of those that the constraints allow. */
const MOST_WALKED = 1_000_000
/** In a larger one so many places in a row without a new point that the constraints allow mean that there is none. */
const MOST_MISSES = 100_000

/**
 * The points of a sequence that the constraints allow; of a finite space each only once. In a space of numbers without steps repeats have
 * no chance worth a look-up. Kept as they are found, so that any beginning costs its length once.
 */
export class DistinctPoints {
  readonly #space: SearchSpace
  readonly #sequence: Sequence
  readonly #size: number
  readonly #found: Point[] = []
  readonly #keys: Set<string> = new Set()
  #place = 0

  constructor(space: SearchSpace, sequence: Sequence) {
    this.#space = space
    this.#sequence = sequence
    this.#size = spaceSize(space)
  }

  /**
   * The points at places `[from, to)` among the distinct ones, as far as there are so many. Throws ConfigError where the constraints leave
   * a large space nothing.
   */
  between(from: number, to: number): readonly Point[] {
    for (let misses = 0; this.#found.length < to;) {
      const point = this.#sequence(this.#place++)
      if (point === undefined) break
      if (this.#isNew(point)) {
        this.#found.push(point)
        misses = 0
      } else if (++misses === MOST_MISSES && this.#size > MOST_WALKED)
        throw new ConfigError(`the constraints allow none of ${MOST_MISSES} points in a row`, {
          field: 'constraint',
          value: this.#space.constraints
            .map(({ left, operator, right }) => `${left}${operator}${right}`)
            .join(),
        })
    }
    return this.#found.slice(from, to)
  }

  #isNew(point: Point): boolean {
    if (!isAllowed(this.#space, point)) return false
    if (this.#size === Infinity) return true
    const key = pointKey(this.#space, point)
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    return true
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
