import type { ExitReason, OrderKind, Side } from '../core/orders.js'
import type { Command } from './commands.js'
import type { TradingState, WorkingOrder } from './state.js'

export interface OrderRequest {
  readonly kind: OrderKind
  readonly side: Side
  readonly quantity: number
  readonly price: number
  readonly time: number
  readonly exitReason: ExitReason | undefined
}

/** Makes a slot's order anew and asks for it to be sent. */
export function submit(
  state: TradingState,
  instrument: number,
  slot: WorkingOrder,
  request: OrderRequest,
  commands: Command[],
): void {
  slot.id = state.nextOrderId++
  slot.kind = request.kind
  slot.side = request.side
  slot.quantity = request.quantity
  slot.filledQuantity = 0
  slot.price = request.price
  slot.decidedAt = request.time
  slot.state = 'pending'
  slot.exitReason = request.exitReason
  commands.push({
    kind: 'submit',
    order: {
      id: slot.id,
      instrument,
      role: slot.role,
      kind: slot.kind,
      side: slot.side,
      reduceOnly: slot.role !== 'entry',
      quantity: slot.quantity,
      price: slot.price,
      decidedAt: slot.decidedAt,
      state: slot.state,
      filledQuantity: 0,
      exitReason: slot.exitReason,
    },
  })
}

/** Gives an order up, if it is still out. */
export function cancel(instrument: number, slot: WorkingOrder, commands: Command[]): void {
  if (!slot.isActive) return
  slot.state = 'cancelled'
  commands.push({ kind: 'cancel', orderId: slot.id, instrument })
}
