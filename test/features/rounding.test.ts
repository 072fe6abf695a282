import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastRoundedTo, round12 } from '../../src/features/combine.js'

const share = fc.double({ min: 0, max: 1, noNaN: true })
/** Numbers that lie on, or within a few units in the last place of, the middle between two of 12 decimals. */
const nearHalves = fc
  .tuple(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: -4, max: 4 }))
  .map(([whole, units]) => ((whole + 0.5) / 1e12) * (1 + units * Number.EPSILON))

describe('12 decimals', () => {
  it('are those of Math.round', () => {
    const any = fc.oneof(
      share,
      nearHalves,
      fc.double(),
      fc.constantFrom(0.49999999999999994e-12, -0, 0, 2 ** 51 / 1e12),
    )
    fc.assert(
      fc.property(any, (x) => Object.is(round12(x), Math.round(x * 1e12) / 1e12)),
      { numRuns: 20_000 },
    ) // prettier-ignore
  })

  it('reach a threshold exactly from the least number on that does', () => {
    const threshold = fc.oneof(share, fc.integer({ min: 0, max: 100 }).map((x) => x / 100)) // prettier-ignore
    fc.assert(
      fc.property(threshold, fc.oneof(share, nearHalves), (threshold, x) => {
        const least = leastRoundedTo(threshold)
        const near = [x, threshold, least, least * (1 - Number.EPSILON), least - 1e-13, least + 1e-13]
        for (const y of near) expect(y >= least).toBe(round12(y) >= threshold)
      }),
      { numRuns: 5000 },
    )
  })
})
