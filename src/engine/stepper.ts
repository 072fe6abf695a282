import { completeBar, decideBars, markBars } from '../trading/close-of-bar.js'
import { rollDay } from '../trading/day.js'
import { submitExit } from '../trading/exits.js'
import { endOrder, refreshLevels } from '../trading/orders.js'
import type { Book, TradingState } from '../trading/state.js'
import { BarAtVenue, entering } from './bar-at-venue.js'
import { passOver } from './follow.js'
import type { HeldPositions } from './held.js'
import type { Lane } from './lane.js'
import { refuseMissingFunding } from './missing-funding.js'
import type { Market, MarkKeeper } from './simulation.js'
import type { SimulatedVenue } from './venue.js'

/**
 * One instant of a replay: funding → exits → entries → inside the bar → mark → daily loss → signals (execution rule 2), for the lanes
 * that are due. What of it happens at the venue, and in which order, `BarAtVenue` says.
 */
export class Stepper {
  /** The lanes that are due, in the first `dueCount` places; the rest is left over. */
  readonly due: Lane[]
  dueCount: number = 0
  private readonly dueBooks: Book[]
  private readonly openTime: Float64Array
  private readonly timeframeMs: number
  private readonly state: TradingState
  private readonly lanes: readonly Lane[]
  /** Brought up to date by each step. */
  private readonly held: HeldPositions
  private readonly venue: SimulatedVenue
  private readonly keeper: MarkKeeper
  private readonly bar: BarAtVenue
  // What a run has none of is not asked about at every step.
  private readonly hasFunding: boolean
  private readonly refusesMissingRates: boolean
  private readonly fillsAtClose: boolean
  private readonly delists: boolean
  /** A trailing stop reads highs and lows. */
  private readonly trails: boolean
  /** Equity is asked for between the closes. */
  private readonly marksOpens: boolean

  constructor(
    market: Market,
    state: TradingState,
    lanes: readonly Lane[],
    held: HeldPositions,
    venue: SimulatedVenue,
    keeper: MarkKeeper,
  ) {
    const { policies, risk } = state.config
    this.openTime = market.timeline.openTime
    this.timeframeMs = market.timeline.timeframeMs
    this.state = state
    this.lanes = lanes
    this.held = held
    this.venue = venue
    this.keeper = keeper
    this.due = [...lanes]
    this.dueBooks = lanes.map(({ book }) => book)
    this.hasFunding = market.tracks.some(({ settlements }) => settlements !== undefined)
    this.refusesMissingRates = this.hasFunding && policies.missingFunding === 'fail'
    this.fillsAtClose = policies.fillAt === 'same-close'
    this.delists = market.tracks.some(({ data }) => data.instrument.delistedAt !== undefined)
    this.trails = risk.trailing.kind !== 'none'
    const restsEntries = risk.entry.kind !== 'market' || market.costs.participation !== undefined
    this.bar = new BarAtVenue(venue, this.hasFunding, restsEntries)
    this.marksOpens = this.hasFunding || policies.sizeAt === 'fill'
  }

  step(slot: number): void {
    const { state, openTime, timeframeMs, due, dueCount } = this
    const now = openTime[slot] as number
    state.now = now
    if (now >= state.nextMidnight) rollDay(state)
    this.syncLanes(slot)
    this.bar.open(due, dueCount, slot)
    state.now = now + timeframeMs
    this.bar.inside(due, dueCount, slot)
    this.close(slot)
    this.keeper.markSlot(slot)
  }

  /** Brings every lane that matters at this slot from where it was last looked at to the slot's open. */
  private syncLanes(slot: number): void {
    const { lanes, held, due, dueCount, hasFunding, marksOpens } = this
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      this.syncLane(lane, slot, slot + lane.track.shift)
    }
    if (lanes.length === dueCount || !(marksOpens || hasFunding)) return
    for (let at = 0; at < held.count; at++) {
      const lane = held.lanes[at] as Lane
      if (this.isDue(lane)) continue
      const row = slot + lane.track.shift
      if (marksOpens) this.markOpen(lane, row)
      if (hasFunding) this.settleQuietly(lane, row)
    }
  }

  private syncLane(lane: Lane, slot: number, row: number): void {
    const { book, track } = lane
    if (lane.followedTo < row) passOver(this.state, lane, row)
    lane.followedTo = row
    book.bars = (track.barOfRow === undefined ? row : (track.barOfRow[row] as number)) - track.firstBar
    if (this.marksOpens && slot > track.firstSlot) this.markOpen(lane, row)
    if (this.state.now >= book.nextTermsTime) book.advanceTerms(this.state.now)
    if (this.hasFunding) this.venue.settleAtOpen(lane, row)
  }

  /** Until this row closes the lane is worth what the row before it closed at. */
  private markOpen({ book, track }: Lane, row: number): void {
    book.lastClose = track.close[row - 1] as number
    this.state.marks[track.index] = track.worth[row - 1] as number
  }

  private settleQuietly(lane: Lane, row: number): void {
    const { settledAtClose } = lane.track
    if (settledAtClose !== undefined) this.venue.settle(lane, settledAtClose[row - 1] as number)
    this.venue.settleUpTo(lane, true)
  }

  private isDue(lane: Lane): boolean {
    for (let at = 0; at < this.dueCount; at++) if (this.due[at] === lane) return true
    return false
  }

  private close(slot: number): void {
    const { state, lanes, due, dueBooks } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      this.look(lane, slot + lane.track.shift)
      dueBooks[at] = lane.book
    }
    this.held.refreshAmong(due, this.dueCount)
    if (lanes.length !== this.dueCount) this.markOthers(slot)
    if (this.refusesMissingRates) refuseMissingFunding(state)
    if (this.keeper.watchesBars) this.keeper.beforeClose(slot)
    const wasHalted = state.halted
    markBars(state, dueBooks, this.dueCount)
    if (state.halted && !wasHalted && this.dueCount !== lanes.length) this.callEverybody(slot)
    decideBars(state, dueBooks, this.dueCount)
    if (this.fillsAtClose) this.fillAtClose(slot)
    if (this.delists) this.delist(slot)
    if (this.fillsAtClose || this.delists) this.held.refreshAmong(due, this.dueCount)
  }

  /** The day's loss concerns every position and every order that rests: lanes that were not due are, after all. */
  private callEverybody(slot: number): void {
    const { state, lanes, due, dueBooks } = this
    let count = this.dueCount
    for (const lane of lanes) {
      const { book, track } = lane
      const row = slot + track.shift
      if (this.isDue(lane) || !lane.hasBar(row)) continue
      if (lane.followedTo < row) passOver(this.state, lane, row)
      book.bars = lane.barAt(row) - track.firstBar
      this.look(lane, row)
      completeBar(state, book)
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
  private markOthers(slot: number): void {
    const { state, held, venue } = this
    for (let at = 0; at < held.count; at++) {
      const lane = held.lanes[at] as Lane
      const { book, track } = lane
      if (this.isDue(lane)) continue
      const row = slot + track.shift
      if (this.hasFunding) venue.settleUpTo(lane, false)
      book.lastClose = track.close[row] as number
      state.marks[track.index] = track.worth[row] as number
    }
  }

  /** Puts a lane's completed bar in view. */
  private look(lane: Lane, row: number): void {
    const { book, track } = lane
    const { view } = book
    if (this.hasFunding) this.venue.settleUpTo(lane, false)
    if (this.fillsAtClose) lane.wasLeaving = book.exit.isActive
    if (this.delists) view.isLast = track.delistSlot === row - track.shift
    lane.look(row, this.trails)
    if (lane.features !== undefined) view.features = featureRow(lane.features, lane.barAt(row))
  }

  private fillAtClose(slot: number): void {
    const { due, venue, state } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      // What an earlier exit, or a stop in this bar, has left goes on at the next open.
      if (lane.book.exit.isActive && !lane.wasLeaving)
        venue.fillExitAtClose(lane, slot + lane.track.shift, true)
    }
    for (const lane of entering(due, this.dueCount)) venue.fillEntryAtClose(lane, slot + lane.track.shift)
    state.markedEquity = state.equity()
  }

  /** At its last close an instrument leaves the venue: what is out ends, what is held is closed there. */
  private delist(slot: number): void {
    const { state, due, venue } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.track.delistSlot !== slot) continue
      const { book } = lane
      if (book.entry.isActive) {
        endOrder(state, book, book.entry, 'expired')
        if (book.entry.filledQuantity === 0)
          state.observer?.blocked(book.instrument, state.now, 'delisted', false)
      }
      endOrder(state, book, book.exit, 'cancelled')
      submitExit(state, book, 'delisted')
      venue.fillExitAtClose(lane, slot + lane.track.shift, false)
      refreshLevels(book)
    }
    state.markedEquity = state.equity()
  }

  /** Lets a lane that no step has looked at come to a slot. */
  catchUp(lane: Lane, slot: number): void {
    const row = Math.min(slot + lane.track.shift, lane.track.close.length)
    if (lane.followedTo >= row) return
    passOver(this.state, lane, row)
    lane.followedTo = row
  }
}

function featureRow(
  features: Readonly<Record<string, { at(bar: number): number }>>,
  bar: number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(features).map(([name, reader]) => [name, reader.at(bar)]))
}
