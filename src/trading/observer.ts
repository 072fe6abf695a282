import type { OrderState } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import type { FillTerms } from './fills.js'
import type { Book, WorkingOrder } from './state.js'

/** What the reducer tells of orders as it goes: to a recorder in a replay, to the list of commands in a live session. */
export interface TradingObserver {
  /** A new order, to be sent. */
  submitted(book: Book, order: WorkingOrder): void
  /** Its price or quantity is another now. */
  amended(book: Book, order: WorkingOrder): void
  /** It was given up by us (`cancelled`) or has ended at the venue. */
  ended(book: Book, order: WorkingOrder, state: OrderState): void
  filled(book: Book, order: WorkingOrder, fill: FillTerms): void
  /** The venue took the position over: no order of ours. */
  liquidated(book: Book, fill: FillTerms): void
  /** An entry condition that led to no position: `atDecision` where no order came of it, else its order was given up later. */
  blocked(instrument: number, time: number, reason: BlockReason, atDecision: boolean): void
}

/** Told of every trade that ends. */
export interface TradeListener {
  tradeEnded(book: Book): void
}
