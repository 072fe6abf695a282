import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import { DAY_MS } from '../core/time.js'
import type { Decision, PositionView } from '../strategy/compiled.js'
import type { Command } from './commands.js'
import { checkDailyLoss, rollDay } from './day.js'
import { entryCandidate, rankCandidates, submitEntry, type EntryCandidate } from './entries.js'
import type { BarsEvent, CompletedBar } from './events.js'
import { exitReasonOf, submitExit } from './exits.js'
import { ratchetTrailingStop } from './protection.js'
import type { Book, TradingState } from './state.js'

/** The close of a bar: follow, mark, measure the day's loss, decide exits, then entries in rank order. */
export function onBars(state: TradingState, event: BarsEvent, commands: Command[]): void {
  if (event.time > state.nextMidnight) rollDay(state, event.time)
  for (const bar of event.bars) mark(state, bar, event.time, commands)
  if (event.time % DAY_MS === 0) rollDay(state, event.time)
  checkDailyLoss(state)

  const candidates: EntryCandidate[] = []
  for (const bar of event.bars) {
    const book = state.book(bar.instrument)
    const bits = bar.usable ? bitsOf(state, book, bar) : 0
    rearm(book, bits)
    if (state.side(bar.instrument) !== 0) {
      const reason = exitReasonOf(state, book, bits, event.time)
      if (reason !== undefined) submitExit(state, book, reason, event.time, commands)
    }
    const candidate = entryCandidate(state, book, bar, bits)
    if (typeof candidate === 'object') candidates.push(candidate)
    else if (candidate !== undefined)
      commands.push({ kind: 'blocked', instrument: bar.instrument, time: event.time, reason: candidate })
  }
  for (const candidate of rankCandidates(state, candidates)) {
    const { instrument } = candidate.bar
    const reason = submitEntry(state, candidate, event.time, commands)
    if (reason !== undefined) commands.push({ kind: 'blocked', instrument, time: event.time, reason })
  }
}

function mark(state: TradingState, bar: CompletedBar, time: number, commands: Command[]): void {
  const book = state.book(bar.instrument)
  ratchetTrailingStop(state, book, bar, time, commands)
  book.bars++
  book.lastClose = bar.close
  if (bar.usable || Number.isNaN(book.lastUsableTime)) book.lastUsableTime = time
  state.marks[bar.instrument] = bar.close - (state.fundingIndex[bar.instrument] as number)
}

/** A side is armed again once its entry condition is known to be false on one bar. */
function rearm(book: Book, bits: number): void {
  if ((bits & LONG_OFF) !== 0) book.longArmed = true
  if ((bits & SHORT_OFF) !== 0) book.shortArmed = true
}

const DECISION_BITS: Readonly<Record<Decision, number>> = {
  'enter-long': ENTER_LONG | SHORT_OFF,
  'enter-short': ENTER_SHORT | LONG_OFF,
  exit: EXIT_LONG | EXIT_SHORT | LONG_OFF | SHORT_OFF,
  hold: LONG_OFF | SHORT_OFF,
}

function bitsOf(state: TradingState, book: Book, bar: CompletedBar): number {
  const { decide } = state.config
  if (decide === undefined) return bar.signal.bits
  if (bar.features === undefined) {
    throw new RangeError('a strategy that decides by itself needs the features of the bar')
  }
  return DECISION_BITS[decide(bar.features, positionView(state, book))]
}

function positionView(state: TradingState, book: Book): PositionView {
  const side = state.side(book.instrument)
  if (side === 0) return { side, quantity: 0, entryPrice: NaN, barsHeld: 0, unrealisedFraction: 0 }
  const position = state.account.position(book.instrument)
  return {
    side,
    quantity: Math.abs(position.quantity),
    entryPrice: position.entryPrice,
    barsHeld: book.bars - book.trade.entryBar,
    unrealisedFraction: position.worth(state.marks[book.instrument] as number) / position.entryNotional,
  }
}
