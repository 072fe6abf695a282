import type { Account } from './account.js'

/** What an account is worth at given prices, and what it has made since the start. */
export interface Valuation {
  /** Quote units. */
  readonly equity: number
  readonly profit: number
  /** Profit over the starting balance. */
  readonly returnFraction: number
  /** Notional of each position at its own price over equity, by instrument; negative for shorts, 0 where flat. */
  readonly shares: Float64Array
}

/** Values an account. `prices` and `fundingIndex` are by instrument; a price is read only where a position is held. */
export function valueAccount(account: Account, prices: Float64Array, fundingIndex: Float64Array): Valuation {
  const marks = prices.map((price, index) => price - (fundingIndex[index] as number))
  const equity = account.equity(marks)
  const shares = new Float64Array(prices.length)
  account.positions.forEach(({ quantity }, index) => {
    if (quantity !== 0) shares[index] = (quantity * (prices[index] as number)) / equity
  })
  const profit = equity - account.startingBalance
  return { equity, profit, returnFraction: profit / account.startingBalance, shares }
}
