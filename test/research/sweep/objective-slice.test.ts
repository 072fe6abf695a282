import fc from 'fast-check'
import { expect, it } from 'vitest'
import { choice, int } from '../../../src/strategy/params.js'
import { searchSpace } from '../../../src/research/search-space.js'
import { objectiveSlice } from '../../../src/research/sweep/objective-slice.js'

const [fast, mode] = searchSpace({ fast: int(1, 5, 100), mode: choice(['calm', 'wild']) }).dimensions as [Dimension, Dimension] // prettier-ignore
type Dimension = ReturnType<typeof searchSpace>['dimensions'][number]
const trial = (value: number, word: string, score: number) => ({ point: { fast: value, mode: word }, score })

it('shows a one-off peak as a best far above its median, by hand', () => {
  const trials = [trial(1, 'calm', 1), trial(1, 'wild', 9), trial(2, 'calm', 2), trial(2, 'calm', 3), trial(2, 'wild', 2.5), trial(2, 'wild', 9)] // prettier-ignore
  const { parts, cells } = objectiveSlice(mode, trials, 20)
  expect(parts.labels).toEqual(['calm', 'wild'])
  expect(cells).toEqual([
    { part: 0, trials: 3, bestTrial: 3, best: 3, median: 2 },
    { part: 1, trials: 3, bestTrial: 1, best: 9, median: 9 },
  ])
})

it('leaves parts without a trial out, and cuts many values into equal parts', () => {
  const { parts, cells } = objectiveSlice(fast, [trial(3, 'calm', 1), trial(100, 'calm', -1), trial(98, 'calm', -3)], 20) // prettier-ignore
  expect(parts.labels).toHaveLength(20)
  expect(cells).toEqual([
    { part: 0, trials: 1, bestTrial: 0, best: 1, median: 1 },
    { part: 19, trials: 2, bestTrial: 1, best: -1, median: -2 },
  ])
})

it('holds each trial once, and its highest best is the best of all', () => {
  const trials = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.constantFrom('calm', 'wild'), fc.integer({ min: -9, max: 9 })), { minLength: 1, maxLength: 60 }) // prettier-ignore
  fc.assert(
    fc.property(trials, fc.integer({ min: 1, max: 30 }), (all, most) => {
      const scored = all.map((one) => trial(...one))
      for (const dimension of [fast, mode]) {
        const { cells } = objectiveSlice(dimension, scored, most)
        expect(cells.reduce((sum, cell) => sum + cell.trials, 0)).toBe(all.length)
        expect(Math.max(...cells.map(({ best }) => best))).toBe(Math.max(...scored.map(({ score }) => score)))
        for (const { best, median, bestTrial } of cells) {
          expect(best).toBeGreaterThanOrEqual(median)
          expect(scored[bestTrial]!.score).toBe(best)
        }
      }
    }),
  )
})
