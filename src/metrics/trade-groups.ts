import { DAY_MS, HOUR_MS } from '../core/time.js'
import { sum } from './moments.js'
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

/**
 * Groups trades by a key of their row, in the order of `order` (empty groups left out), other keys after it as they appear. O(trades), a
 * pass for each sum.
 */
export function groupTrades(
  trades: TradeColumns,
  keyOf: (row: number) => string,
  order: readonly string[] = [],
): TradeGroup[] {
  const places = new Map<string, number>()
  const groupOf = new Int32Array(trades.count)
  let last: string | undefined
  let place = -1
  for (let row = 0; row < trades.count; row++) {
    const key = keyOf(row)
    if (key !== last) {
      place = places.get(key) ?? places.size
      if (place === places.size) places.set(key, place)
      last = key
    }
    groupOf[row] = place
  }
  const totals = totalsOf(trades, groupOf, places.size)
  const keys = new Set([...order, ...places.keys()])
  return [...keys].flatMap((key) => {
    const place = places.get(key)
    return place === undefined ? [] : groupAt(key, place, totals)
  })
}

/** What the trades of each group add up to, trade by trade in their order. */
function totalsOf(trades: TradeColumns, groupOf: Int32Array, groups: number) {
  const sums = (column: Float64Array): Float64Array => {
    if (groups === 1) return Float64Array.of(sum(column))
    const totals = new Float64Array(groups)
    for (let row = 0; row < groupOf.length; row++)
      totals[groupOf[row]!] = totals[groupOf[row]!]! + column[row]!
    return totals
  }
  const counts = new Int32Array(groups)
  const decided = new Int32Array(groups)
  const wins = new Int32Array(groups)
  const results = Array.from(counts, noGainsOrLosses)
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row]!
    const profit = trades.profit[row]!
    counts[group]!++
    addResult(results[group]!, profit)
    if (!isDecided(trades, row)) continue
    decided[group]!++
    if (profit > 0) wins[group]!++
  }
  return {
    counts,
    decided,
    wins,
    results,
    profit: sums(trades.profit),
    profitFraction: sums(trades.profitFraction),
    daysHeld: sums(trades.daysHeld),
    fees: sums(trades.fees),
    slippage: sums(trades.slippage),
    funding: sums(trades.funding),
  }
}

function groupAt(key: string, group: number, totals: ReturnType<typeof totalsOf>): TradeGroup {
  const trades = totals.counts[group]!
  const average = (of: Float64Array): Statistic => quotient(of[group]!, trades, 'no closed trade')
  return {
    key,
    trades,
    netProfit: totals.profit[group]!,
    winRate: quotient(totals.wins[group]!, totals.decided[group]!, NONE_DECIDED),
    profitFactor: profitFactorOf(totals.results[group]!),
    expectancy: average(totals.profit),
    expectancyFraction: average(totals.profitFraction),
    averageHoldingDays: average(totals.daysHeld),
    fees: totals.fees[group]!,
    slippage: totals.slippage[group]!,
    funding: totals.funding[group]!,
  }
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
