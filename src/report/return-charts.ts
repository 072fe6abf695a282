import { durationName, formatUtc } from '../core/time.js'
import type { DrawdownPeriod } from '../metrics/drawdown.js'
import { formatValue } from '../metrics/format.js'
import { columnForChart, forChart } from './down-sample.js'
import { safe, type Markup } from './markup.js'
import { timeChart, type TimeSpan } from './page/index.js'
import { rollingStatistics } from './rolling.js'
import type { RunCharts } from './run-charts.js'
import type { RunSummary } from './run-summary.js'

/** All charts over the time of a run zoom together. */
export const TIME_GROUP = 'run'

/** Cumulative return against holding, drawdown, exposure, and the rolling statistics. */
export function returnCharts(summary: RunSummary, charts: RunCharts): Markup {
  const { curve, daily } = charts
  const { result, metrics } = summary
  if (curve.time.length < 2)
    return safe`<p class="note">The run has fewer than two bars: there is no curve to draw.</p>`
  const spans = metrics.worstDrawdowns.map((one, index) => spanOf(one, index, result.endTime))
  const start = result.startingBalance
  const time = [curve.time[0]! - result.timeframeMs, ...curve.time]
  const equity = [0, ...curve.equity.map((value) => (value === null ? null : forChart(value / start - 1, 6)))]
  const hold = daily.hold === null ? [] : [{ label: `${daily.holdLabel} (daily)`, values: lastKnown(time, daily.time, daily.hold.map((value) => forChart(value / start - 1, 6))), ink: 'benchmark' as const, unit: 'fraction' as const }] // prettier-ignore
  const canBeLogarithmic = equity.every((value) => value === null || value > -1)
  const marked = spans.length === 0 ? '' : ` The ${spans.length === 1 ? 'worst drawdown is' : `worst ${spans.length} drawdowns are`} tinted and numbered.` // prettier-ignore
  const without = daily.hold === null ? ` No benchmark: ${daily.holdLabel}.` : ''
  const rolling = rollingStatistics(charts)
  const line = (title: string, unit: 'fraction' | 'ratio', values: readonly (number | null)[]): Markup =>
    timeChart({ title, height: 150, data: { group: TIME_GROUP, unit, time: rolling?.time ?? [], series: [{ label: title, values: columnForChart(values, 5), ink: 'strategy', unit }] } }) // prettier-ignore
  return safe`${timeChart({
    title: 'Cumulative return',
    height: 320,
    note: `${resolution(curve.barsPerStretch, result.timeframeMs)}${marked}${without}`,
    data: {
      group: TIME_GROUP,
      unit: 'fraction',
      time,
      series: [{ label: 'Strategy', values: equity, ink: 'strategy', unit: 'fraction' }, ...hold],
      spans,
      hasLogarithmic: canBeLogarithmic,
    },
  })}
  ${timeChart({
    title: 'Underwater',
    height: 150,
    data: {
      group: TIME_GROUP,
      unit: 'fraction',
      time: curve.time,
      series: [{ label: 'Drawdown on bar closes', values: curve.drawdown, ink: 'loss', draw: 'area', unit: 'fraction' }],
      spans,
    },
  })}
  ${timeChart({
    title: 'Exposure',
    height: 110,
    data: {
      group: TIME_GROUP,
      unit: 'fraction',
      time: curve.time,
      series: [{ label: 'Gross notional of open positions, of equity', values: curve.exposure, ink: 'soft', draw: 'area', unit: 'fraction' }],
    },
  })}
  ${
    rolling === undefined
      ? safe`<p class="note">Rolling statistics: n/a (fewer than 60 whole days).</p>`
      : safe`${line(`Rolling volatility, ${rolling.windowDays} days, yearly`, 'fraction', rolling.volatility)}
        ${line(`Rolling Sharpe, ${rolling.windowDays} days`, 'ratio', rolling.sharpe)}
        ${rolling.beta === null ? safe`<p class="note">Rolling beta: n/a (${daily.holdLabel}).</p>` : line(`Rolling beta to holding, ${rolling.windowDays} days`, 'ratio', rolling.beta)}`
  }` // prettier-ignore
}

/** What thinning did to a column of bars, said plainly. */
export function resolution(barsPerStretch: number, timeframeMs: number): string {
  const bar = durationName(timeframeMs)
  return barsPerStretch === 1
    ? `Every bar of ${bar} is drawn.`
    : `Drawn from the lowest and highest of every ${formatValue(barsPerStretch, 'count')} bars of ${bar}: no extreme is lost, times are off by less than that.`
}

function spanOf({ peakTime, valleyTime, recoveryTime, depth, durationDays }: DrawdownPeriod, index: number, endTime: number): TimeSpan {
  const end = recoveryTime === null ? 'not recovered' : `recovered ${formatUtc(recoveryTime)}`
  return {
    from: peakTime,
    to: recoveryTime ?? endTime,
    label: `Drawdown ${index + 1}: ${formatValue(depth, 'fraction')}, ${formatValue(durationDays, 'days')}; peak ${formatUtc(peakTime)}, valley ${formatUtc(valleyTime)}, ${end}`,
  }
} // prettier-ignore

/** At each time the last value of another, slower column at or before it; null before its first. */
function lastKnown(
  time: readonly number[],
  slower: readonly number[],
  values: readonly number[],
): (number | null)[] {
  let row = -1
  return time.map((one) => {
    while (row + 1 < slower.length && slower[row + 1]! <= one) row++
    return values[row] ?? null
  })
}
