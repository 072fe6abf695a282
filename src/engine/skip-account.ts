import { isDailyLoss, passMidnight, rollDay, type AccountDay } from '../trading/day.js'
import { openAt, type Timeline } from './timeline.js'

/** Slack that keeps a bound on the safe side of one rounding more than it has. */
const SAFE = 1 + 1e-12

/** What is held while nothing is traded. */
export interface Holdings {
  /** Positions that are open. */
  readonly count: number
  readonly cash: number
  equityAt(slot: number): number
  /** First slot of `[from, end)` that is not known, from the extremes of blocks, to be worth more than `low`. */
  passAbove(from: number, end: number, low: number): number
}

/** Passes the account over slots on which no lane has anything to do: its days, and the day on which it loses too much. */
export class AccountSkip {
  private readonly state: AccountDay
  private readonly timeline: Timeline
  private readonly held: Holdings
  private limit: number
  private edge: number = 0

  constructor(state: AccountDay, limit: number, timeline: Timeline, held: Holdings) {
    this.state = state
    this.limit = limit
    this.timeline = timeline
    this.held = held
  }

  /** Starts over, with a limit for the loss of a day. */
  begin(limit: number): void {
    this.limit = limit
    this.edge = 0
  }

  /** Passes over `[from, to)`; answers the first slot at which the day's loss is above the limit, `to` where there is none. */
  skip(from: number, to: number): number {
    const { limit } = this
    if (limit === 0) return to
    this.beginDay(from)
    const end = this.held.count > 0 ? this.passDays(from, to, limit) : this.passFlatDays(from, to, limit)
    if (end > from) this.state.markedEquity = this.held.equityAt(end - 1)
    return end
  }

  /** The slot with which the day of this one ends. */
  nextEdge(slot: number): number {
    const { edgeSlots } = this.timeline
    while ((edgeSlots[this.edge] as number) < slot) this.edge++
    return edgeSlots[this.edge] as number
  }

  /** Midnights that came after the last mark, before the close of this slot, begin their days now. */
  private beginDay(slot: number): void {
    const { state, timeline } = this
    const open = openAt(timeline, slot)
    const close = open + timeline.timeframeMs
    if (open >= state.nextMidnight) {
      state.now = open
      rollDay(state)
    }
    if (close > state.nextMidnight) {
      state.now = close
      passMidnight(state)
    }
  }

  private passDays(from: number, to: number, limit: number): number {
    const { state } = this
    let slot = from
    while (slot < to) {
      const edgeSlot = this.nextEdge(slot)
      const end = edgeSlot < to ? edgeSlot + 1 : to
      if (!state.halted) {
        const loss = this.firstLoss(slot, end, limit)
        if (loss < end) return loss
      }
      if (edgeSlot < to) this.rollAt(edgeSlot, to)
      slot = end
    }
    return to
  }

  /** Flat, the account loses nothing more; but what fills at a close costs after that close was judged, and the next one sees it. */
  private passFlatDays(from: number, to: number, limit: number): number {
    const { state, held } = this
    if (!state.halted && isDailyLoss(state.dayStartEquity, held.cash, limit)) return from
    const { edgeSlots } = this.timeline
    this.nextEdge(from)
    while ((edgeSlots[this.edge] as number) < to) {
      this.rollAt(edgeSlots[this.edge] as number, to)
      this.edge++
    }
    return to
  }

  /** A day ends with the close of this slot. Where its midnight is still to come, a later step begins the next one. */
  private rollAt(slot: number, to: number): void {
    const { state } = this
    const { openTime, timeframeMs } = this.timeline
    const closeTime = (openTime[slot] as number) + timeframeMs
    state.markedEquity = this.held.equityAt(slot)
    if (closeTime >= state.nextMidnight) {
      state.now = closeTime
      rollDay(state)
    }
    if (slot + 1 < to) this.beginDay(slot + 1)
  }

  private firstLoss(from: number, to: number, limit: number): number {
    const { held } = this
    const { dayStartEquity } = this.state
    const safe = dayStartEquity > 0 ? dayStartEquity * (1 - limit) * SAFE : Number.POSITIVE_INFINITY
    let slot = held.passAbove(from, to, safe)
    while (slot < to) {
      const end = Math.min((slot | 15) + 1, to)
      for (; slot < end; slot++) {
        const equity = held.equityAt(slot)
        if (!(equity > safe) && isDailyLoss(dayStartEquity, equity, limit)) return slot
      }
      slot = held.passAbove(slot, to, safe)
    }
    return to
  }
}
