import type { SignalTile } from '../core/signal-tile.js'
import type { ExitReason, Side } from '../core/orders.js'
import { ENTER_LONG, ENTER_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import { meetsLimit, takesOpenQuestions, worstBeforeSettlements } from '../execution/intrabar.js'
import { stopDistanceOf } from '../risk/levels.js'
import { requireCapital } from '../portfolio/account.js'
import type { TargetDistance } from '../risk/settings.js'
import { shrinkToCapital, sizeEntry } from '../risk/sizing.js'
import { checkDailyLoss, passMidnight, rollDay, type AccountDay } from '../trading/day.js'
import { capitalFromReversal, gateOfEntry, lacksStop, sideOfEntry, tooSmall } from '../trading/entries.js'
import { reasonToExit } from '../trading/exits.js'
import { fixedStop, stopAfterFill, targetLevel, trailedStop } from '../trading/protection.js'
import { OpenTrade } from '../trading/state.js'
import { highestWithin, lowestWithin } from './blocks.js'
import { Holding } from './holding.js'
import { missingFunding } from './missing-funding.js'
import { charge, takeAtMarket } from './pending-fill.js'
import type { PlainMarket, PlainRules } from './plain-market.js'
import { SettlementCursor } from './settlements.js'
import { openAt } from './timeline.js'
import { Signals } from './signals.js'
import { AccountSkip } from './skip-account.js'
import { firstEntry } from './skip-lane.js'
import { firstTouch, firstTouchOverShort, firstTouchUnderLong } from './touch.js'
import { TrialKeeper } from './trial-keeper.js'
import { TrialTally } from './trial-tally.js'

const ENTRIES = ENTER_LONG | ENTER_SHORT

/**
 * A trial that nobody observes and that needs no more than levels. It decides by the very functions that the reducer and the simulated
 * venue decide by, in their order; but what they keep in books of orders is here a side that enters, a flag that leaves, and two prices. A
 * bar is left as soon as nothing of it is left to happen: the rest of it is as quiet as any other bar. That all ways say the same is tested.
 * One trial after another may begin in it: to make all that it consists of costs more than three trades.
 */
export class PlainTrial implements AccountDay {
  /** Bars that something could happen on. */
  steps: number = 0
  readonly keeper: TrialKeeper
  readonly tally: TrialTally

  now: number = NaN
  markedEquity: number = NaN
  dayStartEquity: number = NaN
  nextMidnight: number = NaN
  halted: boolean = false

  /** Nearest price below and above at which something fills. */
  floor: number = -Infinity
  ceiling: number = Infinity
  private hasLevels: boolean = false
  /** What the entry of the last trade rested on. */
  rearmKey: number = NaN

  private readonly shared: PlainMarket
  private rules: PlainRules
  private readonly signals: Signals = new Signals()
  private readonly settlements: SettlementCursor
  private readonly hasFunding: boolean
  private readonly holding: Holding
  private readonly trade: OpenTrade = new OpenTrade()
  private readonly account: AccountSkip
  /** First row that the stop and the arms have not followed yet. */
  private followedTo: number = 0

  // What waits for the next open, with what its decision froze.
  private entrySide: Side | 0 = 0
  private entryQuantity: number = NaN
  private isLeaving: boolean = false
  /** The row that was decided on. */
  private decidedRow: number = -1
  /** Price units; NaN where there is none. */
  stopDistance: number = NaN
  /** The decision's. */
  close: number = NaN
  private score: number = NaN
  private entryRearmKey: number = NaN

  /** NaN where there is none. */
  private stop: number = NaN
  private target: number = NaN
  /** Why the stop, or the exit that waits, ends the trade. */
  private stopReason: ExitReason = 'stop-loss'
  private exitReason: ExitReason = 'signal'
  /** Row on which a stop or target last filled. */
  private protectedRow: number = -1
  private longArmed: boolean = true
  private shortArmed: boolean = true
  private readRearmKey: number = NaN

  constructor(shared: PlainMarket, rules: PlainRules) {
    const { market, track } = shared
    const { startingBalance } = market
    this.shared = shared
    this.rules = rules
    this.holding = new Holding(startingBalance, track)
    this.settlements = new SettlementCursor(track.settlements)
    this.hasFunding = track.settlements !== undefined
    this.keeper = new TrialKeeper(market, this, this.holding, rules.policies.drawdownPeak, shared.nextEdges())
    this.tally = new TrialTally()
    this.account = new AccountSkip(this, rules.dailyLossLimit, market.timeline, this.holding)
    this.startAccount()
  }

  /** Starts over with the next trial: nothing of the last one is left. */
  begin(rules: PlainRules): void {
    const { shared } = this
    this.rules = rules
    this.holding.begin(shared.market.startingBalance)
    this.settlements.moveTo(0)
    this.keeper.begin(rules.policies.drawdownPeak, shared.nextEdges())
    this.tally.begin()
    this.account.begin(rules.dailyLossLimit)
    this.steps = 0
    this.floor = -Infinity
    this.ceiling = Infinity
    this.hasLevels = false
    this.rearmKey = NaN
    this.readRearmKey = NaN
    this.entryRearmKey = NaN
    this.entrySide = 0
    this.isLeaving = false
    this.protectedRow = -1
    this.longArmed = true
    this.shortArmed = true
    this.startAccount()
  }

  private startAccount(): void {
    const { market, track } = this.shared
    this.followedTo = track.firstSlot + track.shift
    this.markedEquity = market.startingBalance
    this.now = market.timeline.openTime[0] as number
    rollDay(this)
  }

  /** Takes up what the strategy says of the next tile. */
  load(tile: SignalTile): void {
    this.signals.takeUp(tile)
  }

  /** Passes over the slots `[from, to)`. */
  advance(from: number, to: number): void {
    const { protects, limitsLoss } = this.rules
    this.shared.ahead.row = -1
    if (protects || limitsLoss || this.hasFunding) this.advanceByBars(from, to)
    else this.advanceBySignals(from, to)
    this.tally.addAll(this.shared.ended)
    this.follow(to + this.shared.track.shift)
  }

  /** Where nothing but signals, and the number of bars, ends a position: all that happens is decided at closes and filled at the opens after them. */
  private advanceBySignals(from: number, to: number): void {
    const { holding, shared, keeper } = this
    const { track, stretches } = shared
    const { shift } = track
    const { position } = holding
    stretches.begin(from)
    for (let slot = from; slot < to; slot++) {
      const isOpened = this.entrySide !== 0 || this.isLeaving
      if (isOpened) {
        this.steps++
        if (this.isLeaving) this.leaveAtOpen(slot + shift)
        if (this.entrySide !== 0) this.enterAtOpen(slot + shift)
      }
      const next =
        position.quantity === 0
          ? this.nextEntry(slot, to)
          : this.nextOfPosition(slot + shift, to + shift) - shift
      // The bar that is decided on, too, is worth what is held at its close.
      stretches.add(next < to ? next + 1 : to, holding)
      if (next >= to) break
      if (stretches.isFull) keeper.markStretches(stretches, track)
      if (next > slot || !isOpened) this.steps++
      slot = next
      const row = slot + shift
      this.follow(row)
      this.followedTo = row + 1
      this.decide(row)
    }
    keeper.markStretches(stretches, track)
  }

  /** Where a position has levels, settlements are charged or the day's loss has a limit: a bar has an open and an inside, too. */
  private advanceByBars(from: number, to: number): void {
    const { track, market } = this.shared
    const { timeline } = market
    const { timeframeMs } = timeline
    const { shift, low, high } = track
    const { position } = this.holding
    const leavesFlat = !this.rules.limitsLoss
    let isOpened = false
    for (let slot = from; slot < to;) {
      if (this.entrySide === 0 && !this.isLeaving) {
        const row = slot + shift
        const next =
          position.quantity === 0 ? this.nextEntry(slot, to) : this.nextOfPosition(row, to + shift) - shift
        if (next > slot) {
          const reached = this.pass(slot, next)
          if (reached >= to) break
          if (reached > slot) isOpened = false
          slot = reached
        }
      }
      const row = slot + shift
      this.now = openAt(timeline, slot)
      if (!isOpened) {
        isOpened = true
        this.steps++
        // What an order at the open has led to is waited for like anything else.
        if (this.open(row) && (leavesFlat || position.quantity !== 0)) continue
      }
      this.now += timeframeMs
      if (this.hasLevels) {
        if ((low[row] as number) <= this.floor || (high[row] as number) >= this.ceiling) {
          this.meetInside(row)
          if (leavesFlat && position.quantity === 0) continue
        }
      }
      this.complete(slot, row)
      slot++
      isOpened = false
    }
  }

  /** Rule 25: what waits ends unfilled; the position closes at the last close with costs, or stays open by policy. */
  finish(): number {
    const { rules, holding, shared } = this
    const { track, market } = shared
    const { openTime, timeframeMs } = market.timeline
    const slot = openTime.length - 1
    const row = slot + track.shift
    const { quantity } = holding.position
    this.now = (openTime[slot] as number) + timeframeMs
    if (quantity !== 0 && track.settledAtClose !== undefined) this.settle(track.settledAtClose[row] as number)
    if (quantity !== 0 && rules.policies.endOfData === 'close')
      this.leaveAt(track.close, row, 'end-of-data', false)
    this.tally.addAll(shared.ended)
    const equity = holding.equityAt(slot)
    this.keeper.finish(equity)
    return equity
  }

  /** First slot of `[slot, to)` at whose close an entry may be decided, for an account that is flat. */
  private nextEntry(slot: number, to: number): number {
    const { rules, signals, shared } = this
    const { track } = shared
    const { shift } = track
    const notBefore = this.halted ? this.endOfHalt(slot, to) : slot
    const long = rules.ignoresArms || this.longArmed
    const short = rules.ignoresArms || this.shortArmed
    return (
      firstEntry(
        signals,
        track,
        this,
        long,
        short,
        rules.seesShorts,
        slot + shift,
        to + shift,
        notBefore + shift,
      ) - shift
    )
  }

  /** First slot of `[slot, to)` at whose close an account that is halted, and flat, may enter again; `to` where none is. */
  private endOfHalt(slot: number, to: number): number {
    const { timeline } = this.shared.market
    // The day of the halt ends with this bar, inside it, or has ended in a gap before it.
    if (openAt(timeline, slot) + timeline.timeframeMs >= this.nextMidnight) return slot
    return Math.min(this.account.nextEdge(slot), to)
  }

  /** First row of `[row, end)` that may end the position. */
  private nextOfPosition(row: number, end: number): number {
    const { rules, signals, trade, shared } = this
    const { track, ahead } = shared
    if (this.halted && rules.flattens) return row
    const isLong = trade.side > 0
    let next = end
    const exits = (isLong ? signals.exitLong : signals.exitShort).next(row)
    if (exits < next) next = exits
    const turns = (isLong ? signals.enterShort : signals.enterLong).next(row)
    if (turns < next) next = turns
    if (rules.timeExitBars > 0) {
      const deadline = track.firstBar + trade.entryBar + rules.timeExitBars
      if (deadline < next) next = deadline
    }
    if (next <= row) return row
    ahead.row = -1
    if (rules.trails) return this.nextTrailed(row, next)
    if (!this.hasLevels) return next
    return firstTouch(track, row, next, this.floor, this.ceiling)
  }

  private nextTrailed(row: number, end: number): number {
    const { trade, shared, rules } = this
    const { ahead, track, terms } = shared
    const { trailing } = rules.risk
    if (trailing.kind !== 'percent') return row
    ahead.floor = this.floor
    ahead.ceiling = this.ceiling
    ahead.level = this.stop
    ahead.best = trade.best
    ahead.follow(trailing, trade, terms.tickSize)
    return trade.side > 0
      ? firstTouchUnderLong(ahead, track, row, end)
      : firstTouchOverShort(ahead, track, row, end)
  }

  /** Passes over quiet slots; answers where the day's loss stops that. */
  private pass(from: number, to: number): number {
    const { shared, holding } = this
    const end = this.rules.limitsLoss ? this.account.skip(from, to) : to
    if (end > from) this.keeper.markQuietHeld(from, end, shared.track, holding.position, this, shared.ahead)
    return end
  }

  /** What the rows before `row` that were passed over leave behind. */
  private follow(row: number): void {
    const { followedTo, signals } = this
    if (followedTo >= row) return
    if (this.rules.trails && this.holding.position.quantity !== 0) {
      const { ahead, track } = this.shared
      if (ahead.row === row) this.trail(ahead.best)
      else if (this.trade.side > 0) this.trail(highestWithin(track.highs, followedTo, row))
      else this.trail(lowestWithin(track.lows, followedTo, row))
    }
    if (!this.longArmed) this.longArmed = signals.longOff.meets(signals.usable, followedTo, row)
    if (!this.shortArmed) this.shortArmed = signals.shortOff.meets(signals.usable, followedTo, row)
    this.followedTo = row
  }

  private trail(extreme: number): void {
    const { tickSize } = this.shared.terms
    const level = trailedStop(this.rules.risk.trailing, this.trade, extreme, NaN, this.stop, tickSize)
    if (level !== level) return
    this.stop = level
    this.stopReason = 'trailing-stop'
    this.refreshLevels()
  }

  /** The open, with what fills at it; answers whether an order had been waiting for it. */
  private open(row: number): boolean {
    const { rules, hasFunding } = this
    if (rules.limitsLoss && this.now >= this.nextMidnight) rollDay(this)
    this.follow(row)
    if (hasFunding) this.settleAtOpen(row)
    const waited = this.isLeaving || this.entrySide !== 0
    if (this.isLeaving) this.leaveAtOpen(row)
    if (this.entrySide !== 0) this.enterAtOpen(row)
    if (this.hasLevels) {
      const open = this.shared.track.open[row] as number
      if (open <= this.floor || open >= this.ceiling) this.meetAtOpen(row)
    }
    if (hasFunding) this.settleUpTo(true)
    return waited
  }

  /** The close: follow, mark, measure the day's loss, decide. */
  private complete(slot: number, row: number): void {
    const { rules, trade, shared, holding } = this
    const { track } = shared
    if (this.hasFunding) this.settleUpTo(false)
    if (rules.limitsLoss && this.now > this.nextMidnight) passMidnight(this)
    if (rules.trails && holding.position.quantity !== 0)
      this.trail((trade.side > 0 ? track.high[row] : track.low[row]) as number)
    this.markedEquity = holding.equityAt(slot)
    if (rules.limitsLoss) {
      if (this.now === this.nextMidnight) rollDay(this)
      checkDailyLoss(this, rules.dailyLossLimit)
    }
    this.followedTo = row + 1
    this.decide(row)
    this.keeper.markSlot(slot)
  }

  private decide(row: number): void {
    const { signals, rules, holding, trade, shared } = this
    const { quantity } = holding.position
    const bits = signals.usable.holds(row) ? signals.bitsAt(row, this.longArmed, this.shortArmed) : 0
    if ((bits & LONG_OFF) !== 0) this.longArmed = true
    if ((bits & SHORT_OFF) !== 0) this.shortArmed = true
    if (quantity !== 0) {
      const barsHeld = row - shared.track.firstBar - trade.entryBar
      const reason = reasonToExit(rules.risk, bits, quantity > 0, barsHeld, this.halted, false)
      if (reason !== undefined) {
        this.isLeaving = true
        this.exitReason = reason
        this.decidedRow = row
      }
    }
    if ((bits & ENTRIES) !== 0) this.considerEntry(row, bits)
  }

  /** An entry condition holds: tries the gates, and sizes what gets through. */
  private considerEntry(row: number, bits: number): void {
    const { signals, rules, holding, shared } = this
    const { risk } = rules
    const { sizing, track, isPerpetual } = shared
    if (signals.rearmKey !== undefined) this.readRearmKey = signals.rearmKey.at(row)
    const side = sideOfEntry(bits)
    const { quantity } = holding.position
    const held = quantity === 0 ? 0 : this.trade.side
    const armed =
      rules.ignoresArms || (side > 0 ? this.longArmed : this.shortArmed) || this.readRearmKey > this.rearmKey
    const filledOnBar = this.protectedRow === row
    if (gateOfEntry(rules, bits, held, false, filledOnBar, isPerpetual, armed, this.halted) !== undefined)
      return
    const close = track.close[row] as number
    const atr = signals.atr === undefined ? Number.NaN : signals.atr.at(row)
    const stopDistance = stopDistanceOf(risk.stop, close, atr)
    if (lacksStop(risk, stopDistance, close, atr)) return
    sizing.price = close
    sizing.equity = holding.equityAt(row - track.shift)
    sizing.freeCapital = quantity === 0 ? holding.cash : this.capitalOfReversal(row)
    sizing.stopDistance = stopDistance
    sizing.score = signals.score === undefined ? Number.NaN : signals.score.at(row)
    sizeEntry(risk, sizing)
    if (tooSmall(sizing) !== undefined) return
    this.entrySide = side
    this.entryQuantity = sizing.quantity
    this.decidedRow = row
    this.stopDistance = stopDistance
    this.close = close
    this.score = sizing.score
    this.entryRearmKey = this.readRearmKey
  }

  /** What may be committed to an entry that turns the position around. */
  private capitalOfReversal(row: number): number {
    const { holding, rules, settlements, shared } = this
    const { position, cash } = holding
    const { track, terms } = shared
    const { leverage } = rules
    const { index } = settlements
    return (
      cash +
      position.capitalLeft(index, leverage) +
      capitalFromReversal(
        position,
        leverage,
        terms.takerFee,
        track.close[row] as number,
        index,
        track.worth[row] as number,
      )
    )
  }

  /** Whether what was decided has waited longer than one bar because bars are missing. */
  private isStale(row: number): boolean {
    const { market, track } = this.shared
    const { timeline } = market
    if (timeline.isEven) return false
    const decidedAt = openAt(timeline, this.decidedRow - track.shift) + timeline.timeframeMs
    return openAt(timeline, row - track.shift) - decidedAt > timeline.timeframeMs
  }

  private leaveAtOpen(row: number): void {
    this.isLeaving = false
    if (this.rules.policies.staleOrders === 'cancel-all' && this.isStale(row)) return
    if (this.hasFunding) this.settleIfCosts()
    this.leaveAt(this.shared.track.open, row, this.exitReason, false)
  }

  private enterAtOpen(row: number): void {
    const { holding, rules, settlements, shared, trade } = this
    const { fill, sizing, terms, track } = shared
    const side = this.entrySide as Side
    this.entrySide = 0
    if (this.isStale(row) && rules.policies.staleOrders !== 'fill') return
    if (this.hasFunding && settlements.nextTime === this.now && !settlements.costsAt(this.now, side))
      this.settle(settlements.settled + 1)
    fill.reference = track.open[row] as number
    takeAtMarket(fill, side, shared, terms)
    sizing.price = fill.price
    sizing.freeCapital = holding.cash
    sizing.quantity = this.entryQuantity
    if (rules.sizesAtFill) {
      sizing.equity = holding.cash
      sizing.stopDistance = this.stopDistance
      sizing.score = this.score
      sizeEntry(rules.risk, sizing)
    }
    shrinkToCapital(sizing, rules.leverage, 0)
    if (tooSmall(sizing) !== undefined) return
    fill.quantity = sizing.quantity
    charge(fill, side, terms)
    requireCapital((fill.quantity * fill.price) / rules.leverage + fill.fee, holding.cash)
    holding.position.increase(side, fill, settlements.columns.paid, settlements.settled)
    holding.cash -= fill.fee
    trade.begin(side, fill, row - track.firstBar)
    trade.entered += fill.quantity
    trade.entryPrice = fill.price
    trade.best = fill.price
    trade.fees += fill.fee
    trade.slippage += fill.slippage
    this.rearmKey = this.entryRearmKey
    if (rules.protects) this.protect()
  }

  private protect(): void {
    const { trade, rules, shared } = this
    const { trailing, target } = rules.risk
    const { tickSize } = shared.terms
    const fixed = fixedStop(trade, this.stopDistance, tickSize)
    this.stop = stopAfterFill(trailing, trade, fixed, NaN, tickSize)
    this.stopReason = this.stop === fixed ? 'stop-loss' : 'trailing-stop'
    this.target = rules.takesProfit
      ? targetLevel(trade, target as TargetDistance, this, tickSize)
      : Number.NaN
    this.refreshLevels()
  }

  private refreshLevels(): void {
    const { stop, target } = this
    const below = this.trade.side > 0 ? stop : target
    const above = this.trade.side > 0 ? target : stop
    this.floor = below === below ? below : -Infinity
    this.ceiling = above === above ? above : Number.POSITIVE_INFINITY
    this.hasLevels = below === below || above === above
  }

  /** Levels that the open has already passed fill at its instant. */
  private meetAtOpen(row: number): void {
    if (!this.isPassedAtOpen(row)) return
    const { track } = this.shared
    if (this.hasFunding) this.settleIfCosts()
    this.protectedRow = row
    if (this.meetsStop(track.open, row)) this.leaveAt(track.open, row, this.stopReason, false)
    else this.takeProfit(row, false)
  }

  private isPassedAtOpen(row: number): boolean {
    const { track } = this.shared
    if (this.meetsStop(track.open, row)) return true
    if (!this.meetsTarget(track.open, row)) return false
    if (this.rules.policies.bothTouched === 'open-decides') return true
    return !this.meetsStop(this.trade.side > 0 ? track.low : track.high, row)
  }

  /** What the bar does after its open. The moment is unknown: of the settlements inside the bar as many are seen as cost most. */
  private meetInside(row: number): void {
    const { trade, rules, shared, settlements } = this
    const { track, fill } = shared
    const isLong = trade.side > 0
    const isStopped = this.meetsStop(isLong ? track.low : track.high, row)
    const isMet = this.meetsTarget(isLong ? track.high : track.low, row)
    if (!isStopped && !isMet) return
    if (this.hasFunding)
      this.settle(worstBeforeSettlements(settlements.columns, settlements.settled, this.now, trade.side))
    this.protectedRow = row
    if (!isStopped) return this.takeProfit(row, false)
    const isOpenQuestion = isMet && !this.meetsTarget(track.open, row)
    if (isOpenQuestion && takesOpenQuestions(rules.policies)) return this.takeProfit(row, true)
    fill.reference = this.stop
    takeAtMarket(fill, -trade.side as Side, shared, shared.terms)
    this.leave(row, this.stopReason, isOpenQuestion)
  }

  private meetsStop(prices: Float64Array, row: number): boolean {
    const price = prices[row] as number
    return this.trade.side > 0 ? price <= this.stop : price >= this.stop
  }

  private meetsTarget(prices: Float64Array, row: number): boolean {
    const { target } = this
    if (target !== target) return false
    const { terms } = this.shared
    const side = -this.trade.side as Side
    return meetsLimit(prices[row] as number, side, target, terms.tickSize, this.rules.policies)
  }

  private takeProfit(row: number, undecided: boolean): void {
    const { fill, track } = this.shared
    const isAtOpen = this.rules.policies.targetGap === 'open-price' && this.meetsTarget(track.open, row)
    fill.price = isAtOpen ? (track.open[row] as number) : this.target
    fill.liquidity = 'maker'
    this.leave(row, 'take-profit', undecided)
  }

  /** Leaves at the market, at one of the row's prices. */
  private leaveAt(prices: Float64Array, row: number, reason: ExitReason, undecided: boolean): void {
    const { shared } = this
    const { fill } = shared
    fill.reference = prices[row] as number
    takeAtMarket(fill, -this.trade.side as Side, shared, shared.terms)
    this.leave(row, reason, undecided)
  }

  /** Books the fill that ends the trade. */
  private leave(row: number, reason: ExitReason, undecided: boolean): void {
    const { trade, holding, settlements, shared } = this
    const { fill, track, terms, ended } = shared
    const { position } = holding
    fill.quantity = Math.abs(position.quantity)
    charge(fill, -trade.side as Side, terms)
    if (this.hasFunding) trade.funding += position.accruedFunding(settlements.index)
    const released = position.decrease(fill, settlements.columns.paid, settlements.settled)
    holding.cash += released - fill.fee
    trade.released += released
    trade.exitPrice = fill.price
    trade.fees += fill.fee
    trade.slippage += fill.slippage
    trade.undecided = undecided
    trade.exitBar = row - track.firstBar
    trade.exitReason = reason
    this.isLeaving = false
    if (trade.side > 0) this.longArmed = false
    else this.shortArmed = false
    this.floor = -Infinity
    this.ceiling = Infinity
    this.hasLevels = false
    ended.add(trade, 0, holding)
    if (ended.isFull) this.tally.addAll(ended)
  }

  private settle(count: number): void {
    const { settlements, shared, rules } = this
    if (count <= settlements.settled) return
    if (
      rules.refusesMissingRates &&
      this.holding.position.quantity !== 0 &&
      settlements.missingRatesTo(count) > 0
    )
      throw missingFunding(shared.track.data.instrument.id, settlements.nextMissingTime())
    settlements.moveTo(count)
  }

  /** Charges settlements before now, or those at this very instant too. */
  private settleUpTo(inclusive: boolean): void {
    const { settlements, now } = this
    if (settlements.nextTime <= now) this.settle(settlements.countUpTo(now, inclusive))
  }

  /** Charges one at this very instant, before the position that is held ends, where it costs that. */
  private settleIfCosts(): void {
    const { settlements, now, trade } = this
    if (settlements.costsAt(now, trade.side)) this.settle(settlements.settled + 1)
  }

  /** Settlements up to the open of the row, save one at it that a fill at it takes part in. */
  private settleAtOpen(row: number): void {
    const { settlements, now, rules, shared } = this
    if (settlements.nextTime > now) return
    const { settledAtClose, firstSlot, shift } = shared.track
    if (settledAtClose !== undefined && row > firstSlot + shift)
      this.settle(settledAtClose[row - 1] as number)
    this.settleUpTo(false)
    if (settlements.nextTime !== now) return
    const takesPart =
      this.isLeaving ||
      this.entrySide !== 0 ||
      (this.holding.position.quantity !== 0 && this.isPassedAtOpen(row))
    if (rules.policies.fundingAtFill === 'held-before' || !takesPart) this.settleUpTo(true)
  }
}
