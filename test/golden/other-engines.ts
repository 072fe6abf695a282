import { readFileSync } from 'node:fs'
import { type BacktestResult, type Candles, type FactColumns, type Policies, type Strategy } from 'baleen'
import { compileStrategy, replay } from 'baleen'
import { queryNumber, readColumns, withDuckDB } from '../../src/store/duckdb.js'
import { referenceData } from '../reference-data.js'

/** Reads one of the answers that another engine gave. */
export function oracleJson<T>(name: string): T {
  return JSON.parse(readFileSync(referenceData(`oracle/${name}.json`), 'utf8')) as T
}

/** The bars that vectorbt was given, and any further columns of the file. */
export async function oracleBars(
  name: string,
  timeframeMs: number,
  more: readonly string[] = [],
): Promise<{ candles: Candles; more: Record<string, Float64Array> }> {
  const table = `read_parquet('${referenceData(`oracle/${name}.parquet`)}')`
  const names = ['ts', 'open', 'high', 'low', 'close', 'volume', ...more]
  const columns = await withDuckDB(async (connection) => {
    const rows = await queryNumber(connection, `SELECT count(*) FROM ${table}`)
    const wanted = Object.fromEntries(names.map((column) => [column, column]))
    return readColumns(connection, wanted, `${table} ORDER BY ts`, rows)
  })
  const column = (wanted: string): Float64Array => columns[wanted] as Float64Array
  return {
    candles: {
      timeframeMs,
      openTime: column('ts'),
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      volume: column('volume'),
    },
    more: columns,
  }
}

export interface EngineRun {
  readonly strategy: Strategy
  readonly candles: Candles
  readonly facts?: Readonly<Record<string, FactColumns>>
  readonly kind: 'spot' | 'perpetual'
  readonly fee: number
  readonly lotSize?: number
  readonly balance: number
  readonly policies: Partial<Policies>
}

/** Runs a strategy on the candles of an oracle: no slippage, no grid but the lot, the same fee for every order. */
export function runLike(run: EngineRun): BacktestResult {
  const instrument = {
    id: 'oracle:X',
    venue: 'oracle',
    kind: run.kind,
    base: 'X',
    quote: 'USD',
    tickSize: 0,
    lotSize: run.lotSize ?? 0,
    minNotional: 0,
    makerFee: run.fee,
    takerFee: run.fee,
  }
  return replay({
    strategy: compileStrategy(run.strategy),
    instruments: [{ instrument, candles: run.candles, funding: undefined, facts: run.facts ?? {} }],
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: run.balance,
    costs: { slippageBps: 0 },
    policies: run.policies,
  })
}

/** Index of the bar on which something happened at this time: at its close under the same-close policy, else at its open. */
export function barAt(candles: Candles, time: number, stampedAtClose: boolean): number {
  return candles.openTime.findIndex(
    (openTime) => openTime + (stampedAtClose ? candles.timeframeMs : 0) === time,
  )
}

/** How many trades of `changed` are not trades of `original`: by bars, side, price and quantity. */
export function tradesChanged(original: BacktestResult, changed: BacktestResult): number {
  const keyOf = (trade: BacktestResult['trades'][number]): string =>
    [
      trade.entryBar,
      trade.exitBar,
      trade.side,
      trade.entryPrice,
      trade.exitPrice,
      trade.quantity.toPrecision(9),
      trade.status,
    ].join()
  const known = new Set(original.trades.map(keyOf))
  const kept = changed.trades.filter((trade) => known.has(keyOf(trade))).length
  return original.trades.length + changed.trades.length - 2 * kept
}
