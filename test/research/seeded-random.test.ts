import { describe, expect, it } from 'vitest'
import { uniform } from '../../src/market/random.js'
import { drawBelow, seededRandom } from '../../src/research/seeded-random.js'

describe('seeded random streams', () => {
  const first = (...path: [number, ...number[]]): number => uniform(seededRandom(...path))

  it('are the same for the same path, and differ for any other', () => {
    expect(first(1, 2)).toBe(first(1, 2))
    const paths: [number, ...number[]][] = [[1], [2], [1, 0], [1, 1], [1, 2], [2, 1], [1, 2, 0], [-1], [2 ** 40], [2 ** 40 + 1]]
    expect(new Set(paths.map((path) => first(...path))).size).toBe(paths.length)
  }) // prettier-ignore

  it('of neighbouring seeds look independent: first numbers are uniform and uncorrelated', () => {
    const values = Array.from({ length: 4000 }, (_, seed) => first(seed))
    const tenths = Array.from(
      { length: 10 },
      (_, at) => values.filter((value) => Math.floor(value * 10) === at).length,
    )
    for (const count of tenths) expect(Math.abs(count - 400)).toBeLessThan(90)
    const mean = values.reduce((a, b) => a + b) / values.length
    let product = 0
    for (let at = 1; at < values.length; at++) product += (values[at]! - mean) * (values[at - 1]! - mean)
    expect(Math.abs(product / values.length / (1 / 12))).toBeLessThan(0.06)
  })

  it('refuse a seed that is no whole number', () => {
    expect(() => seededRandom(0.5)).toThrow('whole number')
    expect(() => seededRandom(1, NaN)).toThrow('whole number')
  })

  it('draw every number below a bound, and no other', () => {
    const random = seededRandom(3)
    expect([...new Set(Array.from({ length: 200 }, () => drawBelow(random, 5)))].sort()).toEqual([
      0, 1, 2, 3, 4,
    ])
  })
})
