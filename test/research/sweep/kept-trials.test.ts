import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { RowsFile } from '../../../src/jobs/sweep/rows-file.js'
import { known, type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { KeptTrials, RowsInMemory } from '../../../src/research/sweep/kept-trials.js'
import { STATISTIC_KEYS } from '../../../src/research/sweep/objective.js'
import type { TrialFigures, TrialRow } from '../../../src/research/sweep/trial-row.js'
import { choice, flag, int, real } from '../../../src/strategy/params.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const path = (): string => join(folder, `${files++}.tmp`)

const SPECS = { fast: int(1, 5, 20), size: real(0, 0.5, 1), mode: choice(['calm', 'wild', 'NaN']), short: flag(false, 'both') } // prettier-ignore
const DAYS = 5
const number = fc.double({ noDefaultInfinity: true, noNaN: true })
const hash = fc.stringMatching(/^[0-9a-f]{16}$/)
const words = fc.constantFrom('no loss', 'fast is 7', '', '0 closed trades')
const statistic: fc.Arbitrary<Statistic> = fc.oneof(number.map(known), words.map(unknown))
const figures: fc.Arbitrary<TrialFigures> = fc
  .tuple(fc.array(statistic, { minLength: STATISTIC_KEYS.length, maxLength: STATISTIC_KEYS.length }), fc.array(number, { minLength: 6, maxLength: 6 }), hash, hash, fc.array(fc.oneof(number, fc.constant(NaN)), { minLength: DAYS, maxLength: DAYS }))
  .map(([statistics, [finalEquity, fees, slippage, funding, barsHeld, meanNetExposure], tradeHash, returnHash, returns]) => ({
    statistics: Object.fromEntries(STATISTIC_KEYS.map((key, at) => [key, statistics[at]])),
    finalEquity, fees, slippage, funding, barsHeld, meanNetExposure, tradeHash, returnHash, dailyReturns: Float64Array.from(returns),
  }) as unknown as TrialFigures) // prettier-ignore
const row: fc.Arbitrary<Omit<TrialRow, 'number'>> = fc.record({
  point: fc.record({ fast: number, size: number, mode: fc.constantFrom('calm', 'wild', 'NaN'), short: fc.boolean() }), // prettier-ignore
  isSpaceFilling: fc.boolean(),
  status: fc.constantFrom('complete', 'constraint', 'unrated', 'failed'),
  reason: fc.option(words, { nil: undefined }),
  score: fc.option(number, { nil: undefined }),
  violation: number,
  figures: fc.option(figures, { nil: undefined }),
})

describe('kept trials', () => {
  it('give every row back to the last bit, in any order', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (some) => {
        const stores = [new RowsFile(path()), new RowsFile(path())] as const
        const kept = new KeptTrials(SPECS, ...stores)
        const rows = some.map((one, at): TrialRow => ({ ...one, number: at }))
        for (const one of rows) kept.add(one)
        expect(kept.length).toBe(rows.length)
        // Spread, since daily returns are read when they are looked at.
        const plain = (one: TrialRow | undefined): unknown => one && { ...one, point: { ...one.point }, figures: one.figures && { ...one.figures } } // prettier-ignore
        for (let at = rows.length - 1; at >= 0; at--)
          expect(plain(kept.at(at))).toStrictEqual(plain(rows[at]))
        expect([...kept].map(plain)).toStrictEqual(rows.map(plain))
        expect([kept.at(-1), kept.at(rows.length)]).toEqual([undefined, undefined])
        for (const store of stores) store.close()
      }),
    )
  })

  it('refuse a trial of other days', () => {
    const kept = new KeptTrials(SPECS, new RowsInMemory(), new RowsInMemory())
    const [one] = fc.sample(row.filter((some) => some.figures !== undefined), 1) as [Omit<TrialRow, 'number'>] // prettier-ignore
    kept.add({ ...one, figures: undefined, number: 0 })
    kept.add({ ...one, number: 1 })
    const figures = { ...(one.figures as TrialFigures), dailyReturns: new Float64Array(DAYS + 1) }
    expect(() => kept.add({ ...one, figures, number: 2 })).toThrow(
      `all trials need the same days; the first has ${DAYS}`,
    )
  })
})

describe('a file of rows', () => {
  it('is gone when it is closed, and begins anew over what a killed process left', () => {
    const file = path()
    writeFileSync(file, 'left over')
    const rows = new RowsFile(file)
    rows.add(undefined)
    rows.add(Float64Array.of(1, NaN, -0))
    expect(rows.at(1)).toStrictEqual(Float64Array.of(1, NaN, -0))
    rows.close()
    expect(existsSync(file)).toBe(false)
  })

  it('refuses rows of another length, and to read what was never written', () => {
    const rows = new RowsFile(path())
    rows.add(Float64Array.of(1, 2))
    expect(() => rows.add(Float64Array.of(1))).toThrow('all rows need the same length; the first has 2')
    expect(() => rows.at(7)).toThrow('a row is not where it was written')
    rows.close()
  })

  it('answers the same in whatever order it is asked, while more is added and past what is read at once', () => {
    const width = 1_000
    const places = fc.array(fc.oneof(fc.nat(199), fc.constant('next' as const), fc.constant('add' as const)), { maxLength: 300 }) // prettier-ignore
    fc.assert(
      fc.property(places, (steps) => {
        const rows = new RowsFile(path())
        const rowAt = (place: number): Float64Array => Float64Array.from({ length: width }, (_, at) => place * width + at) // prettier-ignore
        let [count, last] = [0, -1]
        for (; count < 150; count++) rows.add(rowAt(count))
        for (const step of steps) {
          if (step === 'add') rows.add(rowAt(count++))
          else {
            last = step === 'next' ? (last + 1) % count : step % count
            expect(rows.at(last)).toStrictEqual(rowAt(last))
          }
        }
        rows.close()
      }),
      { numRuns: 20 },
    )
  })
})
