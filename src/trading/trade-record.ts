import type { Side } from '../core/orders.js'
import type { ClosedTrade } from './commands.js'
import type { Book } from './state.js'

/** How a trade ended; money in quote units. */
export type TradeEnding = Pick<
  ClosedTrade,
  'exitTime' | 'exitBar' | 'exitPrice' | 'exitReason' | 'undecided' | 'funding' | 'profit'
>

/** The record of a book's trade: what its decision froze, what its fills came to, and how it ended. */
export function tradeRecord(book: Book, side: Side, ending: TradeEnding): ClosedTrade {
  const { trade, heldPlan: plan } = book
  return {
    instrument: book.instrument,
    side,
    quantity: trade.entered,
    decidedAt: plan.decidedAt,
    entryTime: trade.entryTime,
    entryBar: trade.entryBar,
    entryPrice: trade.entryPrice,
    stopPrice: trade.initialStop,
    targetPrice: trade.initialTarget,
    sizeBoundBy: plan.sizeBoundBy,
    entryScore: plan.score,
    entryCoverage: plan.coverage,
    fees: trade.fees,
    slippage: trade.slippage,
    ...ending,
  }
}
