import { formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { ComparedMetric, Comparison } from './comparison.js'
import { comparisonCharts } from './comparison-charts.js'
import { runLetter } from './comparison-doubts.js'
import {
  cellText,
  deltasTable,
  differencesTable,
  matrixTable,
  monthlyTable,
  runsTable,
} from './comparison-tables.js'
import { safe, type Markup } from './markup.js'
import { makePage, pageBanner, pageTable, RISK_NOTICE, type PageKit } from './page/index.js'

/** More of them than this are folded: two strategies differ in everything. */
const FEW_DIFFERENCES = 12

/** The page of several runs side by side. */
export function comparisonPage(comparison: Comparison, kit: PageKit): string {
  const { runs, doubts, common, overlap, sections } = comparison
  const title = `${runs.length} runs compared`
  const ranked = doubts.isComparable
    ? 'Bold: the best, where more or less of it is better.'
    : 'No figure is marked as the best: the runs did not do the same on the same data.'
  return makePage(kit, {
    title,
    banner: pageBanner({
      title,
      lines: runs.map(({ id }, index) => `${runLetter(index)}  ${id}`),
      labels: labels(comparison),
      warnings: doubts.warnings,
    }),
    sections: [
      { id: 'runs', title: 'Runs', body: pageTable(runsTable(comparison)) },
      {
        id: 'curves',
        title: 'Curves',
        body: safe`${comparisonCharts(runs)}${commonFigures(comparison)}`,
      },
      {
        id: 'figures',
        title: 'Figures',
        body: safe`<p class="note">Each run over its own period. ${ranked}</p>${figures(comparison, '', comparison.headline)}${pageTable(deltasTable(comparison))}`,
      },
      { id: 'differences', title: 'What was set differently', body: differences(comparison) },
      {
        id: 'together',
        title: 'How alike they are',
        body: safe`<div class="side-by-side">
${common === undefined ? safe`<p>No two whole days in common: no correlation.</p>` : pageTable(matrixTable('Correlation of daily returns', common.correlation, 'ratio'))}
${pageTable(matrixTable('Trades that both opened', overlap.sameEntries, 'fraction'))}
${pageTable(matrixTable('Time in a position that both held', overlap.sharedTime, 'fraction'))}
</div>
<p class="note">Of what the run of the row did, the share that the run of the column did too: trades with the same instrument, side and entry time; time in positions of the same instrument and side.</p>`,
      },
      { id: 'months', title: 'Months', body: pageTable(monthlyTable(comparison)) },
      {
        id: 'every-figure',
        title: 'Every figure',
        body: safe`${sections.map(({ title: name, metrics }) => figures(comparison, name, metrics))}`,
      },
      { id: 'definitions', title: 'How figures are defined', body: definitions(comparison) },
    ],
    footer: RISK_NOTICE,
  })
}

function labels({ runs }: Comparison): { text: string; isLoud?: boolean }[] {
  const synthetic = runs.filter((run) => run.synthetic).length
  if (synthetic === 0) return [{ text: 'recorded data' }, { text: 'backtests' }]
  const text = synthetic === runs.length ? 'synthetic data' : 'partly synthetic data'
  return [{ text, isLoud: true }, { text: 'backtests' }]
}

function differences(comparison: Comparison): Markup {
  if (comparison.differences.length === 0) return safe`<p>Nothing: the runs have the same inputs.</p>`
  const table = pageTable(differencesTable(comparison))
  const count = comparison.differences.length
  if (count <= FEW_DIFFERENCES) return table
  return safe`<details><summary>${formatValue(count, 'count')} settings differ</summary>${table}</details>`
}

function commonFigures(comparison: Comparison): Markup {
  const { common } = comparison
  if (common === undefined) return safe``
  const { days, startTime, endTime, metrics } = common
  const title = `On the ${formatValue(days, 'count')} days that all of them cover, ${formatUtcDay(startTime)} to ${formatUtcDay(endTime)}`
  return figures(comparison, title, metrics)
}

/** Figures of all runs, one row each, the best in bold; why there is none stands behind n/a. */
function figures({ runs }: Comparison, title: string, metrics: readonly ComparedMetric[]): Markup {
  const cell = (one: ComparedMetric, run: number): Markup => {
    const value = one.values[run]!
    const text = cellText(value, one.unit)
    const shown = one.best.includes(run) ? safe`<strong>${text}</strong>` : safe`${text}`
    return safe`<td class="number" title="${value.value === undefined ? value.reason : ''}">${shown}</td>`
  }
  return safe`<div class="table">${title === '' ? safe`` : safe`<h3>${title}</h3>`}<div class="scroll" tabindex="0"><table class="numbers">
<thead><tr><th scope="col">Figure</th>${runs.map((run, index) => safe`<th scope="col" class="number" title="${run.id}">${runLetter(index)}</th>`)}</tr></thead>
<tbody>${metrics.map((one) => safe`<tr data-key="${one.key}"><td>${one.label}</td>${runs.map((_, run) => cell(one, run))}</tr>`)}</tbody>
</table></div></div>`
}

function definitions({ runs }: Comparison): Markup {
  const lines = [
    'Curves: equity after each bar over the equity at the common start, minus 1.',
    'Figures of the common days: from equity at every 00:00 UTC that all runs cover; volatility, Sharpe and Sortino on a year of 365 days.',
    'Correlation: Pearson, of daily returns on the common days, flat days included; at least 10 days.',
    ...(runs[0]?.metrics.rules ?? []),
  ]
  return safe`<ul class="soft">${lines.map((line) => safe`<li>${line}</li>`)}</ul>`
}
