import { DAY_MS } from '../core/time.js'
import { applyLateFill, callBack } from './called-back.js'
import { closeBars } from './close-of-bar.js'
import { commandList } from './command-list.js'
import type { Command } from './commands.js'
import { passMidnight, rollDay } from './day.js'
import { expireEntry, fitEntry, giveUp } from './entries.js'
import type {
  BarsEvent,
  CompletedBar,
  FillEvent,
  FlattenEvent,
  FundingEvent,
  OrderEndedEvent,
  StopMetEvent,
  TradingEvent,
} from './events.js'
import { submitExit } from './exits.js'
import { bothObservers } from './observer.js'
import { applyFill, leaveAtMarket, orderOfFill, takeOver } from './fills.js'
import { endOrder, refreshLevels } from './orders.js'
import { protect } from './protection.js'
import type { Book, TradingState, WorkingOrder } from './state.js'
import { tradeRecord } from './trade-record.js'

/**
 * The one place where anything is decided, in a backtest, on paper and live: an event comes in, the state moves on, and the
 * commands that follow are appended to `commands`. No I/O, no clock, no randomness; it never sees more than the bar that has
 * just completed. Events come in time order. A refused event throws and leaves the ledger as it was. Whoever observes the state is told too.
 *
 * A replay calls the functions behind the events itself (`closeBars`, `applyFill`, `applyFunding`, `fitEntry`), since millions of
 * events would cost more than what they ask for.
 */
export function step(state: TradingState, event: TradingEvent, commands: Command[]): void {
  const { observer, tradeListener } = state
  const endedAtVenue = event.kind === 'order-ended' ? event.orderId : undefined
  const list = commandList(commands, (book, order) => {
    if (order.id === endedAtVenue) return false
    callBack(state, book, order)
    return true
  })
  state.observer = observer === undefined ? list : bothObservers(observer, list)
  state.tradeListener = {
    tradeEnded: (book) => {
      tradeListener?.tradeEnded(book)
      commands.push({ kind: 'trade', trade: tradeRecord(book) })
    },
  }
  try {
    state.now = event.time
    passInto(state, event)
    dispatch(state, event)
  } finally {
    state.observer = observer
    state.tradeListener = tradeListener
  }
}

/**
 * A new day begins with time that passes, or with bars that open. Anything else that happens at 00:00 sharp may belong to the bars that close
 * there, whose mark the day begins with. What people want begins no day.
 */
function passInto(state: TradingState, { kind, time }: TradingEvent): void {
  if (kind === 'bars' || kind === 'hold' || kind === 'withdraw' || kind === 'flatten') return
  if (kind === 'timer' || kind === 'opens') {
    if (time >= state.nextMidnight) rollDay(state)
  } else if (time > state.nextMidnight) passMidnight(state)
}

function dispatch(state: TradingState, event: TradingEvent): void {
  switch (event.kind) {
    case 'bars':
      return onBars(state, event)
    case 'opens':
      for (const instrument of event.instruments) state.book(instrument).advanceTerms(event.time)
      return
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
    case 'volume-lacked': {
      const order = orderWithId(state.book(event.instrument), event.orderId)
      if (order === undefined || !order.isActive) return
      order.lacksVolume = true
      order.expiresAt = event.expiresAt
      return
    }
    case 'stop-met':
      return onStopMet(state, event)
    case 'hold':
      state.held = event.isHeld
      return
    case 'withdraw':
      for (const book of state.books) withdrawEntry(state, book)
      return
    case 'flatten':
      return onFlatten(state, event)
    case 'timer':
      return
  }
}

function onBars(state: TradingState, { bars, time }: BarsEvent): void {
  // Bars are told of some time after their close: what has filled since has begun the day that their mark begins.
  if (time === state.nextMidnight - DAY_MS) state.nextMidnight = time
  const due = bars.map((bar) => {
    const book = state.book(bar.instrument)
    look(book, bar)
    return book
  })
  closeBars(state, due, due.length)
}

function look(book: Book, bar: CompletedBar): void {
  const { view } = book
  book.rearmKey = bar.signal.rearmKey
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
  view.isLast = bar.isLast ?? false
}

function onFill(state: TradingState, event: FillEvent): void {
  const { fill, undecided, inside = false, atClose = false } = event
  const book = state.book(fill.instrument)
  const terms = { ...fill, undecided, inside, atClose }
  if (fill.role === 'liquidation') takeOver(state, book, terms)
  else {
    const order = orderOfFill(book, fill)
    if (order?.isActive === true) applyFill(state, book, order, terms)
    else applyLateFill(state, book, fill.orderId, terms)
  }
  // What it cost belongs to the close that has been marked already.
  if (atClose) state.markedEquity = state.equity()
}

function onFunding(state: TradingState, event: FundingEvent): void {
  const { instrument, amountPerUnit, time, dueTime = time } = event
  const book = state.book(instrument)
  if (amountPerUnit === amountPerUnit)
    applyFunding(state, book, (state.fundingIndex[instrument] as number) + amountPerUnit)
  else if (book.position.quantity !== 0) {
    if (book.missingFunding === 0) book.missingFundingTime = dueTime
    book.missingFunding++
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
  state.calledBack.delete(event.orderId)
  const order = orderWithId(book, event.orderId)
  if (order === undefined || !order.isActive) return
  if (order.role === 'entry' && event.reason !== undefined) giveUp(state, book, event.reason, event.state)
  else if (order.role === 'entry' && event.state === 'expired') expireEntry(state, book)
  else endOrder(state, book, order, event.state)
  if (book.position.quantity !== 0) protectAnew(state, book, order)
  refreshLevels(book)
}

/** A position is held, and an order of it has ended that nobody had called back. */
function protectAnew(
  state: TradingState,
  book: Book,
  { role, state: ending, filledQuantity }: WorkingOrder,
): void {
  // prettier-ignore
  // A stop that the venue does not take: nobody stays without one.
  if (role === 'stop' && (ending === 'rejected' || ending === 'failed')) leaveAtMarket(state, book)
  // A target that filled before it could be made larger.
  if (role === 'target' && filledQuantity > 0) protect(state, book)
}

function onStopMet(state: TradingState, { instrument, undecided }: StopMetEvent): void {
  const book = state.book(instrument)
  if (undecided) book.trade.undecided = true
  leaveAtMarket(state, book)
}

function withdrawEntry(state: TradingState, book: Book): void {
  if (book.entry.isActive) giveUp(state, book, 'withdrawn', 'cancelled')
}

function onFlatten(state: TradingState, { instrument, reason }: FlattenEvent): void {
  for (const book of state.books) {
    if (instrument !== undefined && book.instrument !== instrument) continue
    endOrder(state, book, book.entry)
    refreshLevels(book)
    if (book.exit.isActive) book.exit.exitReason = reason
    submitExit(state, book, reason)
  }
}
