import { trailingPriceAt } from '../risk/levels.js'
import type { TrailingRule } from '../risk/settings.js'
import type { Book } from '../trading/state.js'
import type { Lane } from './lane.js'
import type { Track } from './track.js'

/**
 * A bar, or a block of bars told by its extremes, may fill something only where this holds. It is monotone in low and high: what it says no
 * to for a block it says no to for each of its bars.
 */
function touches(low: number, high: number, floor: number, ceiling: number): boolean {
  return low <= floor || high >= ceiling
}

/** First row of `[from, to)` that touches the floor or the ceiling, `to` where none does. O(rows / 4,096) where nothing is near. */
export function firstTouch(
  { lows, highs }: Track,
  from: number,
  to: number,
  floor: number,
  ceiling: number,
): number {
  const low = lows.rows
  const high = highs.rows
  const low16 = lows.by16
  const high16 = highs.by16
  const low256 = lows.by256
  const high256 = highs.by256
  const low4096 = lows.by4096
  const high4096 = highs.by4096
  let row = from
  // A block that reaches back before `from` and says no says it for the part that is asked about too.
  if (row < to && !touches(low256[row >> 8] as number, high256[row >> 8] as number, floor, ceiling))
    row = (row | 255) + 1
  while (row < to) {
    if ((row & 255) === 0) {
      if (
        (row & 4095) === 0 &&
        !touches(low4096[row >> 12] as number, high4096[row >> 12] as number, floor, ceiling)
      ) {
        row += 4096
        continue
      }
      if (!touches(low256[row >> 8] as number, high256[row >> 8] as number, floor, ceiling)) {
        row += 256
        continue
      }
    }
    const block = row >> 4
    if (!touches(low16[block] as number, high16[block] as number, floor, ceiling)) {
      row = (block + 1) << 4
      continue
    }
    const end = Math.min((block + 1) << 4, to)
    for (; row < end; row++) if (touches(low[row] as number, high[row] as number, floor, ceiling)) return row
  }
  return to
}

/**
 * The same under a trailing stop that is out: tested against the level of the rows before, then raised by the row (rule 9). A whole block
 * is passed if it would not even touch the level that it raises the stop to. Commits nothing: the account may stop the look-ahead.
 */
export function firstTouchTrailing(lane: Lane, trailing: TrailingRule, from: number, to: number): number {
  const { book, track } = lane
  return book.position.quantity > 0
    ? firstTouchUnderLong(lane, trailing, book, track, from, to)
    : firstTouchOverShort(lane, trailing, book, track, from, to)
}

function firstTouchUnderLong(
  lane: Lane,
  trailing: TrailingRule,
  { stop, trade, terms, floor: lowest, ceiling }: Book,
  { lows, highs }: Track,
  from: number,
  to: number,
): number {
  const { entryPrice } = trade
  const { tickSize } = terms
  const low = lows.rows
  const high = highs.rows
  const usesRange = trailing.kind === 'atr'
  let level = stop.price
  let floor = Math.max(lowest, level)
  let best = trade.best
  let row = from
  while (row < to) {
    if (!usesRange) {
      let size = (row & 255) === 0 && row + 256 <= to ? 256 : 16
      let blockHigh = (size === 256 ? highs.by256[row >> 8] : highs.by16[row >> 4]) as number
      let blockLow = (size === 256 ? lows.by256[row >> 8] : lows.by16[row >> 4]) as number
      let raised = blockHigh > best ? trailingPriceAt(trailing, blockHigh, entryPrice, 1, NaN, tickSize) : level
      if (size === 256 && touches(blockLow, blockHigh, raised > floor ? raised : floor, ceiling)) {
        size = 16
        blockHigh = highs.by16[row >> 4] as number
        blockLow = lows.by16[row >> 4] as number
        raised = blockHigh > best ? trailingPriceAt(trailing, blockHigh, entryPrice, 1, NaN, tickSize) : level
      }
      // A block that began before this row, or ends after the last, may hold a high that does not count: it raises nothing.
      const isWhole = (row & 15) === 0 && row + 16 <= to
      const counts = isWhole || !(blockHigh > best)
      if (counts && !touches(blockLow, blockHigh, raised > floor ? raised : floor, ceiling)) {
        if (blockHigh > best) {
          best = blockHigh
          if (raised > level) level = raised
          if (level > floor) floor = level
        }
        row = (row | (size - 1)) + 1
        continue
      }
    }
    const end = usesRange ? to : Math.min((row | 15) + 1, to)
    for (; row < end; row++) {
      const rowHigh = high[row] as number
      if (touches(low[row] as number, rowHigh, floor, ceiling)) return row
      if (rowHigh > best) best = rowHigh
      else if (!usesRange) continue
      const range = usesRange ? (lane.atr?.at(lane.barAt(row)) ?? NaN) : NaN
      const raised = trailingPriceAt(trailing, best, entryPrice, 1, range, tickSize)
      if (raised > level) {
        level = raised
        floor = Math.max(floor, level)
      }
    }
  }
  return to
}

function firstTouchOverShort(
  lane: Lane,
  trailing: TrailingRule,
  { stop, trade, terms, floor, ceiling: highest }: Book,
  { lows, highs }: Track,
  from: number,
  to: number,
): number {
  const { entryPrice } = trade
  const { tickSize } = terms
  const low = lows.rows
  const high = highs.rows
  const usesRange = trailing.kind === 'atr'
  let level = stop.price
  let ceiling = Math.min(highest, level)
  let best = trade.best
  let row = from
  while (row < to) {
    if (!usesRange) {
      let size = (row & 255) === 0 && row + 256 <= to ? 256 : 16
      let blockHigh = (size === 256 ? highs.by256[row >> 8] : highs.by16[row >> 4]) as number
      let blockLow = (size === 256 ? lows.by256[row >> 8] : lows.by16[row >> 4]) as number
      let lowered = blockLow < best ? trailingPriceAt(trailing, blockLow, entryPrice, -1, NaN, tickSize) : level
      if (size === 256 && touches(blockLow, blockHigh, floor, lowered < ceiling ? lowered : ceiling)) {
        size = 16
        blockHigh = highs.by16[row >> 4] as number
        blockLow = lows.by16[row >> 4] as number
        lowered = blockLow < best ? trailingPriceAt(trailing, blockLow, entryPrice, -1, NaN, tickSize) : level
      }
      const isWhole = (row & 15) === 0 && row + 16 <= to
      const counts = isWhole || !(blockLow < best)
      if (counts && !touches(blockLow, blockHigh, floor, lowered < ceiling ? lowered : ceiling)) {
        if (blockLow < best) {
          best = blockLow
          if (lowered < level) level = lowered
          if (level < ceiling) ceiling = level
        }
        row = (row | (size - 1)) + 1
        continue
      }
    }
    const end = usesRange ? to : Math.min((row | 15) + 1, to)
    for (; row < end; row++) {
      const rowLow = low[row] as number
      if (touches(rowLow, high[row] as number, floor, ceiling)) return row
      if (rowLow < best) best = rowLow
      else if (!usesRange) continue
      const range = usesRange ? (lane.atr?.at(lane.barAt(row)) ?? NaN) : NaN
      const lowered = trailingPriceAt(trailing, best, entryPrice, -1, range, tickSize)
      if (lowered < level) {
        level = lowered
        ceiling = Math.min(ceiling, level)
      }
    }
  }
  return to
}
