import type { ExitReason, Order, Side } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import type { SizeBound } from '../core/trades.js'

/** A position that went from flat to flat. Times UTC ms, money in quote units; bars count from the run's first. */
export interface ClosedTrade {
  readonly instrument: number
  readonly side: Side
  readonly quantity: number
  readonly decidedAt: number
  readonly entryTime: number
  readonly entryBar: number
  readonly entryPrice: number
  readonly stopPrice: number
  readonly targetPrice: number
  readonly sizeBoundBy: SizeBound
  readonly entryScore: number
  readonly entryCoverage: number
  readonly exitTime: number
  readonly exitBar: number
  readonly exitPrice: number
  readonly exitReason: ExitReason
  readonly undecided: boolean
  readonly fees: number
  readonly slippage: number
  readonly funding: number
  readonly profit: number
}

/** What the reducer asks of the world (`submit`, `amend`, `cancel`) and what it reports (`trade`, `blocked`). */
export type Command =
  | { readonly kind: 'submit'; readonly order: Order }
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
    }
