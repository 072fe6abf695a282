import type { ClosedTrade } from '../trading/commands.js'
import type { Book, TradingState } from '../trading/state.js'
import { tradeRecord } from '../trading/trade-record.js'

/** A position that stays open at the end of the data, as a trade that ends at the last mark without exit costs. */
export function openTrade(state: TradingState, book: Book, time: number): ClosedTrade {
  const position = state.account.position(book.instrument)
  const accrued = position.accruedFunding(state.fundingIndex[book.instrument] as number)
  return tradeRecord(book, position.quantity > 0 ? 1 : -1, {
    exitTime: time,
    exitBar: book.bars - 1,
    exitPrice: book.lastClose,
    exitReason: 'end-of-data',
    undecided: false,
    funding: book.trade.funding + accrued,
    profit: book.trade.released + position.worth(state.marks[book.instrument] as number) - book.trade.fees,
  })
}
