import type { Candles } from '../core/columns.js'
import { ConfigError, DataError } from '../core/errors.js'
import { durationName, formatUtc } from '../core/time.js'
import type { InstrumentData } from './options.js'

type Fail = (message: string, row: number, field: string, value: number) => never

function failing(file: string): Fail {
  return (message, row, field, value) => {
    throw new DataError(message, { file, row: row + 1, field, value })
  }
}

/** Bars that are looked at at once: all five columns of them fit the second cache, where what is done with them next finds them. */
const BARS_AT_ONCE = 8_192

/**
 * The engine's own look at its input: whatever slipped past the store must not become a trade. `passed` is told up to which bar all is well,
 * stretch by stretch. O(bars).
 */
export function checkCandles({ instrument, candles }: InstrumentData, passed: (end: number) => void): void {
  const bars = candles.openTime.length
  for (let from = 0; from < bars; from += BARS_AT_ONCE) {
    const end = Math.min(from + BARS_AT_ONCE, bars)
    const bar = firstBadBar(candles, from, end, earliestOpen(candles, from))
    if (bar < end) explainBadBar(`candles of ${instrument.id}`, candles, bar)
    passed(end)
  }
}

/** Finer candles that do not divide the bars could not be judged in order. */
export function checkDetail({ instrument, candles, detail }: InstrumentData): void {
  if (detail === undefined) return
  const { timeframeMs } = detail
  if (!(timeframeMs < candles.timeframeMs) || candles.timeframeMs % timeframeMs !== 0) {
    throw new ConfigError('finer candles must divide the bars', { field: 'detail', value: timeframeMs, unit: 'ms' }) // prettier-ignore
  }
  const bar = firstBadBar(detail, 0, detail.openTime.length, earliestOpen(detail, 0))
  if (bar < detail.openTime.length)
    explainBadBar(`${instrument.id}@${durationName(timeframeMs)}`, detail, bar)
}

/** When a bar may open at the earliest. Not asked in the loop's own function: V8 compiles that inside the loop, and discards it for a branch that is taken only later. */
function earliestOpen({ openTime, timeframeMs }: Candles, bar: number): number {
  return bar === 0 ? Number.NEGATIVE_INFINITY : (openTime[bar - 1] as number) + timeframeMs
}

/** First bar of `[from, end)` whose prices or times make no sense, `end` where all do. Asks all at once; what is wrong is told later. */
function firstBadBar(
  { openTime, open, high, low, close, timeframeMs }: Candles,
  from: number,
  end: number,
  earliest: number,
): number {
  for (let bar = from; bar < end; bar++) {
    const bottom = low[bar] as number
    const top = high[bar] as number
    const first = open[bar] as number
    const last = close[bar] as number
    const time = openTime[bar] as number
    const isFine =
      bottom > 0 &&
      top < Infinity &&
      bottom <= first &&
      bottom <= last &&
      top >= first &&
      top >= last &&
      time >= earliest
    if (!isFine) return bar
    earliest = time + timeframeMs
  }
  return end
}

function explainBadBar(file: string, { openTime, open, high, low, close }: Candles, bar: number): never {
  const fail = failing(file)
  const [o, h, l, c] = [open[bar] as number, high[bar] as number, low[bar] as number, close[bar] as number]
  if (!(l > 0) || !(h < Infinity))
    fail('prices must be positive and finite', bar, l > 0 ? 'high' : 'low', l > 0 ? h : l)
  if (!(l <= o && l <= c)) fail('low is above open or close', bar, 'low', l)
  if (!(h >= o && h >= c)) fail('high is below open or close', bar, 'high', h)
  return fail('bars overlap or go back in time', bar, 'openTime', openTime[bar] as number)
}

/** A settlement listed twice would be charged twice, one out of order at the wrong time. */
export function checkFunding({ instrument, funding }: InstrumentData): void {
  if (funding === undefined) return
  const { time, rate, mark } = funding
  const fail = failing(`funding of ${instrument.id}`)
  for (let row = 0; row < time.length; row++) {
    const [stamp, fraction, price] = [time[row] as number, rate[row] as number, mark[row] as number]
    if (!Number.isFinite(stamp) || (row > 0 && !(stamp > (time[row - 1] as number))))
      fail('settlement times must increase', row, 'time', stamp)
    if (Math.abs(fraction) === Infinity) fail('a rate must be finite, or missing', row, 'rate', fraction)
    if (price <= 0 || price === Infinity) fail('a mark must be positive, or missing', row, 'mark', price)
  }
}

/** Mark prices stand beside each bar that is traded, `[first, end)`; a missing one would be a liquidation that goes unseen. */
export function checkMark({ instrument, candles, mark }: InstrumentData, first: number, end: number): void {
  if (mark === undefined) return
  const fail = failing(`mark prices of ${instrument.id}`)
  for (let bar = first; bar < end; bar++) {
    const [open, high, low] = [
      mark.open[bar] ?? Number.NaN,
      mark.high[bar] ?? Number.NaN,
      mark.low[bar] ?? Number.NaN,
    ]
    if (Number.isNaN(open + high + low)) {
      const time = formatUtc(candles.openTime[bar] as number)
      return fail(`the bar that opens ${time} UTC has no mark price: import it`, bar, 'mark', NaN)
    }
    if (!(low > 0 && high < Infinity))
      fail('mark prices must be positive and finite', bar, 'mark', low > 0 ? high : low)
    if (!(low <= open && open <= high)) fail('the mark opens outside its own range', bar, 'mark', open)
  }
}
