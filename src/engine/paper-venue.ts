import type { Order } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import { bookEntry, bookExit, bookTakeover, liquidationOf, type FillTerms } from '../trading/fills.js'
import type { TradingEvent } from '../trading/events.js'
import { refreshLevels } from '../trading/orders.js'
import { TradingState, type Book, type TradingConfig, type WorkingOrder } from '../trading/state.js'
import { applyFunding } from '../trading/step.js'
import type { VenueAnswers } from './answers.js'
import { BarAtVenue, entering } from './bar-at-venue.js'
import { adverseFraction, type CostSettings } from './options.js'
import { PAPER_ROW, PaperLane, type KnownSettlement, type PaperBar, type PaperBars } from './paper-lane.js'
import type { SettlementCursor } from './settlements.js'
import { SimulatedVenue } from './venue.js'

/**
 * A venue of its own, made of bars: it knows the orders that were sent to it, keeps an account by its own fills, and tells what happens by
 * the events that a live one sends. What bars do to orders is the replay's own `SimulatedVenue`; nothing here decides.
 *
 * Whoever listens answers while it is told (amends or cancels the entry that is about to fill, sends stop and targets for what was filled),
 * so that the rest of the bar meets those orders too.
 */
export class PaperVenue implements VenueAnswers {
  /** The account as the venue keeps it: cash, positions, and the orders that are out. Its books decide nothing. */
  readonly state: TradingState
  private readonly lanes: readonly PaperLane[]
  private readonly venue: SimulatedVenue
  private readonly atVenue: BarAtVenue
  private readonly timeframeMs: number
  private readonly fillsAtClose: boolean
  private readonly tell: (event: TradingEvent) => void
  private due: PaperLane[] = []

  constructor(
    config: TradingConfig,
    costs: CostSettings,
    startingBalance: number,
    startTime: number,
    tell: (event: TradingEvent) => void,
  ) {
    this.state = new TradingState(config, startingBalance, startTime)
    this.tell = tell
    this.timeframeMs = config.timeframeMs
    this.fillsAtClose = config.policies.fillAt === 'same-close'
    this.lanes = this.state.books.map((book) => new PaperLane(book))
    const { participation } = costs
    this.venue = new SimulatedVenue(this.state, { adverse: adverseFraction(costs), participation }, this)
    this.atVenue = new BarAtVenue(this.venue, true, true)
  }

  /** Takes an order up. `rung` counts the targets of a position, nearest first. */
  submit(sent: Order, rung: number, expiresAt: number): void {
    const book = this.state.book(sent.instrument)
    const order = slotOf(book, sent, rung)
    order.id = sent.id
    order.kind = sent.kind
    order.side = sent.side
    order.quantity = sent.quantity
    order.filledQuantity = 0
    order.price = sent.price
    order.decidedAt = sent.decidedAt
    order.expiresAt = expiresAt
    order.exitReason = sent.exitReason
    order.lacksVolume = false
    order.state = 'working'
    order.isActive = true
    refreshLevels(book)
  }

  /** Answers whether the order is out. */
  amend(instrument: number, orderId: number, price: number, quantity: number): boolean {
    const book = this.state.book(instrument)
    const order = activeOrder(book, orderId)
    if (order === undefined) return false
    order.price = price
    order.quantity = quantity
    refreshLevels(book)
    return true
  }

  /** Answers whether the order was out. */
  cancel(instrument: number, orderId: number): boolean {
    const book = this.state.book(instrument)
    const order = activeOrder(book, orderId)
    if (order === undefined) return false
    end(book, order)
    return true
  }

  /** Notes a settlement that falls due: it is charged with the bar that it falls into. */
  settle(settlement: KnownSettlement): void {
    this.laneOf(settlement.instrument).await(settlement)
  }

  /** Bars before the first that is traded: they only say what the last price and the mean volume are. */
  warmUp({ bars }: PaperBars): void {
    for (const bar of bars) this.laneOf(bar.instrument).complete(bar)
  }

  /**
   * What these bars do to the orders that are out, up to their close: funding, exits, entries, protective orders at the open, then inside.
   * In the order of instruments; `lastOf` says which of them leave the venue with this bar.
   */
  trade({ closeTime, bars }: PaperBars, lastOf: ReadonlySet<number>): void {
    const { state, venue } = this
    const openTime = closeTime - this.timeframeMs
    state.now = openTime
    this.due = bars.map(({ instrument }) => this.laneOf(instrument))
    this.tell({ kind: 'opens', time: openTime, instruments: bars.map(({ instrument }) => instrument) })
    const others = this.lanes.filter((lane) => !this.due.includes(lane) && lane.book.position.quantity !== 0)
    bars.forEach((bar, at) => {
      const lane = this.due[at] as PaperLane
      lane.begin(bar, closeTime)
      lane.isLast = lastOf.has(bar.instrument)
      lane.book.advanceTerms(openTime)
      venue.settleAtOpen(lane, PAPER_ROW)
    })
    for (const lane of others) {
      lane.prepareSettlements()
      venue.settleUpTo(lane, true)
    }
    this.atVenue.open(this.due, this.due.length, PAPER_ROW)
    state.now = closeTime
    this.atVenue.inside(this.due, this.due.length, PAPER_ROW)
    for (const lane of [...this.due, ...others]) {
      venue.settleUpTo(lane, false)
      lane.endSettlements()
    }
    bars.forEach((bar, at) => this.complete(this.due[at] as PaperLane, bar))
  }

  private complete(lane: PaperLane, bar: PaperBar): void {
    const { book } = lane
    lane.complete(bar)
    lane.wasLeaving = book.exit.isActive
    book.bars++
    book.lastClose = bar.close
    this.state.marks[book.instrument] = bar.close - (this.state.fundingIndex[book.instrument] as number)
    book.advanceTerms(this.state.now)
  }

  /** What fills at the very close, once its decisions are made: the same-close policy, and instruments that leave the venue. */
  afterClose(): void {
    const { venue, due } = this
    if (this.fillsAtClose) {
      for (const lane of due) {
        // What an earlier exit, or a stop in this bar, has left goes on at the next open.
        if (lane.book.exit.isActive && !lane.wasLeaving) venue.fillExitAtClose(lane, PAPER_ROW, true)
      }
      for (const lane of entering(due, due.length)) venue.fillEntryAtClose(lane, PAPER_ROW)
    }
    for (const lane of due) if (lane.isLast) this.delist(lane)
    this.due = []
  }

  /** What is out ends, what is held is closed at the last close. */
  private delist(lane: PaperLane): void {
    const { book } = lane
    if (book.entry.isActive) this.endAt(book, book.entry, 'expired', 'delisted')
    if (book.exit.isActive) this.endAt(book, book.exit, 'cancelled')
    const { now: time } = this.state
    this.tell({ kind: 'flatten', time, instrument: book.instrument, reason: 'delisted' })
    this.venue.fillExitAtClose(lane, PAPER_ROW, false)
  }

  funded(book: Book, { columns, settled, index }: SettlementCursor, from: number): void {
    applyFunding(this.state, book, index)
    for (let at = from; at < settled; at++) {
      this.tell({
        kind: 'funding',
        time: this.state.now,
        dueTime: columns.time[at] as number,
        instrument: book.instrument,
        amountPerUnit: columns.amountPerUnit[at] as number,
      })
    }
  }

  quoted({ instrument }: Book, { price }: { readonly price: number }): void {
    this.tell({ kind: 'quote', time: this.state.now, instrument, price })
  }

  filled(book: Book, order: WorkingOrder, fill: FillTerms): void {
    const { id: orderId, role, side } = order
    if (role === 'entry') bookEntry(this.state, book, order, fill)
    else bookExit(this.state, book, order, fill)
    this.tellFill(book, { orderId, role, side }, fill)
  }

  liquidated(book: Book, undecided: boolean): void {
    const side = book.position.quantity > 0 ? -1 : 1
    const fill = liquidationOf(this.state, book, undecided)
    bookTakeover(this.state, book, fill)
    this.tellFill(book, { orderId: 0, role: 'liquidation', side }, fill)
  }

  private tellFill(
    book: Book,
    whose: Pick<Order, 'role' | 'side'> & { readonly orderId: number },
    { time, price, quantity, fee, slippage, liquidity, undecided, inside, atClose }: FillTerms,
  ): void {
    const { instrument } = book
    if (book.position.quantity === 0) book.liquidationPrice = NaN
    refreshLevels(book)
    const fill = { ...whose, instrument, time, price, quantity, fee, slippage, liquidity }
    this.tell({ kind: 'fill', time: this.state.now, fill, undecided, inside, atClose })
  }

  entryExpired(book: Book): void {
    this.endAt(book, book.entry, 'expired')
  }

  entryGivenUp(book: Book, reason: BlockReason, ending: 'cancelled' | 'expired'): void {
    this.endAt(book, book.entry, ending, reason)
  }

  exitExpired(book: Book, order: WorkingOrder): void {
    this.endAt(book, order, 'expired')
  }

  entryLacksVolume({ entry, instrument }: Book, expiresAt: number): void {
    entry.lacksVolume = true
    entry.expiresAt = expiresAt
    this.tell({ kind: 'volume-lacked', time: this.state.now, instrument, orderId: entry.id, expiresAt })
  }

  stopMet({ instrument }: Book, undecided: boolean): void {
    this.tell({ kind: 'stop-met', time: this.state.now, instrument, undecided })
  }

  private endAt(book: Book, order: WorkingOrder, state: 'cancelled' | 'expired', reason?: BlockReason): void {
    end(book, order)
    this.tell({
      kind: 'order-ended',
      time: this.state.now,
      instrument: book.instrument,
      orderId: order.id,
      state,
      ...(reason && { reason }),
    })
  }

  private laneOf(instrument: number): PaperLane {
    const lane = this.lanes[instrument]
    if (lane === undefined) throw new RangeError(`no instrument ${instrument}`)
    return lane
  }
}

function slotOf(book: Book, { role }: Order, rung: number): WorkingOrder {
  if (role === 'liquidation') throw new RangeError('nobody sends a liquidation')
  const slot = role === 'target' ? book.targets[rung] : book[role]
  if (slot === undefined) throw new RangeError(`no target ${rung}`)
  return slot
}

/** The orders of a book that are out, of whatever role. */
export function activeOrders({ entry, exit, stop, targets }: Book): WorkingOrder[] {
  return [entry, exit, stop, ...targets].filter(({ isActive }) => isActive)
}

function activeOrder(book: Book, id: number): WorkingOrder | undefined {
  return activeOrders(book).find((order) => order.id === id)
}

function end(book: Book, order: WorkingOrder): void {
  order.isActive = false
  order.state = 'cancelled'
  refreshLevels(book)
}
