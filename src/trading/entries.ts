import type { Side } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from '../core/signals.js'
import { stopDistanceOf, targetDistanceOf } from '../risk/levels.js'
import { affordableQuantity, entrySize, type EntrySize } from '../risk/sizing.js'
import type { Command } from './commands.js'
import type { CompletedBar, QuoteEvent } from './events.js'
import { cancel, submit } from './orders.js'
import type { Book, TradingState } from './state.js'

/** An entry that every gate but the account's own limits has let through. */
export interface EntryCandidate {
  readonly bar: CompletedBar
  readonly side: Side
  readonly stopDistance: number
}

/** Tries the gates in order: a candidate, the reason for none, or undefined where no entry condition holds. */
export function entryCandidate(
  state: TradingState,
  book: Book,
  bar: CompletedBar,
  bits: number,
): EntryCandidate | BlockReason | undefined {
  const entries = bits & (ENTER_LONG | ENTER_SHORT)
  if (entries === 0) return undefined
  if (entries === (ENTER_LONG | ENTER_SHORT)) return 'long-and-short'
  const { risk, policies } = state.config
  const side: Side = entries === ENTER_LONG ? 1 : -1
  const held = state.side(book.instrument)
  if (held === side || book.entry.isActive) return 'in-position'
  if (held !== 0 && !risk.reversal) return 'exit-on-same-bar'
  if ((bits & (side > 0 ? EXIT_LONG : EXIT_SHORT)) !== 0) return 'exit-on-same-bar'
  if (policies.ordersPerBar === 'one' && book.protectiveFillBar === book.bars - 1) return 'order-on-same-bar'
  if (side < 0 && !(risk.allowShort && state.instrument(book.instrument).kind === 'perpetual'))
    return 'not-shortable'
  if (!isArmed(state, book, side)) return 'not-rearmed'
  if (state.halted) return 'halted'
  const stopDistance = stopDistanceOf(risk.stop, bar.close, bar.signal.atr)
  if (lacksStop(state, stopDistance, bar)) return 'no-stop'
  return { bar, side, stopDistance }
}

function isArmed(state: TradingState, book: Book, side: Side): boolean {
  if (state.config.policies.rearm === 'none') return true
  return (side > 0 ? book.longArmed : book.shortArmed) || book.rearmKey > book.heldPlan.rearmKey
}

/** A stop was asked for and has no price: the range is undefined, or the stop would lie at or below zero. */
function lacksStop(state: TradingState, stopDistance: number, bar: CompletedBar): boolean {
  const { stop, trailing } = state.config.risk
  if (trailing.kind === 'atr' && !(bar.signal.atr > 0)) return true
  return stop.kind !== 'none' && !(stopDistance > 0 && stopDistance < bar.close)
}

/** Best first: distance of the score from neutral, then instrument id (rule 29). */
export function rankCandidates(state: TradingState, candidates: EntryCandidate[]): EntryCandidate[] {
  if (candidates.length < 2) return candidates
  const distance = ({ bar }: EntryCandidate): number =>
    Number.isNaN(bar.signal.score) ? 0 : Math.abs(bar.signal.score - 0.5)
  const idOf = ({ bar }: EntryCandidate): string => state.instrument(bar.instrument).id
  return candidates.sort((a, b) => distance(b) - distance(a) || (idOf(a) < idOf(b) ? -1 : 1))
}

/** Positions that will be held once every order that is out has done its work. */
function positionsInView(state: TradingState): number {
  let count = 0
  for (const book of state.books) {
    if (state.side(book.instrument) !== 0 && !book.exit.isActive) count++
    if (book.entry.isActive) count++
  }
  return count
}

/** Free capital less what entries that are out will need. */
function uncommittedCapital(state: TradingState): number {
  let free = state.account.freeCapital(state.fundingIndex)
  for (const book of state.books) {
    if (!book.entry.isActive) continue
    const open = book.entry.quantity - book.entry.filledQuantity
    free -= open * book.lastClose * (1 + (state.config.takerFee[book.instrument] as number))
  }
  return free
}

/** What a position that is being turned around will set free when it closes at the mark. */
function capitalFromReversal(state: TradingState, book: Book): number {
  const position = state.account.position(book.instrument)
  if (position.quantity === 0) return 0
  const index = book.instrument
  const fee = Math.abs(position.quantity) * book.lastClose * (state.config.takerFee[index] as number)
  const accrued = position.accruedFunding(state.fundingIndex[index] as number)
  return position.worth(state.marks[index] as number) - accrued + position.entryNotional - fee
}

function sizeOf(
  state: TradingState,
  book: Book,
  price: number,
  freeCapital: number,
  stopDistance: number,
  score: number,
): EntrySize {
  return entrySize(state.config.risk, {
    price,
    equity: state.equity(),
    freeCapital,
    stopDistance,
    score,
    entryFee: state.config.takerFee[book.instrument] as number,
    lotSize: state.instrument(book.instrument).lotSize,
  })
}

function tooSmall(
  state: TradingState,
  book: Book,
  quantity: number,
  price: number,
  freeCapital: number,
): BlockReason | undefined {
  if (!(freeCapital > 0)) return 'no-capital'
  if (!(quantity > 0)) return 'lot'
  return quantity * price < state.instrument(book.instrument).minNotional ? 'min-notional' : undefined
}

/** Sizes a candidate and sends its order, or says which limit of the account blocks it. */
export function submitEntry(
  state: TradingState,
  candidate: EntryCandidate,
  time: number,
  commands: Command[],
): BlockReason | undefined {
  const { bar, side, stopDistance } = candidate
  const { risk } = state.config
  const book = state.book(bar.instrument)
  if (positionsInView(state) >= risk.maxPositions) return 'max-positions'
  const freeCapital = uncommittedCapital(state) + capitalFromReversal(state, book)
  const { quantity, boundBy } = sizeOf(state, book, bar.close, freeCapital, stopDistance, bar.signal.score)
  const blocked = tooSmall(state, book, quantity, bar.close, freeCapital)
  if (blocked !== undefined) return blocked
  const { plan } = book
  plan.decidedAt = time
  plan.stopDistance = stopDistance
  plan.targetDistance = targetDistanceOf(risk.target, bar.close, stopDistance)
  plan.atr = bar.signal.atr
  plan.score = bar.signal.score
  plan.coverage = bar.signal.coverage
  plan.rearmKey = book.rearmKey
  plan.sizeBoundBy = boundBy
  submit(
    state,
    book.instrument,
    book.entry,
    { kind: 'market', side, quantity, price: NaN, time, exitReason: undefined },
    commands,
  )
  return undefined
}

/** Fits the entry that is out to the price it is about to fill at, or gives it up with the reason. */
export function fitEntry(state: TradingState, event: QuoteEvent, commands: Command[]): void {
  const book = state.book(event.instrument)
  const { entry, instrument } = book
  if (!entry.isActive) return
  const quantity = quantityAtFill(state, book, event.price)
  if (typeof quantity === 'string') {
    cancel(instrument, entry, commands)
    commands.push({ kind: 'blocked', instrument, time: event.time, reason: quantity })
  } else if (quantity !== entry.quantity) {
    entry.quantity = quantity
    commands.push({ kind: 'amend', orderId: entry.id, instrument, price: entry.price, quantity })
  }
}

/**
 * The quantity of an entry once its price is known: shrunk to what the account can pay, fee included, so that cash is never
 * negative (rule 19); or sized only now, by policy. A reason instead where nothing is left.
 */
function quantityAtFill(state: TradingState, book: Book, price: number): number | BlockReason {
  const { entry, plan } = book
  const held = state.account.positions.reduce(
    (count, position) => count + (position.quantity === 0 ? 0 : 1),
    0,
  )
  if (held >= state.config.risk.maxPositions) return 'max-positions'
  const freeCapital = state.account.freeCapital(state.fundingIndex)
  const entryFee = state.config.takerFee[book.instrument] as number
  const wanted =
    state.config.policies.sizeAt === 'fill'
      ? sizeOf(state, book, price, freeCapital, plan.stopDistance, plan.score).quantity
      : entry.quantity
  const { lotSize } = state.instrument(book.instrument)
  const quantity = Math.min(wanted, affordableQuantity(freeCapital, price, entryFee, lotSize))
  const shrunkBelowMinimum = tooSmall(state, book, quantity, price, freeCapital)
  return shrunkBelowMinimum ?? quantity
}
