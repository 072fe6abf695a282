import type { ExitReason, Side } from '../core/orders.js'
import type { SizeBound } from '../core/trades.js'
import type { ClosedTrade } from './commands.js'
import type { Book } from './state.js'

/** The record of a trade, to be written over again and again: its numbers then need no box of their own each time. */
export class TradeRecord implements ClosedTrade {
  instrument: number = -1
  side: Side = 1
  quantity: number = NaN
  decidedAt: number = NaN
  entryTime: number = NaN
  entryBar: number = -1
  entryPrice: number = NaN
  stopPrice: number = NaN
  targetPrice: number = NaN
  sizeBoundBy: SizeBound = 'fixed'
  entryScore: number = NaN
  entryCoverage: number = NaN
  exitTime: number = NaN
  exitBar: number = -1
  exitPrice: number = NaN
  exitReason: ExitReason = 'manual'
  undecided: boolean = false
  fees: number = NaN
  slippage: number = NaN
  funding: number = NaN
  profit: number = NaN

  /** Takes over a book's trade that has ended: what its decision froze, what its fills came to. */
  take({ instrument, trade, heldPlan: plan }: Book): this {
    this.instrument = instrument
    this.side = trade.side
    this.quantity = trade.entered
    this.decidedAt = plan.decidedAt
    this.entryTime = trade.entryTime
    this.entryBar = trade.entryBar
    this.entryPrice = trade.entryPrice
    this.stopPrice = trade.initialStop
    this.targetPrice = trade.initialTarget
    this.sizeBoundBy = plan.sizeBoundBy
    this.entryScore = plan.score
    this.entryCoverage = plan.coverage
    this.exitTime = trade.exitTime
    this.exitBar = trade.exitBar
    this.exitPrice = trade.exitPrice
    this.exitReason = trade.exitReason
    this.undecided = trade.undecided
    this.fees = trade.fees
    this.slippage = trade.slippage
    this.funding = trade.funding
    this.profit = trade.released - trade.fees
    return this
  }
}

/** The record of a book's trade that has ended. */
export function tradeRecord(book: Book): ClosedTrade {
  return { ...new TradeRecord().take(book) }
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
