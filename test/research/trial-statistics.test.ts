import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { effectivePolicies, prepareMarket } from '../../src/engine/market.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { runTrials, type TrialOutcome } from '../../src/engine/trials.js'
import { computeMetrics, findMetric, type Statistic } from '../../src/metrics/index.js'
import { runDays, trialStatistics, type TrialStatistics } from '../../src/research/trial-statistics.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import type { Strategy } from '../../src/strategy/define.js'
import { dataOf, instrumentOf } from '../engine/scripted.js'
import { walk } from '../features/candles.js'
import { generateCase, optionsOf } from '../ledger/generate.js'
import { smartMoneyFacts } from '../strategy/helpers.js'

const folder = new URL('../../strategies/', import.meta.url)
const strategies = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map(async (file) => ((await import(new URL(file, folder).href)) as { default: Strategy }).default),
)

function outcomeOf(options: ReplayOptions): TrialOutcome {
  const outcomes: TrialOutcome[] = []
  const { strategy, policies } = options
  runTrials(
    { market: prepareMarket(options), trials: [strategy], ...(policies && { policies }) },
    (outcome) => outcomes.push(outcome),
  )
  return outcomes[0] as TrialOutcome
}

/** Both ways to the same figures. */
function bothOf(options: ReplayOptions, riskFreeRate: number = 0) {
  const outcome = outcomeOf(options)
  const { returns } = effectivePolicies(options)
  const days = runDays(prepareMarket(options))
  const result = replay(options)
  return {
    outcome,
    result,
    returns,
    statistics: trialStatistics(outcome, { days, returns, riskFreeRate }),
    report: computeMetrics(result, { riskFreeRate }),
  }
}

/** Sums of profits and losses of the same size leave little of their digits: money is compared on the scale of the gross. */
function expectSame(key: string, statistic: Statistic, expected: Statistic, scale: number): void {
  if (expected.value === undefined) {
    const reason = statistic.value === undefined ? statistic.reason : `${statistic.value}`
    // The full report also knows on which bar the money was gone.
    expect(expected.reason.startsWith(reason), `${key}: ${reason} for ${expected.reason}`).toBe(true)
    return
  }
  const tolerance = 1e-12 * Math.max(Math.abs(expected.value), scale)
  expect(
    Math.abs((statistic.value ?? NaN) - expected.value),
    `${key}: ${JSON.stringify(statistic)} for ${expected.value}`,
  ).toBeLessThanOrEqual(tolerance)
}

function expectAllSame({ outcome, statistics, report, returns }: ReturnType<typeof bothOf>): void {
  const keys = Object.keys(statistics) as (keyof TrialStatistics)[]
  expect(keys.length).toBeGreaterThan(10)
  const gross = outcome.grossProfit + outcome.grossLoss
  for (const key of keys) {
    if (returns === 'per-bar' && ['sharpe', 'sortino', 'volatility'].includes(key)) {
      expect(statistics[key].value).toBeUndefined()
      continue
    }
    const scale = key === 'netProfit' ? gross : key === 'expectancy' ? gross / outcome.trades : 0
    expectSame(key, statistics[key], findMetric(report, key), scale)
  }
}

describe('statistics of a trial are those of a full report on it', () => {
  it('on generated accounts', () => {
    let known = 0
    for (let seed = 1; seed <= 300; seed++) {
      const both = bothOf(optionsOf(generateCase(seed, seed % 2 === 0)), seed % 3 === 0 ? 0.02 : 0)
      expectAllSame(both)
      expect(Array.from(both.outcome.dailyReturns).every((value) => value > -1) || both.statistics.sharpe.value === undefined).toBe(true) // prettier-ignore
      if (both.statistics.sharpe.value !== undefined && both.outcome.trades > 0) known++
    }
    expect(known).toBeGreaterThan(100)
  })

  const candles = walk(150 * 24, 8)
  const start = candles.openTime[0] as number
  const facts = smartMoneyFacts(start, start + 150 * DAY_MS, 8)
  const instrument = instrumentOf({ id: 'walk:BTCUSDT-PERP', kind: 'perpetual' })
  const instruments = [{ ...dataOf(candles, instrument, undefined), facts }]

  it.each(strategies.map((strategy) => [strategy.name, strategy] as const))('on %s', (_name, strategy) => {
    const both = bothOf({
      strategy: compileStrategy(strategy),
      instruments,
      startTime: start + 10 * DAY_MS + 5 * HOUR_MS,
      endTime: Infinity,
      startingBalance: 10_000,
      costs: { slippageBps: 3 },
    })
    expectAllSame(both)
    const { sharpe, cagr, maxDrawdown, tradeWinRate, profitFactor } = both.statistics
    for (const statistic of [sharpe, cagr, maxDrawdown, tradeWinRate, profitFactor])
      expect(statistic.value).toBeTypeOf('number')
    expect(both.outcome.trades).toBeGreaterThan(10)
  })
})

describe('what a trial cannot say is n/a for a reason, or an error', () => {
  const quiet: TrialOutcome = {
    trial: 3, params: {}, finalEquity: 100, totalReturn: 0, maxDrawdown: 0, dailyReturns: new Float64Array(400),
    trades: 0, decidedTrades: 0, wins: 0, undecidedExits: 0, fees: 0, slippage: 0, funding: 0, grossProfit: 0,
    grossLoss: 0, barsHeld: 0, meanNetExposure: 0, tradeHash: '', path: 'skipping', steps: 0, closedTrades: undefined,
  } // prettier-ignore

  it('an account that only lies there', () => {
    const { sharpe, tradeWinRate, profitFactor, expectancy, calmar, maxDrawdown } = trialStatistics(quiet, {
      days: 400,
    })
    expect(maxDrawdown).toEqual({ value: 0 })
    expect(sharpe).toEqual({ reason: 'zero deviation' })
    expect(calmar).toEqual({ reason: 'no drawdown' })
    expect(profitFactor).toEqual({ reason: 'no gain and no loss' })
    expect(tradeWinRate.value ?? tradeWinRate.reason).toMatch(/no trade/)
    expect(expectancy.value).toBeUndefined()
  })

  it('an account that is ruined, and one whose equity is no number', () => {
    const ruined = { ...quiet, finalEquity: -5, totalReturn: -1.05, maxDrawdown: -1.05 }
    expect(trialStatistics(ruined, { days: 400 }).sharpe).toEqual({ reason: 'equity fell to zero or below' })
    expect(trialStatistics(ruined, { days: 400 }).cagr.value).toBeUndefined()
    expect(() => trialStatistics({ ...quiet, finalEquity: NaN }, { days: 1 })).toThrow(/trial 3.*NaN/)
  })
})
