import { type Bar, barAt, intervalStart } from '../bars-at.js'
import { decimal } from '../decimal.js'
import type { View } from '../reply.js'
import { INTERVALS } from './parameters.js'
import { bestQuotes } from './prices.js'
import type { Listed, Market, Venue } from './venue.js'

/** One message of a stream, and which of its kind it is: its name in the truth log. */
export interface StreamMessage {
  readonly what: string
  readonly data: object
  /** It tells of a candle that is closed. */
  readonly closes: boolean
}

/** What a stream says when its time has come. It keeps where it stands: one object a stream. */
export interface StreamSource {
  /** Latest time by which it must be asked again, however seldom updates are pushed. */
  nextMs(nowMs: number): number
  take(view: View): readonly StreamMessage[]
}

/**
 * The source behind a stream's name: `btcusdt@kline_1m`, `btcusdt@bookTicker`. Undefined for a symbol that is not listed, another kind of
 * stream, or an interval that the world's candles do not make.
 */
export function streamSource(
  venue: Venue,
  market: Market,
  name: string,
  startMs: number,
): StreamSource | undefined {
  // prettier-ignore
  const match = /^([a-z0-9]+)@(?:kline_(\w+)|(bookTicker))$/.exec(name)
  const listed = venue[market].get((match?.[1] ?? '').toUpperCase())
  if (match === null || listed === undefined) return undefined
  if (match[3] !== undefined) return new QuoteSource(listed, market)
  const intervalMs = INTERVALS.get(match[2] ?? '')
  if (intervalMs === undefined || intervalMs % listed.candles.timeframeMs !== 0) return undefined
  return new KlineSource(listed, match[2] ?? '', intervalMs, startMs)
}

/**
 * Updates of the open candle, and each candle once more when it is closed (`x` true), before the next one's first. Sources: Binance spot API, "Kline/Candlestick
 * Streams"; USDⓈ-M futures, "Kline/Candlestick Streams", `<symbol>@kline_<interval>`: e, E, s, k {t, T, s, i, f, L, o, c, h, l, v, n, x, q, V, Q, B}.
 */
class KlineSource implements StreamSource {
  /** Open of the interval under way. */
  private current: number

  constructor(
    private readonly listed: Listed,
    private readonly interval: string,
    private readonly intervalMs: number,
    startMs: number,
  ) {
    this.current = intervalStart(startMs, intervalMs)
  }

  nextMs(): number {
    return this.current + this.intervalMs
  }

  take({ knownMs, clockMs }: View): StreamMessage[] {
    const { listed, intervalMs } = this
    const messages: StreamMessage[] = []
    const add = (): void => {
      const bar = barAt(listed.candles, this.current, intervalMs, knownMs, listed.instrument.tickSize)
      if (bar !== undefined) messages.push(this.message(bar, clockMs))
    }
    while (this.current + intervalMs <= knownMs) {
      add()
      this.current += intervalMs
    }
    add()
    return messages
  }

  private message(bar: Bar, clockMs: number): StreamMessage {
    const { symbol } = this.listed
    const k = {
      t: bar.openTime,
      T: bar.closeTime,
      s: symbol,
      i: this.interval,
      f: 0,
      L: bar.parts,
      o: decimal(bar.open),
      c: decimal(bar.close),
      h: decimal(bar.high),
      l: decimal(bar.low),
      v: decimal(bar.volume),
      n: bar.parts,
      x: bar.isClosed,
      q: decimal(bar.quoteVolume),
      V: decimal(bar.volume / 2),
      Q: decimal(bar.quoteVolume / 2),
      B: '0',
    }
    const what = `${bar.isClosed ? 'closed' : 'open'} candle ${bar.openTime}`
    return { what, data: { e: 'kline', E: clockMs, s: symbol, k }, closes: bar.isClosed }
  }
}

/**
 * Best bid and offer whenever they change. Sources: Binance spot API, "Individual Symbol Book Ticker Streams": u, s, b, B, a, A; USDⓈ-M futures, the same name: those
 * and e, E, T.
 */
class QuoteSource implements StreamSource {
  private last = ''

  constructor(
    private readonly listed: Listed,
    private readonly market: Market,
  ) {}

  nextMs(): number {
    return Infinity
  }

  take({ knownMs, clockMs }: View): StreamMessage[] {
    const quotes = bestQuotes(this.listed, knownMs)
    const said = JSON.stringify(quotes)
    if (quotes === undefined || said === this.last) return []
    this.last = said
    const { bid, ask, quantity } = quotes
    const [b, a, size] = [decimal(bid), decimal(ask), decimal(quantity)]
    const common = { u: knownMs, s: this.listed.symbol, b, B: size, a, A: size }
    const data = this.market === 'spot' ? common : { e: 'bookTicker', E: clockMs, T: clockMs, ...common }
    return [{ what: `quotes ${knownMs}`, data, closes: false }]
  }
}
