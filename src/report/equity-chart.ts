import type { EquityCurve } from '../core/result.js'
import { formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import { safe, type Markup } from './markup.js'

const WIDTH = 900
const EQUITY_HEIGHT = 240
const DRAWDOWN_HEIGHT = 90
const GAP = 12
const MOST_POINTS = 900

/** Equity and drawdown over time as one SVG picture, drawn without scripts. Nothing for a run without bars. O(bars). */
export function equityChart(equity: EquityCurve, startingBalance: number): Markup {
  if (equity.time.length < 2) return safe`<p>No bars, no curve.</p>`
  const drawdown = drawdownOf(equity.equity, startingBalance)
  const first = equity.time[0]!
  const last = equity.time.at(-1)!
  const x = (time: number): number => ((time - first) / (last - first)) * WIDTH
  const [lowest, highest] = padded(extremes(equity.equity, startingBalance))
  const equityY = (value: number): number => EQUITY_HEIGHT * (1 - (value - lowest) / (highest - lowest))
  const deepest = Math.max(extremes(drawdown, 0)[1], 1e-9)
  const top = EQUITY_HEIGHT + GAP
  const drawdownY = (value: number): number => top + (value / deepest) * DRAWDOWN_HEIGHT
  const height = top + DRAWDOWN_HEIGHT
  const description = `Equity from ${formatValue(equity.equity[0]!, 'money')} to ${formatValue(equity.equity.at(-1)!, 'money')}; deepest drawdown ${formatValue(deepest, 'fraction')}`

  const equityLine = linePath(equity.time, equity.equity, x, equityY)
  const underwater = `M0,${top} L${linePath(equity.time, drawdown, x, drawdownY).slice(1)} L${WIDTH},${top} Z`
  const startY = coordinate(equityY(startingBalance))
  return safe`<figure>
<svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="${description}">
<title>${description}</title>
<line class="start" x1="0" x2="${WIDTH}" y1="${startY}" y2="${startY}"/>
<path class="equity" d="${equityLine}"/>
<path class="underwater" d="${underwater}"/>
</svg>
<p class="axis soft"><span>${formatUtcDay(first)}</span><span>${formatUtcDay(last)}</span></p>
<figcaption class="soft">Equity after each bar, ${formatValue(extremes(equity.equity, startingBalance)[0], 'money')} to ${formatValue(extremes(equity.equity, startingBalance)[1], 'money')}, the starting balance dashed; below it the drawdown, at worst ${formatValue(deepest, 'fraction')}.</figcaption>
</figure>`
}

function drawdownOf(equity: Float64Array, startingBalance: number): Float64Array {
  let peak = startingBalance
  return equity.map((value) => {
    peak = Math.max(peak, value)
    return 1 - value / peak
  })
}

function extremes(values: Float64Array, start: number): [number, number] {
  let [lowest, highest] = [start, start]
  for (const value of values) {
    lowest = Math.min(lowest, value)
    highest = Math.max(highest, value)
  }
  return [lowest, highest]
}

/** A flat curve gets some height, so that its line lies in the middle. */
function padded([lowest, highest]: [number, number]): [number, number] {
  const margin = highest > lowest ? 0.03 * (highest - lowest) : Math.max(1, 0.01 * Math.abs(highest))
  return [lowest - margin, highest + margin]
}

/** The path through the points, thinned so that each step keeps its lowest and its highest value in order of time. */
function linePath(
  time: Float64Array,
  values: Float64Array,
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  const step = Math.max(1, Math.floor((2 * values.length) / MOST_POINTS))
  const points: string[] = []
  const add = (index: number): void =>
    void points.push(`${coordinate(x(time[index]!))},${coordinate(y(values[index]!))}`)
  for (let start = 0; start < values.length; start += step) {
    let [lowest, highest] = [start, start]
    for (let index = start; index < Math.min(start + step, values.length); index++) {
      if (values[index]! < values[lowest]!) lowest = index
      if (values[index]! > values[highest]!) highest = index
    }
    add(Math.min(lowest, highest))
    if (lowest !== highest) add(Math.max(lowest, highest))
  }
  const last = values.length - 1
  add(last)
  return `M${points.join(' L')}`
}

function coordinate(value: number): string {
  return String(Math.round(value * 10) / 10)
}
