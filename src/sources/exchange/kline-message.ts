import type { ClosedCandle } from './backfill.js'
import { fieldOf, numberOf } from './message-fields.js'

/** A closed candle that a stream tells of. */
export interface ToldCandle {
  /** As the venue writes it: `BTCUSDT`. */
  readonly symbol: string
  readonly candle: ClosedCandle
}

/**
 * The candle of a kline message, where it is closed: the venue says so, and by its own time of saying so the candle is over. A message that says "closed" of a candle under way, one of another
 * timeframe, and whatever is no candle are nothing. Source: Binance, "Kline/Candlestick Streams": E, k {t, s, o, h, l, c, v, x}. Pure; never throws.
 */
export function closedCandle(message: unknown, timeframeMs: number): ToldCandle | undefined {
  const kline = fieldOf(message, 'k')
  const saidAt = Number(fieldOf(message, 'E'))
  const symbol = fieldOf(kline, 's')
  if (fieldOf(kline, 'x') !== true || typeof symbol !== 'string') return undefined
  const [openTime, open, high, low, close, volume] = ['t', 'o', 'h', 'l', 'c', 'v'].map((name) =>
    numberOf(fieldOf(kline, name)),
  ) as [number, number, number, number, number, number]
  const lastMs = numberOf(fieldOf(kline, 'T'))
  if (openTime % timeframeMs !== 0 || lastMs - openTime + 1 !== timeframeMs) return undefined
  if (!(saidAt >= openTime + timeframeMs)) return undefined
  const isSound =
    low > 0 &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close) &&
    high < Infinity &&
    volume >= 0 &&
    volume < Infinity
  return isSound ? { symbol, candle: { openTime, open, high, low, close, volume } } : undefined
}
