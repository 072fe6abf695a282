import { describe, expect, it } from 'vitest'
import { computeMetrics } from '../../src/metrics/index.js'
import {
  funnelTable,
  runWarnings,
  signalTable,
  whyNoTrades,
  type WarningInputs,
} from '../../src/report/index.js'
import { exampleResult, exampleSummary } from './example.js'

function inputs(changes: Partial<WarningInputs> = {}): WarningInputs {
  const result = changes.result ?? exampleResult({ flags: [], undecidedExits: 0 })
  const plain = { notes: [], signals: [], missingBars: {}, fundingLeftOut: false, synthetic: false }
  const metrics = { ...computeMetrics(result), dominantSizeBound: null }
  return { ...plain, result, metrics, ...changes }
}

function withTrades(count: number): ReturnType<typeof exampleResult> {
  const [first] = exampleResult().trades
  const trades = Array.from({ length: count }, (_, id) => ({ ...first!, id }))
  return exampleResult({ trades, flags: [], undecidedExits: 0 })
}

describe('runWarnings', () => {
  it('is silent where there is nothing to say', () => {
    expect(runWarnings(inputs({ result: withTrades(100) }))).toEqual([])
  })

  it('says each thing, and only where it is so', () => {
    const said = (changes: Partial<WarningInputs>): string => runWarnings(inputs(changes)).join('\n')
    expect(said({ synthetic: true })).toMatch(/^Synthetic data/)
    expect(said({ result: withTrades(99) })).toContain('Few trades: 99')
    expect(said({ notes: ['Thresholds were chosen on data up to 2026-03'] })).toContain(
      'chosen on data up to',
    )
    const reach = said({ signals: exampleSummary().signals })
    expect(reach).toContain('A buy was unreachable on synthetic:BTCUSDT-PERP (at most 0.610 of 0.650).')
    expect(reach).not.toContain('A sell')
    expect(said({ fundingLeftOut: true })).toContain('Funding was left out')
    expect(said({ missingBars: { 'x:A': 3, 'x:B': 0 } })).toMatch(/x:A: 3 bars are missing/)
    expect(said({ missingBars: { 'x:A': 3, 'x:B': 0 } })).not.toContain('x:B')
    expect(said({ result: exampleResult({ undecidedExits: 3 }) })).toContain('Undecided: 7.50 %')
    expect(said({ result: exampleResult({ undecidedExits: 2 }) })).not.toContain('Undecided')
    expect(said({ result: exampleResult() })).toContain('Something to know (3 times)')
    const bound = { ...computeMetrics(exampleResult()), dominantSizeBound: 'max-position' as const }
    expect(said({ metrics: bound })).toContain('The max-position bound')
  })
})

describe('why no trades', () => {
  const { funnel } = exampleResult()
  const nothing = { ...funnel, entryOrders: 0, entryFills: 0 }
  const unblocked = Object.fromEntries(
    Object.keys(funnel.blocked).map((reason) => [reason, 0]),
  ) as typeof funnel.blocked

  it.each([
    [{ bars: 0 }, 'no bar'],
    [{ warm: 0 }, 'warm-up'],
    [{ covered: 0 }, 'too few legs'],
    [{ signals: 0 }, 'never held'],
    [{}, 'a position was open already on 60'],
    [{ blocked: unblocked, entryOrders: 2 }, '2 orders were made and none filled'],
  ])('names the first stage at which nothing was left: %o', (changes, words) => {
    expect(whyNoTrades({ ...nothing, ...changes })).toContain(words)
  })

  it('says nothing of a run that traded', () => {
    expect(whyNoTrades(funnel)).toBeUndefined()
  })

  it('the table lists the reasons that occurred, most frequent first', () => {
    const stages = funnelTable(funnel).rows.map(([stage]) => stage)
    expect(stages.slice(4, 6)).toEqual([
      '  blocked: a position was open already',
      '  blocked: not re-armed since the last exit',
    ])
    expect(stages).toHaveLength(8)
  })
})

it('the signal table says which entries were out of reach', () => {
  const rows = signalTable(exampleSummary())?.rows ?? []
  expect(rows[0]?.[3]).toBe('buy from 0.650: UNREACHABLE here, sell under 0.350: attainable')
  expect(rows[3]).toEqual(['synthetic:BTCUSDT-PERP', 'onChain', 'absent', 'never known'])
})
