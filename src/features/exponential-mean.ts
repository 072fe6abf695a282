import { inStretches } from './loop.js'
import type { Operator } from './operator.js'

/**
 * Exponential average with weight 2 / (n + 1) on the newest value, started at the first known value; defined from the n-th
 * known value on. A missing value leaves the state as it was and has no answer.
 */
export class ExponentialMean implements Operator {
  readonly weight: number = 0.5
  mean: number = NaN
  private readonly period: number = 1
  private known = 0

  constructor(period: number) {
    this.period = period
    this.weight = 2 / (period + 1)
  }

  get isWarm(): boolean {
    return this.known === this.period
  }

  next(value: number): number {
    if (value !== value) return Number.NaN
    this.mean = this.known === 0 ? value : value * this.weight + this.mean * (1 - this.weight)
    if (this.known < this.period) this.known++
    return this.isWarm ? this.mean : Number.NaN
  }

  runTogether(
    means: readonly ExponentialMean[],
    inputs: readonly Float64Array[],
    outs: readonly Float64Array[],
    from: number,
    end: number,
  ): void {
    const values = inputs[0] as Float64Array
    for (let first = 0; first < means.length; first += 4) {
      const four = fourOf(means, first)
      const fourOuts = fourOf(outs, first)
      inStretches(from, end, (at, to) => runFour(four, fourOuts, values, at, to))
    }
  }
}

type Four<T> = readonly [T, T, T, T]

/** Four from a place on. Where there are not so many, the last one again: that it comes to the same more than once costs nothing. */
function fourOf<T>(all: readonly T[], first: number): Four<T> {
  const at = (place: number): T => all[Math.min(place, all.length - 1)] as T
  return [at(first), at(first + 1), at(first + 2), at(first + 3)]
}

/** The same multiplications and additions as `next`; while one mean waits for the one before it, the others go on. */
function runFour(
  means: Four<ExponentialMean>,
  outs: Four<Float64Array>,
  values: Float64Array,
  from: number,
  end: number,
): void {
  let i = from
  for (; i < end && !means.every((mean) => mean.isWarm); i++) nextOfEach(means, outs, values[i] as number, i)
  const [a, b, c, d] = means
  const [outA, outB, outC, outD] = outs
  const { weight: weightA } = a
  const { weight: weightB } = b
  const { weight: weightC } = c
  const { weight: weightD } = d
  const restA = 1 - weightA
  const restB = 1 - weightB
  const restC = 1 - weightC
  const restD = 1 - weightD
  let { mean: meanA } = a
  let { mean: meanB } = b
  let { mean: meanC } = c
  let { mean: meanD } = d
  for (; i < end; i++) {
    const value = values[i] as number
    if (value === value) {
      meanA = value * weightA + meanA * restA
      meanB = value * weightB + meanB * restB
      meanC = value * weightC + meanC * restC
      meanD = value * weightD + meanD * restD
      outA[i] = meanA
      outB[i] = meanB
      outC[i] = meanC
      outD[i] = meanD
    } else outA[i] = outB[i] = outC[i] = outD[i] = NaN
  }
  a.mean = meanA
  b.mean = meanB
  c.mean = meanC
  d.mean = meanD
}

/** Nobody is asked twice. */
function nextOfEach(
  means: Four<ExponentialMean>,
  outs: Four<Float64Array>,
  value: number,
  place: number,
): void {
  for (let k = 0; k < 4; k++) {
    const [mean, out] = [means[k] as ExponentialMean, outs[k] as Float64Array]
    if (mean !== means[k - 1]) out[place] = mean.next(value)
  }
}
