import { isSameBook, midOf, quotedSince, type BookQuote } from '../core/quotes.js'
import type { Fill, Order } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import { floorToLot, floorToTick } from '../core/rounding.js'
import {
  impactPrice,
  isMarketable,
  limitMet,
  offerTo,
  triggersStop,
  type QuoteFillSettings,
} from '../execution/quote-fills.js'
import { bookEntry, bookExit, bookTakeover, liquidationOf, type FillTerms } from '../trading/fills.js'
import type { FillEvent, OrderEndedEvent, TradingEvent } from '../trading/events.js'
import { applyFunding } from '../trading/step.js'
import { TradingState, type Book, type TradingConfig } from '../trading/state.js'
import type { KnownSettlement } from './paper-lane.js'
import { QuoteAgenda } from './quote-agenda.js'
import { QuoteOrder, type Change } from './quote-order.js'

/** What the venue tells; nothing else happens at it. */
export type QuoteVenueEvent = Extract<
  TradingEvent,
  { kind: 'fill' | 'order-accepted' | 'order-ended' | 'funding' | 'quote' }
>

interface Standing {
  readonly quote: BookQuote
  /** What is left of it on either side. */
  bidLeft: number
  askLeft: number
}

/**
 * A venue made of best bid and ask. Orders, amendments and cancels reach it `sendLatencyMs` after they were sent, and what happens at it is told
 * `answerLatencyMs` later; what fills before a cancel arrives has filled. Time is that of the quotes and of whoever drives it: no clock, nothing random.
 *
 * Its account is a fold over what it has told: told the same orders and then the same events by `recall`, it is where it was. Only what
 * it knew of quotes is gone then, and what happened meanwhile.
 */
export class QuoteVenue {
  readonly state: TradingState
  /** By order id, in the order in which they were sent: those that are out, or on their way. */
  readonly orders: Map<number, QuoteOrder> = new Map()
  now: number
  private readonly settings: QuoteFillSettings
  private readonly tell: (event: QuoteVenueEvent, met: BookQuote | undefined) => void
  private readonly agenda: QuoteAgenda = new QuoteAgenda()
  private readonly standing: (Standing | undefined)[]
  /** Settlements that have not been charged, by instrument and time. */
  private readonly due: Map<string, KnownSettlement> = new Map()
  private readonly charged: Set<string> = new Set()
  /** Orders that were to be amended after their end, of which nobody has been told since; with their instruments. */
  private readonly tooLate: Map<number, number> = new Map()
  private isRecalling: boolean = true

  constructor(
    config: TradingConfig,
    settings: QuoteFillSettings,
    startingBalance: number,
    startTime: number,
    tell: (event: QuoteVenueEvent, met: BookQuote | undefined) => void,
  ) {
    this.state = new TradingState(config, startingBalance, startTime)
    this.settings = settings
    this.tell = tell
    this.standing = config.instruments.map(() => undefined)
    this.now = startTime
  }

  /** Ends recalling: what was on its way has arrived meanwhile, and settlements that nobody has charged are charged. */
  resume(): void {
    this.isRecalling = false
    for (const order of this.orders.values()) {
      if (order.stage === 'deciding') this.sendOff(order)
      else if (order.stage === 'sent') this.agenda.at(this.now, () => this.arrive(order))
      if (order.cancelAsked) this.agenda.at(this.now, () => this.end(order, 'cancelled'))
      else if (order.stage === 'working') this.watchLife(order)
    }
    for (const orderId of this.tooLate.keys()) this.agenda.at(this.now, () => this.tellOfEnd(orderId))
    for (const [key, settlement] of this.due) this.agenda.at(settlement.time, () => this.charge(key))
  }

  /** Takes an order up. Nothing is told before time goes on. */
  submit(sent: Order, rung: number, expiresAt: number): void {
    const order = new QuoteOrder(sent, rung, expiresAt)
    this.orders.set(sent.id, order)
    if (!this.isRecalling) this.sendOff(order)
  }

  /** A market entry is fitted to the price in view before it leaves; everything else leaves at once. */
  private sendOff(order: QuoteOrder): void {
    const { working } = order
    if (working.role === 'entry' && working.kind === 'market') {
      order.stage = 'deciding'
      this.agenda.at(this.now, () => this.fit(order))
    } else order.stage = 'sent'
    this.agenda.at(this.now + this.settings.sendLatencyMs, () => this.arrive(order))
  }

  private fit(order: QuoteOrder): void {
    if (order.stage !== 'deciding' || this.orders.get(order.working.id) !== order) return
    const { instrument, working } = order
    const standing = this.freshQuote(instrument)
    if (standing !== undefined)
      this.tell({ kind: 'quote', time: this.now, instrument, price: offerTo(working.side, standing.quote).price }, standing.quote) // prettier-ignore
    if (order.stage === 'deciding') order.stage = 'sent'
  }

  /** An order that is out no more cannot be amended: whoever asks for it, without having heard of the end, hears of it again. */
  amend({ id: orderId, instrument }: Order, price: number, quantity: number): void {
    const order = this.orders.get(orderId)
    if (order === undefined) {
      this.tooLate.set(orderId, instrument)
      if (!this.isRecalling) this.agenda.at(this.now + this.settings.sendLatencyMs, () => this.tellOfEnd(orderId)) // prettier-ignore
      return
    }
    const change: Change = { price, quantity }
    if (this.isRecalling || order.stage === 'deciding') return order.change(change)
    order.asked.push(change)
    this.agenda.at(this.now + this.settings.sendLatencyMs, () => this.changeAtVenue(order, change))
  }

  private changeAtVenue(order: QuoteOrder, change: Change): void {
    const { working, instrument } = order
    order.asked.splice(order.asked.indexOf(change), 1)
    if (this.orders.get(working.id) !== order) {
      this.tooLate.set(working.id, instrument)
      return this.tellOfEnd(working.id)
    }
    order.change(change)
    if (!(order.rest > 0)) return this.end(order, 'cancelled')
    this.work(order, true)
  }

  private tellOfEnd(orderId: number): void {
    const instrument = this.tooLate.get(orderId)
    if (instrument !== undefined)
      this.happen({ kind: 'order-ended', time: this.now, instrument, orderId, state: 'expired' })
  }

  cancel(orderId: number): void {
    const order = this.orders.get(orderId)
    if (order === undefined || order.cancelAsked) return
    order.cancelAsked = true
    if (this.isRecalling) return
    if (order.stage === 'deciding') return this.end(order, 'cancelled')
    this.agenda.at(this.now + this.settings.sendLatencyMs, () => this.end(order, 'cancelled'))
  }

  settle(settlement: KnownSettlement): void {
    const key = `${settlement.instrument} ${settlement.time}`
    if (this.due.has(key) || this.charged.has(key)) return
    this.due.set(key, settlement)
    if (!this.isRecalling) this.agenda.at(settlement.time, () => this.charge(key))
  }

  /** Time has come to `time`: whatever is due by then happens, in the order of time. */
  advance(time: number): void {
    for (let task = this.agenda.next(time); task !== undefined; task = this.agenda.next(time)) {
      this.now = Math.max(this.now, task.at)
      task.work()
    }
    this.now = Math.max(this.now, time)
  }

  /**
   * A new quote stands: a new offer, whatever was taken of the one before. One that says the same again only says that it stands still. What reached the venue before it met
   * the one before.
   */
  quote(quote: BookQuote): void {
    this.advance(quote.time)
    const { instrument, bidSize, askSize } = quote
    const before = this.standing[instrument]
    const { bidLeft, askLeft } = before !== undefined && isSameBook(before.quote, quote) ? before : { bidLeft: bidSize, askLeft: askSize } // prettier-ignore
    this.standing[instrument] = { quote, bidLeft, askLeft }
    const book = this.state.book(instrument)
    book.advanceTerms(quote.time)
    for (const [key, settlement] of this.due)
      if (settlement.instrument === instrument && settlement.time <= this.now) this.charge(key)
    if (this.freshQuote(instrument) !== undefined) this.liquidateAt(book, midOf(quote))
    for (const order of [...this.orders.values()])
      if (order.instrument === instrument && order.stage === 'working') this.work(order, false)
    // What is told without latency is told now, and what comes of it happens at this quote too.
    this.advance(quote.time)
  }

  /** Lives through an event again that was told before. */
  recall(event: QuoteVenueEvent): void {
    this.now = Math.max(this.now, event.time)
    this.apply(event)
  }

  private arrive(order: QuoteOrder): void {
    const { working } = order
    if (order.stage !== 'sent' || this.orders.get(working.id) !== order) return
    const refusal = this.refusalOf(order)
    if (refusal !== undefined) return this.end(order, 'rejected', refusal.reason)
    const { instrument } = order
    this.happen({ kind: 'order-accepted', time: this.now, instrument, orderId: working.id })
    this.watchLife(order)
    this.work(order, true)
  }

  /** What rests has a life of its own; a market entry has one bar to find what it asks for. */
  private watchLife(order: QuoteOrder): void {
    const { working, expiresAt } = order
    if (expiresAt < Infinity) this.agenda.at(expiresAt, () => this.end(order, 'expired'))
    else if (working.role === 'entry' && working.kind === 'market')
      this.agenda.at(working.decidedAt + this.state.config.timeframeMs, () =>
        this.end(order, 'expired', working.filledQuantity > 0 ? 'no-volume' : 'stale'),
      )
  }

  /** Why the venue does not take an order, as real ones would. */
  private refusalOf(order: QuoteOrder): { readonly reason?: BlockReason } | undefined {
    const { working, instrument, rest } = order
    const book = this.state.book(instrument)
    const { tickSize, lotSize, minNotional } = book.terms
    if (!(rest > 0)) return { reason: 'lot' }
    if (working.kind !== 'market' && !isOnTick(working.price, tickSize)) return { reason: 'no-price' }
    if (working.role !== 'entry') return this.held(order) > 0 ? undefined : {}
    if (Math.abs(floorToLot(rest, lotSize) - rest) > 1e-6 * lotSize) return { reason: 'lot' }
    if (working.side < 0 && this.state.instrument(instrument).kind === 'spot')
      return { reason: 'not-shortable' }
    const price = this.priceInView(order)
    // Nothing is quoted: it waits, and takes what it can pay when there is.
    if (price === undefined) return undefined
    if (rest * price < minNotional) return { reason: 'min-notional' }
    const need = rest * price * (1 / this.state.config.risk.leverage) + rest * price * this.feeOf(order)
    return need <= this.freeFor(order) * (1 + 1e-9) ? undefined : { reason: 'no-capital' }
  }

  private priceInView({ working, instrument }: QuoteOrder): number | undefined {
    if (working.kind !== 'market') return working.price
    const standing = this.freshQuote(instrument)
    return standing && offerTo(working.side, standing.quote).price
  }

  private feeOf({ working, instrument }: QuoteOrder): number {
    const { makerFee, takerFee } = this.state.book(instrument).terms
    return working.kind === 'limit' ? Math.max(makerFee, takerFee) : takerFee
  }

  /** What the account may commit beside what other entries at the venue have reserved. */
  private freeFor(order: QuoteOrder): number {
    const { account, fundingIndex, config } = this.state
    let free = account.freeCapital(fundingIndex)
    for (const other of this.orders.values()) {
      if (other === order || other.stage !== 'working' || other.working.role !== 'entry') continue
      const price = this.priceInView(other)
      if (price !== undefined) free -= other.rest * price * (1 / config.risk.leverage + this.feeOf(other))
    }
    return free
  }

  /** Base units that an order may take off the position. */
  private held({ working, instrument }: QuoteOrder): number {
    return Math.max(0, -working.side * this.state.book(instrument).position.quantity)
  }

  private freshQuote(instrument: number): Standing | undefined {
    const standing = this.standing[instrument]
    if (standing === undefined || this.now - quotedSince(standing.quote) > this.settings.quoteLifeMs)
      return undefined
    return standing
  }

  /** What the standing quote does to an order that is at the venue. `isNew`: it has just come, or was changed. */
  private work(order: QuoteOrder, isNew: boolean): void {
    const { working, instrument } = order
    if (order.stage !== 'working') return
    const standing = this.freshQuote(instrument)
    if (standing === undefined) return
    const { side, kind, price } = working
    const offer = offerTo(side, standing.quote)
    const { tickSize } = this.state.book(instrument).terms
    if (kind === 'stop' && working.filledQuantity === 0 && !triggersStop(side, price, offer)) return
    if (kind === 'limit') {
      if (isNew && isMarketable(kind, side, price, offer)) return this.take(order, standing)
      const meets = limitMet(side, price, offer, tickSize)
      if (meets === 'no') order.touchedSince = NaN
      else if (Number.isNaN(order.touchedSince)) order.touchedSince = this.now
      const isFilled = meets === 'through' || this.now - order.touchedSince >= this.settings.touchWaitMs
      if (meets !== 'no' && isFilled) this.fillAt(order, standing, price, 'maker', leftOf(standing, side))
      return
    }
    this.take(order, standing)
  }

  /** Takes what the quote offers; and the rest, by the rule for it. */
  private take(order: QuoteOrder, standing: Standing): void {
    const { working, instrument } = order
    const { side, kind } = working
    const offer = offerTo(side, standing.quote)
    this.fillAt(order, standing, offer.price, 'taker', leftOf(standing, side))
    const { beyondSize, impactBps } = this.settings
    if (beyondSize === 'following-quotes' || kind === 'limit' || !(offer.size > 0)) return
    if (this.orders.get(working.id) !== order || !(order.rest > 0)) return
    const { tickSize } = this.state.book(instrument).terms
    const price = impactPrice(side, offer, order.rest, impactBps, tickSize)
    if (price > 0) this.fillAt(order, standing, price, 'taker', Infinity)
  }

  /** Fills an order at a price as far as the offer, the account or the position go. */
  private fillAt(
    order: QuoteOrder,
    standing: Standing,
    price: number,
    liquidity: Fill['liquidity'],
    offered: number,
  ): void {
    // prettier-ignore
    const { working, instrument, rest } = order
    const book = this.state.book(instrument)
    const { lotSize, makerFee, takerFee } = book.terms
    const feeRate = liquidity === 'maker' ? makerFee : takerFee
    const isEntry = working.role === 'entry'
    // What is held the other way round has to go first: the account knows one position, and its orders come in the order in which they were sent.
    if (isEntry && book.position.quantity * working.side < 0) return
    const wanted = isEntry ? rest : Math.min(rest, this.held(order))
    let quantity = offered < wanted ? floorToLot(offered, lotSize) : wanted
    if (!(quantity > 0)) return
    if (isEntry) {
      const unit = price * (1 / this.state.config.risk.leverage) + price * feeRate
      const free = this.state.account.freeCapital(this.state.fundingIndex)
      if (quantity * unit > free) quantity = free > 0 ? floorToLot(free / unit, lotSize) : 0
      if (!(quantity > 0)) return this.end(order, 'expired', 'no-capital')
    }
    if (working.side > 0) standing.askLeft = Math.max(0, standing.askLeft - quantity)
    else standing.bidLeft = Math.max(0, standing.bidLeft - quantity)
    const { id: orderId, role, side } = working
    const slippage = liquidity === 'maker' ? 0 : side * (price - midOf(standing.quote)) * quantity
    const fee = price * quantity * feeRate
    const fill = {
      orderId,
      instrument,
      role,
      side,
      time: this.now,
      price,
      quantity,
      fee,
      slippage,
      liquidity,
    }
    this.happen({ kind: 'fill', time: this.now, fill, undecided: false, inside: true })
  }

  private liquidateAt(book: Book, mid: number): void {
    const { liquidationPrice, side, instrument } = book
    if (side === 0 || !(side * (mid - liquidationPrice) <= 0)) return
    const { undecided, price, quantity, fee, slippage, liquidity } = liquidationOf(this.state, book, false)
    const terms = { price, quantity, fee, slippage, liquidity }
    const fill: Fill = { orderId: 0, instrument, role: 'liquidation', side: side > 0 ? -1 : 1, time: this.now, ...terms } // prettier-ignore
    this.happen({ kind: 'fill', time: this.now, fill, undecided, inside: true })
  }

  private charge(key: string): void {
    const settlement = this.due.get(key)
    if (settlement === undefined) return
    const { instrument, time: dueTime, rate, mark } = settlement
    const { position, trade, lastClose } = this.state.book(instrument)
    const quote = this.standing[instrument]?.quote
    const price = Number.isNaN(mark) ? (quote === undefined ? lastClose : midOf(quote)) : mark
    // Who holds nothing pays nothing, also where nobody recorded the rate, or a price.
    let amountPerUnit = position.quantity === 0 ? 0 : rate * price
    // Nothing is quoted yet: charged at the first quote.
    if (Number.isNaN(amountPerUnit) && !Number.isNaN(rate)) return
    // Whoever entered at the very instant, or after it, pays if that is adverse and never receives.
    const cameLater = position.quantity !== 0 && trade.entryTime >= dueTime
    const pays = position.quantity * amountPerUnit > 0
    if (cameLater && (!pays || this.state.config.policies.fundingAtFill === 'held-before')) amountPerUnit = 0
    this.happen({ kind: 'funding', time: this.now, dueTime, instrument, amountPerUnit })
  }

  private end(order: QuoteOrder, state: OrderEndedEvent['state'], reason?: BlockReason): void {
    const { working, instrument } = order
    if (this.orders.get(working.id) !== order) return
    this.happen({ kind: 'order-ended', time: this.now, instrument, orderId: working.id, state, ...(reason && { reason }) }) // prettier-ignore
  }

  /** Something happens at the venue now, and will be heard of. */
  private happen(event: QuoteVenueEvent): void {
    this.apply(event)
    const time = this.now + this.settings.answerLatencyMs
    const met = event.kind === 'fill' ? this.standing[event.fill.instrument]?.quote : undefined
    this.agenda.at(time, () => this.tell({ ...event, time: this.now }, met))
    if (event.kind !== 'fill') return
    this.tellOfEnd(event.fill.orderId)
    this.endWithoutPosition(event.fill)
  }

  /** Orders that may only reduce end with the position. */
  private endWithoutPosition({ instrument }: Fill): void {
    if (this.state.book(instrument).position.quantity !== 0) return
    for (const order of [...this.orders.values()])
      if (order.instrument === instrument && order.working.role !== 'entry' && order.stage === 'working')
        this.end(order, 'expired')
  }

  private apply(event: QuoteVenueEvent): void {
    switch (event.kind) {
      case 'quote':
        return
      case 'order-accepted': {
        const order = this.orders.get(event.orderId)
        if (order !== undefined) order.stage = 'working'
        return
      }
      case 'order-ended':
        this.orders.delete(event.orderId)
        this.tooLate.delete(event.orderId)
        return
      case 'fill':
        return this.book(event)
      case 'funding': {
        const { instrument, dueTime = event.time, amountPerUnit } = event
        const key = `${instrument} ${dueTime}`
        this.due.delete(key)
        this.charged.add(key)
        const index = (this.state.fundingIndex[instrument] as number) + amountPerUnit
        if (amountPerUnit === amountPerUnit) applyFunding(this.state, this.state.book(instrument), index)
      }
    }
  }

  private book({ fill, undecided, inside = false, atClose = false }: FillEvent): void {
    const { state } = this
    const book = state.book(fill.instrument)
    state.now = fill.time
    const terms = { ...fill, undecided, inside, atClose }
    if (fill.role === 'liquidation') bookTakeover(state, book, terms)
    else this.bookOrder(book, terms, fill)
    if (book.position.quantity === 0) book.liquidationPrice = NaN
  }

  private bookOrder(book: Book, terms: FillTerms, { orderId, instrument }: Fill): void {
    const { state } = this
    const order = this.orders.get(orderId)
    if (order === undefined) throw new RangeError(`no order ${orderId}`)
    const { working } = order
    if (working.role === 'entry') bookEntry(state, book, working, terms)
    else bookExit(state, book, working, terms)
    if (order.rest > 0) return
    this.orders.delete(orderId)
    // Only rounding is left of it: whoever sent it may think that it is out.
    if (working.isActive) this.tooLate.set(orderId, instrument)
  }
}

function leftOf({ bidLeft, askLeft }: Standing, side: number): number {
  return side > 0 ? askLeft : bidLeft
}

function isOnTick(price: number, tickSize: number): boolean {
  return tickSize === 0 ? price > 0 : price > 0 && price - floorToTick(price, tickSize) < 1e-6 * tickSize
}
