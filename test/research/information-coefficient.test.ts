import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { gaussian } from './gaussian.js'
import { spearman } from '../../src/metrics/correlation.js'
import { lagsFor } from '../../src/metrics/newey-west.js'
import { midRanks } from '../../src/metrics/ranks.js'
import {
  coefficientGain,
  crossSectionalCoefficient,
  timeSeriesCoefficient,
  type ScoreSample,
} from '../../src/research/information-coefficient.js'

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

function sample(
  scores: readonly number[],
  returns: readonly number[],
  slots = range(scores.length),
): ScoreSample {
  return { slots, scores, returns }
}

/** Least squares of y on x and a constant with Newey-West errors, by the matrices of the textbook: (X′X)⁻¹ S (X′X)⁻¹. */
function regression(
  x: readonly number[],
  y: readonly number[],
  lags: number,
): { slope: number; error: number } {
  const n = x.length
  const sum = (of: (at: number) => number): number => range(n).reduce((total, at) => total + of(at), 0)
  const [sx, sxx, sy, sxy] = [
    sum((t) => x[t]!),
    sum((t) => x[t]! ** 2),
    sum((t) => y[t]!),
    sum((t) => x[t]! * y[t]!),
  ]
  const determinant = n * sxx - sx * sx
  const inverse = [
    [sxx / determinant, -sx / determinant],
    [-sx / determinant, n / determinant],
  ]
  const slope = (n * sxy - sx * sy) / determinant
  const constant = (sy - slope * sx) / n
  const moments = range(n).map((t) => {
    const residual = y[t]! - constant - slope * x[t]!
    return [residual, residual * x[t]!]
  })
  const meat = [0, 1].map((i) =>
    [0, 1].map((j) => {
      let total = 0
      for (let lag = -lags; lag <= lags; lag++) {
        const weight = 1 - Math.abs(lag) / (lags + 1)
        for (let t = Math.max(0, lag); t < Math.min(n, n + lag); t++)
          total += weight * moments[t]![i]! * moments[t - lag]![j]!
      }
      return total
    }),
  )
  const left = [0, 1].map((j) => inverse[1]![0]! * meat[0]![j]! + inverse[1]![1]! * meat[1]![j]!)
  return { slope, error: Math.sqrt(left[0]! * inverse[0]![1]! + left[1]! * inverse[1]![1]!) }
}

function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
  return values.map((value) => (value - mean) / deviation)
}

describe('timeSeriesCoefficient', () => {
  it('is the rank correlation, with the error of the regression of ranks on ranks by an independent calculation', () => {
    const random = xoroshiro128plus(11)
    const scores = range(300).map(() => Math.round(3 * gaussian(random)))
    const returns = range(300).map((at) => gaussian(random) + 0.1 * scores[at]!)
    const found = timeSeriesCoefficient([sample(scores, returns)], 3, 'rank')
    const [x, y] = [standardised(Array.from(midRanks(scores))), standardised(Array.from(midRanks(returns)))]
    const { slope, error } = regression(x, y, lagsFor(300, 3))
    expect(found.value.value).toBeCloseTo(spearman(scores, returns).value!, 12)
    expect(found.value.value).toBeCloseTo(slope, 12)
    expect(found.standardError.value).toBeCloseTo(error, 12)
    expect(found.tStatistic.value).toBeCloseTo(slope / error, 9)
    expect(found.effective.value).toBeCloseTo(Math.min(300, (1 - slope ** 2) / error ** 2), 6)
    const linear = timeSeriesCoefficient([sample(scores, returns)], 3, 'linear')
    expect(linear.standardError.value).toBeCloseTo(
      regression(standardised(scores), standardised(returns), linear.lags).error,
      12,
    )
  })

  it('pools instruments by observations, each by its own ranks, and leaves out what does not vary or is not known', () => {
    const up = sample([1, 2, 3, 4, NaN, 9], [1, 2, 3, 4, 5, NaN])
    const down = sample([100, 101], [0, 0])
    const mixed = sample([1, 2, 3], [3, 1, 2])
    const flat = sample([5, 5, 5, 5], [1, 2, 3, 4])
    const { value, observations } = timeSeriesCoefficient([up, down, mixed, flat], 1, 'rank')
    // ρ of (1, 2, 3) with (3, 1, 2): 1 − 6 · (4 + 1 + 1) / (3 · 8) = −0.5.
    expect(observations).toBe(7)
    expect(value.value).toBeCloseTo((4 * 1 + 3 * -0.5) / 7, 14)
    expect(timeSeriesCoefficient([flat], 1, 'rank').value).toEqual({
      reason: 'scores or returns do not vary',
    })
    expect(timeSeriesCoefficient([down], 1, 'rank').value).toEqual({ reason: 'fewer than 3 bars with both' })
  })

  it('the very same instrument twice tells no more than once', () => {
    const random = xoroshiro128plus(3)
    const one = sample(
      range(400).map(() => gaussian(random)),
      range(400).map(() => gaussian(random)),
    )
    const [once, twice] = [[one], [one, one]].map((samples) => timeSeriesCoefficient(samples, 1, 'rank'))
    expect(twice!.standardError.value).toBeCloseTo(once!.standardError.value!, 12)
    expect(twice!.effective.value).toBeCloseTo(
      Math.min(800, (1 - once!.value.value! ** 2) / once!.standardError.value! ** 2),
      6,
    )
  })
})

describe('crossSectionalCoefficient', () => {
  it('by hand: five instruments, two instants of which one has all of them', () => {
    const returns = [1, 2, 3, 5, 4]
    const samples = range(5).map((at) => sample([at, at === 2 ? NaN : at], [returns[at]!, at]))
    const { value, observations } = crossSectionalCoefficient(samples, 1, 'rank')
    // 1 − 6 · 2 / (5 · 24) = 0.9.
    expect([value.value, observations]).toEqual([expect.closeTo(0.9, 14), 1])
    const reason = 'no instant at which 5 instruments have a score and a return'
    expect(crossSectionalCoefficient(samples.slice(1), 1, 'rank').value).toEqual({ reason })
  })

  it('the error is that of a mean over time', () => {
    const random = xoroshiro128plus(5)
    const samples = range(6).map(() =>
      sample(
        range(200).map(() => gaussian(random)),
        range(200).map(() => gaussian(random)),
      ),
    )
    const { value, standardError, lags } = crossSectionalCoefficient(samples, 1, 'rank')
    const byBar = range(200).map(
      (bar) =>
        spearman(
          samples.map(({ scores }) => scores[bar]!),
          samples.map((one) => one.returns[bar]!),
        ).value!,
    )
    expect(value.value).toBeCloseTo(byBar.reduce((a, b) => a + b) / 200, 12)
    let variance = 0
    for (let lag = -lags; lag <= lags; lag++)
      for (let t = Math.max(0, lag); t < Math.min(200, 200 + lag); t++)
        variance +=
          (1 - Math.abs(lag) / (lags + 1)) * (byBar[t]! - value.value!) * (byBar[t - lag]! - value.value!)
    expect(standardError.value).toBeCloseTo(Math.sqrt(variance) / 200, 12)
  })
})

describe('coefficientGain', () => {
  it('is the difference on the bars that both know, and of a score with itself exactly 0', () => {
    const random = xoroshiro128plus(7)
    const returns = range(500).map(() => gaussian(random))
    const good = sample(
      returns.map((value) => value + gaussian(random)),
      returns,
    )
    const poor = sample(
      range(500).map((at) => (at % 3 === 0 ? NaN : gaussian(random))),
      returns,
    )
    const gain = coefficientGain([good], [poor], 1)
    const rows = range(500).filter((at) => at % 3 !== 0)
    const of = (scores: ArrayLike<number>): number =>
      spearman(
        rows.map((at) => scores[at]!),
        rows.map((at) => returns[at]!),
      ).value!
    expect(gain.value.value).toBeCloseTo(of(good.scores) - of(poor.scores), 12)
    expect(gain.tStatistic.value).toBeGreaterThan(3)
    expect(coefficientGain([good], [good], 1)).toMatchObject({
      value: { value: 0 },
      standardError: { value: 0 },
      tStatistic: { reason: 'zero standard error' },
    })
  })
})

/** A hidden AR(1) sentiment and shocks that follow it with correlation `edge`; forward returns over `horizon` bars. */
function market(seed: number, bars: number, edge: number, horizon: number, persistence: number): ScoreSample {
  const random = xoroshiro128plus(seed)
  const sentiment = [gaussian(random)]
  for (let at = 1; at < bars + horizon; at++)
    sentiment.push(persistence * sentiment[at - 1]! + Math.sqrt(1 - persistence ** 2) * gaussian(random))
  const shocks = sentiment.map((value) => edge * value + Math.sqrt(1 - edge ** 2) * gaussian(random))
  const returns = range(bars).map((at) => range(horizon).reduce((sum, ahead) => sum + shocks[at + ahead]!, 0))
  return sample(sentiment.slice(0, bars), returns)
}

/**
 * What the coefficient of the sentiment itself must be. Covariance with the sum of h shocks: e (1 + φ + … + φ^(h−1)); variance of the sum:
 * h + 2 e² Σ_k (h − k) φ^k, as shocks correlate by e² φ^k. Pearson's ρ is their quotient; of normal variables Spearman's is (6/π) asin(ρ/2).
 */
function theory(edge: number, horizon: number, persistence: number): { linear: number; rank: number } {
  const covariance = edge * range(horizon).reduce((sum, k) => sum + persistence ** k, 0)
  const variance =
    horizon +
    2 *
      edge ** 2 *
      range(horizon).reduce((sum, k) => sum + (k === 0 ? 0 : (horizon - k) * persistence ** k), 0)
  const linear = covariance / Math.sqrt(variance)
  return { linear, rank: (6 / Math.PI) * Math.asin(linear / 2) }
}

describe('on markets whose edge is known', () => {
  it.each([
    [0.05, 1],
    [0.2, 1],
    [0.2, 8],
    [0.2, 40],
  ])(
    'correlation %f between sentiment and shock: the coefficient at horizon %i is what theory says',
    (edge, horizon) => {
      const expected = theory(edge, horizon, 0.9)
      if (horizon === 1) expect(expected.linear).toBe(edge)
      const samples = range(8).map((seed) => market(100 + seed, 6000, edge, horizon, 0.9))
      for (const form of ['rank', 'linear'] as const) {
        const mean =
          samples.reduce((sum, one) => sum + timeSeriesCoefficient([one], horizon, form).value.value!, 0) / 8
        const { standardError } = timeSeriesCoefficient([samples[0]!], horizon, form)
        expect(Math.abs(mean - expected[form])).toBeLessThan((4 * standardError.value!) / Math.sqrt(8))
      }
    },
  )

  it('without an edge few intervals exclude 0, at every horizon, over 200 seeds', () => {
    // 5 % of 200 are 10, with a deviation of 3. Overlap costs some honesty in samples this short: see docs/signals.md.
    for (const [horizon, most] of [
      [1, 20],
      [8, 22],
      [24, 30],
    ] as const) {
      const found = range(200).map((seed) =>
        timeSeriesCoefficient([market(seed, 1000, 0, horizon, 0.95)], horizon, 'rank'),
      )
      const excluding = found.filter(({ beyond }) => beyond.value! > 1).length
      expect([horizon, excluding > 0, excluding <= most, excluding]).toEqual([horizon, true, true, excluding])
      const naive = found.filter(({ value }) => Math.abs(value.value!) > 1.96 / Math.sqrt(1000)).length
      // Errors that ignore the overlap would find something in most of these markets.
      if (horizon === 24) expect(naive).toBeGreaterThan(100)
    }
  })
})
