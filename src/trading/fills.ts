import { bankruptcyPrice } from '../core/instrument-terms.js'
import { LedgerError } from '../core/errors.js'
import type { Fill, Side } from '../core/orders.js'
import { endOrder, refreshLevels } from './orders.js'
import { liquidationPriceOf, protect, protectRemainder } from './protection.js'
import { submitExit } from './exits.js'
import type { Book, EntryPlan, TradingState, WorkingOrder } from './state.js'

/** Share of an order's quantity. */
const QUANTITY_SLACK = 1e-9

/** What a venue says of one fill: where, how much, at what cost. */
export interface FillTerms {
  readonly time: number
  readonly price: number
  /** Base units, positive. */
  readonly quantity: number
  /** Quote units, positive = paid. */
  readonly fee: number
  /** Quote units lost against the undisturbed price, positive = lost. */
  readonly slippage: number
  readonly liquidity: 'maker' | 'taker'
  /** The bar that filled it touched two levels and its open did not decide. */
  readonly undecided: boolean
  /** Somewhere inside the bar, at an instant that the bar does not tell. */
  readonly inside: boolean
  /** At the close of the bar that has just completed. */
  readonly atClose: boolean
}

/** Books a fill, wherever it came from. A fill of an order the reducer never sent is an error that changes nothing. */
export function applyFill(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  if (!order.isActive || !isWithin(order, fill.quantity)) {
    throw new LedgerError('a fill matches no order that is out', { field: 'orderId', value: order.id })
  }
  if (order.role === 'entry') applyEntryFill(state, book, order, fill)
  else applyExitFill(state, book, order, fill)
}

/**
 * Whether so much of an order can have filled. Slack for what two bookkeepings of an amendment that is on its way may differ in by
 * rounding.
 */
export function isWithin({ quantity, filledQuantity }: WorkingOrder, filled: number): boolean {
  return filled > 0 && filled - (quantity - filledQuantity) <= QUANTITY_SLACK * quantity
}

/** The order behind a fill that came from outside; undefined where it is none of ours. */
export function orderOfFill(
  book: Book,
  fill: Pick<Fill, 'orderId' | 'role' | 'side'>,
): WorkingOrder | undefined {
  const slots = fill.role === 'target' ? book.targets : fill.role === 'liquidation' ? [] : [book[fill.role]]
  return slots.find((slot) => slot.id === fill.orderId && slot.side === fill.side)
}

function advance(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  order.filledQuantity += fill.quantity
  order.isActive = order.filledQuantity < order.quantity
  order.state = order.isActive ? 'partially-filled' : 'filled'
  if (state.observer !== undefined) state.observer.filled(book, order, fill)
}

function applyEntryFill(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  const wasFlat = book.position.quantity === 0
  bookEntry(state, book, order, fill)
  if (wasFlat) {
    const held = book.heldPlan
    book.heldPlan = book.plan
    book.plan = held
    for (let rung = 0; rung < book.targets.length; rung++) (book.targets[rung] as WorkingOrder).forget()
  }
  protect(state, book)
  refreshLevels(book)
}

/** The account's part of an entry fill: what is held, what it cost, where the venue would take it over. */
export function bookEntry(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  const { trade } = book
  const wasFlat = book.position.quantity === 0
  state.account.enter(book.instrument, order.side, fill, state.fundingIndex)
  advance(state, book, order, fill)
  if (wasFlat) trade.begin(order.side, fill, barOf(book, fill))
  const { quantity, price } = fill
  trade.entered += quantity
  trade.enteredNotional += quantity * price
  trade.entryPrice = quantity === trade.entered ? price : trade.enteredNotional / trade.entered
  trade.fees += fill.fee
  trade.slippage += fill.slippage
  if (book.terms.margin !== undefined) book.liquidationPrice = liquidationPriceOf(state, book)
}

/** A fill at the close belongs to the bar that has just completed, any other to the bar in progress. */
function barOf(book: Book, fill: FillTerms): number {
  return fill.atClose ? book.bars - 1 : book.bars
}

/** A fill of an entry that had been called back. Nothing is entered beside what it opens. */
export function applyLateEntry(
  state: TradingState,
  book: Book,
  order: WorkingOrder,
  plan: EntryPlan,
  fill: FillTerms,
): void {
  const wasFlat = book.position.quantity === 0
  bookEntry(state, book, order, fill)
  if (wasFlat) {
    book.heldPlan = plan
    for (const target of book.targets) target.forget()
  }
  if (book.entry.id !== order.id) endOrder(state, book, book.entry)
  protect(state, book)
  refreshLevels(book)
}

/** A fill of a stop, target or exit that had been called back. */
export function applyLateExit(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  bookExit(state, book, order, fill)
  if (book.position.quantity === 0) return endTrade(state, book, order, fill)
  protectRemainder(state, book)
  refreshLevels(book)
}

function applyExitFill(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  const { position } = book
  bookExit(state, book, order, fill)
  if (position.quantity !== 0) {
    if (order.role === 'stop') leaveAtMarket(state, book)
    else {
      protectRemainder(state, book)
      // What an entry on its way has added meanwhile leaves too.
      if (order.role === 'exit' && !order.isActive) submitExit(state, book, order.exitReason ?? 'manual')
      refreshLevels(book)
    }
    return
  }
  endTrade(state, book, order, fill)
}

function endTrade(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  const { trade } = book
  trade.exitBar = barOf(book, fill)
  trade.exitTime = fill.time
  trade.exitReason = order.exitReason ?? 'manual'
  closeTrade(state, book)
}

/** The account's part of an exit fill. */
export function bookExit(state: TradingState, book: Book, order: WorkingOrder, fill: FillTerms): void {
  takeOff(state, book, fill)
  advance(state, book, order, fill)
  if (order.role !== 'exit') book.protectiveFillBar = book.bars
}

/** A stop that was met is a market order from then on, whatever the price does: what it has not sold leaves at the next opens. */
export function leaveAtMarket(state: TradingState, book: Book): void {
  const { stop } = book
  endOrder(state, book, stop)
  submitExit(state, book, stop.exitReason ?? 'stop-loss')
  for (const target of book.targets) endOrder(state, book, target)
  refreshLevels(book)
}

/** Takes what was filled off the position and adds it to the trade's sums. */
function takeOff(state: TradingState, book: Book, fill: FillTerms): void {
  const { trade, position, instrument } = book
  const { quantity, price } = fill
  const accrued = position.accruedFunding(state.fundingIndex[instrument] as number)
  const share = quantity / Math.abs(position.quantity)
  trade.released += state.account.exit(instrument, fill, state.fundingIndex)
  trade.exited += quantity
  trade.exitedNotional += quantity * price
  // A single fill's own price, to the digit: a product divided again need not give it back.
  trade.exitPrice = quantity === trade.exited ? price : trade.exitedNotional / trade.exited
  trade.funding += share === 1 ? accrued : accrued * share
  trade.fees += fill.fee
  trade.slippage += fill.slippage
  if (fill.undecided) trade.undecided = true
}

function closeTrade(state: TradingState, book: Book): void {
  const { entry, exit, stop, targets } = book
  if (exit.isActive) endOrder(state, book, exit)
  if (stop.isActive) endOrder(state, book, stop)
  for (let rung = 0; rung < targets.length; rung++) {
    const target = targets[rung] as WorkingOrder
    if (target.isActive) endOrder(state, book, target)
  }
  // What is left of the entry would open a position anew. An entry that turns the position around has not begun.
  if (entry.isActive && entry.filledQuantity > 0) endOrder(state, book, entry)
  book.liquidationPrice = NaN
  if (book.trade.side > 0) book.longArmed = false
  else book.shortArmed = false
  book.floor = -Infinity
  book.ceiling = Infinity
  if (entry.isActive) refreshLevels(book)
  if (state.tradeListener !== undefined) state.tradeListener.tradeEnded(book)
}

/**
 * The venue takes a position over whose margin is used up: the trade ends at the bankruptcy price, with the venue's fee. Orders that
 * were out end with it.
 */
export function liquidate(state: TradingState, book: Book, undecided: boolean): void {
  takeOver(state, book, liquidationOf(state, book, undecided))
}

/** At what a position is taken over now. */
export function liquidationOf(
  state: TradingState,
  { trade, position, terms }: Book,
  undecided: boolean,
): FillTerms {
  const side: Side = position.quantity > 0 ? 1 : -1
  const quantity = Math.abs(position.quantity)
  const price = bankruptcyPrice(side, trade.entryPrice, state.config.risk.leverage)
  const fee = price * quantity * (terms.margin?.liquidationFee ?? 0)
  return {
    time: state.now,
    price,
    quantity,
    fee,
    slippage: 0,
    liquidity: 'taker',
    undecided,
    inside: false,
    atClose: false,
  }
}

/** The account's part of it. */
export function bookTakeover(state: TradingState, book: Book, fill: FillTerms): void {
  takeOff(state, book, fill)
  book.protectiveFillBar = book.bars
}

/** Books that the venue has taken the position over, at what it says. */
export function takeOver(state: TradingState, book: Book, fill: FillTerms): void {
  const { trade } = book
  bookTakeover(state, book, fill)
  trade.exitBar = book.bars
  trade.exitTime = state.now
  trade.exitReason = 'liquidation'
  if (state.observer !== undefined) state.observer.liquidated(book, fill)
  closeTrade(state, book)
}
