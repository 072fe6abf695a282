import { DAY_MS } from '../core/time.js'
import type { Trade } from '../core/trades.js'
import { formatValue } from '../metrics/format.js'
import { forChart } from './down-sample.js'
import { safe, type Markup } from './markup.js'
import { recordTable, type RecordColumn } from './page/index.js'
import type { TradeMarks } from './page/index.js'

/** A page holds so many trades: where there are more, those of the largest results. */
const MOST_TRADES = 4_000

const CSV_ONLY = { isHidden: true } as const
const SIGNED = { isSigned: true } as const

/** The trades that a page shows, in their order, and whether they are all. */
export function shownTrades(trades: readonly Trade[]): {
  readonly shown: readonly Trade[]
  readonly areAll: boolean
} {
  if (trades.length <= MOST_TRADES) return { shown: trades, areAll: true }
  const largest = [...trades].sort((a, b) => Math.abs(b.profit) - Math.abs(a.profit)).slice(0, MOST_TRADES)
  return { shown: largest.sort((a, b) => a.id - b.id), areAll: false }
}

/** Every trade that a page holds: to be sorted, filtered and saved. */
export function tradeList(trades: readonly Trade[], runId: string): Markup {
  const { shown, areAll } = shownTrades(trades)
  const text = (name: string, of: (trade: Trade) => string, isChoice = false): RecordColumn => ({ name, values: shown.map(of), isChoice }) // prettier-ignore
  const number = (name: string, unit: NonNullable<RecordColumn['unit']>, of: (trade: Trade) => number, look: Pick<RecordColumn, 'isHidden' | 'isSigned'> = {}): RecordColumn => ({
    name,
    unit,
    values: shown.map((trade) => finite(of(trade))),
    ...look,
  }) // prettier-ignore
  const columns = [
    number('#', 'count', ({ id }) => id),
    text('Instrument', ({ instrumentId }) => instrumentId, true),
    text('Side', ({ side }) => (side === 1 ? 'long' : 'short'), true),
    number('Entry, UTC', 'time', ({ entryTime }) => entryTime),
    number('Entry price', 'price', ({ entryPrice }) => entryPrice),
    number('Exit, UTC', 'time', ({ exitTime }) => exitTime),
    number('Exit price', 'price', ({ exitPrice }) => exitPrice),
    text('Exit reason', ({ status, exitReason }) => (status === 'open' ? 'still open' : exitReason), true),
    number('Held', 'days', ({ entryTime, exitTime }) => (exitTime - entryTime) / DAY_MS),
    number('Net profit', 'money', ({ profit }) => profit, SIGNED),
    number('Of notional', 'fraction', ({ profitFraction }) => profitFraction, SIGNED),
    number('MAE', 'fraction', ({ maxAdverseExcursion }) => maxAdverseExcursion),
    number('MFE', 'fraction', ({ maxFavourableExcursion }) => maxFavourableExcursion),
    number('Fees', 'money', ({ fees }) => fees, CSV_ONLY),
    number('Slippage', 'money', ({ slippage }) => slippage, CSV_ONLY),
    number('Funding', 'money', ({ funding }) => funding, CSV_ONLY),
    number('Quantity', 'price', ({ quantity }) => quantity, CSV_ONLY),
    number('Stop', 'price', ({ stopPrice }) => stopPrice, CSV_ONLY),
    number('Target', 'price', ({ targetPrice }) => targetPrice, CSV_ONLY),
    number('Score', 'ratio', ({ entryScore }) => entryScore, CSV_ONLY),
    number('Coverage', 'fraction', ({ entryCoverage }) => entryCoverage, CSV_ONLY),
  ].filter(({ isHidden, values }) => isHidden !== true || values.some((value) => value !== null))
  const all = areAll
    ? 'All trades of the run; the CSV also holds fees, slippage, funding, quantity, stop, target, score and coverage of those that the filters leave.'
    : `The ${formatValue(MOST_TRADES, 'count')} trades with the largest results, of ${formatValue(trades.length, 'count')}: trades.parquet of the run holds them all. The CSV holds those that the filters leave.`
  return safe`<h3>Trade list</h3><p class="note">${all}</p>${recordTable({ columns, rowsPerPage: 25, csvName: `${runId}-trades.csv` })}`
}

/** Trades of one instrument, as its candles show them. */
export function tradeMarksOf(trades: readonly Trade[]): TradeMarks {
  const exitReasons = [...new Set(trades.map(({ exitReason }) => exitReason as string))]
  const numbers = (of: (trade: Trade) => number): number[] => trades.map((trade) => forChart(of(trade)))
  const levels = (of: (trade: Trade) => number): (number | null)[] => trades.map((trade) => finite(of(trade)))
  return {
    id: trades.map(({ id }) => id),
    side: trades.map(({ side }) => side),
    entryTime: trades.map(({ entryTime }) => entryTime),
    entryPrice: numbers(({ entryPrice }) => entryPrice),
    exitTime: trades.map(({ exitTime }) => exitTime),
    exitPrice: numbers(({ exitPrice }) => exitPrice),
    stopPrice: levels(({ stopPrice }) => stopPrice),
    targetPrice: levels(({ targetPrice }) => targetPrice),
    exitReason: trades.map(({ exitReason }) => exitReasons.indexOf(exitReason)),
    exitReasons,
    profit: numbers(({ profit }) => profit),
    profitFraction: trades.map(({ profitFraction }) => forChart(profitFraction, 4)),
  }
}

/** To nine significant digits: exact for times of a day, and enough for money; absent where it is no number. */
function finite(value: number): number | null {
  if (!Number.isFinite(value)) return null
  return Number.isInteger(value) ? value : forChart(value, 9)
}
