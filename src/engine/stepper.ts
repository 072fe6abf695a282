import { DataError } from '../core/errors.js'
import { ENTER_LONG, ENTER_SHORT } from '../core/signals.js'
import { formatUtc } from '../core/time.js'
import { closeBar, completeBar, decideBars, markBars } from '../trading/close-of-bar.js'
import { rollDay } from '../trading/day.js'
import { submitExit } from '../trading/exits.js'
import { endOrder, refreshLevels } from '../trading/orders.js'
import type { Book, TradingState } from '../trading/state.js'
import { followExtremes } from './follow.js'
import type { Lane } from './lane.js'
import type { Market, MarkKeeper } from './simulation.js'
import type { SimulatedVenue } from './venue.js'

const ENTRIES = ENTER_LONG | ENTER_SHORT

/**
 * One instant of a replay: funding → exits → entries → inside the bar → mark → daily loss → signals (execution rule 2), for the lanes
 * that are due. The only place where the order of these is written down.
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
  private readonly venue: SimulatedVenue
  private readonly keeper: MarkKeeper
  // What a run has none of is not asked about at every step.
  private readonly hasFunding: boolean
  private readonly refusesMissingRates: boolean
  readonly restsEntries: boolean
  /** Once everything that was out is done with, the rest of a bar is as quiet as any other: it need not be stepped on. */
  readonly restsInsideBars: boolean
  private readonly fillsAtClose: boolean
  private readonly delists: boolean
  /** A trailing stop reads highs and lows. */
  private readonly trails: boolean
  /** Something besides the arms of a side is left behind by rows that are passed over. */
  private readonly followsRows: boolean
  /** Equity is asked for between the closes. */
  private readonly marksOpens: boolean

  constructor(
    market: Market,
    state: TradingState,
    lanes: readonly Lane[],
    venue: SimulatedVenue,
    keeper: MarkKeeper,
  ) {
    const { policies, risk } = state.config
    this.openTime = market.timeline.openTime
    this.timeframeMs = market.timeline.timeframeMs
    this.state = state
    this.lanes = lanes
    this.venue = venue
    this.keeper = keeper
    this.due = [...lanes]
    this.dueBooks = lanes.map(({ book }) => book)
    this.hasFunding = market.tracks.some(({ settlements }) => settlements !== undefined)
    this.refusesMissingRates = this.hasFunding && policies.missingFunding === 'fail'
    this.restsEntries = risk.entry.kind !== 'market' || market.costs.participation !== undefined
    this.fillsAtClose = policies.fillAt === 'same-close'
    this.delists = market.tracks.some(({ data }) => data.instrument.delistedAt !== undefined)
    this.trails = risk.trailing.kind !== 'none'
    this.followsRows = this.trails || state.observer !== undefined || risk.flattenAfterStaleHours > 0
    this.restsInsideBars =
      state.observer === undefined &&
      !keeper.watchesBars &&
      state.config.decide === undefined &&
      !this.restsEntries &&
      !this.fillsAtClose &&
      !this.delists
    this.marksOpens = this.hasFunding || policies.sizeAt === 'fill'
  }

  step(slot: number): void {
    const { state, openTime, timeframeMs, due, venue, dueCount, hasFunding } = this
    const now = openTime[slot] as number
    state.now = now
    if (now >= state.nextMidnight) rollDay(state)
    this.syncLanes(slot)
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      if (lane.book.exit.isActive) venue.fillExitAtOpen(lane, slot + lane.track.shift)
    }
    this.fillEntriesAtOpen(slot)
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      const row = slot + lane.track.shift
      if (mayFill(lane, row, lane.track.open, lane.track.open)) venue.protectAtOpen(lane, row)
    }
    if (hasFunding) for (let at = 0; at < dueCount; at++) venue.settleUpTo(due[at] as Lane, true)

    state.now = now + timeframeMs
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      const row = slot + lane.track.shift
      if (mayFill(lane, row, lane.track.low, lane.track.high)) venue.protectInside(lane, row)
    }
    if (this.restsEntries) this.fillEntriesInside(slot)
    this.close(slot)
    this.keeper.markSlot(slot)
  }

  /**
   * The same instant where one instrument is traded alone, in its three parts: the same order of things with nothing to loop over, which a
   * sweep spends most of its time on. That both say the same is tested. This is the open, with what fills at it.
   */
  openAlone(lane: Lane, slot: number, isOut: boolean): void {
    const { state, venue } = this
    const { book, track } = lane
    const row = slot + track.shift
    const now = this.openTime[slot] as number
    state.now = now
    if (now >= state.nextMidnight) rollDay(state)
    this.syncLane(lane, slot, row)
    if (isOut) {
      if (book.exit.isActive) venue.fillExitAtOpen(lane, row)
      if (book.entry.isActive) venue.fillEntryAtOpen(lane, row)
    }
    if (book.position.quantity !== 0) {
      const open = track.open[row] as number
      if (open <= book.floor || open >= book.ceiling || track.mark !== undefined)
        venue.protectAtOpen(lane, row)
    }
    if (this.hasFunding) venue.settleUpTo(lane, true)
  }

  /** What the bar does after its open. */
  insideAlone(lane: Lane, slot: number): void {
    const { state, venue } = this
    const { book, track } = lane
    const row = slot + track.shift
    state.now = (this.openTime[slot] as number) + this.timeframeMs
    if (book.position.quantity !== 0) {
      const isTouched =
        (track.low[row] as number) <= book.floor || (track.high[row] as number) >= book.ceiling
      if (isTouched || track.mark !== undefined) venue.protectInside(lane, row)
    }
    if (this.restsEntries && book.entry.isActive) venue.fillEntryInside(lane, row)
  }

  /** The close, and what is decided at it. */
  closeAlone(lane: Lane, slot: number): void {
    const { state } = this
    const row = slot + lane.track.shift
    state.now = (this.openTime[slot] as number) + this.timeframeMs
    lane.followedTo = row + 1
    this.look(lane, row)
    if (this.refusesMissingRates) this.refuseMissingFunding()
    if (this.keeper.watchesBars) this.keeper.beforeClose(slot)
    closeBar(state, lane.book)
    if (this.fillsAtClose || this.delists) this.endAlone(lane, slot)
    this.keeper.markSlot(slot)
  }

  private endAlone(lane: Lane, slot: number): void {
    this.due[0] = lane
    this.dueCount = 1
    if (this.fillsAtClose) this.fillAtClose(slot)
    if (this.delists) this.delist(slot)
  }

  /** Brings every lane that matters at this slot from where it was last looked at to the slot's open. */
  private syncLanes(slot: number): void {
    const { lanes, due, dueCount, hasFunding } = this
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      this.syncLane(lane, slot, slot + lane.track.shift)
    }
    if (lanes.length === dueCount) return
    for (let index = 0; index < lanes.length; index++) {
      const lane = lanes[index] as Lane
      const { track, book } = lane
      if (book.position.quantity === 0 || this.isDue(lane)) continue
      const row = slot + track.shift
      if (this.marksOpens) this.markOpen(lane, row)
      if (hasFunding) this.settleQuietly(lane, row)
    }
  }

  private syncLane(lane: Lane, slot: number, row: number): void {
    const { book, track } = lane
    if (lane.followedTo < row) this.passOver(lane, row)
    lane.followedTo = row
    book.bars = (track.barOfRow === undefined ? row : (track.barOfRow[row] as number)) - track.firstBar
    if (this.marksOpens && slot > track.firstSlot) this.markOpen(lane, row)
    if (this.state.now >= book.nextTermsTime) book.advanceTerms(this.state.now)
    if (this.hasFunding) this.settleAtOpen(lane, row)
  }

  /** Until this row closes the lane is worth what the row before it closed at. */
  private markOpen({ book, track }: Lane, row: number): void {
    book.lastClose = track.close[row - 1] as number
    this.state.marks[track.index] = track.worth[row - 1] as number
  }

  /** Settlements up to this open, save one at it that a fill at it takes part in. */
  private settleAtOpen(lane: Lane, row: number): void {
    const { venue, state } = this
    const { settledAtClose, settlements, firstSlot, shift } = lane.track
    if (settlements === undefined) return
    if (settledAtClose !== undefined && row > firstSlot + shift)
      venue.settle(lane, settledAtClose[row - 1] as number)
    venue.settleUpTo(lane, false)
    const isFirst = state.config.policies.fundingAtFill === 'held-before'
    if (isFirst || !venue.settlementWaits(lane, row)) venue.settleUpTo(lane, true)
  }

  private settleQuietly(lane: Lane, row: number): void {
    const { settledAtClose } = lane.track
    if (settledAtClose !== undefined) this.venue.settle(lane, settledAtClose[row - 1] as number)
    this.venue.settleUpTo(lane, true)
  }

  /** Entries that fill at the open's instant, in the order of their decisions and, within one, of their rank. */
  private fillEntriesAtOpen(slot: number): void {
    const { venue } = this
    const only = this.onlyEntering()
    if (only === undefined) return
    if (only !== 'several') return venue.fillEntryAtOpen(only, slot + only.track.shift)
    for (const lane of this.entering()) venue.fillEntryAtOpen(lane, slot + lane.track.shift)
  }

  private fillEntriesInside(slot: number): void {
    const { venue } = this
    const only = this.onlyEntering()
    if (only === undefined) return
    if (only !== 'several') return venue.fillEntryInside(only, slot + only.track.shift)
    for (const lane of this.entering()) venue.fillEntryInside(lane, slot + lane.track.shift)
  }

  /** The one lane that is due with an entry out; undefined where there is none. */
  private onlyEntering(): Lane | 'several' | undefined {
    const { due, dueCount } = this
    let only: Lane | undefined
    for (let at = 0; at < dueCount; at++) {
      const lane = due[at] as Lane
      if (!lane.book.entry.isActive) continue
      if (only !== undefined) return 'several'
      only = lane
    }
    return only
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

  private close(slot: number): void {
    const { state, lanes, due, dueBooks } = this
    for (let at = 0; at < this.dueCount; at++) {
      const lane = due[at] as Lane
      const row = slot + lane.track.shift
      lane.followedTo = row + 1
      this.look(lane, row)
      dueBooks[at] = lane.book
    }
    if (lanes.length !== this.dueCount) this.markOthers(slot)
    if (this.refusesMissingRates) this.refuseMissingFunding()
    if (this.keeper.watchesBars) this.keeper.beforeClose(slot)
    const wasHalted = state.halted
    markBars(state, dueBooks, this.dueCount)
    if (state.halted && !wasHalted && this.dueCount !== lanes.length) this.callEverybody(slot)
    decideBars(state, dueBooks, this.dueCount)
    if (this.fillsAtClose) this.fillAtClose(slot)
    if (this.delists) this.delist(slot)
  }

  /** The day's loss concerns every position and every order that rests: lanes that were not due are, after all. */
  private callEverybody(slot: number): void {
    const { state, lanes, due, dueBooks } = this
    let count = this.dueCount
    for (const lane of lanes) {
      const { book, track } = lane
      const row = slot + track.shift
      if (this.isDue(lane) || !lane.hasBar(row)) continue
      if (lane.followedTo < row) this.passOver(lane, row)
      lane.followedTo = row + 1
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
    const { state, lanes, venue } = this
    for (let index = 0; index < lanes.length; index++) {
      const lane = lanes[index] as Lane
      const { book, track } = lane
      if (book.position.quantity === 0 || this.isDue(lane)) continue
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
    const bits = lane.bitsAt(row)
    if (this.fillsAtClose) lane.wasLeaving = book.exit.isActive
    if (this.delists) view.isLast = track.delistSlot === row - track.shift
    view.usable = lane.usable.holds(row)
    view.bits = bits
    view.close = track.close[row] as number
    if (this.trails) {
      view.high = track.high[row] as number
      view.low = track.low[row] as number
    }
    if (lane.atr !== undefined) view.atr = lane.atr.at(lane.barAt(row))
    if ((bits & ENTRIES) !== 0 && lane.hasReaders) lane.readSignal(row)
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
    for (const lane of this.entering()) venue.fillEntryAtClose(lane, slot + lane.track.shift)
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

  /** Ends the run where a position was held over a settlement that nobody recorded. */
  refuseMissingFunding(): void {
    for (const { book, track } of this.lanes) {
      if (book.missingFunding === 0) continue
      throw new DataError(
        `${track.data.instrument.id} was held over a funding settlement whose rate was not recorded; import it, shorten the run, or set the policy missingFunding=flag`,
        { field: 'rate', value: formatUtc(book.missingFundingTime), unit: 'UTC' },
      )
    }
  }

  /** Lets a lane that no step has looked at come to a slot. */
  catchUp(lane: Lane, slot: number): void {
    const row = Math.min(slot + lane.track.shift, lane.track.close.length)
    if (lane.followedTo >= row) return
    this.passOver(lane, row)
    lane.followedTo = row
  }

  /** What the rows before `row` that no step looked at leave behind in a lane. */
  private passOver(lane: Lane, row: number): void {
    const { book, followedTo } = lane
    if (this.followsRows) this.followRows(lane, row)
    if (!book.longArmed) book.longArmed = lane.longOff.meets(lane.usable, followedTo, row)
    if (!book.shortArmed) book.shortArmed = lane.shortOff.meets(lane.usable, followedTo, row)
  }

  private followRows(lane: Lane, row: number): void {
    const { book, followedTo } = lane
    if (this.trails) followExtremes(this.state, lane, row)
    if (this.state.observer !== undefined)
      lane.signalsInPosition += lane.countSignalsInPosition(followedTo, row)
    if (this.state.config.risk.flattenAfterStaleHours > 0) {
      const usable = lane.usable.last(followedTo, row)
      if (usable >= 0) book.lastUsableTime = lane.openTime(usable) + this.timeframeMs
    }
  }
}

/** Whether prices between these two of a row's could fill anything that protects the lane's position. */
function mayFill({ book, track }: Lane, row: number, lows: Float64Array, highs: Float64Array): boolean {
  if (book.position.quantity === 0) return false
  return (
    (lows[row] as number) <= book.floor || (highs[row] as number) >= book.ceiling || track.mark !== undefined
  )
}

function featureRow(
  features: Readonly<Record<string, { at(bar: number): number }>>,
  bar: number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(features).map(([name, reader]) => [name, reader.at(bar)]))
}
