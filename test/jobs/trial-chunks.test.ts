import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/core/errors.js'
import { cutTrials, TrialChunks } from '../../src/jobs/trial-chunks.js'

const all = (chunks: TrialChunks): number[][] =>
  Array.from({ length: chunks.count }, (_, chunk) => chunks.trialsOf(chunk))

/** Trials of each chunk of a sweep whose chunks nobody has sized. */
const sizes = (trials: number, workers: number, bars: number): number[] =>
  all(new TrialChunks(cutTrials(trials, workers, bars, true))).map(({ length }) => length)

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
          const cut = cutTrials(trials, workers, bars, isDealt, given)
          const chunks = new TrialChunks(structuredClone(cut))
          const found = all(chunks)
          expect(found.flat().sort((a, b) => a - b)).toEqual(
            Array.from({ length: trials }, (_, trial) => trial),
          )
          for (const [chunk, ofChunk] of found.entries()) {
            const size = cut.sizes[Math.floor(chunk / workers)] as number
            expect(ofChunk.length).toBeLessThanOrEqual(size + (isDealt ? 7 : 0))
            expect(ofChunk.length).toBeLessThanOrEqual(chunks.most)
            expect(ofChunk).toEqual([...ofChunk].sort((a, b) => a - b))
            expect(ofChunk.length).toBeGreaterThan(0)
            if (!isDealt) expect(ofChunk).toEqual(ofChunk.map((_, at) => (ofChunk[0] as number) + at))
          }
          // Delivery rests on it: chunks that share trials have all before those of the next ones, and what comes before a chunk's first trial is in the chunks before it.
          const firsts = found.map(([first]) => first as number)
          expect(firsts).toEqual([...firsts].sort((a, b) => a - b))
          for (let first = 0, before = -1; first < chunks.count; first += chunks.dealtWith(first)) {
            const round = found.slice(first, first + chunks.dealtWith(first)).flat()
            expect(Math.min(...round)).toBe(before + 1)
            before = Math.max(...round)
          }
          if (given === undefined) expect(Math.max(0, ...cut.sizes)).toBeLessThanOrEqual(512)
          else expect(new Set(cut.sizes).size).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('large ones first and small ones at the end, or one a thread where there is little work', () => {
    expect(sizes(600, 2, 17_520)).toEqual([152, 148, 152, 148])
    expect(cutTrials(1_225, 2, 17_520, true).sizes).toEqual([307, 153, 153])
    expect(cutTrials(9_800, 2, 17_520, true).sizes).toEqual([...Array.from({ length: 8 }, () => 512), 402, 201, 201]) // prettier-ignore
    expect(sizes(240, 2, 17_520)).toEqual([120, 120])
    expect(sizes(100, 2, 1_000_000)).toEqual([52, 48])
    expect(sizes(400, 2, 1_000_000)).toEqual([200, 200])
    expect(sizes(600, 2, 1_000_000)).toEqual([152, 148, 152, 148])
    expect(sizes(600, 4, 1_000_000)).toHaveLength(4)
  })

  it('of equal size where there is one thread, which ends with itself', () => {
    expect(sizes(500, 1, 17_520)).toEqual([500])
    expect(sizes(1_225, 1, 17_520)).toEqual([409, 408, 408])
    expect(sizes(1_225, 1, 2_000_000)).toEqual([409, 408, 408])
  })

  it('of a few trials at least, but of one where it has many bars', () => {
    expect(sizes(32, 2, 8_760)).toEqual([16, 16])
    expect(sizes(20, 8, 8_760)).toEqual([7, 7, 6])
    expect(sizes(24, 2, 8_760)).toEqual([12, 12])
    expect(sizes(64, 8, 8_760)).toEqual(Array.from({ length: 8 }, () => 8))
    expect(sizes(72, 8, 2_000_000).sort((a, b) => b - a)[0]).toBeLessThanOrEqual(10)
    expect(sizes(4, 2, 50 * 525_600)).toEqual([2, 2])
    expect(sizes(3, 8, 50 * 525_600)).toEqual([1, 1, 1])
    expect(sizes(8, 2, 8_760)).toEqual([8])
  })

  it('whose trials are dealt among as many as there are threads, some neighbours at a time', () => {
    expect(all(new TrialChunks(cutTrials(10, 2, 1, true, 3)))).toEqual([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]])
    expect(all(new TrialChunks(cutTrials(40, 2, 1, true, 18)))).toEqual([
      [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 24, 25, 26, 27, 28, 29],
      [6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23, 30, 31, 32, 33, 34, 35],
      [36, 37, 38, 39],
    ])
    expect(all(new TrialChunks(cutTrials(7, 2, 1, false, 3)))).toEqual([[0, 1, 2], [3, 4, 5], [6]])
  })

  it('of a whole number of trials', () => {
    for (const given of [0, -1, 0.5, NaN]) expect(() => cutTrials(3, 1, 1, true, given)).toThrow(ConfigError)
  })
})
