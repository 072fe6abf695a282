import { isSameBook, quotedSince, quoteFault, type BookQuote } from '../core/quotes.js'
import { QuoteVenue, type QuoteVenueEvent } from '../engine/quote-venue.js'
import { DEFAULT_QUOTE_FILLS, type QuoteFillSettings } from '../execution/quote-fills.js'
import type { TradingConfig } from '../trading/state.js'
import type { Broker, BrokerAccount, BrokerMessage, BrokerOrder, FedByQuotes, LivedThroughAgain } from './broker.js' // prettier-ignore

/** What an account on paper that fills by quotes is opened with. */
export interface QuotesBrokerSettings {
  readonly config: TradingConfig
  readonly quotes?: Partial<QuoteFillSettings>
  /** Quote units. */
  readonly startingBalance: number
  /** UTC ms. */
  readonly startTime: number
}

/** A time in which nothing was seen: orders that were out then may have filled at a real venue, and did not here. UTC ms. */
export interface UnseenTime {
  readonly from: number
  readonly to: number
}

/**
 * A broker on paper whose fill model is `quotes`: orders meet best bid and ask as they are told of them, with latency. Like a live one it tells
 * of what happens whenever it does, so that its events are inputs of a journal; lived through again, they bring its account back.
 */
export class QuotesBroker implements Broker, FedByQuotes, LivedThroughAgain {
  readonly name: string = 'paper (quotes)'
  readonly bars: undefined
  readonly quotes: FedByQuotes = this
  readonly again: LivedThroughAgain = this
  /** Holes in what was seen, after a restart and while nothing was told, oldest first. */
  readonly unseen: UnseenTime[] = []
  /** Quotes that were passed over, by what was wrong with them. */
  readonly refused: Map<string, number> = new Map()
  private readonly venue: QuoteVenue
  private readonly config: TradingConfig
  private readonly quoteLifeMs: number
  private readonly sent: Map<string, BrokerOrder> = new Map()
  private readonly clientIds: Map<number, string> = new Map()
  private readonly last: Map<number, BookQuote> = new Map()
  private tell: (message: BrokerMessage) => void = () => undefined
  private told: number = 0
  private wasRecovered: boolean = false
  private lastQuoteTime: number = NaN

  constructor({ config, quotes, startingBalance, startTime }: QuotesBrokerSettings) {
    const settings = { ...DEFAULT_QUOTE_FILLS, ...quotes }
    this.quoteLifeMs = settings.quoteLifeMs
    this.config = config
    this.venue = new QuoteVenue(config, settings, startingBalance, startTime, (event, met) =>
      this.tell({ id: `quotes-${++this.told}`, event, ...(met && { met }) }),
    )
  }

  listen(tell: (message: BrokerMessage) => void): void {
    this.tell = tell
  }

  submit(order: BrokerOrder): void {
    if (this.sent.has(order.clientId)) return
    this.sent.set(order.clientId, order)
    this.clientIds.set(order.order.id, order.clientId)
    this.venue.submit(order.order, order.rung, order.expiresAt)
  }

  amend(clientId: string, price: number, quantity: number): void {
    const order = this.sent.get(clientId)?.order
    if (order !== undefined) this.venue.amend(order, price, quantity)
  }

  cancel(clientId: string): void {
    const order = this.sent.get(clientId)?.order
    if (order !== undefined) this.venue.cancel(order.id)
  }

  account(): BrokerAccount {
    const { account } = this.venue.state
    return {
      cash: account.cash,
      positions: account.positions.map(({ quantity }) => quantity),
      orders: [...this.venue.orders.values()]
        .filter(({ cancelAsked }) => !cancelAsked)
        .map(({ working, wanted: { price, quantity } }) => ({
          clientId: this.clientIds.get(working.id) ?? '',
          price,
          quantity,
          filledQuantity: working.filledQuantity,
        })),
    }
  }

  /** Passes a quote over that cannot be one, that comes after time has gone on or after a newer one, or that was told already. */
  quote(quote: BookQuote): void {
    const before = this.last.get(quote.instrument)
    if (before?.time === quote.time && isSameBook(before, quote)) return
    const isLate = quote.time < this.venue.now || (before !== undefined && quotedSince(quote) < quotedSince(before)) // prettier-ignore
    const fault = quoteFault(quote) ?? (isLate ? 'it comes too late' : undefined)
    if (fault !== undefined) {
      this.refused.set(fault, (this.refused.get(fault) ?? 0) + 1)
      return
    }
    this.last.set(quote.instrument, quote)
    this.noteUnseen(quote.time)
    this.venue.quote(quote)
  }

  ageMs(time: number): number {
    const ages = this.config.instruments.map(
      ({ listedAt = -Infinity, delistedAt = Infinity }, instrument) => {
        if (time < listedAt || time >= delistedAt) return -Infinity
        const quote = this.last.get(instrument)
        return quote === undefined ? Infinity : time - quotedSince(quote)
      },
    )
    return Math.max(0, ...ages)
  }

  private noteUnseen(time: number): void {
    const from = Number.isNaN(this.lastQuoteTime) && this.wasRecovered ? this.venue.now : this.lastQuoteTime
    const isHole = time - from > (Number.isNaN(this.lastQuoteTime) ? 0 : this.quoteLifeMs)
    if (isHole) this.unseen.push({ from, to: time })
    this.lastQuoteTime = time
  }

  advance(time: number): void {
    this.venue.advance(time)
  }

  settle(settlement: Parameters<FedByQuotes['settle']>[0]): void {
    this.venue.settle(settlement)
  }

  recall({ event }: BrokerMessage): void {
    this.told++
    this.wasRecovered = true
    this.venue.recall(event as QuoteVenueEvent)
  }

  resume(): void {
    this.venue.resume()
  }
}
