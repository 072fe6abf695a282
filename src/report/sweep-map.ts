import type { Statistic } from '../metrics/statistic.js'
import type { Dimension } from '../research/search-dimension.js'
import { type ObjectiveMap, objectiveMap } from '../research/sweep/objective-map.js'
import type { DimensionParts } from '../research/sweep/dimension-parts.js'
import { safe, type Markup } from './markup.js'
import { choice, vegaChart, type PageKit, type VegaChartContents } from './page/index.js'
import { partsAxis } from './parts-axis.js'
import { scoreColours, type ScoreColours } from './sweep-colours.js'
import { bestTrial, completeTrials, objectiveText, type SweepReport } from './sweep-report.js'

/** Parts of a param that are told apart, and params whose pairs are shown: 15 maps of 400 cells at most. */
const MOST_PARTS = 20
const MOST_PARAMS = 6

/** The objective over each pair of params, one pair at a time. `shares`: see `paramImportance`; the params that explain most come first. */
export function objectiveMaps(kit: PageKit, report: SweepReport, shares: readonly Statistic[]): Markup {
  const { dimensions } = report
  const complete = completeTrials(report)
  if (complete.length === 0) return safe`<p>No trial is complete: there is nothing to draw.</p>`
  if (dimensions.length < 2) return safe`<p>${dimensions.length === 0 ? 'No param' : 'One param'} was varied: there is no pair to draw.</p>` // prettier-ignore
  const order = dimensions
    .map((dimension, at) => ({ dimension, at, share: shares[at]?.value ?? -Infinity }))
    .sort((a, b) => b.share - a.share || a.at - b.at)
    .slice(0, MOST_PARAMS)
    .map(({ dimension }) => dimension)
  const pairs = order.flatMap((first, at) => order.slice(at + 1).map((second) => [first, second] as const))
  const left = dimensions.length - order.length
  const isRanked = shares.some(({ value }) => value !== undefined)
  const colours = scoreColours(report.objective, complete.map(({ score }) => score)) // prettier-ignore
  const drawn = pairs.map(([first, second]): readonly [string, Markup] => {
    const map = objectiveMap([first, second], complete, MOST_PARTS)
    return [
      `${first.name} × ${second.name}`,
      vegaChart(kit, mapContents(report, [first, second], map, colours)),
    ]
  })
  return safe`${choice('maps', 'Pair of params', drawn)}
<p class="note">Colour: the median of ${report.objective.key} over all complete trials of a cell, whatever their other params. Cells without a complete trial are empty. Ring: the best trial. Solid frame: its neighbourhood, within a tenth of each range or one step. Dashed frame: the neighbourhood with the best mean, where it is another one. A frame is a shadow: its trials are near in all other params too, while a cell holds all of them. A good cell among bad ones is a spike, and mostly luck.${left > 0 ? ` Shown are pairs of ${order.length} params, ${isRanked ? 'those that explain most' : 'the first ones'}; ${left} more were varied.` : ''}</p>`
}

/** The map of one pair of params: cells, frames and the ring of the best trial. */
export function mapContents(
  report: SweepReport,
  [first, second]: readonly [Dimension, Dimension],
  { x, y, cells }: ObjectiveMap,
  colours: ScoreColours,
): VegaChartContents {
  const { objective, plateau } = report
  const values = cells.map(({ x: column, y: row, trials, median }) => ({
    x: column,
    x2: column + 1,
    y: row,
    y2: row + 1,
    score: median,
    text: objectiveText(objective, median),
    trials,
    first: x.labels[column],
    second: y.labels[row],
  }))
  const best = bestTrial(report)!.point
  const at = (dimension: Dimension, parts: DimensionParts): number => parts.of(best[dimension.name]!) + 0.5
  const frame = (point: typeof best, strokeDash: readonly number[]): object => {
    const [left, right] = x.around(point[first.name]!)
    const [bottom, top] = y.around(point[second.name]!)
    return {
      data: { values: [{ x: left, x2: right + 1, y: bottom, y2: top + 1 }] },
      mark: { type: 'rect', filled: false, strokeWidth: 2, stroke: 'var(--ink)', strokeDash, tooltip: null },
      encoding: {
        x: { field: 'x', type: 'quantitative' },
        x2: { field: 'x2' },
        y: { field: 'y', type: 'quantitative' },
        y2: { field: 'y2' },
      },
    }
  }
  const isOther = plateau !== undefined && plateau.centre.trial !== plateau.peak.trial
  const frames = [...(isOther ? [frame(plateau.centreParams, [5, 4])] : []), frame(best, [1, 0])]
  return {
    title: `${objective.key} by ${first.name} and ${second.name}`,
    spec: {
      width: 'container',
      height: Math.min(460, Math.max(160, y.labels.length * 24)),
      layer: [
        {
          data: { values },
          mark: { type: 'rect', stroke: 'var(--paper)', strokeWidth: 1 },
          encoding: {
            x: { field: 'x', type: 'quantitative', scale: { domain: [0, x.labels.length], nice: false }, axis: partsAxis(first.name, x.labels) },
            x2: { field: 'x2' },
            y: { field: 'y', type: 'quantitative', scale: { domain: [0, y.labels.length], nice: false }, axis: partsAxis(second.name, y.labels) },
            y2: { field: 'y2' },
            color: { field: 'score', type: 'quantitative', scale: colours, legend: legend(objective, colours) },
            tooltip: [{ field: 'first', title: first.name }, { field: 'second', title: second.name }, { field: 'text', title: `median ${objective.key}` }, { field: 'trials', title: 'trials' }],
          },
        },
        ...frames,
        {
          data: { values: [{ x: at(first, x), y: at(second, y) }] },
          mark: { type: 'point', filled: false, size: 110, stroke: 'var(--ink)', strokeWidth: 2, tooltip: null },
          encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
        },
      ],
    },
  } // prettier-ignore
}

/** What the two ends and the middle of the colours stand for. */
function legend(objective: SweepReport['objective'], { domain }: ScoreColours): object {
  const [lowest, middle, highest] = domain.map((score) => objectiveText(objective, score))
  const text = `datum.value < ${domain[1]} ? ${JSON.stringify(lowest)} : datum.value > ${domain[1]} ? ${JSON.stringify(highest)} : ${JSON.stringify(middle)}`
  return { title: null, orient: 'top', values: domain, labelExpr: text, gradientLength: 200, gradientThickness: 8 } // prettier-ignore
}
