import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import type { Policies } from '../core/policies.js'
import type { BacktestResult } from '../core/result.js'
import type { TimeRange } from '../core/time.js'
import type { CostSettings, ReplayOptions } from '../engine/options.js'
import { effectivePolicies, replay } from '../engine/replay.js'
import { computeMetrics, type HoldCosts, type MetricsReport } from '../metrics/index.js'
import type { InstrumentSignals } from '../report/index.js'
import { FUNDING_PAYMENTS, resolveRunData, type RunData } from '../store/run-data.js'
import { openStore, storeManifest } from '../store/store.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { inspectSignals } from './signals.js'

/** What is to be replayed, every choice made. */
export interface BacktestOptions {
  readonly strategy: CompiledDefinition
  readonly dataFolder: string
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  readonly range: TimeRange
  /** Open of the first bar that features may see; all bars before the range where it is left out. UTC ms. */
  readonly warmUpStartTime?: number
  readonly startingBalance: number
  readonly costs: CostSettings
  readonly policies: Partial<Policies>
  /** `none`: perpetuals pay no funding, and the run says so. */
  readonly funding: 'settled' | 'none'
  /** Fact name → series of the store, `none` to leave it out. */
  readonly factOverrides: Readonly<Record<string, string>>
}

export interface Backtest {
  /** Undecided bars taken against us, unless the run's own policies say otherwise. */
  readonly result: BacktestResult
  readonly metrics: MetricsReport
  readonly optimistic: { readonly finalEquity: number; readonly trades: number }
  readonly policies: Policies
  readonly data: RunData
  readonly signals: readonly InstrumentSignals[]
  readonly warmUpStartTime: number
  readonly synthetic: boolean
  /** Bars missing between the first and the last of the run, by instrument id. */
  readonly missingBars: Readonly<Record<string, number>>
}

/**
 * Loads what a strategy reads and replays it. Throws ConfigError for settings that cannot be run, DataError where candles or
 * the funding of a perpetual are missing.
 */
export async function runBacktest(options: BacktestOptions): Promise<Backtest> {
  const { strategy, range } = options
  const data = await loadRunData(options)
  const inRange = data.instruments.filter(({ candles }) => barsWithin(candles, range) > 0)
  if (inRange.length < data.instruments.length) {
    const missing = data.instruments.find(({ candles }) => barsWithin(candles, range) === 0)
    throw new DataError('the range holds no bar of this instrument', {
      field: 'instrument',
      value: missing?.instrument.id,
    })
  }
  const replayed: ReplayOptions = {
    strategy,
    instruments: data.instruments,
    startTime: range.startMs,
    endTime: range.endMs,
    startingBalance: options.startingBalance,
    costs: options.costs,
    policies: options.policies,
  }
  const result = replay(replayed)
  return {
    result,
    metrics: computeMetrics(result, {
      holdCosts: holdCosts(options, data),
      riskFreeRate: strategy.riskFreeRate,
    }),
    optimistic: optimisticOutcome(replayed, result),
    policies: effectivePolicies(replayed),
    data,
    signals: inspectSignals(strategy, data.instruments, range),
    warmUpStartTime: Math.min(...data.instruments.map(({ candles }) => candles.openTime[0] ?? Infinity)),
    synthetic:
      data.used.some(({ flags }) => flags.includes('synthetic')) ||
      options.instruments.some(({ venue }) => venue === 'synthetic'),
    missingBars: Object.fromEntries(
      data.instruments.map((one) => [one.instrument.id, missingWithin(one.candles, range)]),
    ),
  }
}

async function loadRunData(options: BacktestOptions): Promise<RunData> {
  const store = openStore(options.dataFolder)
  const stored = (await storeManifest(store)).series
  const preferred = Object.entries(options.strategy.series).filter(([, seriesId]) => seriesId in stored)
  const overrides = { ...Object.fromEntries(preferred), ...options.factOverrides }
  const hasPerpetual = options.instruments.some(({ kind }) => kind === 'perpetual')
  if (options.funding === 'none' && hasPerpetual) overrides[FUNDING_PAYMENTS] = 'none'
  const range = { startMs: options.warmUpStartTime ?? -Infinity, endMs: options.range.endMs }
  const data = await resolveRunData(
    store,
    options.instruments,
    options.timeframeMs,
    options.strategy.factsRead,
    { range, overrides },
  )
  for (const { instrument, funding } of data.instruments) {
    if (instrument.kind === 'perpetual' && funding === undefined && options.funding !== 'none') {
      throw new DataError(
        'a perpetual pays or receives funding and the data folder has no settled rates for it: import them (baleen data import FILE --as funding), or leave funding out explicitly with --funding none',
        { file: options.dataFolder, field: 'instrument', value: instrument.id },
      )
    }
  }
  return data
}

/** The same run with undecided bars taken in its favour; nothing is undecided where no exit was. */
function optimisticOutcome(options: ReplayOptions, result: BacktestResult): Backtest['optimistic'] {
  if (result.undecidedExits === 0) return { finalEquity: result.finalEquity, trades: result.trades.length }
  const optimistic = replay({ ...options, policies: { ...options.policies, undecided: 'optimistic' } })
  return { finalEquity: optimistic.finalEquity, trades: optimistic.trades.length }
}

/** What holding would have cost: taker fees as the run's, its slippage, and the funding it pays. */
function holdCosts(options: BacktestOptions, data: RunData): HoldCosts {
  const takerFee = Object.fromEntries(
    options.instruments.map(({ id, takerFee }) => [id, options.costs.takerFee ?? takerFee] as const),
  )
  const funding = Object.fromEntries(
    data.instruments.flatMap((one) =>
      one.funding === undefined ? [] : [[one.instrument.id, one.funding] as const],
    ),
  )
  return { takerFee, slippageBps: options.costs.slippageBps, funding }
}

function barsWithin({ openTime, timeframeMs }: Candles, range: TimeRange): number {
  return openTime.reduce(
    (count, time) => count + (time >= range.startMs && time + timeframeMs <= range.endMs ? 1 : 0),
    0,
  )
}

function missingWithin({ openTime, timeframeMs }: Candles, range: TimeRange): number {
  let missing = 0
  for (let bar = 1; bar < openTime.length; bar++) {
    if (openTime[bar - 1]! < range.startMs || openTime[bar]! + timeframeMs > range.endMs) continue
    missing += Math.round((openTime[bar]! - openTime[bar - 1]!) / timeframeMs) - 1
  }
  return missing
}
