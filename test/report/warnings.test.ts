import { describe, expect, it } from 'vitest'
import type { Fill } from '../../src/core/orders.js'
import type { BacktestResult } from '../../src/core/result.js'
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
  const plain = {
    notes: [],
    signals: [],
    data: [],
    missingBars: {},
    fundingLeftOut: false,
    slippageBps: 1,
    synthetic: false,
    riskPerTrade: undefined,
  }
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
    expect(said({ missingBars: { 'x:A': 3, 'x:B': 0 } })).toMatch(/Bars are missing inside the run: 3 of x:A/)
    expect(said({ missingBars: { 'x:A': 3, 'x:B': 0 } })).not.toContain('x:B')
    expect(said({ result: exampleResult({ undecidedExits: 3 }) })).toContain('Undecided: 7.50 %')
    expect(said({ result: exampleResult({ undecidedExits: 2 }) })).not.toContain('Undecided')
    expect(said({ result: exampleResult() })).toContain('Something to know (3 times)')
    const bound = { ...computeMetrics(exampleResult()), dominantSizeBound: 'max-position' as const }
    expect(said({ metrics: bound })).toContain('The max-position bound')
  })
})

it('one fact is said once, in sentences that begin with a capital', () => {
  const flags = [
    { code: 'bars-missing', message: 'bars missing from the grid inside the run', count: 3 },
    { code: 'order-stale', message: 'entries given up', count: 1 },
  ]
  const result = exampleResult({ ...withTrades(100), flags, undecidedExits: 0 })
  expect(runWarnings(inputs({ result, missingBars: { 'x:A': 3 }, notes: ['a note'] }))).toEqual([
    'A note',
    expect.stringMatching(/^Bars are missing inside the run: 3 of x:A/),
    'Entries given up',
  ])
})

it('free fills are told: no fees, and no slippage where an order would have had some', () => {
  const { costs } = exampleResult()
  const said = (liquidity: Fill['liquidity'], fees: number, slippageBps: number): string[] => {
    const fill: Fill = { orderId: 1, instrument: 0, role: 'entry', side: 1, time: 0, price: 100, quantity: 1, fee: fees, slippage: 0, liquidity } // prettier-ignore
    const result = exampleResult({ ...withTrades(100), fills: [fill], costs: { ...costs, fees } })
    return runWarnings(inputs({ result, slippageBps }))
  }
  expect(said('taker', 1, 1)).toEqual([])
  expect(said('taker', 0, 1)).toEqual(['No fee was paid on any fill.'])
  expect(said('taker', 1, 0)).toEqual([expect.stringMatching(/^Slippage is set to 0/)])
  expect(said('maker', 1, 0)).toEqual([])
})

describe('what the figures rest on', () => {
  const example = exampleSummary().signals[0]!
  const said = (changes: Partial<WarningInputs>): string[] => runWarnings(inputs(changes))

  it('a signal that was mostly absent comes first, with its share and range', () => {
    const usable = {
      warm: 1000,
      bars: 35,
      firstTime: Date.UTC(2030, 1, 3),
      lastTime: Date.UTC(2030, 1, 14, 4),
    }
    const [first] = said({ signals: [{ ...example, usable }], result: exampleResult() })
    expect(first).toMatch(/^SIGNAL OFTEN ABSENT/)
    expect(first).toContain(
      '3.50 % of the bars of synthetic:BTCUSDT-PERP, from 2030-02-03 00:00 to 2030-02-14 04:00',
    )
    const never = { warm: 10, bars: 0, firstTime: undefined, lastTime: undefined }
    expect(said({ signals: [{ ...example, usable: never }] })[0]).toContain('0.00 % of the bars of')
    for (const enough of [
      { ...usable, bars: 800 },
      { ...never, warm: 0 },
    ]) {
      expect(said({ signals: [{ ...example, usable: enough }] }).join()).not.toContain('ABSENT')
    }
    expect(said({ signals: [{ ...example, usable: { ...usable, bars: 799 } }] }).join()).toContain('79.90 %')
  })

  it('a short run, by the calendar and by its Sharpe ratio', () => {
    const days = (count: number): BacktestResult => {
      const { equity, daily, ...rest } = exampleResult({ flags: [] })
      const cut = (column: Float64Array, length: number): Float64Array => column.slice(0, length)
      return {
        ...rest,
        equity: { time: cut(equity.time, 24 * count), equity: cut(equity.equity, 24 * count), adverse: cut(equity.adverse, 24 * count), exposure: cut(equity.exposure, 24 * count) },
        daily: { time: cut(daily.time, count + 1), equity: cut(daily.equity, count + 1) },
        finalEquity: equity.equity[24 * count - 1]!,
      } // prettier-ignore
    }
    const short = (result: BacktestResult): string | undefined =>
      said({ result }).find((text) => text.startsWith('Short run'))
    expect(short(days(89))).toMatch(/^Short run: 89\.0 d\. Under 90 days no growth/)
    expect(short(days(90))).toBeUndefined()
    expect(short({ ...days(89), trades: [] })).toBeUndefined()
    // A hundred days of luck: the ratio is small against its spread.
    const noisy = exampleResult({ flags: [] })
    const shaky = noisy.daily.equity.map((_, day) => 10_000 + day + (day % 2) * 300)
    const unproven = short({ ...noisy, daily: { ...noisy.daily, equity: shaky } })
    expect(unproven).toMatch(
      /^Short run: 100\.0 d\. A Sharpe ratio of .* needs .* d to be above 0 with 95 % confidence\.$/,
    )
  })

  it('five trades that made most of the profit', () => {
    const [first] = exampleResult().trades
    const trades = [5, 5, 5, 5, 5, 10, 10, -20].map((profit, id) => ({ ...first!, id, profit }))
    // 10 + 10 + 3 · 5 of 25.
    expect(said({ result: exampleResult({ trades }) }).join()).toContain(
      'The best 5 of 8 trades made 140.00 % of the net profit.',
    )
    const even = Array.from({ length: 10 }, (_, id) => ({ ...first!, id, profit: 1 }))
    expect(said({ result: exampleResult({ trades: even }) }).join()).not.toContain('The best')
  })

  it('what a stop really cost, beside what it was meant to', () => {
    const bound = { ...computeMetrics(exampleResult()), dominantSizeBound: 'max-position' as const }
    const result = exampleResult({ trades: exampleResult().trades.filter(({ id }) => id === 3) })
    const [text] = said({ metrics: bound, result, riskPerTrade: 0.02 }).filter((one) => one.includes('bound'))
    expect(text).toMatch(/lost 0\.1\d % of equity on average, where riskPerTrade says 2\.00 %\.$/)
    expect(said({ metrics: bound, result }).join()).not.toContain('riskPerTrade')
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

it('a leg that never spoke says why: no series, nothing known yet, too old, or never usable', () => {
  const { startTime } = exampleResult()
  const words = (isAbsent: boolean, lastEventTime: number | undefined): readonly string[] => {
    const example = exampleSummary()
    const leg = { ...example.signals[0]!.legs[1]!, facts: [{ name: 'flows', isAbsent, lastEventTime }] }
    const rows = signalTable({ ...example, signals: [{ ...example.signals[0]!, legs: [leg] }] })?.rows
    return rows?.[2]?.slice(2) ?? []
  }
  expect(words(true, undefined)).toEqual(['absent', 'no series of flows'])
  expect(words(false, undefined)).toEqual(['none', 'flows: nothing was known yet'])
  expect(words(false, startTime - 60_000)).toEqual([
    'none',
    'flows too old throughout (last event 2029-12-31 23:59 UTC)',
  ])
  expect(words(false, startTime)).toEqual(['none', 'flows never usable (last event 2030-01-01 00:00 UTC)'])
})

it('the signal table says which entries were out of reach', () => {
  const rows = signalTable(exampleSummary())?.rows ?? []
  expect(rows[0]?.[3]).toBe('buy from 0.650: UNREACHABLE here, sell under 0.350: attainable')
  expect(rows[3]).toEqual(['synthetic:BTCUSDT-PERP', 'onChain', 'absent', 'no series of exchange-flows'])
})
