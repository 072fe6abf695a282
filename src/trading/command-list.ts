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
 * Turns what the reducer tells into commands, appended to a list that its owner empties. An order that has ended at the venue
 * (`endedAtVenue`) is not cancelled there.
 */
export function commandList(commands: Command[], endedAtVenue?: number): TradingObserver {
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
    ended: ({ instrument }, { id: orderId }, state) => {
      if (orderId !== endedAtVenue && (state === 'cancelled' || state === 'expired'))
        commands.push({ kind: 'cancel', orderId, instrument })
    },
    filled: () => undefined,
    liquidated: () => undefined,
    blocked: (instrument, time, reason, atDecision) =>
      void commands.push({ kind: 'blocked', instrument, time, reason, atDecision }),
  }
}
