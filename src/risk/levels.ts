import type { Side } from '../core/orders.js'
import { toTick } from '../core/rounding.js'
import type { EntryDistance, StopRule, TargetDistance, TrailingRule } from './settings.js'

/** Distance of the stop in price units, frozen at the decision; NaN without a stop or while the range is undefined. */
export function stopDistanceOf(rule: StopRule, close: number, atr: number): number {
  if (rule.kind === 'percent') return rule.fraction * close
  return rule.kind === 'atr' ? rule.multiple * atr : Number.NaN
}

/** Distance of a target in price units, frozen at the decision. */
export function targetDistanceOf(rule: TargetDistance, close: number, stopDistance: number): number {
  return rule.kind === 'percent' ? rule.fraction * close : rule.ratio * stopDistance
}

/** Distance of a resting entry from the decision's close in price units; NaN while the range is undefined. */
export function entryDistanceOf(rule: EntryDistance, close: number, atr: number): number {
  return rule.kind === 'percent' ? rule.fraction * close : rule.multiple * atr
}

/**
 * Price of a resting entry: a limit waits on the better side of the close, a stop order on the other; both on the tick that is harder
 * to reach. NaN where the distance is not above 0.
 */
export function entryPriceAt(
  kind: 'limit' | 'stop',
  close: number,
  side: Side,
  distance: number,
  tickSize: number,
): number {
  if (!(distance > 0)) return Number.NaN
  const isBelow = (kind === 'limit') === side > 0
  return toTick(isBelow ? close - distance : close + distance, tickSize, !isBelow)
}

/** Trigger of a stop at a distance from the average fill, on the tick that loses more. */
export function stopPriceAt(fillPrice: number, side: Side, distance: number, tickSize: number): number {
  return toTick(fillPrice - side * distance, tickSize, side < 0)
}

/** Limit of a target at a distance from the average fill, on the tick that is harder to reach. */
export function targetPriceAt(fillPrice: number, side: Side, distance: number, tickSize: number): number {
  return toTick(fillPrice + side * distance, tickSize, side > 0)
}

/**
 * Where the trailing stop stands for the best price seen so far, NaN while it is not active. For a given side it is monotone
 * in `best`; with the range of the last completed bar it is not, so the caller only ever ratchets.
 */
export function trailingPriceAt(
  rule: TrailingRule,
  best: number,
  entryPrice: number,
  side: Side,
  atr: number,
  tickSize: number,
): number {
  if (rule.kind === 'none') return Number.NaN
  const activationPrice = entryPrice * (1 + side * rule.activation)
  if (rule.kind === 'percent') {
    return percentTrailAt(best, activationPrice, 1 - side * rule.fraction, side, tickSize)
  }
  if (side > 0 ? best < activationPrice : best > activationPrice) return Number.NaN
  const level = best - side * (rule.multiple * atr)
  return toTick(level, tickSize, side < 0)
}

/** The same for a fraction of the price, with what does not change during a trade worked out before. */
export function percentTrailAt(
  best: number,
  activationPrice: number,
  factor: number,
  side: Side,
  tickSize: number,
): number {
  if (side > 0 ? best < activationPrice : best > activationPrice) return Number.NaN
  return toTick(best * factor, tickSize, side < 0)
}
