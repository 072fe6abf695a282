import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { returnsAt, returnsRing } from '../../src/jobs/returns-ring.js'
import { cutTrials, type ChunkCut } from '../../src/jobs/trial-chunks.js'

/** Chunks of a thousand trials: so many trials each, which follow one another. */
const cutOf = (workers: number, chunkTrials: number): ChunkCut =>
  cutTrials(1_000, workers, 1_000, false, chunkTrials)

const shared = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length))

describe('memory of the daily returns of chunks on their way', () => {
  it('holds those of each trial apart, four chunks a thread, whatever was in it before', () => {
    const size = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 0, max: 6 }),
        fc.nat(100),
        fc.nat(500),
        (workers, chunkTrials, days, first, used) => {
          const ring = structuredClone(returnsRing(cutOf(workers, chunkTrials), days, shared(used).fill(NaN)))
          const trials = Array.from({ length: 4 * workers * chunkTrials }, (_, at) => ({
            chunk: first + Math.floor(at / chunkTrials),
            row: at % chunkTrials,
          }))
          for (const [at, { chunk, row }] of trials.entries()) {
            const returns = returnsAt(ring, chunk, row)
            expect(returns).toHaveLength(days)
            returns.fill(at)
          }
          for (const [at, { chunk, row }] of trials.entries())
            expect(returnsAt(ring, chunk, row).every((value) => value === at)).toBe(true)
          expect(() => returnsAt(ring, first, chunkTrials)).toThrow(RangeError)
        },
      ),
    )
  })

  it('is no more than all trials need where they are few', () => {
    expect(returnsRing(cutTrials(3, 2, 1_000, true, 1_000_000_000), 5).memory).toHaveLength(3 * 5)
    expect(returnsRing(cutTrials(0, 2, 1_000, true), 5).memory).toHaveLength(0)
  })

  it('is that of the run before where it is large enough', () => {
    const { memory } = returnsRing(cutOf(1, 3), 5)
    expect(memory).toHaveLength(4 * 3 * 5)
    expect(returnsRing(cutOf(1, 2), 5, memory).memory).toBe(memory)
    expect(returnsRing(cutOf(1, 3), 6, memory).memory).toHaveLength(4 * 3 * 6)
  })
})
