import type { Fill, Side } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import type { Settlement } from '../execution/funding.js'
import { noLevel, touchProtective, type ProtectiveFill } from '../execution/intrabar.js'
import { takerPrice } from '../execution/prices.js'
import type { TradingEvent } from '../trading/events.js'
import type { Book, TradingState, WorkingOrder } from '../trading/state.js'
import type { InstrumentRun } from './instrument-run.js'

/** Fees by instrument (fractions of notional) and slippage (fraction of price) that the simulated venue charges. */
export interface VenueCosts {
  readonly takerFee: Float64Array
  readonly makerFee: Float64Array
  readonly slippage: number
}

const NO_BOOKS: readonly Book[] = []

/** Where the venue's answers go: the reducer, by way of whoever records them. */
export type Send = (event: TradingEvent) => void

/**
 * A venue made of bars. It holds nothing of its own: the orders that are out stand in the reducer's state, and each method
 * answers what one part of a bar does to them, by the execution models. A live venue gives the same events later.
 */
export class SimulatedVenue {
  /** Settlements charged to a position on the last close before them, since no mark was recorded. */
  chargedWithoutMark: number = 0
  private readonly state: TradingState
  private readonly costs: VenueCosts
  private readonly send: Send
  private readonly onBlocked: (instrument: number, time: number, reason: BlockReason) => void

  constructor(
    state: TradingState,
    costs: VenueCosts,
    send: Send,
    onBlocked: (instrument: number, time: number, reason: BlockReason) => void,
  ) {
    this.state = state
    this.costs = costs
    this.send = send
    this.onBlocked = onBlocked
  }

  /** Charges settlements before `time`, and those at it where `inclusive`. */
  settle(run: InstrumentRun, time: number, inclusive: boolean): void {
    for (;;) {
      const settlement = run.settlements[run.nextSettlement]
      if (settlement === undefined || settlement.time > time || (settlement.time === time && !inclusive))
        return
      run.nextSettlement++
      if (settlement.markMissing && this.state.side(run.index) !== 0) this.chargedWithoutMark++
      this.send({
        kind: 'funding',
        time: settlement.time,
        instrument: run.index,
        amountPerUnit: settlement.amountPerUnit,
      })
    }
  }

  /**
   * The exit that waits for this open. A settlement at the same instant is charged first where it costs, after where it would
   * pay: a fill at the instant of a settlement pays if that is adverse and never receives (rule 14).
   */
  fillExitAtOpen(run: InstrumentRun): void {
    const book = this.state.book(run.index)
    const time = run.openTime(run.bar)
    if (!this.isDue(run, book.exit, time)) return
    if (this.settlesAgainst(run, time, this.sideHeld(book))) this.settle(run, time, true)
    this.fillMarket(book, book.exit, run.data.candles.open[run.bar] as number, book.exit.quantity, time)
  }

  /** The entry that waits for this open. */
  fillEntryAtOpen(run: InstrumentRun): void {
    const book = this.state.book(run.index)
    const time = run.openTime(run.bar)
    if (!this.isDue(run, book.entry, time)) return
    if (!this.settlesAgainst(run, time, book.entry.side)) this.settle(run, time, true)
    this.fillEntry(book, run.data.candles.open[run.bar] as number, time)
  }

  /** Market orders decided at this close fill at it, exits first: the same-close policy. */
  fillAtClose(runs: readonly InstrumentRun[], time: number): void {
    for (const run of runs) {
      const book = this.state.book(run.index)
      if (book.exit.isActive) this.fillMarket(book, book.exit, book.lastClose, book.exit.quantity, time)
    }
    for (const book of this.entriesInOrder()) {
      if (book.entry.decidedAt === time) this.fillEntry(book, book.lastClose, time)
    }
  }

  /**
   * Protective orders whose level the open has already passed: they fill at the open's instant, so that a settlement at it is
   * paid where it costs and never received, and later ones in the bar are nobody's.
   */
  fillProtectiveAtOpen(run: InstrumentRun): void {
    const touched = this.protectiveFill(run)
    if (touched?.atOpen !== true) return
    const time = run.openTime(run.bar)
    if (this.settlesAgainst(run, time, this.sideHeld(this.state.book(run.index))))
      this.settle(run, time, true)
    this.fillProtective(run, touched, time)
  }

  /**
   * What the bar in progress does, after its open, to the protective orders of a position. The moment of such a fill is unknown:
   * of the settlements inside the bar the position has seen as many as cost it most.
   */
  touchProtectiveOrders(run: InstrumentRun): void {
    const touched = this.protectiveFill(run)
    if (touched === undefined) return
    const closeTime = run.closeTime(run.bar)
    const worstTime = this.worstSettlementTime(run, closeTime)
    if (worstTime !== undefined) this.settle(run, worstTime, true)
    this.fillProtective(run, touched, closeTime)
  }

  /** Whether a settlement at the open of the bar in progress waits for an order that fills at that very instant. */
  settlementWaits(run: InstrumentRun): boolean {
    if (run.settlements[run.nextSettlement]?.time !== run.openTime(run.bar)) return false
    const { exit, entry } = this.state.book(run.index)
    return exit.isActive || entry.isActive || this.protectiveFill(run)?.atOpen === true
  }

  /** Every entry that is out, in the order of their decisions and, within one, of their rank. */
  entriesInOrder(): readonly Book[] {
    if (!this.state.books.some((book) => book.entry.isActive)) return NO_BOOKS
    return this.state.books.filter((book) => book.entry.isActive).sort((a, b) => a.entry.id - b.entry.id)
  }

  /** What the bar in progress does to the protective orders of the position that is held. */
  private protectiveFill(run: InstrumentRun): ProtectiveFill | undefined {
    const book = this.state.book(run.index)
    const side = this.state.side(run.index)
    if (side === 0 || (!book.stop.isActive && !book.target.isActive)) return undefined
    const { open, high, low } = run.data.candles
    const stop = book.stop.isActive ? book.stop.price : noLevel(side, 'stop')
    const target = book.target.isActive ? book.target.price : noLevel(side, 'target')
    const bar = { open: open[run.bar] as number, high: high[run.bar] as number, low: low[run.bar] as number }
    const isBetween = side > 0 ? bar.low > stop && bar.high < target : bar.high < stop && bar.low > target
    if (isBetween) return undefined
    const { tickSize } = this.state.instrument(run.index)
    return touchProtective(bar, { side, stop, target }, tickSize, this.state.config.policies)
  }

  private fillProtective(run: InstrumentRun, touched: ProtectiveFill, time: number): void {
    const book = this.state.book(run.index)
    const { role, reference, undecided } = touched
    if (role === 'stop') this.fillMarket(book, book.stop, reference, book.stop.quantity, time, undecided)
    else this.fillLimit(book, book.target, reference, time, undecided)
  }

  /** The settlement before `closeTime` up to which the position has paid most; undefined where none costs it anything. */
  private worstSettlementTime(run: InstrumentRun, closeTime: number): number | undefined {
    const side = this.sideHeld(this.state.book(run.index))
    let paid = 0
    let mostPaid = 0
    let worstTime: number | undefined
    for (let next = run.nextSettlement; next < run.settlements.length; next++) {
      const { time, amountPerUnit } = run.settlements[next] as Settlement
      if (time >= closeTime) break
      // A settlement without a recorded rate counts as one that was held over: it must not go unseen.
      const isMissing = Number.isNaN(amountPerUnit)
      if (!isMissing) paid += side * amountPerUnit
      if (!isMissing && paid <= mostPaid) continue
      mostPaid = paid
      worstTime = time
    }
    return worstTime
  }

  private sideHeld(book: Book): Side {
    return this.state.side(book.instrument) < 0 ? -1 : 1
  }

  private isAdverse(amountPerUnit: number, side: Side): boolean {
    // A settlement without a recorded rate counts as adverse: the position is then seen to be held over it.
    return Number.isNaN(amountPerUnit) || side * amountPerUnit > 0
  }

  private settlesAgainst(run: InstrumentRun, time: number, side: Side): boolean {
    const next = run.settlements[run.nextSettlement]
    return next !== undefined && next.time === time && this.isAdverse(next.amountPerUnit, side)
  }

  /** Whether an order is out and may fill at this open; one that waited too long because bars are missing is given up. */
  private isDue(run: InstrumentRun, order: WorkingOrder, time: number): boolean {
    if (!order.isActive || order.decidedAt > time) return false
    const { staleOrders } = this.state.config.policies
    if (time - order.decidedAt <= run.data.candles.timeframeMs || staleOrders === 'fill') return true
    if (staleOrders === 'cancel-entries' && order.role === 'exit') return true
    this.expire(run.index, order, time, 'stale')
    return false
  }

  private expire(instrument: number, order: WorkingOrder, time: number, reason: BlockReason): void {
    this.send({ kind: 'order-ended', time, instrument, orderId: order.id, state: 'expired' })
    if (order.role === 'entry') this.onBlocked(instrument, time, reason)
  }

  private fillEntry(book: Book, undisturbed: number, time: number): void {
    const { entry, instrument } = book
    const { tickSize } = this.state.instrument(instrument)
    const price = takerPrice(undisturbed, entry.side, this.costs.slippage, tickSize)
    this.send({ kind: 'quote', time, instrument, price })
    if (entry.isActive) this.fillMarket(book, entry, undisturbed, entry.quantity, time)
  }

  private fillMarket(
    book: Book,
    order: WorkingOrder,
    undisturbed: number,
    quantity: number,
    time: number,
    undecided = false,
  ): void {
    const { tickSize } = this.state.instrument(book.instrument)
    const price = takerPrice(undisturbed, order.side, this.costs.slippage, tickSize)
    const fee = price * quantity * (this.costs.takerFee[book.instrument] as number)
    const slippage = order.side * (price - undisturbed) * quantity
    this.sendFill(
      book.instrument,
      order,
      { time, price, quantity, fee, slippage, liquidity: 'taker' },
      undecided,
    )
  }

  private fillLimit(book: Book, order: WorkingOrder, price: number, time: number, undecided: boolean): void {
    const { quantity } = order
    const fee = price * quantity * (this.costs.makerFee[book.instrument] as number)
    this.sendFill(
      book.instrument,
      order,
      { time, price, quantity, fee, slippage: 0, liquidity: 'maker' },
      undecided,
    )
  }

  private sendFill(
    instrument: number,
    order: WorkingOrder,
    terms: Pick<Fill, 'time' | 'price' | 'quantity' | 'fee' | 'slippage' | 'liquidity'>,
    undecided: boolean,
  ): void {
    this.send({
      kind: 'fill',
      time: terms.time,
      fill: { orderId: order.id, instrument, role: order.role, side: order.side, ...terms },
      undecided,
    })
  }
}
