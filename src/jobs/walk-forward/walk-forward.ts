import { ConfigError, DataError } from '../../core/errors.js'
import { DAY_MS, durationName } from '../../core/time.js'
import type { ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import { mean } from '../../metrics/moments.js'
import { DAYS_PER_YEAR, totalReturn } from '../../metrics/returns.js'
import { sharpe } from '../../metrics/ratios.js'
import { drawdownSeries, maxDrawdown } from '../../metrics/drawdown.js'
import { equityCurve } from '../../metrics/returns.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import type { WalkForwardReport, WalkForwardWindowReport } from '../../report/index.js'
import { paramStability } from '../../research/walk-forward/choices.js'
import { conditionText } from '../../research/sweep/conditions.js'
import { walkForwardVerdict } from '../../research/walk-forward/verdict.js'
import { drawnFrom } from '../../research/samplers/grid.js'
import type { SamplerName } from '../../research/samplers/sampler.js'
import type { Point, SearchSpace } from '../../research/search-space.js'
import type { Span } from '../../research/splits/time-spans.js'
import { walkForwardResult, walkForwardWindows, type WalkForwardWindow } from '../../research/splits/walk-forward.js' // prettier-ignore
import type { RunData } from '../../store/run-data.js'
import { openStore } from '../../store/store.js'
import { compileStrategy, type CompiledDefinition } from '../../strategy/compile.js'
import type { Strategy } from '../../strategy/define.js'
import { loadReplay } from '../backtest.js'
import type { RunRequest } from '../run.js'
import type { TrialWorkers } from '../trial-workers.js'
import { searchBest, type SearchedBest, type Ranking } from './search-best.js'
import { longestHolding, testWindow, type TestedWindow, withBarsIn } from './test-window.js'
import { isSynthetic } from '../manifest.js'

/** How to walk. */
export interface WalkForwardSettings {
  readonly space: SearchSpace
  readonly ranking: Ranking
  readonly sampler: SamplerName
  /** In each window, at most. */
  readonly trials: number
  readonly seed: number
  /** The newest so many; default: as many as there are days for, at least 6. */
  readonly windows: number | undefined
  readonly trainDays: number
  readonly testDays: number
  readonly isAnchored: boolean
  /** Default: the longest holding of the strategy's own params in the first training. ms. */
  readonly purgeMs: number | undefined
}

export interface WalkForwardRun {
  readonly report: WalkForwardReport
  readonly data: RunData
}

/** Told before each window is searched. */
export type OnWindow = (window: number, windows: number, training: Span) => void

/**
 * Walks forward: searches each training for the best params, replays them on the days that follow, and puts those days together. Throws ConfigError
 * where the data hold too few windows, and what loading and trials throw.
 */
export async function walkForward(
  request: RunRequest,
  strategy: Strategy,
  settings: WalkForwardSettings,
  workers: TrialWorkers,
  onWindow: OnWindow = () => undefined,
): Promise<WalkForwardRun> {
  const preset = request.preset ?? 'default'
  const base = compileStrategy(strategy, { ...request.params, ...settings.space.fixed }, preset)
  const { data, replayed } = await loadReplay(openStore(request.dataFolder), { ...request, strategy: base })
  return { report: await walkWindows(request, strategy, replayed, data, settings, workers, onWindow), data }
}

/** What is walked: how its trials are run and what it is called. */
export type WalkedRequest = Pick<
  RunRequest,
  | 'strategyFile'
  | 'preset'
  | 'params'
  | 'policies'
  | 'startingBalance'
  | 'costs'
  | 'instruments'
  | 'timeframeMs'
>

/** The same on data that are loaded already. */
export async function walkWindows(
  request: WalkedRequest,
  strategy: Strategy,
  replayed: Omit<ReplayOptions, 'strategy'>,
  data: RunData,
  settings: WalkForwardSettings,
  workers: TrialWorkers,
  onWindow: OnWindow = () => undefined,
): Promise<WalkForwardReport> {
  const { strategyFile, policies, startingBalance, costs } = request
  const preset = request.preset ?? 'default'
  const base = compileStrategy(strategy, { ...request.params, ...settings.space.fixed }, preset)
  const purge = purgeOf(settings, { ...replayed, strategy: base })
  const windows = windowsOf(settings, periodOf(replayed), purge.ms)
  const walked: Walked[] = []
  for (const [at, window] of windows.entries()) {
    onWindow(at + 1, windows.length, window.training)
    const { space, ranking, sampler, trials, seed } = settings
    const instruments = withBarsIn(replayed.instruments, window.training)
    if (instruments.length === 0) throw new DataError('no instrument has a bar in a training', { field: 'window', value: at + 1 }) // prettier-ignore
    const best = await searchBest(
      { strategyFile, preset, strategy: base, policies, instruments, startingBalance, costs, space, ranking, sampler, trials, seed, workers },
      window.training,
    ) // prettier-ignore
    const compiled = best.point === undefined ? undefined : compileStrategy(strategy, best.point, preset)
    const tested = compiled && testWindow({ ...replayed, strategy: compiled }, window.test)
    walked.push({ window, best, tested })
  }
  return reportOf(request, base, settings, purge, walked, data)
}

interface Walked {
  readonly window: WalkForwardWindow
  readonly best: SearchedBest
  /** Undefined where nothing was chosen. */
  readonly tested: TestedWindow | undefined
}

/** Whole UTC days that the data cover. */
export function periodOf({
  instruments,
  startTime,
  endTime,
}: Pick<ReplayOptions, 'instruments' | 'startTime' | 'endTime'>): Span {
  const first = Math.min(...instruments.map(({ candles: { openTime } }) => openTime[0] as number))
  const last = Math.max(
    ...instruments.map(({ candles: { openTime, timeframeMs } }) => (openTime.at(-1) as number) + timeframeMs),
  )
  return {
    startMs: Math.ceil(Math.max(first, startTime) / DAY_MS) * DAY_MS,
    endMs: Math.floor(Math.min(last, endTime) / DAY_MS) * DAY_MS,
  }
}

interface Purge {
  readonly ms: number
  readonly words: string
}

/** What a user said, or what the strategy's own params hold in the first training: nothing of a test is looked at. */
function purgeOf({ purgeMs, trainDays }: WalkForwardSettings, options: ReplayOptions): Purge {
  if (purgeMs !== undefined) return { ms: purgeMs, words: 'as given' }
  const { startMs } = periodOf(options)
  const training = { startMs, endMs: startMs + trainDays * DAY_MS }
  const instruments = withBarsIn(options.instruments, training)
  if (instruments.length === 0) return { ms: 0, words: 'no bar in the first training' }
  const result = replay({ ...options, instruments, startTime: startMs, endTime: training.endMs, policies: { ...options.policies, endOfData: 'close' } }) // prettier-ignore
  return { ms: longestHolding(result), words: "longest holding of the strategy's own params in the first training" } // prettier-ignore
}

function windowsOf(
  { windows, trainDays, testDays, isAnchored }: WalkForwardSettings,
  period: Span,
  purgeMs: number,
): readonly WalkForwardWindow[] {
  const wanted = windows === undefined ? undefined : (trainDays + windows * testDays) * DAY_MS
  if (wanted !== undefined && wanted > period.endMs - period.startMs)
    throw new ConfigError(
      `${windows} windows of ${testDays} days after ${trainDays} days of training need ${wanted / DAY_MS} days, the data hold ${(period.endMs - period.startMs) / DAY_MS}`,
      { field: '--windows', value: windows },
    )
  const used = wanted === undefined ? period : { ...period, startMs: period.endMs - wanted }
  const plan = walkForwardWindows({ period: used, trainDays, testDays, isAnchored, purgeMs })
  if ('reason' in plan) throw new ConfigError(plan.reason, { field: '--train and --test', value: `${trainDays}d and ${testDays}d` }) // prettier-ignore
  return plan
}

function reportOf(
  request: WalkedRequest,
  base: CompiledDefinition,
  settings: WalkForwardSettings,
  purge: Purge,
  walked: readonly Walked[],
  data: RunData,
): WalkForwardReport {
  const result = walkForwardResult(
    walked.map(({ best, tested }) => ({
      inSample: best.point === undefined ? new Float64Array(0) : best.dailyReturns,
      outOfSample: tested?.returns ?? new Float64Array(0),
    })),
  )
  const { outOfSample, netReturn, efficiency, gainingWindows } = result
  const time = walked.flatMap(({ tested }) => [...(tested?.time ?? [])])
  const { space, ranking, sampler, trials, seed, trainDays, testDays, isAnchored } = settings
  const points = sampler === 'grid' ? drawnFrom(space, trials) : undefined
  return {
    strategy: base.name,
    preset: request.preset,
    instruments: request.instruments.map(({ id }) => id),
    timeframeMs: request.timeframeMs,
    synthetic: isSynthetic(data, request.instruments),
    dimensions: space.dimensions,
    fixed: space.fixed,
    constraints: space.constraints.map(({ left, operator, right }) => `${left}${operator}${right}`),
    conditions: ranking.conditions.map(conditionText),
    objective: ranking.objective.key,
    sampler,
    trials,
    ...(points === undefined ? {} : { drawnFrom: points }),
    seed,
    trainDays,
    testDays,
    isAnchored,
    purgeMs: purge.ms,
    purgeFrom: purge.words,
    windows: walked.map(windowReport),
    params: paramStability(space.dimensions, walked.map(({ best }): Point | undefined => best.point)),
    netReturn,
    efficiency,
    gainingWindows,
    sharpe: sharpe(outOfSample),
    maxDrawdown: outOfSample.length === 0 ? unknown('no day out of sample') : maxDrawdown(drawdownSeries(equityCurve(outOfSample), 1)),
    outOfSample: { time, returns: [...outOfSample] },
    ...walkForwardVerdict(result, longestTest(walked) > purge.ms),
    warnings: warningsOf(walked, purge),
  }
} // prettier-ignore

function windowReport({ window, best, tested }: Walked): WalkForwardWindowReport {
  const none = unknown(best.point === undefined ? best.reason : 'no day')
  return {
    training: window.training,
    test: window.test,
    tried: best.tried,
    choosable: best.choosable,
    params: best.point,
    inSampleYearly: best.point === undefined ? none : yearlyMean(best.dailyReturns),
    outOfSampleYearly: tested === undefined ? none : yearlyMean(tested.returns),
    outOfSampleReturn: tested === undefined ? none : totalReturn(tested.returns),
    trades: tested?.trades,
  }
}

/** Mean daily return, times the days of a year. */
function yearlyMean(returns: Float64Array): Statistic {
  return returns.length === 0 ? unknown('no whole day') : known(mean(returns) * DAYS_PER_YEAR)
}

/** The longest that a trade of a test was held, ms. */
function longestTest(walked: readonly Walked[]): number {
  return Math.max(...walked.map(({ tested }) => tested?.longestHoldingMs ?? 0))
}

function warningsOf(walked: readonly Walked[], purge: Purge): string[] {
  const warnings: string[] = []
  for (const [at, { best, tested }] of walked.entries()) {
    const window = `Window ${at + 1}`
    if (best.point === undefined) warnings.push(`${window}: ${best.reason}.`)
    if (tested?.isRuined === true) warnings.push(`${window}: the account was lost.`)
  }
  const longest = longestTest(walked)
  const days = Math.ceil(longest / DAY_MS)
  if (longest > purge.ms)
    warnings.push(
      `A trade of a test was held ${(longest / DAY_MS).toFixed(1)} days, longer than the purge of ${purge.ms === 0 ? '0 days' : `${(purge.ms / DAY_MS).toFixed(1)} days`}: walk again with --purge ${durationName(days * DAY_MS)}.`,
    )
  const trades = walked.reduce((sum, { tested }) => sum + (tested?.trades ?? 0), 0)
  if (trades < FEW_TRADES) warnings.push(`${trades} trades out of sample: too few to tell skill from luck.`)
  return warnings
}

const FEW_TRADES = 100
