import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { termsAt } from '../core/instrument-terms.js'
import type { Policies } from '../core/policies.js'
import type { BacktestResult } from '../core/result.js'
import type { TimeRange } from '../core/time.js'
import type { CostSettings, ReplayOptions } from '../engine/options.js'
import { effectivePolicies, replay } from '../engine/replay.js'
import { computeMetrics, type HoldCosts, type MetricsReport } from '../metrics/index.js'
import type { DetailUse, InstrumentSignals, RunCharts } from '../report/index.js'
import { measureSensitivity, type Play, type Sensitivity } from '../research/sensitivity.js'
import { loadCandlesInside } from '../store/load-candles.js'
import { FINER_CANDLES, FUNDING_PAYMENTS, resolveRunData, type RunData } from '../store/run-data.js'
import { openStore, storeManifest, type Store } from '../store/store.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { termsTimelines } from '../trading/state.js'
import { DetailedReplays } from './detailed-replays.js'
import { ChartCollector } from './run-charts.js'
import { inspectSignals } from './signals.js'
import { isSynthetic } from './manifest.js'

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
  /** Candles of this timeframe decide what a bar leaves undecided, wherever they are stored; left out, the policy decides all of it. */
  readonly detailMs?: number
  /** Replays the run under other assumptions too, up to 24 times; `where-quick`: where that is a matter of seconds. Default: false. */
  readonly sensitivity?: boolean | 'where-quick'
  /** Of whatever is drawn by chance: which ids are shuffled. */
  readonly seed?: number | null
}

export interface Backtest {
  /** Undecided bars taken against us, unless the run's own policies say otherwise. */
  readonly result: BacktestResult
  readonly metrics: MetricsReport
  readonly optimistic: { readonly finalEquity: number; readonly trades: number }
  /** Undefined where no finer candles were asked for. */
  readonly detail: DetailUse | undefined
  /** Undefined where it was not asked for. */
  readonly sensitivity: Sensitivity | undefined
  readonly policies: Policies
  readonly data: RunData
  readonly signals: readonly InstrumentSignals[]
  /** What the charts of its report need. */
  readonly charts: RunCharts
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
  const { strategy, range, detailMs } = options
  const store = openStore(options.dataFolder)
  const { data, replayed } = await loadReplay(store, options)
  const replays = detailMs === undefined ? undefined : detailedReplays(store, options, data, detailMs)
  const play: Play = (changed) => replays?.play(changed) ?? Promise.resolve(replay(changed))
  const result = await play(replayed)
  const costsOfHolding = holdCosts(options, data)
  const charts = new ChartCollector(result, costsOfHolding)
  const signals = inspectSignals(strategy, data.instruments, range, (one, seen) => charts.add(one, seen))
  return {
    result,
    metrics: computeMetrics(result, { holdCosts: costsOfHolding, riskFreeRate: strategy.riskFreeRate }),
    optimistic: await optimisticOutcome(replayed, result, play),
    detail: replays?.useOf(result),
    sensitivity: isSensitivityWanted(options, result)
      ? await measureSensitivity(replayed, result, chanceOf(options.seed ?? 0), play)
      : undefined,
    policies: effectivePolicies(replayed),
    data,
    signals,
    charts: charts.charts(),
    warmUpStartTime: Math.min(...data.instruments.map(({ candles }) => candles.openTime[0] ?? Infinity)),
    synthetic: isSynthetic(data, options.instruments),
    missingBars: Object.fromEntries(
      data.instruments.map((one) => [one.instrument.id, missingWithin(one.candles, range)]),
    ),
  }
}

/** The data of a backtest and the replay that is made of them. Throws as `runBacktest`. */
export async function loadReplay(
  store: Store,
  options: BacktestOptions,
): Promise<{ readonly data: RunData; readonly replayed: ReplayOptions }> {
  const { strategy, range } = options
  const data = await loadRunData(store, options)
  const missing = data.instruments.find(({ candles }) => barsWithin(candles, range) === 0)
  if (missing !== undefined) {
    throw new DataError('the range holds no bar of this instrument', {
      field: 'instrument',
      value: missing.instrument.id,
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
  return { data, replayed }
}

/** Bars that replays under other assumptions may take together without being asked for: some seconds. */
const QUICK_BARS = 3_000_000
/** Replays of a run of one instrument, and of several, whose ids are shuffled too. */
const VARIANTS = { one: 4, several: 23 } as const

/** By the size of the run, never by the clock: equal inputs must have equal results. */
function isSensitivityWanted(
  { sensitivity = false, instruments }: BacktestOptions,
  { funnel }: BacktestResult,
): boolean {
  if (sensitivity !== 'where-quick') return sensitivity
  return funnel.bars * (instruments.length === 1 ? VARIANTS.one : VARIANTS.several) <= QUICK_BARS
}

function detailedReplays(
  store: Store,
  { timeframeMs }: BacktestOptions,
  { instruments, used }: RunData,
  detailMs: number,
): DetailedReplays {
  return new DetailedReplays(detailMs, async (index, openTimes) => {
    const id = instruments[index]?.instrument.id ?? ''
    const isStored = used.some(({ use, instrumentId }) => use === FINER_CANDLES && instrumentId === id)
    return isStored ? loadCandlesInside(store, id, detailMs, { openTimes, timeframeMs }) : undefined
  })
}

/** Numbers drawn by chance, the same for the same seed. */
export function chanceOf(seed: number): (below: number) => number {
  const generator = xoroshiro128plus(seed)
  return (below) => uniformInt(generator, 0, below - 1)
}

/** What a backtest of these options reads: the series that feed the strategy, or the ones named instead. */
export async function loadRunData(store: Store, options: BacktestOptions): Promise<RunData> {
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
    {
      range,
      overrides,
      marks: options.strategy.risk.leverage > 1,
      ...(options.detailMs === undefined ? {} : { detailMs: options.detailMs }),
    },
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

/** The same run with undecided bars taken in its favour. */
async function optimisticOutcome(
  options: ReplayOptions,
  result: BacktestResult,
  play: Play,
): Promise<Backtest['optimistic']> {
  if (result.questions.every(({ isAnswered }) => isAnswered))
    return { finalEquity: result.finalEquity, trades: result.trades.length }
  const optimistic = await play({ ...options, policies: { ...options.policies, undecided: 'optimistic' } })
  return { finalEquity: optimistic.finalEquity, trades: optimistic.trades.length }
}

/** What holding would have cost: taker fees as the run's at their time, its slippage and spread, and the funding it pays. */
export function holdCosts(
  { instruments, costs }: Pick<BacktestOptions, 'instruments' | 'costs'>,
  data: RunData,
): HoldCosts {
  const { takerFee: override, slippageBps, halfSpreadBps = 0 } = costs
  const timelines = termsTimelines({ instruments, ...(override === undefined ? {} : { takerFee: override }) })
  const takerFee = Object.fromEntries(
    timelines.map((timeline, index) => {
      const feeAt = (time: number): number => termsAt(timeline, time).takerFee
      return [instruments[index]?.id ?? '', feeAt] as const
    }),
  )
  const funding = Object.fromEntries(
    data.instruments.flatMap((one) =>
      one.funding === undefined ? [] : [[one.instrument.id, one.funding] as const],
    ),
  )
  return { takerFee, slippageBps, halfSpreadBps, funding }
}

function barsWithin({ openTime, timeframeMs }: Candles, range: TimeRange): number {
  return openTime.reduce(
    (count, time) => count + (time >= range.startMs && time + timeframeMs <= range.endMs ? 1 : 0),
    0,
  )
}

/** Bars missing between the first and the last bar of a range. */
export function missingWithin({ openTime, timeframeMs }: Candles, range: TimeRange): number {
  let missing = 0
  for (let bar = 1; bar < openTime.length; bar++) {
    if (openTime[bar - 1]! < range.startMs || openTime[bar]! + timeframeMs > range.endMs) continue
    missing += Math.round((openTime[bar]! - openTime[bar - 1]!) / timeframeMs) - 1
  }
  return missing
}
