import { fieldOf, numberOf } from './message-fields.js'

/** Best bid and ask as a venue tells them; whether they can be traded on is for whoever trades. */
export interface ToldQuote {
  /** As the venue writes it: `BTCUSDT`. */
  readonly symbol: string
  /** By the venue's clock, UTC ms; NaN where it tells no time, as its spot market does. */
  readonly saidAt: number
  /** Counts the changes of the book: a smaller one is older. NaN where it is not told. */
  readonly update: number
  readonly bid: number
  /** Base units. */
  readonly bidSize: number
  readonly ask: number
  readonly askSize: number
}

/**
 * Best bid and ask of a message of the stream, undefined for what is none. Source: Binance, "Individual Symbol Book Ticker Streams": s, b, B, a, A, u; on futures e, E and T too. E counts, the time at
 * which it was said: T is when the book last changed. Pure; never throws.
 */
export function quoteOfStream(message: unknown): ToldQuote | undefined {
  return quoteOf(message, { symbol: 's', saidAt: 'E', update: 'u', bid: 'b', bidSize: 'B', ask: 'a', askSize: 'A' }) // prettier-ignore
}

/**
 * The same of an answer by REST. Source: Binance, "Symbol Order Book Ticker": symbol, bidPrice, bidQty, askPrice, askQty; on futures time and lastUpdateId too. Its time is when the book last changed: it
 * says nothing of how old the answer is, and is not taken.
 */
export function quoteOfAnswer(answer: unknown): ToldQuote | undefined {
  return quoteOf(answer, { symbol: 'symbol', saidAt: '', update: 'lastUpdateId', bid: 'bidPrice', bidSize: 'bidQty', ask: 'askPrice', askSize: 'askQty' }) // prettier-ignore
}

function quoteOf(from: unknown, names: Readonly<Record<keyof ToldQuote, string>>): ToldQuote | undefined {
  const number = (name: keyof ToldQuote): number => numberOf(fieldOf(from, names[name]))
  const symbol = fieldOf(from, names.symbol)
  const [bid, bidSize, ask, askSize] = [number('bid'), number('bidSize'), number('ask'), number('askSize')]
  if (typeof symbol !== 'string' || !Number.isFinite(bid + bidSize + ask + askSize)) return undefined
  return { symbol, saidAt: number('saidAt'), update: number('update'), bid, bidSize, ask, askSize }
}
