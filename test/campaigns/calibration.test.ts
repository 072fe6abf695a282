import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { upperBound } from '../../campaigns/calibration/clopper-pearson.js'
import { KeptResults } from '../../campaigns/calibration/kept-results.js'
import { FACTORS, noiseCell, noiseStudy } from '../../campaigns/calibration/noise-design.js'
import { simulatedMarket } from '../../campaigns/calibration/markets.js'
import { runStudy } from '../../campaigns/calibration/study.js'
import { powerStudy } from '../../campaigns/verdict-power.js'
import { TrialWorkers } from '../../src/jobs/trial-workers.js'
import type { LedgerRecord } from '../../src/research/trial-ledger.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-calibration-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the bound of a rate', () => {
  it.each([
    [8, 300, 0.05],
    [38, 1000, 0.05],
    [2, 75, 0.1],
    [4, 100, 0.1],
    [8, 150, 0.1],
  ])('of %i in %i is at most %f, and of one more it is not', (count, trials, limit) => {
    expect(upperBound(count, trials)).toBeLessThanOrEqual(limit)
    expect(upperBound(count + 1, trials)).toBeGreaterThan(limit)
  })

  it('is exact where nothing and where everything was seen', () => {
    expect(upperBound(0, 300)).toBeCloseTo(1 - 0.05 ** (1 / 300), 12)
    expect(upperBound(5, 5)).toBe(1)
  })
})

describe('the design of the noise studies', () => {
  it('holds every cell once in any 96 in a row', () => {
    for (const first of [0, 7, 96, 200])
      expect(new Set(Array.from({ length: 96 }, (_, at) => JSON.stringify(noiseCell(first + at)))).size).toBe(96) // prettier-ignore
  })

  it('has every level of a factor about as often among 300', () => {
    const cells = Array.from({ length: 300 }, (_, index) => noiseCell(index))
    for (const factor of FACTORS) {
      const levels = new Map<unknown, number>()
      for (const cell of cells) levels.set(cell[factor], (levels.get(cell[factor]) ?? 0) + 1)
      const fair = 300 / levels.size
      for (const count of levels.values()) expect(Math.abs(count - fair)).toBeLessThanOrEqual(4)
    }
  })
})

it('results that were kept are there again, whatever a killed process left behind them', () => {
  const file = join(folder, 'deep/results.jsonl')
  const options = { size: 9, seed: 1, keep: file }
  new KeptResults<{ found: number }>('one', options).add(7, { found: 0.5 })
  appendFileSync(file, '{"number":8,"fou')
  const kept = new KeptResults<{ found: number }>('one', options)
  expect([kept.get(7), kept.get(8)]).toEqual([{ found: 0.5 }, undefined])
  // Under another size the same number is another study.
  for (const [campaign, other] of [
    ['two', options],
    ['one', { ...options, size: 10 }],
  ] as const)
    expect(() => new KeptResults(campaign, other)).toThrow(
      /keeps results of \{"campaign":"one","size":9,"seed":1\}/,
    )
})

it('a study is a whole sweep: all gates are reckoned but random entries, which nothing hangs on, and equal seeds give equal results', async () => {
  const market = simulatedMarket({ seed: 3, days: 730, edge: 0, driftPerYear: 0, withFacts: false })
  const study = noiseStudy({ strategy: 'sma-cross', sampler: 'sobol', trials: 50, costs: 'real' }, 3)
  const workers = new TrialWorkers(1)
  const ledger: LedgerRecord[] = []
  const first = await runStudy(study, market, workers, ledger)
  const second = await runStudy(study, market, workers, [])
  await workers.close()
  expect(first).toEqual(second)
  expect(ledger.flatMap(({ returns }) => returns)).toHaveLength(50)
  expect(['no', 'not yet']).toContain(first.verdict)
  const without = Object.entries(first.gates).filter(([, { value }]) => value === undefined)
  // Nor does the best trial gain anything of which it could keep a share.
  expect(without.map(([key]) => key).sort()).toEqual(['one-bar-late', 'random-entry'])
  expect(first.failedChecks).toEqual([])
})

it('an edge of a Sharpe ratio of 3 is believed', async () => {
  const workers = new TrialWorkers(1)
  const result = await powerStudy('Sharpe 3, all trials', 1_000_166, workers).finally(() => workers.close())
  expect(Object.entries(result.gates).filter(([, { isPassed }]) => !isPassed)).toEqual([])
  expect([result.verdict, result.failedChecks]).toEqual(['believe', []])
})
