import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { ReturnsFile } from '../../../src/jobs/sweep/returns-file.js'
import { known, type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { KeptTrials } from '../../../src/research/sweep/kept-trials.js'
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
        const returns = new ReturnsFile(path())
        const kept = new KeptTrials(SPECS, returns)
        const rows = some.map((one, at): TrialRow => ({ ...one, number: at }))
        for (const one of rows) kept.add(one)
        expect(kept.length).toBe(rows.length)
        // Spread, since daily returns are read when they are looked at.
        const plain = (one: TrialRow | undefined): unknown => one && { ...one, point: { ...one.point }, figures: one.figures && { ...one.figures } } // prettier-ignore
        for (let at = rows.length - 1; at >= 0; at--)
          expect(plain(kept.at(at))).toStrictEqual(plain(rows[at]))
        expect([...kept].map(plain)).toStrictEqual(rows.map(plain))
        expect([kept.at(-1), kept.at(rows.length)]).toEqual([undefined, undefined])
        returns.close()
      }),
    )
  })

  it('lie in pieces, whose edges nobody sees', () => {
    const returns = new ReturnsFile(path())
    const kept = new KeptTrials({ fast: int(0, 0, 10_000) }, returns)
    const rowAt = (at: number): TrialRow => ({ number: at, point: { fast: at }, isSpaceFilling: true, status: 'failed', reason: 'none', score: undefined, violation: 0, figures: undefined }) // prettier-ignore
    for (let at = 0; at < 8_193; at++) kept.add(rowAt(at))
    for (const at of [0, 4_095, 4_096, 8_191, 8_192]) expect(kept.at(at)).toEqual(rowAt(at))
    returns.close()
  })
})

describe('a file of returns', () => {
  it('is gone when it is closed, and begins anew over what a killed process left', () => {
    const file = path()
    writeFileSync(file, 'left over')
    const returns = new ReturnsFile(file)
    returns.add(undefined)
    returns.add(Float64Array.of(1, NaN, -0))
    expect(returns.at(1)).toStrictEqual(Float64Array.of(1, NaN, -0))
    returns.close()
    expect(existsSync(file)).toBe(false)
  })

  it('refuses trials of other days, and to read what was never written', () => {
    const returns = new ReturnsFile(path())
    returns.add(Float64Array.of(1, 2))
    expect(() => returns.add(Float64Array.of(1))).toThrow('all trials need the same days; the first has 2')
    expect(() => returns.at(7)).toThrow('the daily returns of a trial are not where they were written')
    returns.close()
  })
})
