import type { Candles } from '../core/columns.js'
import type { Side } from '../core/orders.js'
import { floorToLot } from '../core/rounding.js'
import { meetsLimit, worstAfterSettlements, worstBeforeSettlements } from '../execution/intrabar.js'
import { takerPrice } from '../execution/prices.js'
import { expireEntry, fitEntry, giveUp } from '../trading/entries.js'
import { applyFill, leaveAtMarket, liquidate, type FillTerms } from '../trading/fills.js'
import { endOrder } from '../trading/orders.js'
import type { Book, TradingState, WorkingOrder } from '../trading/state.js'
import { applyFunding } from '../trading/step.js'
import { reachBefore, touchesAfterEntry } from './detail.js'
import type { Lane } from './lane.js'
import type { SettlementColumns } from './settlements.js'

/** What fills cost beside the venue's fees. */
export interface VenueCosts {
  /** Fraction of the price by which takers are filled worse: slippage and half the spread. */
  readonly adverse: number
  /** Largest share of the mean volume that a bar's fills may take; undefined for no cap. */
  readonly participation: number | undefined
}

/** The one fill that is on its way; reused. Numbers travel in it from function to function, since arguments would be boxed. */
class PendingFill implements FillTerms {
  time: number = NaN
  price: number = NaN
  quantity: number = NaN
  fee: number = NaN
  slippage: number = NaN
  liquidity: 'maker' | 'taker' = 'taker'
  undecided: boolean = false
  inside: boolean = false
  atClose: boolean = false
  /** Quote units a base unit that the price is worse than the undisturbed one. */
  gap: number = 0
}

/**
 * A venue made of bars. It holds nothing of its own: the orders that are out stand in the reducer's state, and each method
 * answers what one part of a bar does to them, by the execution models. A live venue says the same later, by events.
 */
export class SimulatedVenue {
  /** Exits filled whole although the volume before them was unknown. */
  exitsWithoutVolume: number = 0
  /** Told of every bar that met two levels between which its open did not decide, and whether finer candles did. */
  onQuestion: ((book: Book, isAnswered: boolean) => void) | undefined = undefined
  private readonly state: TradingState
  private readonly costs: VenueCosts
  private readonly fill: PendingFill = new PendingFill()

  constructor(state: TradingState, costs: VenueCosts) {
    this.state = state
    this.costs = costs
  }

  /** Charges settlements up to the `count`-th. */
  settle(lane: Lane, count: number): void {
    const settlements = lane.track.settlements as SettlementColumns
    if (count <= lane.settled) return
    const { book, settled } = lane
    if (book.position.quantity !== 0) {
      const { missingRates, missingMarks, time, amountPerUnit } = settlements
      lane.chargedWithoutMark += (missingMarks[count] as number) - (missingMarks[settled] as number)
      const missing = (missingRates[count] as number) - (missingRates[settled] as number)
      if (missing > 0) {
        let first = settled
        while (amountPerUnit[first] === amountPerUnit[first]) first++
        if (book.missingFunding === 0) book.missingFundingTime = time[first] as number
        book.missingFunding += missing
      }
    }
    lane.settled = count
    applyFunding(this.state, book, settlements.paid[count] as number)
  }

  /** Charges settlements before now, or those at this very instant too. */
  settleUpTo(lane: Lane, inclusive: boolean): void {
    const { settlements } = lane.track
    if (settlements === undefined) return
    const time = this.state.now
    let count = lane.settled
    const times = settlements.time
    while (
      count < times.length &&
      (inclusive ? (times[count] as number) <= time : (times[count] as number) < time)
    )
      count++
    this.settle(lane, count)
  }

  /** Whether a settlement at the open of the row waits for an order that fills at that very instant. */
  settlementWaits(lane: Lane, row: number): boolean {
    if (!this.settlesNow(lane)) return false
    const { exit, entry } = lane.book
    return exit.isActive || entry.isActive || this.isPassedAtOpen(lane, row)
  }

  /**
   * The exit that waits for this open. A settlement at the same instant is charged first where it costs, after where it would
   * pay: a fill at the instant of a settlement pays if that is adverse and never receives (rule 14).
   */
  fillExitAtOpen(lane: Lane, row: number): void {
    const { book } = lane
    const { exit } = book
    if (!exit.isActive || !this.isDue(lane, exit)) return
    if (this.settlesAgainst(lane, -exit.side as Side)) this.settle(lane, lane.settled + 1)
    const open = exit.quantity - exit.filledQuantity
    const quantity = this.exitVolume(lane, row, false, open)
    if (quantity < open) exit.lacksVolume = true
    if (!(quantity > 0)) return
    this.fill.quantity = quantity
    this.takeAt(book, exit, lane.track.open[row] as number)
    this.send(book, exit, false, false)
  }

  /** The entry that is out, if it fills at this open: at the market, or because the open has passed its price. */
  fillEntryAtOpen(lane: Lane, row: number): void {
    const { book } = lane
    const { entry } = book
    if (!entry.isActive) return
    if (this.state.now >= entry.expiresAt) return expireEntry(this.state, book)
    if (entry.kind === 'market' && !this.isDue(lane, entry)) return
    const open = lane.track.open[row] as number
    if (entry.kind !== 'market' && !this.meetsEntry(book, open)) return
    if (this.holdsAgainst(book)) return
    if (!this.settlesAgainst(lane, entry.side) && this.settlesNow(lane)) this.settle(lane, lane.settled + 1)
    this.fillEntry(lane, row, open, false, false)
  }

  /** The entry that is out, if this bar meets its price somewhere inside; then what the rest of the bar may do to the position. */
  fillEntryInside(lane: Lane, row: number): void {
    const { book, track } = lane
    const { entry } = book
    if (!entry.isActive || entry.kind === 'market') return
    if (this.state.now - this.state.config.timeframeMs >= entry.expiresAt) return
    const isBelow = (entry.kind === 'limit') === entry.side > 0
    const extreme = (isBelow ? track.low[row] : track.high[row]) as number
    if (!this.meetsEntry(book, extreme) || this.holdsAgainst(book)) return
    const held = book.position.quantity
    if (track.settlements !== undefined) {
      const count = worstAfterSettlements(track.settlements, lane.settled, this.state.now, entry.side)
      this.settle(lane, count)
    }
    const kind = entry.kind
    this.fillEntry(lane, row, entry.price, false, true)
    if (book.position.quantity === held) return
    if (kind === 'limit') this.stopAfterEntry(lane, row, false)
    else this.stopAfterTrigger(lane, row)
  }

  /** Protective orders whose level the open has already passed: they fill at the open's instant. */
  protectAtOpen(lane: Lane, row: number): void {
    const { book, track } = lane
    if (!this.isPassedAtOpen(lane, row)) return
    const side: Side = book.position.quantity > 0 ? 1 : -1
    if (this.settlesAgainst(lane, side)) this.settle(lane, lane.settled + 1)
    const open = track.open[row] as number
    const markOpen = track.mark === undefined ? open : (track.mark.open[row] as number)
    const { liquidationPrice } = book
    if (side > 0 ? markOpen <= liquidationPrice : markOpen >= liquidationPrice)
      return liquidate(this.state, book, false)
    if (this.meetsStop(book, open)) return this.fillStop(lane, row, open, false)
    this.fillTargets(lane, row, open, false)
  }

  /**
   * What the bar does, after its open, to the protective orders of a position that is held. The moment of such a fill is unknown: of the
   * settlements inside the bar the position has seen as many as cost it most.
   */
  protectInside(lane: Lane, row: number): void {
    const { book, track } = lane
    const side: Side = book.position.quantity > 0 ? 1 : -1
    let best = (side > 0 ? track.high[row] : track.low[row]) as number
    let open = track.open[row] as number
    const adverse = this.adverseTouch(lane, row, side)
    const isMet = this.meetsTarget(book, best)
    if (adverse === 'none' && !isMet) return
    if (track.settlements !== undefined)
      this.settle(lane, worstBeforeSettlements(track.settlements, lane.settled, this.state.now, side))
    if (adverse === 'none') return this.fillTargets(lane, row, best, false)
    const { bothTouched, undecided } = this.state.config.policies
    // An open beyond a target has decided for it, or would have where "stop first" holds: that is no open question.
    const isAsked = isMet && !this.meetsTarget(book, open)
    const detail = isAsked ? this.detailFor(lane, adverse) : undefined
    if (detail !== undefined) {
      const { now, config } = this.state
      const reach = reachBefore(detail, now - config.timeframeMs, now, side, levelOf(book, adverse), best)
      this.fillTargets(lane, row, bothTouched === 'stop-first' ? reach.before : reach.open, false)
      open = reach.open
      best = reach.through
    }
    const isOpenQuestion = isAsked && this.meetsTarget(book, best) && !this.meetsTarget(book, open)
    if (isAsked) this.onQuestion?.(book, !isOpenQuestion)
    if (isOpenQuestion && bothTouched === 'open-decides' && undecided === 'optimistic')
      this.fillTargets(lane, row, best, true)
    if (book.position.quantity !== 0) this.fillAdverse(lane, row, adverse, isOpenQuestion)
  }

  /** Market orders decided at this close fill at it, exits first: the same-close policy, the end of the data, a delisting. */
  fillExitAtClose(lane: Lane, row: number, isCapped: boolean): void {
    const { book } = lane
    const { exit } = book
    if (!exit.isActive) return
    const open = exit.quantity - exit.filledQuantity
    const quantity = isCapped ? this.exitVolume(lane, row, true, open) : open
    if (!(quantity > 0)) return
    this.fill.quantity = quantity
    this.takeAt(book, exit, book.lastClose)
    this.send(book, exit, false, false, true)
  }

  fillEntryAtClose(lane: Lane, row: number): void {
    const { book } = lane
    const { entry } = book
    if (
      !entry.isActive ||
      entry.kind !== 'market' ||
      entry.decidedAt !== this.state.now ||
      this.holdsAgainst(book)
    )
      return
    this.fillEntry(lane, row, book.lastClose, true, false)
  }

  /** The bar met a stop entry: whether it touched the new position's stop after that or before, only finer candles can tell. */
  private stopAfterTrigger(lane: Lane, row: number): void {
    const { book } = lane
    const { now, config } = this.state
    const side: Side = book.position.quantity > 0 ? 1 : -1
    const adverse = this.adverseTouch(lane, row, side)
    if (adverse === 'none') return
    // What a bar has closed before may have held the entry back: the first finer bar that meets it need not be its own.
    const detail = book.protectiveFillBar === book.bars ? undefined : this.detailFor(lane, adverse)
    const isTouched =
      detail &&
      touchesAfterEntry(detail, now - config.timeframeMs, now, side, book.entry.price, levelOf(book, adverse))
    this.onQuestion?.(book, isTouched !== undefined)
    if (isTouched ?? config.policies.undecided === 'pessimistic')
      this.stopAfterEntry(lane, row, isTouched === undefined)
  }

  /** Finer candles that can tell when the level was touched: they are of last prices. */
  private detailFor({ track }: Lane, adverse: 'stop' | 'liquidation'): Candles | undefined {
    return adverse === 'liquidation' && track.mark !== undefined ? undefined : track.detail
  }

  private stopAfterEntry(lane: Lane, row: number, undecided: boolean): void {
    const { book, track } = lane
    const side: Side = book.position.quantity > 0 ? 1 : -1
    const adverse = this.adverseTouch(lane, row, side)
    if (adverse === 'none') return
    if (track.settlements !== undefined)
      this.settle(lane, worstBeforeSettlements(track.settlements, lane.settled, this.state.now, side))
    this.fillAdverse(lane, row, adverse, undecided)
  }

  private fillAdverse(lane: Lane, row: number, adverse: 'stop' | 'liquidation', undecided: boolean): void {
    if (adverse === 'liquidation') liquidate(this.state, lane.book, undecided)
    else this.fillStop(lane, row, lane.book.stop.price, undecided)
  }

  /** Which of stop and liquidation the row meets; the nearer to the entry where it meets both. */
  private adverseTouch({ book, track }: Lane, row: number, side: Side): 'none' | 'stop' | 'liquidation' {
    const { stop, liquidationPrice } = book
    const { mark } = track
    const worst = (side > 0 ? track.low[row] : track.high[row]) as number
    const worstMark = mark === undefined ? worst : ((side > 0 ? mark.low[row] : mark.high[row]) as number)
    const isStopped = this.meetsStop(book, worst)
    const liquidates = side > 0 ? worstMark <= liquidationPrice : worstMark >= liquidationPrice
    if (!liquidates) return isStopped ? 'stop' : 'none'
    if (!isStopped) return 'liquidation'
    return (side > 0 ? liquidationPrice > stop.price : liquidationPrice < stop.price) ? 'liquidation' : 'stop'
  }

  /** Whether the open has passed a protective level of the position that is held. */
  private isPassedAtOpen(lane: Lane, row: number): boolean {
    const { book, track } = lane
    const { quantity } = book.position
    if (quantity === 0) return false
    const open = track.open[row] as number
    if (open > book.floor && open < book.ceiling && track.mark === undefined) return false
    const isLong = quantity > 0
    const { liquidationPrice } = book
    const markOpen = track.mark === undefined ? open : (track.mark.open[row] as number)
    if (isLong ? markOpen <= liquidationPrice : markOpen >= liquidationPrice) return true
    if (this.meetsStop(book, open)) return true
    if (!this.meetsTarget(book, open)) return false
    const isStopFirst = this.state.config.policies.bothTouched === 'stop-first'
    return !(isStopFirst && this.adverseTouch(lane, row, isLong ? 1 : -1) !== 'none')
  }

  /**
   * Whether a price touches the stop. An exit at the market that is still out once the bar has opened has used up the bar's volume, and with
   * it whatever stop and targets could do: beside it only liquidation acts.
   */
  private meetsStop({ stop, exit }: Book, price: number): boolean {
    if (!stop.isActive || exit.isActive) return false
    return stop.side < 0 ? price <= stop.price : price >= stop.price
  }

  /** Whether a price meets the nearest target. */
  private meetsTarget({ targets, terms, exit }: Book, price: number): boolean {
    if (exit.isActive) return false
    for (let rung = 0; rung < targets.length; rung++) {
      const target = targets[rung] as WorkingOrder
      if (target.isActive)
        return meetsLimit(price, target.side, target.price, terms.tickSize, this.state.config.policies)
    }
    return false
  }

  private meetsEntry({ entry, terms }: Book, price: number): boolean {
    if (entry.kind === 'limit')
      return meetsLimit(price, entry.side, entry.price, terms.tickSize, this.state.config.policies)
    return entry.side > 0 ? price >= entry.price : price <= entry.price
  }

  /** A position on the other side is still held, or one on its own side is leaving: an entry must wait. */
  private holdsAgainst({ position, entry, exit }: Book): boolean {
    return position.quantity * entry.side < 0 || (exit.isActive && position.quantity !== 0)
  }

  /** The stop takes all that is held, as far as there is volume. */
  private fillStop(lane: Lane, row: number, reference: number, undecided: boolean): void {
    const { stop } = lane.book
    const quantity = this.exitVolume(lane, row, false, stop.quantity - stop.filledQuantity)
    if (!(quantity > 0)) {
      if (undecided) lane.book.trade.undecided = true
      return leaveAtMarket(this.state, lane.book)
    }
    this.fill.quantity = quantity
    this.takeAt(lane.book, stop, reference)
    this.send(lane.book, stop, undecided, true)
  }

  /** Every target that `price` meets, nearest first. */
  private fillTargets(lane: Lane, row: number, price: number, undecided: boolean): void {
    const { book, track } = lane
    const { targets, terms } = book
    const { policies } = this.state.config
    for (let rung = 0; rung < targets.length; rung++) {
      const target = targets[rung] as WorkingOrder
      if (!target.isActive) continue
      if (!meetsLimit(price, target.side, target.price, terms.tickSize, policies)) return
      const open = track.open[row] as number
      const isPast = meetsLimit(open, target.side, target.price, terms.tickSize, policies)
      const at = isPast && policies.targetGap === 'open-price' ? open : target.price
      const quantity = this.exitVolume(lane, row, false, target.quantity - target.filledQuantity)
      if (!(quantity > 0)) continue
      this.fill.quantity = quantity
      this.makeAt(at)
      this.send(book, target, undecided, !isPast)
    }
  }

  private settlesNow({ track, settled }: Lane): boolean {
    return track.settlements !== undefined && track.settlements.time[settled] === this.state.now
  }

  private settlesAgainst(lane: Lane, side: Side): boolean {
    const { settlements } = lane.track
    if (settlements === undefined || settlements.time[lane.settled] !== this.state.now) return false
    const amount = settlements.amountPerUnit[lane.settled] as number
    // A settlement without a recorded rate counts as adverse: the position is then seen to be held over it.
    return amount !== amount || side * amount > 0
  }

  /** Whether a market order may fill at this open; one that waited too long because bars are missing is given up. */
  private isDue({ book }: Lane, order: WorkingOrder): boolean {
    const { now } = this.state
    if (order.decidedAt > now) return false
    const { timeframeMs, policies } = this.state.config
    if (now - order.decidedAt <= timeframeMs || policies.staleOrders === 'fill') return true
    if (order.filledQuantity > 0 || order.lacksVolume) return true
    if (policies.staleOrders === 'cancel-entries' && order.role === 'exit') return true
    if (order.role === 'entry') giveUp(this.state, book, 'stale', 'expired')
    else endOrder(this.state, book, order, 'expired')
    return false
  }

  private fillEntry(lane: Lane, row: number, undisturbed: number, atClose: boolean, inside: boolean): void {
    const { book } = lane
    const { entry } = book
    const { policies, timeframeMs } = this.state.config
    const isMaker = entry.kind === 'limit'
    if (isMaker) this.makeAt(policies.targetGap === 'open-price' && !inside ? undisturbed : entry.price)
    else this.takeAt(book, entry, undisturbed)
    fitEntry(this.state, book, this.fill)
    if (!entry.isActive) return
    const open = entry.quantity - entry.filledQuantity
    const quantity = this.costs.participation === undefined ? open : this.volume(lane, row, atClose, open)
    if (quantity !== quantity) return giveUp(this.state, book, 'no-volume', 'cancelled')
    if (quantity < open && !entry.lacksVolume) {
      // What is left has one more bar, whatever the order's own life was.
      const { now } = this.state
      entry.lacksVolume = true
      entry.expiresAt = (atClose || inside ? now : now + timeframeMs) + timeframeMs
    }
    this.fill.quantity = quantity
    if (quantity > 0) this.send(book, entry, false, inside, atClose)
  }

  /** The fill is at the market: the undisturbed price, moved against us. */
  private takeAt({ terms }: Book, { side }: WorkingOrder, undisturbed: number): void {
    const { fill } = this
    fill.price = takerPrice(undisturbed, side, this.costs.adverse, terms.tickSize)
    fill.gap = side * (fill.price - undisturbed)
    fill.liquidity = 'taker'
  }

  /** The fill is of a resting limit, at its price. */
  private makeAt(price: number): void {
    const { fill } = this
    fill.price = price
    fill.gap = 0
    fill.liquidity = 'maker'
  }

  /** Sends the fill whose price and quantity are set. */
  private send(
    book: Book,
    order: WorkingOrder,
    undecided: boolean,
    inside: boolean,
    atClose: boolean = false,
  ): void {
    const { fill } = this
    const { makerFee, takerFee } = book.terms
    fill.time = this.state.now
    fill.fee = fill.price * fill.quantity * (fill.liquidity === 'maker' ? makerFee : takerFee)
    fill.slippage = fill.gap * fill.quantity
    fill.undecided = undecided
    fill.inside = inside
    fill.atClose = atClose
    applyFill(this.state, book, order, fill)
  }

  /** Like `volume`, but an exit is never held back by volume that nobody knows. */
  private exitVolume(lane: Lane, row: number, atClose: boolean, quantity: number): number {
    if (this.costs.participation === undefined) return quantity
    const allowed = this.volume(lane, row, atClose, quantity)
    if (allowed === allowed) return allowed
    this.exitsWithoutVolume++
    return quantity
  }

  /** How much of a quantity the row's volume lets fill, and takes it; NaN where that volume is unknown. */
  private volume(lane: Lane, row: number, atClose: boolean, quantity: number): number {
    const { participation } = this.costs
    if (participation === undefined) return quantity
    if (lane.volumeRow !== row || lane.volumeAtClose !== atClose) {
      lane.volumeRow = row
      lane.volumeAtClose = atClose
      const bar = lane.barAt(row) - (atClose ? 0 : 1)
      const mean = lane.track.meanVolume?.[bar]
      lane.volumeLeft = mean === undefined ? NaN : participation * mean
    }
    const left = lane.volumeLeft
    if (left !== left) return NaN
    const allowed = quantity <= left ? quantity : floorToLot(left, lane.book.terms.lotSize)
    lane.volumeLeft = left - allowed
    return allowed
  }
}

function levelOf({ stop, liquidationPrice }: Book, adverse: 'stop' | 'liquidation'): number {
  return adverse === 'stop' ? stop.price : liquidationPrice
}
