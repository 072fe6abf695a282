export { dataWarnings, type DataFindings, type FactFinding } from './data-warnings.js'
export { funnelTable, whyNoTrades } from './funnel.js'
export type {
  DataLine,
  DetailUse,
  InstrumentSignals,
  LegActivity,
  LegFacts,
  RunSummary,
  ScoreRange,
  UsableBars,
} from './run-summary.js'
export { SUMMARY_STYLE } from './style.js'
export { summaryPage } from './summary-page.js'
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
