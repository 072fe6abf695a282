import { durationName, formatUtc } from '../core/time.js'
import { formatMetric, formatValue } from '../metrics/format.js'
import type { Metric, MetricSection } from '../metrics/metrics-report.js'
import { funnelTable } from './funnel.js'
import { safe, type Markup } from './markup.js'
import {
  makePage,
  pageBanner,
  pageTable,
  RISK_NOTICE,
  zoomButtons,
  type PageKit,
  type PageSection,
} from './page/index.js'
import { periodCharts } from './period-charts.js'
import { priceCharts } from './price-charts.js'
import type { SampleLabel } from './report-extras.js'
import { returnCharts, TIME_GROUP } from './return-charts.js'
import { extraParts, sensitivityCharts } from './robustness.js'
import type { RunSummary } from './run-summary.js'
import { decileChart, signalCharts } from './signal-charts.js'
import { table, type Table } from './table.js'
import { dataTable, groupTables, resultTable, signalTable } from './tables.js'
import { costChart, tradeCharts } from './trade-charts.js'
import { tradeList } from './trade-list.js'

/** The report of one run as one self-contained page; everything that is not there says why. Data of its charts are bounded: see RunCharts. */
export function reportPage(kit: PageKit, summary: RunSummary): string {
  return makePage(kit, {
    title: `${summary.strategy} · ${summary.runId}`,
    banner: safe`${banner(summary)}${tiles(summary.metrics.tiles)}<p class="note rules">${summary.metrics.rules.join(' ')}</p>`,
    sections: [
      { id: 'returns', title: 'Returns', body: returns(kit, summary) },
      { id: 'figures', title: 'Figures', body: figures(summary) },
      { id: 'trades', title: 'Trades', body: trades(kit, summary) },
      ...signals(kit, summary),
      { id: 'robustness', title: 'Robustness', body: robustness(kit, summary) },
      { id: 'reproduce', title: 'Reproduce', body: reproduce(summary) },
    ],
    footer: safe`<p>${RISK_NOTICE}</p><p>Charts are drawn by Vega (BSD 3-Clause licence) and uPlot (MIT licence), which lie in this file.</p>`,
  })
} // prettier-ignore

const SAMPLE_WORDS: Readonly<Record<SampleLabel, string>> = {
  'in-sample': 'Nothing says that the parameters were chosen without these data.',
  'out-of-sample': 'The parameters were chosen on other data than these.',
  paper: 'Decided as the data came in, with simulated fills.',
}

function banner(summary: RunSummary): Markup {
  const { result, strategy, preset, runId, synthetic, sample = 'in-sample' } = summary
  const ids = result.instruments.map(({ id }) => id)
  const instruments = ids.length > 8 ? `${ids.slice(0, 8).join(', ')} and ${ids.length - 8} more` : ids.join(', ')
  return pageBanner({
    title: `${strategy}${preset === undefined ? '' : ` (${preset})`}`,
    lines: [
      `${instruments} · ${durationName(result.timeframeMs)} bars · ${formatUtc(result.startTime)} to ${formatUtc(result.endTime)} UTC`,
      `Run ${runId}`,
    ],
    labels: [
      synthetic
        ? { text: 'Synthetic data', isLoud: true, explanation: 'Invented prices and facts: they say nothing about any real market.' }
        : { text: 'Real data', explanation: 'Recorded at the venue.' },
      { text: sample, explanation: SAMPLE_WORDS[sample] },
      { text: `${result.policies.undecided} result`, explanation: 'How bars that met two levels were taken, where nothing tells which came first.' },
    ],
    warnings: summary.warnings,
  })
} // prettier-ignore

function tiles(metrics: readonly Metric[]): Markup {
  return safe`<dl class="tiles">${metrics.map(tile)}</dl>`
}

function tile(metric: Metric): Markup {
  if (metric.value === undefined) return safe`<div data-key="${metric.key}"><dt>${metric.label}</dt><dd>n/a<small>${metric.reason}</small></dd></div>` // prettier-ignore
  const isNegative = metric.value < 0 && metric.unit !== 'count'
  return safe`<div data-key="${metric.key}"><dt>${metric.label}</dt><dd${isNegative ? safe` class="negative"` : safe``}>${formatValue(metric.value, metric.unit)}</dd></div>` // prettier-ignore
}

/** What a part says where the run was stored without what it needs. */
const WITHOUT_CHARTS = safe`<p class="note">This run was stored by a version that kept no data for charts: run its command again to have them.</p>`

function returns(kit: PageKit, summary: RunSummary): Markup {
  if (summary.charts === undefined) return WITHOUT_CHARTS
  return safe`${zoomButtons(TIME_GROUP)}${returnCharts(summary, summary.charts)}${periodCharts(kit, summary.metrics, summary.charts)}`
}

function figures(summary: RunSummary): Markup {
  const { metrics } = summary
  const drawdowns = metrics.worstDrawdowns.map((one, index) => [
    String(index + 1),
    formatValue(one.depth, 'fraction'),
    formatUtc(one.peakTime),
    formatUtc(one.valleyTime),
    one.recoveryTime === null ? 'not recovered' : formatUtc(one.recoveryTime),
    formatValue(one.durationDays, 'days'),
  ])
  const title = drawdowns.length === 1 ? 'Worst drawdown' : `Worst ${drawdowns.length} drawdowns`
  return safe`<div class="figures">${[runTable(summary), ...metrics.sections.map(sectionTable)].map(pageTable)}</div>
    ${drawdowns.length === 0 ? '' : pageTable(table(title, ['No.#', 'Depth#', 'Peak, UTC', 'Valley, UTC', 'Recovery, UTC', 'Length#'], drawdowns))}`
} // prettier-ignore

/** Of the table of results what no section of the metrics says. */
function runTable(summary: RunSummary): Table {
  const { columns, rows } = resultTable(summary)
  const said = new Set(summary.metrics.sections.flatMap(({ metrics }) => metrics.map(({ label }) => label)))
  return { title: 'Run', columns, rows: rows.filter(([label = '']) => !said.has(label)) }
}

function sectionTable({ title, metrics }: MetricSection): Table {
  return table(title, ['Figure', 'Value#'], metrics.map((one) => [one.label, formatMetric(one)])) // prettier-ignore
}

function trades(kit: PageKit, summary: RunSummary): Markup {
  const { result, metrics, charts } = summary
  const closed = result.trades.filter(({ status }) => status === 'closed')
  const prices = charts === undefined ? WITHOUT_CHARTS : priceCharts(summary, charts)
  if (result.trades.length === 0) return safe`<p>No trade was made: the funnel under Robustness says where bars were lost.</p>${prices}`
  const section = metrics.sections.find(({ key }) => key === 'trades')
  const key = (section?.metrics ?? []).filter((one) => KEY_TRADE_FIGURES.includes(one.key))
  return safe`${tiles(key)}${prices}
    ${groupTables(summary).map(pageTable)}
    ${closed.length === 0 ? safe`<p class="note">No trade was closed: results, excursions and holding times have nothing to show.</p>` : tradeCharts(kit, closed, metrics.groups)}
    ${costChart(kit, metrics.costs)}
    ${tradeList(result.trades, summary.runId)}`
} // prettier-ignore

const KEY_TRADE_FIGURES: readonly string[] = [
  'trades', 'expectancy', 'expectancyFraction', 'systemQualityNumber', 'payoffRatio', 'profitFactor', 'averageHoldingDays',
  'medianHoldingDays', 'edgeRatio', 'topFiveShare',
] // prettier-ignore

function signals(kit: PageKit, summary: RunSummary): PageSection[] {
  const { charts, result } = summary
  const said = signalTable(summary)
  const over = charts === undefined ? undefined : signalCharts(summary, charts)
  const deciles = charts?.deciles ?? null
  if (said === undefined && over === undefined && deciles === null) return []
  const body = safe`${deciles === null ? '' : decileChart(kit, deciles, durationName(result.timeframeMs))}
    ${over ?? ''}
    ${said === undefined ? '' : pageTable(said)}`
  return [{ id: 'signals', title: 'Signal', body }]
}

function robustness(kit: PageKit, { sensitivity, result, extras = {} }: RunSummary): Markup {
  const measured =
    sensitivity === undefined
      ? safe`<p class="note">Costs at twice and three times, one bar late, undecided bars in favour and shuffled ids were not measured: backtest with --sensitivity.</p>`
      : sensitivityCharts(kit, sensitivity, result.startingBalance)
  return safe`${measured}${extraParts(extras)}${pageTable(funnelTable(result.funnel))}`
} // prettier-ignore

function reproduce(summary: RunSummary): Markup {
  const [command, ...rest] = summary.reproduce
  const params = Object.entries(summary.result.params).sort().map(([name, value]) => [name, String(value)])
  return safe`<p class="note">${command?.[0] ?? ''}</p><pre>${command?.[1] ?? ''}</pre>
    ${pageTable(table('', ['What', 'Value'], rest))}
    ${pageTable(dataTable(summary))}
    <div class="side-by-side">${pageTable(table('Parameters', ['Parameter', 'Value'], params))}${pageTable(table('Settings', ['Setting', 'Value'], summary.settings))}</div>
    <details><summary>Every input of the run, as run.json holds it</summary><pre>${summary.inputs}</pre></details>`
} // prettier-ignore
