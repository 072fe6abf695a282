import { DataError } from '../core/errors.js'
import { pointRows, stretchesOf, thinned } from '../report/down-sample.js'
import type { VegaChartContents } from '../report/page/charts.js'

/** A line a column, by its name. */
export type LineColumns = Readonly<Record<string, ArrayLike<number>>>

export interface LinesOptions {
  readonly title?: string
  readonly note?: string
  /** Of the axis: `fraction` is written in per cent. Default: `number`. */
  readonly unit?: 'fraction' | 'number'
  /** Pixels. Default: 220. */
  readonly height?: number
  /** UTC ms: only what lies between is drawn. */
  readonly range?: { readonly startMs: number; readonly endMs: number }
  /** Filled down, or up, to 0. */
  readonly isArea?: boolean
  readonly isLogarithmic?: boolean
  /** Entries and exits, say: triangles that point up or down. */
  readonly marks?: readonly LineMark[]
}

export interface LineMark {
  /** UTC ms. */
  readonly time: number
  readonly value: number
  readonly shape: 'up' | 'down'
}

/** Points that are drawn of one line: more than the pixels that a chart is wide would be wasted. */
const MOST_POINTS = 900
const INKS = ['strategy', 'benchmark', 'third', 'fifth', 'loss', 'fourth', 'sixth'].map((name) => `var(--${name})`) // prettier-ignore

/** What `lines` draws. */
export function linesContents(
  time: ArrayLike<number>,
  columns: LineColumns,
  { title = '', note, unit = 'number', height = 220, range, isArea, isLogarithmic, marks = [] }: LinesOptions,
): VegaChartContents {
  const names = Object.keys(columns)
  const wrong = names.find((name) => columns[name]!.length !== time.length)
  if (wrong !== undefined)
    throw new DataError(`a column must be as long as the times, ${time.length} rows`, { field: wrong, value: columns[wrong]!.length, unit: 'rows' }) // prettier-ignore
  const isInside = (at: number): boolean => range === undefined || (at >= range.startMs && at < range.endMs)
  const rows = Array.from(time).flatMap((at, row) => (isInside(at) ? [row] : []))
  const stretches = stretchesOf(rows[0] ?? 0, (rows.at(-1) ?? -1) + 1, MOST_POINTS)
  const times = pointRows(stretches).map((row) => time[row]!)
  const values = names.flatMap((series) =>
    thinned(columns[series]!, stretches).map((value, at) => ({ time: times[at]!, series, value })),
  )
  const drawn = marks.filter((mark) => isInside(mark.time))
  const x = { field: 'time', type: 'temporal', scale: { type: 'utc' }, axis: { title: null, labelFlush: true, tickCount: 8 } } // prettier-ignore
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: isLogarithmic === true ? { type: 'log', nice: false } : { zero: isArea === true },
    axis: { title: null, tickCount: 5, ...(unit === 'fraction' ? { format: '~%' } : {}) },
  }
  const color = { field: 'series', type: 'nominal', sort: names, scale: { domain: names, range: INKS.slice(0, names.length) }, legend: names.length === 1 ? null : { title: null, orient: 'top', symbolType: 'stroke' } } // prettier-ignore
  const triangles = {
    data: { values: drawn },
    mark: { type: 'point', filled: true, size: 60, opacity: 1 },
    encoding: {
      x,
      y,
      shape: { field: 'shape', type: 'nominal', scale: { domain: ['up', 'down'], range: ['triangle-up', 'triangle-down'] }, legend: null }, // prettier-ignore
      fill: { field: 'shape', type: 'nominal', scale: { domain: ['up', 'down'], range: ['var(--gain)', 'var(--loss)'] }, legend: null }, // prettier-ignore
    },
  }
  return {
    title,
    ...(note === undefined ? {} : { note }),
    spec: {
      height,
      layer: [
        {
          data: { values },
          mark: isArea === true ? { type: 'area', opacity: 0.35, line: { strokeWidth: 1 } } : { type: 'line', strokeWidth: 1.3 }, // prettier-ignore
          encoding: { x, y, color },
        },
        ...(drawn.length === 0 ? [] : [triangles]),
      ],
    },
  }
}
