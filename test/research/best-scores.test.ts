import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bestScores } from '../../src/research/best-scores.js'

it('the highest scores are the first of all of them in order, the earlier of equals first', () => {
  const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double(), fc.constantFrom(undefined, NaN, Infinity, -Infinity)) // prettier-ignore
  fc.assert(
    fc.property(fc.array(score, { maxLength: 40 }), fc.integer({ min: 1, max: 12 }), (scores, most) => {
      const all = scores.flatMap((one, at) =>
        one === undefined || Number.isNaN(one) ? [] : [{ at, score: one }],
      )
      all.sort((a, b) => (a.score === b.score ? a.at - b.at : b.score > a.score ? 1 : -1))
      expect(bestScores(scores, most)).toEqual(all.slice(0, most))
    }),
  )
})
