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
export { computeMetrics, type MetricsReport } from './metrics/index.js'
export { runBacktest, type Backtest, type BacktestOptions } from './jobs/backtest.js'

// Sweeps: many trials over one market
export { prepareMarket, type MarketOptions as TrialMarketOptions } from './engine/market.js'
export type { Market } from './engine/simulation.js'
export { runTrials, type TrialOptions, type TrialOutcome } from './engine/trials.js'
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

// Stored runs
export { executeRun, type ExecutedRun, type RunRequest } from './jobs/run.js'
export { findRun, listRunIds, readRun, storeRun, type RunRecord } from './jobs/run-store.js'
export { replayRun, type ReplayedRun } from './jobs/replay-run.js'
export { findStrategyFile, loadStrategyFile } from './jobs/strategy-file.js'

// Settings
export { readConfigFile, type Config } from './jobs/config-file.js'

// An invented market
export { simulateMarket, type MarketOptions, type SimulatedMarket } from './market/index.js'
