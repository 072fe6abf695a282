import type { Session } from '../engine/session.js'
import { activeOrders } from '../engine/paper-venue.js'
import type { BrokerAccount } from './broker.js'
import { clientOrderId } from './client-id.js'

/** Share of an order that may be left of it by rounding alone: its end is on its way. */
const ROUNDING = 1e-12

/**
 * Where the broker's own account differs from what the session believes, in words; empty where they agree to the last digit: positions, orders
 * that are out, and cash where both count it in one currency.
 */
export function differences(session: Session, broker: BrokerAccount, sessionId: string): string[] {
  const { state } = session
  const found: string[] = []
  if (broker.cash !== state.account.cash)
    found.push(`cash is ${broker.cash} at the broker and ${state.account.cash} in the session`)
  state.books.forEach(({ instrument, position: { quantity } }) => {
    const there = broker.positions[instrument] ?? 0
    if (there !== quantity)
      found.push(`the position in ${state.instrument(instrument).id} is ${there} at the broker and ${quantity} in the session`) // prettier-ignore
  })
  const ours = new Map(
    state.books.flatMap((book) =>
      activeOrders(book)
        .filter(({ quantity, filledQuantity }) => quantity - filledQuantity > quantity * ROUNDING)
        .map((order) => [clientOrderId(sessionId, order.id), order] as const),
    ),
  )
  const calledBack = new Set([...state.calledBack.keys()].map((id) => clientOrderId(sessionId, id)))
  for (const { clientId, quantity, filledQuantity, price } of broker.orders) {
    const order = ours.get(clientId)
    if (order === undefined) {
      // One that is being called back is still there for as long as the wish travels.
      if (!calledBack.has(clientId))
        found.push(`order ${clientId} is out at the broker and not in the session`)
    } else if (
      order.quantity !== quantity ||
      order.filledQuantity !== filledQuantity ||
      !Object.is(order.price, price)
    )
      found.push(`order ${clientId} is another at the broker than in the session`)
    ours.delete(clientId)
  }
  for (const clientId of ours.keys())
    found.push(`order ${clientId} is out in the session and not at the broker`)
  return found
}
