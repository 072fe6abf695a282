import type { Trade } from '../core/trades.js'
import { sum } from './moments.js'
import type { Statistic } from './statistic.js'
import {
  closedTrades,
  expectancy,
  expectancyFraction,
  holdingDays,
  meanOf,
  profits,
  tradeWinRate,
} from './trade-stats.js'
import { profitFactor } from './win-loss.js'

/** Closed trades that share a property. Money in quote units; `netProfit` sums to that of the whole over all groups. */
export interface TradeGroup {
  readonly key: string
  readonly trades: number
  readonly netProfit: number
  readonly winRate: Statistic
  readonly profitFactor: Statistic
  readonly expectancy: Statistic
  readonly expectancyFraction: Statistic
  readonly averageHoldingDays: Statistic
  readonly fees: number
  readonly slippage: number
  readonly funding: number
}

/** The statistics of one group. */
export function tradeGroup(key: string, trades: readonly Trade[]): TradeGroup {
  const closed = closedTrades(trades)
  return {
    key,
    trades: closed.length,
    netProfit: sum(profits(closed)),
    winRate: tradeWinRate(closed),
    profitFactor: profitFactor(profits(closed)),
    expectancy: expectancy(closed),
    expectancyFraction: expectancyFraction(closed),
    averageHoldingDays: meanOf(holdingDays(closed)),
    fees: sum(closed.map((trade) => trade.fees)),
    slippage: sum(closed.map((trade) => trade.slippage)),
    funding: sum(closed.map((trade) => trade.funding)),
  }
}

/** Groups closed trades by a key, in the order of `order` (empty groups left out), other keys after it as they appear. */
export function groupTrades(
  trades: readonly Trade[],
  keyOf: (trade: Trade) => string,
  order: readonly string[] = [],
): TradeGroup[] {
  const members = new Map<string, Trade[]>(order.map((key) => [key, []]))
  for (const trade of closedTrades(trades)) {
    const key = keyOf(trade)
    const group = members.get(key)
    if (group === undefined) members.set(key, [trade])
    else group.push(trade)
  }
  return [...members].filter(([, group]) => group.length > 0).map(([key, group]) => tradeGroup(key, group))
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

export function bySide(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => (trade.side === 1 ? 'long' : 'short'), ['long', 'short'])
}

export function byExitReason(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => trade.exitReason)
}

export function byInstrument(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => trade.instrumentId)
}

/** By hour of entry, UTC, `00` to `23`. */
export function byEntryHour(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => HOURS[new Date(trade.entryTime).getUTCHours()]!, HOURS)
}

/** By weekday of entry, UTC, Monday first. */
export function byEntryWeekday(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => WEEKDAYS[(new Date(trade.entryTime).getUTCDay() + 6) % 7]!, WEEKDAYS)
}

const COVERAGES = [
  ...Array.from({ length: 10 }, (_, tenth) => coverageBucket(tenth / 10)),
  '100 %',
  'no legs',
]

/** By the share of the signal's weight that was present at the entry decision, in tenths; `no legs` for rules. */
export function byCoverage(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => coverageBucket(trade.entryCoverage), COVERAGES)
}

/** `70–80 %` holds 0.70 and not 0.80. Sums of weights such as 0.35 + 0.35 may miss a bound by rounding: 1e-9 is forgiven. */
function coverageBucket(coverage: number): string {
  if (Number.isNaN(coverage)) return 'no legs'
  const tenths = Math.floor(coverage * 10 + 1e-9)
  return tenths >= 10 ? '100 %' : `${tenths * 10}–${tenths * 10 + 10} %`
}
