import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXTREMES } from '../../src/features/extremes.js'
import { windowsOnVectors } from '../../src/features/windows.js'
import { sameBits } from './candles.js'

/** Some values are the same, of both zeros there are many, which are the extremes of some columns, and a few values may be missing. */
function column(length: number, seed: number, missing: number): Float64Array {
  let state = seed + 1
  const next = (below: number): number => {
    state = (state * 48_271) % 0x7fffffff
    return state % below
  }
  return Float64Array.from({ length }, () => {
    if (missing > 0 && next(missing) === 0) return NaN
    const value = next(9) - 4 * (seed % 3)
    return value === 0 && next(2) === 0 ? -0 : value / 4
  })
}

/** By looking through each window, the later one of equal values. */
function byLooking(name: string, values: Float64Array, period: number): Float64Array {
  return values.map((_, at) => {
    if (at + 1 < period) return NaN
    return values.subarray(at + 1 - period, at + 1).reduce((best, value) => {
      if (Number.isNaN(best) || Number.isNaN(value)) return NaN
      return (name === 'highest' ? value >= best : value <= best) ? value : best
    })
  })
}

describe('extremes of long windows and columns', () => {
  it('are told on vectors here', () => {
    expect(windowsOnVectors()).toBeDefined()
  })

  it.each(['highest', 'lowest'])('%s answers in any tiles what looking through each window does', (name) => {
    const period = fc.oneof(
      fc.integer({ min: 1, max: 70 }),
      fc.constantFrom(255, 256, 257, 1_023, 1_024, 1_025),
    )
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 4_000 }), { maxLength: 3 })
    const missing = fc.constantFrom(0, 0, 40, 3_000)
    fc.assert(
      fc.property(period, fc.integer({ min: 1, max: 4_000 }), fc.nat(), missing, cuts, (bars, length, seed, gaps, edges) => {
        const values = column(length, seed, gaps)
        const operator = EXTREMES[name]!.create([bars], { timeframeMs: 60_000 })
        const out = new Float64Array(length)
        let from = 0
        for (const edge of [...edges.filter((at) => at < length).sort((a, b) => a - b), length]) {
          operator.run!([values], out, from, edge)
          from = edge
        }
        return sameBits(out, byLooking(name, values, bars))
      }),
      { numRuns: 30 },
    ) // prettier-ignore
  })
})
