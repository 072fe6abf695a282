import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../src/metrics/statistic.js'
import { findPlateau, type ScoredPoint } from '../../../src/research/overfitting/plateau.js'
import { type Point, pointAtIndex, searchSpace, spaceSize } from '../../../src/research/search-space.js'
import { choice, int } from '../../../src/strategy/params.js'

const specs = { fast: int(1, 1, 20), slow: int(1, 1, 20), mode: choice(['a', 'b']) }
const grid = searchSpace(specs)

const scored = (score: (point: Point) => number | undefined): ScoredPoint[] =>
  Array.from({ length: spaceSize(grid) }, (_, index) => {
    const point = pointAtIndex(grid, index)
    const value = score(point)
    return { point, score: value === undefined ? unknown('zero deviation') : known(value) }
  })

const at = (point: Point, fast: number, slow: number): number => Math.max(Math.abs((point['fast'] as number) - fast), Math.abs((point['slow'] as number) - slow)) // prettier-ignore

describe('plateau', () => {
  // A spike at (3, 3), and a plateau of half its height around (14, 14), all in mode a.
  const trials = scored((point) => {
    if (point['mode'] === 'b') return -1
    if (at(point, 3, 3) === 0) return 4
    return at(point, 14, 14) <= 3 ? 2 - 0.01 * at(point, 14, 14) : 0
  })

  it('the spike falls with its neighbours, and the centre of the plateau is suggested in its place', () => {
    const plateau = findPlateau(grid, trials)!
    expect(trials[plateau.peak.trial]!.point).toMatchObject({ fast: 3, slow: 3 })
    // Two steps of 20 are a tenth of the range: 5 × 5 trials of the same mode.
    expect(plateau.peak).toMatchObject({ neighbours: 24, worst: { value: 0 } })
    expect(plateau.peak.mean.value).toBeCloseTo(4 / 25, 12)
    expect(trials[plateau.centre.trial]!.point).toEqual({ fast: 14, slow: 14, mode: 'a' })
    expect(plateau.centre.worst.value).toBeCloseTo(1.98, 12)
  })

  it('reaches at least one step, and never across words', () => {
    const near = findPlateau(grid, trials, 0)!
    expect(near.peak.neighbours).toBe(8)
  })

  it('counts trials without a score and never takes them for 0; few neighbours say nothing', () => {
    const holes = scored((point) => (at(point, 10, 10) === 0 && point['mode'] === 'a' ? 1 : at(point, 10, 10) <= 2 ? undefined : 0))
    const { peak } = findPlateau(grid, holes)!
    expect(peak).toMatchObject({ neighbours: 0, unscored: 24, mean: { reason: '0 neighbours, at least 3 needed' } })
    expect(findPlateau(grid, scored(() => undefined))).toBeUndefined()
  }) // prettier-ignore

  it('on a logarithmic scale a step up counts as near as the widest step does', () => {
    const wide = { fast: int(1, 1, 100) }
    const space = searchSpace(wide, { dimensions: [{ kind: 'number', name: 'fast', lowest: 1, highest: 5, step: 1, scale: 'log' }] })
    const few = [1, 2, 3, 4, 5].map((fast) => ({ point: { fast }, score: known(-Math.abs(fast - 1)) }))
    expect(findPlateau(space, few, 0)!.peak.neighbours).toBe(1)
  }) // prettier-ignore
})
