import { DataError } from '../core/errors.js'
import type { Policies } from '../core/policies.js'
import { ENTER_LONG, ENTER_SHORT } from '../core/signals.js'
import { formatUtc } from '../core/time.js'
import type { TermsTimeline } from '../core/instrument-terms.js'
import type { RiskSettings } from '../risk/settings.js'
import type { CompiledStrategy } from '../strategy/compiled.js'
import { completeBar, decideBars, markBars } from '../trading/close-of-bar.js'
import { rollDay } from '../trading/day.js'
import { submitExit } from '../trading/exits.js'
import { endOrder, refreshLevels } from '../trading/orders.js'
import type { TradingObserver } from '../trading/observer.js'
import { type Book, TradingState } from '../trading/state.js'
import { followExtremes } from './follow.js'
import { Lane } from './lane.js'
import type { CostSettings } from './options.js'
import { AccountSkip } from './skip-account.js'
import { nextEvent } from './skip-lane.js'
import type { Timeline } from './timeline.js'
import type { Track } from './track.js'
import { SimulatedVenue } from './venue.js'

const ENTRIES = ENTER_LONG | ENTER_SHORT

/** What replays of any strategy over one stretch of market share. */
export interface Market {
  readonly timeline: Timeline
  readonly tracks: readonly Track[]
  readonly terms: readonly TermsTimeline[]
  readonly costs: CostSettings
  readonly startingBalance: number
}

/** How one trial trades. */
export interface TradingRules {
  readonly risk: RiskSettings
  readonly policies: Policies
  readonly decide: CompiledStrategy['decide']
}

/** Whoever keeps what happens to the account between and at the slots. */
export interface MarkKeeper {
  /** The slot's fills are done, its closes not yet decided on: what is open was held through the bar. */
  beforeClose(slot: number): void
  /** Everything that belongs to the slot has happened. */
  markSlot(slot: number, equity: number): void
  /** On slots `[from, to)` nothing happened but that prices moved. */
  markQuiet(from: number, to: number): void
}

/**
 * One trial: the reducer's state, a simulated venue, and the bars. `step` decides at one slot; `skip` only finds the next slot at which `step`
 * could do something (engine rule: skipping may stop early, which costs time, and never late).
 */
export class Simulation {
  readonly market: Market
  readonly state: TradingState
  readonly lanes: readonly Lane[]
  readonly venue: SimulatedVenue
  readonly keeper: MarkKeeper
  /** Slots at which `step` was called. */
  steps: number = 0
  /** Entries that no signal blocks must be counted one by one: skipping then stops at each bar whose entry condition holds. */
  readonly countsBlocks: boolean
  /** The lanes that are due, in the first `dueCount` places; the rest is left over. */
  private readonly due: Lane[]
  private readonly dueBooks: Book[]
  private dueCount: number = 0
  private readonly account: AccountSkip
  private readonly failsOnMissingFunding: boolean

  constructor(
    market: Market,
    rules: TradingRules,
    keeper: (simulation: Simulation) => MarkKeeper,
    observer: TradingObserver | undefined,
  ) {
    const { tracks, timeline, costs } = market
    this.market = market
    this.state = new TradingState(
      {
        instruments: tracks.map(({ data }) => data.instrument),
        timeframeMs: timeline.timeframeMs,
        risk: rules.risk,
        policies: rules.policies,
        decide: rules.decide,
      },
      market.startingBalance,
      timeline.openTime[0] as number,
      market.terms,
    )
    this.state.observer = observer
    this.countsBlocks = observer !== undefined
    this.lanes = tracks.map((track, index) => new Lane(track, this.state.book(index)))
    this.due = [...this.lanes]
    this.dueBooks = this.lanes.map(({ book }) => book)
    const adverse = (costs.slippageBps + (costs.halfSpreadBps ?? 0)) / 10_000
    this.venue = new SimulatedVenue(this.state, { adverse, participation: costs.participation })
    this.failsOnMissingFunding = rules.policies.missingFunding === 'fail'
    this.keeper = keeper(this)
    this.account = new AccountSkip(this)
  }

  /** The reference: a step on every slot of `[from, to)`. */
  advanceByBar(from: number, to: number): void {
    const { lanes, due } = this
    for (let slot = from; slot < to; slot++) {
      let count = 0
      for (const lane of lanes) if (lane.hasBar(slot + lane.track.shift)) due[count++] = lane
      this.dueCount = count
      this.step(slot)
    }
    this.endTile(to)
  }

  /** The same answer at the cost of what happens: steps only where something may be decided or filled. */
  advance(from: number, to: number): void {
    const { lanes, due, state } = this
    for (const lane of lanes) lane.nextSlot = nextEvent(this, lane, from, to)
    let slot = from
    while (slot < to) {
      let next = to
      for (let index = 0; index < lanes.length; index++) {
        const at = (lanes[index] as Lane).nextSlot
        if (at < next) next = at
      }
      if (next > slot) {
        // The account itself may have something to say before any lane has.
        next = this.account.skip(slot, next)
        if (next >= to) break
      }
      let count = 0
      for (let index = 0; index < lanes.length; index++) {
        const lane = lanes[index] as Lane
        if (lane.nextSlot <= next && lane.hasBar(next + lane.track.shift)) due[count++] = lane
      }
      this.dueCount = count
      const wasHalted = state.halted
      this.step(next)
      slot = next + 1
      // A halt concerns every lane; else only those that were due have changed, or waited for a bar of their own.
      const concernsAll = state.halted !== wasHalted
      for (let index = 0; index < lanes.length; index++) {
        const lane = lanes[index] as Lane
        if (concernsAll || lane.nextSlot <= next) lane.nextSlot = nextEvent(this, lane, slot, to)
      }
    }
    this.endTile(to)
  }

  /** Rule 25: the orders of the last signals end unfilled; positions close at the last close with costs, or stay open by policy. */
  finish(): void {
    const { state, lanes, market } = this
    const { openTime, timeframeMs } = market.timeline
    const lastSlot = openTime.length - 1
    const time = (openTime[lastSlot] as number) + timeframeMs
    const leavesOpen = state.config.policies.endOfData === 'leave-open'
    for (const lane of lanes) {
      const { book, track } = lane
      const lastRow = this.lastRow(lane)
      book.lastClose = track.close[lastRow] as number
      if (book.position.quantity !== 0) {
        if (track.settledAtClose !== undefined)
          this.venue.settle(lane, track.settledAtClose[lastRow] as number)
        state.marks[track.index] = track.worth[lastRow] as number
      }
      if (book.entry.isActive) {
        endOrder(state, book, book.entry, 'expired')
        refreshLevels(book)
        if (book.entry.filledQuantity === 0)
          state.observer?.blocked(book.instrument, time, 'end-of-data', false)
      }
      if (!leavesOpen) endOrder(state, book, book.exit, 'expired')
      if (book.position.quantity !== 0)
        book.bars = lane.barAt(Math.min(lastSlot, track.lastSlot) + track.shift) - track.firstBar + 1
    }
    if (this.failsOnMissingFunding) this.refuseMissingFunding()
    if (leavesOpen) return
    for (const lane of lanes) {
      lane.book.advanceTerms(time)
      submitExit(state, lane.book, 'end-of-data', time)
    }
    for (const lane of lanes) this.venue.fillExitAtClose(lane, this.lastRow(lane), time, false)
  }

  private lastRow({ track }: Lane): number {
    return (track.slotOfBar === undefined ? track.lastSlot : track.close.length - 1) + track.shift
  }

  /** One instant of execution rule 2: funding → exits → entries → intrabar → mark → daily loss → signals, for the lanes that are due. */
  private step(slot: number): void {
    const { state, market, due, venue, dueCount } = this
    const { openTime: opens, timeframeMs } = market.timeline
    const openTime = opens[slot] as number
    const closeTime = openTime + timeframeMs
    this.steps++
    if (openTime >= state.nextMidnight) rollDay(state, openTime)
    this.syncLanes(slot, openTime)
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.book.exit.isActive) venue.fillExitAtOpen(lane, slot + lane.track.shift, openTime)
    }
    this.fillEntries(slot, openTime, closeTime, false)
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.book.position.quantity !== 0) venue.protectAtOpen(lane, slot + lane.track.shift, openTime)
    }
    for (let at = 0; at < dueCount; at++) venue.settleUpTo(due[at] as Lane, openTime, true)
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.book.position.quantity !== 0) venue.protectInside(lane, slot + lane.track.shift, closeTime)
    }
    this.fillEntries(slot, openTime, closeTime, true)
    this.close(slot, closeTime)
    this.keeper.markSlot(slot, state.equity())
  }

  /** Brings every lane that matters at this slot from where it was last looked at to the slot's open. */
  private syncLanes(slot: number, openTime: number): void {
    const { state, lanes, due, venue, dueCount } = this
    const heldBefore = state.config.policies.fundingAtFill === 'held-before'
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      const { book, track } = lane
      const row = slot + track.shift
      this.passOver(lane, row)
      lane.followedTo = row + 1
      book.bars = lane.barAt(row) - track.firstBar
      if (slot > track.firstSlot) {
        book.lastClose = track.close[row - 1] as number
        if (track.settledAtClose !== undefined) venue.settle(lane, track.settledAtClose[row - 1] as number)
        state.marks[track.index] = track.worth[row - 1] as number
      }
      book.advanceTerms(openTime)
      if (track.settlements === undefined) continue
      venue.settleUpTo(lane, openTime, false)
      if (heldBefore || !venue.settlementWaits(lane, row, openTime)) venue.settleUpTo(lane, openTime, true)
    }
    if (lanes.length === dueCount) return
    for (let index = 0; index < lanes.length; index++) {
      const lane = lanes[index] as Lane
      const { track, book } = lane
      if (book.position.quantity === 0 || this.isDue(lane)) continue
      const row = slot + track.shift
      book.lastClose = track.close[row - 1] as number
      if (track.settledAtClose !== undefined) venue.settle(lane, track.settledAtClose[row - 1] as number)
      state.marks[track.index] = track.worth[row - 1] as number
      venue.settleUpTo(lane, openTime, true)
    }
  }

  /** Entries that are out, in the order of their decisions and, within one, of their rank. */
  private fillEntries(slot: number, openTime: number, closeTime: number, inside: boolean): void {
    const { due, venue, dueCount } = this
    let waiting = 0
    let only: Lane | undefined
    for (let at = 0; at < dueCount; at++) {
      if (!(due[at] as Lane).book.entry.isActive) continue
      waiting++
      only = due[at]
    }
    if (only === undefined) return
    if (waiting === 1) {
      const row = slot + only.track.shift
      if (inside) venue.fillEntryInside(only, row, openTime, closeTime)
      else venue.fillEntryAtOpen(only, row, openTime)
      return
    }
    for (const lane of this.entering()) {
      const row = slot + lane.track.shift
      if (inside) venue.fillEntryInside(lane, row, openTime, closeTime)
      else venue.fillEntryAtOpen(lane, row, openTime)
    }
  }

  /** Lanes that are due with an entry out, in the order of their ids. */
  private entering(): Lane[] {
    return this.due
      .slice(0, this.dueCount)
      .filter(({ book }) => book.entry.isActive)
      .sort((a, b) => a.book.entry.id - b.book.entry.id)
  }

  private isDue(lane: Lane): boolean {
    for (let at = 0; at < this.dueCount; at++) if (this.due[at] === lane) return true
    return false
  }

  private close(slot: number, closeTime: number): void {
    const { state, lanes, due, dueBooks } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      this.look(lane, slot + lane.track.shift, closeTime)
      dueBooks[at] = lane.book
    }
    if (lanes.length !== this.dueCount) this.markOthers(slot, closeTime)
    if (this.failsOnMissingFunding) this.refuseMissingFunding()
    this.keeper.beforeClose(slot)
    const wasHalted = state.halted
    markBars(state, dueBooks, this.dueCount, closeTime)
    if (state.halted && !wasHalted && this.dueCount !== lanes.length) this.callEverybody(slot, closeTime)
    decideBars(state, dueBooks, this.dueCount, closeTime)
    if (state.config.policies.fillAt === 'same-close') this.fillAtClose(slot, closeTime)
    this.delist(slot, closeTime)
  }

  /** The day's loss concerns every position and every order that rests: lanes that were not due are, after all. */
  private callEverybody(slot: number, closeTime: number): void {
    const { state, lanes, due, dueBooks } = this
    let count = this.dueCount
    for (const lane of lanes) {
      const { book, track } = lane
      const row = slot + track.shift
      if (this.isDue(lane) || !lane.hasBar(row)) continue
      this.passOver(lane, row)
      lane.followedTo = row + 1
      book.bars = lane.barAt(row) - track.firstBar
      this.look(lane, row, closeTime)
      completeBar(state, book, closeTime)
      due[count++] = lane
    }
    this.dueCount = count
    const called = due.slice(0, count).sort((a, b) => a.track.index - b.track.index)
    called.forEach((lane, at) => {
      due[at] = lane
      dueBooks[at] = lane.book
    })
  }

  /** Positions of lanes that have nothing to do are worth what this close says. */
  private markOthers(slot: number, closeTime: number): void {
    const { state, lanes, venue } = this
    for (let index = 0; index < lanes.length; index++) {
      const lane = lanes[index] as Lane
      const { book, track } = lane
      if (book.position.quantity === 0 || this.isDue(lane)) continue
      const row = slot + track.shift
      venue.settleUpTo(lane, closeTime, false)
      book.lastClose = track.close[row] as number
      state.marks[track.index] = track.worth[row] as number
    }
  }

  /** Puts a lane's completed bar in view. */
  private look(lane: Lane, row: number, closeTime: number): void {
    const { book, track } = lane
    const { view } = book
    this.venue.settleUpTo(lane, closeTime, false)
    const bar = lane.barAt(row)
    let bits = lane.bitsAt(row)
    if (track.delistSlot === row - track.shift && (bits & ENTRIES) !== 0) {
      // Nothing is opened at the last close before a delisting.
      if (lane.usable.holds(row)) this.state.observer?.blocked(book.instrument, closeTime, 'delisted', true)
      bits &= ~ENTRIES
    }
    view.bits = bits
    view.usable = lane.usable.holds(row)
    view.close = track.close[row] as number
    view.high = track.high[row] as number
    view.low = track.low[row] as number
    if (lane.atr !== undefined) view.atr = lane.atr.at(bar)
    if ((bits & ENTRIES) !== 0) {
      if (lane.score !== undefined) view.score = lane.score.at(bar)
      if (lane.coverage !== undefined) view.coverage = lane.coverage.at(bar)
      if (lane.rearmKey !== undefined) book.rearmKey = lane.rearmKey.at(bar)
    }
    if (lane.features !== undefined) view.features = featureRow(lane.features, bar)
  }

  private fillAtClose(slot: number, closeTime: number): void {
    const { due, venue, state } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.book.exit.isActive) venue.fillExitAtClose(lane, slot + lane.track.shift, closeTime, true)
    }
    for (const lane of this.entering()) venue.fillEntryAtClose(lane, slot + lane.track.shift, closeTime)
    state.markedEquity = state.equity()
  }

  /** At its last close an instrument leaves the venue: what is out ends, what is held is closed there. */
  private delist(slot: number, closeTime: number): void {
    const { state, due, venue } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.track.delistSlot !== slot) continue
      const { book } = lane
      if (book.entry.isActive) {
        endOrder(state, book, book.entry, 'expired')
        if (book.entry.filledQuantity === 0)
          state.observer?.blocked(book.instrument, closeTime, 'delisted', false)
      }
      endOrder(state, book, book.exit, 'cancelled')
      submitExit(state, book, 'delisted', closeTime)
      venue.fillExitAtClose(lane, slot + lane.track.shift, closeTime, false)
      refreshLevels(book)
    }
  }

  private refuseMissingFunding(): void {
    for (const { book, track } of this.lanes) {
      if (book.missingFunding === 0) continue
      throw new DataError(
        `${track.data.instrument.id} was held over a funding settlement whose rate was not recorded; import it, shorten the run, or set the policy missingFunding=flag`,
        { field: 'rate', value: formatUtc(book.missingFundingTime), unit: 'UTC' },
      )
    }
  }

  /** What the rows before `row` that no step looked at leave behind in a lane. */
  private passOver(lane: Lane, row: number): void {
    const { book, followedTo } = lane
    if (followedTo >= row) return
    followExtremes(this.state, lane, row)
    if (!book.longArmed) book.longArmed = lane.longOff.meets(lane.usable, followedTo, row)
    if (!book.shortArmed) book.shortArmed = lane.shortOff.meets(lane.usable, followedTo, row)
    if (this.countsBlocks) lane.signalsInPosition += this.signalsInPosition(lane, followedTo, row)
    if (this.state.config.risk.flattenAfterStaleHours > 0 && book.position.quantity !== 0) {
      const { openTime, timeframeMs } = this.market.timeline
      book.lastUsableTime = (openTime[row - 1 - lane.track.shift] as number) + timeframeMs
    }
  }

  /** Rows of `[from, to)` on which the side that is held, or rests, would have been entered again. */
  private signalsInPosition({ book, enterLong, enterShort, usable }: Lane, from: number, to: number): number {
    const { quantity } = book.position
    if (quantity === 0 && !book.entry.isActive) return 0
    const isLong = quantity !== 0 ? quantity > 0 : book.entry.side > 0
    return (isLong ? enterLong : enterShort).countWith(usable, from, to)
  }

  /** Before another tile replaces the columns: stops follow the rows so far. */
  private endTile(to: number): void {
    for (const lane of this.lanes) {
      const row = to + lane.track.shift
      this.passOver(lane, Math.min(row, lane.track.close.length))
      if (lane.followedTo < row) lane.followedTo = row
    }
  }
}

function featureRow(
  features: Readonly<Record<string, { at(bar: number): number }>>,
  bar: number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(features).map(([name, reader]) => [name, reader.at(bar)]))
}
