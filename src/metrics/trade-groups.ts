import { DAY_MS, HOUR_MS } from '../core/time.js'
import { quotient, type Statistic } from './statistic.js'
import { isDecided, type TradeColumns } from './trade-columns.js'
import { NONE_DECIDED } from './trade-stats.js'
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
  private daysHeld = 0
  private fees = 0
  private slippage = 0
  private funding = 0
  private readonly results = noGainsOrLosses()

  add(trades: TradeColumns, row: number): void {
    const profit = trades.profit[row]!
    this.trades++
    if (isDecided(trades, row)) {
      this.decided++
      if (profit > 0) this.wins++
    }
    this.profit += profit
    this.profitFraction += trades.profitFraction[row]!
    this.daysHeld += trades.daysHeld[row]!
    this.fees += trades.fees[row]!
    this.slippage += trades.slippage[row]!
    this.funding += trades.funding[row]!
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
      averageHoldingDays: average(this.daysHeld),
      fees: this.fees,
      slippage: this.slippage,
      funding: this.funding,
    }
  }
}

/**
 * Groups trades by a key of their row, in the order of `order` (empty groups left out), other keys after it as they appear. O(trades), in
 * one pass.
 */
export function groupTrades(
  trades: TradeColumns,
  keyOf: (row: number) => string,
  order: readonly string[] = [],
): TradeGroup[] {
  const totals = new Map<string, GroupTotals>()
  for (let row = 0; row < trades.count; row++) {
    const key = keyOf(row)
    let group = totals.get(key)
    if (group === undefined) totals.set(key, (group = new GroupTotals()))
    group.add(trades, row)
  }
  const keys = new Set([...order, ...totals.keys()])
  return [...keys].flatMap((key) => totals.get(key)?.group(key) ?? [])
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'))

export function bySide(trades: TradeColumns): TradeGroup[] {
  return groupTrades(trades, (row) => (trades.side[row] === 1 ? 'long' : 'short'), ['long', 'short'])
}

export function byExitReason(trades: TradeColumns): TradeGroup[] {
  return groupTrades(trades, (row) => trades.exitReason[row]!)
}

export function byInstrument(trades: TradeColumns): TradeGroup[] {
  return groupTrades(trades, (row) => trades.instrumentId[row]!)
}

/** By hour of entry, UTC, `00` to `23`. */
export function byEntryHour(trades: TradeColumns): TradeGroup[] {
  return groupTrades(trades, (row) => HOURS[within(trades.entryTime[row]!, DAY_MS, HOUR_MS)]!, HOURS)
}

/** By weekday of entry, UTC, Monday first. */
export function byEntryWeekday(trades: TradeColumns): TradeGroup[] {
  return groupTrades(
    trades,
    (row) => WEEKDAYS[within(trades.entryTime[row]! - MONDAY, 7 * DAY_MS, DAY_MS)]!,
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
export function byCoverage(trades: TradeColumns): TradeGroup[] {
  return groupTrades(trades, (row) => coverageBucket(trades.entryCoverage[row]!), COVERAGES)
}

/** `70–80 %` holds 0.70 and not 0.80. Sums of weights such as 0.35 + 0.35 may miss a bound by rounding: 1e-9 is forgiven. */
function coverageBucket(coverage: number): string {
  if (Number.isNaN(coverage)) return 'no legs'
  const tenths = Math.floor(coverage * 10 + 1e-9)
  return tenths >= 10 ? '100 %' : TENTHS[tenths]!
}
