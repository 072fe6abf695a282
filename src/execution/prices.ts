import type { Side } from '../core/orders.js'
import { toTick } from '../core/rounding.js'

/**
 * Price at which a market or triggered stop order fills: the undisturbed price moved by the slippage and rounded to the tick,
 * both against us. Not clamped to the bar's range. `slippage` is a fraction of the price.
 */
export function takerPrice(undisturbed: number, side: Side, slippage: number, tickSize: number): number {
  return toTick(undisturbed * (1 + side * slippage), tickSize, side > 0)
}
