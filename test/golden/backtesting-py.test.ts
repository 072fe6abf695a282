import {
  cashFraction,
  close,
  crossesAbove,
  crossesBelow,
  DAY_MS,
  DEFAULT_POLICIES,
  defineStrategy,
  noStop,
  noTarget,
  sma,
  type BacktestResult,
  type Candles,
  type Policies,
} from 'baleen'
import { expect, it } from 'vitest'
import { describeWithReference } from '../reference-data.js'
import { oracleJson, runLike, tradesChanged } from './other-engines.js'

interface Oracle {
  readonly data: Record<'open' | 'high' | 'low' | 'close' | 'volume', number[]> & { readonly dates: string[] }
  readonly runs: readonly {
    readonly name: string
    readonly backtest_kwargs: { readonly trade_on_close?: boolean }
    readonly params: { readonly n1: number; readonly n2: number }
    readonly stats: Readonly<Record<string, number>>
    readonly trades: readonly {
      readonly size: number
      readonly entry_bar: number
      readonly exit_bar: number
      readonly entry_price: number
      readonly exit_price: number
      readonly pnl: number
      readonly commission: number
    }[]
    readonly equity_samples: Readonly<Record<string, number>>
  }[]
}

/** backtesting.py's rules where they are not ours: sized at the fill, weekday bars, reversal without re-arming. */
const BACKTESTING_PY: Partial<Policies> = {
  sizeAt: 'fill',
  rearm: 'none',
  staleOrders: 'fill',
  endOfData: 'leave-open',
}

describeWithReference('backtesting.py, its own example of two averages', () => {
  const oracle = oracleJson<Oracle>('backtestingpy_sma_cross')
  const candles: Candles = {
    timeframeMs: DAY_MS,
    openTime: Float64Array.from(oracle.data.dates, (date) => Date.parse(`${date}T00:00:00Z`)),
    open: Float64Array.from(oracle.data.open),
    high: Float64Array.from(oracle.data.high),
    low: Float64Array.from(oracle.data.low),
    close: Float64Array.from(oracle.data.close),
    volume: Float64Array.from(oracle.data.volume),
  }
  const policiesOf = (at: number): Partial<Policies> => ({
    ...BACKTESTING_PY,
    fillAt: oracle.runs[at]!.backtest_kwargs.trade_on_close === true ? 'same-close' : 'next-open',
  })
  const run = (at: number, policies: Partial<Policies>, reversal = true): BacktestResult => {
    const { n1, n2 } = oracle.runs[at]!.params
    return runLike({
      strategy: defineStrategy({
        name: 'backtesting-py-cross',
        description: 'always in the market, long or short',
        params: {},
        features: () => ({ fast: sma(close, n1), slow: sma(close, n2) }),
        enterLong: (f) => crossesAbove(f.fast, f.slow),
        enterShort: (f) => crossesBelow(f.fast, f.slow),
        risk: () => ({
          // Of the free cash it spends all but one unit in the last place, in whole shares.
          sizing: cashFraction(1 - 2 ** -52),
          stop: noStop(),
          target: noTarget(),
          dailyLossLimit: 0,
          allowShort: true,
          reversal,
        }),
      }),
      candles,
      kind: 'perpetual',
      fee: 0.002,
      lotSize: 1,
      balance: 10_000,
      policies,
    })
  }

  it.each(oracle.runs.map(({ name }, at) => [name, at] as const))('makes the same trades: %s', (_, at) => {
    const expected = oracle.runs[at]!
    const result = run(at, policiesOf(at))
    const closed = result.trades.filter((trade) => trade.status === 'closed')
    expect(closed.length).toBe(expected.trades.length)
    expected.trades.forEach((trade, index) => {
      const ours = closed[index]!
      expect([ours.side * ours.quantity, ours.entryBar, ours.exitBar]).toEqual([
        trade.size,
        trade.entry_bar,
        trade.exit_bar,
      ])
      expect([ours.entryPrice, ours.exitPrice]).toEqual([
        expect.closeTo(trade.entry_price, 10),
        expect.closeTo(trade.exit_price, 10),
      ])
      expect(ours.profit).toBeCloseTo(trade.pnl, 8)
      expect(ours.fees).toBeCloseTo(trade.commission, 8)
    })
    expect(result.finalEquity).toBeCloseTo(expected.stats['Equity Final [$]']!, 6)
    expect(result.finalEquity / 10_000 - 1).toBeCloseTo(expected.stats['Return [%]']! / 100, 9)
    for (const [bar, equity] of Object.entries(expected.equity_samples)) {
      expect(result.equity.equity[Number(bar)]).toBeCloseTo(equity, 6)
    }
    let peak = -Infinity
    const drawdown = Math.min(
      ...Array.from(result.equity.equity, (equity) => equity / (peak = Math.max(peak, equity)) - 1),
    )
    expect(drawdown).toBeCloseTo(expected.stats['Max. Drawdown [%]']! / 100, 9)
  })

  it('needs each of these policies: trades that change when one is removed', () => {
    const without = (name: keyof Policies): number =>
      oracle.runs.reduce((sum, _, at) => {
        const policies = policiesOf(at)
        return (
          sum + tradesChanged(run(at, policies), run(at, { ...policies, [name]: DEFAULT_POLICIES[name] }))
        )
      }, 0)
    const changed = {
      ...Object.fromEntries(
        [...Object.keys(BACKTESTING_PY), 'fillAt'].map((name) => [name, without(name as keyof Policies)]),
      ),
      reversal: oracle.runs.reduce(
        (sum, _, at) => sum + tradesChanged(run(at, policiesOf(at)), run(at, policiesOf(at), false)),
        0,
      ),
    }
    expect(Object.values(changed).every((count) => count > 0)).toBe(true)
    expect(changed).toMatchInlineSnapshot(`
      {
        "endOfData": 4,
        "fillAt": 188,
        "rearm": 68,
        "reversal": 274,
        "sizeAt": 92,
        "staleOrders": 169,
      }
    `)
  })
})
