import { DAY_MS } from '../core/time.js'

/** What an account remembers of the UTC day it is in. */
export interface AccountDay {
  /** The instant that is being dealt with, UTC ms. */
  now: number
  /** Equity at the last close. */
  markedEquity: number
  /** Equity at the last mark at or before the last 00:00 UTC. */
  dayStartEquity: number
  /** The next 00:00 UTC after the last event. */
  nextMidnight: number
  /** The daily loss limit was passed: no new entries until the next UTC day. */
  halted: boolean
}

/** Begins a new UTC day: its loss is measured from the last mark at or before 00:00, and a halt ends. */
export function rollDay(state: AccountDay): void {
  state.dayStartEquity = state.markedEquity
  state.nextMidnight = (Math.floor(state.now / DAY_MS) + 1) * DAY_MS
  state.halted = false
}

/**
 * A midnight has passed inside the bar that closes now: its day begins with what was marked before. Where the close is a midnight too, that
 * one is still to come.
 */
export function passMidnight(state: AccountDay): void {
  rollDay(state)
  if (state.now % DAY_MS === 0) state.nextMidnight = state.now
}

/** Whether a loss since the start of the day, unrealised included, is strictly above the limit. Monotone in `equity`. */
export function isDailyLoss(dayStartEquity: number, equity: number, limit: number): boolean {
  return (dayStartEquity - equity) / dayStartEquity > limit
}

/** Halts entries for the day once its loss is above the limit. */
export function checkDailyLoss(state: AccountDay, limit: number): void {
  if (limit === 0 || state.halted) return
  if (isDailyLoss(state.dayStartEquity, state.markedEquity, limit)) state.halted = true
}
