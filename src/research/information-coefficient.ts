import { standardised } from '../metrics/correlation.js'
import { mean, type Values } from '../metrics/moments.js'
import { estimate, type Estimate } from '../metrics/newey-west.js'
import { midRanks } from '../metrics/ranks.js'
import { combine, known, unknown, type Statistic } from '../metrics/statistic.js'

/** Scores of one instrument and what came after each: parallel arrays by decision bar, NaN where not known. */
export interface ScoreSample {
  /** Bars since an origin that all samples share. */
  readonly slots: ArrayLike<number>
  readonly scores: Values
  /** Forward returns, as fractions. */
  readonly returns: Values
}

/** `rank`: Spearman's correlation, of mid-ranks; `linear`: Pearson's, of the values. */
export type CorrelationForm = 'rank' | 'linear'

/** The correlation of scores with the returns after them, and how far it may be off. */
export interface InformationCoefficient extends Estimate {
  /** How many independent pairs would tell as much: (1 − IC²) / standard error², at most the observations. */
  readonly effective: Statistic
}

/** Instruments below this are looked at over time, each by itself: a rank among four says too little. */
export const FEWEST_INSTRUMENTS = 5

/**
 * Information coefficient over time: within each instrument the correlation of its scores with its forward returns over all bars that
 * have both, and over instruments the mean of these, weighted by observations. An instrument whose score (or return) does not vary has none
 * and is left out.
 *
 * The standard error is Newey and West's of the regression of the standardised return on the standardised score, whose slope is the
 * correlation; bars of several instruments at one instant may depend on each other. For ranks it takes them as given, which is exact
 * where there is no relation (Chetverikov & Wilhelm 2023 treat the other case) and close for coefficients as small as these are.
 * O(n log n).
 */
export function timeSeriesCoefficient(
  samples: readonly ScoreSample[],
  horizon: number,
  form: CorrelationForm,
): InformationCoefficient {
  return withEffective(
    coefficient(
      samples.map((sample) => standardisedPairs(sample, form)),
      horizon,
    ),
  )
}

/**
 * How much the coefficient of one score exceeds that of another on the bars that both know: their difference, with the standard error of
 * the difference. The samples are of the same instruments, in the same order, on the same bars.
 */
export function coefficientGain(
  samples: readonly ScoreSample[],
  others: readonly ScoreSample[],
  horizon: number,
): Estimate {
  const common = samples.map((sample, at) => withoutUnknown(sample, (others[at] as ScoreSample).scores))
  const commonOthers = others.map((other, at) => withoutUnknown(other, (samples[at] as ScoreSample).scores))
  const first = coefficient(
    common.map((sample) => standardisedPairs(sample, 'rank')),
    horizon,
  )
  const second = coefficient(
    commonOthers.map((sample) => standardisedPairs(sample, 'rank')),
    horizon,
  )
  if (first.observations !== second.observations) {
    return estimate(
      unknown('one of the two does not vary on every instrument'),
      new Float64Array(0),
      horizon,
      0,
    )
  }
  const influence = first.influence.map((term, slot) => term - second.influence[slot]!)
  return estimate(
    combine(first.value, second.value, (a, b) => a - b),
    influence,
    horizon,
    first.observations,
  )
}

/**
 * Information coefficient over instruments: at each instant with at least five known ones the correlation of their scores with their
 * forward returns; of these the mean over time. Its standard error is Newey and West's of that mean. `observations` are instants.
 */
export function crossSectionalCoefficient(
  samples: readonly ScoreSample[],
  horizon: number,
  form: CorrelationForm,
): InformationCoefficient {
  const bySlot = new Map<number, [scores: number[], returns: number[]]>()
  for (const { slots, scores, returns } of samples) {
    for (let row = 0; row < scores.length; row++) {
      if (Number.isNaN(scores[row]!) || Number.isNaN(returns[row]!)) continue
      const found = bySlot.get(slots[row]!) ?? [[], []]
      found[0].push(scores[row]!)
      found[1].push(returns[row]!)
      bySlot.set(slots[row]!, found)
    }
  }
  const coefficients: [slot: number, value: number][] = []
  for (const [slot, [scores, returns]] of [...bySlot].sort(([a], [b]) => a - b)) {
    if (scores.length < FEWEST_INSTRUMENTS) continue
    const [x, y] = [standardised(ranked(scores, form)), standardised(ranked(returns, form))]
    if (x !== undefined && y !== undefined)
      coefficients.push([slot, mean(x.map((value, at) => value * y[at]!))])
  }
  const count = coefficients.length
  if (count === 0) {
    const reason = `no instant at which ${FEWEST_INSTRUMENTS} instruments have a score and a return`
    return withEffective(estimate(unknown(reason), new Float64Array(0), horizon, 0))
  }
  const value = mean(coefficients.map(([, one]) => one))
  const [origin] = coefficients[0]!
  const influence = new Float64Array(coefficients.at(-1)![0] - origin + 1)
  for (const [slot, one] of coefficients) influence[slot - origin] = (one - value) / count
  return withEffective(estimate(known(value), influence, horizon, count))
}

interface StandardisedPairs {
  readonly slots: Int32Array
  readonly scores: Float64Array
  readonly returns: Float64Array
}

function ranked(values: Values, form: CorrelationForm): Values {
  return form === 'rank' ? midRanks(values) : values
}

interface NoPairs {
  readonly reason: string
}

const TOO_FEW = 'fewer than 3 bars with both'

/** Pairs that are known on both sides, each side with mean 0 and deviation 1, or why there are none. */
function standardisedPairs(
  { slots, scores, returns }: ScoreSample,
  form: CorrelationForm,
): StandardisedPairs | NoPairs {
  const rows: number[] = []
  for (let row = 0; row < scores.length; row++)
    if (!Number.isNaN(scores[row]!) && !Number.isNaN(returns[row]!)) rows.push(row)
  if (rows.length < 3) return { reason: TOO_FEW }
  const side = (values: Values): Float64Array | undefined =>
    standardised(
      ranked(
        Float64Array.from(rows, (row) => values[row]!),
        form,
      ),
    )
  const [x, y] = [side(scores), side(returns)]
  if (x === undefined || y === undefined) return { reason: 'scores or returns do not vary' }
  return { slots: Int32Array.from(rows, (row) => slots[row]!), scores: x, returns: y }
}

function coefficient(
  all: readonly (StandardisedPairs | NoPairs)[],
  horizon: number,
): Estimate & { readonly influence: Float64Array } {
  const samples = all.filter((pairs) => 'slots' in pairs)
  const observations = samples.reduce((sum, { scores }) => sum + scores.length, 0)
  if (observations === 0) {
    const influence = new Float64Array(0)
    const reasons = all.flatMap((pairs) => ('reason' in pairs ? [pairs.reason] : []))
    const none = unknown(reasons.find((reason) => reason !== TOO_FEW) ?? TOO_FEW)
    return { ...estimate(none, influence, horizon, 0), influence }
  }
  const first = Math.min(...samples.map(({ slots }) => slots[0]!))
  const last = Math.max(...samples.map(({ slots }) => slots[slots.length - 1]!))
  const influence = new Float64Array(last - first + 1)
  let total = 0
  for (const { slots, scores, returns } of samples) {
    const products = scores.map((score, at) => score * returns[at]!)
    const own = mean(products)
    total += own * products.length
    for (let at = 0; at < products.length; at++)
      influence[slots[at]! - first]! += (products[at]! - own * scores[at]! * scores[at]!) / observations
  }
  const value = Math.min(1, Math.max(-1, total / observations))
  return { ...estimate(known(value), influence, horizon, observations), influence }
}

function withoutUnknown(sample: ScoreSample, other: Values): ScoreSample {
  return {
    ...sample,
    scores: Float64Array.from(sample.scores, (score, row) => (Number.isNaN(other[row]!) ? NaN : score)),
  }
}

function withEffective({
  value,
  standardError,
  tStatistic,
  lower,
  upper,
  beyond,
  observations,
  windows,
  lags,
}: Estimate): InformationCoefficient {
  const effective = combine(value, standardError, (one, error) =>
    error === 0 ? unknown('zero standard error') : Math.min(observations, (1 - one * one) / (error * error)),
  )
  return { value, standardError, tStatistic, lower, upper, beyond, observations, windows, lags, effective }
}
