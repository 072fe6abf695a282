import { formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import type { Dimension } from '../research/search-dimension.js'
import { objectiveSlice } from '../research/sweep/objective-slice.js'
import { safe, type Markup } from './markup.js'
import { chartGrid, vegaChart, type PageKit } from './page/index.js'
import { partsAxis } from './parts-axis.js'
import { bestTrial, completeTrials, objectiveText, objectiveValue, paramWords, type CompleteTrial, type SweepReport } from './sweep-report.js' // prettier-ignore

/** Parts of a param that are told apart, and params that have a slice. */
const MOST_PARTS = 20
const MOST_SLICES = 12

/** The objective over each param alone: the best and the median of each of its values. `shares`: see `paramImportance`; the params that explain most come first. */
export function objectiveSlices(kit: PageKit, report: SweepReport, shares: readonly Statistic[]): Markup {
  const { dimensions, objective } = report
  const complete = completeTrials(report)
  if (complete.length === 0) return safe`<p>No trial is complete: there is nothing to draw.</p>`
  if (dimensions.length === 0) return safe`<p>No param was varied: there is no slice to draw.</p>`
  const order = dimensions
    .map((dimension, at) => ({ dimension, at, share: shares[at]?.value ?? -Infinity }))
    .sort((a, b) => b.share - a.share || a.at - b.at)
    .slice(0, MOST_SLICES)
  const left = dimensions.length - order.length
  return safe`${chartGrid(...order.map(({ dimension }) => sliceChart(kit, report, dimension, complete)))}
<p class="note">Over the complete trials of each value, whatever their other params: point, the best of them; line, their median; ring, the best trial of all. On a plateau the points next to the ring stay high and the medians follow; a point that stands out alone, above medians that do not follow, is a one-off, and mostly luck. Params of more than ${MOST_PARTS} values are cut into as many parts. Values without a complete trial are left out.${left > 0 ? ` Shown are ${order.length} params, ${order[0]!.share === -Infinity ? 'the first ones' : `those that explain most of ${objective.key}`}; ${left} more were varied.` : ''}</p>`
}

function sliceChart(
  kit: PageKit,
  report: SweepReport,
  dimension: Dimension,
  complete: readonly CompleteTrial[],
): Markup {
  const { objective } = report
  const { parts, cells } = objectiveSlice(dimension, complete, MOST_PARTS)
  const values = cells.map(({ part, trials, bestTrial: at, best, median }) => ({
    at: part + 0.5,
    best: objectiveValue(objective, best),
    median: objectiveValue(objective, median),
    value: parts.labels[part],
    bestText: objectiveText(objective, best),
    medianText: objectiveText(objective, median),
    trials: formatValue(trials, 'count'),
    params: `${complete[at]!.number}: ${paramWords(report, complete[at]!.point)}`,
  }))
  const found = bestTrial(report)!
  const ring = [{ at: parts.of(found.point[dimension.name]!) + 0.5, best: objectiveValue(objective, found.score!) }] // prettier-ignore
  const x = { field: 'at', type: 'quantitative', scale: { domain: [0, parts.labels.length], nice: false }, axis: partsAxis(dimension.name, parts.labels) } // prettier-ignore
  const y = { type: 'quantitative', axis: { title: null, tickCount: 5 }, scale: { zero: false, padding: 8, ...(objective.best === 'lowest' && { reverse: true }) } } // prettier-ignore
  // Words have no order in which a line could lead from one to the next.
  const isOrdered = dimension.kind === 'number' || dimension.isOrdered
  const median = { ...y, field: 'median' }
  return vegaChart(kit, {
    title: `${objective.key} by ${dimension.name}`,
    spec: {
      data: { values },
      width: 'container',
      height: 200,
      layer: [
        { mark: { type: 'rule', color: 'var(--soft)', opacity: 0.5, tooltip: null }, encoding: { x, y: median, y2: { field: 'best' } } },
        isOrdered
          ? { mark: { type: 'line', color: 'var(--soft)', strokeWidth: 1.5, point: { color: 'var(--soft)', size: 12 } }, encoding: { x, y: median } }
          : { mark: { type: 'tick', orient: 'horizontal', color: 'var(--soft)', thickness: 2, width: 14 }, encoding: { x, y: median } },
        {
          mark: { type: 'point', filled: true, size: 42, color: 'var(--strategy)', opacity: 1 },
          encoding: {
            x,
            y: { ...y, field: 'best' },
            tooltip: [{ field: 'value', title: dimension.name }, { field: 'bestText', title: 'best' }, { field: 'params', title: 'in trial' }, { field: 'medianText', title: 'median' }, { field: 'trials', title: 'trials' }],
          },
        },
        { data: { values: ring }, mark: { type: 'point', filled: false, size: 150, stroke: 'var(--ink)', strokeWidth: 2, tooltip: null }, encoding: { x, y: { ...y, field: 'best' } } },
      ],
    },
  })
} // prettier-ignore
