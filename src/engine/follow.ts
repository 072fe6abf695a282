import { ratchet } from '../trading/protection.js'
import type { TradingState } from '../trading/state.js'
import { highestWithin, lowestWithin } from './blocks.js'
import type { Lane } from './lane.js'

/** What the rows before `row` that no step looked at leave behind in a lane. O(runs and blocks of rows). */
export function passOver(state: TradingState, lane: Lane, row: number): void {
  const { book, followedTo } = lane
  if (lane.followsRows) followRows(state, lane, row)
  if (!book.longArmed) book.longArmed = lane.longOff.meets(lane.usable, followedTo, row)
  if (!book.shortArmed) book.shortArmed = lane.shortOff.meets(lane.usable, followedTo, row)
  // Last, since it moves on in what the others ask about from the first of the rows.
  if (state.observer !== undefined) lane.countSignals(row)
}

function followRows(state: TradingState, lane: Lane, row: number): void {
  const { book, followedTo } = lane
  const { trailing, flattenAfterStaleHours } = state.config.risk
  if (trailing.kind !== 'none') followExtremes(state, lane, row)
  if (flattenAfterStaleHours > 0) {
    const usable = lane.usable.last(followedTo, row)
    if (usable >= 0) book.lastUsableTime = lane.openTime(usable) + state.config.timeframeMs
  }
}

/**
 * Lets the trailing stop of a lane follow the rows that were passed over, up to `toRow`. None of them touched it, nor made it start
 * to work (both are events), so only the level moves.
 */
function followExtremes(state: TradingState, lane: Lane, toRow: number): void {
  const { trailing } = state.config.risk
  const { book, track, atr } = lane
  const { quantity } = book.position
  if (quantity === 0 || trailing.kind === 'none') return
  if (trailing.kind === 'percent') {
    let extreme = lane.ahead.best
    if (lane.ahead.row !== toRow)
      extreme =
        quantity > 0
          ? highestWithin(track.highs, lane.followedTo, toRow)
          : lowestWithin(track.lows, lane.followedTo, toRow)
    ratchet(state, book, extreme, NaN)
    return
  }
  const extremes = quantity > 0 ? track.high : track.low
  for (let row = lane.followedTo; row < toRow; row++) {
    if (!lane.hasBar(row)) continue
    ratchet(state, book, extremes[row] as number, atr?.at(lane.barAt(row)) ?? Number.NaN)
  }
}
