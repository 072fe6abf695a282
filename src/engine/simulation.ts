import type { Policies } from '../core/policies.js'
import type { TermsTimeline } from '../core/instrument-terms.js'
import type { RiskSettings } from '../risk/settings.js'
import type { CompiledStrategy } from '../strategy/compiled.js'
import { submitExit } from '../trading/exits.js'
import type { TradingObserver } from '../trading/observer.js'
import { endOrder, refreshLevels } from '../trading/orders.js'
import { TradingState } from '../trading/state.js'
import { Alone } from './alone.js'
import { HeldPositions } from './held.js'
import { Lane } from './lane.js'
import { adverseFraction, type CostSettings } from './options.js'
import { tradesPlainly } from './plain-market.js'
import { AccountSkip } from './skip-account.js'
import { refuseMissingFunding } from './missing-funding.js'
import { nextEvent } from './skip-lane.js'
import { Stepper } from './stepper.js'
import type { Timeline } from './timeline.js'
import type { Track } from './track.js'
import { SimulatedVenue } from './venue.js'

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

/** Whoever keeps what happens to the account at the slots and between them. */
export interface MarkKeeper {
  /** Asks to be told before each close that is stepped on. */
  readonly watchesBars: boolean
  /** The slot's fills are done, its closes not yet decided on: what is open was held through the bar. */
  beforeClose(slot: number): void
  /** Everything that belongs to the slot has happened. */
  markSlot(slot: number): void
  /** On slots `[from, to)` nothing happened but that the prices of what is held moved. */
  markQuiet(from: number, to: number, held: HeldPositions): void
  /** The same where one instrument is traded alone. */
  markQuietAlone(from: number, to: number, lane: Lane): void
}

/**
 * One trial: the reducer's state, a simulated venue, and the bars. The stepper decides at one slot; skipping only finds the next slot at
 * which it could do something. Skipping may stop early, which costs time, and never late.
 */
export class Simulation {
  readonly market: Market
  readonly state: TradingState
  readonly lanes: readonly Lane[]
  readonly venue: SimulatedVenue
  /** Slots that were stepped on. */
  steps: number = 0
  private readonly stepper: Stepper
  private readonly account: AccountSkip
  private readonly held: HeldPositions
  private readonly marks: MarkKeeper
  /** By lane: first slot at which it has something to do. */
  private readonly nextSlots: Int32Array
  /** Where a shorter way will do. */
  private readonly alone: Alone | undefined

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
    this.lanes = tracks.map((track, index) => new Lane(track, this.state.book(index), this.state))
    const { participation } = costs
    this.venue = new SimulatedVenue(this.state, { adverse: adverseFraction(costs), participation })
    const marks = keeper(this)
    const held = new HeldPositions(this.state, this.lanes)
    this.marks = marks
    this.held = held
    this.nextSlots = new Int32Array(this.lanes.length)
    this.stepper = new Stepper(market, this.state, this.lanes, held, this.venue, marks)
    this.account = new AccountSkip(this.state, rules.risk.dailyLossLimit, timeline, held)
    this.alone = tradesPlainly(market, rules)
      ? new Alone(market, this.state, this.lanes[0] as Lane, this.venue, held, this.account, marks)
      : undefined
  }

  /** The reference: a step on every slot of `[from, to)`. */
  advanceByBar(from: number, to: number): void {
    const { lanes, stepper } = this
    for (let slot = from; slot < to; slot++) {
      let count = 0
      for (const lane of lanes) if (lane.hasBar(slot + lane.track.shift)) stepper.due[count++] = lane
      stepper.dueCount = count
      stepper.step(slot)
    }
    this.steps += to - from
    this.endTile(to)
  }

  /** The same answer at the cost of what happens: steps only where something may be decided or filled. */
  advance(from: number, to: number): void {
    const { lanes, state, stepper, nextSlots } = this
    if (this.alone !== undefined) {
      this.steps += this.alone.advance(from, to)
      return this.endTile(to)
    }
    for (let index = 0; index < lanes.length; index++)
      nextSlots[index] = nextEvent(this, lanes[index] as Lane, from, to)
    let slot = from
    while (slot < to) {
      let next = to
      for (let index = 0; index < nextSlots.length; index++) {
        const at = nextSlots[index] as number
        if (at < next) next = at
      }
      if (next > slot) {
        // The account itself may have something to say before any lane has.
        const reached = this.account.skip(slot, next)
        if (reached > slot) this.marks.markQuiet(slot, reached, this.held)
        next = reached
        if (next >= to) break
      }
      let count = 0
      for (let index = 0; index < nextSlots.length; index++) {
        if ((nextSlots[index] as number) > next) continue
        const lane = lanes[index] as Lane
        if (lane.hasBar(next + lane.track.shift)) stepper.due[count++] = lane
      }
      stepper.dueCount = count
      const wasHalted = state.halted
      stepper.step(next)
      this.steps++
      slot = next + 1
      // A halt concerns every lane; else only those that were due have changed, or waited for a bar of their own.
      const concernsAll = state.halted !== wasHalted
      for (let index = 0; index < nextSlots.length; index++) {
        if (!concernsAll && (nextSlots[index] as number) > next) continue
        const lane = lanes[index] as Lane
        stepper.catchUp(lane, slot)
        nextSlots[index] = nextEvent(this, lane, slot, to)
      }
    }
    this.endTile(to)
  }

  /** Rule 25: the orders of the last signals end unfilled; positions close at the last close with costs, or stay open by policy. */
  finish(): void {
    const { state, lanes, market, venue } = this
    const { openTime, timeframeMs } = market.timeline
    const { policies } = state.config
    state.now = (openTime[openTime.length - 1] as number) + timeframeMs
    const leavesOpen = policies.endOfData === 'leave-open'
    for (const lane of lanes) this.bringToEnd(lane, leavesOpen)
    if (policies.missingFunding === 'fail') refuseMissingFunding(state)
    if (leavesOpen) return
    for (const { book } of lanes) {
      book.advanceTerms(state.now)
      submitExit(state, book, 'end-of-data')
    }
    for (const lane of lanes) venue.fillExitAtClose(lane, lastRow(lane), false)
  }

  private bringToEnd(lane: Lane, leavesOpen: boolean): void {
    const { state, venue } = this
    const { book, track } = lane
    const row = lastRow(lane)
    book.lastClose = track.close[row] as number
    if (book.position.quantity !== 0) {
      if (track.settledAtClose !== undefined) venue.settle(lane, track.settledAtClose[row] as number)
      state.marks[track.index] = track.worth[row] as number
      book.bars = lane.barAt(row) - track.firstBar + 1
    }
    if (book.entry.isActive) {
      endOrder(state, book, book.entry, 'expired')
      refreshLevels(book)
      if (book.entry.filledQuantity === 0)
        state.observer?.blocked(book.instrument, state.now, 'end-of-data', false)
    }
    if (!leavesOpen) endOrder(state, book, book.exit, 'expired')
  }

  /** Before another tile replaces the columns: lanes take with them what its rows have left behind. */
  private endTile(to: number): void {
    for (const lane of this.lanes) this.stepper.catchUp(lane, to)
  }
}

/** The last row on which a lane has a price: its instrument's last bar, carried to the end of the run where bars cease before it. */
function lastRow({ track }: Lane): number {
  return (track.slotOfBar === undefined ? track.lastSlot : track.close.length - 1) + track.shift
}
