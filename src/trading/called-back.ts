import { LedgerError } from '../core/errors.js'
import { applyLateEntry, applyLateExit, isWithin, type FillTerms } from './fills.js'
import { EntryPlan, WorkingOrder, type Book, type TradingState } from './state.js'

/** An order that was called back, for as long as the venue has not said that it is gone: it may fill before the wish reaches it. */
export interface CalledBack {
  /** As it stood when it was called back, and what has filled since. */
  readonly order: WorkingOrder
  /** Of an entry: what its decision froze. */
  readonly plan: EntryPlan
}

/** Notes that an order is being called back. */
export function callBack(state: TradingState, book: Book, order: WorkingOrder): void {
  // Once part of an entry is held, its plan is the position's.
  const plan = order.role === 'entry' && order.filledQuantity > 0 ? book.heldPlan : book.plan
  state.calledBack.set(order.id, {
    order: Object.assign(new WorkingOrder(order.role), order),
    plan: Object.assign(new EntryPlan(), plan),
  })
}

/**
 * A fill of an order that has been called back: the fill wins. An entry's position is held and protected like any other, an exit's is smaller or gone.
 * Throws LedgerError where no such order is known.
 */
export function applyLateFill(state: TradingState, book: Book, orderId: number, fill: FillTerms): void {
  const late = state.calledBack.get(orderId)
  if (late === undefined || !isWithin(late.order, fill.quantity))
    throw new LedgerError('a fill matches no order that is out', { field: 'orderId', value: orderId }) // prettier-ignore
  const { order, plan } = late
  if (order.role === 'entry') applyLateEntry(state, book, order, plan, fill)
  else applyLateExit(state, book, order, fill)
  if (order.isActive) order.isActive = false
  else state.calledBack.delete(orderId)
}
