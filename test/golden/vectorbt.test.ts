import {
  above,
  cashFraction,
  close,
  computeMetrics,
  crossesAbove,
  crossesBelow,
  DEFAULT_POLICIES,
  defineStrategy,
  fact,
  findMetric,
  HOUR_MS,
  MINUTE_MS,
  noStop,
  noTarget,
  percentStop,
  percentTarget,
  sma,
  type BacktestResult,
  type Candles,
  type CrossRule,
  type FactColumns,
  type Policies,
  type Strategy,
} from 'baleen'
import { beforeAll, expect, it } from 'vitest'
import { describeWithReference } from '../reference-data.js'
import { barAt, oracleBars, oracleJson, runLike, tradesChanged } from './other-engines.js'

interface Combo {
  readonly total_return: number
  readonly max_drawdown: number
  readonly sharpe: number
  readonly n_trades: number
  readonly closed_trades: number
  readonly final_value: number
  readonly value_samples: Readonly<Record<string, number>>
  /** bar, side (0 buys), size, price, fees */
  readonly orders: readonly (readonly [number, number, number, number, number])[]
  readonly trades: readonly { readonly entry_bar: number; readonly exit_bar: number; readonly pnl: number }[]
}

/**
 * vectorbt's rules where they are not ours, by the names of the policies. Of the others in which it differs (a stop before a
 * target whatever the open, a target met by a touch, a gap filled at the open, the peak of the drawdown from the first bar)
 * none decides anything on these inputs.
 */
const VECTORBT: Partial<Policies> = {
  fillAt: 'same-close',
  rearm: 'none',
  ordersPerBar: 'one',
  endOfData: 'leave-open',
}
const PER_BAR: Partial<Policies> = { returns: 'per-bar' }

function close12(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)))
}

function expectSameAs(combo: Combo, result: BacktestResult, candles: Candles): void {
  expect(result.fills.length).toBe(combo.orders.length)
  combo.orders.forEach(([bar, side, size, price, fees], at) => {
    const fill = result.fills[at]!
    expect(barAt(candles, fill.time, true)).toBe(bar)
    expect(fill.side).toBe(side === 0 ? 1 : -1)
    close12(fill.quantity, size)
    close12(fill.price, price)
    close12(fill.fee, fees)
  })
  expect(result.trades.length).toBe(combo.n_trades)
  expect(result.trades.filter((trade) => trade.status === 'closed').length).toBe(combo.closed_trades)
  combo.trades.forEach(({ entry_bar, exit_bar, pnl }, at) => {
    const trade = result.trades[at]!
    expect([trade.entryBar, trade.exitBar]).toEqual([entry_bar, exit_bar])
    expect(Math.abs(trade.profit - pnl)).toBeLessThan(1e-9)
  })
  for (const [bar, value] of Object.entries(combo.value_samples)) {
    expect(Math.abs(result.equity.equity[Number(bar)]! / value - 1)).toBeLessThan(1e-12)
  }
  const report = computeMetrics(result)
  const metric = (key: string): number => findMetric(report, key).value ?? NaN
  expect(Math.abs(result.finalEquity / result.startingBalance - 1 - combo.total_return)).toBeLessThan(1e-9)
  expect(Math.abs(metric('maxDrawdown') + combo.max_drawdown)).toBeLessThan(1e-9)
  expect(Math.abs(metric('sharpe') - combo.sharpe)).toBeLessThan(1e-9)
}

/** Our value in place of vectorbt's, one policy at a time: how many trades come and go, over all combinations. */
function removals(run: (policies: Partial<Policies>) => BacktestResult[]): Record<string, number> {
  const like = run(VECTORBT)
  return Object.fromEntries(
    (Object.keys(VECTORBT) as (keyof Policies)[]).map((name) => {
      const without = run({ ...VECTORBT, [name]: DEFAULT_POLICIES[name] })
      return [name, like.reduce((sum, result, at) => sum + tradesChanged(result, without[at]!), 0)]
    }),
  )
}

describeWithReference('vectorbt, crosses of two averages, all cash in', () => {
  const { combos } = oracleJson<{ combos: (Combo & { fast: number; slow: number })[] }>('vectorbt_sma_cross')
  let candles: Candles
  beforeAll(async () => {
    candles = (await oracleBars('sma_cross_hourly', HOUR_MS)).candles
  })

  const strategy = (fast: number, slow: number, rule: CrossRule): Strategy =>
    defineStrategy({
      name: 'vectorbt-cross',
      description: 'crosses as vectorbt sees them',
      params: {},
      features: () => ({ fast: sma(close, fast), slow: sma(close, slow) }),
      enterLong: (f) => crossesAbove(f.fast, f.slow, rule),
      exitLong: (f) => crossesBelow(f.fast, f.slow, rule),
      risk: () => ({
        sizing: cashFraction(1),
        stop: noStop(),
        target: noTarget(),
        dailyLossLimit: 0,
      }),
    })
  const run = (policies: Partial<Policies>, rule: CrossRule = 'was-below'): BacktestResult[] =>
    combos.map(({ fast, slow }) =>
      runLike({
        strategy: strategy(fast, slow, rule),
        candles,
        kind: 'spot',
        fee: 0.001,
        balance: 100,
        policies,
      }),
    )

  it('fills the same orders, and measures the same return, drawdown and Sharpe ratio', () => {
    const results = run({ ...VECTORBT, ...PER_BAR })
    combos.forEach((combo, at) => expectSameAs(combo, results[at]!, candles))
  })

  it('says how many trades change when one policy is removed', () => {
    const changed = removals(run)
    expect(changed).toMatchInlineSnapshot(`
      {
        "endOfData": 18,
        "fillAt": 2094,
        "ordersPerBar": 0,
        "rearm": 809,
      }
    `)
  })

  it('measures the Sharpe ratio per bar as vectorbt does, and per day by default', () => {
    const sharpe = (policies: Partial<Policies>): (number | undefined)[] =>
      run({ ...VECTORBT, ...policies }).map((result) => findMetric(computeMetrics(result), 'sharpe').value)
    const perDay = sharpe({})
    expect(sharpe(PER_BAR).every((value, at) => value !== perDay[at])).toBe(true)
  })
})

describeWithReference('vectorbt, stop loss and take profit on minutes', () => {
  const { combos } = oracleJson<{ combos: (Combo & { sl: number; tp: number })[] }>('vectorbt_stops')
  let candles: Candles
  let entries: FactColumns
  beforeAll(async () => {
    const bars = await oracleBars('stops_minute', MINUTE_MS, ['entry'])
    candles = bars.candles
    const closeTime = candles.openTime.map((openTime) => openTime + MINUTE_MS)
    entries = { eventTime: closeTime, knownAt: closeTime, values: { entry: bars.more['entry']! } }
  })

  const strategy = (stop: number, target: number): Strategy =>
    defineStrategy({
      name: 'vectorbt-stops',
      description: 'given entries, left by stop or target',
      params: {},
      features: () => ({ entry: fact('entries', 'entry') }),
      enterLong: (f) => above(f.entry, 0.5),
      risk: () => ({
        sizing: cashFraction(0.1),
        stop: percentStop(stop),
        target: percentTarget(target),
        dailyLossLimit: 0,
      }),
    })
  const run = (policies: Partial<Policies>): BacktestResult[] =>
    combos.map(({ sl, tp }) =>
      runLike({
        strategy: strategy(sl, tp),
        candles,
        facts: { entries },
        kind: 'spot',
        fee: 0.001,
        balance: 10_000,
        policies,
      }),
    )

  it('fills the same orders, and measures the same return, drawdown and Sharpe ratio', () => {
    const results = run({ ...VECTORBT, ...PER_BAR })
    combos.forEach((combo, at) => expectSameAs(combo, results[at]!, candles))
  })

  it('says how many trades change when one policy is removed', () => {
    const changed = removals(run)
    expect(changed).toMatchInlineSnapshot(`
      {
        "endOfData": 6,
        "fillAt": 1286,
        "ordersPerBar": 964,
        "rearm": 0,
      }
    `)
  })
})
