export { dataWarnings, type DataFindings, type FactFinding } from './data-warnings.js'
export {
  columnForChart,
  forChart,
  pointRows,
  stretchesOf,
  thinned,
  thinnedCandles,
  type Stretches,
  type ThinnedCandles,
} from './down-sample.js'
export { funnelTable, whyNoTrades } from './funnel.js'
export type {
  InstrumentCharts,
  RunCharts,
  ScoreDecile,
  ScoreDecilesChart,
  SignalCharts,
} from './run-charts.js'
export type {
  DataLine,
  DetailUse,
  InstrumentSignals,
  LegActivity,
  LegFacts,
  ReportedResult,
  RunSummary,
  ScoreRange,
  UsableBars,
} from './run-summary.js'
export type { ReportExtras, SampleLabel, StrategyChecks, SweepVerdict } from './report-extras.js'
export { reportPage } from './report-page.js'
export { outcomeWords } from './robustness.js'
export type { Table } from './table.js'
export { table } from './table.js'
export { pathWords } from './path-words.js'
export { sensitivityTable } from './sensitivity-table.js'
export { dataTable, groupTable, groupTables, resultTable, signalTable } from './tables.js'
export { runWarnings, type WarningInputs } from './warnings.js'
export type { SignalColumnsOf, SignalSummary } from './signal-summary.js'
export { signalWarnings } from './signal-warnings.js'
export { figureWords, poolingWords } from './signal-tables.js'
export { signalPage, signalTextTables } from './signal-page.js'
export { walkForwardPage } from './walk-forward-page.js'
export type { WalkForwardReport, WalkForwardWindowReport } from './walk-forward-report.js'
export {
  walkForwardFiguresTable,
  walkForwardParamsTable,
  walkForwardSettingsTable,
  walkForwardWindowsTable,
} from './walk-forward-tables.js'
export { monteCarloTable, monteCarloWords } from './monte-carlo-table.js'
export { gateTable, unknownGateLines } from './gate-table.js'
export { chargedWords, freeTradingWarning, type Charged } from './charged.js'
export { samplerWords } from './sampler-words.js'
export { STATISTIC_UNITS } from './statistic-units.js'
export { sweepPage } from './sweep-page.js'
export type { SweepReport, SweepReturns, SweepTrial } from './sweep-report.js'
