import type UPlot from 'uplot'
import { formatUtc } from '../../src/core/time.js'
import type {
  ChartUnit,
  TimeChartData,
  TimeLevel,
  TimeMark,
  TimeSeries,
} from '../../src/report/page/chart-data.js'
import {
  type PackedColumn,
  type PackedTimes,
  unpackColumn,
  unpackTimes,
} from '../../src/report/page/packed-columns.js'
import { axisText, logarithmicTicks, timeTexts } from './axis.js'
import { drawCandles, drawLevels, drawMarks, drawSpans, markNear } from './drawing.js'
import { formatAs } from './format.js'
import { ink, onThemeChange } from './theme.js'
import { hideTooltip, showTooltip } from './tooltip.js'
import { tradeMarks } from './trade-marks.js'
import { dataOf, whenVisible } from './visible.js'
import { ZoomGroup } from './zoom-group.js'

declare const uPlot: typeof UPlot

const AXIS_WIDTH = 64
const groups = new Map<string, ZoomGroup>()

function groupOf(name: string): ZoomGroup {
  const group = groups.get(name) ?? new ZoomGroup(name)
  groups.set(name, group)
  return group
}

/** Draws every chart over time; those of one group zoom together and show the same instant. */
export function startTimeCharts(): void {
  const elements = [...document.querySelectorAll<HTMLElement>('.time-chart')]
  const charts: TimeChart[] = []
  whenVisible(elements, (element) => charts.push(new TimeChart(element, chartData(element))))
  onThemeChange(() => {
    for (const chart of charts) chart.redraw()
  })
  for (const buttons of document.querySelectorAll<HTMLElement>('.zoom-buttons')) {
    const group = groupOf(buttons.dataset['group'] ?? '')
    for (const button of buttons.querySelectorAll('button')) {
      const days = button.dataset['days']
      button.addEventListener('click', () => group.zoomToLast(days === undefined ? undefined : Number(days)))
    }
  }
}

interface PackedChart extends Omit<TimeChartData, 'time' | 'series'> {
  readonly time: PackedTimes
  readonly series: readonly (Omit<TimeSeries, 'values'> & { readonly values: PackedColumn })[]
}

function chartData(element: HTMLElement): TimeChartData {
  const packed = dataOf<PackedChart>(element)
  const time = unpackTimes(packed.time)
  const series = packed.series.map((one) => ({ ...one, values: unpackColumn(one.values, time.length) }))
  return { ...packed, time, series }
}

class TimeChart {
  private readonly group: ZoomGroup
  private readonly target: HTMLElement
  private readonly readout: HTMLElement
  private plot: UPlot
  private isLogarithmic = false
  private isPrinting = false
  private readonly marks: readonly TimeMark[]
  private readonly levels: readonly TimeLevel[]

  constructor(
    private readonly element: HTMLElement,
    private readonly data: TimeChartData,
  ) {
    this.group = groupOf(data.group)
    this.target = find(element, '.drawing')
    this.readout = find(element, '.readout')
    const trades = data.trades === undefined ? { marks: [], levels: [] } : tradeMarks(data.trades)
    this.marks = [...(data.marks ?? []), ...trades.marks]
    this.levels = [...(data.levels ?? []), ...trades.levels]
    this.group.know(data.time[0] ?? 0, data.time.at(-1) ?? 0)
    this.plot = this.make()
    const button = element.querySelector<HTMLButtonElement>('button.scale')
    button?.addEventListener('click', () => {
      this.isLogarithmic = !this.isLogarithmic
      button.setAttribute('aria-pressed', String(this.isLogarithmic))
      this.remake()
    })
    new ResizeObserver(() => this.fit()).observe(this.target)
    addEventListener('beforeprint', () => this.printed(true))
    addEventListener('afterprint', () => this.printed(false))
    element.dataset['drawn'] = 'true'
  }

  redraw(): void {
    this.plot.redraw(false, true)
    this.legend(null)
  }

  private printed(isPrinting: boolean): void {
    this.isPrinting = isPrinting
    this.fit()
  }

  private width(): number {
    return this.isPrinting ? 660 : Math.max(200, this.target.clientWidth)
  }

  private height(): number {
    return Number(this.element.dataset['height'])
  }

  private fit(): void {
    if (this.target.offsetParent === null && !this.isPrinting) return
    const [width, height] = [this.width(), this.height()]
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height })
  }

  private remake(): void {
    this.group.remove(this.plot)
    this.plot.destroy()
    this.plot = this.make()
  }

  private make(): UPlot {
    const { data, group } = this
    const columns = data.series.map(({ values }) => this.scaled(values))
    // The axis must hold the extremes of candles, which are drawn by hand.
    const hidden = data.candles === undefined ? [] : [data.candles.low, data.candles.high]
    const [from, to] = group.range()
    const plot = new uPlot(
      {
        width: this.width(),
        height: this.height(),
        ms: 1,
        pxAlign: 1,
        tzDate: (time: number) => uPlot.tzDate(new Date(time), 'Etc/UTC'),
        legend: { show: false },
        padding: [8, 22, 0, 0],
        cursor: {
          y: false,
          sync: { key: `baleen-${data.group}`, scales: ['x', null], setSeries: false },
          drag: { x: true, y: false, setScale: true, dist: 4 },
          points: { size: 6 },
          bind: {
            dblclick: () => () => {
              group.zoomToLast(undefined)
              return null
            },
          },
        },
        scales: {
          x: { time: true, auto: false, min: from, max: to },
          y: { range: (_plot: UPlot, low: number | null, high: number | null) => this.range(low, high) },
        },
        axes: [
          {
            stroke: () => ink('soft'),
            grid: { stroke: () => ink('grid'), width: 1 },
            ticks: { show: false },
            font: FONT,
            size: data.isCompact === true ? 6 : 38,
            gap: 4,
            values: (_plot: UPlot, ticks: number[]) =>
              data.isCompact === true ? ticks.map(() => '') : timeTexts(ticks),
          },
          {
            stroke: () => ink('soft'),
            grid: { stroke: () => ink('grid'), width: 1 },
            ticks: { show: false },
            font: FONT,
            size: AXIS_WIDTH,
            gap: 6,
            ...(this.isLogarithmic && {
              splits: (_plot: UPlot, _axis: number, low: number, high: number) => logarithmicTicks(low, high),
            }),
            values: (_plot: UPlot, ticks: number[]) =>
              axisText(
                ticks.map((tick) => this.unscaled(tick)),
                data.unit,
              ),
          },
        ],
        series: [
          {},
          ...data.series.map((series) => this.lineOf(series)),
          ...hidden.map(() => ({ paths: () => null, points: { show: false } })),
        ],
        hooks: {
          drawClear: [
            (one: UPlot) =>
              drawSpans(
                one,
                data.spans ?? [],
                data.series.some(({ draw }) => draw === 'area'),
              ),
          ],
          draw: [
            (one: UPlot) => {
              if (data.candles !== undefined) drawCandles(one, data.time, data.candles)
              drawLevels(one, this.levels)
              drawMarks(one, this.marks)
            },
          ],
          setScale: [(one: UPlot, key: string) => key === 'x' && this.ranged(one)],
          setCursor: [(one: UPlot) => this.point(one)],
        },
      } as unknown as UPlot.Options,
      [data.time, ...columns, ...hidden] as unknown as UPlot.AlignedData,
      this.target,
    )
    plot.over.addEventListener('mouseleave', hideTooltip)
    group.add(plot)
    this.legend(null)
    return plot
  }

  /** What is shown stands in the page too, for whoever asks. */
  private ranged(plot: UPlot): void {
    const { min, max } = plot.scales['x'] ?? {}
    this.element.dataset['range'] = `${min}..${max}`
    this.group.follow(plot)
  }

  private lineOf({ ink: role, draw, isDashed }: TimeSeries): UPlot.Series {
    const stepped = uPlot.paths.stepped
    return {
      stroke: () => ink(role),
      width: 1.5,
      points: { show: false },
      spanGaps: false,
      ...(draw === 'area' && { fill: () => `${ink(role)}38`, fillTo: 0 }),
      ...(draw === 'step' && stepped && { paths: stepped({ align: 1 }) }),
      ...(isDashed === true && { dash: [5, 4], width: 1 }),
    } as UPlot.Series
  }

  /** Logarithmic scales draw ln(1 + r). */
  private scaled(values: readonly (number | null)[]): readonly (number | null)[] {
    return this.isLogarithmic ? values.map((value) => (value === null ? null : Math.log1p(value))) : values
  }

  private unscaled(value: number): number {
    return this.isLogarithmic ? Math.expm1(value) : value
  }

  private range(low: number | null, high: number | null): [number, number] {
    if (this.data.range !== undefined) return [...this.data.range]
    if (low === null || high === null) return [0, 1]
    const areas = this.data.series.some(({ draw }) => draw === 'area')
    const [lowest, highest] = areas ? [Math.min(0, low), Math.max(0, high)] : [low, high]
    const margin = highest > lowest ? 0.05 * (highest - lowest) : Math.abs(highest) * 0.05 || 1
    return [areas && lowest === 0 ? 0 : lowest - margin, areas && highest === 0 ? 0 : highest + margin]
  }

  private point(plot: UPlot): void {
    const { idx, left = -1, top = -1 } = plot.cursor
    this.legend(idx === undefined || left < 0 ? null : idx)
    const isHere = left >= 0 && top >= 0 && plot.over.matches(':hover')
    if (!isHere) return
    const mark = markNear(plot, this.marks, left, top)
    const span = this.data.spans?.find(({ from, to }) => within(plot.posToVal(left, 'x'), from, to))
    const lines = mark?.lines ?? (span === undefined ? undefined : [span.label])
    if (lines === undefined) hideTooltip()
    else {
      const { left: x, top: y } = plot.over.getBoundingClientRect()
      showTooltip(lines, x + left, y + top)
    }
  }

  /** The values at the pointer, or the last ones. */
  private legend(pointed: number | null): void {
    const { time, series, candles } = this.data
    const row = pointed ?? time.length - 1
    const items = series.map(({ label, values, ink: role, unit }) =>
      item(label, text(values[row] ?? null, unit), role),
    )
    if (candles !== undefined) {
      const [open, high, low, close] = [candles.open, candles.high, candles.low, candles.close].map(
        (column) => text(column[row] ?? null, this.data.unit),
      )
      items.push(item('', `O ${open}  H ${high}  L ${low}  C ${close}`, undefined))
    }
    const when = document.createElement('span')
    when.className = 'when'
    when.textContent = time[row] === undefined ? '' : formatUtc(time[row])
    this.readout.replaceChildren(when, ...items)
  }
}

const FONT = '11px system-ui, sans-serif'

function within(time: number, from: number, to: number): boolean {
  return time >= from && time <= to
}

function text(value: number | null, unit: ChartUnit): string {
  return value === null ? 'n/a' : formatAs(value, unit)
}

function item(label: string, value: string, role: string | undefined): HTMLElement {
  const element = document.createElement('span')
  if (role !== undefined) {
    const key = document.createElement('i')
    key.style.background = ink(role)
    element.append(key)
  }
  const number = document.createElement('b')
  number.textContent = value
  element.append(`${label} `, number)
  return element
}

function find(element: HTMLElement, selector: string): HTMLElement {
  const found = element.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`a chart lacks its ${selector}`)
  return found
}
