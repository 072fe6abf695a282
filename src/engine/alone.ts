import { closeBar } from '../trading/close-of-bar.js'
import { rollDay } from '../trading/day.js'
import type { TradingState } from '../trading/state.js'
import { passOver } from './follow.js'
import type { HeldPositions } from './held.js'
import type { Lane } from './lane.js'
import { refuseMissingFunding } from './missing-funding.js'
import type { Market, MarkKeeper } from './simulation.js'
import type { AccountSkip } from './skip-account.js'
import { nextEntry, nextOfOrders, type Skipping } from './skip-lane.js'
import { openAt } from './timeline.js'
import type { SimulatedVenue } from './venue.js'

/**
 * The way of a trial that trades plainly. An instant has the stepper's parts in the stepper's order, and each calls what the stepper calls; but nothing is
 * looped over, and a bar is left as soon as nothing of it is left to happen: the rest of it is as quiet as any other bar. That both say the
 * same is tested.
 */
export class Alone implements Skipping {
  readonly market: Market
  readonly state: TradingState
  private readonly lane: Lane
  private readonly venue: SimulatedVenue
  private readonly held: HeldPositions
  private readonly account: AccountSkip
  private readonly keeper: MarkKeeper
  private readonly hasFunding: boolean
  private readonly refusesMissingRates: boolean
  private readonly limitsLoss: boolean
  private readonly marksOpens: boolean
  private readonly trails: boolean
  /** Signals that come to nothing are counted, on the days of a halt too. */
  private readonly countsSignals: boolean

  constructor(
    market: Market,
    state: TradingState,
    lane: Lane,
    venue: SimulatedVenue,
    held: HeldPositions,
    account: AccountSkip,
    keeper: MarkKeeper,
  ) {
    const { risk, policies } = state.config
    this.market = market
    this.state = state
    this.lane = lane
    this.venue = venue
    this.held = held
    this.account = account
    this.keeper = keeper
    this.hasFunding = lane.track.settlements !== undefined
    this.refusesMissingRates = this.hasFunding && policies.missingFunding === 'fail'
    this.limitsLoss = risk.dailyLossLimit > 0
    this.marksOpens = this.hasFunding || policies.sizeAt === 'fill'
    this.trails = risk.trailing.kind !== 'none'
    this.countsSignals = state.observer !== undefined
  }

  /** Passes over the slots `[from, to)`; answers on how many of them something could happen. */
  advance(from: number, to: number): number {
    const { state, lane, venue, keeper, countsSignals } = this
    const { timeline } = this.market
    const { timeframeMs } = timeline
    const { book, track } = lane
    const { entry, exit, position } = book
    const { shift } = track
    // A loss that was just taken is measured against the day's limit at the bar's own close.
    const leavesFlat = !this.limitsLoss
    let steps = 0
    let slot = from
    let isOpened = false
    while (slot < to) {
      let row = slot + shift
      if (!entry.isActive && !exit.isActive) {
        const next =
          position.quantity !== 0
            ? nextOfOrders(this, lane, row, to + shift)
            : state.halted && !countsSignals
              ? nextEntry(lane, row, to + shift, this.endOfHalt(slot, to) + shift)
              : nextEntry(lane, row, to + shift)
        if (next > row) {
          const reached = this.pass(slot, next - shift)
          if (reached >= to) break
          if (reached > slot) isOpened = false
          slot = reached
          row = slot + shift
        }
      }
      const now = openAt(timeline, slot)
      if (!isOpened) {
        isOpened = true
        steps++
        if (this.open(slot, row, now) && !entry.isActive && !exit.isActive)
          if (position.quantity !== 0 || (leavesFlat && this.mayLeave(row))) continue
      }
      state.now = now + timeframeMs
      if (position.quantity !== 0) {
        const { floor, ceiling } = book
        if ((track.low[row] as number) <= floor || (track.high[row] as number) >= ceiling) {
          venue.protectInside(lane, row)
          if (leavesFlat && position.quantity === 0 && !exit.isActive && this.mayLeave(row)) continue
        }
      }
      if (this.hasFunding) venue.settleUpTo(lane, false)
      lane.look(row, this.trails)
      if (this.refusesMissingRates && book.missingFunding !== 0) refuseMissingFunding(state)
      if (keeper.watchesBars) keeper.beforeClose(slot)
      closeBar(state, book)
      keeper.markSlot(slot)
      slot++
      isOpened = false
    }
    return steps
  }

  /** Whether the rest of a bar on which all that was held has left is as quiet as other bars: a short entry behind a protective fill is counted otherwise than there. */
  private mayLeave(row: number): boolean {
    const { lane } = this
    const { protectiveFillBar, bars } = lane.book
    return !lane.countsShorts || protectiveFillBar !== bars || !lane.enterShort.holds(row)
  }

  /** Passes over quiet slots; answers where the day's loss stops that. */
  private pass(from: number, to: number): number {
    let end = to
    if (this.limitsLoss) {
      this.held.refresh()
      end = this.account.skip(from, to)
    }
    if (end > from) this.keeper.markQuietAlone(from, end, this.lane)
    return end
  }

  /** First slot of `[slot, to)` at whose close an account that is halted, and flat, may enter again; `to` where none is. */
  private endOfHalt(slot: number, to: number): number {
    const { timeline } = this.market
    // The day of the halt ends with this bar, inside it, or has ended in a gap before it.
    if (openAt(timeline, slot) + timeline.timeframeMs >= this.state.nextMidnight) return slot
    return Math.min(this.account.nextEdge(slot), to)
  }

  /** The open, with what fills at it; answers whether an order had been waiting for it. */
  private open(slot: number, row: number, now: number): boolean {
    const { state, lane, venue } = this
    const { book, track } = lane
    state.now = now
    if (this.limitsLoss && now >= state.nextMidnight) rollDay(state)
    if (lane.followedTo < row) passOver(state, lane, row)
    lane.followedTo = row
    book.bars = row - track.firstBar
    if (this.marksOpens && slot > track.firstSlot) {
      book.lastClose = track.close[row - 1] as number
      state.marks[0] = track.worth[row - 1] as number
    }
    if (this.hasFunding) venue.settleAtOpen(lane, row)
    const waited = book.exit.isActive || book.entry.isActive
    if (waited) {
      if (book.exit.isActive) venue.fillExitAtOpen(lane, row)
      if (book.entry.isActive) venue.fillEntryAtOpen(lane, row)
    }
    if (book.position.quantity !== 0) {
      const open = track.open[row] as number
      if (open <= book.floor || open >= book.ceiling) venue.protectAtOpen(lane, row)
    }
    if (this.hasFunding) venue.settleUpTo(lane, true)
    return waited
  }
}
