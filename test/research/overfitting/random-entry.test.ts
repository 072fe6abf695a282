import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js'
import { uniform } from '../../../src/market/random.js'
import { known, unknown } from '../../../src/metrics/statistic.js'
import {
  bestOutcome, type EntryOutcome, randomEntryTest, type RandomEntryOptions,
} from '../../../src/research/overfitting/random-entry.js' // prettier-ignore
import {
  isDecided,
  type SequentialRule,
  sequentialPValue,
} from '../../../src/research/overfitting/sequential-p-value.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { normalSeries, shareOf, studies } from '../noise.js'

function runSequence(observed: number, next: () => number, rule: SequentialRule = {}) {
  const count = { replicates: 0, exceedances: 0 }
  while (!isDecided(count, rule)) {
    count.replicates++
    if (next() >= observed) count.exceedances++
  }
  return { ...count, p: sequentialPValue(count, rule).value! }
}

describe('sequential p-value of Besag & Clifford 1991', () => {
  it('stops at the tenth exceedance with p = 10 / replicates, else after 999 with p = (1 + #) / 1,000', () => {
    expect(runSequence(0, () => 1)).toEqual({ replicates: 10, exceedances: 10, p: 1 })
    let draw = 0
    expect(runSequence(0, () => (++draw % 7 === 0 ? 1 : -1))).toEqual({
      replicates: 70,
      exceedances: 10,
      p: 1 / 7,
    })
    expect(runSequence(0, () => -1)).toEqual({ replicates: 999, exceedances: 0, p: 0.001 })
    draw = 0
    expect(runSequence(0, () => (++draw % 333 === 0 ? 1 : -1))).toEqual({
      replicates: 999,
      exceedances: 3,
      p: 0.004,
    })
    expect(sequentialPValue({ replicates: 0, exceedances: 0 })).toHaveProperty('reason')
  })

  it('is exact under the null: p ≤ α happens with probability at most α, and nearly α', () => {
    const rule = { exceedances: 5, mostReplicates: 99 }
    const count = studies(4000)
    for (const level of [0.05, 0.1, 0.25, 0.5]) {
      const share = shareOf(count, (seed) => {
        const random = seededRandom(seed, 77)
        return runSequence(uniform(random), () => uniform(random), rule).p <= level
      })
      expect(share).toBeLessThan(level + 3 * Math.sqrt((level * (1 - level)) / count))
      expect(share).toBeGreaterThan(level - 3 * Math.sqrt((level * (1 - level)) / count) - 0.03)
    }
  })
})

describe('random entries', () => {
  const base = { bars: 730 * 24, timeframeMs: HOUR_MS, observed: { statistic: known(1), exposure: 0.3 } }
  const run = (given: Partial<RandomEntryOptions>, seed: number = 1) =>
    randomEntryTest({ ...base, random: seededRandom(seed), evaluate: () => Promise.resolve([]), ...given })
  const always = (outcome: EntryOutcome) => (offsets: readonly number[]) =>
    Promise.resolve(offsets.map(() => outcome))

  it('are shifted by 30 days to T − 30 days, each offset once', async () => {
    const drawn: number[] = []
    await run({
      bars: 200,
      timeframeMs: DAY_MS,
      evaluate: (offsets) => {
        drawn.push(...offsets)
        return always({ statistic: known(0), exposure: 0.3 })(offsets)
      },
    })
    expect([...drawn].sort((a, b) => a - b)).toEqual(Array.from({ length: 141 }, (_, at) => 30 + at))
  })

  it('give an answer that does not depend on how many run side by side', async () => {
    const outcomes = normalSeries(seededRandom(5), 730 * 24, 1)
    const evaluate = (offsets: readonly number[]) =>
      Promise.resolve(offsets.map((offset) => ({ statistic: known(outcomes[offset]!), exposure: 0.3 })))
    const results = await Promise.all([1, 7, 64].map((offsetsAtOnce) => run({ evaluate, offsetsAtOnce })))
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    expect(results[0]).toMatchObject({ exceedances: 10 })
  })

  it('set aside what is more or less in the market, and give up where too few compare', async () => {
    const evaluate = (offsets: readonly number[]) =>
      Promise.resolve(
        offsets.map((offset) => ({ statistic: known(9), exposure: offset % 2 === 0 ? 0.329 : 0.331 })),
      )
    const half = await run({ evaluate })
    expect(half).toMatchObject({ pValue: { value: 1 }, replicates: 10 })
    expect(half.setAside).toBeGreaterThan(0)
    const none = await run({ evaluate: always({ statistic: known(9), exposure: 0.26 }) })
    expect(none.pValue).toEqual({ reason: '0 shifted runs are comparable, at least 99 needed' })
    expect(none.setAside).toBe(2 * 999)
    expect((await run({ evaluate: always({ statistic: unknown('no trades'), exposure: 0.3 }) })).pValue).toHaveProperty('reason')
    expect((await run({ observed: { statistic: known(1), exposure: 0 } })).pValue).toHaveProperty('reason')
    expect((await run({ observed: { statistic: unknown('zero deviation'), exposure: 1 } })).pValue).toEqual({ reason: 'zero deviation' })
    await expect(run({})).rejects.toThrow('an outcome for each offset')
  }) // prettier-ignore

  it('hold their size for entries without skill, and find entries that know the next day', async () => {
    const days = 500
    const market = (seed: number): Float64Array => normalSeries(seededRandom(seed, 3), days)
    const test = async (seed: number, knows: number): Promise<number> => {
      const returns = market(seed)
      const random = seededRandom(seed, 4)
      const entries = returns.map((value) => (uniform(random) + knows * Math.sign(value) > 0.7 ? 1 : 0))
      const gain = (offset: number): EntryOutcome => ({
        statistic: known(
          returns.reduce((sum, value, day) => sum + value * entries[(day + days - offset) % days]!, 0),
        ),
        exposure: 0.3,
      })
      const evaluate = (offsets: readonly number[]) => Promise.resolve(offsets.map(gain))
      const options = { bars: days, timeframeMs: DAY_MS, observed: gain(0), evaluate, mostReplicates: 199 }
      return (await run(options, seed)).pValue.value!
    }
    const count = studies(200)
    const [blind, knowing] = [[] as number[], [] as number[]]
    for (let seed = 0; seed < count; seed++) blind.push(await test(seed, 0))
    for (let seed = 0; seed < 20; seed++) knowing.push(await test(seed, 0.2))
    const share = blind.filter((p) => p <= 0.05).length / count
    expect(share).toBeLessThan(0.05 + 3 * Math.sqrt(0.0475 / count))
    expect(knowing.filter((p) => p <= 0.05).length).toBeGreaterThan(18)
  })

  it('of a sweep: the best trial against the best, exposure on average', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(fc.integer()), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1 }), (trials) => {
        const outcomes = trials.map(([value, exposure]) => ({ statistic: value === null ? unknown('none') : known(value), exposure }))
        const best = bestOutcome(outcomes)
        const values = trials.flatMap(([value]) => (value === null ? [] : [value]))
        if (values.length === 0) expect(best.statistic).toEqual({ reason: 'no trial has a statistic' })
        else expect(best.statistic.value).toBe(Math.max(...values))
        expect(best.exposure).toBeCloseTo(trials.reduce((sum, [, exposure]) => sum + exposure, 0) / trials.length, 9)
      }),
    )
  }) // prettier-ignore
})
