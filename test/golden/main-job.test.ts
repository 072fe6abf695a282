import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileStrategy, type Instrument, type Strategy } from 'baleen'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOUR_MS, parseTimeRange } from '../../src/core/time.js'
import { runBacktest, type Backtest } from '../../src/jobs/backtest.js'
import { whyNoTrades } from '../../src/report/funnel.js'
import smartMoney from '../../strategies/smart-money.js'
import trendBreakout from '../../strategies/trend-breakout.js'
import { describeWithReference } from '../reference-data.js'
import { referenceFolder } from './import-reference-data.js'

const FACTS = {
  'open-interest': 'open-interest/hyperliquid:{base}',
  whales: 'whale-positions/hyperliquid:biggest',
}

function perpetual(base: string, tickSize: number, lotSize: number): Instrument {
  const fees = { makerFee: 0.0002, takerFee: 0.0005, minNotional: 5 }
  return {
    id: `binance:${base}USDT-PERP`,
    venue: 'binance',
    kind: 'perpetual',
    base,
    quote: 'USDT',
    tickSize,
    lotSize,
    ...fees,
  }
}

function spot(base: string, tickSize: number, lotSize: number): Instrument {
  const fees = { makerFee: 0.001, takerFee: 0.001, minNotional: 5 }
  return {
    id: `binance:${base}USDT`,
    venue: 'binance',
    kind: 'spot',
    base,
    quote: 'USDT',
    tickSize,
    lotSize,
    ...fees,
  }
}

const BTC = perpetual('BTC', 0.1, 0.001)
const ETH = perpetual('ETH', 0.01, 0.001)
const SOL = perpetual('SOL', 0.01, 0.01)
const DOGE = perpetual('DOGE', 0.00001, 1)

/** The figures that a reader would quote, short enough to be read in review when they change. */
function quoted({ result, signals, metrics }: Backtest): Record<string, unknown> {
  const { blocked, entryOrders, covered, bars, signals: entries } = result.funnel
  return {
    trades: result.trades.length,
    finalEquity: Number(result.finalEquity.toFixed(2)),
    fees: Number(result.costs.fees.toFixed(2)),
    funding: Number(result.costs.funding.toFixed(2)),
    maxDrawdown: metrics.tiles.find(({ key }) => key === 'maxDrawdown')?.value?.toFixed(4),
    bars: `${covered} of ${bars} usable, ${entries} entry signals, ${entryOrders} orders`,
    blocked: Object.entries(blocked).filter(([, count]) => count > 0).map(([reason, count]) => `${reason} ${count}`).join(', '), // prettier-ignore
    attainable: signals.flatMap(({ attainable }) => attainable === undefined ? [] : [`${attainable.lowest.toFixed(3)}..${attainable.highest.toFixed(3)}`]).join(' '), // prettier-ignore
  }
}

describeWithReference('the main job on recorded data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-main-job-'))
  beforeAll(() => referenceFolder(folder))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (
    strategy: Strategy,
    preset: string,
    instruments: readonly Instrument[],
    timerange: string,
    factOverrides: Readonly<Record<string, string>> = {},
  ): Promise<Backtest> =>
    runBacktest({
      strategy: compileStrategy(strategy, {}, preset),
      dataFolder: folder,
      instruments,
      timeframeMs: HOUR_MS,
      range: parseTimeRange(timerange),
      startingBalance: 10_000,
      costs: { slippageBps: 1 },
      policies: {},
      funding: 'settled',
      factOverrides,
    })
  const onWhales = (preset: string): Promise<Backtest> =>
    run(smartMoney, preset, [BTC, ETH, SOL], '2026-02-03..2026-02-15', FACTS)

  it('names what feeds each leg, and what is absent', async () => {
    const { data, result } = await onWhales('default')
    const flagsOf = (fact: string): readonly string[] =>
      data.used.find((one) => one.use === fact)?.flags ?? []
    expect(flagsOf('whales')).toContain('partial-universe')
    expect(flagsOf('open-interest')).toContain('cross-venue')
    expect(data.absent.filter(({ use }) => use === 'confirmation').length).toBe(3)
    // Two legs of 0.35 each: never more, and on-chain flows of 2025 are too old to count.
    expect(new Set(result.trades.map(({ entryCoverage }) => entryCoverage))).toEqual(new Set([0.7]))
  })

  it('trades the default preset on whales and derivatives alone', async () => {
    expect(quoted(await onWhales('default'))).toMatchInlineSnapshot(`
      {
        "attainable": "0.281..0.776 0.271..0.731 0.246..0.705",
        "bars": "849 of 936 usable, 142 entry signals, 28 orders",
        "blocked": "in-position 75, not-rearmed 39",
        "fees": 24.36,
        "finalEquity": 10193.77,
        "funding": -0.91,
        "maxDrawdown": "0.0173",
        "trades": 28,
      }
    `)
  })

  it('trades the relative preset', async () => {
    expect(quoted(await onWhales('relative'))).toMatchInlineSnapshot(`
      {
        "attainable": "0.281..0.776 0.221..0.731 0.246..0.705",
        "bars": "849 of 936 usable, 129 entry signals, 23 orders",
        "blocked": "in-position 70, not-rearmed 36",
        "fees": 19.89,
        "finalEquity": 10177.76,
        "funding": -0.49,
        "maxDrawdown": "0.0132",
        "trades": 23,
      }
    `)
  })

  it('makes no trade with the tutorial preset, and says why', async () => {
    const backtest = await onWhales('tutorial')
    expect(backtest.result.trades).toEqual([])
    // A buy needs 0.65: nowhere within reach. The few sells could only exit.
    for (const { attainable } of backtest.signals) expect(attainable?.highest).toBeLessThan(0.61)
    expect(backtest.result.funnel.blocked['not-shortable']).toBe(backtest.result.funnel.signals)
    expect(whyNoTrades(backtest.result.funnel)).toContain('allow no short')
    expect(quoted(backtest)).toMatchInlineSnapshot(`
      {
        "attainable": "0.381..0.606 0.340..0.543 0.306..0.503",
        "bars": "900 of 936 usable, 18 entry signals, 0 orders",
        "blocked": "not-shortable 18",
        "fees": 0,
        "finalEquity": 10000,
        "funding": 0,
        "maxDrawdown": "0.0000",
        "trades": 0,
      }
    `)
  })

  it('has no usable score where fewer than ten wallets hold the asset as their largest', async () => {
    const { signals } = await onWhales('default')
    const present = (at: number): number | undefined =>
      signals[at]?.legs.find(({ leg }) => leg === 'whales')?.present
    expect(present(2)).toBeLessThan(present(0) ?? 0)
    expect(present(0)).toBe(present(1))
  })

  it('follows trends on eight years of BTC and ETH spot', async () => {
    const backtest = await run(trendBreakout, 'default', [spot('BTC', 0.01, 0.00001), spot('ETH', 0.01, 0.0001)], '2018-01-01..2025-12-31') // prettier-ignore
    expect(backtest.result.trades.every(({ side }) => side === 1)).toBe(true)
    expect(backtest.missingBars).toEqual({ 'binance:BTCUSDT': 122, 'binance:ETHUSDT': 122 })
    expect(quoted(backtest)).toMatchInlineSnapshot(`
      {
        "attainable": "",
        "bars": "139902 of 140012 usable, 4601 entry signals, 1402 orders",
        "blocked": "in-position 970, exit-on-same-bar 5, not-shortable 1983, not-rearmed 241",
        "fees": 2514.64,
        "finalEquity": 8358.36,
        "funding": 0,
        "maxDrawdown": "0.2011",
        "trades": 1402,
      }
    `)
  })

  it('follows trends both ways on four perpetuals with their own funding, on one account', async () => {
    const backtest = await run(trendBreakout, 'long-short', [BTC, ETH, SOL, DOGE], '2025-03-09..2026-03-05')
    expect(backtest.result.costs.funding).not.toBe(0)
    expect(quoted(backtest)).toMatchInlineSnapshot(`
      {
        "attainable": "",
        "bars": "34702 of 34702 usable, 1245 entry signals, 701 orders",
        "blocked": "in-position 422, exit-on-same-bar 3, not-rearmed 119",
        "fees": 574.91,
        "finalEquity": 8910.87,
        "funding": -32.37,
        "maxDrawdown": "0.1814",
        "trades": 701,
      }
    `)
  })
})
