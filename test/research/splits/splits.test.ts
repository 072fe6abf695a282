import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js'
import { assemblePaths, combinations, combinatorialPlan } from '../../../src/research/splits/combinatorial.js'
import { separate, type Span, spanDays } from '../../../src/research/splits/time-spans.js'
import {
  type WalkForwardWindow,
  walkForwardResult,
  walkForwardWindows,
} from '../../../src/research/splits/walk-forward.js'

const START = Date.UTC(2022, 0, 1)
const periodOf = (days: number): Span => ({ startMs: START, endMs: START + days * DAY_MS })

const windows = (days: number, given: object = {}): readonly WalkForwardWindow[] => {
  const plan = walkForwardWindows({ period: periodOf(days), trainDays: 180, testDays: 30, isAnchored: false, purgeMs: 0, ...given })
  if ('reason' in plan) throw new Error(plan.reason)
  return plan
} // prettier-ignore

describe('training beside tests', () => {
  it('holds every hour that is in no test, not within the purge before one nor the embargo after one, and no other', () => {
    const arbitrary = fc.record({
      tests: fc.uniqueArray(fc.nat(40), { maxLength: 4 }),
      purge: fc.nat(30),
      embargo: fc.nat(60),
    })
    fc.assert(
      fc.property(arbitrary, ({ tests, purge, embargo }) => {
        const spans = tests.map((day) => ({ startMs: day * DAY_MS, endMs: (day + 1) * DAY_MS }))
        const all = { startMs: 0, endMs: 41 * DAY_MS }
        const left = separate(all, spans, { purgeMs: purge * HOUR_MS, embargoMs: embargo * HOUR_MS })
        const hours = Array.from({ length: 41 * 24 }, (_, hour) => hour * HOUR_MS)
        const isFree = (time: number): boolean => spans.every((test) => time < test.startMs - purge * HOUR_MS || time >= test.endMs + embargo * HOUR_MS)
        const isLeft = (time: number): boolean => left.some(({ startMs, endMs }) => time >= startMs && time < endMs)
        expect(hours.filter((time) => isFree(time) !== isLeft(time))).toEqual([])
      }),
      { numRuns: 60 },
    )
  }) // prettier-ignore
})

describe('walk-forward', () => {
  it('rolls: tests end to end up to the newest day, each after its own training of full length', () => {
    const plan = windows(365)
    expect(plan).toHaveLength(6)
    expect(plan.at(-1)!.test.endMs).toBe(START + 365 * DAY_MS)
    plan.forEach(({ training, test }, at) => {
      expect(spanDays(test)).toBe(30)
      expect(spanDays(training)).toBe(180)
      expect(training.endMs).toBe(test.startMs)
      if (at > 0) expect(test.startMs).toBe(plan[at - 1]!.test.endMs)
    })
    expect(plan[0]!.training.startMs).toBe(START + 5 * DAY_MS)
  })

  it('anchored, training grows from the start of the period', () => {
    const plan = windows(365, { isAnchored: true })
    expect(plan.map(({ training }) => spanDays(training))).toEqual([185, 215, 245, 275, 305, 335])
    expect(new Set(plan.map(({ training }) => training.startMs))).toEqual(new Set([START]))
  })

  it('purges the longest holding before each test, and embargoes nothing', () => {
    for (const isAnchored of [true, false])
      for (const { training, test } of windows(400, { isAnchored, purgeMs: 36 * HOUR_MS }))
        expect(test.startMs - training.endMs).toBe(36 * HOUR_MS)
  })

  it('says how many days six windows need, and refuses lengths that make no sense', () => {
    expect(walkForwardWindows({ period: periodOf(359), trainDays: 180, testDays: 30, isAnchored: false, purgeMs: 0 })).toEqual({ reason: '359 days make 5 windows, at least 6 (360 days) needed' })
    for (const testDays of [29, 91, 45.5]) expect(() => windows(900, { testDays })).toThrow('30 to 90 whole days')
    expect(() => windows(900, { trainDays: 0 })).toThrow('training')
    expect(() => windows(900, { purgeMs: 180 * DAY_MS })).toThrow('purge')
  }) // prettier-ignore

  it('efficiency is what a day earned out of sample over what it earned in sample', () => {
    const flat = (value: number, days: number): Float64Array => new Float64Array(days).fill(value)
    const kept = Array.from({ length: 6 }, () => ({ inSample: flat(0.002, 180), outOfSample: flat(0.0005, 30) }))
    const result = walkForwardResult(kept)
    expect(result.efficiency.value).toBeCloseTo(0.25, 12)
    expect(result.netReturn.value).toBeCloseTo(1.0005 ** 180 - 1, 12)
    expect(result.gainingWindows.value).toBe(1)
    expect(result.outOfSample).toHaveLength(180)
    const lost = walkForwardResult(kept.map((window) => ({ ...window, inSample: flat(-0.001, 180) })))
    expect(lost.efficiency).toEqual({ reason: 'nothing was gained in sample' })
    expect(walkForwardResult(kept.slice(1)).netReturn).toHaveProperty('reason')
    expect(walkForwardResult([...kept, { inSample: flat(0, 9), outOfSample: flat(0, 0) }]).netReturn).toHaveProperty('reason')
  }) // prettier-ignore
})

describe('combinatorial purged cross-validation', () => {
  const plan = combinatorialPlan({ period: periodOf(733), purgeMs: 2 * DAY_MS, embargoMs: 5 * DAY_MS })

  it('10 choose 2: 45 splits and 9 paths (López de Prado 2018, chapter 12)', () => {
    expect(plan.splits).toHaveLength(45)
    expect(plan.paths).toHaveLength(9)
    const small = combinatorialPlan({ period: periodOf(733), purgeMs: 0, embargoMs: 0, groups: 6 })
    // Figure 12.1 of the book: 6 groups, 2 tested: 15 splits, 5 paths.
    expect([small.splits.length, small.paths.length]).toEqual([15, 5])
    expect(combinations(6, 2)[0]).toEqual([0, 1])
    expect(new Set(combinations(7, 3).map(String)).size).toBe(35)
  })

  it('groups cover every day once', () => {
    expect(plan.groups[0]!.startMs).toBe(START)
    expect(plan.groups.at(-1)!.endMs).toBe(START + 733 * DAY_MS)
    plan.groups.forEach((group, at) => {
      expect([73, 74]).toContain(spanDays(group))
      if (at > 0) expect(group.startMs).toBe(plan.groups[at - 1]!.endMs)
    })
  })

  it('no training is in a test, within the purge before it or the embargo after it', () => {
    for (const { tested, training } of plan.splits)
      for (const group of tested) {
        const test = plan.groups[group]!
        for (const span of training)
          expect(span.endMs <= test.startMs - 2 * DAY_MS || span.startMs >= test.endMs + 5 * DAY_MS).toBe(
            true,
          )
      }
  })

  it('paths use each test of each split exactly once, and every path has every group', () => {
    const used = plan.paths.flatMap(({ splitOfGroup }) =>
      splitOfGroup.map((split, group) => `${split}/${group}`),
    )
    expect(new Set(used).size).toBe(45 * 2)
    expect(used).toHaveLength(45 * 2)
    for (const { splitOfGroup } of plan.paths) {
      expect(splitOfGroup).toHaveLength(10)
      splitOfGroup.forEach((split, group) => expect(plan.splits[split]!.tested).toContain(group))
    }
  })

  it('paths are put together in order of time from the returns of the tests', () => {
    const returns = plan.splits.map(({ tested }, split) =>
      tested.map((group) => new Float64Array(spanDays(plan.groups[group]!)).fill(split + group / 100)),
    )
    const paths = assemblePaths(plan, returns)
    paths.forEach((series, path) => {
      expect(series).toHaveLength(733)
      const groupOfDay = plan.groups.flatMap((group, at) => new Array<number>(spanDays(group)).fill(at))
      series.forEach((value, day) => {
        const group = groupOfDay[day]!
        expect(value).toBeCloseTo(plan.paths[path]!.splitOfGroup[group]! + group / 100, 12)
      })
    })
    expect(() => assemblePaths(plan, returns.slice(1))).toThrow('no returns')
  })

  it('refuses a period that is too short, or separation that leaves nothing', () => {
    expect(() => combinatorialPlan({ period: periodOf(299), purgeMs: 0, embargoMs: 0 })).toThrow('300 days')
    expect(() => combinatorialPlan({ period: periodOf(300), purgeMs: 300 * DAY_MS, embargoMs: 300 * DAY_MS })).toThrow('no training')
    expect(() => combinatorialPlan({ period: periodOf(300), purgeMs: 0, embargoMs: 0, tested: 10 })).toThrow('fewer groups')
  }) // prettier-ignore
})
