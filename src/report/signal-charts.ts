import { formatValue } from '../metrics/format.js'
import { safe, type Markup } from './markup.js'
import { choice, type Ink, type PageKit, timeChart, type TimeSeries, vegaChart } from './page/index.js'
import { INSTRUMENT_LINK } from './price-charts.js'
import { resolution, TIME_GROUP } from './return-charts.js'
import type { RunCharts, ScoreDecilesChart, SignalCharts } from './run-charts.js'
import type { InstrumentSignals, RunSummary } from './run-summary.js'

/** Score, coverage, legs and their ages over time, per instrument; nothing for strategies without a score. */
export function signalCharts(summary: RunSummary, charts: RunCharts): Markup | undefined {
  const parts = charts.instruments.flatMap(({ id, signal }) => {
    if (signal === null || signal.time.length === 0) return []
    const said = summary.signals.find(({ instrument }) => instrument === id)
    return [[id, ofInstrument(signal, said, summary.result.timeframeMs)] as const]
  })
  return parts.length === 0 ? undefined : choice('signals', 'Instrument', parts, INSTRUMENT_LINK)
}

function ofInstrument(
  signal: SignalCharts,
  said: InstrumentSignals | undefined,
  timeframeMs: number,
): Markup {
  const { time, score, coverage, legs, ages } = signal
  const threshold = (label: string, value: number | undefined, ink: Ink): TimeSeries[] =>
    value === undefined ? [] : [{ label, values: time.map(() => value), ink, isDashed: true, unit: 'ratio' }]
  const known = coverage.some((value) => value !== null)
  return safe`${timeChart({
    title: 'Score',
    height: 190,
    note: resolution(signal.barsPerStretch, timeframeMs),
    data: {
      group: TIME_GROUP,
      unit: 'ratio',
      time,
      series: [
        { label: 'Score', values: score, ink: 'strategy', unit: 'ratio' },
        ...threshold('Buy from', said?.entryAbove, 'gain'),
        ...threshold('Sell under', said?.entryBelow, 'loss'),
      ],
    },
  })}
  ${known ? rows('Coverage', 'Share of the weight of the legs that was present.', time, [{ label: 'Coverage', values: coverage, ink: 'soft', draw: 'area', unit: 'fraction' }], [0, 1.05]) : ''}
  ${rows(
    'Legs',
    'As the score takes them; a gap is time without a usable value.',
    time,
    legs.map(({ name, values }) => ({
      label: name,
      values,
      ink: 'strategy' as const,
      unit: 'ratio' as const,
    })),
  )}
  ${rows(
    'Age of the newest fact known at each close',
    'Since the event, not since it was fetched: a feed that is frozen grows old. No line: nothing known yet, or no series.',
    time,
    ages.map(({ fact, days }) => ({
      label: fact,
      values: days,
      ink: 'third' as const,
      unit: 'days' as const,
    })),
  )}`
}

/** One small chart below the other, each on its own scale. */
function rows(title: string, note: string, time: readonly number[], series: readonly TimeSeries[], range?: readonly [number, number]): Markup {
  if (series.length === 0) return safe``
  const charts = series.map((one, index) => {
    const isLast = index === series.length - 1
    const data = { group: TIME_GROUP, unit: one.unit, time, series: [one], isCompact: !isLast, ...(range && { range }) }
    return timeChart({ title: '', height: isLast ? 104 : 72, data })
  })
  return safe`<h3>${title}</h3><div class="rows">${charts}</div><p class="note">${note}</p>`
} // prettier-ignore

/** What followed high and low scores. */
export function decileChart(kit: PageKit, { deciles, horizonBars, everyBars, observations }: ScoreDecilesChart, bar: string): Markup {
  if (observations === 0) return safe`<p class="note">Forward return by score decile: n/a (no bar had both a known score and a return that followed).</p>`
  const percent = (value: number): string => formatValue(value, 'fraction')
  const rows = deciles.map((one) => ({
    decile: one.decile,
    count: one.count,
    mean: one.mean,
    low: one.standardError === null ? null : one.mean - 2 * one.standardError,
    high: one.standardError === null ? null : one.mean + 2 * one.standardError,
    text: percent(one.mean),
    error: one.standardError === null ? 'n/a' : percent(one.standardError),
    scores: `${formatValue(one.lowestScore, 'ratio')} to ${formatValue(one.highestScore, 'ratio')}`,
  }))
  const tooltip = [{ field: 'scores', title: 'Scores' }, { field: 'text', title: 'Mean forward return' }, { field: 'error', title: 'Standard error' }, { field: 'count', title: 'Bars' }]
  const x = { field: 'decile', type: 'ordinal', scale: { domain: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, axis: { title: 'decile of the score, lowest to highest', labelAngle: 0 } }
  const sampled = everyBars === 1 ? '' : `every ${formatValue(everyBars, 'count')} bars, `
  return vegaChart(kit, {
    title: `Forward return by score decile, ${formatValue(horizonBars, 'count')} bars of ${bar} ahead`,
    note: `Mean from the open after the score, price only, over all instruments; ${sampled}${formatValue(observations, 'count')} observations. Whiskers: two standard errors (Newey and West; returns that overlap count for less). The horizon is the median holding time. Equal scores share a decile, so some may be empty. It describes this sample and includes the bars that were traded.`,
    spec: {
      data: { values: rows },
      width: 'container',
      height: 220,
      layer: [
        { mark: { type: 'bar' }, encoding: { x, y: { field: 'mean', type: 'quantitative', axis: { format: '~%', title: null, tickCount: 6 } }, color: { condition: { test: 'datum.mean > 0', value: 'var(--gain)' }, value: 'var(--loss)' }, tooltip } },
        { mark: { type: 'rule', color: 'var(--ink)' }, encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, tooltip } },
      ],
    },
  })
} // prettier-ignore
