import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DataError } from '../../../src/core/errors.js'
import { paretoFront } from '../../../src/research/sweep/pareto-front.js'

it('is what no other point beats, by hand', () => {
  // A beats D, B beats E; C has the most and the deepest; F is A once more.
  const points = { A: [1, 0.1], B: [2, 0.2], C: [3, 0.5], D: [0.5, 0.1], E: [2, 0.3], F: [1, 0.1] }
  const names = Object.keys(points)
  const all = Object.values(points) as [number, number][]
  const front = paretoFront(all.map(([gain]) => gain), all.map(([, loss]) => loss)) // prettier-ignore
  expect(front.map((at) => names[at])).toEqual(['A', 'F', 'B', 'C'])
})

it('of one point is that point, of none is none, and needs numbers', () => {
  expect(paretoFront([4], [0])).toEqual([0])
  expect(paretoFront([], [])).toEqual([])
  expect(() => paretoFront([1, NaN], [0, 0])).toThrow(DataError)
})

it('is the points that none dominates, by the definition, whatever the points', () => {
  const coordinate = fc.integer({ min: 0, max: 6 })
  fc.assert(
    fc.property(fc.array(fc.tuple(coordinate, coordinate), { maxLength: 40 }), (points) => {
      const dominates = ([g, l]: [number, number], [gain, loss]: [number, number]): boolean => g >= gain && l <= loss && (g > gain || l < loss) // prettier-ignore
      const expected = points.flatMap((point, at) => (points.some((other) => dominates(other, point)) ? [] : [at])) // prettier-ignore
      const front = paretoFront(points.map(([gain]) => gain), points.map(([, loss]) => loss)) // prettier-ignore
      expect([...front].sort((a, b) => a - b)).toEqual(expected)
      expect(front.map((at) => points[at]![1])).toEqual(front.map((at) => points[at]![1]).sort((a, b) => a - b)) // prettier-ignore
    }),
  )
})
