import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permutations } from '../../src/research/permutations.js'
import { random } from '../features/candles.js'

describe('permutations', () => {
  const never = (): number => {
    throw new Error('nothing was to be drawn')
  }

  it('are all of them, where there are few', () => {
    expect(permutations(1, 20, never)).toEqual([[0]])
    expect(permutations(2, 20, never)).toEqual([
      [0, 1],
      [1, 0],
    ])
    const three = permutations(3, 6, never)
    expect(new Set(three.map((order) => order.join())).size).toBe(6)
    expect(three[0]).toEqual([0, 1, 2])
  })

  it('are distinct draws, where there are many, the rising order first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (count, most, seed) => {
        const next = random(seed)
        const drawn = permutations(count, most, (below) => Math.floor(next() * below))
        expect(drawn).toHaveLength(most)
        expect(new Set(drawn.map((order) => order.join())).size).toBe(most)
        const rising = Array.from({ length: count }, (_, at) => at)
        expect(drawn[0]).toEqual(rising)
        for (const order of drawn) expect([...order].sort((a, b) => a - b)).toEqual(rising)
      }),
    ) // prettier-ignore
  })

  it('are each as likely', () => {
    const next = random(7)
    const counts = new Map<string, number>()
    for (let turn = 0; turn < 4000; turn++) {
      const [, drawn = []] = permutations(4, 2, (below) => Math.floor(next() * below))
      counts.set(drawn.join(), (counts.get(drawn.join()) ?? 0) + 1)
    }
    // 23 orders beside the rising one; χ² with 22 degrees of freedom is below 48.3 in 999 of 1,000 cases.
    const expected = 4000 / 23
    const chi2 = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect([counts.size, chi2 < 48.3]).toEqual([23, true])
  })
})
