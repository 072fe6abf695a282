import { durationName, formatUtc } from '../core/time.js'
import { formatMetric, formatValue } from '../metrics/format.js'
import type { Metric } from '../metrics/metrics-report.js'
import { equityChart } from './equity-chart.js'
import { funnelTable } from './funnel.js'
import { safe, type Markup } from './markup.js'
import type { RunSummary } from './run-summary.js'
import { sensitivityTable } from './sensitivity-table.js'
import { SUMMARY_STYLE } from './style.js'
import { table, type Table } from './table.js'
import { dataTable, groupTables, resultTable, signalTable } from './tables.js'

/**
 * One self-contained HTML page about one run: no script, no request, nothing but its own style may take effect.
 * @param styleHash SHA-256 of SUMMARY_STYLE, base64: the page's policy names it
 */
export function summaryPage(summary: RunSummary, styleHash: string): string {
  const { result } = summary
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`
  const signals = signalTable(summary)
  const { sensitivity } = summary
  const page = safe`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${summary.strategy} · ${summary.runId}</title>
        <style>${{ markup: SUMMARY_STYLE }}</style>
      </head>
      <body>
        <main>
          ${banner(summary)} ${warnings(summary.warnings)}
          <dl class="tiles">${summary.metrics.tiles.map(tile)}</dl>
          <h2>Equity and drawdown</h2>
          ${equityChart(result.equity, result.startingBalance)}
          ${signals === undefined ? '' : tableMarkup(signals)}
          ${tableMarkup(resultTable(summary))}
          ${sensitivity === undefined ? '' : tableMarkup(sensitivityTable(sensitivity, result.startingBalance))}
          ${[...groupTables(summary), funnelTable(result.funnel), dataTable(summary)].map(tableMarkup)}
          ${everyFigure(summary)}
          ${tableMarkup(
            table(
              'Parameters',
              ['Parameter', 'Value'],
              Object.entries(result.params).map(([name, value]) => [name, String(value)]),
            ),
          )}
          ${tableMarkup(table('Settings', ['Setting', 'Value'], summary.settings))}
          ${tableMarkup(table('How to make this run again', ['What', 'Value'], summary.reproduce))}
          <h2>How figures are defined</h2>
          <ul class="soft">
            ${summary.metrics.rules.map((rule) => safe`<li>${rule}</li>`)}
          </ul>
          <p class="soft">
            Past results, real or simulated, say little about future ones. Nothing here is advice.
          </p>
        </main>
      </body>
    </html>
`
  return page.markup
}

function banner(summary: RunSummary): Markup {
  const { result } = summary
  const instruments = result.instruments.map(({ id }) => id).join(', ')
  const label = summary.synthetic
    ? safe`<span class="loud">synthetic data</span>`
    : safe`<span>recorded data</span>`
  return safe`<h1>${summary.strategy}${summary.preset === undefined ? '' : ` (${summary.preset})`}</h1>
    <p class="soft">${summary.runId}</p>
    <p>
      ${instruments} · ${durationName(result.timeframeMs)} · ${formatUtc(result.startTime)} to
      ${formatUtc(result.endTime)} UTC
    </p>
    <div class="labels">${label}<span>backtest</span><span>${result.policies.undecided} result</span></div>`
}

function warnings(texts: readonly string[]): Markup {
  if (texts.length === 0) return safe``
  return safe`<ul class="warnings">
    ${texts.map((text) => safe`<li>${text}</li>`)}
  </ul>`
}

function tile(metric: Metric): Markup {
  const value =
    metric.value === undefined
      ? safe`n/a<small>${metric.reason}</small>`
      : safe`${formatValue(metric.value, metric.unit)}`
  return safe`<div>
    <dt>${metric.label}</dt>
    <dd>${value}</dd>
  </div>`
}

function tableMarkup({ title, columns, rows }: Table): Markup {
  const numeric = (index: number): Markup =>
    columns[index]?.isNumber === true ? safe` class="number"` : safe``
  return safe`<h2>${title}</h2>
    <div class="scroll">
      <table class="${layout(columns)}">
        <thead>
          <tr>
            ${columns.map(({ name }, index) => safe`<th${numeric(index)}>${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              safe`<tr>
                ${row.map((cell, index) => safe`<td${numeric(index)}>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}

/** How a table fits a narrow screen: values of pairs wrap, cells of texts go below each other, many numbers are scrolled. */
function layout(columns: Table['columns']): 'pairs' | 'texts' | 'numbers' {
  if (columns.length === 2) return 'pairs'
  return columns.some(({ isNumber }) => isNumber) ? 'numbers' : 'texts'
}

function everyFigure(summary: RunSummary): Markup {
  const sections = summary.metrics.sections.map(({ title, metrics }) =>
    tableMarkup(
      table(
        title,
        ['Figure', 'Value#'],
        metrics.map((metric) => [metric.label, formatMetric(metric)]),
      ),
    ),
  )
  return safe`<details>
    <summary>Every figure</summary>
    ${sections}
  </details>`
}
