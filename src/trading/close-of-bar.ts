import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import type { BlockReason } from '../core/result.js'
import type { Decision, PositionView } from '../strategy/compiled.js'
import { checkDailyLoss, passMidnight, rollDay } from './day.js'
import { blockOfEntry, rankCandidates, reviewRestingEntry, submitEntry } from './entries.js'
import { exitReasonOf, submitExit } from './exits.js'
import { ratchet } from './protection.js'
import type { Book, TradingState } from './state.js'

/**
 * The close of a bar: follow, mark, measure the day's loss, decide exits, then entries in rank order. The first `count` of `due` are
 * the books whose bar completes now, in instrument order, each with that bar in view.
 */
export function closeBars(state: TradingState, due: readonly Book[], count: number): void {
  markBars(state, due, count)
  decideBars(state, due, count)
}

/** A close at which one book alone completes a bar, in a session of that one instrument: the same, with nothing to rank, and days that only a loss limit asks about. */
export function closeBar(state: TradingState, book: Book): void {
  const { dailyLossLimit } = state.config.risk
  const limitsLoss = dailyLossLimit > 0
  if (limitsLoss && state.now > state.nextMidnight) passMidnight(state)
  completeBar(state, book)
  state.markedEquity = state.equity()
  if (limitsLoss) {
    if (state.now === state.nextMidnight) rollDay(state)
    checkDailyLoss(state, dailyLossLimit)
  }
  state.candidateCount = 0
  decide(state, book)
  if (state.candidateCount === 0) return
  const reason = submitEntry(state, book)
  if (reason !== undefined) blocked(state, book, reason)
}

/** The first half of a close: every book follows its bar, equity is marked, the day's loss measured. */
export function markBars(state: TradingState, due: readonly Book[], count: number): void {
  if (state.now > state.nextMidnight) passMidnight(state)
  for (let at = 0; at < count; at++) completeBar(state, due[at] as Book)
  state.markedEquity = state.equity()
  if (state.now === state.nextMidnight) rollDay(state)
  checkDailyLoss(state, state.config.risk.dailyLossLimit)
}

/** The second half: what to do about it. */
export function decideBars(state: TradingState, due: readonly Book[], count: number): void {
  const { candidates } = state
  state.candidateCount = 0
  for (let at = 0; at < count; at++) decide(state, due[at] as Book)
  if (state.candidateCount > 1) rankCandidates(state)
  for (let at = 0; at < state.candidateCount; at++) {
    const book = candidates[at] as Book
    const reason = submitEntry(state, book)
    if (reason !== undefined) blocked(state, book, reason)
  }
}

/** One book's own part of the first half. */
export function completeBar(state: TradingState, book: Book): void {
  const { view, trade, instrument } = book
  const { quantity } = book.position
  if (quantity !== 0 && state.config.risk.trailing.kind !== 'none') {
    const isInside = trade.openedInside && trade.entryBar === book.bars
    ratchet(state, book, isInside ? view.close : quantity > 0 ? view.high : view.low, view.atr)
  }
  book.bars++
  book.lastClose = view.close
  if (view.usable || book.lastUsableTime !== book.lastUsableTime) book.lastUsableTime = state.now
  state.marks[instrument] = view.close - (state.fundingIndex[instrument] as number)
  if (state.now >= book.nextTermsTime) book.advanceTerms(state.now)
}

const ENTRIES = ENTER_LONG | ENTER_SHORT

function decide(state: TradingState, book: Book): void {
  const bits = book.view.usable ? bitsOf(state, book) : 0
  if (book.entry.isActive) reviewRestingEntry(state, book, bits)
  // A side is armed again once its entry condition is known to be false on one bar.
  if ((bits & LONG_OFF) !== 0) book.longArmed = true
  if ((bits & SHORT_OFF) !== 0) book.shortArmed = true
  if (book.position.quantity !== 0 && !book.exit.isActive) {
    const reason = exitReasonOf(state, book, bits)
    if (reason !== undefined) submitExit(state, book, reason)
  }
  if ((bits & ENTRIES) === 0) return
  if (book.view.isLast) {
    blocked(state, book, 'delisted')
    return
  }
  const reason = blockOfEntry(state, book, bits)
  if (reason === undefined) state.candidates[state.candidateCount++] = book
  else blocked(state, book, reason)
}

function blocked(state: TradingState, book: Book, reason: BlockReason): void {
  if (state.observer !== undefined) state.observer.blocked(book.instrument, state.now, reason, true)
}

const DECISION_BITS: Readonly<Record<Decision, number>> = {
  'enter-long': ENTER_LONG | SHORT_OFF,
  'enter-short': ENTER_SHORT | LONG_OFF,
  exit: EXIT_LONG | EXIT_SHORT | LONG_OFF | SHORT_OFF,
  hold: LONG_OFF | SHORT_OFF,
}

function bitsOf(state: TradingState, book: Book): number {
  const { decide: decideWithPosition } = state.config
  if (decideWithPosition === undefined) return book.view.bits
  const { features } = book.view
  if (features === undefined)
    throw new RangeError('a strategy that decides by itself needs the features of the bar')
  return DECISION_BITS[decideWithPosition(features, positionView(state, book))]
}

function positionView(state: TradingState, book: Book): PositionView {
  const { side, position } = book
  if (side === 0) return { side, quantity: 0, entryPrice: NaN, barsHeld: 0, unrealisedFraction: 0 }
  return {
    side,
    quantity: Math.abs(position.quantity),
    entryPrice: position.entryPrice,
    barsHeld: book.bars - book.trade.entryBar,
    unrealisedFraction: position.worth(state.marks[book.instrument] as number) / position.entryNotional,
  }
}
