import { formatUtc } from '../core/time.js'
import { safe, type Markup } from '../report/markup.js'
import type { Candle } from './journal-fold.js'

/** Something that happened at a time and a price. */
export interface ChartMark {
  readonly time: number
  readonly price: number
  readonly shape: 'up' | 'down' | 'cross'
  readonly label: string
}

/** A level that holds now, such as a stop. */
export interface ChartLevel {
  readonly price: number
  readonly kind: 'stop' | 'target' | 'entry'
}

/** Each chart is drawn for a screen and for a phone; the page's style shows one of them. Letters are as large in both. */
interface Size {
  readonly name: 'wide' | 'narrow'
  readonly width: number
  readonly candles: number
}

const SIZES: readonly Size[] = [
  { name: 'wide', width: 1120, candles: Infinity },
  { name: 'narrow', width: 400, candles: 60 },
]
/** Room for labels. */
const RIGHT = 84
const BOTTOM = 18
const LINE = 12

/** Places on a drawing of given height: whole tenths of a pixel. */
class Frame {
  constructor(
    readonly size: Size,
    readonly height: number,
    private readonly from: number,
    private readonly to: number,
    private readonly low: number,
    private readonly high: number,
  ) {}

  /** Where labels begin. */
  get right(): number {
    return this.size.width - RIGHT
  }

  x(time: number): number {
    return tenth(((time - this.from) / (this.to - this.from || 1)) * (this.right - 8) + 4)
  }

  y(value: number): number {
    return tenth(4 + ((this.high - value) / (this.high - this.low || 1)) * (this.height - BOTTOM - 8))
  }
}

const tenth = (value: number): number => Math.round(value * 10) / 10

/** Candles with fills and levels, drawn as they are: no script, no style of its own. */
export function candleChart(
  title: string,
  candles: readonly Candle[],
  marks: readonly ChartMark[],
  levels: readonly ChartLevel[],
): Markup {
  // prettier-ignore
  if (candles.length < 2) return safe`<p class="note">${title}: fewer than two candles yet.</p>`
  return figure(title, (size) => candlesOf(title, candles.slice(-size.candles), marks, levels, size))
}

function candlesOf(
  title: string,
  candles: readonly Candle[],
  marks: readonly ChartMark[],
  levels: readonly ChartLevel[],
  size: Size,
): Markup {
  // prettier-ignore
  const [first, last] = [candles[0] as Candle, candles.at(-1) as Candle]
  const step = (last.closeTime - first.closeTime) / (candles.length - 1)
  const shown = marks.filter(({ time }) => time >= first.closeTime - step)
  const lowest = Math.min(...candles.map(({ low }) => low), ...levels.map(({ price }) => price))
  const highest = Math.max(...candles.map(({ high }) => high), ...levels.map(({ price }) => price))
  const frame = new Frame(size, 280, first.closeTime - step, last.closeTime, lowest, highest)
  const half = tenth(Math.max(0.6, (frame.right / candles.length) * 0.32))
  const body = ({ closeTime, open, high, low, close }: Candle): Markup => {
    const x = frame.x(closeTime - step / 2)
    const [top, bottom] = [frame.y(Math.max(open, close)), frame.y(Math.min(open, close))]
    return safe`<g class="${close >= open ? 'rise' : 'fall'}"><line x1="${x}" x2="${x}" y1="${frame.y(high)}" y2="${frame.y(low)}"/><rect x="${tenth(x - half)}" width="${tenth(half * 2)}" y="${top}" height="${Math.max(0.8, tenth(bottom - top))}"/></g>` // prettier-ignore
  }
  return drawing(title, frame, [first.closeTime, last.closeTime], [lowest, highest], safe`${candles.map(body)}${shown.map((mark) => markShape(frame, mark))}`, levels) // prettier-ignore
}

function markShape(frame: Frame, { time, price, shape, label }: ChartMark): Markup {
  const [x, y] = [frame.x(time), frame.y(price)]
  const path = { up: `M${x} ${y - 6}l5 9h-10z`, down: `M${x} ${y + 6}l5 -9h-10z`, cross: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` }[shape] // prettier-ignore
  return safe`<path class="mark ${shape}" d="${path}"><title>${label}</title></path>`
}

/** A line over time. */
export function lineChart(
  title: string,
  points: readonly { readonly time: number; readonly value: number }[],
): Markup {
  // prettier-ignore
  if (points.length < 2) return safe`<p class="note">${title}: fewer than two points yet.</p>`
  const values = points.map(({ value }) => value)
  const [from, to] = [points[0]?.time ?? 0, points.at(-1)?.time ?? 0]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return figure(title, (size) => {
    const frame = new Frame(size, 180, from, to, low, high)
    const path = points.map(({ time, value }, at) => `${at === 0 ? 'M' : 'L'}${frame.x(time)} ${frame.y(value)}`).join('') // prettier-ignore
    return drawing(title, frame, [from, to], [low, high], safe`<path class="line" d="${path}"/>`, [])
  })
}

function figure(title: string, draw: (size: Size) => Markup): Markup {
  return safe`<figure class="svg-chart"><figcaption><strong>${title}</strong></figcaption>${SIZES.map(draw)}</figure>`
}

function drawing(
  title: string,
  frame: Frame,
  [from, to]: readonly [number, number],
  [low, high]: readonly [number, number],
  inside: Markup,
  levels: readonly ChartLevel[],
): Markup {
  // prettier-ignore
  const { size: { name, width }, height, right } = frame
  const level = ({ price, kind, labelY }: ChartLevel & { readonly labelY: number }): Markup =>
    safe`<g class="level ${kind}"><line x1="0" x2="${right}" y1="${frame.y(price)}" y2="${frame.y(price)}"/><text x="${right + 4}" y="${labelY}">${kind} ${short(price)}</text></g>` // prettier-ignore
  const placed = spread(levels.map((one) => ({ ...one, labelY: tenth(frame.y(one.price) + 4) })), height - BOTTOM) // prettier-ignore
  const tick = (value: number): Markup => {
    const y = tenth(frame.y(value) + 4)
    const isFree = placed.every(({ labelY }) => Math.abs(labelY - y) >= LINE)
    return safe`<line class="grid" x1="0" x2="${right}" y1="${frame.y(value)}" y2="${frame.y(value)}"/>${isFree ? safe`<text x="${right + 4}" y="${y}">${short(value)}</text>` : ''}` // prettier-ignore
  }
  const ticks = [high, (high + low) / 2, low]
  return safe`<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${ticks.map(tick)}${inside}${placed.map(level)}<text x="0" y="${height - 4}">${formatUtc(from)}</text><text class="end" x="${right}" y="${height - 4}">${formatUtc(to)}</text></svg>` // prettier-ignore
}

/** Labels that would lie over each other, a line apart; none below `lowest`. */
function spread<T extends { readonly labelY: number }>(labels: readonly T[], lowest: number): T[] {
  const sorted = [...labels].sort((a, b) => a.labelY - b.labelY)
  let last = -Infinity
  const down = sorted.map((one) => ({ ...one, labelY: (last = Math.max(one.labelY, last + LINE)) }))
  let next = Infinity
  return down.reverse().map((one) => ({ ...one, labelY: (next = tenth(Math.min(one.labelY, lowest, next - LINE))) })) // prettier-ignore
}

/** Seven digits at most. */
function short(value: number): string {
  return String(Number(value.toPrecision(7)))
}
