import { periodReturns } from '../metrics/calendar.js'
import { formatValue } from '../metrics/format.js'
import { quantile } from '../metrics/moments.js'
import type { MetricsReport } from '../metrics/metrics-report.js'
import { simpleReturns } from '../metrics/returns.js'
import { binned } from './histogram.js'
import { safe, type Markup } from './markup.js'
import { chartRow, type PageKit, vegaChart } from './page/index.js'
import { wholeDayReturns } from './rolling.js'
import type { RunCharts } from './run-charts.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const percent = (value: number): string => formatValue(value, 'fraction')

/** Returns by month, year and day, and how they are spread. */
export function periodCharts(kit: PageKit, metrics: MetricsReport, charts: RunCharts): Markup {
  if (metrics.monthly.length === 0) return safe`<p class="note">No return of any day: no period to show.</p>`
  return safe`${monthlyHeatmap(kit, metrics)}
    ${chartRow(yearlyChart(kit, metrics, charts), quantileChart(kit, metrics), distribution(kit, charts))}`
}

function monthlyHeatmap(kit: PageKit, { monthly }: MetricsReport): Markup {
  const cells = monthly.flatMap(({ year, months, yearReturn }) => [
    ...months.flatMap((value, month) => (value === null ? [] : [{ year: String(year), month: MONTHS[month]!, value, text: percent(value) }])),
    { year: String(year), month: 'Year', value: yearReturn, text: percent(yearReturn) },
  ]) // prettier-ignore
  const largest = Math.max(
    1e-9,
    ...cells.filter(({ month }) => month !== 'Year').map(({ value }) => Math.abs(value)),
  )
  const strong = `abs(datum.value) > ${0.55 * largest}`
  const years = new Set(cells.map(({ year }) => year)).size
  return vegaChart(kit, {
    title: 'Monthly returns',
    note: 'UTC months, compounded; the first and the last may be cut short by the run.',
    spec: {
      data: { values: cells },
      width: 'container',
      height: 30 * years + 4,
      encoding: {
        x: { field: 'month', type: 'ordinal', sort: [...MONTHS, 'Year'], scale: { domain: [...MONTHS, 'Year'], paddingInner: 0.04 }, axis: { orient: 'top', title: null, labelAngle: 0 } },
        y: { field: 'year', type: 'ordinal', scale: { paddingInner: 0.08 }, axis: { title: null, grid: false } },
        tooltip: [{ field: 'year', title: 'Year' }, { field: 'month', title: 'Month' }, { field: 'text', title: 'Return' }],
      },
      layer: [
        {
          mark: { type: 'rect', cornerRadius: 2 },
          encoding: {
            color: {
              field: 'value',
              type: 'quantitative',
              legend: null,
              scale: { domain: [-largest, 0, largest], range: ['var(--loss)', 'var(--zero)', 'var(--gain)'], interpolate: 'lab', clamp: true },
            },
          },
        },
        {
          mark: { type: 'text', fontSize: 10.5 },
          encoding: {
            text: { field: 'value', type: 'quantitative', format: '.1%' },
            color: { condition: { test: strong, value: 'var(--paper)' }, value: 'var(--ink)' },
          },
        },
      ],
    },
  }) // prettier-ignore
}

function yearlyChart(kit: PageKit, { yearly }: MetricsReport, { daily }: RunCharts): Markup {
  const year = (time: number): string => new Date(time).toISOString().slice(0, 4)
  const row = (who: string) => (one: { startTime: number; returnFraction: number }) => ({ year: year(one.startTime), who, value: one.returnFraction, text: percent(one.returnFraction) }) // prettier-ignore
  const hold =
    daily.hold === null
      ? []
      : periodReturns({ startTime: daily.time[0] ?? 0, time: daily.time.slice(1), returns: simpleReturns(daily.hold) }, 'year') // prettier-ignore
  return vegaChart(kit, {
    title: 'Yearly returns',
    note: 'Of whole days for holding; first and last year as far as the run goes.',
    spec: {
      data: { values: [...yearly.map(row('Strategy')), ...hold.map(row('Hold'))] },
      width: 'container',
      height: 190,
      mark: { type: 'bar' },
      encoding: {
        x: { field: 'year', type: 'ordinal', axis: { title: null, labelAngle: 0 }, scale: { paddingInner: 0.35, paddingOuter: 0.3 } },
        xOffset: { field: 'who', sort: ['Strategy', 'Hold'] },
        y: { field: 'value', type: 'quantitative', axis: { format: '~%', title: null, tickCount: 5 } },
        color: { field: 'who', scale: { domain: ['Strategy', 'Hold'], range: ['var(--strategy)', 'var(--benchmark)'] }, legend: { title: null, orient: 'top', symbolType: 'square' } },
        tooltip: [{ field: 'who', title: 'Of' }, { field: 'year', title: 'Year' }, { field: 'text', title: 'Return' }],
      },
    },
  }) // prettier-ignore
}

function quantileChart(kit: PageKit, { quantiles }: MetricsReport): Markup {
  const names = {
    day: 'Daily',
    week: 'Weekly',
    month: 'Monthly',
    quarter: 'Quarterly',
    year: 'Yearly',
  } as const
  const rows = quantiles.map((one) => ({
    count: one.count,
    minimum: one.minimum,
    lowerQuartile: one.lowerQuartile,
    median: one.median,
    upperQuartile: one.upperQuartile,
    maximum: one.maximum,
    name: names[one.period],
    spread: `${percent(one.lowerQuartile)} to ${percent(one.upperQuartile)}`,
    whole: `${percent(one.minimum)} to ${percent(one.maximum)}`,
    middle: percent(one.median),
  }))
  const tooltip = [{ field: 'name', title: 'Returns' }, { field: 'count', title: 'Count' }, { field: 'middle', title: 'Median' }, { field: 'spread', title: 'Middle half' }, { field: 'whole', title: 'All' }] // prettier-ignore
  const x = { field: 'name', type: 'ordinal', sort: Object.values(names), axis: { title: null, labelAngle: 0 } } as const // prettier-ignore
  const y = (field: string): object => ({ field, type: 'quantitative', axis: { format: '~%', title: null, tickCount: 5 } }) // prettier-ignore
  return vegaChart(kit, {
    title: 'Return quantiles',
    note: 'Line: lowest to highest; box: the middle half; tick: median.',
    spec: {
      data: { values: rows },
      width: 'container',
      height: 190,
      layer: [
        { mark: { type: 'rule', color: 'var(--soft)' }, encoding: { x, y: y('minimum'), y2: { field: 'maximum' }, tooltip } },
        { mark: { type: 'bar', size: 22, color: 'var(--strategy)', minBandSize: 1 }, encoding: { x, y: y('lowerQuartile'), y2: { field: 'upperQuartile' }, tooltip } },
        { mark: { type: 'tick', size: 22, color: 'var(--paper)', thickness: 2 }, encoding: { x, y: y('median'), tooltip } },
      ],
    },
  }) // prettier-ignore
}

function distribution(kit: PageKit, charts: RunCharts): Markup {
  const returns = wholeDayReturns(charts)
  if (returns.length < 2) {
    return safe`<figure><figcaption><strong>Distribution of daily returns</strong></figcaption><p class="note">n/a (${returns.length} whole days, at least 2 needed)</p></figure>`
  }
  const bins = binned(returns).map((bin) => ({ ...bin, range: `${percent(bin.from)} to ${percent(bin.to)}` }))
  const lines = [
    { value: returns.reduce((sum, value) => sum + value, 0) / returns.length, name: 'mean' },
    { value: quantile(returns, 0.05), name: '5 % quantile' },
  ].map((line) => ({ ...line, text: percent(line.value) }))
  return vegaChart(kit, {
    title: 'Distribution of daily returns',
    note: `${formatValue(returns.length, 'count')} whole UTC days, those without a position included. Dashed: mean ${lines[0]?.text ?? ''}, 5 % quantile ${lines[1]?.text ?? ''}.`,
    spec: {
      width: 'container',
      height: 190,
      layer: [
        {
          data: { values: bins },
          mark: { type: 'bar', binSpacing: 1 },
          encoding: {
            x: { field: 'from', type: 'quantitative', bin: { binned: true }, axis: { format: '~%', title: null, tickCount: 7, labelFlush: true } },
            x2: { field: 'to' },
            y: { field: 'count', type: 'quantitative', axis: { title: 'days', tickCount: 5 } },
            color: { condition: { test: 'datum.to <= 0', value: 'var(--loss)' }, value: 'var(--gain)' },
            tooltip: [{ field: 'range', title: 'Return' }, { field: 'count', title: 'Days' }],
          },
        },
        {
          data: { values: lines },
          mark: { type: 'rule', strokeDash: [4, 3], color: 'var(--ink)' },
          encoding: { x: { field: 'value', type: 'quantitative' }, tooltip: [{ field: 'name', title: 'Line' }, { field: 'text', title: 'Return' }] },
        },
      ],
    },
  }) // prettier-ignore
}
