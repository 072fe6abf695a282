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
  /** By dimension. */
  readonly #levels: readonly Levels[]
  /** What makes a kernel's mass 1. */
  #norms: Float64Array = new Float64Array(64)
  #kernels = 0
  /** `[kernel][dimension]`: which level a kernel stands on. */
  #codes: Int32Array = new Int32Array(64)
  /** By dimension and place: see `#row`. */
  readonly #rows: readonly Map<number, Float64Array>[]
  /** Weights of a kernel's own word and of each other one, by dimension: every word gets 1 / (n + 1) beside the point's 1. */
  readonly #same: Float64Array
  readonly #other: Float64Array
  readonly #share: number
  readonly #priorDensity: number

  constructor({ scales }: Scales, points: readonly Float64Array[]) {
    const count = points.length
    this.#scales = scales
    this.#levels = scales.map(() => new Levels())
    this.#rows = scales.map(() => new Map<number, Float64Array>())
    this.#share = 1 / (count + 1)
    const spread = 0.2 * Math.max(1, count) ** (-1 / (scales.length + 4))
    this.#widths = Float64Array.from(
      scales,
      (scale) =>
      scale.kind === 'words' ? 0 : Math.max(scale.narrowest, (scale.high - scale.low) * Math.max(spread, 1 / Math.min(100, 2 + count))), // prettier-ignore
    )
    const wordWeights = (extra: number): Float64Array =>
      Float64Array.from(scales, (scale) =>
        scale.kind === 'words' ? (extra + this.#share) / (1 + scale.count * this.#share) : 1,
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
    let norm = 1
    const first = this.#kernels * this.#scales.length
    while (this.#codes.length < first + this.#scales.length) {
      const longer = new Int32Array(2 * this.#codes.length)
      longer.set(this.#codes)
      this.#codes = longer
    }
    this.#scales.forEach((scale, at) => {
      const place = places[at] as number
      this.#codes[first + at] = (this.#levels[at] as Levels).add(place)
      if (scale.kind === 'words') return
      const width = this.#widths[at] as number
      const inside = normalCdf(scale.high, place, width) - normalCdf(scale.low, place, width)
      norm /= width * Math.sqrt(2 * Math.PI) * inside
    })
    if (this.#kernels === this.#norms.length) {
      const longer = new Float64Array(2 * this.#kernels)
      longer.set(this.#norms)
      this.#norms = longer
    }
    this.#norms[this.#kernels++] = norm
  }

  /**
   * Logarithm of the density, or anything above `most` where it is above `most`. O(kernels · dimensions): this is where a search of thousands of trials spends its
   * time, so that what a dimension of few values gives is reckoned once for each value, and looked up for each kernel, and a sum that is too large already is left.
   */
  logDensity(places: Float64Array, most: number = Infinity): number {
    const kernels = this.#kernels
    const isFew = this.#levels.every((levels) => levels.isFew)
    // A hair more, as logarithms are rounded.
    const enough = Math.exp(most) * (kernels + 1) * (1 + 1e-9) - this.#priorDensity
    const sum = isFew ? this.#sumOfProducts(places, enough) : this.#sumOfPowers(places)
    return Math.log((this.#priorDensity + sum) / (kernels + 1))
  }

  #sumOfProducts(places: Float64Array, enough: number): number {
    const dimensions = this.#scales.length
    const rows = Array.from({ length: dimensions }, (_, at) => this.#row(at, places[at] as number))
    const stride = Math.max(0, ...rows.map(({ length }) => length))
    const factors = new Float64Array(dimensions * stride)
    rows.forEach((row, at) => factors.set(row, at * stride))
    let sum = 0
    // From the newest on: a search comes back to where it found something, so that these are near.
    for (let end = this.#kernels; end > 0 && sum <= enough; end -= BLOCK) {
      const from = Math.max(0, end - BLOCK)
      sum += sumOfProducts(this.#norms, from, end, this.#codes, dimensions, factors, stride)
    }
    return sum
  }

  /** What each value of a dimension gives to a kernel that stands on it: made once for a place, as long as no value is new. */
  #row(at: number, place: number): Float64Array {
    const { values } = this.#levels[at] as Levels
    const rows = this.#rows[at] as Map<number, Float64Array>
    const known = rows.get(place)
    if (known?.length === values.length) return known
    const row = new Float64Array(values.length)
    for (let level = 0; level < row.length; level++)
      row[level] = this.#factor(at, place, values[level] as number)
    rows.set(place, row)
    return row
  }

  #factor(at: number, place: number, own: number): number {
    const width = this.#widths[at] as number
    if (width === 0) return own === place ? (this.#same[at] as number) : (this.#other[at] as number)
    const apart = (place - own) / width
    return Math.exp(-0.5 * apart * apart)
  }

  #sumOfPowers(places: Float64Array): number {
    let sum = 0
    for (let kernel = 0; kernel < this.#kernels; kernel++) {
      let [weight, exponent] = [this.#norms[kernel] as number, 0]
      for (let at = 0; at < this.#scales.length; at++) {
        const own = this.#levels[at]?.values[
          this.#codes[kernel * this.#scales.length + at] as number
        ] as number
        const place = places[at] as number
        const width = this.#widths[at] as number
        if (width === 0) weight *= own === place ? (this.#same[at] as number) : (this.#other[at] as number)
        else exponent -= 0.5 * ((place - own) / width) ** 2
      }
      sum += weight * Math.exp(exponent)
    }
    return sum
  }

  /** A place drawn from the density. */
  draw(random: RandomGenerator): Float64Array {
    const kernel = drawBelow(random, this.#kernels + 1)
    const isPrior = kernel === this.#kernels
    return Float64Array.from(this.#scales, (scale, at) => {
      const chance = uniform(random)
      const own = isPrior ? NaN : (this.#levels[at]?.values[this.#codes[kernel * this.#scales.length + at] as number] as number) // prettier-ignore
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

/** Places of the kernels on one dimension, each different one once. */
class Levels {
  readonly values: number[] = []
  private count = 0
  private readonly places = new Map<number, number>()

  /** Answers which of the values the place is. */
  add(place: number): number {
    this.count++
    let index = this.places.get(place)
    if (index === undefined) this.places.set(place, (index = this.values.push(place) - 1))
    return index
  }

  /** Kernels share their places, so that it pays to look at places first. */
  get isFew(): boolean {
    return 4 * this.values.length <= this.count
  }
}

/** Kernels that are summed before anybody looks whether it is enough. */
const BLOCK = 256

/** Σ over the kernels `[from, end)` of its norm times what each dimension gives. `factors[at * stride + level]`. */
function sumOfProducts(
  norms: Float64Array,
  from: number,
  end: number,
  codes: Int32Array,
  dimensions: number,
  factors: Float64Array,
  stride: number,
): number {
  let sum = 0
  let code = from * dimensions
  for (let kernel = from; kernel < end; kernel++) {
    let product = norms[kernel] as number
    for (let row = 0, at = 0; at < dimensions; at++, row += stride)
      product *= factors[row + (codes[code++] as number)] as number
    sum += product
  }
  return sum
}
