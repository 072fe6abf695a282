import { largestNotional } from '../core/instrument-terms.js'
import type { Side } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import { floorToLot } from '../core/rounding.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from '../core/signals.js'
import { entryDistanceOf, entryPriceAt, stopDistanceOf } from '../risk/levels.js'
import { affordableQuantity, entrySize, quantityWithin, type EntrySize } from '../risk/sizing.js'
import { amend, endOrder, refreshLevels, submit } from './orders.js'
import type { Book, TradingState, WorkingOrder } from './state.js'

/**
 * Tries the gates of an entry in order. Answers the reason for none, undefined where no entry condition holds, and `true` for a
 * candidate: every gate but the account's own limits has let it through, and the book says which side it would take.
 */
export function entryCandidate(
  state: TradingState,
  book: Book,
  bits: number,
): true | BlockReason | undefined {
  const entries = bits & (ENTER_LONG | ENTER_SHORT)
  if (entries === 0) return undefined
  if (entries === (ENTER_LONG | ENTER_SHORT)) return 'long-and-short'
  const { risk, policies } = state.config
  const side: Side = entries === ENTER_LONG ? 1 : -1
  const held = book.side
  if (held === side || book.entry.isActive) return 'in-position'
  if (held !== 0 && !risk.reversal) return 'exit-on-same-bar'
  if ((bits & (side > 0 ? EXIT_LONG : EXIT_SHORT)) !== 0) return 'exit-on-same-bar'
  if (policies.ordersPerBar === 'one' && book.protectiveFillBar === book.bars - 1) return 'order-on-same-bar'
  if (side < 0 && !(risk.allowShort && state.instrument(book.instrument).kind === 'perpetual'))
    return 'not-shortable'
  if (!isArmed(state, book, side)) return 'not-rearmed'
  if (state.halted) return 'halted'
  const stopDistance = stopDistanceOf(risk.stop, book.view.close, book.view.atr)
  if (lacksStop(state, book, stopDistance)) return 'no-stop'
  book.candidateSide = side
  book.candidateStopDistance = stopDistance
  return true
}

/** Whether the side may enter: its condition was off since the last exit on it, or the fact that arms it is newer. */
export function isArmed(state: TradingState, book: Book, side: Side): boolean {
  if (state.config.policies.rearm === 'none') return true
  return (side > 0 ? book.longArmed : book.shortArmed) || book.rearmKey > book.heldPlan.rearmKey
}

/** A stop was asked for and has no price: the range is undefined, or the stop would lie at or below zero. */
function lacksStop(state: TradingState, { view }: Book, stopDistance: number): boolean {
  const { stop, trailing } = state.config.risk
  if (trailing.kind === 'atr' && !(view.atr > 0)) return true
  return stop.kind !== 'none' && !(stopDistance > 0 && stopDistance < view.close)
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

/** Free capital less what entries that are out will need. */
function uncommittedCapital(state: TradingState): number {
  let free = state.account.freeCapital(state.fundingIndex)
  const { leverage } = state.config.risk
  for (const book of state.books) {
    const { entry } = book
    if (!entry.isActive) continue
    const price = entry.kind === 'market' ? book.lastClose : entry.price
    free -= (entry.quantity - entry.filledQuantity) * price * (1 / leverage + book.terms.takerFee)
  }
  return free
}

/** What a position that is being turned around will set free when it closes at the mark. */
function capitalFromReversal(state: TradingState, book: Book): number {
  const { position, instrument } = book
  if (position.quantity === 0) return 0
  const fee = Math.abs(position.quantity) * book.lastClose * book.terms.takerFee
  const accrued = position.accruedFunding(state.fundingIndex[instrument] as number)
  const margin = position.entryNotional / state.config.risk.leverage
  return position.worth(state.marks[instrument] as number) - accrued + margin - fee
}

function sizeOf(
  state: TradingState,
  book: Book,
  price: number,
  freeCapital: number,
  stopDistance: number,
  score: number,
): EntrySize {
  const { sizing } = state
  const { risk } = state.config
  const { margin, lotSize, takerFee } = book.terms
  sizing.price = price
  sizing.equity = state.equity()
  sizing.freeCapital = freeCapital
  sizing.stopDistance = stopDistance
  sizing.score = score
  sizing.entryFee = takerFee
  sizing.lotSize = lotSize
  sizing.largestNotional = margin === undefined ? Infinity : largestNotional(margin, risk.leverage)
  return entrySize(risk, sizing)
}

function tooSmall(book: Book, quantity: number, price: number, freeCapital: number): BlockReason | undefined {
  if (!(freeCapital > 0)) return 'no-capital'
  if (!(quantity > 0)) return 'lot'
  return quantity * price < book.terms.minNotional ? 'min-notional' : undefined
}

/** Sizes a candidate and sends its order, or says which limit of the account blocks it. */
export function submitEntry(state: TradingState, book: Book): BlockReason | undefined {
  const { view, candidateSide: side, candidateStopDistance: stopDistance, entry } = book
  const { risk, timeframeMs } = state.config
  if (positionsInView(state) >= risk.maxPositions) return 'max-positions'
  const isMarket = risk.entry.kind === 'market'
  let price = view.close
  if (risk.entry.kind !== 'market') {
    const distance = entryDistanceOf(risk.entry.distance, view.close, view.atr)
    price = entryPriceAt(risk.entry.kind, view.close, side, distance, book.terms.tickSize)
    if (!(price > 0)) return 'no-price'
    if (risk.stop.kind !== 'none' && !(stopDistance < price)) return 'no-stop'
  }
  const freeCapital = uncommittedCapital(state) + capitalFromReversal(state, book)
  const { quantity, boundBy } = sizeOf(state, book, price, freeCapital, stopDistance, view.score)
  const blocked = tooSmall(book, quantity, price, freeCapital)
  if (blocked !== undefined) return blocked
  const { plan } = book
  plan.decidedAt = state.now
  plan.stopDistance = stopDistance
  plan.close = view.close
  plan.atr = view.atr
  plan.score = view.score
  plan.coverage = view.coverage
  plan.rearmKey = book.rearmKey
  plan.sizeBoundBy = boundBy
  entry.exitReason = undefined
  entry.expiresAt = risk.entry.kind === 'market' ? Infinity : state.now + risk.entry.lifeBars * timeframeMs
  submit(state, book, entry, risk.entry.kind, side, quantity, isMarket ? NaN : price)
  if (!isMarket) refreshLevels(book)
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
  ending: 'cancelled' | 'expired',
): void {
  const { entry, instrument } = book
  const cameToNothing = entry.filledQuantity === 0
  endOrder(state, book, entry, ending)
  refreshLevels(book)
  if (cameToNothing && state.observer !== undefined)
    state.observer.blocked(instrument, state.now, reason, false)
}

/** Fits the entry that is out to the price it is about to fill at, or gives it up with the reason. */
export function fitEntry(state: TradingState, book: Book, { price }: { readonly price: number }): void {
  const { entry } = book
  if (!entry.isActive) return
  const quantity = quantityAtFill(state, book, price)
  if (typeof quantity === 'string') giveUp(state, book, quantity, 'cancelled')
  else if (quantity !== entry.quantity) amend(state, book, entry, entry.price, quantity)
}

/** How much more the venue lets a position grow at this leverage. */
function grantedQuantity(state: TradingState, { terms, trade, position }: Book, price: number): number {
  const { margin, lotSize } = terms
  if (margin === undefined) return Infinity
  const held = position.quantity === 0 ? 0 : trade.enteredNotional
  return quantityWithin(largestNotional(margin, state.config.risk.leverage) - held, price, lotSize)
}

/** All of the order; less where larger lots have come into force since it was sent. */
function inWholeLots({ quantity, filledQuantity }: WorkingOrder, lotSize: number): number {
  const left = quantity - filledQuantity
  const whole = floorToLot(left, lotSize)
  return left - whole > 1e-6 * lotSize ? filledQuantity + whole : quantity
}

/**
 * The quantity of an entry once its price is known: shrunk to what the account can pay, fee included, so that cash is never
 * negative (rule 19); or sized only now, by policy. A reason instead where nothing is left.
 */
function quantityAtFill(state: TradingState, book: Book, price: number): number | BlockReason {
  const { entry, plan, position, terms } = book
  const { risk, policies } = state.config
  const filled = entry.filledQuantity
  if (filled === 0) {
    let held = 0
    for (const { quantity } of state.account.positions) if (quantity !== 0) held++
    if (held >= risk.maxPositions) return 'max-positions'
  }
  const freeCapital = state.account.freeCapital(state.fundingIndex)
  const wanted =
    policies.sizeAt === 'fill' && position.quantity === 0
      ? sizeOf(state, book, price, freeCapital, plan.stopDistance, plan.score).quantity
      : inWholeLots(entry, terms.lotSize)
  // What a limit is sized by when it is sent, and more where its venue asks makers for more.
  const fee = entry.kind === 'limit' ? Math.max(terms.makerFee, terms.takerFee) : terms.takerFee
  const affordable = affordableQuantity(freeCapital, price, fee, terms.lotSize, risk.leverage)
  const quantity = Math.min(wanted, filled + affordable, filled + grantedQuantity(state, book, price))
  if (filled > 0) return quantity > filled ? quantity : 'no-capital'
  return tooSmall(book, quantity, price, freeCapital) ?? quantity
}
