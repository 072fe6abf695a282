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
export function excursionsOf(trade: ClosedTrade, track: Track, fillsAtClose: boolean): Excursions {
  const { data, firstBar, highs, lows } = track
  const { openTime, timeframeMs } = data.candles
  const leftAtClose =
    fillsAtClose && trade.exitTime === (openTime[firstBar + trade.exitBar] as number) + timeframeMs
  const { first, last } = barsHeldWhole(trade, fillsAtClose, leftAtClose)
  const from = first <= last ? rowOfBar(track, first) : 0
  const end = first <= last ? rowOfBar(track, last) + 1 : 0
  return excursionsWithin(trade, lowestWithin(lows, from, end), highestWithin(highs, from, end))
}

/** Of a bar counted from the run's first. */
function rowOfBar({ firstBar, slotOfBar }: Track, bar: number): number {
  return slotOfBar === undefined ? firstBar + bar : (slotOfBar[bar] as number)
}

/**
 * First and last bar that a trade was held over whole; none where the last comes before the first. `leftAtClose`: its last fill was at the
 * close of its exit bar, or inside that bar.
 */
export function barsHeldWhole(
  trade: ClosedTrade,
  fillsAtClose: boolean,
  leftAtClose: boolean,
): { readonly first: number; readonly last: number } {
  const heldExitBar =
    trade.exitReason === 'end-of-data' || (fillsAtClose && leftAtClose && !leftBeforeClose(trade))
  return {
    first: trade.entryBar + (fillsAtClose ? 1 : 0),
    last: trade.exitBar - (heldExitBar ? 0 : 1),
  }
}

/** From the lowest and highest price of those bars (Infinity and −Infinity where there are none). */
export function excursionsWithin(trade: ClosedTrade, low: number, high: number): Excursions {
  const lowest = Math.min(trade.entryPrice, trade.exitPrice, low)
  const highest = Math.max(trade.entryPrice, trade.exitPrice, high)
  const down = lowest / trade.entryPrice - 1
  const up = highest / trade.entryPrice - 1
  return trade.side > 0 ? { adverse: down, favourable: up } : { adverse: 0 - up, favourable: 0 - down }
}

/** Its exit did not wait for the close, whatever the policy for market orders. */
function leftBeforeClose({ exitReason }: ClosedTrade): boolean {
  return (
    exitReason === 'stop-loss' ||
    exitReason === 'trailing-stop' ||
    exitReason === 'take-profit' ||
    exitReason === 'liquidation'
  )
}
