import type { Order } from '../core/orders.js'
import { WorkingOrder } from '../trading/state.js'

/** Share of an order that counts as nothing. */
const WHOLE_SLACK = 1e-12

/** What an amendment asks for. */
export interface Change {
  readonly price: number
  /** Base units, what has been filled included. */
  readonly quantity: number
}

/** One order on its way to a venue of quotes, or at it. */
export class QuoteOrder {
  readonly working: WorkingOrder
  readonly instrument: number
  readonly rung: number
  /** UTC ms. */
  readonly expiresAt: number
  /** `deciding`: not sent yet, so that a change or a cancel holds at once. */
  stage: 'deciding' | 'sent' | 'working' = 'deciding'
  cancelAsked: boolean = false
  /** Amendments on their way, oldest first. */
  readonly asked: Change[] = []
  /** Since when the other side has stood at the limit, UTC ms. */
  touchedSince: number = NaN

  constructor(
    { id, role, kind, side, quantity, price, decidedAt, instrument, exitReason }: Order,
    rung: number,
    expiresAt: number,
  ) {
    // prettier-ignore
    const working = new WorkingOrder(role)
    working.id = id
    working.kind = kind
    working.side = side
    working.quantity = quantity
    working.filledQuantity = 0
    working.price = price
    working.decidedAt = decidedAt
    working.expiresAt = expiresAt
    working.exitReason = exitReason
    working.state = 'pending'
    working.isActive = true
    this.working = working
    this.instrument = instrument
    this.rung = rung
    this.expiresAt = expiresAt
  }

  /** Base units that have not been filled; 0 also where only rounding is left. */
  get rest(): number {
    const { quantity, filledQuantity } = this.working
    const rest = quantity - filledQuantity
    return rest > quantity * WHOLE_SLACK ? rest : 0
  }

  change({ price, quantity }: Change): void {
    if (price !== this.working.price) this.touchedSince = NaN
    this.working.price = price
    this.working.quantity = quantity
  }

  /** As it will stand once what was asked has reached the venue. */
  get wanted(): Change {
    return this.asked.at(-1) ?? this.working
  }
}
