import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InstrumentRun } from '../../src/core/result.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { computeMetrics, findMetric, type Benchmark } from '../../src/metrics/index.js'
import { sharpe, sortino } from '../../src/metrics/ratios.js'
import { beta } from '../../src/metrics/relative.js'
import { equityCurve, ratePerPeriod, simpleReturns } from '../../src/metrics/returns.js'
import { makeNormal } from './make-normal.js'
import { JANUARY, makeResult, makeTrade } from './make-result.js'

/** 100 days of hourly bars: equity moves at 18:00 only, so that the daily returns are the given ones. */
const moves = makeNormal(11, 100)
const equity = Array.from(
  { length: 2400 },
  (_, bar) => equityCurve(moves, 10_000)[Math.floor((bar + 7) / 24)] ?? NaN,
)
const result = makeResult({
  equity,
  trades: [makeTrade({ profit: 10 }), makeTrade({ profit: -5, side: -1, sizeBoundBy: 'max-position' })],
  costs: { fees: 3, slippage: 2, funding: -1 },
}) // prettier-ignore

const valueOf = (report: ReturnType<typeof computeMetrics>, key: string): number => {
  const found = findMetric(report, key)
  if (found.value === undefined) throw new Error(`${key}: ${found.reason}`)
  return found.value
}

describe('a report', () => {
  const report = computeMetrics(result)
  const keys = report.sections.flatMap((section) => section.metrics.map((metric) => metric.key))

  it('says each thing once', () => {
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(report.sections.map((section) => section.key)).size).toBe(report.sections.length)
  })

  it('survives JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('is explained in docs/metrics.md, metric by metric in the same order', () => {
    const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
    const documented = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1])
    expect(documented).toEqual(keys)
  })

  it('has its tiles in the order of a report', () => {
    expect(report.tiles.map((tile) => tile.key)).toEqual([
      'totalReturn', 'cagr', 'sharpe', 'probabilisticSharpe', 'minimumTrackRecordDays', 'sortino', 'maxDrawdown', 'calmar',
      'tradeWinRate', 'profitFactor', 'trades', 'timeInMarket', 'holdReturn',
    ]) // prettier-ignore
  })

  it('reads daily returns, flat hours between them notwithstanding', () => {
    expect(valueOf(report, 'sharpe')).toBeCloseTo(sharpe(moves).value ?? NaN, 9)
    expect(valueOf(report, 'sortino')).toBeCloseTo(sortino(moves).value ?? NaN, 9)
    expect(valueOf(report, 'days')).toBe(100)
    expect(valueOf(report, 'totalReturn')).toBeCloseTo((equity.at(-1) ?? NaN) / 10_000 - 1, 14)
    expect(valueOf(report, 'cagr')).toBeCloseTo((1 + valueOf(report, 'totalReturn')) ** 3.65 - 1, 12)
    // A long and a short of 1 at 100, both in the first hour.
    expect(valueOf(report, 'timeInMarket')).toBe(1 / 2400)
    expect(valueOf(report, 'averageExposure')).toBeCloseTo(200 / (equity[0] ?? NaN) / 2400, 14)
    expect(valueOf(report, 'averageNetExposure')).toBe(0)
  })

  it('counts trades: closed, still open, closed by the end of data', () => {
    const trades = [
      makeTrade(),
      makeTrade(),
      makeTrade({ status: 'open' }),
      makeTrade({ exitReason: 'end-of-data' }),
    ]
    const counted = computeMetrics({ ...result, trades, undecidedExits: 1 })
    expect(['trades', 'openTrades', 'endOfDataTrades'].map((key) => valueOf(counted, key))).toEqual([3, 1, 1])
    expect(valueOf(counted, 'undecidedExits')).toBeCloseTo(1 / 3, 14)
  })

  it('attributes the costs of the whole account', () => {
    const { gross, fees, slippage, funding, net } = report.costs
    expect(gross - fees - slippage + funding).toBe(net)
    expect(net).toBeCloseTo((equity.at(-1) ?? NaN) - 10_000, 8)
    expect([fees, slippage, funding]).toEqual([3, 2, -1])
  })

  it('monthly and yearly tables multiply up to the total return', () => {
    const months = report.monthly.flatMap((row) => row.months).filter((value) => value !== null)
    for (const returns of [months, report.yearly.map((row) => row.returnFraction)]) {
      const product = returns.reduce((factor, value) => factor * (1 + value), 1)
      expect(product - 1).toBeCloseTo(valueOf(report, 'totalReturn'), 12)
    }
    expect(report.quantiles.map((row) => row.count)).toEqual([100, 15, 4, 2, 1])
  })

  it('names the bound that sized nearly all entries', () => {
    expect(report.dominantSizeBound).toBeNull()
    const capped = Array.from({ length: 12 }, () => makeTrade({ sizeBoundBy: 'max-position' }))
    expect(computeMetrics(makeResult({ equity, trades: capped })).dominantSizeBound).toBe('max-position')
  })
})

describe('options and policies', () => {
  it('per-bar returns change the Sharpe ratio and its kin only', () => {
    const perBar = computeMetrics({ ...result, policies: { ...result.policies, returns: 'per-bar' } })
    const bars = simpleReturns([10_000, ...equity])
    expect(valueOf(perBar, 'sharpe')).toBeCloseTo(sharpe(bars, { periodsPerYear: 8760 }).value ?? NaN, 9)
    expect(valueOf(perBar, 'winningDays')).toBe(valueOf(computeMetrics(result), 'winningDays'))
    expect(perBar.rules.join(' ')).toContain('each 1h bar')
    expect(perBar.rules.join(' ')).toContain('√8760')
  })

  it('the peak of the drawdown starts where the policy says', () => {
    const falling = makeResult({ equity: [9000, 9500, 9400] })
    expect(valueOf(computeMetrics(falling), 'maxDrawdown')).toBeCloseTo(0.1, 14)
    const fromFirst = { ...falling, policies: { ...falling.policies, drawdownPeak: 'first-bar' as const } }
    expect(valueOf(computeMetrics(fromFirst), 'maxDrawdown')).toBeCloseTo(1 - 9400 / 9500, 14)
  })

  it('the intrabar bound stands beside the drawdown on closes', () => {
    const report = computeMetrics(makeResult({ equity: [10_000, 9500], adverse: [9800, 8000] }))
    expect(valueOf(report, 'maxDrawdown')).toBeCloseTo(0.05, 14)
    expect(valueOf(report, 'maxDrawdownIntrabar')).toBeCloseTo(0.2, 14)
  })

  it('a risk-free rate is taken per period', () => {
    const report = computeMetrics(result, { riskFreeRate: 0.05 })
    const rate = ratePerPeriod(0.05, 365)
    expect(valueOf(report, 'sharpe')).toBeCloseTo(sharpe(moves, { ratePerPeriod: rate }).value ?? NaN, 9)
    expect(report.rules.join(' ')).toContain('5 % a year')
  })

  it('another number of periods a year', () => {
    const report = computeMetrics(result, { periodsPerYear: 252 })
    expect(valueOf(report, 'sharpe')).toBeCloseTo(sharpe(moves, { periodsPerYear: 252 }).value ?? NaN, 9)
  })

  it('compares with a benchmark on the same days', () => {
    const market = makeNormal(12, 100)
    const benchmark: Benchmark = {
      label: 'index',
      time: result.daily.time,
      equity: equityCurve(market, 10_000),
    }
    const report = computeMetrics(result, { benchmark })
    expect(valueOf(report, 'beta')).toBeCloseTo(beta(moves, market).value ?? NaN, 9)
    expect(report.sections.find((section) => section.key === 'relative')?.title).toBe('Against: index')
    expect(findMetric(report, 'holdReturn')).toHaveProperty('reason')
  })

  it('holding the very same curve has beta 1 and no alpha', () => {
    const bars = Float64Array.from(equity)
    const held = {
      id: 'a',
      bars: bars.length,
      firstOpenTime: JANUARY,
      lastCloseTime: JANUARY + bars.length * HOUR_MS,
      firstDecisionTime: JANUARY,
      closeTime: result.equity.time,
      close: bars,
      open: Float64Array.from(equity, (value, bar) => equity[bar - 1] ?? value),
    }
    const holdCosts = { takerFee: { a: 0 }, slippageBps: 0 }
    const trades = [
      makeTrade({ instrumentId: 'a', entryTime: JANUARY, exitTime: result.endTime, quantity: 0.5 }),
    ]
    const report = computeMetrics({ ...result, instruments: [held], trades }, { holdCosts })
    expect(valueOf(report, 'beta')).toBeCloseTo(1, 9)
    expect(valueOf(report, 'alpha')).toBeCloseTo(0, 9)
    expect(valueOf(report, 'holdReturn')).toBeCloseTo(valueOf(report, 'totalReturn'), 12)
    expect(valueOf(report, 'holdCagr')).toBeCloseTo(valueOf(report, 'cagr'), 12)
    expect(valueOf(report, 'holdSharpe')).toBeCloseTo(valueOf(report, 'sharpe'), 9)
    expect(valueOf(report, 'averageExposure')).toBeCloseTo(0.5, 12)
    expect(valueOf(report, 'scaledHoldSharpe')).toBeCloseTo(valueOf(report, 'sharpe'), 9)
    expect(Math.abs(valueOf(report, 'scaledHoldReturn'))).toBeLessThan(
      Math.abs(valueOf(report, 'holdReturn')),
    )
    expect(valueOf(report, 'netHoldReturn')).toBe(valueOf(report, 'scaledHoldReturn'))
    const short = {
      ...result,
      instruments: [held],
      trades: trades.map((trade) => ({ ...trade, side: -1 as const })),
    }
    const mirrored = computeMetrics(short, { holdCosts })
    expect(valueOf(mirrored, 'averageNetExposure')).toBeCloseTo(-0.5, 12)
    expect(valueOf(mirrored, 'scaledHoldReturn')).toBe(valueOf(report, 'scaledHoldReturn'))
    expect(valueOf(mirrored, 'netHoldSharpe')).toBeCloseTo(-valueOf(report, 'sharpe'), 9)
    // Going short pays: at a fee, less is left than without one.
    const paying = computeMetrics(short, { holdCosts: { takerFee: { a: 0.01 }, slippageBps: 0 } })
    expect(valueOf(paying, 'netHoldReturn')).toBeLessThan(valueOf(mirrored, 'netHoldReturn') - 0.009)
  })
})

describe('short runs', () => {
  const run = (days: number): ReturnType<typeof computeMetrics> => {
    const bars = instrumentOf(days * 24)
    return computeMetrics(makeResult({ equity: equity.slice(0, days * 24), instruments: [bars] }), {
      holdCosts: { takerFee: { a: 0 }, slippageBps: 0 },
    })
  }
  const instrumentOf = (bars: number): InstrumentRun => {
    const closeTime = result.equity.time.slice(0, bars)
    const close = Float64Array.from(equity.slice(0, bars))
    return { id: 'a', bars, firstOpenTime: JANUARY, lastCloseTime: closeTime.at(-1) ?? NaN, firstDecisionTime: JANUARY + HOUR_MS, closeTime, close, open: close } // prettier-ignore
  }

  it('state no growth by the year, nor what is derived from it', () => {
    const yearly = [
      'cagr',
      'calmar',
      'riskAdjustedReturn',
      'ulcerPerformanceIndex',
      'holdCagr',
      'scaledHoldCagr',
    ]
    for (const key of yearly) {
      expect(findMetric(run(89), key), key).toMatchObject({ reason: 'fewer than 90 days' })
    }
    expect(findMetric(run(90), 'cagr').value).toBeCloseTo(
      (1 + valueOf(run(90), 'totalReturn')) ** (365 / 90) - 1,
      12,
    )
    expect(findMetric(run(90), 'holdCagr')).toHaveProperty('value')
    const tiles = run(89).tiles.filter(
      (tile) => tile.value === undefined && tile.reason === 'fewer than 90 days',
    )
    expect(tiles.map(({ key }) => key)).toEqual(['cagr', 'calmar'])
  })

  it('still say how sure their Sharpe ratio is', () => {
    expect(valueOf(run(30), 'probabilisticSharpe')).toBeGreaterThan(0)
    expect(findMetric(run(30), 'sharpe')).toHaveProperty('value')
  })
})

describe('cut-off days', () => {
  const cut = makeResult({
    equity: equity.slice(6, 2390),
    startTime: JANUARY + 6 * HOUR_MS,
    startingBalance: 10_000,
  })

  it('count in totals and tables, not as days of a Sharpe ratio', () => {
    const report = computeMetrics(cut)
    const whole = moves.subarray(1, 99)
    expect(valueOf(report, 'sharpe')).toBeCloseTo(sharpe(whole).value ?? NaN, 9)
    const years = report.yearly.reduce((factor, row) => factor * (1 + row.returnFraction), 1)
    expect(years - 1).toBeCloseTo(valueOf(report, 'totalReturn'), 12)
  })
})

describe('degenerate runs', () => {
  const everyMetric = (report: ReturnType<typeof computeMetrics>) =>
    report.sections.flatMap(({ metrics }) => metrics)
  const sound = (report: ReturnType<typeof computeMetrics>): void => {
    for (const metric of everyMetric(report)) {
      if (metric.value === undefined) expect(metric.reason, metric.key).toMatch(/\w{2}/)
      else expect(Number.isFinite(metric.value), metric.key).toBe(true)
    }
    // A NaN or an infinity anywhere would come back as null.
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  }

  it('a run without bars, with one bar, of one day, that never trades', () => {
    for (const bars of [0, 1, 24, 24 * 40]) {
      const report = computeMetrics(makeResult({ equity: Array<number>(bars).fill(10_000) }))
      sound(report)
      expect(findMetric(report, 'sharpe')).toHaveProperty('reason')
      expect(findMetric(report, 'tradeWinRate')).toHaveProperty('reason')
      expect(findMetric(report, 'profitFactor')).toHaveProperty('reason')
      expect(findMetric(report, 'calmar')).toHaveProperty('reason')
    }
  })

  it('never trading is a flat curve, not a missing one', () => {
    const report = computeMetrics(makeResult({ equity: Array<number>(24 * 40).fill(10_000) }))
    expect(findMetric(report, 'totalReturn').value).toBe(0)
    expect(findMetric(report, 'maxDrawdown').value).toBe(0)
    expect(findMetric(report, 'maxDrawdownPeak')).toMatchObject({ reason: 'no drawdown' })
    expect(findMetric(report, 'timeInMarket').value).toBe(0)
  })

  it('ruin says so and when, and still has a drawdown', () => {
    const report = computeMetrics(makeResult({ equity: [...Array<number>(50).fill(5000), -100, -100] }))
    sound(report)
    expect(findMetric(report, 'sharpe')).toMatchObject({
      reason: 'equity fell to zero or below on 2024-01-03 03:00',
    })
    expect(findMetric(report, 'maxDrawdown').value).toBeCloseTo(1.01, 12)
    expect(findMetric(report, 'cagr')).toMatchObject({ reason: 'equity fell below zero' })
  })

  it('ruin on the very first bar', () => {
    const report = computeMetrics(makeResult({ equity: [0, 0] }))
    expect(findMetric(report, 'sharpe')).toMatchObject({
      reason: 'equity fell to zero or below on 2024-01-01 01:00',
    })
    expect(findMetric(report, 'totalReturn').value).toBe(-1)
  })

  it('equity that is no number is an error', () => {
    expect(() => computeMetrics(makeResult({ equity: [NaN, 10_000] }))).toThrow(/row 1, field equity/)
    expect(() => computeMetrics(makeResult({ equity: [10_000, NaN] }))).toThrow(
      /row 2, field equity, value NaN/,
    )
  })

  it('random curves: finite or reasoned, and blind to the size of the account', () => {
    const curve = fc.array(fc.integer({ min: 5000, max: 20_000 }), { minLength: 0, maxLength: 30 })
    fc.assert(
      fc.property(curve, fc.constantFrom(HOUR_MS, 7 * HOUR_MS, DAY_MS), (points, timeframeMs) => {
        const report = computeMetrics(makeResult({ equity: points, timeframeMs }))
        sound(report)
        const doubled = points.map((value) => value * 2)
        const twice = computeMetrics(makeResult({ equity: doubled, timeframeMs, startingBalance: 20_000 }))
        const plain = (one: typeof report) => everyMetric(one).filter((metric) => metric.unit !== 'money')
        expect(plain(twice)).toEqual(plain(report))
      }),
    )
  })
})
