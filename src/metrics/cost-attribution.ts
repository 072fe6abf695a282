import type { CostTotals } from '../core/result.js'
import type { Trade } from '../core/trades.js'
import { sum } from './moments.js'

/**
 * From what the decisions would have earned at undisturbed prices to what was earned: `gross − fees − slippage + funding`,
 * added in that order, is `net` exactly (===). Quote units; funding is positive where received.
 */
export interface CostAttribution {
  readonly gross: number
  readonly fees: number
  readonly slippage: number
  readonly funding: number
  readonly net: number
}

/**
 * Attribution of a net profit. `gross` is worked back from it; `net` is then summed forward again, so that it may differ
 * from the argument by a rounding of the last digit but never from the sum of what is shown.
 */
export function attributeCosts(netProfit: number, { fees, slippage, funding }: CostTotals): CostAttribution {
  const gross = netProfit - funding + slippage + fees
  return { gross, fees, slippage, funding, net: gross - fees - slippage + funding }
}

/** Attribution over a set of trades, open ones at their last mark included. */
export function attributeTradeCosts(trades: readonly Trade[]): CostAttribution {
  return attributeCosts(sum(trades.map((trade) => trade.profit)), {
    fees: sum(trades.map((trade) => trade.fees)),
    slippage: sum(trades.map((trade) => trade.slippage)),
    funding: sum(trades.map((trade) => trade.funding)),
  })
}
