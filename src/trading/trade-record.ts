import type { ClosedTrade } from './commands.js'
import type { Book } from './state.js'

/** The record of a book's trade that has ended: what its decision froze, what its fills came to. Written out, since spreading costs. */
export function tradeRecord({ instrument, trade, heldPlan: plan }: Book): ClosedTrade {
  return {
    instrument,
    side: trade.side,
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
    exitTime: trade.exitTime,
    exitBar: trade.exitBar,
    exitPrice: trade.exitPrice,
    exitReason: trade.exitReason,
    undecided: trade.undecided,
    fees: trade.fees,
    slippage: trade.slippage,
    funding: trade.funding,
    profit: trade.released - trade.fees,
  }
}

/** Of a trade that is still open at the end of the data: as if it ended at the last mark, without exit costs. */
export function openTradeRecord(book: Book, time: number, fundingIndex: number, mark: number): ClosedTrade {
  const { trade, position } = book
  return {
    ...tradeRecord(book),
    exitTime: time,
    exitBar: book.bars - 1,
    exitPrice: book.lastClose,
    exitReason: 'end-of-data',
    funding: trade.funding + position.accruedFunding(fundingIndex),
    profit: trade.released + position.worth(mark) - trade.fees,
  }
}
