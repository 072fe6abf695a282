import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scoreDeciles } from '../../src/research/score-deciles.js'

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('scoreDeciles', () => {
  it('by hand: four scores in two buckets', () => {
    const { buckets, topMinusBottom, monotonicity, all, observations } = scoreDeciles(
      [0.9, 0.1, 0.8, 0.2],
      [0.03, -0.02, 0.01, 0.0],
      [0, 1, 2, 3],
      1,
      2,
    )
    expect(buckets.map(({ lowestScore, highestScore }) => [lowestScore, highestScore])).toEqual([
      [0.1, 0.2],
      [0.8, 0.9],
    ])
    expect(buckets.map(({ mean }) => mean.value.value)).toEqual([-0.01, 0.02])
    expect(topMinusBottom.value.value).toBeCloseTo(0.03, 15)
    expect(all.value.value).toBeCloseTo(0.005, 15)
    expect(observations).toBe(4)
    expect(monotonicity).toEqual({ reason: '2 pairs, at least 3 needed' })
  })

  it('a hundred different scores lie ten to a decile, and rising returns are monotone', () => {
    const { buckets, monotonicity } = scoreDeciles(
      range(100),
      range(100).map((at) => at / 1e4),
      range(100),
      1,
    )
    expect(buckets.map(({ mean }) => mean.observations)).toEqual(Array(10).fill(10))
    expect(buckets.map(({ lowestScore }) => lowestScore)).toEqual(range(10).map((decile) => 10 * decile))
    expect(monotonicity.value).toBe(1)
  })

  it('equal scores share a decile: the others stay empty and say so', () => {
    const scores = range(100).map((at) => (at < 80 ? 0.5 : 0.9))
    const { buckets, topMinusBottom } = scoreDeciles(
      scores,
      range(100).map((at) => (at < 80 ? 0 : 0.01)),
      range(100),
      1,
    )
    // Mid-ranks 40.5 and 90.5: the fifth and the tenth.
    expect(buckets.map(({ mean }) => mean.observations)).toEqual([0, 0, 0, 0, 80, 0, 0, 0, 0, 20])
    expect(buckets[0]?.mean.value).toEqual({ reason: 'no score in this bucket' })
    expect(buckets[0]?.lowestScore).toBeNaN()
    expect(topMinusBottom.value.value).toBeCloseTo(0.01, 15)
    const flat = scoreDeciles(
      range(50).map(() => 0.5),
      range(50),
      range(50),
      1,
    )
    expect(flat.topMinusBottom.value).toEqual({ reason: 'fewer than two buckets hold any score' })
  })

  it('what is not known is left out: neither a score nor a return becomes 0', () => {
    const scores = [NaN, 0.1, 0.9, 0.5, 0.3]
    const returns = [5, 0.01, NaN, 0.03, 0.02]
    const { buckets, observations } = scoreDeciles(scores, returns, range(5), 1, 3)
    expect(observations).toBe(3)
    expect(buckets.map(({ mean }) => mean.value.value)).toEqual([0.01, 0.02, 0.03])
  })

  it('nothing known gives nothing, and no exception', () => {
    const { buckets, topMinusBottom, all, monotonicity } = scoreDeciles([NaN], [1], [0], 1)
    for (const { value } of [...buckets.map(({ mean }) => mean), topMinusBottom, all])
      expect(value.value).toBeUndefined()
    expect(monotonicity.value).toBeUndefined()
  })

  it('the standard error of independent returns is deviation over √n, about', () => {
    // A fixed, balanced pattern whose neighbours do not agree: 1, −1, −1, 1, … (Thue and Morse).
    const sign = (at: number): number => (at.toString(2).split('1').length % 2 === 0 ? -1 : 1)
    const returns = range(4096).map(sign)
    const { all } = scoreDeciles(
      range(4096).map((at) => Math.sin(at)),
      returns,
      range(4096),
      1,
    )
    expect(all.value.value).toBe(0)
    expect(all.standardError.value).toBeLessThan(1 / 64)
  })

  it('observations at one instant may depend on each other: doubling them does not shrink the error', () => {
    const returns = range(1000).map((at) => Math.sin(at * at))
    const scores = range(1000).map((at) => Math.cos(3 * at))
    const once = scoreDeciles(scores, returns, range(1000), 1)
    const twice = scoreDeciles(
      [...scores, ...scores],
      [...returns, ...returns],
      [...range(1000), ...range(1000)],
      1,
    )
    expect(twice.topMinusBottom.value.value).toBeCloseTo(once.topMinusBottom.value.value!, 12)
    expect(twice.topMinusBottom.standardError.value).toBeCloseTo(once.topMinusBottom.standardError.value!, 12)
  })

  it('the order of entries and the origin of slots do not matter', () => {
    const entry = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -9, max: 9 }))
    fc.assert(
      fc.property(fc.array(entry, { minLength: 30, maxLength: 60 }), (entries) => {
        const of = (order: readonly number[], origin: number): unknown => {
          const { buckets, topMinusBottom } = scoreDeciles(
            order.map((at) => entries[at]![0]),
            order.map((at) => entries[at]![1]),
            order.map((at) => at + origin),
            1,
            5,
          )
          return [topMinusBottom, ...buckets.map(({ mean }) => mean)].map(({ value, observations }) => [
            value,
            observations,
          ])
        }
        const there = range(entries.length)
        expect(of([...there].reverse(), 1000)).toEqual(of(there, 0))
      }),
    )
  })
})
