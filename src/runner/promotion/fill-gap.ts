import type { Side } from '../../core/orders.js'
import { quotedSince, type BookQuote } from '../../core/quotes.js'
import { offerTo, type QuoteFillSettings } from '../../execution/quote-fills.js'
import { mean, quantile, sampleDeviation } from '../../metrics/moments.js'
import { known, tooFew, type Statistic } from '../../metrics/statistic.js'
import type { BrokerMessage } from '../broker.js'
import type { Intent } from '../desk.js'
import type { JournalRow } from '../journal-file.js'
import { journalBody } from '../journal-text.js'

/** A fill of a market order, and when that order was at the venue. */
export interface ArrivedFill {
  readonly orderId: number
  readonly instrument: number
  readonly side: Side
  readonly price: number
  /** Sent, and the latency on its way: UTC ms. */
  readonly arrivedAt: number
  /** How much worse it is than the undisturbed price, by the model: basis points of the fill. */
  readonly modelGapBps: number
}

/** A fill beside the quote that somebody else recorded at its order's arrival. */
export interface FillGap extends ArrivedFill {
  readonly quote: BookQuote
  /** How much worse the recorded quote is than the fill, basis points of the fill; negative where it is better. */
  readonly gapBps: number
}

export interface FillGaps {
  readonly gaps: readonly FillGap[]
  /** Fills of market orders at whose arrival nothing fresh was recorded: nothing is known of them. */
  readonly unquoted: number
}

/**
 * First fills of a session's market orders, out of its journal. An order is at the venue `sendLatencyMs` after the close that it was decided on; where the session's venue says when it took it, then. Orders
 * that rest are left out: when they met their price, bars do not tell.
 */
export function arrivedFills(
  rows: readonly JournalRow[],
  { sendLatencyMs, answerLatencyMs }: Pick<QuoteFillSettings, 'sendLatencyMs' | 'answerLatencyMs'>,
  byQuotes: boolean,
): ArrivedFill[] {
  const arrivals = new Map<number, number>()
  const fills: ArrivedFill[] = []
  for (const { kind, text } of rows) {
    if (kind === 'intent') {
      const intent = journalBody(text) as Intent
      if (intent.kind !== 'submit' || intent.order.order.kind !== 'market') continue
      const { id, decidedAt } = intent.order.order
      arrivals.set(id, decidedAt + sendLatencyMs)
    } else if (kind === 'broker') {
      const { event } = journalBody(text) as BrokerMessage
      if (event.kind === 'order-accepted' && byQuotes && arrivals.has(event.orderId))
        arrivals.set(event.orderId, event.time - answerLatencyMs)
      if (event.kind !== 'fill') continue
      const { instrument, side, price, orderId, quantity, slippage } = event.fill
      const arrivedAt = arrivals.get(orderId)
      if (arrivedAt === undefined) continue
      arrivals.delete(orderId)
      fills.push({
        orderId,
        instrument,
        side,
        price,
        arrivedAt,
        modelGapBps: (slippage / (price * quantity)) * 10_000,
      })
    }
  }
  return fills
}

/**
 * Holds fills against quotes that were recorded apart from the session, at the time at which each order arrived: comparing with the session's own quotes would be comparing a model with itself. The newest
 * quote known by then counts, unless it is older than `quoteLifeMs`. Quotes in the order of their times. O(quotes + fills · log quotes).
 */
export function fillGaps(
  fills: readonly ArrivedFill[],
  quotes: readonly BookQuote[],
  quoteLifeMs: number,
): FillGaps {
  const gaps: FillGap[] = []
  const byInstrument = new Map<number, BookQuote[]>()
  for (const quote of quotes) {
    const own = byInstrument.get(quote.instrument)
    if (own === undefined) byInstrument.set(quote.instrument, [quote])
    else own.push(quote)
  }
  for (const fill of fills) {
    const { instrument, side, price, arrivedAt } = fill
    const own = byInstrument.get(instrument) ?? []
    const quote = own[countUntil(own, arrivedAt) - 1]
    if (quote === undefined || arrivedAt - quotedSince(quote) > quoteLifeMs) continue
    gaps.push({ ...fill, quote, gapBps: ((side * (offerTo(side, quote).price - price)) / price) * 10_000 })
  }
  return { gaps, unquoted: fills.length - gaps.length }
}

/** Quotes known by a time. */
function countUntil(quotes: readonly BookQuote[], time: number): number {
  let [low, high] = [0, quotes.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((quotes[middle] as BookQuote).time <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Fills from which a mean's bound is told; as many as the gate asks of trades. */
const LEAST_FILLS = 30
/** Of the standard normal distribution, 95 %. */
const Z95 = 1.6448536269514722

/** What the promotion gate asks: an upper 95 % bound of the mean gap (mean + 1.645 standard errors) and the 95th percentile, basis points. */
export function fillGapStatistics({ gaps, unquoted }: FillGaps): {
  readonly fillGapAboveModelBps: Statistic
  readonly fillGapP95Bps: Statistic
} {
  const few = tooFew(gaps.length, LEAST_FILLS, `fills of market orders beside a recorded quote (${unquoted} without)`) // prettier-ignore
  if (few !== undefined) return { fillGapAboveModelBps: few, fillGapP95Bps: few }
  const values = gaps.map(({ gapBps }) => gapBps)
  return {
    fillGapAboveModelBps: known(mean(values) + (Z95 * sampleDeviation(values, 0)) / Math.sqrt(values.length)),
    fillGapP95Bps: known(quantile(values, 0.95)),
  }
}
