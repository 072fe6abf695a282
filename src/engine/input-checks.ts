import { DataError } from '../core/errors.js'
import type { InstrumentData } from './options.js'

type Fail = (message: string, row: number, field: string, value: number) => never

function failing(file: string): Fail {
  return (message, row, field, value) => {
    throw new DataError(message, { file, row: row + 1, field, value })
  }
}

/** The engine's own look at its input: whatever slipped past the store must not become a trade. O(bars). */
export function checkCandles({ instrument, candles }: InstrumentData): void {
  const { openTime, open, high, low, close, timeframeMs } = candles
  const fail = failing(`candles of ${instrument.id}`)
  let earliest = -Infinity
  for (let bar = 0; bar < openTime.length; bar++) {
    const o = open[bar] as number
    const h = high[bar] as number
    const l = low[bar] as number
    const c = close[bar] as number
    if (!(l > 0) || !(h < Infinity))
      fail('prices must be positive and finite', bar, l > 0 ? 'high' : 'low', l > 0 ? h : l)
    if (!(l <= o && l <= c)) fail('low is above open or close', bar, 'low', l)
    if (!(h >= o && h >= c)) fail('high is below open or close', bar, 'high', h)
    const time = openTime[bar] as number
    if (!(time >= earliest)) fail('bars overlap or go back in time', bar, 'openTime', time)
    earliest = time + timeframeMs
  }
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

/** Mark prices stand beside each bar; a missing one would be a liquidation that goes unseen. */
export function checkMark({ instrument, candles, mark }: InstrumentData): void {
  if (mark === undefined) return
  const fail = failing(`mark prices of ${instrument.id}`)
  for (let bar = 0; bar < candles.openTime.length; bar++) {
    const [open, high, low] = [mark.open[bar], mark.high[bar], mark.low[bar]]
    if (open === undefined || high === undefined || low === undefined)
      return fail('there is one mark price a bar', bar, 'mark', NaN)
    if (!(low > 0 && high < Infinity))
      fail('mark prices must be positive and finite', bar, 'mark', low > 0 ? high : low)
    if (!(low <= open && open <= high)) fail('the mark opens outside its own range', bar, 'mark', open)
  }
}
