import type { OrderState } from '../core/orders.js'
import type { Book, TradingState, WorkingOrder } from './state.js'

/** Sends an order anew, now. Kind, side, quantity, price, end and exit reason are the caller's to set, before. */
export function submit(state: TradingState, book: Book, order: WorkingOrder): void {
  order.id = state.nextOrderId++
  order.filledQuantity = 0
  order.decidedAt = state.now
  order.lacksVolume = false
  order.state = 'pending'
  order.isActive = true
  if (state.observer !== undefined) state.observer.submitted(book, order)
}

/** Puts an order that is out somewhere else, or makes it larger or smaller. */
export function amend(
  state: TradingState,
  book: Book,
  order: WorkingOrder,
  price: number,
  quantity: number,
): void {
  order.price = price
  order.quantity = quantity
  if (state.observer !== undefined) state.observer.amended(book, order)
}

/** Ends an order, if it is still out. */
export function endOrder(
  state: TradingState,
  book: Book,
  order: WorkingOrder,
  ending: OrderState = 'cancelled',
): void {
  if (!order.isActive) return
  order.state = ending
  order.isActive = false
  if (state.observer !== undefined) state.observer.ended(book, order, ending)
}

/** Sets the book's floor and ceiling to the nearest levels that are out. Whoever changes a resting order calls this. */
export function refreshLevels(book: Book): void {
  let floor = -Infinity
  let ceiling = Infinity
  const { entry, stop, targets, liquidationPrice } = book
  const { quantity } = book.position
  if (quantity !== 0) {
    const isLong = quantity > 0
    if (stop.isActive) {
      if (isLong) floor = stop.price
      else ceiling = stop.price
    }
    if (!book.liquidatesOnMark && (isLong ? liquidationPrice > floor : liquidationPrice < ceiling)) {
      if (isLong) floor = liquidationPrice
      else ceiling = liquidationPrice
    }
    for (let rung = 0; rung < targets.length; rung++) {
      const target = targets[rung] as WorkingOrder
      if (!target.isActive) continue
      if (isLong) {
        if (target.price < ceiling) ceiling = target.price
      } else if (target.price > floor) floor = target.price
      break
    }
  }
  if (entry.isActive && entry.kind !== 'market') {
    const isBelow = (entry.kind === 'limit') === entry.side > 0
    if (isBelow) {
      if (entry.price > floor) floor = entry.price
    } else if (entry.price < ceiling) ceiling = entry.price
  }
  book.floor = floor
  book.ceiling = ceiling
}
