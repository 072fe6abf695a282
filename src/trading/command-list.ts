import type { Order } from '../core/orders.js'
import type { Command } from './commands.js'
import type { TradingObserver } from './observer.js'
import type { Book, WorkingOrder } from './state.js'

/** The order as it stands, for whoever keeps or sends it. */
export function orderOf({ instrument }: Book, order: WorkingOrder): Order {
  return {
    id: order.id,
    instrument,
    role: order.role,
    kind: order.kind,
    side: order.side,
    reduceOnly: order.role !== 'entry',
    quantity: order.quantity,
    price: order.price,
    decidedAt: order.decidedAt,
    state: order.state,
    filledQuantity: order.filledQuantity,
    exitReason: order.exitReason,
  }
}

/**
 * Turns what the reducer tells into commands, appended to a list that its owner empties. Of an order that has ended `callsBack` says whether
 * it has to be called back at the venue: not where it has ended there.
 */
export function commandList(
  commands: Command[],
  callsBack: (book: Book, order: WorkingOrder) => boolean,
): TradingObserver {
  return {
    submitted: (book, order) =>
      void commands.push({
        kind: 'submit',
        order: orderOf(book, order),
        rung: order.role === 'target' ? book.targets.indexOf(order) : 0,
        expiresAt: order.expiresAt,
      }),
    amended: ({ instrument }, { id: orderId, price, quantity }) =>
      void commands.push({ kind: 'amend', orderId, instrument, price, quantity }),
    ended: (book, order, state) => {
      if ((state === 'cancelled' || state === 'expired') && callsBack(book, order))
        commands.push({ kind: 'cancel', orderId: order.id, instrument: book.instrument })
    },
    filled: () => undefined,
    liquidated: () => undefined,
    blocked: (instrument, time, reason, atDecision) =>
      void commands.push({ kind: 'blocked', instrument, time, reason, atDecision }),
  }
}
