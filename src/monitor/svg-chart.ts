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

const WIDTH = 1120
const RIGHT = 76
const BOTTOM = 18

/** Places on a drawing of given height: whole tenths of a pixel. */
class Frame {
  constructor(
    readonly height: number,
    private readonly from: number,
    private readonly to: number,
    private readonly low: number,
    private readonly high: number,
  ) {}

  x(time: number): number {
    return tenth(((time - this.from) / (this.to - this.from || 1)) * (WIDTH - RIGHT - 8) + 4)
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
  const [first, last] = [candles[0] as Candle, candles.at(-1) as Candle]
  const step = (last.closeTime - first.closeTime) / (candles.length - 1)
  const shown = marks.filter(({ time }) => time >= first.closeTime - step)
  const lowest = Math.min(...candles.map(({ low }) => low), ...levels.map(({ price }) => price))
  const highest = Math.max(...candles.map(({ high }) => high), ...levels.map(({ price }) => price))
  const frame = new Frame(280, first.closeTime - step, last.closeTime, lowest, highest)
  const half = tenth(Math.max(0.6, ((WIDTH - RIGHT) / candles.length) * 0.32))
  const body = ({ closeTime, open, high, low, close }: Candle): Markup => {
    const x = frame.x(closeTime - step / 2)
    const [top, bottom] = [frame.y(Math.max(open, close)), frame.y(Math.min(open, close))]
    return safe`<g class="${close >= open ? 'rise' : 'fall'}"><line x1="${x}" x2="${x}" y1="${frame.y(high)}" y2="${frame.y(low)}"/><rect x="${tenth(x - half)}" width="${tenth(half * 2)}" y="${top}" height="${Math.max(0.8, tenth(bottom - top))}"/></g>` // prettier-ignore
  }
  const level = ({ price, kind }: ChartLevel): Markup =>
    safe`<g class="level ${kind}"><line x1="0" x2="${WIDTH - RIGHT}" y1="${frame.y(price)}" y2="${frame.y(price)}"/><text x="${WIDTH - RIGHT + 4}" y="${frame.y(price) + 4}">${kind} ${short(price)}</text></g>` // prettier-ignore
  return drawing(title, frame, [first.closeTime, last.closeTime], [lowest, highest], safe`${candles.map(body)}${levels.map(level)}${shown.map((mark) => markShape(frame, mark))}`) // prettier-ignore
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
  const frame = new Frame(180, from, to, low, high)
  const path = points.map(({ time, value }, at) => `${at === 0 ? 'M' : 'L'}${frame.x(time)} ${frame.y(value)}`).join('') // prettier-ignore
  return drawing(title, frame, [from, to], [low, high], safe`<path class="line" d="${path}"/>`)
}

function drawing(
  title: string,
  frame: Frame,
  [from, to]: readonly [number, number],
  [low, high]: readonly [number, number],
  inside: Markup,
): Markup {
  // prettier-ignore
  const ticks = [high, (high + low) / 2, low]
  const tick = (value: number): Markup =>
    safe`<line class="grid" x1="0" x2="${WIDTH - RIGHT}" y1="${frame.y(value)}" y2="${frame.y(value)}"/><text x="${WIDTH - RIGHT + 4}" y="${frame.y(value) + 4}">${short(value)}</text>` // prettier-ignore
  return safe`<figure class="svg-chart"><figcaption><strong>${title}</strong></figcaption><div class="scroll"><svg viewBox="0 0 ${WIDTH} ${frame.height}" role="img" aria-label="${title}">${ticks.map(tick)}${inside}<text x="0" y="${frame.height - 4}">${formatUtc(from)}</text><text class="end" x="${WIDTH - RIGHT}" y="${frame.height - 4}">${formatUtc(to)}</text></svg></div></figure>` // prettier-ignore
}

/** Seven digits at most. */
function short(value: number): string {
  return String(Number(value.toPrecision(7)))
}
