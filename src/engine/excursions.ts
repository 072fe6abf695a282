import type { ClosedTrade } from '../trading/commands.js'
import { highestWithin, lowestWithin } from './blocks.js'
import type { Track } from './track.js'

/** Worst and best price of a trade against its entry, as fractions of the entry price (≤ 0 and ≥ 0). */
export interface Excursions {
  readonly adverse: number
  readonly favourable: number
}

/**
 * Looks through the bars that a trade was held over whole. Of a bar that it left at the open or somewhere inside, only the
 * exit price counts: what that bar did besides may have come after the exit. O(log bars held).
 */
export function excursionsOf(
  trade: ClosedTrade,
  { firstBar, slotOfBar, highs, lows }: Track,
  fillsAtClose: boolean,
): Excursions {
  const heldExitBar = trade.exitReason === 'end-of-data' || (fillsAtClose && !isProtective(trade))
  const first = trade.entryBar + (fillsAtClose ? 1 : 0)
  const last = trade.exitBar - (heldExitBar ? 0 : 1)
  const rowOf = (bar: number): number =>
    slotOfBar === undefined ? firstBar + bar : (slotOfBar[bar] as number)
  const [from, end] = first <= last ? [rowOf(first), rowOf(last) + 1] : [0, 0]
  const lowest = Math.min(trade.entryPrice, trade.exitPrice, lowestWithin(lows, from, end))
  const highest = Math.max(trade.entryPrice, trade.exitPrice, highestWithin(highs, from, end))
  const down = lowest / trade.entryPrice - 1
  const up = highest / trade.entryPrice - 1
  return trade.side > 0 ? { adverse: down, favourable: up } : { adverse: 0 - up, favourable: 0 - down }
}

function isProtective({ exitReason }: ClosedTrade): boolean {
  return exitReason === 'stop-loss' || exitReason === 'trailing-stop' || exitReason === 'take-profit'
}
