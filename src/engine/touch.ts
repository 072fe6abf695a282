import { percentTrailAt, trailingPriceAt } from '../risk/levels.js'
import type { TrailingRule } from '../risk/settings.js'
import { isTighter } from '../trading/protection.js'
import type { OpenTrade } from '../trading/state.js'
import type { Lane } from './lane.js'
import type { Track } from './track.js'

type PercentTrail = Extract<TrailingRule, { readonly kind: 'percent' }>
type ActiveTrail = Exclude<TrailingRule, { readonly kind: 'none' }>

/**
 * A share of the price that is more than what all roundings on the way to a stop come to: those of doubles, and of a tick that is nearly a whole fraction and counts as
 * one (core/rounding).
 */
const LOOSE = 2e-9

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

/** A look-ahead under a trailing stop that is out: where it starts from, and how far it has seen the price go. Filled in anew for each. */
export class TrailAhead {
  /** Nearest level below and above, the stop's included. */
  floor: number = NaN
  ceiling: number = NaN
  /** The stop. */
  level: number = NaN
  /** From where on the trailing rule works, and what it multiplies the best price by. */
  start: number = NaN
  factor: number = NaN
  tickSize: number = NaN
  /** Best price of the position, up to `row`: it need not be looked for again. */
  best: number = NaN
  /** Where the look-ahead stopped; −1 where none was made from here. */
  row: number = -1
  /** Price units by which rounding to the tick may bring a stop nearer to the price than it was reckoned. */
  room: number = NaN

  /** Sets all but the levels and the best price. */
  follow(
    { activation, fraction }: PercentTrail,
    { entryPrice, side }: Pick<OpenTrade, 'entryPrice' | 'side'>,
    tickSize: number,
  ): void {
    this.start = entryPrice * (1 + side * activation)
    this.factor = 1 - side * fraction
    this.tickSize = tickSize
    this.room = LOOSE * tickSize
  }

  /** Whether the stop of a long position belongs higher than it is, by the best price so far. */
  wouldRaise(): boolean {
    return percentTrailAt(this.best, this.start, this.factor, 1, this.tickSize) > this.level
  }

  /** Brings the stop of a long position, and the floor with it, to where the best price so far has it. */
  raise(): void {
    const raised = percentTrailAt(this.best, this.start, this.factor, 1, this.tickSize)
    if (!(raised > this.level)) return
    this.level = raised
    if (raised > this.floor) this.floor = raised
  }

  /** The same for a short position. */
  wouldLower(): boolean {
    return percentTrailAt(this.best, this.start, this.factor, -1, this.tickSize) < this.level
  }

  lower(): void {
    const lowered = percentTrailAt(this.best, this.start, this.factor, -1, this.tickSize)
    if (!(lowered < this.level)) return
    this.level = lowered
    if (lowered < this.ceiling) this.ceiling = lowered
  }
}

/**
 * First row of `[from, to)` that touches a level under a trailing stop that is out: tested against the level of the rows before, then raised
 * by the row (rule 9). A whole block is passed if it would not even touch the level that it raises the stop to. Commits nothing: the account
 * may stop the look-ahead.
 */
export function firstTouchTrailing(lane: Lane, trailing: ActiveTrail, from: number, to: number): number {
  const { book, track, ahead } = lane
  const { trade, stop } = book
  ahead.floor = book.floor
  ahead.ceiling = book.ceiling
  ahead.level = stop.price
  ahead.best = trade.best
  if (trailing.kind === 'atr') return firstTouchByRange(lane, trailing, from, to)
  ahead.follow(trailing, trade, book.terms.tickSize)
  return book.position.quantity > 0
    ? firstTouchUnderLong(ahead, track, from, to)
    : firstTouchOverShort(ahead, track, from, to)
}

/** With the range of each bar no block can tell where the stop goes. */
function firstTouchByRange(lane: Lane, trailing: ActiveTrail, from: number, to: number): number {
  const { book, track, ahead, atr } = lane
  const { high, low } = track
  const { entryPrice, side } = book.trade
  const { tickSize } = book.terms
  const extremes = side > 0 ? high : low
  let { floor, ceiling, level, best } = ahead
  let row = from
  for (; row < to; row++) {
    if (touches(low[row] as number, high[row] as number, floor, ceiling)) break
    const extreme = extremes[row] as number
    if (isTighter(extreme, best, side)) best = extreme
    const range = atr?.at(lane.barAt(row)) ?? Number.NaN
    const moved = trailingPriceAt(trailing, best, entryPrice, side, range, tickSize)
    if (!isTighter(moved, level, side)) continue
    level = moved
    if (side > 0) floor = Math.max(floor, level)
    else ceiling = Math.min(ceiling, level)
  }
  return reaches(ahead, best, row)
}

/**
 * For a long position. Whole blocks, and rows, are first held against a price above which the raised stop cannot lie, which needs no tick: the stop itself is worked out where they come
 * below that, once or twice in the life of a position.
 */
export function firstTouchUnderLong(
  ahead: TrailAhead,
  { lows, highs }: Pick<Track, 'lows' | 'highs'>,
  from: number,
  to: number,
): number {
  const { rows: low, by16: low16, by256: low256 } = lows
  const { rows: high, by16: high16, by256: high256 } = highs
  const { start, factor, ceiling, room } = ahead
  const loose = factor * (1 + LOOSE)
  let { best } = ahead
  let row = from
  // Other terms may have come into force since the stop was placed: it follows them at the close of the first row.
  if (row < to && ahead.wouldRaise()) {
    const rowHigh = high[row] as number
    if (touches(low[row] as number, rowHigh, ahead.floor, ceiling)) return reaches(ahead, best, row)
    if (rowHigh > best) best = rowHigh
    ahead.best = best
    ahead.raise()
    row++
  }
  // The stop lies at or below this price, whatever has been seen so far.
  let bound = ahead.floor
  while (row < to) {
    if ((row & 255) === 0 && row + 256 <= to) {
      const blockHigh = high256[row >> 8] as number
      let raised = bound
      if (blockHigh > best && blockHigh >= start) raised = Math.max(bound, blockHigh * loose + room)
      if (!touches(low256[row >> 8] as number, blockHigh, raised, ceiling)) {
        if (blockHigh > best) best = blockHigh
        bound = raised
        row += 256
        continue
      }
    }
    const blockHigh = high16[row >> 4] as number
    // A block that began before this row, or ends after the last, may hold a high that does not count: it raises nothing.
    if (!(blockHigh > best) || ((row & 15) === 0 && row + 16 <= to)) {
      let raised = bound
      if (blockHigh > best && blockHigh >= start) raised = Math.max(bound, blockHigh * loose + room)
      if (!touches(low16[row >> 4] as number, blockHigh, raised, ceiling)) {
        if (blockHigh > best) best = blockHigh
        bound = raised
        row = (row | 15) + 1
        continue
      }
    }
    const end = Math.min((row | 15) + 1, to)
    for (; row < end; row++) {
      const rowHigh = high[row] as number
      if (touches(low[row] as number, rowHigh, bound, ceiling)) {
        ahead.best = best
        ahead.raise()
        bound = ahead.floor
        if (touches(low[row] as number, rowHigh, bound, ceiling)) return reaches(ahead, best, row)
      }
      if (!(rowHigh > best)) continue
      best = rowHigh
      if (best >= start) bound = Math.max(bound, best * loose + room)
    }
  }
  return reaches(ahead, best, to)
}

/** The same for a short position. */
export function firstTouchOverShort(
  ahead: TrailAhead,
  { lows, highs }: Pick<Track, 'lows' | 'highs'>,
  from: number,
  to: number,
): number {
  const { rows: low, by16: low16, by256: low256 } = lows
  const { rows: high, by16: high16, by256: high256 } = highs
  const { start, factor, floor, room } = ahead
  const loose = factor * (1 - LOOSE)
  let { best } = ahead
  let row = from
  if (row < to && ahead.wouldLower()) {
    const rowLow = low[row] as number
    if (touches(rowLow, high[row] as number, floor, ahead.ceiling)) return reaches(ahead, best, row)
    if (rowLow < best) best = rowLow
    ahead.best = best
    ahead.lower()
    row++
  }
  // The stop lies at or above this price, whatever has been seen so far.
  let bound = ahead.ceiling
  while (row < to) {
    if ((row & 255) === 0 && row + 256 <= to) {
      const blockLow = low256[row >> 8] as number
      let lowered = bound
      if (blockLow < best && blockLow <= start) lowered = Math.min(bound, blockLow * loose - room)
      if (!touches(blockLow, high256[row >> 8] as number, floor, lowered)) {
        if (blockLow < best) best = blockLow
        bound = lowered
        row += 256
        continue
      }
    }
    const blockLow = low16[row >> 4] as number
    if (!(blockLow < best) || ((row & 15) === 0 && row + 16 <= to)) {
      let lowered = bound
      if (blockLow < best && blockLow <= start) lowered = Math.min(bound, blockLow * loose - room)
      if (!touches(blockLow, high16[row >> 4] as number, floor, lowered)) {
        if (blockLow < best) best = blockLow
        bound = lowered
        row = (row | 15) + 1
        continue
      }
    }
    const end = Math.min((row | 15) + 1, to)
    for (; row < end; row++) {
      const rowLow = low[row] as number
      if (touches(rowLow, high[row] as number, floor, bound)) {
        ahead.best = best
        ahead.lower()
        bound = ahead.ceiling
        if (touches(rowLow, high[row] as number, floor, bound)) return reaches(ahead, best, row)
      }
      if (!(rowLow < best)) continue
      best = rowLow
      if (best <= start) bound = Math.min(bound, best * loose - room)
    }
  }
  return reaches(ahead, best, to)
}

function reaches(ahead: TrailAhead, best: number, row: number): number {
  ahead.best = best
  ahead.row = row
  return row
}
