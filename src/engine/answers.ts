import type { BlockReason } from '../core/result.js'
import { expireEntry, fitEntry, giveUp } from '../trading/entries.js'
import { applyFill, leaveAtMarket, liquidate, type FillTerms } from '../trading/fills.js'
import { endOrder } from '../trading/orders.js'
import type { Book, TradingState, WorkingOrder } from '../trading/state.js'
import { applyFunding } from '../trading/step.js'
import type { SettlementCursor } from './settlements.js'

/**
 * Whom a venue made of bars tells what became of the orders that are out. After each call the venue reads its books again: what is told may
 * have changed, ended or added orders.
 */
export interface VenueAnswers {
  /** Settlements from the `from`-th up to where the cursor stands now have been charged. */
  funded(book: Book, settlements: SettlementCursor, from: number): void
  /** The entry that is out is about to fill at this price: whoever sent it may make it smaller, or give it up. */
  quoted(book: Book, quote: { readonly price: number }, inside: boolean): void
  filled(book: Book, order: WorkingOrder, fill: FillTerms): void
  liquidated(book: Book, undecided: boolean): void
  /** The life of the entry is over. */
  entryExpired(book: Book): void
  entryGivenUp(book: Book, reason: BlockReason, ending: 'cancelled' | 'expired'): void
  exitExpired(book: Book, order: WorkingOrder): void
  /** For want of volume not all of the entry could be filled: what is left has until then. */
  entryLacksVolume(book: Book, expiresAt: number): void
  /** The stop was met, and for want of volume sold nothing. */
  stopMet(book: Book, undecided: boolean): void
}

/** In a replay the reducer's own functions, called at once: events would cost more than what they ask for. */
export class ReducerAnswers implements VenueAnswers {
  private readonly state: TradingState

  constructor(state: TradingState) {
    this.state = state
  }

  funded(book: Book, settlements: SettlementCursor): void {
    applyFunding(this.state, book, settlements.index)
  }

  quoted(book: Book, quote: { readonly price: number }): void {
    fitEntry(this.state, book, quote)
  }

  filled(book: Book, order: WorkingOrder, fill: FillTerms): void {
    applyFill(this.state, book, order, fill)
  }

  liquidated(book: Book, undecided: boolean): void {
    liquidate(this.state, book, undecided)
  }

  entryExpired(book: Book): void {
    expireEntry(this.state, book)
  }

  entryGivenUp(book: Book, reason: BlockReason, ending: 'cancelled' | 'expired'): void {
    giveUp(this.state, book, reason, ending)
  }

  exitExpired(book: Book, order: WorkingOrder): void {
    endOrder(this.state, book, order, 'expired')
  }

  entryLacksVolume({ entry }: Book, expiresAt: number): void {
    entry.lacksVolume = true
    entry.expiresAt = expiresAt
  }

  stopMet(book: Book, undecided: boolean): void {
    if (undecided) book.trade.undecided = true
    leaveAtMarket(this.state, book)
  }
}
