/** +1 buys or is long, −1 sells or is short: the sign of the quantity. */
export type Side = 1 | -1

export type OrderKind = 'market' | 'stop' | 'limit'

/**
 * What an order is for: opening, closing on a decision, one of the protective orders of a position; or, as nobody's order but the
 * venue's own act, taking over a position whose margin is used up.
 */
export type OrderRole = 'entry' | 'exit' | 'stop' | 'target' | 'liquidation'

/**
 * - `pending` decided, not yet acknowledged by a venue
 * - `working` acknowledged and resting
 * - `partially-filled` working, some quantity filled
 * - `filled`, `cancelled`, `expired`, `rejected` (by the venue), `failed` (never reached it) are final
 */
export type OrderState =
  'pending' | 'working' | 'partially-filled' | 'filled' | 'cancelled' | 'expired' | 'rejected' | 'failed'

export function isFinal(state: OrderState): boolean {
  return state !== 'pending' && state !== 'working' && state !== 'partially-filled'
}

export type ExitReason =
  | 'signal'
  | 'stop-loss'
  | 'trailing-stop'
  | 'take-profit'
  | 'time'
  | 'daily-loss'
  | 'stale-signal'
  | 'liquidation'
  | 'delisted'
  | 'end-of-data'
  | 'manual'

export interface Order {
  readonly id: number
  /** Index of the instrument in the run. */
  readonly instrument: number
  readonly role: OrderRole
  readonly kind: OrderKind
  readonly side: Side
  readonly reduceOnly: boolean
  /** Base units. */
  readonly quantity: number
  /** Trigger of a stop, price of a limit; NaN for a market order. */
  readonly price: number
  readonly decidedAt: number
  readonly state: OrderState
  readonly filledQuantity: number
  /** Why an exit is asked for; undefined for entries. */
  readonly exitReason: ExitReason | undefined
}

export interface Fill {
  readonly orderId: number
  readonly instrument: number
  readonly role: OrderRole
  readonly side: Side
  readonly time: number
  readonly price: number
  /** Base units, positive. */
  readonly quantity: number
  /** Quote units, positive = paid. */
  readonly fee: number
  /** Quote units lost to slippage and rounding against the undisturbed price, positive = lost. */
  readonly slippage: number
  readonly liquidity: 'maker' | 'taker'
}
