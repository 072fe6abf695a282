import type { Candles } from '../core/columns.js'
import type { ClosedTrade } from '../trading/commands.js'

/** Worst and best price of a trade against its entry, as fractions of the entry price (≤ 0 and ≥ 0). */
export interface Excursions {
  readonly adverse: number
  readonly favourable: number
}

/**
 * Looks through the candles that a trade was held over whole. Of a bar that it left at the open or somewhere inside, only the
 * exit price counts: what that bar did besides may have come after the exit.
 */
export function excursionsOf(
  trade: ClosedTrade,
  candles: Candles,
  firstBar: number,
  fillsAtClose: boolean,
): Excursions {
  let lowest = Math.min(trade.entryPrice, trade.exitPrice)
  let highest = Math.max(trade.entryPrice, trade.exitPrice)
  const heldExitBar = trade.exitReason === 'end-of-data' || (fillsAtClose && !isProtective(trade))
  const from = firstBar + trade.entryBar + (fillsAtClose ? 1 : 0)
  const until = firstBar + trade.exitBar + (heldExitBar ? 1 : 0)
  for (let bar = from; bar < until; bar++) {
    const low = candles.low[bar] as number
    const high = candles.high[bar] as number
    if (low < lowest) lowest = low
    if (high > highest) highest = high
  }
  const down = lowest / trade.entryPrice - 1
  const up = highest / trade.entryPrice - 1
  return trade.side > 0 ? { adverse: down, favourable: up } : { adverse: 0 - up, favourable: 0 - down }
}

function isProtective({ exitReason }: ClosedTrade): boolean {
  return exitReason === 'stop-loss' || exitReason === 'trailing-stop' || exitReason === 'take-profit'
}
