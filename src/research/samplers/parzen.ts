import normalCdf from '@stdlib/stats-base-dists-normal-cdf'
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { type RandomGenerator, uniform } from '../../market/random.js'
import type { ParamValue } from '../../strategy/params.js'
import { axisOf, type Dimension, levelCount } from '../search-dimension.js'
import { type Point, type SearchSpace } from '../search-space.js'
import { drawBelow } from '../seeded-random.js'

/** How a dimension looks to a kernel: a stretch of an axis, or some words that are not alike. */
type Scale =
  | { readonly kind: 'axis'; readonly low: number; readonly high: number; readonly narrowest: number; at(value: ParamValue): number; valueAt(place: number): ParamValue } // prettier-ignore
  | { readonly kind: 'words'; readonly count: number; at(value: ParamValue): number; valueAt(place: number): ParamValue } // prettier-ignore

function scaleOf(dimension: Dimension): Scale {
  if (dimension.kind === 'number') {
    const axis = axisOf(dimension)
    // Half of the widest step on the axis: a kernel that is narrower than a step would not know of its neighbours.
    const { lowest, step } = dimension
    const widest = step === undefined ? 0 : axis.at(lowest + step / 2) - axis.low
    return { kind: 'axis', low: axis.low, high: axis.high, narrowest: widest / 2, at: (value) => axis.at(value as number), valueAt: axis.valueAt } // prettier-ignore
  }
  const { values, isOrdered } = dimension
  const at = (value: ParamValue): number => values.indexOf(value)
  if (!isOrdered)
    return { kind: 'words', count: values.length, at, valueAt: (place) => values[place] as ParamValue }
  const nearest = (place: number): ParamValue =>
    values[Math.min(values.length - 1, Math.max(0, Math.round(place)))] as ParamValue
  return { kind: 'axis', low: -0.5, high: values.length - 0.5, narrowest: 0.5, at, valueAt: nearest }
}

/** The scales of all dimensions of a space that have more than one value. */
export class Scales {
  readonly names: readonly string[]
  readonly scales: readonly Scale[]

  constructor({ dimensions }: SearchSpace) {
    const varied = dimensions.filter((dimension) => levelCount(dimension) > 1)
    this.names = varied.map(({ name }) => name)
    this.scales = varied.map(scaleOf)
  }

  placesOf(point: Point): Float64Array {
    return Float64Array.from(this.scales, (scale, at) =>
      scale.at(point[this.names[at] as string] as ParamValue),
    )
  }

  /** Places become values that the dimensions have. */
  valuesAt(places: Float64Array): Readonly<Record<string, ParamValue>> {
    return Object.fromEntries(
      this.scales.map((scale, at) => [this.names[at], scale.valueAt(places[at] as number)]),
    )
  }
}

/**
 * Density of some points as the mean of one kernel a point and a flat prior that counts as one more: on an axis truncated normal kernels, for words the
 * point's own word with some weight for all others (Aitchison & Aitken 1976). Kernels are products over all dimensions, so that the
 * density knows which values go together (multivariate, as in BOHB: Falkner, Klein & Hutter 2018). Widths are 0.2 n^(−1/(d + 4)) of the axis
 * (Scott's rule), not less than a part in 1 + n (at most 100), nor half a step.
 */
export class ParzenEstimator {
  readonly #scales: readonly Scale[]
  readonly #widths: Float64Array
  /** `[dimension][kernel]` */
  readonly #places: readonly number[][]
  /** On which exponents are reckoned. */
  #paper: Float64Array = new Float64Array(0)
  /** Logarithm of what makes a kernel's mass 1. */
  readonly #norms: number[] = []
  /** Logarithms of the weights of a kernel's own word and of each other one, by dimension: every word gets 1 / (n + 1) beside the point's 1. */
  readonly #same: Float64Array
  readonly #other: Float64Array
  readonly #share: number
  readonly #priorDensity: number

  constructor({ scales }: Scales, points: readonly Float64Array[]) {
    const count = points.length
    this.#scales = scales
    this.#places = scales.map(() => [])
    this.#share = 1 / (count + 1)
    const spread = 0.2 * Math.max(1, count) ** (-1 / (scales.length + 4))
    this.#widths = Float64Array.from(
      scales,
      (scale) =>
      scale.kind === 'words' ? 0 : Math.max(scale.narrowest, (scale.high - scale.low) * Math.max(spread, 1 / Math.min(100, 2 + count))), // prettier-ignore
    )
    const wordWeights = (extra: number): Float64Array =>
      Float64Array.from(scales, (scale) =>
        scale.kind === 'words' ? Math.log((extra + this.#share) / (1 + scale.count * this.#share)) : 0,
      )
    this.#same = wordWeights(1)
    this.#other = wordWeights(0)
    this.#priorDensity = scales.reduce(
      (density, scale) => density / (scale.kind === 'words' ? scale.count : scale.high - scale.low),
      1,
    )
    for (const places of points) this.add(places)
  }

  /** One more kernel, of the widths that there are. */
  add(places: Float64Array): void {
    let norm = 0
    this.#scales.forEach((scale, at) => {
      const place = places[at] as number
      ;(this.#places[at] as number[]).push(place)
      if (scale.kind === 'words') return
      const width = this.#widths[at] as number
      const inside = normalCdf(scale.high, place, width) - normalCdf(scale.low, place, width)
      norm -= Math.log(width * Math.sqrt(2 * Math.PI) * inside)
    })
    this.#norms.push(norm)
  }

  /**
   * Logarithm of the density. O(kernels · dimensions). What is read in the loop stands in variables of its own, dimension by dimension: this is where a search
   * of thousands of trials spends its time.
   */
  logDensity(places: Float64Array): number {
    const kernels = this.#norms.length
    const exponents = this.#exponents(kernels)
    exponents.set(this.#norms)
    for (let at = 0; at < this.#scales.length; at++) {
      const own = this.#places[at] as number[]
      const place = places[at] as number
      const width = this.#widths[at] as number
      if (width === 0) {
        const same = this.#same[at] as number
        const other = this.#other[at] as number
        for (let kernel = 0; kernel < kernels; kernel++)
          exponents[kernel]! += own[kernel] === place ? same : other
      } else {
        for (let kernel = 0; kernel < kernels; kernel++) {
          const apart = (place - (own[kernel] as number)) / width
          exponents[kernel]! -= 0.5 * apart * apart
        }
      }
    }
    let total = this.#priorDensity
    for (let kernel = 0; kernel < kernels; kernel++) total += Math.exp(exponents[kernel] as number)
    return Math.log(total / (kernels + 1))
  }

  #exponents(kernels: number): Float64Array {
    if (this.#paper.length < kernels) this.#paper = new Float64Array(2 * kernels)
    return this.#paper
  }

  /** A place drawn from the density. */
  draw(random: RandomGenerator): Float64Array {
    const kernel = drawBelow(random, this.#norms.length + 1)
    const isPrior = kernel === this.#norms.length
    return Float64Array.from(this.#scales, (scale, at) => {
      const chance = uniform(random)
      const own = this.#places[at]?.[kernel] as number
      if (scale.kind === 'words') {
        const keeps = !isPrior && uniform(random) < 1 / (1 + scale.count * this.#share)
        return keeps ? own : Math.floor(chance * scale.count)
      }
      if (isPrior) return scale.low + chance * (scale.high - scale.low)
      const width = this.#widths[at] as number
      const [from, to] = [normalCdf(scale.low, own, width), normalCdf(scale.high, own, width)]
      const place = normalQuantile(from + chance * (to - from), own, width)
      return Math.min(scale.high, Math.max(scale.low, place))
    })
  }
}
