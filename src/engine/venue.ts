import type { Candles } from '../core/columns.js'
import type { Side } from '../core/orders.js'
import { floorToLot } from '../core/rounding.js'
import {
  meetsLimit,
  takesOpenQuestions,
  worstAfterSettlements,
  worstBeforeSettlements,
} from '../execution/intrabar.js'
import type { Book, TradingState, WorkingOrder } from '../trading/state.js'
import { ReducerAnswers, type VenueAnswers } from './answers.js'
import { reachBefore, touchesAfterEntry } from './detail.js'
import { charge, PendingFill, takeAtMarket } from './pending-fill.js'
import type { SettlementCursor } from './settlements.js'
import type { Track } from './track.js'

/** What the venue reads of one instrument's bars, row by row. */
export type VenueTrack = Pick<
  Track,
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'mark'
  | 'detail'
  | 'settlements'
  | 'settledAtClose'
  | 'meanVolume'
  | 'firstSlot'
  | 'shift'
>

/** One instrument at the venue: its orders, its bars, and how far its settlements are charged. */
export interface VenueLane {
  readonly book: Book
  readonly track: VenueTrack
  readonly settlements: SettlementCursor
  /** Settlements charged to a position without a recorded mark. */
  chargedWithoutMark: number
  /** Volume that fills may still take on the row (and at the instant of it) that it was worked out for. */
  volumeLeft: number
  volumeRow: number
  volumeAtClose: boolean
  /** Bar of the candles at a row. */
  barAt(row: number): number
}

/** What fills cost beside the venue's fees. */
export interface VenueCosts {
  /** Fraction of the price by which takers are filled worse: slippage and half the spread. */
  readonly adverse: number
  /** Largest share of the mean volume that a bar's fills may take; undefined for no cap. */
  readonly participation: number | undefined
}

/**
 * A venue made of bars. It holds nothing of its own: the orders that are out stand in the books of a state, in a replay the reducer's own, and
 * each method answers what one part of a bar does to them, by the execution models. A live venue says the same later, by events.
 */
export class SimulatedVenue {
  /** Exits filled whole although the volume before them was unknown. */
  exitsWithoutVolume: number = 0
  /** Told of every bar that met two levels between which its open did not decide, and whether finer candles did. */
  onQuestion: ((book: Book, isAnswered: boolean) => void) | undefined = undefined
  private readonly state: TradingState
  private readonly costs: VenueCosts
  private readonly answers: VenueAnswers
  private readonly fill: PendingFill = new PendingFill()

  constructor(state: TradingState, costs: VenueCosts, answers: VenueAnswers = new ReducerAnswers(state)) {
    this.state = state
    this.costs = costs
    this.answers = answers
  }

  /** Charges settlements up to the `count`-th. */
  settle(lane: VenueLane, count: number): void {
    const { book, settlements } = lane
    if (count <= settlements.settled) return
    if (book.position.quantity !== 0) {
      lane.chargedWithoutMark += settlements.missingMarksTo(count)
      const missing = settlements.missingRatesTo(count)
      if (missing > 0) {
        if (book.missingFunding === 0) book.missingFundingTime = settlements.nextMissingTime()
        book.missingFunding += missing
      }
    }
    const from = settlements.settled
    settlements.moveTo(count)
    this.answers.funded(book, settlements, from)
  }

  /** Charges settlements before now, or those at this very instant too. */
  settleUpTo(lane: VenueLane, inclusive: boolean): void {
    const { now } = this.state
    const { settlements } = lane
    if (settlements.nextTime <= now) this.settle(lane, settlements.countUpTo(now, inclusive))
  }

  /** Settlements up to the open of the row, save one at it that a fill at it takes part in. */
  settleAtOpen(lane: VenueLane, row: number): void {
    if (lane.settlements.nextTime > this.state.now) return
    const { settledAtClose, firstSlot, shift } = lane.track
    if (settledAtClose !== undefined && row > firstSlot + shift)
      this.settle(lane, settledAtClose[row - 1] as number)
    this.settleUpTo(lane, false)
    const isFirst = this.state.config.policies.fundingAtFill === 'held-before'
    if (isFirst || !this.settlementWaits(lane, row)) this.settleUpTo(lane, true)
  }

  /** Whether a settlement at the open of the row waits for an order that fills at that very instant. */
  private settlementWaits(lane: VenueLane, row: number): boolean {
    if (lane.settlements.nextTime !== this.state.now) return false
    const { exit, entry } = lane.book
    return exit.isActive || entry.isActive || this.isPassedAtOpen(lane, row)
  }

  /**
   * The exit that waits for this open. A settlement at the same instant is charged first where it costs, after where it would
   * pay: a fill at the instant of a settlement pays if that is adverse and never receives (rule 14).
   */
  fillExitAtOpen(lane: VenueLane, row: number): void {
    const { book, track } = lane
    const { exit } = book
    if (!exit.isActive) return
    if (exit.decidedAt !== this.state.now && !this.isDue(lane, exit)) return
    this.settleIfCosts(lane, -exit.side as Side)
    const isFilled = this.takesFromExit(lane, row, false, exit)
    if (this.fill.quantity < exit.quantity - exit.filledQuantity) exit.lacksVolume = true
    if (!isFilled) return
    this.fill.reference = track.open[row] as number
    this.takeAt(book, exit)
    this.send(book, exit, false, false, false)
  }

  /** The entry that is out, if it fills at this open: at the market, or because the open has passed its price. */
  fillEntryAtOpen(lane: VenueLane, row: number): void {
    const { book } = lane
    const { entry } = book
    const { now } = this.state
    if (!entry.isActive) return
    if (now >= entry.expiresAt) return this.answers.entryExpired(book)
    if (entry.kind === 'market') {
      if (entry.decidedAt !== now && !this.isDue(lane, entry)) return
    } else if (!this.meetsEntry(book, lane.track.open, row)) return
    if (this.holdsAgainst(book)) return
    const { settlements } = lane
    if (settlements.nextTime === now && !settlements.costsAt(now, entry.side))
      this.settle(lane, settlements.settled + 1)
    this.fill.reference = lane.track.open[row] as number
    this.fillEntry(lane, row, false, false)
  }

  /** The entry that is out, if this bar meets its price somewhere inside; then what the rest of the bar may do to the position. */
  fillEntryInside(lane: VenueLane, row: number): void {
    const { book, track } = lane
    const { entry } = book
    if (!entry.isActive || entry.kind === 'market') return
    if (this.state.now - this.state.config.timeframeMs >= entry.expiresAt) return
    const isBelow = (entry.kind === 'limit') === entry.side > 0
    if (!this.meetsEntry(book, isBelow ? track.low : track.high, row) || this.holdsAgainst(book)) return
    const held = book.position.quantity
    if (track.settlements !== undefined) {
      const count = worstAfterSettlements(
        track.settlements,
        lane.settlements.settled,
        this.state.now,
        entry.side,
      )
      this.settle(lane, count)
    }
    const kind = entry.kind
    this.fill.reference = entry.price
    this.fillEntry(lane, row, false, true)
    if (book.position.quantity === held) return
    if (kind === 'limit') this.stopAfterEntry(lane, row, false)
    else this.stopAfterTrigger(lane, row)
  }

  /** Protective orders whose level the open has already passed: they fill at the open's instant. */
  protectAtOpen(lane: VenueLane, row: number): void {
    const { book, track } = lane
    if (!this.isPassedAtOpen(lane, row)) return
    const side: Side = book.position.quantity > 0 ? 1 : -1
    this.settleIfCosts(lane, side)
    const open = track.open[row] as number
    const markOpen = track.mark === undefined ? open : (track.mark.open[row] as number)
    const { liquidationPrice } = book
    if (side > 0 ? markOpen <= liquidationPrice : markOpen >= liquidationPrice)
      return this.answers.liquidated(book, false)
    if (this.meetsStop(book, open)) {
      this.fill.reference = open
      return this.fillStop(lane, row, false)
    }
    this.fillTargets(lane, row, open, false)
  }

  /**
   * What the bar does, after its open, to the protective orders of a position that is held. The moment of such a fill is unknown: of the
   * settlements inside the bar the position has seen as many as cost it most.
   */
  protectInside(lane: VenueLane, row: number): void {
    const { book, track } = lane
    const side: Side = book.position.quantity > 0 ? 1 : -1
    let best = (side > 0 ? track.high[row] : track.low[row]) as number
    let open = track.open[row] as number
    const adverse = this.adverseTouch(lane, row, side)
    const isMet = this.meetsTarget(book, best)
    if (adverse === 'none' && !isMet) return
    if (track.settlements !== undefined)
      this.settle(
        lane,
        worstBeforeSettlements(track.settlements, lane.settlements.settled, this.state.now, side),
      )
    if (adverse === 'none') return this.fillTargets(lane, row, best, false)
    const { policies } = this.state.config
    // An open beyond a target has decided for it, or would have where "stop first" holds: that is no open question.
    const isAsked = isMet && !this.meetsTarget(book, open)
    const detail = isAsked ? this.detailFor(lane, adverse) : undefined
    if (detail !== undefined) {
      const { now, config } = this.state
      const reach = reachBefore(detail, now - config.timeframeMs, now, side, levelOf(book, adverse), best)
      this.fillTargets(lane, row, policies.bothTouched === 'stop-first' ? reach.before : reach.open, false)
      open = reach.open
      best = reach.through
    }
    const isOpenQuestion = isAsked && this.meetsTarget(book, best) && !this.meetsTarget(book, open)
    if (isAsked) this.onQuestion?.(book, !isOpenQuestion)
    if (isOpenQuestion && takesOpenQuestions(policies)) this.fillTargets(lane, row, best, true)
    if (book.position.quantity !== 0) this.fillAdverse(lane, row, adverse, isOpenQuestion)
  }

  /** Market orders decided at this close fill at it, exits first: the same-close policy, the end of the data, a delisting. */
  fillExitAtClose(lane: VenueLane, row: number, isCapped: boolean): void {
    const { book } = lane
    const { exit } = book
    if (!exit.isActive) return
    if (!isCapped) this.fill.quantity = exit.quantity - exit.filledQuantity
    else if (!this.takesFromExit(lane, row, true, exit)) return
    if (!(this.fill.quantity > 0)) return
    this.fill.reference = book.lastClose
    this.takeAt(book, exit)
    this.send(book, exit, false, false, true)
  }

  fillEntryAtClose(lane: VenueLane, row: number): void {
    const { book } = lane
    const { entry } = book
    if (
      !entry.isActive ||
      entry.kind !== 'market' ||
      entry.decidedAt !== this.state.now ||
      this.holdsAgainst(book)
    )
      return
    this.fill.reference = book.lastClose
    this.fillEntry(lane, row, true, false)
  }

  /** The bar met a stop entry: whether it touched the new position's stop after that or before, only finer candles can tell. */
  private stopAfterTrigger(lane: VenueLane, row: number): void {
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
  private detailFor({ track }: VenueLane, adverse: 'stop' | 'liquidation'): Candles | undefined {
    return adverse === 'liquidation' && track.mark !== undefined ? undefined : track.detail
  }

  private stopAfterEntry(lane: VenueLane, row: number, undecided: boolean): void {
    const { book, track } = lane
    const side: Side = book.position.quantity > 0 ? 1 : -1
    const adverse = this.adverseTouch(lane, row, side)
    if (adverse === 'none') return
    if (track.settlements !== undefined)
      this.settle(
        lane,
        worstBeforeSettlements(track.settlements, lane.settlements.settled, this.state.now, side),
      )
    this.fillAdverse(lane, row, adverse, undecided)
  }

  private fillAdverse(
    lane: VenueLane,
    row: number,
    adverse: 'stop' | 'liquidation',
    undecided: boolean,
  ): void {
    if (adverse === 'liquidation') return this.answers.liquidated(lane.book, undecided)
    this.fill.reference = lane.book.stop.price
    this.fillStop(lane, row, undecided)
  }

  /** Which of stop and liquidation the row meets; the nearer to the entry where it meets both. */
  private adverseTouch({ book, track }: VenueLane, row: number, side: Side): 'none' | 'stop' | 'liquidation' {
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
  private isPassedAtOpen(lane: VenueLane, row: number): boolean {
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

  private meetsEntry({ entry, terms }: Book, prices: Float64Array, row: number): boolean {
    const price = prices[row] as number
    if (entry.kind === 'limit')
      return meetsLimit(price, entry.side, entry.price, terms.tickSize, this.state.config.policies)
    return entry.side > 0 ? price >= entry.price : price <= entry.price
  }

  /** A position on the other side is still held, or one on its own side is leaving: an entry must wait. */
  private holdsAgainst({ position, entry, exit }: Book): boolean {
    return position.quantity * entry.side < 0 || (exit.isActive && position.quantity !== 0)
  }

  /** The stop takes all that is held, as far as there is volume, at the market that the reference price says. */
  private fillStop(lane: VenueLane, row: number, undecided: boolean): void {
    const { book } = lane
    const { stop } = book
    if (!this.takesFromExit(lane, row, false, stop)) return this.answers.stopMet(book, undecided)
    this.takeAt(book, stop)
    this.send(book, stop, undecided, true, false)
  }

  /** Every target that `price` meets, nearest first. */
  private fillTargets(lane: VenueLane, row: number, price: number, undecided: boolean): void {
    const { book, track } = lane
    const { targets, terms } = book
    const { policies } = this.state.config
    for (let rung = 0; rung < targets.length; rung++) {
      const target = targets[rung] as WorkingOrder
      if (!target.isActive) continue
      if (!meetsLimit(price, target.side, target.price, terms.tickSize, policies)) return
      const open = track.open[row] as number
      const isPast = meetsLimit(open, target.side, target.price, terms.tickSize, policies)
      if (!this.takesFromExit(lane, row, false, target)) continue
      this.fill.price = isPast && policies.targetGap === 'open-price' ? open : target.price
      this.fill.liquidity = 'maker'
      this.send(book, target, undecided, !isPast, false)
    }
  }

  /** Charges a settlement at this very instant before the fill of a position on this side, where it costs that. */
  private settleIfCosts(lane: VenueLane, side: Side): void {
    const { settlements } = lane
    if (settlements.costsAt(this.state.now, side)) this.settle(lane, settlements.settled + 1)
  }

  /** Whether a market order may fill at this open; one that waited too long because bars are missing is given up. */
  private isDue({ book }: VenueLane, order: WorkingOrder): boolean {
    const { now } = this.state
    if (order.decidedAt > now) return false
    const { timeframeMs, policies } = this.state.config
    if (now - order.decidedAt <= timeframeMs || policies.staleOrders === 'fill') return true
    if (order.filledQuantity > 0 || order.lacksVolume) return true
    if (policies.staleOrders === 'cancel-entries' && order.role === 'exit') return true
    if (order.role === 'entry') this.answers.entryGivenUp(book, 'stale', 'expired')
    else this.answers.exitExpired(book, order)
    return false
  }

  private fillEntry(lane: VenueLane, row: number, atClose: boolean, inside: boolean): void {
    const { fill, state } = this
    const { book } = lane
    const { entry } = book
    if (entry.kind === 'limit') {
      fill.price = state.config.policies.targetGap === 'open-price' && !inside ? fill.reference : entry.price
      fill.liquidity = 'maker'
    } else this.takeAt(book, entry)
    this.answers.quoted(book, fill, inside)
    if (!entry.isActive) return
    const open = entry.quantity - entry.filledQuantity
    fill.quantity = this.costs.participation === undefined ? open : this.volume(lane, row, atClose, open)
    if (fill.quantity !== fill.quantity) return this.answers.entryGivenUp(book, 'no-volume', 'cancelled')
    if (fill.quantity < open && !entry.lacksVolume) {
      // What is left has one more bar, whatever the order's own life was.
      const { timeframeMs } = state.config
      const closeTime = atClose || inside ? state.now : state.now + timeframeMs
      this.answers.entryLacksVolume(book, closeTime + timeframeMs)
    }
    if (fill.quantity > 0) this.send(book, entry, false, inside, atClose)
  }

  /** The fill is at the market: the reference price, moved against us. */
  private takeAt({ terms }: Book, { side }: WorkingOrder): void {
    takeAtMarket(this.fill, side, this.costs, terms)
  }

  /** Sends the fill whose price and quantity are set. */
  private send(book: Book, order: WorkingOrder, undecided: boolean, inside: boolean, atClose: boolean): void {
    const { fill } = this
    fill.time = this.state.now
    charge(fill, order.side, book.terms)
    fill.undecided = undecided
    fill.inside = inside
    fill.atClose = atClose
    this.answers.filled(book, order, fill)
  }

  /** Sets the fill to what is open of an exit, as far as there is volume; answers whether that is anything. */
  private takesFromExit(lane: VenueLane, row: number, atClose: boolean, order: WorkingOrder): boolean {
    const { fill } = this
    const open = order.quantity - order.filledQuantity
    fill.quantity = this.costs.participation === undefined ? open : this.exitVolume(lane, row, atClose, open)
    return fill.quantity > 0
  }

  /** Like `volume`, but an exit is never held back by volume that nobody knows. */
  private exitVolume(lane: VenueLane, row: number, atClose: boolean, quantity: number): number {
    const allowed = this.volume(lane, row, atClose, quantity)
    if (allowed === allowed) return allowed
    this.exitsWithoutVolume++
    return quantity
  }

  /** How much of a quantity the row's volume lets fill, and takes it; NaN where that volume is unknown. */
  private volume(lane: VenueLane, row: number, atClose: boolean, quantity: number): number {
    const { participation } = this.costs
    if (participation === undefined) return quantity
    if (lane.volumeRow !== row || lane.volumeAtClose !== atClose) {
      lane.volumeRow = row
      lane.volumeAtClose = atClose
      const bar = lane.barAt(row) - (atClose ? 0 : 1)
      const mean = lane.track.meanVolume?.[bar]
      lane.volumeLeft = mean === undefined ? Number.NaN : participation * mean
    }
    const left = lane.volumeLeft
    if (left !== left) return Number.NaN
    const allowed = quantity <= left ? quantity : floorToLot(left, lane.book.terms.lotSize)
    lane.volumeLeft = left - allowed
    return allowed
  }
}

function levelOf({ stop, liquidationPrice }: Book, adverse: 'stop' | 'liquidation'): number {
  return adverse === 'stop' ? stop.price : liquidationPrice
}
