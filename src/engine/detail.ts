import type { Candles } from '../core/columns.js'
import type { Side } from '../core/orders.js'
import { slotAt } from './timeline.js'

/**
 * How far the price went in favour of a position before it touched the level that ends it, as finer candles tell. Prices; for a long the
 * highest, for a short the lowest; ∓Infinity where there was none before.
 */
export interface PriceReach {
  /** Up to the finer bar that touches the level. */
  readonly before: number
  /** With that finer bar's open. */
  readonly open: number
  /** With all of that finer bar: whether what lies beyond `open` came first, nothing tells. */
  readonly through: number
}

/**
 * Judges the finer bars inside `[from, to)` in order, by the rules of a bar: the first one that touches `level` ends the position. Where
 * finer bars are missing before that, or none of them touches the level, anything up to `best` (the whole bar's best price) may have come
 * first. O(finer bars inside + log of all).
 */
export function reachBefore(
  { openTime, open, high, low, timeframeMs }: Candles,
  from: number,
  to: number,
  side: Side,
  level: number,
  best: number,
): PriceReach {
  const [favourable, adverse] = side > 0 ? [high, low] : [low, high]
  let before = side > 0 ? -Infinity : Number.POSITIVE_INFINITY
  let at = slotAt(openTime, from)
  for (let time = from; time < to && openTime[at] === time; time += timeframeMs, at++) {
    if (isBeyond(open[at] as number, level, side)) return { before, open: before, through: before }
    const opened = better(before, open[at] as number, side)
    const through = better(opened, favourable[at] as number, side)
    if (isBeyond(adverse[at] as number, level, side)) return { before, open: opened, through }
    before = through
  }
  return { before, open: before, through: better(before, best, side) }
}

/**
 * Whether a position that a stop entry opens inside `[from, to)` touches `level` before `to`, its finer bars judged in order: those
 * before the one that meets `trigger` do not count, and one that opens at or beyond the trigger is held from its open on. Undefined where
 * nothing tells: bars are missing, none meets the trigger, or only the one that meets it touches the level.
 */
export function touchesAfterEntry(
  { openTime, open, high, low, timeframeMs }: Candles,
  from: number,
  to: number,
  side: Side,
  trigger: number,
  level: number,
): boolean | undefined {
  const [favourable, adverse] = side > 0 ? [high, low] : [low, high]
  const meets = (price: number): boolean => !(side > 0 ? price < trigger : price > trigger)
  let isHeld = false
  let isSure = true
  let at = slotAt(openTime, from)
  for (let time = from; time < to; time += timeframeMs, at++) {
    if (openTime[at] !== time) return undefined
    const touches = isBeyond(adverse[at] as number, level, side)
    if (isHeld && touches) return true
    if (isHeld || !meets(favourable[at] as number)) continue
    isHeld = true
    if (!touches) continue
    if (meets(open[at] as number)) return true
    isSure = false
  }
  return isHeld && isSure ? false : undefined
}

function isBeyond(price: number, level: number, side: Side): boolean {
  return side > 0 ? price <= level : price >= level
}

function better(one: number, other: number, side: Side): number {
  return side > 0 ? Math.max(one, other) : Math.min(one, other)
}
