import { liquidationPrice } from '../core/instrument-terms.js'
import type { Side } from '../core/orders.js'
import { floorToLot } from '../core/rounding.js'
import { stopPriceAt, targetDistanceOf, targetPriceAt, trailingPriceAt } from '../risk/levels.js'
import type { LadderRung, TargetDistance, TrailingRule } from '../risk/settings.js'
import { amend, endOrder, refreshLevels, submit } from './orders.js'
import type { Book, EntryPlan, OpenTrade, TradingState, WorkingOrder } from './state.js'

/** Whether `level` protects a position of this side better than `current`; anything is better than no stop (NaN). */
export function isTighter(level: number, current: number, side: Side): boolean {
  if (level !== level) return false
  return current !== current || (side > 0 ? level > current : level < current)
}

/** Puts a protective order where it should stand, for this much of the position: sent if it is not out, amended if it moved. */
function keep(state: TradingState, book: Book, order: WorkingOrder, price: number, open: number): void {
  if (!order.isActive) {
    if (order.role === 'target') order.exitReason = 'take-profit'
    order.kind = order.role === 'stop' ? 'stop' : 'limit'
    order.side = book.position.quantity > 0 ? -1 : 1
    order.quantity = open
    order.price = price
    submit(state, book, order)
    return
  }
  // An order's quantity counts what it has filled already.
  const quantity = open + order.filledQuantity
  if (order.price !== price || order.quantity !== quantity) amend(state, book, order, price, quantity)
}

/** After an entry fill: stop and targets at the frozen distances from the average fill, for the filled quantity. */
export function protect(state: TradingState, book: Book): void {
  const { trade, heldPlan: plan, stop, position, terms } = book
  const { entryPrice } = trade
  if (trade.best !== trade.best) trade.best = entryPrice
  const fixed = fixedStop(trade, plan.stopDistance, terms.tickSize)
  const level = stopAfterFill(state.config.risk.trailing, trade, fixed, plan.atr, terms.tickSize)
  if (trade.initialStop !== trade.initialStop) trade.initialStop = level
  if (level === level) {
    stop.exitReason = level === fixed ? 'stop-loss' : 'trailing-stop'
    keep(state, book, stop, level, Math.abs(position.quantity))
  }
  protectByTargets(state, book)
}

/** The stop at the frozen distance from the average entry; NaN where there is none. */
export function fixedStop(
  { entryPrice, side }: Pick<OpenTrade, 'entryPrice' | 'side'>,
  stopDistance: number,
  tickSize: number,
): number {
  return stopDistance === stopDistance ? stopPriceAt(entryPrice, side, stopDistance, tickSize) : Number.NaN
}

/** Where the stop belongs after an entry fill: at the fixed one, or where the trailing rule, which this starts, has it tighter; NaN: nowhere. */
export function stopAfterFill(
  trailing: TrailingRule,
  trade: OpenTrade,
  fixed: number,
  atr: number,
  tickSize: number,
): number {
  if (trailing.kind === 'none') return fixed
  const { side, entryPrice } = trade
  const trailed = trailingPriceAt(trailing, entryPrice, entryPrice, side, atr, tickSize)
  // The fixed stop goes with the average; what the trailing one has reached stands.
  if (isTighter(trailed, trade.trailed, side)) trade.trailed = trailed
  return isTighter(trade.trailed, fixed, side) ? trade.trailed : fixed
}

function protectByTargets(state: TradingState, book: Book): void {
  const { target } = state.config.risk
  if (target.kind === 'none') return
  if (target.kind === 'ladder') {
    climb(state, book, target.rungs)
    return
  }
  const order = book.targets[0] as WorkingOrder
  const price = targetLevel(book.trade, target, book.heldPlan, book.terms.tickSize)
  if (price !== price) return
  book.trade.initialTarget = price
  keep(state, book, order, price, Math.abs(book.position.quantity))
}

/** Where a target belongs, by the distances that the decision froze; NaN where there is none. */
export function targetLevel(
  { entryPrice, side }: Pick<OpenTrade, 'entryPrice' | 'side'>,
  at: TargetDistance,
  { close, stopDistance }: Pick<EntryPlan, 'close' | 'stopDistance'>,
  tickSize: number,
): number {
  const distance = targetDistanceOf(at, close, stopDistance)
  return distance === distance ? targetPriceAt(entryPrice, side, distance, tickSize) : Number.NaN
}

/** Keeps the rungs of a ladder, nearest first, for their shares of what was entered. */
function climb(state: TradingState, book: Book, rungs: readonly LadderRung[]): void {
  const { heldPlan: plan, trade, terms, targets } = book
  const distances = rungs.map(({ at }) => targetDistanceOf(at, plan.close, plan.stopDistance))
  const order = rungs.map((_, at) => at).sort((a, b) => (distances[a] as number) - (distances[b] as number))
  const total = rungs.reduce((sum, { share }) => sum + share, 0)
  let taken = 0
  for (let at = 0; at < order.length; at++) {
    const rung = rungs[order[at] as number] as LadderRung
    const takesRest = at === order.length - 1 && total >= 1 - 1e-9
    const share = takesRest ? trade.entered - taken : floorToLot(trade.entered * rung.share, terms.lotSize)
    const target = targets[at] as WorkingOrder
    if (!(share > 0)) continue
    taken += share
    const price = targetPriceAt(
      trade.entryPrice,
      trade.side,
      distances[order[at] as number] as number,
      terms.tickSize,
    )
    if (at === 0 || trade.initialTarget !== trade.initialTarget) trade.initialTarget = price
    // What a rung has given already counts; a later fill of the entry adds to the share of each.
    const open = share - target.given - target.filledQuantity
    if (!(open > 0)) continue
    if (!target.isActive) target.given += target.filledQuantity
    keep(state, book, target, price, open)
  }
}

/** After a partial exit: what is left keeps its levels, and no order stands for more than is held. */
export function protectRemainder(state: TradingState, book: Book): void {
  const held = Math.abs(book.position.quantity)
  if (book.stop.isActive) keep(state, book, book.stop, book.stop.price, held)
  let room = held
  for (let rung = 0; rung < book.targets.length; rung++) {
    const target = book.targets[rung] as WorkingOrder
    if (!target.isActive) continue
    const open = Math.min(target.quantity - target.filledQuantity, room)
    room -= open
    if (open > 0) keep(state, book, target, target.price, open)
    else endOrder(state, book, target)
  }
}

/**
 * After a bar (or a stretch of bars) that did not stop the position out: the stop follows the best price, and only ever tightens
 * (rule 9). The level is a monotone function of the extreme, so a stretch of bars may be told by its extreme alone where the distance does
 * not change with the range.
 */
export function ratchet(state: TradingState, book: Book, extreme: number, atr: number): void {
  const { trailing } = state.config.risk
  if (trailing.kind === 'none') return
  const { trade, stop, terms } = book
  const level = trailedStop(
    trailing,
    trade,
    extreme,
    atr,
    stop.isActive ? stop.price : Number.NaN,
    terms.tickSize,
  )
  if (level !== level) return
  stop.exitReason = 'trailing-stop'
  keep(state, book, stop, level, Math.abs(book.position.quantity))
  refreshLevels(book)
}

/** Lets the trade's best price and what the trailing rule makes of it follow; answers where the stop goes, NaN where it stays. */
export function trailedStop(
  trailing: TrailingRule,
  trade: OpenTrade,
  extreme: number,
  atr: number,
  stop: number,
  tickSize: number,
): number {
  const { side } = trade
  if (isTighter(extreme, trade.best, side)) trade.best = extreme
  const level = trailingPriceAt(trailing, trade.best, trade.entryPrice, side, atr, tickSize)
  if (!isTighter(level, trade.trailed, side)) return Number.NaN
  trade.trailed = level
  return isTighter(level, stop, side) ? level : Number.NaN
}

/** Where the venue takes the position over, from its average entry; NaN for what has no margin terms. */
export function liquidationPriceOf(
  state: TradingState,
  { instrument, position, terms, trade }: Book,
): number {
  const { margin } = terms
  if (margin === undefined || state.instrument(instrument).kind !== 'perpetual') return Number.NaN
  return liquidationPrice({
    side: trade.side,
    entryPrice: trade.entryPrice,
    quantity: Math.abs(position.quantity),
    leverage: state.config.risk.leverage,
    margin,
  })
}
