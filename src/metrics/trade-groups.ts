import { DAY_MS, HOUR_MS } from '../core/time.js'
import type { Trade } from '../core/trades.js'
import { quotient, type Statistic } from './statistic.js'
import { closedTrades, daysHeld, isDecided, NONE_DECIDED } from './trade-stats.js'
import { addResult, noGainsOrLosses, profitFactorOf } from './win-loss.js'

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

/** What the trades of one group add up to, trade by trade. */
class GroupTotals {
  private trades = 0
  private decided = 0
  private wins = 0
  private profit = 0
  private profitFraction = 0
  private holdingDays = 0
  private fees = 0
  private slippage = 0
  private funding = 0
  private readonly results = noGainsOrLosses()

  add(trade: Trade): void {
    const { profit } = trade
    this.trades++
    if (isDecided(trade)) {
      this.decided++
      if (profit > 0) this.wins++
    }
    this.profit += profit
    this.profitFraction += trade.profitFraction
    this.holdingDays += daysHeld(trade)
    this.fees += trade.fees
    this.slippage += trade.slippage
    this.funding += trade.funding
    addResult(this.results, profit)
  }

  group(key: string): TradeGroup {
    const average = (total: number): Statistic => quotient(total, this.trades, 'no closed trade')
    return {
      key,
      trades: this.trades,
      netProfit: this.profit,
      winRate: quotient(this.wins, this.decided, NONE_DECIDED),
      profitFactor: profitFactorOf(this.results),
      expectancy: average(this.profit),
      expectancyFraction: average(this.profitFraction),
      averageHoldingDays: average(this.holdingDays),
      fees: this.fees,
      slippage: this.slippage,
      funding: this.funding,
    }
  }
}

/**
 * Groups closed trades by a key, in the order of `order` (empty groups left out), other keys after it as they appear. O(trades), in one
 * pass.
 */
export function groupTrades(
  trades: readonly Trade[],
  keyOf: (trade: Trade) => string,
  order: readonly string[] = [],
): TradeGroup[] {
  const totals = new Map<string, GroupTotals>()
  for (const trade of closedTrades(trades)) {
    const key = keyOf(trade)
    let group = totals.get(key)
    if (group === undefined) totals.set(key, (group = new GroupTotals()))
    group.add(trade)
  }
  const keys = new Set([...order, ...totals.keys()])
  return [...keys].flatMap((key) => totals.get(key)?.group(key) ?? [])
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
  return groupTrades(trades, (trade) => HOURS[within(trade.entryTime, DAY_MS, HOUR_MS)]!, HOURS)
}

/** By weekday of entry, UTC, Monday first. */
export function byEntryWeekday(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(
    trades,
    (trade) => WEEKDAYS[within(trade.entryTime - MONDAY, 7 * DAY_MS, DAY_MS)]!,
    WEEKDAYS,
  )
}

/** 5 January 1970. */
const MONDAY = 4 * DAY_MS

/** How many whole parts of a recurring period have passed at a time. */
function within(time: number, period: number, part: number): number {
  return Math.floor((time - Math.floor(time / period) * period) / part)
}

const TENTHS = Array.from({ length: 10 }, (_, tenth) => `${tenth * 10}–${tenth * 10 + 10} %`)
const COVERAGES = [...TENTHS, '100 %', 'no legs']

/** By the share of the signal's weight that was present at the entry decision, in tenths; `no legs` for rules. */
export function byCoverage(trades: readonly Trade[]): TradeGroup[] {
  return groupTrades(trades, (trade) => coverageBucket(trade.entryCoverage), COVERAGES)
}

/** `70–80 %` holds 0.70 and not 0.80. Sums of weights such as 0.35 + 0.35 may miss a bound by rounding: 1e-9 is forgiven. */
function coverageBucket(coverage: number): string {
  if (Number.isNaN(coverage)) return 'no legs'
  const tenths = Math.floor(coverage * 10 + 1e-9)
  return tenths >= 10 ? '100 %' : TENTHS[tenths]!
}
