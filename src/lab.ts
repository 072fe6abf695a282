/**
 * `baleen/lab`: what notebooks and scripts use beside `baleen`: stored data, replays, metrics, the run store, the simulator.
 * Unlike `baleen` it touches files. Nothing in a strategy may import it.
 */
export * from './index.js'

// Stored data
export { openStore, storeManifest, type Store } from './store/store.js'
export { importFile } from './store/import.js'
export type { ImportOptions, ImportReport } from './store/import-options.js'
export { loadFacts, loadFunding } from './store/load.js'
export { loadCandles } from './store/load-candles.js'
export { resolveRunData, type RunData, type RunDataOptions } from './store/run-data.js'

// Replays and what they amount to
export { replay } from './engine/replay.js'
export type { CostSettings, InstrumentData, ReplayOptions } from './engine/options.js'
export {
  computeMetrics,
  formatMetric,
  formatStatistic,
  formatValue,
  type MetricsReport,
} from './metrics/index.js'
export { runBacktest, type Backtest, type BacktestOptions } from './jobs/backtest.js'

// Sweeps: many trials over one market
export { prepareMarket, type MarketOptions as TrialMarketOptions } from './engine/market.js'
export type { Market } from './engine/simulation.js'
export { wholeDays } from './engine/timeline.js'
export type { RoomForReturns } from './engine/room-for-returns.js'
export { runTrials, type TrialOptions, type TrialOutcome, type UsedTiles } from './engine/trials.js'
export {
  runTrialsInParallel,
  TrialWorkers,
  type ParallelTrialOptions,
  type TrialParams,
} from './jobs/trial-workers.js'
export {
  runDays,
  trialStatistics,
  type TrialMeasure,
  type TrialStatistics,
} from './research/trial-statistics.js'
export {
  distinctFeatures,
  trialMemory,
  type TrialMemory,
  type TrialMemoryPlan,
} from './research/trial-memory.js'
export { measureSensitivity, type Sensitivity } from './research/sensitivity.js'

// Signals before any trade
export { researchSignal, type SignalRequest, type SignalResearch } from './jobs/signal-research.js'
export { studySignal, type SignalStudy } from './research/signal-study.js'
export { scoreDeciles, type ScoreDeciles } from './research/score-deciles.js'

// What a search may try, and who proposes its trials
export { parseSearch } from './research/search-syntax.js'
export { type Dimension } from './research/search-dimension.js'
export { type Point, searchSpace, type SearchSpace, spaceSize } from './research/search-space.js'
export type { Proposal, Sampler, ToldTrial, TrialResult } from './research/samplers/sampler.js'
export { gridSampler, type GridOptions } from './research/samplers/grid.js'
export { randomSampler } from './research/samplers/random.js'
export { sobolSampler } from './research/samplers/sobol.js'
export { tpeSampler, type TpeOptions } from './research/samplers/tpe.js'
export { combinatorialPlan, assemblePaths } from './research/splits/combinatorial.js'
export { walkForwardResult, walkForwardWindows } from './research/splits/walk-forward.js'

// Whether the best trial is luck
export { type AssessedTrial, type Assessment, assessTrials } from './research/overfitting/assess-trials.js'
export { seededRandom } from './research/seeded-random.js'
export {
  deflatedSharpe,
  minimumBacktestYears,
  sharpeVariance,
} from './research/overfitting/deflated-sharpe.js'
export { effectiveTrials } from './research/overfitting/effective-trials.js'
export { backtestOverfitting } from './research/overfitting/backtest-overfitting.js'
export { commonBlockLength } from './research/overfitting/block-length.js'
export { superiorPredictiveAbility } from './research/overfitting/superior-predictive-ability.js'
export { bootstrapBands } from './research/overfitting/bootstrap-bands.js'
export { shuffledDrawdown } from './research/overfitting/trade-shuffle.js'
export { randomEntryTest } from './research/overfitting/random-entry.js'
export { findPlateau } from './research/overfitting/plateau.js'
export { summariseAssumptions } from './research/overfitting/assumptions.js'
export { type Evidence, type Gate, judge, type Verdict } from './research/overfitting/verdict.js'
export { DEFAULT_VERDICT_LIMITS, type VerdictLimits } from './research/overfitting/verdict-limits.js'

// Stored runs
export { executeRun, type ExecutedRun, type RunRequest } from './jobs/run.js'
export { findRun, listRunIds, readRun, storeRun, type RunRecord } from './jobs/run-store.js'
export { replayRun, type ReplayedRun } from './jobs/replay-run.js'
export { findStrategyFile, loadStrategyFile } from './jobs/strategy-file.js'

// Stored sweeps and the ledger of trials
export { readSweep, listSweeps, type StoredSweep } from './jobs/sweep/sweep-store.js'
export type { SweepQuestion } from './jobs/sweep/question.js'
export type { SweepResult } from './jobs/sweep/result.js'
export type { TrialFigures, TrialRow, TrialStatus } from './research/sweep/trial-row.js'
export { readLedger, type Ledger } from './jobs/ledger.js'
export { countTrials, type LedgerRecord } from './research/trial-ledger.js'

// Settings
export { readConfigFile, type Config } from './jobs/config-file.js'

// What a notebook asks, and what its cells show
export {
  type NotebookRun,
  openWorkspace,
  type RunSettings,
  type SearchSettings,
  syntheticWorkspace,
  type WalkForwardSearch,
  type Workspace,
  type WorkspaceOptions,
} from './notebook/workspace.js'
export { querySeries, type SqlRow } from './notebook/sql.js'
export { show, type Showable } from './notebook/show.js'
export { chart, lines } from './notebook/chart.js'
export type { LineColumns, LineMark, LinesOptions } from './notebook/lines.js'
export type { VegaChartContents } from './report/page/charts.js'
export { type Table, table } from './report/table.js'

// Columns for other libraries
export { columnsOf, type ColumnSource, type NamedColumn } from './notebook/columns.js'
export { type ArrowTable, toArrow, toArrowFile } from './notebook/to-arrow.js'
export { type DanfoModule, toDanfo } from './notebook/to-danfo.js'

// An invented market
export { simulateIntoStore, type SimulatedData, type SimulationOptions } from './jobs/simulated-data.js'
export { simulateMarket, type MarketOptions, type SimulatedMarket } from './market/index.js'
