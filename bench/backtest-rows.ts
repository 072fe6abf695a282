import {
  compileStrategy,
  computeMetrics,
  MINUTE_MS,
  replay,
  type BacktestResult,
  type Candles,
  type CompiledDefinition,
  type FactColumns,
  type MetricsReport,
  type ReplayOptions,
  type Strategy,
} from 'baleen'
import { secondsOfSync } from './clock.js'
import { WrongAnswer, type BenchmarkRow } from './harness.js'
import { hashOf, resultHash } from './hash.js'
import { instrumentNamed, once, smartMoneyFacts, walk } from './market.js'
import smaCross from '../strategies/sma-cross.js'
import smartMoney from '../strategies/smart-money.js'
import trendBreakout from '../strategies/trend-breakout.js'

export interface Backtest {
  readonly result: BacktestResult
  readonly metrics: MetricsReport
}

/** A run and every figure of its report, as the command line asks for them. */
export function backtest(strategy: CompiledDefinition, options: Omit<ReplayOptions, 'strategy'>): Backtest {
  const result = replay({ ...options, strategy })
  const { instruments, costs } = options
  const takerFee = Object.fromEntries(
    instruments.map(({ instrument }) => [instrument.id, instrument.takerFee]),
  )
  const holdCosts = { takerFee, slippageBps: costs.slippageBps }
  return { result, metrics: computeMetrics(result, { holdCosts, riskFreeRate: strategy.riskFreeRate }) }
}

export function backtestHash({ result, metrics }: Backtest): string {
  return hashOf(resultHash(result), JSON.stringify(metrics))
}

/** @throws WrongAnswer where bars one by one say anything else */
export function expectSameResult(name: string, fast: BacktestResult, slow: BacktestResult): void {
  const trades = ({ trades }: BacktestResult): string => JSON.stringify(trades)
  if (resultHash(fast) === resultHash(slow) && trades(fast) === trades(slow)) return
  throw new WrongAnswer(
    `${name}: skipping ends with ${fast.finalEquity} after ${fast.trades.length} trades, bars one by one with ${slow.finalEquity} after ${slow.trades.length}`,
  )
}

function backtestRow(strategy: Strategy, facts: () => Readonly<Record<string, FactColumns>>): BenchmarkRow {
  const compiled = compileStrategy(strategy)
  const name = `backtest-${strategy.name}`
  let options: Omit<ReplayOptions, 'strategy'>
  return {
    name,
    bars: MILLION,
    trials: 1,
    floor: { value: 10, unit: 'M bars/s' },
    prepare: async () => {
      options = {
        instruments: [
          { instrument: instrumentNamed('BTC'), candles: million(), funding: undefined, facts: facts() },
        ],
        startTime: -Infinity,
        endTime: Infinity,
        startingBalance: 10_000,
        costs: { slippageBps: 1 },
      }
    },
    run: () => backtest(compiled, options),
    hash: backtestHash,
    reference: ({ result }: Backtest) => {
      const [slow, seconds] = secondsOfSync(() =>
        replay({ ...options, strategy: compiled, path: 'bar-by-bar' }),
      )
      expectSameResult(name, result, slow)
      return MILLION / 1e6 / seconds
    },
  }
}

/** A million minutes. */
export const MILLION = 1_000_000
export const million: () => Candles = once(() => walk(MILLION, MINUTE_MS, 2))

/** One whole backtest of each shipped strategy: trades, equity curve, every metric. */
export function backtestRows(): BenchmarkRow[] {
  return [
    backtestRow(smaCross, () => ({})),
    backtestRow(trendBreakout, () => ({})),
    backtestRow(smartMoney, () => smartMoneyFacts(million())),
  ]
}
