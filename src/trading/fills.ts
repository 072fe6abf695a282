import { LedgerError } from '../core/errors.js'
import type { ExitReason, Fill, Side } from '../core/orders.js'
import type { Command } from './commands.js'
import type { FillEvent } from './events.js'
import { cancel } from './orders.js'
import { protect, protectRemainder } from './protection.js'
import { tradeRecord } from './trade-record.js'
import { EntryPlan, OpenTrade, type Book, type TradingState, type WorkingOrder } from './state.js'

/** Books a fill, wherever it came from. A fill of an order the reducer never sent is an error that changes nothing. */
export function onFill(state: TradingState, event: FillEvent, commands: Command[]): void {
  const { fill } = event
  const book = state.book(fill.instrument)
  const slot = book[fill.role]
  const open = slot.quantity - slot.filledQuantity
  if (slot.id !== fill.orderId || slot.side !== fill.side || !(fill.quantity > 0) || fill.quantity > open) {
    throw new LedgerError('a fill matches no order that is out', { field: 'orderId', value: fill.orderId })
  }
  if (fill.role === 'entry') onEntryFill(state, book, event, commands)
  else onExitFill(state, book, event, commands)
}

function advance(slot: WorkingOrder, quantity: number): void {
  slot.filledQuantity += quantity
  slot.state = slot.filledQuantity >= slot.quantity ? 'filled' : 'partially-filled'
}

function addCosts(trade: OpenTrade, fill: Fill): void {
  trade.fees += fill.fee
  trade.slippage += fill.slippage
}

/** A single fill's own price, to the digit: a product divided again need not give it back. */
function averagePrice(fill: Fill, notional: number, quantity: number): number {
  return fill.quantity === quantity ? fill.price : notional / quantity
}

function onEntryFill(state: TradingState, book: Book, { fill, time }: FillEvent, commands: Command[]): void {
  const wasFlat = state.side(book.instrument) === 0
  state.account.enter(book.instrument, fill.side * fill.quantity, fill.price, fill.fee, state.fundingIndex)
  advance(book.entry, fill.quantity)
  if (wasFlat) {
    book.heldPlan = book.plan
    book.plan = new EntryPlan()
    book.trade = new OpenTrade()
    book.trade.entryTime = time
    book.trade.entryBar = barOfFill(state, book)
  }
  const { trade } = book
  trade.entered += fill.quantity
  trade.enteredNotional += fill.quantity * fill.price
  trade.entryPrice = averagePrice(fill, trade.enteredNotional, trade.entered)
  addCosts(trade, fill)
  protect(state, book, fill.side, time, commands)
}

/** A fill at the close belongs to the bar that has just completed, any other to the bar in progress. */
function barOfFill(state: TradingState, book: Book, exitReason?: ExitReason): number {
  const atClose = state.config.policies.fillAt === 'same-close' || exitReason === 'end-of-data'
  return atClose ? book.bars - 1 : book.bars
}

function onExitFill(state: TradingState, book: Book, event: FillEvent, commands: Command[]): void {
  const { fill, time } = event
  const { trade } = book
  const position = state.account.position(book.instrument)
  const side: Side = position.quantity > 0 ? 1 : -1
  const accrued = position.accruedFunding(state.fundingIndex[book.instrument] as number)
  const share = fill.quantity / Math.abs(position.quantity)
  const released = state.account.exit(
    book.instrument,
    fill.quantity,
    fill.price,
    fill.fee,
    state.fundingIndex,
  )
  advance(book[fill.role], fill.quantity)
  trade.exited += fill.quantity
  trade.exitedNotional += fill.quantity * fill.price
  trade.exitPrice = averagePrice(fill, trade.exitedNotional, trade.exited)
  trade.released += released
  trade.funding += share === 1 ? accrued : accrued * share
  addCosts(trade, fill)
  const isProtective = fill.role !== 'exit'
  if (isProtective) book.protectiveFillBar = book.bars
  if (position.quantity !== 0) {
    protectRemainder(state, book, time, commands)
    return
  }
  cancel(book.instrument, book.exit, commands)
  cancel(book.instrument, book.stop, commands)
  cancel(book.instrument, book.target, commands)
  if (side > 0) book.longArmed = false
  else book.shortArmed = false
  closeTrade(
    book,
    side,
    event,
    isProtective ? book.bars : barOfFill(state, book, book.exit.exitReason),
    commands,
  )
}

function closeTrade(book: Book, side: Side, event: FillEvent, exitBar: number, commands: Command[]): void {
  const { trade } = book
  const record = tradeRecord(book, side, {
    exitTime: event.time,
    exitBar,
    exitPrice: trade.exitPrice,
    exitReason: book[event.fill.role].exitReason ?? 'manual',
    undecided: event.undecided,
    funding: trade.funding,
    profit: trade.released - trade.fees,
  })
  commands.push({ kind: 'trade', trade: record })
}
