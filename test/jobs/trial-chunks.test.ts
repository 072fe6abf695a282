import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { TrialChunks } from '../../src/jobs/trial-chunks.js'

/** The trials of a chunk, of so many. */
function trialsIn(chunks: TrialChunks, chunk: number, trials: number): number[] {
  const { firstTrial, step, end } = chunks.of(chunk)
  const found: number[] = []
  for (let trial = firstTrial; trial < Math.min(end, trials); trial += step) found.push(trial)
  return found
}

const all = (chunks: TrialChunks, trials: number): number[][] =>
  Array.from({ length: chunks.count }, (_, chunk) => trialsIn(chunks, chunk, trials))

describe('a sweep is cut into chunks', () => {
  it('of which one has each trial, and none is empty or larger than said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6_000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 700 }), { nil: undefined }),
        (trials, workers, bars, isDealt, given) => {
          const chunks = new TrialChunks(trials, workers, bars, isDealt, given)
          const cut = all(chunks, trials)
          expect(cut.flat().sort((a, b) => a - b)).toEqual(
            Array.from({ length: trials }, (_, trial) => trial),
          )
          for (const found of cut) {
            expect(found.length).toBeLessThanOrEqual(chunks.size)
            expect(found.length).toBeGreaterThan(0)
          }
          if (given === undefined) expect(chunks.size).toBeLessThanOrEqual(1_024)
          else expect(chunks.size).toBe(given)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('one a thread where there is little work, and about two where there is more', () => {
    const sizes = (trials: number, workers: number, bars: number): number[] =>
      all(new TrialChunks(trials, workers, bars, true, undefined), trials).map((found) => found.length)
    expect(sizes(1_225, 2, 17_520)).toEqual([613, 612])
    expect(sizes(1_225, 1, 17_520)).toEqual([613, 612])
    expect(sizes(100, 2, 1_000_000)).toEqual([50, 50])
    expect(sizes(600, 2, 1_000_000)).toEqual([150, 150, 150, 150])
    expect(sizes(600, 4, 1_000_000)).toHaveLength(8)
    expect(sizes(10_000, 2, 1_000_000)).toEqual(Array.from({ length: 20 }, () => 500))
    expect(sizes(40, 8, 1_000_000)).toEqual([40])
  })

  it('whose trials are dealt among as many as there are threads, so that neighbours go to different ones', () => {
    const dealt = all(new TrialChunks(10, 2, 1, true, 3), 10)
    expect(dealt).toEqual([[0, 2, 4], [1, 3, 5], [6, 8], [7, 9]]) // prettier-ignore
    expect(all(new TrialChunks(7, 2, 1, false, 3), 7)).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  })

  it('of a whole number of trials', () => {
    for (const given of [0, -1, 0.5, NaN])
      expect(() => new TrialChunks(3, 1, 1, true, given)).toThrow(ConfigError)
  })
})
