import type { Side } from '../core/orders.js'
import { stopPriceAt, targetPriceAt, trailingPriceAt } from '../risk/levels.js'
import type { Command } from './commands.js'
import type { CompletedBar } from './events.js'
import { submit } from './orders.js'
import type { Book, TradingState, WorkingOrder } from './state.js'

/** Whether `level` protects a position of this side better than `current`; anything is better than no stop (NaN). */
function isTighter(level: number, current: number, side: Side): boolean {
  if (Number.isNaN(level)) return false
  return Number.isNaN(current) || (side > 0 ? level > current : level < current)
}

/** Puts a protective order where it should stand, for the quantity that is held: sent if it is not out, amended if it moved. */
function keep(
  state: TradingState,
  book: Book,
  slot: WorkingOrder,
  price: number,
  time: number,
  commands: Command[],
): void {
  const held = state.account.position(book.instrument).quantity
  if (!slot.isActive) {
    const quantity = Math.abs(held)
    const kind = slot.role === 'stop' ? 'stop' : 'limit'
    const exitReason = slot.role === 'stop' ? 'stop-loss' : 'take-profit'
    submit(
      state,
      book.instrument,
      slot,
      { kind, side: held > 0 ? -1 : 1, quantity, price, time, exitReason },
      commands,
    )
    return
  }
  // An order's quantity counts what it has filled already.
  const quantity = Math.abs(held) + slot.filledQuantity
  if (slot.price !== price || slot.quantity !== quantity) {
    slot.price = price
    slot.quantity = quantity
    commands.push({ kind: 'amend', orderId: slot.id, instrument: book.instrument, price, quantity })
  }
}

/** After an entry fill: stop and target at the frozen distances from the average fill, for the filled quantity. */
export function protect(
  state: TradingState,
  book: Book,
  side: Side,
  time: number,
  commands: Command[],
): void {
  const { tickSize } = state.instrument(book.instrument)
  const { trade, heldPlan: plan } = book
  const entryPrice = trade.entryPrice
  if (Number.isNaN(trade.best)) trade.best = entryPrice
  const fixed = Number.isNaN(plan.stopDistance)
    ? NaN
    : stopPriceAt(entryPrice, side, plan.stopDistance, tickSize)
  const trailing = trailingPriceAt(
    state.config.risk.trailing,
    entryPrice,
    entryPrice,
    side,
    plan.atr,
    tickSize,
  )
  const trails = isTighter(trailing, fixed, side)
  const stop = trails ? trailing : fixed
  trade.initialStop = stop
  if (!Number.isNaN(stop)) {
    keep(state, book, book.stop, stop, time, commands)
    book.stop.exitReason = trails ? 'trailing-stop' : 'stop-loss'
  }
  if (!Number.isNaN(plan.targetDistance)) {
    trade.initialTarget = targetPriceAt(entryPrice, side, plan.targetDistance, tickSize)
    keep(state, book, book.target, trade.initialTarget, time, commands)
  }
}

/** After a partial exit: what is left keeps its levels. */
export function protectRemainder(state: TradingState, book: Book, time: number, commands: Command[]): void {
  if (book.stop.isActive) keep(state, book, book.stop, book.stop.price, time, commands)
  if (book.target.isActive) keep(state, book, book.target, book.target.price, time, commands)
}

/** After a bar that did not stop the position out: the stop follows the best price, and only ever tightens (rule 9). */
export function ratchetTrailingStop(
  state: TradingState,
  book: Book,
  bar: CompletedBar,
  time: number,
  commands: Command[],
): void {
  const { trailing } = state.config.risk
  const side = state.side(book.instrument)
  if (trailing.kind === 'none' || side === 0) return
  const { trade } = book
  const extreme = side > 0 ? bar.high : bar.low
  if (isTighter(extreme, trade.best, side)) trade.best = extreme
  const { tickSize } = state.instrument(book.instrument)
  const level = trailingPriceAt(trailing, trade.best, trade.entryPrice, side, bar.signal.atr, tickSize)
  if (!isTighter(level, book.stop.isActive ? book.stop.price : NaN, side)) return
  keep(state, book, book.stop, level, time, commands)
  book.stop.exitReason = 'trailing-stop'
}
