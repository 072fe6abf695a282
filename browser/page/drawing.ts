import type UPlot from 'uplot'
import type { CandleColumns, TimeLevel, TimeMark, TimeSpan } from '../../src/report/page/chart-data.js'
import { ink } from './theme.js'

/** Everything that is drawn on a chart by hand is drawn inside its frame. */
function inside(plot: UPlot, draw: (context: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw(ctx)
  ctx.restore()
}

const xOf = (plot: UPlot, time: number): number => plot.valToPos(time, 'x', true)
const yOf = (plot: UPlot, value: number): number => plot.valToPos(value, 'y', true)
const ratio = (): number => devicePixelRatio

function isKnown(value: number | null | undefined): value is number {
  return typeof value === 'number'
}

/** Spans are tinted and numbered in the order in which they are given: in a strip along the top, or at the foot where areas hang from it. */
export function drawSpans(plot: UPlot, spans: readonly TimeSpan[], isHanging: boolean): void {
  if (spans.length === 0) return
  const strip = 13 * ratio()
  const labelled: number[] = []
  inside(plot, (context) => {
    context.font = `600 ${10 * ratio()}px system-ui, sans-serif`
    context.textBaseline = 'middle'
    spans.forEach(({ from, to }, index) => {
      const left = Math.max(plot.bbox.left, xOf(plot, from))
      const width = Math.max(1, xOf(plot, to) - left)
      context.fillStyle = `${ink('loss')}10`
      context.fillRect(left, plot.bbox.top, width, plot.bbox.height)
      const top = isHanging ? plot.bbox.top + plot.bbox.height - strip : plot.bbox.top
      if (!isHanging) {
        context.fillStyle = `${ink('loss')}40`
        context.fillRect(left, top, width, strip)
      }
      context.fillStyle = ink(isHanging ? 'soft' : 'ink')
      // A narrow span has its number over its middle, unless it would stand on another one.
      const at = width > strip ? left + 4 * ratio() : left + width / 2 - 3 * ratio()
      if (labelled.some((other) => Math.abs(other - at) < 9 * ratio())) return
      labelled.push(at)
      context.fillText(String(index + 1), at, top + strip / 2)
    })
  })
}

/** Candles as wide as their distance allows; under 3 pixels only their range is drawn. */
export function drawCandles(plot: UPlot, time: readonly number[], candles: CandleColumns): void {
  const { min = 0, max = 0 } = plot.scales['x'] ?? {}
  const shown = time.filter((one) => one >= (min ?? 0) && one <= (max ?? 0)).length
  const width = Math.min(12 * ratio(), (0.7 * plot.bbox.width) / Math.max(1, shown))
  const [rise, fall] = [ink('gain'), ink('loss')]
  inside(plot, (context) => {
    context.lineWidth = Math.max(1, ratio() * 0.9)
    for (let row = 0; row < time.length; row++) {
      const [at, open, high, low, close] = [time[row]!, candles.open[row], candles.high[row], candles.low[row], candles.close[row]] // prettier-ignore
      if (!isKnown(open) || !isKnown(high) || !isKnown(low) || !isKnown(close)) continue
      if (at < (min ?? 0) || at > (max ?? 0)) continue
      context.strokeStyle = context.fillStyle = close >= open ? rise : fall
      const x = Math.round(xOf(plot, at)) + 0.5
      context.beginPath()
      context.moveTo(x, yOf(plot, high))
      context.lineTo(x, yOf(plot, low))
      context.stroke()
      if (width < 3) continue
      const [top, bottom] = [yOf(plot, Math.max(open, close)), yOf(plot, Math.min(open, close))]
      context.fillRect(x - width / 2, top, width, Math.max(1, bottom - top))
    }
  })
}

/** More marks than this on a chart are drawn small, and levels of stops not at all: a nearer look shows them. */
const MOST_LARGE_MARKS = 120

function isShown(plot: UPlot, from: number, to: number): boolean {
  const { min, max } = plot.scales['x'] ?? {}
  return to >= (min ?? -Infinity) && from <= (max ?? Infinity)
}

export function drawLevels(plot: UPlot, all: readonly TimeLevel[]): void {
  const shown = all.filter(({ from, to }) => isShown(plot, from, to))
  const levels =
    shown.length > 2 * MOST_LARGE_MARKS ? shown.filter(({ isDashed }) => isDashed !== true) : shown
  if (levels.length === 0) return
  inside(plot, (context) => {
    for (const { from, to, value, endValue = value, ink: role, isDashed } of levels) {
      context.strokeStyle = ink(role)
      context.lineWidth = 1.25 * ratio()
      context.setLineDash(isDashed === true ? [4 * ratio(), 3 * ratio()] : [])
      context.beginPath()
      context.moveTo(xOf(plot, from), yOf(plot, value))
      context.lineTo(Math.max(xOf(plot, to), xOf(plot, from) + 1), yOf(plot, endValue))
      context.stroke()
    }
  })
}

export function drawMarks(plot: UPlot, all: readonly TimeMark[]): void {
  const marks = all.filter(({ time }) => isShown(plot, time, time))
  if (marks.length === 0) return
  const size = (marks.length > MOST_LARGE_MARKS ? 2.6 : 5) * ratio()
  inside(plot, (context) => {
    context.setLineDash([])
    context.lineWidth = 1.5 * ratio()
    for (const mark of marks) {
      const [x, y] = [xOf(plot, mark.time), yOf(plot, mark.value)]
      context.fillStyle = context.strokeStyle = ink(mark.ink)
      context.beginPath()
      if (mark.shape === 'cross') {
        context.moveTo(x - size * 0.7, y - size * 0.7)
        context.lineTo(x + size * 0.7, y + size * 0.7)
        context.moveTo(x - size * 0.7, y + size * 0.7)
        context.lineTo(x + size * 0.7, y - size * 0.7)
        context.stroke()
        continue
      }
      if (mark.shape === 'dot') context.arc(x, y, size * 0.6, 0, 2 * Math.PI)
      else {
        const down = mark.shape === 'down' ? -1 : 1
        context.moveTo(x, y)
        context.lineTo(x - size, y + 1.6 * size * down)
        context.lineTo(x + size, y + 1.6 * size * down)
      }
      context.fill()
      context.strokeStyle = ink('paper')
      context.lineWidth = ratio()
      context.stroke()
      context.lineWidth = 1.5 * ratio()
    }
  })
}

/** The mark within 12 pixels of a point of the chart. */
export function markNear(
  plot: UPlot,
  marks: readonly TimeMark[],
  left: number,
  top: number,
): TimeMark | undefined {
  let nearest: TimeMark | undefined
  let distance = 12
  for (const mark of marks) {
    const away = Math.hypot(plot.valToPos(mark.time, 'x') - left, plot.valToPos(mark.value, 'y') - top)
    if (away < distance) [nearest, distance] = [mark, away]
  }
  return nearest
}
