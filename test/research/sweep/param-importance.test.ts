import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Dimension } from '../../../src/research/search-dimension.js'
import { dimensionParts } from '../../../src/research/sweep/dimension-parts.js'
import { objectiveMap } from '../../../src/research/sweep/objective-map.js'
import { paramImportance } from '../../../src/research/sweep/param-importance.js'
import { seededSample } from '../../../src/research/sweep/seeded-sample.js'
import { drawBelow, seededRandom } from '../../../src/research/seeded-random.js'
import { gaussian } from '../gaussian.js'

const FAST: Dimension = { kind: 'number', name: 'fast', lowest: 1, highest: 5, step: 1, scale: 'linear' }
const SIZE: Dimension = { kind: 'number', name: 'size', lowest: 0.01, highest: 1, step: undefined, scale: 'log' } // prettier-ignore
const MODE: Dimension = { kind: 'list', name: 'mode', values: ['a', 'b'], isOrdered: false }

describe('importance of a param', () => {
  const values = Array.from({ length: 100 }, (_, at) => 1 + (at % 5))

  it('is 1 for what alone decides', () => {
    expect(paramImportance(FAST, values, values.map((value) => value ** 2))).toEqual({ value: 1 }) // prettier-ignore
  })

  it('agrees with a share that was worked out by hand', () => {
    // Two groups of ten, ±1 around 0 and around 2: within 20, total 20 + 20 · 1; ε² = 1 − (20 / 18) / (40 / 19).
    const modes = Array.from({ length: 20 }, (_, at) => (at < 10 ? 'a' : 'b'))
    const scores = modes.map((mode, at) => (mode === 'a' ? 0 : 2) + (at % 2 === 0 ? 1 : -1))
    expect(paramImportance(MODE, modes, scores).value).toBeCloseTo(1 - 20 / 18 / (40 / 19), 12)
  })

  it('is 0 on average for what decides nothing, however few trials a part has', () => {
    const shares = Array.from({ length: 400 }, (_, study) => {
      const random = seededRandom(study)
      return paramImportance(FAST, values.slice(0, 25), values.slice(0, 25).map(() => gaussian(random))).value! // prettier-ignore
    })
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    const error = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0)) / shares.length
    expect(Math.abs(mean)).toBeLessThan(4 * error)
  })

  it('is n/a, with the reason, where it cannot be told', () => {
    const of = (count: number, scores: readonly number[], one = values): unknown => paramImportance(FAST, one.slice(0, count), scores.slice(0, count)) // prettier-ignore
    expect(of(19, values)).toEqual({ reason: '19 trials with a score, at least 20 needed' })
    expect(of(100, values.map(() => 3))).toEqual({ reason: 'all scores are equal' }) // prettier-ignore
    expect(of(100, values, values.map(() => 2))).toEqual({ reason: 'all trials have it alike' }) // prettier-ignore
  })
})

describe('parts of a dimension', () => {
  it('hold every value once, in order, and a neighbourhood its own value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 30 }), (which, unit, most) => {
        const dimension = [FAST, SIZE, MODE, { ...FAST, highest: 200 }][which]!
        const parts = dimensionParts(dimension, most)
        const levels = dimension.kind === 'list' ? dimension.values : undefined
        const value = levels?.[Math.floor(unit * levels.length)] ?? (dimension.kind === 'number' ? (dimension.step === undefined ? 0.01 * 100 ** unit : Math.floor(1 + unit * dimension.highest)) : 'a')
        const part = parts.of(value)
        const [first, last] = parts.around(value)
        expect(part).toBeGreaterThanOrEqual(0)
        expect(part).toBeLessThan(parts.labels.length)
        expect(first).toBeLessThanOrEqual(part)
        expect(last).toBeGreaterThanOrEqual(part)
      }),
    ) // prettier-ignore
  })

  it('are named after their values, or their ends on the dimension’s own scale', () => {
    expect(dimensionParts(FAST, 20).labels).toEqual(['1', '2', '3', '4', '5'])
    expect(dimensionParts(SIZE, 2).labels).toEqual(['0.01 to 0.1', '0.1 to 1'])
    expect(dimensionParts(FAST, 20).around(3)).toEqual([1, 3])
    expect(dimensionParts(MODE, 1).around('b')).toEqual([1, 1])
  })
})

describe('a map of the objective', () => {
  it('has the median of each cell that holds a trial, and no other cell', () => {
    const random = seededRandom(5)
    const trials = Array.from({ length: 60 }, () => ({
      point: { fast: 1 + drawBelow(random, 5), mode: 'ab'[drawBelow(random, 2)]! },
      score: gaussian(random),
    })).filter(({ point }) => point.fast !== 2 || point.mode !== 'a')
    const { cells } = objectiveMap([FAST, MODE], trials, 20)
    expect(cells.some(({ x, y }) => x === 1 && y === 0)).toBe(false)
    expect(cells.reduce((sum, cell) => sum + cell.trials, 0)).toBe(trials.length)
    for (const { x, y, trials: count, median } of cells) {
      const own = trials.filter(({ point }) => point.fast === x + 1 && point.mode === 'ab'[y]).map(({ score }) => score).sort((a, b) => a - b) // prettier-ignore
      expect(own).toHaveLength(count)
      const middle = (own[Math.floor((count - 1) / 2)]! + own[Math.ceil((count - 1) / 2)]!) / 2
      expect(median).toBeCloseTo(middle, 12)
    }
  })
})

describe('a seeded sample', () => {
  it('has as many different numbers as asked for, in order, the same ones for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(1e9), (count, most, seed) => {
        const sample = seededSample(count, most, seed, 1)
        expect(sample).toHaveLength(Math.min(count, most))
        expect(sample.every((one, at) => one < count && one > (sample[at - 1] ?? -1))).toBe(true)
        expect(seededSample(count, most, seed, 1)).toEqual(sample)
      }),
    )
  })

  it('takes every number about as often', () => {
    const times = new Float64Array(20)
    for (let seed = 0; seed < 2000; seed++) for (const one of seededSample(20, 5, seed)) times[one]!++
    // 500 ± 19.4 each.
    for (const count of times) expect(Math.abs(count - 500)).toBeLessThan(5 * 19.4)
  })
})
