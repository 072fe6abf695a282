import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawStretches, type Stretches } from '../../../src/research/overfitting/stationary-bootstrap.js'
import { LANES, sumsOneByOne, sumsOnVectors } from '../../../src/research/overfitting/stretch-sums.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { noiseTrials } from '../noise.js'

/** A series, one resample after the other: differences of its prefix sums, from the first stretch on. */
function byHand(prefix: readonly number[], resamples: readonly Stretches[]): readonly number[] {
  return resamples.map((stretches) => {
    let total = 0
    for (let pair = 0; pair < stretches.length; pair += 2)
      total += prefix[stretches[pair + 1]!]! - prefix[stretches[pair]!]!
    return total
  })
}

function prefixOf(series: Float64Array): readonly number[] {
  const prefix = [0]
  for (const value of series) prefix.push(prefix.at(-1)! + value)
  return prefix
}

describe.each([
  ['vectors', sumsOnVectors],
  ['one by one', sumsOneByOne],
])('sums over stretches: %s', (_, make) => {
  it('are differences of prefix sums, added in order, to the bit, whatever was added before', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, days, count, block) => {
        const random = seededRandom(seed)
        const resamples = Array.from({ length: count }, () => drawStretches(random, days, 1 + block * (days - 1)))
        const all = make(days, resamples)
        if (all === undefined) throw new Error('this machine has no vectors')
        for (const round of [1, 2]) {
          const series = noiseTrials(seed + round, LANES, days).map(prefixOf)
          series.forEach((prefix, lane) => prefix.forEach((value, day) => (all.prefix[day * LANES + lane] = value)))
          all.add()
          const found = series.map((_prefix, lane) => resamples.map((_stretches, at) => all.sums[at * LANES + lane]!))
          expect(found).toEqual(series.map((prefix) => byHand(prefix, resamples)))
        }
      }),
      { numRuns: 100 },
    )
  }) // prettier-ignore
})

it('on vectors asks for no more memory than a module has', () => {
  expect(sumsOnVectors(2 ** 25, [])).toBeUndefined()
})
