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

/** Tells two of everything, the first one first. */
export function bothObservers(first: TradingObserver, second: TradingObserver): TradingObserver {
  return {
    submitted: (book, order) => {
      first.submitted(book, order)
      second.submitted(book, order)
    },
    amended: (book, order) => {
      first.amended(book, order)
      second.amended(book, order)
    },
    ended: (book, order, state) => {
      first.ended(book, order, state)
      second.ended(book, order, state)
    },
    filled: (book, order, fill) => {
      first.filled(book, order, fill)
      second.filled(book, order, fill)
    },
    liquidated: (book, fill) => {
      first.liquidated(book, fill)
      second.liquidated(book, fill)
    },
    blocked: (instrument, time, reason, atDecision) => {
      first.blocked(instrument, time, reason, atDecision)
      second.blocked(instrument, time, reason, atDecision)
    },
  }
}
