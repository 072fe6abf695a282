import type { OrderKind, Side } from '../core/orders.js'
import type { BookQuote } from '../core/quotes.js'
import { takerPrice } from './prices.js'

/** How orders fill on best bid and ask. Each is an assumption with a name; docs/fill-models.md says where the defaults are from. */
export interface QuoteFillSettings {
  /** From sending an order (or an amendment, or a cancel) until it is at the venue. */
  readonly sendLatencyMs: number
  /** From what happens at the venue until it is heard of. */
  readonly answerLatencyMs: number
  /**
   * How long the other side has to stand at the price of a resting limit before it fills: nobody tells how many were there before.
   * Infinity: only once the price has gone through it, when all who were before have been filled.
   */
  readonly touchWaitMs: number
  /** A quote that is older is not traded on: whoever told of it may have fallen silent. */
  readonly quoteLifeMs: number
  /** What a taker asks for beyond the size of the quote: waits for the quotes that follow, or fills at once at a price that the size moves. */
  readonly beyondSize: 'following-quotes' | 'linear-impact'
  /** Of `linear-impact`: basis points for each multiple of the quote's size. */
  readonly impactBps: number
}

/**
 * Assumed: latencies of 100 ms each way are those of a rented machine on another continent than its venue, 10 s of silence is long for a stream that tells of
 * every change of the best bid and ask of a liquid market. A resting order fills as a target does in a backtest: when traded through.
 */
export const DEFAULT_QUOTE_FILLS: QuoteFillSettings = {
  sendLatencyMs: 100,
  answerLatencyMs: 100,
  touchWaitMs: Infinity,
  quoteLifeMs: 10_000,
  beyondSize: 'following-quotes',
  impactBps: 10,
}

/** What a quote offers to whoever takes: the ask to a buyer, the bid to a seller. */
export function offerTo(side: Side, { bid, bidSize, ask, askSize }: BookQuote): Offer {
  return side > 0 ? { price: ask, size: askSize } : { price: bid, size: bidSize }
}

export interface Offer {
  readonly price: number
  /** Base units. */
  readonly size: number
}

/**
 * A stop triggers on the side of the book that it would fill on: a stop that sells on the bid, one that buys on the ask. Last trades, on which venues
 * trigger, lie between or at them, so this is never later than the venue.
 */
export function triggersStop(side: Side, trigger: number, offer: Offer): boolean {
  return side > 0 ? offer.price >= trigger : offer.price <= trigger
}

/** Where a resting limit stands to the other side of the book. Half a tick of slack: prices on a grid carry float noise. */
export function limitMet(
  side: Side,
  limit: number,
  offer: Offer,
  tickSize: number,
): 'through' | 'touch' | 'no' {
  const beyond = side > 0 ? limit - offer.price : offer.price - limit
  if (beyond > tickSize / 2) return 'through'
  return beyond >= -tickSize / 2 ? 'touch' : 'no'
}

/** A limit that reaches the other side as it arrives takes there, at the offer's price. */
export function isMarketable(kind: OrderKind, side: Side, limit: number, offer: Offer): boolean {
  return kind === 'limit' && (side > 0 ? offer.price <= limit : offer.price >= limit)
}

/** The price of what is taken beyond the size of an offer, against us on the tick. */
export function impactPrice(
  side: Side,
  offer: Offer,
  beyond: number,
  impactBps: number,
  tickSize: number,
): number {
  return takerPrice(offer.price, side, ((impactBps / 10_000) * beyond) / offer.size, tickSize)
}
