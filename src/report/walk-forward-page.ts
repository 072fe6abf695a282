import { durationName, formatUtcDay } from '../core/time.js'
import { drawdownSeries } from '../metrics/drawdown.js'
import { formatStatistic } from '../metrics/format.js'
import { equityCurve } from '../metrics/returns.js'
import type { Statistic } from '../metrics/statistic.js'
import { columnForChart } from './down-sample.js'
import { safe, type Markup } from './markup.js'
import {
  chartRow,
  makePage,
  pageBanner,
  pageTable,
  RISK_NOTICE,
  timeChart,
  vegaChart,
  zoomButtons,
  type PageKit,
} from './page/index.js'
import type { WalkForwardReport } from './walk-forward-report.js'
import { walkForwardParamsTable, walkForwardSettingsTable, walkForwardWindowsTable } from './walk-forward-tables.js' // prettier-ignore

const GROUP = 'walk-forward'

/** The page of a walk-forward analysis. `reproduce`: labels and values from which it can be made again. */
export function walkForwardPage(
  kit: PageKit,
  report: WalkForwardReport,
  reproduce: readonly (readonly [label: string, value: string])[],
): string {
  const title = `${report.strategy}${report.preset === null ? '' : ` (${report.preset})`}: walk-forward`
  return makePage(kit, {
    title,
    banner: safe`${banner(title, report)}${tiles(report)}<p class="note rules">Every day shown was traded with params that were chosen on earlier days alone. Each window begins with a fresh account; positions at its edges are closed, with costs; returns are net, of whole UTC days, and compounded end to end. A year is 365 times the mean daily return.</p>`,
    sections: [
      { id: 'equity', title: 'Out of sample', body: equity(report) },
      { id: 'windows', title: 'Windows', body: safe`${promisedChart(kit, report)}${pageTable(walkForwardWindowsTable(report))}` },
      { id: 'params', title: 'Params', body: safe`${chosen(kit, report)}${pageTable(walkForwardParamsTable(report))}<p class="note">Spread: the highest less the lowest choice, over the range that was searched. Choices that jump about say that the search finds noise.</p>` },
      { id: 'search', title: 'Search', body: safe`${pageTable(walkForwardSettingsTable(report))}${pageTable({ ...pairs('How to make it again', reproduce) })}` },
    ],
    footer: safe`<p>${RISK_NOTICE}</p><p>Charts are drawn by Vega (BSD 3-Clause licence) and uPlot (MIT licence), which lie in this file.</p>`,
  })
} // prettier-ignore

function pairs(title: string, rows: readonly (readonly [string, string])[]): Parameters<typeof pageTable>[0] {
  return {
    title,
    columns: [
      { name: 'What', isNumber: false },
      { name: 'Value', isNumber: false },
    ],
    rows,
  }
}

function banner(
  title: string,
  { instruments, timeframeMs, windows, synthetic, verdict, reason, warnings }: WalkForwardReport,
): Markup {
  const [first, last] = [windows[0]!, windows.at(-1)!]
  return pageBanner({
    title,
    lines: [
      `${instruments.join(', ')} · ${durationName(timeframeMs)} bars · ${windows.length} windows, tested ${formatUtcDay(first.test.startMs)} to ${formatUtcDay(last.test.endMs - 1)} UTC`,
      `${capital(verdict)}: ${reason}`,
    ],
    labels: [
      synthetic
        ? {
            text: 'Synthetic data',
            isLoud: true,
            explanation: 'Invented prices and facts: they say nothing about any real market.',
          }
        : { text: 'Real data', explanation: 'Recorded at the venue.' },
      {
        text: 'out-of-sample',
        explanation: 'Params were chosen on earlier days than those they are judged on.',
      },
      { text: verdict, isLoud: verdict !== 'held up', explanation: reason },
    ],
    warnings,
  })
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function tiles({
  netReturn,
  efficiency,
  gainingWindows,
  sharpe,
  maxDrawdown,
  windows,
}: WalkForwardReport): Markup {
  const trades = windows.reduce((sum, one) => sum + (one.trades ?? 0), 0)
  return safe`<dl class="tiles">${[
    tile('net-return', 'Net return', formatStatistic(netReturn, 'fraction'), netReturn),
    tile('efficiency', 'Efficiency', formatStatistic(efficiency, 'ratio'), efficiency),
    tile('gaining', 'Windows that gained', formatStatistic(gainingWindows, 'fraction'), gainingWindows),
    tile('sharpe', 'Sharpe', formatStatistic(sharpe, 'ratio'), sharpe),
    tile('drawdown', 'Max drawdown, on days', formatStatistic(maxDrawdown, 'fraction'), maxDrawdown),
    tile('trades', 'Trades', String(trades), { value: trades }),
  ]}</dl>`
}

function tile(key: string, label: string, text: string, statistic: Statistic): Markup {
  if (statistic.value === undefined) return safe`<div data-key="${key}"><dt>${label}</dt><dd>n/a<small>${statistic.reason}</small></dd></div>` // prettier-ignore
  return safe`<div data-key="${key}"><dt>${label}</dt><dd${statistic.value < 0 ? safe` class="negative"` : safe``}>${text}</dd></div>` // prettier-ignore
}

/** Stitched equity and its drawdown; windows are tinted one after the other. */
function equity({ outOfSample, windows }: WalkForwardReport): Markup {
  if (outOfSample.returns.length < 2) return safe`<p class="note">There are no days out of sample.</p>`
  const growth = equityCurve(outOfSample.returns)
  const start = windows.find(({ params }) => params !== undefined)?.test.startMs ?? 0
  const time = [start, ...outOfSample.time]
  // A little apart, so that neighbours are told from each other.
  const spans = windows.map(({ test: { startMs, endMs } }, at) => ({
    from: startMs,
    to: endMs - (endMs - startMs) / 16,
    label: `Window ${at + 1}`,
  }))
  const curve = columnForChart([...growth].map((value) => value - 1))
  const fall = columnForChart([...drawdownSeries(growth, 1)].map((depth) => -depth))
  return safe`${zoomButtons(GROUP)}${timeChart({
    title: 'Equity out of sample, all windows end to end',
    height: 300,
    note: 'At the end of each UTC day. Windows are numbered; in each one the params are those chosen before it.',
    data: {
      group: GROUP,
      unit: 'fraction',
      time,
      series: [{ label: 'Return since the first test', values: curve, ink: 'strategy', unit: 'fraction' }],
      spans,
      hasLogarithmic: growth.every((value) => value > 0),
    },
  })}${timeChart({
    title: 'Underwater',
    height: 130,
    data: {
      group: GROUP,
      unit: 'fraction',
      time,
      series: [{ label: 'Drawdown', values: fall, ink: 'loss', draw: 'area', unit: 'fraction' }],
    },
  })}`
}

/** What training promised beside what the test kept, a pair of bars a window. */
export function promisedChart(kit: PageKit, { windows }: WalkForwardReport): Markup {
  const values = windows.flatMap(({ inSampleYearly, outOfSampleYearly }, at) =>
    ([['In sample', inSampleYearly], ['Out of sample', outOfSampleYearly]] as const).flatMap(([what, statistic]) =>
      statistic.value === undefined ? [] : [{ window: at + 1, what, value: statistic.value, text: formatStatistic(statistic, 'fraction') }],
    ),
  ) // prettier-ignore
  return vegaChart(kit, {
    title: 'Return a year: promised in sample, kept out of sample',
    note: '365 times the mean daily return. Of many trials the best always promises much.',
    spec: {
      data: { values },
      width: 'container',
      height: 220,
      mark: { type: 'bar' },
      encoding: {
        x: { field: 'window', type: 'ordinal', axis: { title: 'Window', labelAngle: 0 } },
        xOffset: { field: 'what', sort: null },
        y: { field: 'value', type: 'quantitative', axis: { format: '~%', title: null } },
        color: { field: 'what', type: 'nominal', scale: { domain: ['In sample', 'Out of sample'], range: ['var(--benchmark)', 'var(--strategy)'] }, legend: { title: null, orient: 'top' } },
        tooltip: [{ field: 'window', title: 'Window' }, { field: 'what', title: 'Days' }, { field: 'text', title: 'A year' }],
      },
    },
  }) // prettier-ignore
}

/** The choice of each param, window by window, over the range that was searched. */
function chosen(kit: PageKit, { params, dimensions, windows }: WalkForwardReport): Markup {
  if (params.length === 0) return safe`<p>No param was varied: every window traded the same ones.</p>`
  const charts = params.map(({ name, values }, at) => {
    const dimension = dimensions[at]!
    const isNumber = dimension.kind === 'number'
    const rows = values.flatMap((value, window) =>
      value === undefined ? [] : [{ window: window + 1, value: isNumber ? value : String(value) }],
    )
    const y = isNumber
      ? {
          type: 'quantitative',
          scale: { domain: [dimension.lowest, dimension.highest], type: dimension.scale, zero: false },
        }
      : { type: 'nominal', scale: { domain: dimension.values.map(String) } }
    return vegaChart(kit, {
      title: name,
      spec: {
        data: { values: rows },
        width: 'container',
        height: 130,
        mark: { type: 'line', point: { size: 46, filled: true, color: 'var(--strategy)' }, color: 'var(--strategy)', strokeWidth: 1.2 },
        encoding: {
          x: { field: 'window', type: 'ordinal', scale: { domain: windows.map((_, index) => index + 1) }, axis: { title: 'Window', labelAngle: 0 } },
          y: { field: 'value', ...y, axis: { title: null, tickCount: 4 } },
          tooltip: [{ field: 'window', title: 'Window' }, { field: 'value', title: name }],
        },
      },
    }) // prettier-ignore
  })
  return chartRow(...charts)
}
