import type { ExitReason, Side } from '../core/orders.js'
import { DAY_MS } from '../core/time.js'
import type { Trade } from '../core/trades.js'

/**
 * Round trips that ended, column by column in their order: statistics read one or two fields of every trade, again and again. Positions
 * that a policy leaves open at the end of the data are not trades yet.
 */
export interface TradeColumns {
  readonly count: number
  readonly instrumentId: readonly string[]
  readonly exitReason: readonly ExitReason[]
  readonly side: readonly Side[]
  readonly entryTime: Float64Array
  readonly entryCoverage: Float64Array
  readonly daysHeld: Float64Array
  /** Quote units, net of all costs. */
  readonly profit: Float64Array
  /** Of the entry's notional. */
  readonly profitFraction: Float64Array
  readonly fees: Float64Array
  readonly slippage: Float64Array
  readonly funding: Float64Array
  readonly maxAdverseExcursion: Float64Array
  readonly maxFavourableExcursion: Float64Array
}

/** The closed ones of these trades. O(trades), one pass. */
export function tradeColumns(trades: readonly Trade[]): TradeColumns {
  const closed = trades.filter(({ status }) => status === 'closed')
  const count = closed.length
  const column = (): Float64Array => new Float64Array(count)
  const columns = {
    count,
    instrumentId: new Array<string>(count),
    exitReason: new Array<ExitReason>(count),
    side: new Array<Side>(count),
    entryTime: column(),
    entryCoverage: column(),
    daysHeld: column(),
    profit: column(),
    profitFraction: column(),
    fees: column(),
    slippage: column(),
    funding: column(),
    maxAdverseExcursion: column(),
    maxFavourableExcursion: column(),
  }
  for (let row = 0; row < count; row++) write(columns, row, closed[row]!)
  return columns
}

type Writable<T> = {
  -readonly [Field in keyof T]: T[Field] extends readonly (infer Item)[] ? Item[] : T[Field]
}

function write(columns: Writable<TradeColumns>, row: number, trade: Trade): void {
  columns.instrumentId[row] = trade.instrumentId
  columns.exitReason[row] = trade.exitReason
  columns.side[row] = trade.side
  columns.entryTime[row] = trade.entryTime
  columns.entryCoverage[row] = trade.entryCoverage
  columns.daysHeld[row] = (trade.exitTime - trade.entryTime) / DAY_MS
  columns.profit[row] = trade.profit
  columns.profitFraction[row] = trade.profitFraction
  columns.fees[row] = trade.fees
  columns.slippage[row] = trade.slippage
  columns.funding[row] = trade.funding
  columns.maxAdverseExcursion[row] = trade.maxAdverseExcursion
  columns.maxFavourableExcursion[row] = trade.maxFavourableExcursion
}

/** Whether the strategy decided its end: closes at the end of the data count in profit, never in the win rate. */
export function isDecided({ exitReason }: TradeColumns, row: number): boolean {
  return exitReason[row] !== 'end-of-data'
}
