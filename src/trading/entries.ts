import { largestNotional, type FullTerms } from '../core/instrument-terms.js'
import type { Side } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import { floorToLot } from '../core/rounding.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from '../core/signals.js'
import { entryDistanceOf, entryPriceAt, stopDistanceOf } from '../risk/levels.js'
import type { RiskSettings } from '../risk/settings.js'
import { shrinkToCapital, sizeEntry, type EntrySizing } from '../risk/sizing.js'
import type { Position } from '../portfolio/position.js'
import { amend, endOrder, refreshLevels, submit } from './orders.js'
import type { Book, TradingConfig, TradingState, WorkingOrder } from './state.js'

/**
 * Tries the gates of an entry in order, on a close on which an entry condition holds. Answers why there is none; undefined for a candidate:
 * every gate but the account's own limits has let it through, and the book says which side it would take.
 */
export function blockOfEntry(state: TradingState, book: Book, bits: number): BlockReason | undefined {
  const { risk } = state.config
  const { view } = book
  const side = sideOfEntry(bits)
  const gate = gateOfEntry(
    state.config,
    bits,
    book.side,
    book.entry.isActive,
    book.protectiveFillBar === book.bars - 1,
    state.instrument(book.instrument).kind === 'perpetual',
    isArmed(state, book, side),
    state.halted || state.held,
  )
  if (gate !== undefined) return gate
  const stopDistance = stopDistanceOf(risk.stop, view.close, view.atr)
  if (lacksStop(risk, stopDistance, view.close, view.atr)) return 'no-stop'
  book.candidateSide = side
  book.candidateStopDistance = stopDistance
  return undefined
}

/** The side on which an entry condition holds. */
export function sideOfEntry(bits: number): Side {
  return (bits & ENTER_LONG) !== 0 ? 1 : -1
}

/** The gates before the stop's, in their order: the first that an entry does not pass. */
export function gateOfEntry(
  { risk, policies }: Pick<TradingConfig, 'risk' | 'policies'>,
  bits: number,
  held: Side | 0,
  isEntryOut: boolean,
  filledOnBar: boolean,
  isPerpetual: boolean,
  armed: boolean,
  halted: boolean,
): BlockReason | undefined {
  if ((bits & (ENTER_LONG | ENTER_SHORT)) === (ENTER_LONG | ENTER_SHORT)) return 'long-and-short'
  const side = sideOfEntry(bits)
  if (held === side || isEntryOut) return 'in-position'
  if (held !== 0 && !risk.reversal) return 'exit-on-same-bar'
  if ((bits & (side > 0 ? EXIT_LONG : EXIT_SHORT)) !== 0) return 'exit-on-same-bar'
  if (filledOnBar && policies.ordersPerBar === 'one') return 'order-on-same-bar'
  if (side < 0 && !(risk.allowShort && isPerpetual)) return 'not-shortable'
  if (!armed) return 'not-rearmed'
  return halted ? 'halted' : undefined
}

/** Whether the side may enter: its condition was off since the last exit on it, or the fact that arms it is newer. */
export function isArmed(state: TradingState, book: Book, side: Side): boolean {
  if (state.config.policies.rearm === 'none') return true
  return (side > 0 ? book.longArmed : book.shortArmed) || book.rearmKey > book.heldPlan.rearmKey
}

/** A stop was asked for and has no price: the range is undefined, or the stop would lie at or below zero. */
export function lacksStop(
  { stop, trailing }: RiskSettings,
  stopDistance: number,
  close: number,
  atr: number,
): boolean {
  if (trailing.kind === 'atr' && !(atr > 0)) return true
  return stop.kind !== 'none' && !(stopDistance > 0 && stopDistance < close)
}

/** Sorts candidates best first: distance of the score from neutral, then instrument id (rule 29). */
export function rankCandidates(state: TradingState): void {
  const distance = ({ view }: Book): number => (view.score !== view.score ? 0 : Math.abs(view.score - 0.5))
  const idOf = (book: Book): string => state.instrument(book.instrument).id
  const ranked = state.candidates.slice(0, state.candidateCount)
  ranked.sort((a, b) => distance(b) - distance(a) || (idOf(a) < idOf(b) ? -1 : 1))
  ranked.forEach((book, at) => {
    state.candidates[at] = book
  })
}

/** Positions that will be held once every order that is out has done its work. */
function positionsInView(state: TradingState): number {
  let count = 0
  for (const book of state.books) {
    if (book.position.quantity !== 0 && !book.exit.isActive) count++
    // What is left of an entry that is held in part already opens no other position.
    if (book.entry.isActive && book.entry.filledQuantity === 0) count++
  }
  return count
}

/** What an entry at this close may commit: free capital less what entries that are out will need. */
function reckonCapital(state: TradingState, book: Book): void {
  const { books, sizing } = state
  const { leverage } = state.config.risk
  let free = state.account.freeCapital(state.fundingIndex)
  for (const { entry, lastClose, terms } of books) {
    if (!entry.isActive) continue
    const price = entry.kind === 'market' ? lastClose : entry.price
    free -= (entry.quantity - entry.filledQuantity) * price * (1 / leverage + terms.takerFee)
  }
  if (book.position.quantity !== 0) {
    const { position, instrument, terms } = book
    const index = state.fundingIndex[instrument] as number
    const mark = state.marks[instrument] as number
    free += capitalFromReversal(position, leverage, terms.takerFee, book.lastClose, index, mark)
  }
  sizing.freeCapital = free
}

/** What a position that is being turned around will set free when it closes at the mark (close less funding index). */
export function capitalFromReversal(
  position: Position,
  leverage: number,
  takerFee: number,
  close: number,
  fundingIndex: number,
  mark: number,
): number {
  const fee = Math.abs(position.quantity) * close * takerFee
  const accrued = position.accruedFunding(fundingIndex)
  const margin = position.entryNotional / leverage
  return position.worth(mark) - accrued + margin - fee
}

/** Puts what does not depend on the price on the paper that sizes an entry. */
export function prepareSizing(sizing: EntrySizing, terms: FullTerms, leverage: number): void {
  sizing.entryFee = terms.takerFee
  sizing.lotSize = terms.lotSize
  sizing.minNotional = terms.minNotional
  sizing.largestNotional =
    terms.margin === undefined ? Number.POSITIVE_INFINITY : largestNotional(terms.margin, leverage)
}

/** Why the size on the paper is none to send, if so. */
export function tooSmall({
  freeCapital,
  quantity,
  price,
  minNotional,
}: EntrySizing): BlockReason | undefined {
  if (!(freeCapital > 0)) return 'no-capital'
  if (!(quantity > 0)) return 'lot'
  return quantity * price < minNotional ? 'min-notional' : undefined
}

/** Sizes a candidate and sends its order, or says which limit of the account blocks it. */
export function submitEntry(state: TradingState, book: Book): BlockReason | undefined {
  const { view, candidateSide: side, entry, plan } = book
  const { risk, timeframeMs } = state.config
  // Each other book can count one at most.
  if (state.books.length > risk.maxPositions && positionsInView(state) >= risk.maxPositions)
    return 'max-positions'
  const { sizing } = state
  sizing.price = view.close
  if (risk.entry.kind !== 'market') {
    const distance = entryDistanceOf(risk.entry.distance, view.close, view.atr)
    sizing.price = entryPriceAt(risk.entry.kind, view.close, side, distance, book.terms.tickSize)
    if (!(sizing.price > 0)) return 'no-price'
    if (risk.stop.kind !== 'none' && !(book.candidateStopDistance < sizing.price)) return 'no-stop'
  }
  reckonCapital(state, book)
  prepareSizing(sizing, book.terms, risk.leverage)
  sizing.equity = state.markedEquity
  sizing.stopDistance = book.candidateStopDistance
  sizing.score = view.score
  sizeEntry(risk, sizing)
  const blocked = tooSmall(sizing)
  if (blocked !== undefined) return blocked
  plan.decidedAt = state.now
  plan.stopDistance = sizing.stopDistance
  plan.close = view.close
  plan.atr = view.atr
  plan.score = view.score
  plan.coverage = view.coverage
  plan.rearmKey = book.rearmKey
  plan.sizeBoundBy = sizing.boundBy
  entry.exitReason = undefined
  entry.kind = risk.entry.kind
  entry.side = side
  entry.quantity = sizing.quantity
  if (risk.entry.kind === 'market') {
    entry.price = NaN
    entry.expiresAt = Infinity
    submit(state, book, entry)
    return undefined
  }
  entry.price = sizing.price
  entry.expiresAt = state.now + risk.entry.lifeBars * timeframeMs
  submit(state, book, entry)
  refreshLevels(book)
  return undefined
}

/**
 * Gives an entry up at a close: one that rests, where the day is halted or the signal has turned; any whose life is over. A market entry
 * that no want of volume has held back has none: it fills or goes stale at the next open.
 */
export function reviewRestingEntry(state: TradingState, book: Book, bits: number): void {
  const { entry } = book
  const rests = entry.kind !== 'market' && entry.filledQuantity === 0
  const isLong = entry.side > 0
  const own = isLong ? ENTER_LONG : ENTER_SHORT
  const opposite = isLong ? ENTER_SHORT : ENTER_LONG
  const turned =
    (bits & (isLong ? EXIT_LONG : EXIT_SHORT)) !== 0 || ((bits & opposite) !== 0 && (bits & own) === 0)
  if (rests && (state.halted || turned)) giveUp(state, book, 'withdrawn', 'cancelled')
  else if (state.now >= entry.expiresAt) expireEntry(state, book)
}

/** Ends an entry whose life is over: a signal that led to nothing, unless part of it was filled. */
export function expireEntry(state: TradingState, book: Book): void {
  giveUp(state, book, book.entry.lacksVolume ? 'no-volume' : 'unfilled', 'expired')
}

/** Ends an entry that is out, and says why where nothing came of it. */
export function giveUp(
  state: TradingState,
  book: Book,
  reason: BlockReason,
  ending: 'cancelled' | 'expired' | 'rejected' | 'failed',
): void {
  const { entry, instrument } = book
  const cameToNothing = entry.filledQuantity === 0
  endOrder(state, book, entry, ending)
  refreshLevels(book)
  if (cameToNothing && state.observer !== undefined)
    state.observer.blocked(instrument, state.now, reason, false)
}

/** All of the order; less where larger lots have come into force since it was sent. */
function inWholeLots({ quantity, filledQuantity }: WorkingOrder, lotSize: number): number {
  const left = quantity - filledQuantity
  const whole = floorToLot(left, lotSize)
  return left - whole > 1e-6 * lotSize ? filledQuantity + whole : quantity
}

/**
 * Fits the entry that is out to the price it is about to fill at, or gives it up with the reason: shrunk to what the account can pay, fee
 * included, so that cash is never negative (rule 19); or sized only now, by policy.
 */
export function fitEntry(state: TradingState, book: Book, quote: { readonly price: number }): void {
  const { entry, plan, position, terms } = book
  if (!entry.isActive) return
  const { account, sizing } = state
  const { risk, policies } = state.config
  const filled = entry.filledQuantity
  if (filled === 0 && account.openPositions >= risk.maxPositions)
    return giveUp(state, book, 'max-positions', 'cancelled')
  prepareSizing(sizing, terms, risk.leverage)
  sizing.price = quote.price
  sizing.freeCapital = account.freeCapital(state.fundingIndex)
  let quantity = terms.lotSize === 0 ? entry.quantity : inWholeLots(entry, terms.lotSize)
  if (policies.sizeAt === 'fill' && position.quantity === 0) {
    sizing.equity = state.equity()
    sizing.stopDistance = plan.stopDistance
    sizing.score = plan.score
    sizeEntry(risk, sizing)
    quantity = sizing.quantity
  }
  // What a limit is sized by when it is sent, and more where its venue asks makers for more.
  if (entry.kind === 'limit') sizing.entryFee = Math.max(terms.makerFee, terms.takerFee)
  if (position.quantity !== 0) sizing.largestNotional -= book.trade.enteredNotional
  sizing.quantity = quantity
  shrinkToCapital(sizing, risk.leverage, filled)
  if (filled > 0) {
    if (!(sizing.quantity > filled)) return giveUp(state, book, 'no-capital', 'cancelled')
  } else {
    const blocked = tooSmall(sizing)
    if (blocked !== undefined) return giveUp(state, book, blocked, 'cancelled')
  }
  if (sizing.quantity !== entry.quantity) amend(state, book, entry, entry.price, sizing.quantity)
}
