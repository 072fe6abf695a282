import type { ExitReason, Fill, Side } from '../core/orders.js'
import type { BacktestResult } from '../core/result.js'
import type { SizeBound, Trade } from '../core/trades.js'
import { copyToParquet, identifier, literal, queryRows, withDuckDB } from '../store/duckdb.js'

type ColumnType = 'DOUBLE' | 'BIGINT' | 'INTEGER' | 'VARCHAR' | 'BOOLEAN'

/** One column of a result table. A NaN in a DOUBLE column is written as NULL. */
export interface TableColumn<Row> {
  readonly name: string
  readonly type: ColumnType
  readonly value: (row: Row) => number | string | boolean | undefined
}

/**
 * Writes rows as one Parquet file (zstd). One thread and one row group order, so equal rows give equal bytes under one
 * version of DuckDB. Linear in rows × columns.
 */
export async function writeParquet<Row>(
  path: string,
  columns: readonly TableColumn<Row>[],
  rows: Iterable<Row>,
): Promise<void> {
  await withDuckDB(async (connection) => {
    await connection.run('SET threads = 1')
    const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`)
    await connection.run(`CREATE TABLE result (${definitions.join(', ')})`)
    const appender = await connection.createAppender('result')
    for (const row of rows) {
      for (const { type, value } of columns) {
        const cell = value(row)
        if (cell === undefined || (typeof cell === 'number' && Number.isNaN(cell))) appender.appendNull()
        else if (type === 'VARCHAR') appender.appendVarchar(String(cell))
        else if (type === 'BOOLEAN') appender.appendBoolean(cell === true)
        else if (type === 'BIGINT') appender.appendBigInt(BigInt(Number(cell)))
        else if (type === 'INTEGER') appender.appendInteger(Number(cell))
        else appender.appendDouble(Number(cell))
      }
      appender.endRow()
    }
    appender.closeSync()
    await copyToParquet(connection, 'result', path)
  })
}

function column<Row>(name: string, type: ColumnType, value: TableColumn<Row>['value']): TableColumn<Row> {
  return { name, type, value }
}

/** Round trips, in the order in which they were opened. Times are UTC ms; `side` is 1 or −1; shares are fractions. */
export async function writeTrades(path: string, { trades }: BacktestResult): Promise<void> {
  await writeParquet<Trade>(path, [
    column('id', 'INTEGER', (trade) => trade.id),
    column('instrument', 'VARCHAR', (trade) => trade.instrumentId),
    column('side', 'INTEGER', (trade) => trade.side),
    column('quantity', 'DOUBLE', (trade) => trade.quantity),
    column('decided_at', 'BIGINT', (trade) => trade.decidedAt),
    column('entry_time', 'BIGINT', (trade) => trade.entryTime),
    column('entry_bar', 'INTEGER', (trade) => trade.entryBar),
    column('entry_price', 'DOUBLE', (trade) => trade.entryPrice),
    column('stop_price', 'DOUBLE', (trade) => trade.stopPrice),
    column('target_price', 'DOUBLE', (trade) => trade.targetPrice),
    column('size_bound_by', 'VARCHAR', (trade) => trade.sizeBoundBy),
    column('entry_score', 'DOUBLE', (trade) => trade.entryScore),
    column('entry_coverage', 'DOUBLE', (trade) => trade.entryCoverage),
    column('status', 'VARCHAR', (trade) => trade.status),
    column('exit_time', 'BIGINT', (trade) => trade.exitTime),
    column('exit_bar', 'INTEGER', (trade) => trade.exitBar),
    column('exit_price', 'DOUBLE', (trade) => trade.exitPrice),
    column('exit_reason', 'VARCHAR', (trade) => trade.exitReason),
    column('undecided', 'BOOLEAN', (trade) => trade.undecided),
    column('fees', 'DOUBLE', (trade) => trade.fees),
    column('slippage', 'DOUBLE', (trade) => trade.slippage),
    column('funding', 'DOUBLE', (trade) => trade.funding),
    column('profit', 'DOUBLE', (trade) => trade.profit),
    column('profit_fraction', 'DOUBLE', (trade) => trade.profitFraction),
    column('max_adverse_excursion', 'DOUBLE', (trade) => trade.maxAdverseExcursion),
    column('max_favourable_excursion', 'DOUBLE', (trade) => trade.maxFavourableExcursion),
  ], trades) // prettier-ignore
}

/** The trades that `writeTrades` wrote, in their order; NULL is NaN. */
export async function readTrades(path: string): Promise<Trade[]> {
  const rows = await withDuckDB((connection) =>
    queryRows(connection, `SELECT * FROM read_parquet(${literal(path)})`),
  )
  return rows.map((row): Trade => {
    const number = (name: string): number => (row[name] === null ? NaN : Number(row[name]))
    const text = (name: string): string => String(row[name])
    return {
      id: number('id'),
      instrumentId: text('instrument'),
      side: number('side') as Side,
      quantity: number('quantity'),
      decidedAt: number('decided_at'),
      entryTime: number('entry_time'),
      entryBar: number('entry_bar'),
      entryPrice: number('entry_price'),
      stopPrice: number('stop_price'),
      targetPrice: number('target_price'),
      sizeBoundBy: text('size_bound_by') as SizeBound,
      entryScore: number('entry_score'),
      entryCoverage: number('entry_coverage'),
      status: text('status') as Trade['status'],
      exitTime: number('exit_time'),
      exitBar: number('exit_bar'),
      exitPrice: number('exit_price'),
      exitReason: text('exit_reason') as ExitReason,
      undecided: row['undecided'] === true,
      fees: number('fees'),
      slippage: number('slippage'),
      funding: number('funding'),
      profit: number('profit'),
      profitFraction: number('profit_fraction'),
      maxAdverseExcursion: number('max_adverse_excursion'),
      maxFavourableExcursion: number('max_favourable_excursion'),
    }
  })
}

/** Every fill, in the order in which they happened. */
export async function writeFills(path: string, { fills, instruments }: BacktestResult): Promise<void> {
  await writeParquet<Fill>(path, [
    column('order_id', 'INTEGER', (fill) => fill.orderId),
    column('instrument', 'VARCHAR', (fill) => instruments[fill.instrument]?.id),
    column('role', 'VARCHAR', (fill) => fill.role),
    column('side', 'INTEGER', (fill) => fill.side),
    column('time', 'BIGINT', (fill) => fill.time),
    column('price', 'DOUBLE', (fill) => fill.price),
    column('quantity', 'DOUBLE', (fill) => fill.quantity),
    column('fee', 'DOUBLE', (fill) => fill.fee),
    column('slippage', 'DOUBLE', (fill) => fill.slippage),
    column('liquidity', 'VARCHAR', (fill) => fill.liquidity),
  ], fills) // prettier-ignore
}

/** Equity and its worst within the bar (quote units), and gross exposure (share of equity) after every bar close. */
export async function writeEquity(path: string, { equity }: BacktestResult): Promise<void> {
  await writeParquet<number>(path, [
    column('time', 'BIGINT', (row) => equity.time[row]),
    column('equity', 'DOUBLE', (row) => equity.equity[row]),
    column('adverse', 'DOUBLE', (row) => equity.adverse[row]),
    column('exposure', 'DOUBLE', (row) => equity.exposure[row]),
  ], equity.time.keys()) // prettier-ignore
}
