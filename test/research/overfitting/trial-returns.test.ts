import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  commonDays,
  distinctTrials,
  returnHash,
  sampleByHash,
} from '../../../src/research/overfitting/trial-returns.js'
import { effectiveTrials } from '../../../src/research/overfitting/effective-trials.js'
import { noiseTrials } from '../noise.js'

describe('trials of a sweep', () => {
  it('must all have the same days, each a number: a pruned trial is named', () => {
    expect(commonDays(noiseTrials(1, 3, 10))).toBe(10)
    expect(() => commonDays([new Float64Array(10), new Float64Array(9)])).toThrow(/same days.*row 1.*value 9/)
    expect(() => commonDays([new Float64Array([0, NaN])])).toThrow('day 1 of trial 0 has no return')
  })

  it('with the same returns are one trial, whatever the sign of their zeros', () => {
    const [a, b] = noiseTrials(2, 2, 30) as [Float64Array, Float64Array]
    const flat = new Float64Array(30)
    const distinct = distinctTrials([a, flat, b, a.slice(), flat.map(() => -0)])
    expect(distinct.indices).toEqual([0, 1, 2])
    expect(distinct.repeats).toBe(2)
    expect(distinct.hashes.every((hash) => /^[0-9a-f]{16}$/.test(hash))).toBe(true)
  })

  it('have a hash that any change of any day changes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 60 }), fc.nat(), fc.nat(), (seed, days, at, bit) => {
        const [returns] = noiseTrials(seed, 1, days) as [Float64Array]
        const changed = returns.slice()
        new Int32Array(changed.buffer)[at % (2 * days)]! ^= 1 << (bit % 20)
        expect(returnHash(changed)).not.toBe(returnHash(returns))
        const swapped = returns.slice().reverse()
        if (returns[0] !== returns[days - 1]) expect(returnHash(swapped)).not.toBe(returnHash(returns))
      }),
    )
    expect(returnHash(new Float64Array(3))).not.toBe(returnHash(new Float64Array(4)))
    const hashes = noiseTrials(3, 5000, 4).map(returnHash)
    expect(new Set(hashes.map((hash) => hash.slice(0, 8))).size).toBeGreaterThan(4990)
    expect(new Set(hashes.map((hash) => hash.slice(8))).size).toBeGreaterThan(4990)
  })

  it('are sampled by hash: the same ones in any order, the best always among them', () => {
    const trials = noiseTrials(4, 200, 20)
    const sample = sampleByHash(distinctTrials(trials), 50, 7)
    expect(sample).toContain(7)
    expect([50, 51]).toContain(sample.length)
    const reversed = sampleByHash(distinctTrials([...trials].reverse()), 50, 199 - 7)
    expect(reversed.map((at) => 199 - at).sort((a, b) => a - b)).toEqual(sample)
    expect(sampleByHash(distinctTrials(trials), 200)).toHaveLength(200)
  })
})

describe('effective number of trials', () => {
  const correlation = (a: Float64Array, b: Float64Array): number => {
    const centred = [a, b].map((x) => x.map((value) => value - x.reduce((s, v) => s + v) / x.length)) as [Float64Array, Float64Array] // prettier-ignore
    const product = (x: Float64Array, y: Float64Array): number => x.reduce((s, v, at) => s + v * y[at]!, 0)
    return product(...centred) / Math.sqrt(product(centred[0], centred[0]) * product(centred[1], centred[1]))
  }

  it('uses the mean of all pairwise correlations, as counted pair by pair', () => {
    const trials = noiseTrials(6, 12, 40)
    for (let trial = 1; trial < 6; trial++)
      trials[trial] = trials[trial]!.map((value, day) => value + trials[0]![day]!)
    const pairs = trials.flatMap((a, at) => trials.slice(at + 1).map((b) => correlation(a, b)))
    const mean = pairs.reduce((s, v) => s + v) / pairs.length
    const effective = effectiveTrials([...trials, new Float64Array(40)])
    expect(effective.meanCorrelation.value).toBeCloseTo(mean, 12)
    expect(effective.count.value).toBeCloseTo(mean + (1 - mean) * 12, 10)
    expect(effective.flat).toBe(1)
  })

  it('is 1 for copies, N for independent trials, and never more than N', () => {
    const [one] = noiseTrials(7, 1, 300) as [Float64Array]
    expect(effectiveTrials([one, one.map((value) => value * 2), one]).count.value).toBeCloseTo(1, 10)
    expect(effectiveTrials(noiseTrials(8, 30, 3000)).count.value).toBeGreaterThan(29)
    expect(effectiveTrials([one, one.map((value) => -value)]).count.value).toBe(2)
    expect(effectiveTrials([one, new Float64Array(300)]).count.value).toBe(1)
    expect(effectiveTrials([new Float64Array(300)]).count).toHaveProperty('reason')
  })
})
