import { LedgerError } from '../core/errors.js'
import { closeBars } from './close-of-bar.js'
import { commandList } from './command-list.js'
import type { Command } from './commands.js'
import { rollDay } from './day.js'
import { expireEntry, fitEntry } from './entries.js'
import type {
  BarsEvent,
  CompletedBar,
  FillEvent,
  FlattenEvent,
  FundingEvent,
  OrderEndedEvent,
  TradingEvent,
} from './events.js'
import { submitExit } from './exits.js'
import { applyFill, liquidate, orderOfFill } from './fills.js'
import { endOrder, refreshLevels } from './orders.js'
import type { Book, TradingState, WorkingOrder } from './state.js'
import { tradeRecord } from './trade-record.js'

/**
 * The one place where anything is decided, in a backtest, on paper and live: an event comes in, the state moves on, and the
 * commands that follow are appended to `commands`. No I/O, no clock, no randomness; it never sees more than the bar that has
 * just completed. Events come in time order. A refused event throws and leaves the ledger as it was.
 *
 * A replay calls the functions behind the events itself (`closeBars`, `applyFill`, `applyFunding`, `fitEntry`), since millions of
 * events would cost more than what they ask for.
 */
export function step(state: TradingState, event: TradingEvent, commands: Command[]): void {
  const { observer, tradeListener } = state
  state.observer = commandList(commands)
  state.tradeListener = {
    tradeEnded: (book) => void commands.push({ kind: 'trade', trade: tradeRecord(book) }),
  }
  try {
    state.now = event.time
    if (event.kind !== 'bars' && event.time >= state.nextMidnight) rollDay(state)
    dispatch(state, event)
  } finally {
    state.observer = observer
    state.tradeListener = tradeListener
  }
}

function dispatch(state: TradingState, event: TradingEvent): void {
  switch (event.kind) {
    case 'bars':
      return onBars(state, event)
    case 'fill':
      return onFill(state, event)
    case 'funding':
      return onFunding(state, event)
    case 'quote':
      return fitEntry(state, state.book(event.instrument), event)
    case 'snapshot':
      state.book(event.instrument).rearmKey = event.rearmKey
      return
    case 'order-accepted': {
      const order = orderWithId(state.book(event.instrument), event.orderId)
      if (order?.state === 'pending') order.state = 'working'
      return
    }
    case 'order-ended':
      return onOrderEnded(state, event)
    case 'flatten':
      return onFlatten(state, event)
    case 'timer':
      return
  }
}

function onBars(state: TradingState, { bars }: BarsEvent): void {
  const due = bars.map((bar) => {
    const book = state.book(bar.instrument)
    look(book, bar)
    return book
  })
  closeBars(state, due, due.length)
}

function look({ view }: Book, bar: CompletedBar): void {
  view.open = bar.open
  view.high = bar.high
  view.low = bar.low
  view.close = bar.close
  view.bits = bar.signal.bits
  view.usable = bar.usable
  view.score = bar.signal.score
  view.coverage = bar.signal.coverage
  view.atr = bar.signal.atr
  view.features = bar.features
}

function onFill(state: TradingState, { fill, undecided, time }: FillEvent): void {
  const book = state.book(fill.instrument)
  if (fill.role === 'liquidation') return liquidate(state, book, undecided)
  const order = orderOfFill(book, fill)
  if (order === undefined) {
    throw new LedgerError('a fill matches no order that is out', { field: 'orderId', value: fill.orderId })
  }
  applyFill(state, book, order, { ...fill, time, undecided, inside: false, atClose: false })
}

function onFunding(state: TradingState, { instrument, amountPerUnit, time }: FundingEvent): void {
  const book = state.book(instrument)
  if (amountPerUnit === amountPerUnit)
    applyFunding(state, book, (state.fundingIndex[instrument] as number) + amountPerUnit)
  else if (book.position.quantity !== 0) {
    book.missingFunding++
    book.missingFundingTime = time
  }
}

/** Sets what one long unit has paid since the start. Equity knows of it at once, with or without a bar. */
export function applyFunding(state: TradingState, book: Book, index: number): void {
  state.fundingIndex[book.instrument] = index
  state.marks[book.instrument] = book.lastClose - index
}

function orderWithId(book: Book, id: number): WorkingOrder | undefined {
  return [book.entry, book.exit, book.stop, ...book.targets].find((order) => order.id === id)
}

function onOrderEnded(state: TradingState, event: OrderEndedEvent): void {
  const book = state.book(event.instrument)
  const order = orderWithId(book, event.orderId)
  if (order === undefined || !order.isActive) return
  if (order.role === 'entry' && event.state === 'expired') expireEntry(state, book)
  else endOrder(state, book, order, event.state)
  refreshLevels(book)
}

function onFlatten(state: TradingState, event: FlattenEvent): void {
  for (const book of state.books) {
    endOrder(state, book, book.entry)
    refreshLevels(book)
    if (book.exit.isActive) book.exit.exitReason = event.reason
    submitExit(state, book, event.reason)
  }
}
