import type { Command } from './commands.js'
import { onBars } from './bars.js'
import { rollDay } from './day.js'
import type { FundingEvent, OrderEndedEvent, FlattenEvent, TradingEvent } from './events.js'
import { fitEntry } from './entries.js'
import { submitExit } from './exits.js'
import { onFill } from './fills.js'
import { cancel } from './orders.js'
import type { TradingState, WorkingOrder } from './state.js'

/**
 * The one place where anything is decided, in a backtest, on paper and live: an event comes in, the state moves on, and the
 * commands that follow are appended to `commands`. No I/O, no clock, no randomness; it never sees more than the bar that has
 * just completed. Events come in time order. A refused event throws and leaves the ledger as it was.
 */
export function step(state: TradingState, event: TradingEvent, commands: Command[]): void {
  if (event.kind !== 'bars' && event.time >= state.nextMidnight) rollDay(state, event.time)
  switch (event.kind) {
    case 'bars':
      return onBars(state, event, commands)
    case 'fill':
      return onFill(state, event, commands)
    case 'funding':
      return onFunding(state, event)
    case 'quote':
      return fitEntry(state, event, commands)
    case 'snapshot':
      state.book(event.instrument).rearmKey = event.rearmKey
      return
    case 'order-accepted': {
      const slot = slotOf(state, event.instrument, event.orderId)
      if (slot?.state === 'pending') slot.state = 'working'
      return
    }
    case 'order-ended':
      return onOrderEnded(state, event)
    case 'flatten':
      return onFlatten(state, event, commands)
    case 'timer':
      return
  }
}

function onFunding(state: TradingState, event: FundingEvent): void {
  const { instrument, amountPerUnit, time } = event
  if (!Number.isNaN(amountPerUnit)) {
    const index = (state.fundingIndex[instrument] as number) + amountPerUnit
    state.fundingIndex[instrument] = index
    // Equity knows of it at once: this instrument may have no bar for a while, the account's others do.
    state.marks[instrument] = state.book(instrument).lastClose - index
  } else if (state.side(instrument) !== 0) {
    const book = state.book(instrument)
    book.missingFunding++
    book.missingFundingTime = time
  }
}

function slotOf(state: TradingState, instrument: number, orderId: number): WorkingOrder | undefined {
  const book = state.book(instrument)
  return [book.entry, book.exit, book.stop, book.target].find((slot) => slot.id === orderId)
}

function onOrderEnded(state: TradingState, event: OrderEndedEvent): void {
  const slot = slotOf(state, event.instrument, event.orderId)
  if (slot?.isActive === true) slot.state = event.state
}

function onFlatten(state: TradingState, event: FlattenEvent, commands: Command[]): void {
  for (const book of state.books) {
    cancel(book.instrument, book.entry, commands)
    if (book.exit.isActive) book.exit.exitReason = event.reason
    submitExit(state, book, event.reason, event.time, commands)
  }
}
