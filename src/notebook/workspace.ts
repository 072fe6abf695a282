import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Candles } from '../core/columns.js'
import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { parseInstruments } from '../core/parse-instruments.js'
import { parseDuration, parseTimeRange } from '../core/time.js'
import { runBacktest, type Backtest, type BacktestOptions } from '../jobs/backtest.js'
import { compareStoredRuns } from '../jobs/compare-runs.js'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { stableJson } from '../jobs/json.js'
import { recordBacktest, recordRun, recordWalkForward } from '../jobs/ledger-run.js'
import { versions } from '../jobs/package-info.js'
import { executeRun, type ExecutedRun, type RunRequest } from '../jobs/run.js'
import { storeRun, type StoredRun } from '../jobs/run-store.js'
import { simulateIntoStore, type SimulationOptions } from '../jobs/simulated-data.js'
import { sourceHash } from '../jobs/strategy-source.js'
import { findStrategyFile, loadStrategyFile } from '../jobs/strategy-file.js'
import { sweepAsked } from '../jobs/sweep/asked.js'
import { prepareSweep } from '../jobs/sweep/prepare.js'
import { requireReplicates } from '../jobs/sweep/random-entry.js'
import { runSweep } from '../jobs/sweep/run-sweep.js'
import { sweepReport } from '../jobs/sweep/sweep-page.js'
import { DEFAULT_SWEEPS_FOLDER } from '../jobs/sweep/sweep-store.js'
import { TrialWorkers } from '../jobs/trial-workers.js'
import { walkForward } from '../jobs/walk-forward/walk-forward.js'
import { measureRun } from '../metrics/measured-run.js'
import type { Comparison } from '../report/comparison.js'
import type { SweepReport } from '../report/sweep-report.js'
import type { WalkForwardReport } from '../report/walk-forward-report.js'
import type { SamplerName } from '../research/samplers/sampler.js'
import { spaceSize } from '../research/search-space.js'
import { parseSearch } from '../research/search-syntax.js'
import { returnHash } from '../research/overfitting/trial-returns.js'
import { parseConditions } from '../research/sweep/conditions.js'
import type { RandomEntryWhen } from '../research/sweep/assess-sweep.js'
import { parseObjective, type StatisticKey } from '../research/sweep/objective.js'
import { loadCandles } from '../store/load-candles.js'
import { hashText } from '../store/files.js'
import { openStore, type Store } from '../store/store.js'
import { compileStrategy } from '../strategy/compile.js'
import type { Strategy } from '../strategy/define.js'
import { querySeries, type SqlRow } from './sql.js'

/** Where a notebook works: stored data, what is traded, and where results lie. */
export interface WorkspaceOptions {
  /** Default: the data folder's `instruments.json`, else the one of the working folder. */
  readonly instruments?: readonly Instrument[]
  /** Holds `strategies/` and `.baleen/`, where runs, sweeps and the ledger of trials lie as the command line has them. Default: the current folder. */
  readonly workingFolder?: string
}

/** Settings of a backtest; what is left out is as `baleen backtest` has it. */
export interface RunSettings {
  readonly params?: Readonly<Record<string, number | string | boolean>>
  readonly preset?: string
  /** Ids; default: all of the workspace. */
  readonly instruments?: readonly string[]
  /** Default: `1h`. */
  readonly timeframe?: string
  /** UTC days, the last one included: `2024-01-01..2024-06-30`. Default: all data. */
  readonly timerange?: string
  /** Quote units. Default: 10,000. */
  readonly balance?: number
  /** Default: slippage of 1 basis point, the instruments' own fees. */
  readonly costs?: BacktestOptions['costs']
  readonly policies?: BacktestOptions['policies']
  /** Default: `settled`. */
  readonly funding?: 'settled' | 'none'
  /** Fact name → series. */
  readonly facts?: Readonly<Record<string, string>>
  readonly seed?: number
}

/** What a search tries; texts as on the command line. */
export interface SearchSettings extends Omit<RunSettings, 'params'> {
  /** `fast=5:50:5`, `size=0.01:1:log`, `mode=a,b`, `fast=12` (fixed); default: every param over its range. */
  readonly search?: readonly string[]
  /** `fast<slow` between params, `trades>=30` on what came of a trial. */
  readonly constraints?: readonly string[]
  /** Default: `sharpe`. */
  readonly objective?: StatisticKey
  /** Default: `grid`. */
  readonly sampler?: SamplerName
  /** At most; default: the whole grid, else 200. */
  readonly trials?: number
  /** Threads; any number gives the same result. Default: 2. */
  readonly threads?: number
  /** Of sweeps: whether entries at other times are tried, which takes long. Default: `decisive`, where everything else holds. */
  readonly randomEntry?: RandomEntryWhen
  /** 19 to 999 of them at most; 19 and 99 decide at 5 % as exactly, and see less. Default: 999. */
  readonly randomEntryReplicates?: number
}

export interface WalkForwardSearch extends SearchSettings {
  readonly trainDays: number
  /** 30 to 90. */
  readonly testDays: number
  /** Training begins at the start and grows. Default: false. */
  readonly isAnchored?: boolean
  /** Training ends so long before its test: `7d`. Default: the longest holding of the strategy's own params in the first training. */
  readonly purge?: string
}

/** A run as it was made, and where it lies. */
export interface NotebookRun extends ExecutedRun {
  readonly stored: StoredRun
}

/**
 * What a notebook asks of stored data, with the defaults of the command line. A strategy is the name of a file (`strategies/NAME.ts`, or one that comes with the
 * package) or a path; a backtest also takes a strategy that was just written in a cell. What runs on threads or is stored must lie in a file.
 */
export interface Workspace {
  readonly dataFolder: string
  readonly store: Store
  readonly instruments: readonly Instrument[]
  /** Candles of an instrument. Throws DataError listing what there is where they are absent. */
  candles(instrumentId: string, timeframe?: string): Promise<Candles>
  /** Asks the stored files by SQL of DuckDB: see `querySeries`. */
  sql(text: string): Promise<readonly SqlRow[]>
  /** Replays, measures and counts in the ledger of trials; stores nothing else. Throws as `runBacktest`. */
  backtest(strategy: Strategy | string, settings?: RunSettings): Promise<Backtest>
  /** The same as `baleen backtest`: stored, counted in the ledger, with a report. */
  run(strategy: string, settings?: RunSettings): Promise<NotebookRun>
  /** Stored runs side by side, by ids; the first is what the others differ from. */
  compare(...runIds: readonly string[]): Promise<Comparison>
  /** The same as `baleen sweep`: stored, counted in the ledger, judged. One that was begun goes on, one that is finished is read. */
  sweep(strategy: string, settings?: SearchSettings): Promise<SweepReport>
  /** The same as `baleen walkforward`: counted in the ledger, not stored. */
  walkForward(strategy: string, settings: WalkForwardSearch): Promise<WalkForwardReport>
}

/** Where `runs`, `sweeps` and the ledger lie inside a working folder. */
const RUNS_FOLDER = '.baleen/runs'
const SPACE_FILLING_TRIALS = 200

/** Opens stored data for a notebook. Touches nothing on disk. Throws ConfigError where no instruments file is there or it is wrong. */
export function openWorkspace(dataFolder: string = 'data', options: WorkspaceOptions = {}): Workspace {
  const workingFolder = resolve(options.workingFolder ?? '.')
  const folder = resolve(workingFolder, dataFolder)
  const store = openStore(folder)
  const instruments = options.instruments ?? readInstruments(folder, workingFolder)
  const inside = (name: string): string => join(workingFolder, name)

  return {
    dataFolder: folder,
    store,
    instruments,
    candles: (instrumentId, timeframe = '1h') => loadCandles(store, instrumentId, parseDuration(timeframe, 'timeframe')), // prettier-ignore
    sql: (text) => querySeries(store, text),
    backtest: async (strategy, settings = {}) => {
      const file = typeof strategy === 'string' ? findStrategyFile(strategy, workingFolder) : undefined
      const definition = typeof strategy === 'string' ? await loadStrategyFile(file as string) : strategy
      const compiled = compileStrategy(definition, settings.params ?? {}, settings.preset ?? 'default')
      const options = asked(settings)
      const backtest = await runBacktest({ ...options, strategy: compiled })
      const { name, params } = compiled
      // The text of a cell is not known: its strategies hang together by their names, and are told apart by what came of them.
      const of = { strategy: name, sourceHash: file === undefined ? hashText(`cell ${name}`) : sourceHash(file) } // prettier-ignore
      const { costs, policies, range, timeframeMs, startingBalance } = options
      const returns = returnHash(measureRun(backtest.result).daily)
      const question = { of, returns, params, costs, policies, range, timeframeMs, startingBalance, data: backtest.data.dataHash } // prettier-ignore
      const from = `notebook/${hashText(stableJson(question)).slice(0, 16)}`
      await recordBacktest(inside(DEFAULT_LEDGER_FOLDER), from, of, options.instruments, backtest.result)
      return backtest
    },
    run: async (strategy, settings = {}) => {
      const request = requestOf(strategy, settings)
      const executed = await executeRun(request)
      const stored = await storeRun(inside(RUNS_FOLDER), executed.files)
      await recordRun(inside(DEFAULT_LEDGER_FOLDER), stored.id, request.strategyFile, executed)
      return { ...executed, stored }
    },
    compare: (...runIds) => compareStoredRuns(inside(RUNS_FOLDER), runIds),
    sweep,
    walkForward: async (strategy, settings) => {
      const request = requestOf(strategy, settings)
      const definition = await loadStrategyFile(request.strategyFile)
      const { space, conditions, objective, sampler, trials } = searchOf(definition, settings)
      const { trainDays, testDays, isAnchored = false, seed = 0 } = settings
      const ranking = { objective: parseObjective(objective), conditions }
      const workers = new TrialWorkers(settings.threads ?? 2)
      const walk = { space, ranking, sampler, trials, seed, windows: undefined, trainDays, testDays, isAnchored, purgeMs: settings.purge === undefined ? undefined : parseDuration(settings.purge, 'purge') } // prettier-ignore
      const { report } = await walkForward(request, definition, walk, workers).finally(() => workers.close())
      const from = `notebook/${returnHash(Float64Array.from(report.outOfSample.returns))}`
      await recordWalkForward(
        inside(DEFAULT_LEDGER_FOLDER),
        from,
        request.strategyFile,
        request.instruments,
        report,
      )
      return report
    },
  }

  function asked({ instruments: ids, timeframe = '1h', timerange, ...settings }: RunSettings): Omit<BacktestOptions, 'strategy'> {
    return {
      dataFolder: folder,
      instruments: ids === undefined ? instruments : ids.map(named),
      timeframeMs: parseDuration(timeframe, 'timeframe'),
      range: timerange === undefined ? { startMs: -Infinity, endMs: Infinity } : parseTimeRange(timerange),
      startingBalance: settings.balance ?? 10_000,
      costs: settings.costs ?? { slippageBps: 1 },
      policies: settings.policies ?? {},
      funding: settings.funding ?? 'settled',
      factOverrides: settings.facts ?? {},
      seed: settings.seed ?? null,
    }
  } // prettier-ignore

  function named(id: string): Instrument {
    const found = instruments.find((one) => one.id === id)
    if (found !== undefined) return found
    throw new ConfigError(`the workspace has no such instrument; it has ${instruments.map((one) => one.id).join(', ')}`, { field: 'instruments', value: id }) // prettier-ignore
  }

  function requestOf(strategy: string, settings: RunSettings): RunRequest {
    return {
      ...asked(settings),
      seed: settings.seed ?? null,
      strategyFile: findStrategyFile(strategy, workingFolder),
      strategyPath: strategy,
      preset: settings.preset ?? null,
      params: settings.params ?? {},
      command: 'asked in a notebook',
    }
  }

  async function sweep(strategy: string, settings: SearchSettings = {}): Promise<SweepReport> {
    const { randomEntryReplicates: most } = settings
    if (most !== undefined) requireReplicates('randomEntryReplicates', most)
    const run = requestOf(strategy, settings)
    const definition = await loadStrategyFile(run.strategyFile)
    const prepared = await prepareSweep({
      strategyFile: run.strategyFile,
      dataFolder: folder,
      asked: sweepAsked(definition, run, searchOf(definition, settings)),
    })
    const { sweep: of, result } = await runSweep(prepared, {
      sweepsFolder: inside(DEFAULT_SWEEPS_FOLDER),
      ledgerFolder: inside(DEFAULT_LEDGER_FOLDER),
      created: { createdAt: new Date().toISOString(), strategyPath: strategy, dataFolder: folder, command: run.command, workingFolder, versions: versions() }, // prettier-ignore
      workers: settings.threads ?? 2,
      resume: true,
      randomEntry: settings.randomEntry ?? 'decisive',
      ...(most !== undefined && { mostReplicates: most }),
      availableMemory: process.availableMemory(),
    })
    return sweepReport(of, result, () => undefined)
  }
}

/** What a search tries, and by what it ranks. Throws ConfigError naming the param. */
function searchOf(definition: Strategy, settings: SearchSettings) {
  const { constraints, conditions } = parseConditions(definition.params, settings.constraints ?? [])
  const { params } = compileStrategy(definition, {}, settings.preset ?? 'default')
  const space = parseSearch(definition.params, settings.search ?? [], constraints, params)
  const sampler = settings.sampler ?? 'grid'
  const size = spaceSize(space)
  const trials = Math.min(settings.trials ?? (sampler === 'grid' ? size : SPACE_FILLING_TRIALS), size)
  return { space, conditions, objective: settings.objective ?? 'sharpe', sampler, trials } as const
}

function readInstruments(dataFolder: string, workingFolder: string): readonly Instrument[] {
  const places = [dataFolder, workingFolder].map((place) => join(place, 'instruments.json'))
  const file = places.find((place) => existsSync(place))
  if (file === undefined)
    throw new ConfigError('there is no instruments file: it lists ticks, lots, minimum notionals and fees (docs/instruments.md)', { file: join(dataFolder, 'instruments.json') }) // prettier-ignore
  return parseInstruments(JSON.parse(readFileSync(file, 'utf8')), file).map((entry) => entry.instrument(undefined)) // prettier-ignore
}

/**
 * A workspace on an invented market, which is made in the data folder where it is not there yet. Everything in it is **synthetic**: equal options give equal
 * numbers. Throws ConfigError where the folder holds real series or another invented market.
 */
export async function syntheticWorkspace(
  dataFolder: string,
  market: SimulationOptions,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  const folder = resolve(options.workingFolder ?? '.', dataFolder)
  const { instruments } = await simulateIntoStore(market, { folder, now: Date.now() })
  return openWorkspace(folder, { ...options, instruments })
}
