import { describe, expect, it } from 'vitest'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { pathWords, reportPage, resultTable, sensitivityTable } from '../../src/report/index.js'
import type { Sensitivity } from '../../src/research/sensitivity.js'
import { exampleResult, exampleSummary } from './example.js'

const outcome = (finalEquity: number): Sensitivity['pessimistic'] => ({
  finalEquity,
  totalReturn: finalEquity / 10_000 - 1,
  trades: 1234,
})

const SENSITIVITY: Sensitivity = {
  undecidedShare: { value: 0.025 },
  pessimistic: outcome(10_100),
  optimistic: outcome(10_200),
  costs: [
    { factor: 1, outcome: outcome(10_100) },
    { factor: 2, outcome: outcome(9_000) },
    { factor: 3, outcome: { reason: 'no rate <b>' } },
  ],
  oneBarLate: outcome(9_900),
  shuffledIds: { runs: 6, minimum: 9_500, median: 10_050, maximum: 11_000 },
}

describe('the table of other assumptions', () => {
  it('has a line for each, with what it came to, or why it came to nothing', () => {
    const { rows } = sensitivityTable(SENSITIVITY, 10_000)
    expect(rows).toEqual([
      ['Undecided bars against the strategy (2.50 % of exits)', '10,100.00', '1.00 %', '1,234'],
      ['Undecided bars in its favour', '10,200.00', '2.00 %', '1,234'],
      ['Fees, slippage and half spread × 1', '10,100.00', '1.00 %', '1,234'],
      ['Fees, slippage and half spread × 2', '9,000.00', '-10.00 %', '1,234'],
      ['Fees, slippage and half spread × 3: no rate <b>', 'n/a', 'n/a', 'n/a'],
      ['Every decision one bar later', '9,900.00', '-1.00 %', '1,234'],
      ['Instrument ids shuffled, lowest of 6', '9,500.00', '-5.00 %', ''],
      ['Instrument ids shuffled, median of 6', '10,050.00', '0.50 %', ''],
      ['Instrument ids shuffled, highest of 6', '11,000.00', '10.00 %', ''],
    ])
    const alone = {
      ...SENSITIVITY,
      undecidedShare: { reason: 'no closed trade' },
      shuffledIds: { reason: 'one instrument' },
    }
    const lines = sensitivityTable(alone, 10_000).rows.map(([label]) => label)
    expect(lines[0]).toBe('Undecided bars against the strategy (no closed trade)')
    expect(lines.at(-1)).toBe('Instrument ids shuffled: one instrument')
  })

  it('stands in the report where it was measured, escaped, and nowhere else', async () => {
    const kit = await loadPageKit()
    const page = reportPage(kit, exampleSummary({ sensitivity: SENSITIVITY }))
    expect(page).toContain('Under other assumptions')
    expect(page).toContain('no rate &lt;b&gt;')
    expect(reportPage(kit, exampleSummary())).not.toContain('Under other assumptions')
  })
})

describe('the way of a replay', () => {
  it('says how much of it was stepped on, or why all of it was', () => {
    const path = { kind: 'skipping', reason: undefined, steps: 1234, slots: 17_520 } as const
    expect(pathWords(path)).toBe('stepped on 1,234 of 17,520 bars')
    expect(pathWords({ ...path, kind: 'bar-by-bar', reason: 'asked for' })).toBe('bar by bar: asked for')
    const result = exampleResult({ path })
    expect(resultTable(exampleSummary({ result })).rows).toContainEqual(['Replay', 'stepped on 1,234 of 17,520 bars']) // prettier-ignore
  })

  it('says what finer candles told', () => {
    const detail = { timeframeMs: 60_000, asked: 1200, found: 30, decided: 20 }
    expect(resultTable(exampleSummary({ detail })).rows).toContainEqual([
      'Bars put to 1m candles',
      '1,200: 30 found, 20 decided',
    ])
    expect(JSON.stringify(resultTable(exampleSummary()).rows)).not.toContain('candles')
  })
})
