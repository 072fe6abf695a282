import type { BacktestResult } from '../core/result.js'
import { DAY_MS } from '../core/time.js'
import type { Trade, TradeTable } from '../core/trades.js'

/**
 * Round trips that ended, column by column in their order. Positions that a policy leaves open at the end of the data are not trades yet.
 */
export interface TradeColumns extends Omit<TradeTable, 'closed'> {
  readonly daysHeld: Float64Array
}

/** All trades of a result by column: its own where it brings them so, else from its trades. O(trades). */
export function tradeTable(result: Pick<BacktestResult, 'tradeTable' | 'trades'>): TradeTable {
  return result.tradeTable ?? tableOf(result.trades)
}

/** The closed ones of these trades. O(trades), one pass. */
export function tradeColumns(trades: readonly Trade[]): TradeColumns {
  return closedTrades(tableOf(trades))
}

/** The closed ones of a table. O(trades). */
export function closedTrades(table: TradeTable): TradeColumns {
  const { closed, count, ...columns } = table
  const { entryTime, exitTime } = columns
  const daysHeld = new Float64Array(closed)
  for (let row = 0; row < closed; row++) daysHeld[row] = (exitTime[row]! - entryTime[row]!) / DAY_MS
  return { ...(closed === count ? columns : firstRows(columns, closed)), count: closed, daysHeld }
}

/** Whether the strategy decided its end: closes at the end of the data count in profit, never in the win rate. */
export function isDecided({ exitReason }: TradeColumns, row: number): boolean {
  return exitReason[row] !== 'end-of-data'
}

type Columns = Omit<TradeTable, 'count' | 'closed'>

function firstRows(columns: Columns, rows: number): Columns {
  const first = Object.entries(columns).map(([name, column]) => [name, column.slice(0, rows)])
  return Object.fromEntries(first) as Columns
}

function tableOf(trades: readonly Trade[]): TradeTable {
  const closed = trades.filter(({ status }) => status === 'closed')
  const all = closed.length === trades.length ? trades : [...closed, ...trades.filter(({ status }) => status !== 'closed')] // prettier-ignore
  const column = (numberOf: (trade: Trade) => number): Float64Array => Float64Array.from(all, numberOf)
  return {
    count: all.length,
    closed: closed.length,
    instrumentId: all.map((trade) => trade.instrumentId),
    sizeBoundBy: all.map((trade) => trade.sizeBoundBy),
    exitReason: all.map((trade) => trade.exitReason),
    side: Int32Array.from(all, (trade) => trade.side),
    quantity: column((trade) => trade.quantity),
    entryTime: column((trade) => trade.entryTime),
    entryCoverage: column((trade) => trade.entryCoverage),
    exitTime: column((trade) => trade.exitTime),
    profit: column((trade) => trade.profit),
    profitFraction: column((trade) => trade.profitFraction),
    fees: column((trade) => trade.fees),
    slippage: column((trade) => trade.slippage),
    funding: column((trade) => trade.funding),
    maxAdverseExcursion: column((trade) => trade.maxAdverseExcursion),
    maxFavourableExcursion: column((trade) => trade.maxFavourableExcursion),
  }
}
