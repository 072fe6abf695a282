import type { BinanceOptions } from './binance.js'
import { openBinance } from './binance.js'
import type { CandlePages } from './candle-pages.js'

export type { BinanceAddresses } from './binance.js'

export interface CcxtCandlesOptions extends BinanceOptions {
  /** `BTCUSDT` of `binance:BTCUSDT` or `binance:BTCUSDT-PERP`. */
  readonly symbol: string
  readonly timeframeMs: number
}

/** Candles of one symbol of Binance. Throws ConfigError for one that the venue does not list. */
export async function ccxtCandles({
  symbol,
  timeframeMs,
  ...options
}: CcxtCandlesOptions): Promise<CandlePages> {
  return (await openBinance(options)).candles(symbol, timeframeMs)
}
