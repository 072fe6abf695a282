import type { ColumnReader } from '../core/signal-tile.js'
import { RUNS_END } from '../core/signals.js'
import type { TradingState } from '../trading/state.js'
import type { Lane } from './lane.js'
import type { RunCursor } from './run-cursor.js'
import type { Signals } from './signals.js'
import { slotAt, NO_SLOT, type Timeline } from './timeline.js'
import { firstTouch, firstTouchTrailing } from './touch.js'
import { barAt, type Track } from './track.js'

/** What skipping needs to know of a trial. */
export interface Skipping {
  readonly state: TradingState
  readonly market: { readonly timeline: Timeline }
}

/**
 * First slot of `[slot, end)` at which a step could do something to this lane but follow and mark it; `end` where there is none. Too
 * early an answer costs time, too late a one would be wrong.
 */
export function nextEvent(trial: Skipping, lane: Lane, slot: number, end: number): number {
  const { track } = lane
  if (slot > track.lastSlot) return end
  if (slot < track.firstSlot) slot = track.firstSlot
  if (slot >= end) return end
  const { shift } = track
  const last = Math.min(end, track.lastSlot + 1) + shift
  const row = firstEventRow(trial, lane, slot + shift, last)
  if (row >= last) return end
  return track.slotOfBar === undefined ? row - shift : slotWithBar(lane, row)
}

/** A row on which the instrument has no bar waits for the next one that has. */
function slotWithBar({ track: { barOfRow, slotOfBar, firstBar } }: Lane, row: number): number {
  if (barOfRow === undefined || slotOfBar === undefined) return row
  const at = (barOfRow[row] as number) - firstBar
  return slotOfBar[at] === row ? row : (slotOfBar[at + 1] ?? NO_SLOT)
}

function firstEventRow(trial: Skipping, lane: Lane, row: number, end: number): number {
  const { state } = trial
  const { entry, exit, position } = lane.book
  if (state.config.decide !== undefined || exit.isActive) return row
  if (entry.isActive && (entry.kind === 'market' || position.quantity !== 0 || state.halted)) return row
  if (position.quantity === 0 && !entry.isActive) return nextEntry(lane, row, end)
  return nextOfOrders(trial, lane, row, end)
}

/**
 * First row of `[notBefore, end)` on which an entry condition holds and the side is, or has been by then, armed, for a lane that is flat and
 * stands at `row`; `end` for none.
 */
export function nextEntry(lane: Lane, row: number, end: number, notBefore: number = row): number {
  const { book, track, ignoresArms, seesShorts } = lane
  const { longArmed, shortArmed, heldPlan } = book
  const long = ignoresArms || longArmed
  const short = ignoresArms || shortArmed
  return firstEntry(lane, track, heldPlan, long, short, seesShorts, row, end, notBefore)
}

/** What the entry of the last trade froze. */
interface LastEntry {
  readonly rearmKey: number
}

/** The same, told which sides need not wait to be armed and whether shorts count. */
export function firstEntry(
  signals: Signals,
  track: Track,
  last: LastEntry,
  longArmed: boolean,
  shortArmed: boolean,
  seesShorts: boolean,
  row: number,
  end: number,
  notBefore: number,
): number {
  const { enterLong, enterShort } = signals
  const long = longArmed
    ? enterLong.next(notBefore)
    : nextRearmed(signals, track, last, enterLong, signals.longOff, row, end, notBefore)
  const next = long < end ? long : end
  if (!seesShorts) return next
  const short = shortArmed
    ? enterShort.next(notBefore)
    : nextRearmed(signals, track, last, enterShort, signals.shortOff, row, end, notBefore)
  return short < next ? short : next
}

/** First row of `[row, end)` that may end the position that is held, or fill or end the entry that rests; `end` where none does. */
export function nextOfOrders(trial: Skipping, lane: Lane, row: number, end: number): number {
  const { state } = trial
  const { book, track } = lane
  const { entry } = book
  const { quantity } = book.position
  if (quantity !== 0 && state.halted && state.config.risk.onDailyLoss === 'flatten') return row
  const isLong = quantity !== 0 ? quantity > 0 : entry.side > 0
  let next = end
  const exits = (isLong ? lane.exitLong : lane.exitShort).next(row)
  if (exits < next) next = exits
  const turns = (isLong ? lane.enterShort : lane.enterLong).next(row)
  if (turns < next) next = turns
  if (next <= row) return row
  if (track.delistSlot !== NO_SLOT) next = Math.min(next, track.delistSlot + track.shift)
  if (entry.isActive) next = Math.min(next, expiryRow(trial, lane))
  if (book.nextTermsTime < Infinity) next = Math.min(next, Math.max(row, termsRow(trial, lane)))
  if (quantity !== 0) next = nextTimedExit(state, lane, row, next)
  return next <= row ? row : nextTouch(state, lane, row, next)
}

function nextRearmed(
  { rearmKey }: Signals,
  track: Track,
  last: LastEntry,
  enters: RunCursor,
  off: RunCursor,
  row: number,
  end: number,
  notBefore: number,
): number {
  // The bar that arms a side is none that enters on it.
  const armedFrom = off.peek(row)
  let next = armedFrom < end ? enters.peek(armedFrom < notBefore ? notBefore : armedFrom) : RUNS_END
  if (rearmKey === undefined) return next
  const heldKey = last.rearmKey
  let at = enters.peek(notBefore)
  while (at < next && at < end) {
    const newer = firstAbove(rearmKey, barAt(track, at), barAt(track, end - 1) + 1, heldKey)
    const newerRow = rowOfBar(track, newer)
    if (newerRow >= end) break
    const entered = enters.peek(newerRow)
    if (entered === newerRow || rearmKey.at(barAt(track, Math.min(entered, end - 1))) > heldKey) {
      next = Math.min(next, entered)
      break
    }
    at = entered
  }
  return next
}

function firstAbove(reader: ColumnReader, from: number, to: number, threshold: number): number {
  if (reader.firstAbove !== undefined) return reader.firstAbove(from, to, threshold)
  for (let bar = from; bar < to; bar++) if (reader.at(bar) > threshold) return bar
  return to
}

function rowOfBar({ slotOfBar, endBar, firstBar }: Track, bar: number): number {
  if (slotOfBar === undefined) return bar
  return bar >= endBar ? NO_SLOT : (slotOfBar[Math.max(0, bar - firstBar)] as number)
}

/** Row at whose close, or open, a resting entry's life is over. */
function expiryRow({ state, market }: Skipping, { book, track }: Lane): number {
  const { expiresAt } = book.entry
  if (expiresAt === Infinity) return NO_SLOT
  return slotAt(market.timeline.openTime, expiresAt - state.config.timeframeMs) + track.shift
}

/** Row by whose close other terms hold: levels that follow, and what a resting order ties up, are reckoned by them from there on. */
function termsRow({ state, market }: Skipping, { book, track }: Lane): number {
  return slotAt(market.timeline.openTime, book.nextTermsTime - state.config.timeframeMs) + track.shift
}

/** Time exits, and stretches without a usable signal where those may end a position. */
function nextTimedExit(state: TradingState, lane: Lane, row: number, end: number): number {
  const { risk } = state.config
  const { book, track } = lane
  let next = end
  if (risk.timeExitBars > 0) {
    const bar = book.trade.entryBar + risk.timeExitBars
    const deadline = track.slotOfBar === undefined ? track.firstBar + bar : (track.slotOfBar[bar] ?? NO_SLOT)
    next = Math.min(next, Math.max(row, deadline))
  }
  if (risk.flattenAfterStaleHours > 0) next = Math.min(next, lane.usable.nextWithout(row))
  return next
}

/** First row of `[row, end)` that may touch a level, the stop's as it follows included. */
function nextTouch(state: TradingState, lane: Lane, row: number, end: number): number {
  const { book, track } = lane
  const { trailing } = state.config.risk
  const { floor, ceiling } = book
  let next = end
  lane.ahead.row = -1
  const trails = trailing.kind !== 'none' && book.position.quantity !== 0
  if (trails && book.stop.isActive) next = firstTouchTrailing(lane, trailing, row, next)
  else if (floor !== -Infinity || ceiling !== Infinity || trails) {
    // A trailing stop that waits for its activation starts to work at a price of its own, or once the range is known.
    const { entryPrice, side, best } = book.trade
    const start = trails
      ? entryPrice * (1 + side * trailing.activation)
      : side > 0
        ? Number.POSITIVE_INFINITY
        : -Infinity
    if (trails && (side > 0 ? best >= start : best <= start)) return row
    const low = trails && side < 0 ? Math.max(floor, start) : floor
    const high = trails && side > 0 ? Math.min(ceiling, start) : ceiling
    next = firstTouch(track, row, next, low, high)
  }
  if (track.mark !== undefined && book.liquidationPrice === book.liquidationPrice)
    next = firstLiquidation(lane, row, next)
  return next
}

function firstLiquidation({ book, track }: Lane, row: number, end: number): number {
  const { mark } = track
  if (mark === undefined) return end
  const { liquidationPrice } = book
  const isLong = book.position.quantity > 0
  for (let at = row; at < end; at++)
    if (isLong ? (mark.low[at] as number) <= liquidationPrice : (mark.high[at] as number) >= liquidationPrice)
      return at
  return end
}
