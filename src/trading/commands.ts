import type { Order } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import type { Trade } from '../core/trades.js'

/** A position that went from flat to flat, as the reducer knows it: bars count from the run's first. */
export interface ClosedTrade extends Omit<
  Trade,
  'id' | 'instrumentId' | 'status' | 'profitFraction' | 'maxAdverseExcursion' | 'maxFavourableExcursion'
> {
  /** Index of the instrument in the run. */
  readonly instrument: number
}

/** What the reducer asks of the world (`submit`, `amend`, `cancel`) and what it reports (`trade`, `blocked`). */
export type Command =
  /** `rung` counts the targets of a position, nearest first; 0 for all other orders. */
  | { readonly kind: 'submit'; readonly order: Order; readonly rung: number; readonly expiresAt: number }
  | {
      readonly kind: 'amend'
      readonly orderId: number
      readonly instrument: number
      readonly price: number
      readonly quantity: number
    }
  | { readonly kind: 'cancel'; readonly orderId: number; readonly instrument: number }
  | { readonly kind: 'trade'; readonly trade: ClosedTrade }
  | {
      readonly kind: 'blocked'
      readonly instrument: number
      readonly time: number
      readonly reason: BlockReason
      /** No order came of the signal; else its order was given up later. */
      readonly atDecision: boolean
    }
