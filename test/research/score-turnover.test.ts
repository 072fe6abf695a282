import { expect, it } from 'vitest'
import { rankAutocorrelation, scoreTurnover } from '../../src/research/score-turnover.js'

it('by hand: ten scores in two halves', () => {
  // Halves by rank: low 0.1 0.2 0.3 | high 0.7 0.8 0.9.
  const scores = [0.1, 0.9, 0.8, 0.2, 0.3, 0.7]
  const { pairs, decileChanges, topTurnover, bottomTurnover } = scoreTurnover(
    [{ slots: [0, 1, 2, 3, 4, 5], scores }],
    2,
  )
  expect(pairs).toBe(5)
  // low high high low low high: changes at 1, 3, 5.
  expect(decileChanges.value).toBeCloseTo(3 / 5, 15)
  // High at 1, 2, 5, new at 1 and 5; low at 3 and 4, new at 3.
  expect(topTurnover.value).toBeCloseTo(2 / 3, 15)
  expect(bottomTurnover.value).toBeCloseTo(1 / 2, 15)
})

it('bars after an unknown score or a missing bar, and bars of two instruments, are not neighbours', () => {
  const { pairs, decileChanges } = scoreTurnover(
    [
      { slots: [0, 1, 2, 3], scores: [0.1, NaN, 0.9, 0.9] },
      { slots: [0, 5], scores: [0.1, 0.9] },
    ],
    2,
  )
  expect([pairs, decileChanges.value]).toEqual([1, 0])
  expect(scoreTurnover([{ slots: [0], scores: [NaN] }]).decileChanges.value).toBeUndefined()
})

it('a score that repeats itself every four bars correlates with itself four bars before, and not two', () => {
  const slots = Array.from({ length: 80 }, (_, at) => at)
  const scores = slots.map((at) => [1, 0, -1, 0][at % 4]!)
  expect(rankAutocorrelation([{ slots, scores }], 4).value).toBeCloseTo(1, 12)
  expect(rankAutocorrelation([{ slots, scores }], 2).value).toBeLessThan(-0.99)
  expect(Math.abs(rankAutocorrelation([{ slots, scores }], 1).value!)).toBeLessThan(0.05)
})
