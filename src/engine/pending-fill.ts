import type { FullTerms } from '../core/instrument-terms.js'
import type { Side } from '../core/orders.js'
import { takerPrice } from '../execution/prices.js'
import type { FillTerms } from '../trading/fills.js'

/** The one fill that is on its way; reused. Numbers travel in it from function to function, since arguments would be boxed. */
export class PendingFill implements FillTerms {
  time: number = NaN
  price: number = NaN
  quantity: number = NaN
  fee: number = NaN
  slippage: number = NaN
  liquidity: 'maker' | 'taker' = 'taker'
  undecided: boolean = false
  inside: boolean = false
  atClose: boolean = false
  /** The undisturbed price. */
  reference: number = NaN
}

/** Sets the fill to be at the market: at the reference price, moved against us by a fraction of it. */
export function takeAtMarket(
  fill: PendingFill,
  side: Side,
  { adverse }: { readonly adverse: number },
  { tickSize }: Pick<FullTerms, 'tickSize'>,
): void {
  fill.price = takerPrice(fill.reference, side, adverse, tickSize)
  fill.liquidity = 'taker'
}

/** What a fill on this side costs. A maker's price is its own: nothing slips. */
export function charge(fill: PendingFill, side: Side, { makerFee, takerFee }: FullTerms): void {
  if (fill.liquidity === 'maker') {
    fill.fee = fill.price * fill.quantity * makerFee
    fill.slippage = 0
  } else {
    fill.fee = fill.price * fill.quantity * takerFee
    fill.slippage = side * (fill.price - fill.reference) * fill.quantity
  }
}
