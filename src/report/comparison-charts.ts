import { formatUtc, formatUtcDay } from '../core/time.js'
import { drawdownSeries } from '../metrics/drawdown.js'
import { commonRange, type ComparedRun } from './comparison.js'
import { runLetter } from './comparison-doubts.js'
import { columnForChart, pointRows, stretchesOf, thinned } from './down-sample.js'
import { safe, type Markup } from './markup.js'
import { timeChart, zoomButtons, type Column, type Ink } from './page/index.js'

const MOST_POINTS = 2000
const GROUP = 'comparison'
/** Colours in the order of runs; those after the last one begin anew, dashed. */
const INKS: readonly Ink[] = ['strategy', 'loss', 'gain', 'third', 'fourth', 'sixth', 'fifth', 'benchmark', 'soft'] // prettier-ignore

/**
 * Equity of all runs as return since the start of their common time, and the drawdown in it. Extremes survive the thinning. O(bars · runs).
 */
export function comparisonCharts(runs: readonly ComparedRun[]): Markup {
  const { startTime, endTime } = commonRange(runs)
  if (!(endTime > startTime))
    return safe`<p>The runs have no time in common: there is nothing to draw side by side.</p>`
  const time = commonTimes(runs, startTime, endTime)
  const growth = runs.map((run) => growthAt(run, time))
  const cut = stretchesOf(0, time.length, MOST_POINTS)
  const points = pointRows(cut).map((row) => time[row]!)
  const columns = growth.map((column) => columnForChart(thinned(column, cut)))
  const falls = growth.map((column) => columnForChart(thinned(drawdownOf(column), cut)))
  const series = (values: readonly Column[]): Parameters<typeof timeChart>[0]['data']['series'] =>
    runs.map((run, index) => ({
      label: `${runLetter(index)} ${run.strategy}`,
      values: values[index]!,
      ink: INKS[index % INKS.length]!,
      isDashed: index >= INKS.length,
      unit: 'fraction',
    }))
  const isCut = runs.some((run) => run.startTime !== startTime || run.endTime !== endTime)
  const note = isCut
    ? `The runs do not cover the same time: every curve starts at 0 at ${formatUtc(startTime)} UTC, when the last of them had begun, and ends at ${formatUtc(endTime)} UTC, with the first of them. What a run did outside is in its own figures only.`
    : `Return on each run's starting balance from ${formatUtcDay(startTime)} to ${formatUtcDay(endTime)}.`
  const chart = (title: string, height: number, values: readonly Column[], more: object): Markup =>
    timeChart({
      title,
      height,
      data: { group: GROUP, time: points, unit: 'fraction', series: series(values), ...more },
    })
  return safe`${zoomButtons(GROUP)}
${chart('Equity since the common start', 320, columns, { hasLogarithmic: columns.every((column) => column.every((value) => value === null || value > -1)) })}
<p class="note">${note}</p>
${chart('Drawdown', 170, falls, {})}`
}

/** Closes of bars of any run within a range, once each, with its start. */
function commonTimes(runs: readonly ComparedRun[], startTime: number, endTime: number): Float64Array {
  const all = new Set([startTime])
  for (const { equity } of runs) for (const at of equity.time) if (at > startTime && at <= endTime) all.add(at)
  return Float64Array.from(all).sort()
} // prettier-ignore

/** Return since the first instant, at each, by the last mark at or before it. Both in order of time. */
function growthAt({ equity, startingBalance }: ComparedRun, time: Float64Array): Float64Array {
  let [row, mark, first] = [0, startingBalance, NaN]
  return time.map((at) => {
    while (row < equity.time.length && equity.time[row]! <= at) mark = equity.equity[row++]!
    if (Number.isNaN(first)) first = mark
    return first > 0 ? mark / first - 1 : NaN
  })
} // prettier-ignore

/** Drawdown of a curve of returns as a fraction at or below 0. */
function drawdownOf(growth: Float64Array): Float64Array {
  return drawdownSeries(growth.map((value) => 1 + value), 1).map((depth) => -depth) // prettier-ignore
}
