import { formatValue } from '../metrics/format.js'
import { tidy, unitOf, type Dimension, valueAtUnit } from '../research/search-dimension.js'
import { seededSample } from '../research/sweep/seeded-sample.js'
import { safe, type Markup } from './markup.js'
import { vegaChart, type PageKit } from './page/index.js'
import { scoreColours } from './sweep-colours.js'
import { type CompleteTrial, objectiveText, rankedTrials, type SweepReport } from './sweep-report.js'

/** The best so many trials, and at most so many of the others. */
const BEST = 100
const OTHERS = 400
/** Axes that a page is wide enough for, that of the objective not counted. */
const MOST_AXES = 10
const HEIGHT = 300
/** A shorter drag, in pixels, is a click: it lifts the range. */
const SHORTEST = 4

const FONT = { font: { value: 'system-ui, sans-serif' }, fontSize: { value: 11 } }

/** One axis: where trials lie on it, from 0 at its bottom to 1, and what is written beside it. */
interface ParallelAxis {
  readonly name: string
  readonly unitOf: (trial: CompleteTrial) => number
  readonly ticks: readonly { readonly unit: number; readonly text: string }[]
}

/** Each trial as a line over its params and the objective. A drag along an axis chooses a range of it; ranges of several axes hold together. */
export function parallelChart(kit: PageKit, report: SweepReport): Markup {
  const { dimensions, objective, seed } = report
  const ranked = rankedTrials(report)
  if (ranked.length < 2 || dimensions.length === 0)
    return safe`<p>${dimensions.length === 0 ? 'No param was varied' : `${ranked.length} complete trials, at least 2 needed`}: there are no lines to draw.</p>`
  const rest = ranked.slice(BEST)
  const shown = [...ranked.slice(0, BEST), ...seededSample(rest.length, OTHERS, seed, 2).map((at) => rest[at]!)] // prettier-ignore
  const axes = [...dimensions.slice(0, MOST_AXES).map(paramAxis), objectiveAxis(report, shown)]
  // The best is drawn last, above all others.
  const lines = [...shown].reverse().map((trial) => ({
    units: axes.map((axis) => Number(axis.unitOf(trial).toFixed(5))),
    score: trial.score,
    tip: Object.fromEntries([
      ['Trial', String(trial.number)],
      ...dimensions.map(({ name }) => [name, String(trial.point[name])]),
      [objective.key, objectiveText(objective, trial.score)],
    ]) as object,
  }))
  const sampled = shown.length < ranked.length ? ` Drawn are the best ${BEST} of ${formatValue(ranked.length, 'count')} complete trials and ${formatValue(shown.length - BEST, 'count')} of the others, a sample by the seed.` : '' // prettier-ignore
  const left = dimensions.length - MOST_AXES
  const spec = parallelSpec(axes, lines, scoreColours(objective, ranked.map(({ score }) => score))) // prettier-ignore
  return vegaChart(kit, {
    title: 'Params and objective of each trial',
    isVega: true,
    spec,
    note: `A line is a trial, coloured by ${objective.key}. Drag along an axis to keep the trials of that range; a click on it lifts the range again.${sampled}${left > 0 ? ` ${left} more params have no axis here.` : ''}`,
  })
}

function paramAxis(dimension: Dimension): ParallelAxis {
  const { name } = dimension
  const values = dimension.kind === 'list' && dimension.values.length <= 12 ? dimension.values : [0, 0.5, 1 - 1e-12].map((unit) => valueAtUnit(dimension, unit)) // prettier-ignore
  const ticks = [...new Set(values)].map((value) => ({ unit: unitOf(dimension, value), text: typeof value === 'number' ? String(tidy(Number(value.toPrecision(4)))) : String(value) })) // prettier-ignore
  return { name, unitOf: ({ point }) => unitOf(dimension, point[name]!), ticks }
}

function objectiveAxis({ objective }: SweepReport, shown: readonly CompleteTrial[]): ParallelAxis {
  const scores = shown.map(({ score }) => score)
  const lowest = scores.reduce((least, score) => Math.min(least, score), Infinity)
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity)
  const unit = (score: number): number =>
    highest > lowest ? 0.02 + (0.96 * (score - lowest)) / (highest - lowest) : 0.5
  const ticks = [...new Set([lowest, (lowest + highest) / 2, highest])].map((score) => ({ unit: unit(score), text: objectiveText(objective, score) })) // prettier-ignore
  return { name: objective.key, unitOf: ({ score }) => unit(score), ticks }
}

/** Written for Vega itself: Vega-Lite has no ranges on axes of their own. */
function parallelSpec(axes: readonly ParallelAxis[], lines: readonly object[], colours: object): object {
  const last = axes.length - 1
  const across = (at: number): string => `scale('across', ${at})`
  const path = axes.map((_, at) => `'${at === 0 ? 'M' : 'L'}' + ${across(at)} + ',' + height * (1 - datum.units[${at}])`).join(' + ') // prettier-ignore
  const isSet = (at: number): string => `range${at} && abs(range${at}[1] - range${at}[0]) > ${SHORTEST}`
  const within = axes.map((_, at) => `(!(${isSet(at)}) || inrange(height * (1 - datum.units[${at}]), range${at}))`).join(' && ') // prettier-ignore
  const size = 'isFinite(containerSize()[0]) ? containerSize()[0] : 600'
    return {
    $schema: 'https://vega.github.io/schema/vega/v6.json',
    background: 'transparent',
    padding: { left: 2, right: 2, top: 4, bottom: 2 },
    autosize: { type: 'fit-x', contains: 'padding' },
    height: HEIGHT,
    signals: [
      { name: 'width', init: size, on: [{ events: 'window:resize', update: size }] },
      ...axes.map((_, at) => rangeSignal(at)),
    ],
    scales: [
      { name: 'across', type: 'point', domain: axes.map((_, at) => at), range: 'width', padding: 0.35 },
      // Lines that neither gain nor lose must be seen.
      { name: 'colour', ...colours, range: ['var(--loss)', 'var(--soft)', 'var(--gain)'] },
    ],
    data: [
      { name: 'lines', values: lines, transform: [{ type: 'formula', as: 'isOn', expr: within }] },
      { name: 'on', source: 'lines', transform: [{ type: 'filter', expr: 'datum.isOn' }] },
      { name: 'ticks', values: axes.flatMap(({ ticks }, at) => ticks.map((tick) => ({ at, ...tick }))) },
      { name: 'names', values: axes.map(({ name }, at) => ({ at, name })) },
    ],
    marks: [
      {
        type: 'path',
        from: { data: 'lines' },
        encode: {
          enter: { fill: { value: null }, strokeWidth: { value: 1.3 } },
          update: {
            path: { signal: path },
            stroke: { scale: 'colour', field: 'score' },
            strokeOpacity: [{ test: 'datum.isOn', value: 0.5 }, { value: 0.05 }],
            strokeWidth: { value: 1.3 },
            tooltip: { signal: 'datum.isOn ? datum.tip : null' },
          },
          hover: { strokeWidth: { value: 3 }, strokeOpacity: { value: 1 } },
        },
      },
      ...axes.flatMap((_, at) => axisMarks(at, across(at), isSet(at))),
      // Texts stand on a rim of paper: lines pass below them.
      tickTexts(last, axes.length, { stroke: { value: 'var(--paper)' }, strokeWidth: { value: 4 }, strokeOpacity: { value: 0.85 }, strokeJoin: { value: 'round' } }),
      tickTexts(last, axes.length, { fill: { value: 'var(--ink)' } }),
      {
        type: 'text',
        from: { data: 'names' },
        interactive: false,
        encode: {
          update: {
            x: { scale: 'across', field: 'at' },
            y: { value: -10 },
            align: { value: 'center' },
            text: { field: 'name' }, fontWeight: { value: 'bold' },
            fill: { value: 'var(--ink)' }, limit: { signal: `width / ${axes.length} - 4` }, ...FONT,
          },
        },
      },
      {
        type: 'text',
        interactive: false,
        encode: {
          update: {
            x: { value: 0 }, y: { signal: 'height + 18' },
            text: { signal: `length(data('on')) + ' of ${lines.length} lines'` },
            fill: { value: 'var(--soft)' }, ...FONT,
          },
        },
      },
    ],
  }
} // prettier-ignore

function tickTexts(last: number, axes: number, paint: object): object {
  return {
    type: 'text',
    from: { data: 'ticks' },
    interactive: false,
    encode: {
      update: {
        x: { scale: 'across', field: 'at', offset: { signal: `datum.at === ${last} ? -7 : 7` } },
        y: { signal: 'height * (1 - datum.unit)' },
        align: { signal: `datum.at === ${last} ? 'right' : 'left'` },
        baseline: { value: 'middle' },
        text: { field: 'text' },
        limit: { signal: `width / ${axes} - 8` },
        ...paint,
        ...FONT,
      },
    },
  }
}

/** The range that is dragged along an axis, from and to in pixels below its top; null: all. */
function rangeSignal(at: number): object {
  const here = 'clamp(y(), 0, height)'
  const drag = {
    type: 'pointermove',
    source: 'window',
    between: [
      { type: 'pointerdown', markname: `axis${at}` },
      { type: 'pointerup', source: 'window' },
    ],
  }
  return {
    name: `range${at}`,
    value: null,
    on: [
      { events: { type: 'pointerdown', markname: `axis${at}` }, update: `[${here}, ${here}]` },
      { events: drag, update: `[range${at}[0], ${here}]` },
    ],
  }
}

/** A rule, the range that is chosen, and above both a strip that can be dragged along. */
function axisMarks(at: number, x: string, isSet: string): readonly object[] {
  return [
    { type: 'rule', interactive: false, encode: { update: { x: { signal: x }, y: { value: 0 }, y2: { signal: 'height' }, stroke: { value: 'var(--soft)' } } } },
    {
      type: 'rect',
      interactive: false,
      encode: {
        update: {
          x: { signal: `${x} - 7` }, width: { value: 14 },
          y: { signal: `${isSet} ? range${at}[0] : 0` }, y2: { signal: `${isSet} ? range${at}[1] : 0` },
          fill: { value: 'var(--strategy)' }, fillOpacity: { signal: `${isSet} ? 0.3 : 0` },
        },
      },
    },
    {
      type: 'rect',
      name: `axis${at}`,
      encode: {
        enter: { fill: { value: 'transparent' }, cursor: { value: 'ns-resize' } },
        update: { x: { signal: `${x} - 12` }, width: { value: 24 }, y: { value: 0 }, y2: { signal: 'height' } },
      },
    },
  ]
} // prettier-ignore
