import { durationName, formatUtc, formatUtcDay } from '../core/time.js'
import type { Backtest } from '../jobs/backtest.js'
import type { ExecutedRun } from '../jobs/run.js'
import { formatMetric, formatStatistic, formatValue } from '../metrics/format.js'
import { findMetric, type Metric, type MetricsReport } from '../metrics/metrics-report.js'
import type { Comparison } from '../report/comparison.js'
import { differencesTable, metricsTable, runsTable } from '../report/comparison-tables.js'
import { gateTable } from '../report/gate-table.js'
import { safe, type Markup } from '../report/markup.js'
import { scoreColours } from '../report/sweep-colours.js'
import { mapContents } from '../report/sweep-map.js'
import {
  completeTrials,
  objectiveText,
  paramWords,
  rankedTrials,
  type SweepReport,
} from '../report/sweep-report.js'
import { countWords, plateauTable } from '../report/sweep-tables.js'
import { table, type Table } from '../report/table.js'
import type { WalkForwardReport } from '../report/walk-forward-report.js'
import {
  walkForwardFiguresTable,
  walkForwardParamsTable,
  walkForwardWindowsTable,
} from '../report/walk-forward-tables.js'
import type { Verdict } from '../research/overfitting/verdict.js'
import { objectiveMap } from '../research/sweep/objective-map.js'
import { cellHtml, headMarkup, tableMarkup, tilesMarkup, warningsMarkup } from './cell.js'
import { chartMarkup } from './chart.js'
import { columnsOf, type ColumnSource, type NamedColumn } from './columns.js'
import { linesContents } from './lines.js'

/** What a cell can show. Whatever is none of the others is shown by its columns. */
export type Showable =
  | Backtest
  | ExecutedRun
  | MetricsReport
  | SweepReport
  | WalkForwardReport
  | Comparison
  | Verdict
  | Table
  | ColumnSource

/**
 * A run, its figures, a sweep, a walk-forward, a comparison, a verdict, a table or columns as HTML for a cell: `display.html(await show(run))`.
 * Everything in it is escaped, drawings are SVG; it runs no script and asks for nothing. Throws DataError for what has no columns.
 */
export async function show(subject: Showable): Promise<string> {
  return cellHtml(await partsOf(subject))
}

function partsOf(subject: Showable): Promise<readonly Markup[]> | readonly Markup[] {
  if (Array.isArray(subject) && subject.length === 0) return [safe`<p class="soft">0 rows</p>`]
  if ('summary' in subject && 'backtest' in subject) return runParts(subject.backtest, subject.summary.warnings)
  if ('result' in subject && 'charts' in subject) return runParts(subject, [])
  if ('sections' in subject && 'tiles' in subject) return metricsParts(subject)
  if ('dimensions' in subject && 'counts' in subject) return sweepParts(subject)
  if ('windows' in subject && 'outOfSample' in subject) return walkForwardParts(subject)
  if ('headline' in subject && 'runs' in subject) return comparisonParts(subject)
  if ('gates' in subject && 'verdict' in subject) return verdictParts(subject)
  if ('rows' in subject && 'title' in subject) return [tableMarkup(subject)]
  return [tableMarkup(columnsTable(columnsOf(subject)))]
} // prettier-ignore

const TILES = ['totalReturn', 'holdReturn', 'sharpe', 'maxDrawdown', 'trades', 'tradeWinRate', 'timeInMarket'] as const // prettier-ignore

async function runParts({ result, metrics, charts, synthetic }: Backtest, warnings: readonly string[]): Promise<readonly Markup[]> {
  const { daily, curve } = charts
  const start = result.startingBalance
  const growth = (values: readonly (number | null)[]): number[] => values.map((value) => (value === null ? NaN : value / start - 1))
  const curves = { strategy: growth(daily.equity), ...(daily.hold === null ? {} : { [daily.holdLabel]: growth(daily.hold) }) }
  const tiles = TILES.map((key) => findMetric(metrics, key))
  return [
    headMarkup(result.strategy, synthetic, [
      `${result.instruments.map(({ id }) => id).join(', ')} · ${durationName(result.timeframeMs)} bars · ${formatUtc(result.startTime)} to ${formatUtc(result.endTime)} UTC`,
      paramWordsOf(result.params),
    ]),
    tilesMarkup(tiles.map(tile)),
    warningsMarkup(warnings),
    ...(daily.time.length < 2 ? [] : [
      await chartMarkup(linesContents(daily.time, curves, { title: 'Return, by days', unit: 'fraction', note: 'Costs included. Over the days that it was made on: nothing here is out of sample.' })),
      await chartMarkup(linesContents(curve.time, { drawdown: curve.drawdown.map((value) => value ?? NaN) }, { title: 'Below its peak', unit: 'fraction', height: 90, isArea: true })),
    ]),
  ]
} // prettier-ignore

/** More params than these are too many to read above a chart. */
const MOST_PARAMS = 8

function paramWordsOf(params: Backtest['result']['params']): string {
  const all = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  return all.length > MOST_PARAMS ? `${all.slice(0, MOST_PARAMS).join(' ')} and ${all.length - MOST_PARAMS} more params` : all.join(' ') // prettier-ignore
}

function tile(metric: Metric): readonly [string, string, string?] {
  return metric.value === undefined
    ? [metric.label, 'n/a', metric.reason]
    : [metric.label, formatMetric(metric)]
}

function metricsParts({ sections }: MetricsReport): readonly Markup[] {
  return sections
    .filter(({ metrics }) => metrics.length > 0)
    .map(({ title, metrics }) => tableMarkup(table(title, ['Figure', 'Value#'], metrics.map((one) => [one.label, formatMetric(one)])))) // prettier-ignore
}

/** Of the trials that were tried, the best ones; of the pairs of params, the first. */
const SHOWN_TRIALS = 5

async function sweepParts(report: SweepReport): Promise<readonly Markup[]> {
  const { strategy, synthetic, dimensions, objective, trials, judgement, ledger, counts } = report
  const complete = completeTrials(report)
  const best = rankedTrials(report).slice(0, SHOWN_TRIALS)
  const plateau = plateauTable(report)
  return [
    headMarkup(`${strategy}: sweep`, synthetic, [
      `${formatValue(trials.length, 'count')} trials (${countWords(counts)}), ranked by ${objective.key}, in sample`,
      `The ledger counts ${formatValue(ledger.trials, 'count')} trials of this strategy on these days${ledger.isNew ? ', and begins with this sweep' : ''}.`,
    ]),
    ...(judgement === undefined ? [warningsMarkup(['No trial is complete: there is nothing to judge.'])] : verdictParts(judgement.verdict, true)),
    ...(await mapParts(report, complete)),
    tableMarkup(table('The best', ['Params', `${objective.key}#`, 'Return#', 'Max drawdown#', 'Trades#'], best.map(({ point, score, statistics }) => [
      paramWords(report, point),
      objectiveText(objective, score),
      formatStatistic(statistics.totalReturn, 'fraction'),
      formatStatistic(statistics.maxDrawdown, 'fraction'),
      formatStatistic(statistics.trades, 'count'),
    ]))),
    ...(plateau === undefined || dimensions.length === 0 ? [] : [tableMarkup({ ...plateau, title: 'Around the best' })]),
  ]
} // prettier-ignore

const MOST_PARTS = 20

/** The objective over the first two params; no map where fewer were varied. */
async function mapParts(report: SweepReport, complete: ReturnType<typeof completeTrials>): Promise<readonly Markup[]> {
  const [first, second] = report.dimensions
  if (first === undefined || second === undefined || complete.length === 0) return []
  const scores = complete.map(({ score }) => score)
  const contents = mapContents(report, [first, second], objectiveMap([first, second], complete, MOST_PARTS), scoreColours(report.objective, scores))
  return [await chartMarkup({ ...contents, note: 'Median of a cell. Ring: the best trial; frame: its neighbourhood; dashed: the best neighbourhood.' })]
} // prettier-ignore

async function walkForwardParts(report: WalkForwardReport): Promise<readonly Markup[]> {
  const { strategy, synthetic, instruments, verdict, reason, warnings, outOfSample, trainDays, testDays, trials } = report
  let equity = 1
  const growth = outOfSample.returns.map((value) => (equity *= 1 + value) - 1)
  return [
    headMarkup(`${strategy}: walk-forward`, synthetic, [
      `${instruments.join(', ')} · ${report.windows.length} windows: at most ${formatValue(trials, 'count')} trials on ${trainDays} days, then ${testDays} days with the best of them`,
      `${verdict.slice(0, 1).toUpperCase()}${verdict.slice(1)}: ${reason}.`,
    ]),
    warningsMarkup(warnings),
    ...(growth.length < 2 ? [] : [await chartMarkup(linesContents(outOfSample.time, { 'out of sample': growth }, { title: 'Return out of sample, windows end to end', unit: 'fraction', isArea: true, height: 150 }))]),
    ...[walkForwardFiguresTable(report), walkForwardWindowsTable(report), walkForwardParamsTable(report)].map(tableMarkup),
  ]
} // prettier-ignore

function comparisonParts(comparison: Comparison): readonly Markup[] {
  const { runs, doubts, headline } = comparison
  const tables = [runsTable(comparison), metricsTable('Figures', comparison, headline), { ...differencesTable(comparison), title: 'What was set differently' }] // prettier-ignore
  return [
    headMarkup(`${runs.length} runs compared`, runs.some(({ synthetic }) => synthetic), []), // prettier-ignore
    warningsMarkup(doubts.warnings),
    ...tables.map(tableMarkup),
  ]
}

function verdictParts({ verdict, reasons, gates }: Verdict, isBrief = false): readonly Markup[] {
  const head = headMarkup(`Verdict: ${verdict}`, false, reasons.length === 0 ? ['Everything that is asked for holds.'] : []) // prettier-ignore
  return [head, warningsMarkup(reasons), ...(isBrief ? [] : [tableMarkup(gateTable(gates))])]
}

const HEAD_ROWS = 5
const TAIL_ROWS = 3

/** The first rows and the last ones; times in UTC, numbers with eight digits. */
function columnsTable(columns: readonly NamedColumn[]): Table {
  const rows = columns[0]!.values.length
  const shown = Array.from({ length: rows }, (_, row) => row).filter((row) => row < HEAD_ROWS || row >= rows - TAIL_ROWS) // prettier-ignore
  const lines = shown.flatMap((row) => {
    const line = columns.map((column) => cellOf(column, row))
    return row === rows - TAIL_ROWS && rows > HEAD_ROWS + TAIL_ROWS ? [columns.map(() => '…'), line] : [line]
  })
  const [first, last] = timesOf(columns, rows)
  const span = first === undefined || last === undefined ? '' : `, ${formatUtcDay(first)} to ${formatUtcDay(last)} UTC` // prettier-ignore
  return table(`${formatValue(rows, 'count')} rows${span}`, columns.map(({ name, kind }) => (kind === 'number' ? `${name}#` : name)), lines) // prettier-ignore
}

function timesOf(columns: readonly NamedColumn[], rows: number): readonly (number | undefined)[] {
  const time = columns.find(({ kind }) => kind === 'time')?.values as Float64Array | undefined
  return time === undefined || rows === 0 ? [] : [time[0], time[rows - 1]]
}

function cellOf(column: NamedColumn, row: number): string {
  if (column.kind === 'text' || column.kind === 'flag') return String(column.values[row] ?? '')
  const value = column.values[row]!
  if (column.kind === 'time') return formatUtc(value)
  return Number.isNaN(value) ? 'NaN' : String(Number(value.toPrecision(8)))
}
