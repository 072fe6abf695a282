import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import { gaussian } from './gaussian.js'
import { entryStudy, type EntrySample } from '../../src/research/entry-study.js'

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const chanceOf = (seed: number): ((below: number) => number) => {
  const generator = xoroshiro128plus(seed)
  return (below) => uniformInt(generator, 0, below - 1)
}

function noise(seed: number, bars: number): number[] {
  const random = xoroshiro128plus(seed)
  return range(bars).map(() => gaussian(random) / 100)
}

describe('entryStudy', () => {
  it('by hand: means of each side, and of any time by the sides and instruments that were entered', () => {
    const first: EntrySample = {
      slots: range(40),
      returns: range(40).map((at) => (at === 3 ? 0.08 : at === 7 ? -0.02 : 0)),
      long: [3],
      short: [7],
    }
    const second: EntrySample = { slots: range(40), returns: range(40).map(() => 0.01), long: [], short: [5] }
    const long = entryStudy([first, second], 'long', 1, chanceOf(1))
    // The first instrument makes (0.08 − 0.02) / 40 = 0.0015 at any time.
    expect([long.entries, long.meanReturn.value, long.anyTime.value]).toEqual([
      1,
      0.08,
      expect.closeTo(0.0015, 12),
    ])
    expect(long.excess.value).toBeCloseTo(0.0785, 12)
    const short = entryStudy([first, second], 'short', 1, chanceOf(1))
    expect([short.entries, short.meanReturn.value]).toEqual([2, expect.closeTo((0.02 - 0.01) / 2, 12)])
    expect(short.anyTime.value).toBeCloseTo((-0.0015 - 0.01) / 2, 12)
    const both = entryStudy([first, second], 'both', 1, chanceOf(1))
    expect([both.entries, both.meanReturn.value]).toEqual([3, expect.closeTo((0.08 + 0.02 - 0.01) / 3, 12)])
  })

  it('finds entries that know the next return, and the same seed finds the same', () => {
    const returns = noise(1, 1000)
    const long = range(1000).filter((at) => at % 20 === 0 && returns[at]! > 0)
    const sample = { slots: range(1000), returns, long, short: [] }
    const found = entryStudy([sample], 'long', 1, chanceOf(5))
    expect(found.pValue.value).toBeLessThanOrEqual(0.002)
    expect(found.meanReturn.value).toBeGreaterThan(found.bandUpper.value!)
    expect(entryStudy([sample], 'long', 1, chanceOf(5))).toEqual(found)
  })

  it('entries at chance are rarely found: p is uniform over seeds', () => {
    const p = range(200).map((seed) => {
      const returns = noise(1000 + seed, 400)
      const chance = chanceOf(seed)
      const long = [...new Set(range(25).map(() => chance(400)))].sort((a, b) => a - b)
      return entryStudy([{ slots: range(400), returns, long, short: [] }], 'long', 1, chance, 199).pValue
        .value!
    })
    // Of 200: 10 expected at 0.05, deviation 3; 100 at 0.5, deviation 7.
    expect(p.filter((one) => one <= 0.05).length).toBeLessThanOrEqual(20)
    expect(p.filter((one) => one <= 0.05).length).toBeGreaterThanOrEqual(2)
    expect(Math.abs(p.filter((one) => one <= 0.5).length - 100)).toBeLessThan(29)
  })

  it('a drift is no skill: entries at any time of a rising market do not stand out', () => {
    const returns = noise(9, 500).map((value) => value + 0.05)
    const long = range(500).filter((at) => at % 10 === 0)
    const { excess, meanReturn, pValue } = entryStudy(
      [{ slots: range(500), returns, long, short: [] }],
      'long',
      1,
      chanceOf(2),
    )
    expect(meanReturn.value).toBeGreaterThan(0.04)
    expect(Math.abs(excess.value!)).toBeLessThan(0.01)
    expect(pValue.value).toBeGreaterThan(0.05)
  })

  it('says why where nothing can be told', () => {
    const sample = { slots: range(50), returns: range(50), long: [], short: [] }
    expect(entryStudy([sample], 'long', 1, chanceOf(1))).toMatchObject({
      entries: 0,
      meanReturn: { reason: 'no entry with a forward return' },
      pValue: { reason: 'no entry with a forward return' },
    })
    expect(entryStudy([{ ...sample, long: [4] }], 'long', 3, chanceOf(1)).pValue).toEqual({
      reason: '16 of 20 stretches',
    })
  })
})
