import { sharedColumn } from '../core/columns.js'
import type { ExitReason, Side } from '../core/orders.js'
import type { CostTotals } from '../core/result.js'
import type { SizeBound, Trade, TradeTable } from '../core/trades.js'
import type { ClosedTrade } from '../trading/commands.js'
import type { Excursions } from './excursions.js'
import { NumberRows } from './number-rows.js'
import { WordColumn } from './word-column.js'

const TRADE_NUMBERS = 21
const [
  SIDE, QUANTITY, DECIDED_AT, ENTRY_TIME, ENTRY_BAR, ENTRY_PRICE, STOP_PRICE, TARGET_PRICE, ENTRY_SCORE, ENTRY_COVERAGE, EXIT_TIME, EXIT_BAR,
  EXIT_PRICE, UNDECIDED, FEES, SLIPPAGE, FUNDING, PROFIT, ADVERSE, FAVOURABLE, INSTRUMENT,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] as const // prettier-ignore

/**
 * Every trade of a run, in columns as OrderLog keeps orders: an object of a trade has two dozen fields, most of them numbers in a box of
 * their own, and whoever measures a run asks for none of them.
 */
export class TradeLog {
  /** How many of the trades, the first ones, are closed. */
  closed: number = 0
  undecided: number = 0
  private readonly numbers: NumberRows = new NumberRows(TRADE_NUMBERS)
  private readonly sizeBounds: WordColumn<SizeBound> = new WordColumn()
  private readonly exitReasons: WordColumn<ExitReason> = new WordColumn()

  private readonly instrumentIds: readonly string[]

  constructor(instrumentIds: readonly string[]) {
    this.instrumentIds = instrumentIds
  }

  get count(): number {
    return this.exitReasons.length
  }

  /** Those that are still open at the end of the data come after all others. */
  add(trade: ClosedTrade, status: Trade['status'], excursions: Excursions): void {
    const row = this.numbers.add()
    const { values } = this.numbers
    values[row + SIDE] = trade.side
    values[row + QUANTITY] = trade.quantity
    values[row + DECIDED_AT] = trade.decidedAt
    values[row + ENTRY_TIME] = trade.entryTime
    values[row + ENTRY_BAR] = trade.entryBar
    values[row + ENTRY_PRICE] = trade.entryPrice
    values[row + STOP_PRICE] = trade.stopPrice
    values[row + TARGET_PRICE] = trade.targetPrice
    values[row + ENTRY_SCORE] = trade.entryScore
    values[row + ENTRY_COVERAGE] = trade.entryCoverage
    values[row + EXIT_TIME] = trade.exitTime
    values[row + EXIT_BAR] = trade.exitBar
    values[row + EXIT_PRICE] = trade.exitPrice
    values[row + UNDECIDED] = Number(trade.undecided)
    values[row + FEES] = trade.fees
    values[row + SLIPPAGE] = trade.slippage
    values[row + FUNDING] = trade.funding
    values[row + PROFIT] = trade.profit
    values[row + ADVERSE] = excursions.adverse
    values[row + FAVOURABLE] = excursions.favourable
    values[row + INSTRUMENT] = trade.instrument
    this.sizeBounds.push(trade.sizeBoundBy)
    this.exitReasons.push(trade.exitReason)
    if (trade.undecided) this.undecided++
    if (status === 'closed') this.closed++
  }

  costs(): CostTotals {
    const totals = { fees: 0, slippage: 0, funding: 0 }
    const { values } = this.numbers
    for (let at = 0; at < this.count; at++) {
      const row = at * TRADE_NUMBERS
      totals.fees += values[row + FEES] as number
      totals.slippage += values[row + SLIPPAGE] as number
      totals.funding += values[row + FUNDING] as number
    }
    return totals
  }

  /** How many trades ended for a reason on an instrument that the caller is asked about. */
  countEnded(reason: ExitReason, isCounted: (instrument: number) => boolean): number {
    const { exitReasons } = this
    const { values } = this.numbers
    let ended = 0
    for (let at = 0; at < this.count; at++)
      if (exitReasons.at(at) === reason && isCounted(values[at * TRADE_NUMBERS + INSTRUMENT] as number))
        ended++
    return ended
  }

  list(): Trade[] {
    return Array.from({ length: this.count }, (_, at) => this.tradeAt(at))
  }

  table(): TradeTable {
    return {
      count: this.count,
      closed: this.closed,
      instrumentId: this.idsOfTrades(),
      sizeBoundBy: this.sizeBounds.list(),
      exitReason: this.exitReasons.list(),
      side: Int32Array.from(this.column(SIDE)),
      quantity: this.column(QUANTITY),
      entryTime: this.column(ENTRY_TIME),
      entryCoverage: this.column(ENTRY_COVERAGE),
      exitTime: this.column(EXIT_TIME),
      profit: this.column(PROFIT),
      profitFraction: this.profitFractions(),
      fees: this.column(FEES),
      slippage: this.column(SLIPPAGE),
      funding: this.column(FUNDING),
      maxAdverseExcursion: this.column(ADVERSE),
      maxFavourableExcursion: this.column(FAVOURABLE),
    }
  }

  private tradeAt(at: number): Trade {
    const row = at * TRADE_NUMBERS
    const { values } = this.numbers
    return {
      id: at + 1,
      instrumentId: this.instrumentIds[values[row + INSTRUMENT] as number] as string,
      side: values[row + SIDE] as Side,
      quantity: values[row + QUANTITY] as number,
      decidedAt: values[row + DECIDED_AT] as number,
      entryTime: values[row + ENTRY_TIME] as number,
      entryBar: values[row + ENTRY_BAR] as number,
      entryPrice: values[row + ENTRY_PRICE] as number,
      stopPrice: values[row + STOP_PRICE] as number,
      targetPrice: values[row + TARGET_PRICE] as number,
      sizeBoundBy: this.sizeBounds.at(at),
      entryScore: values[row + ENTRY_SCORE] as number,
      entryCoverage: values[row + ENTRY_COVERAGE] as number,
      exitTime: values[row + EXIT_TIME] as number,
      exitBar: values[row + EXIT_BAR] as number,
      exitPrice: values[row + EXIT_PRICE] as number,
      exitReason: this.exitReasons.at(at),
      undecided: values[row + UNDECIDED] === 1,
      fees: values[row + FEES] as number,
      slippage: values[row + SLIPPAGE] as number,
      funding: values[row + FUNDING] as number,
      profit: values[row + PROFIT] as number,
      status: at < this.closed ? 'closed' : 'open',
      profitFraction: profitFractionAt(values, row),
      maxAdverseExcursion: values[row + ADVERSE] as number,
      maxFavourableExcursion: values[row + FAVOURABLE] as number,
    }
  }

  private idsOfTrades(): string[] {
    const { values } = this.numbers
    const ids = new Array<string>(this.count)
    for (let at = 0; at < ids.length; at++)
      ids[at] = this.instrumentIds[values[at * TRADE_NUMBERS + INSTRUMENT] as number] as string
    return ids
  }

  private column(number: number): Float64Array {
    const { values } = this.numbers
    const column = sharedColumn(this.count)
    for (let at = 0; at < column.length; at++) column[at] = values[at * TRADE_NUMBERS + number] as number
    return column
  }

  private profitFractions(): Float64Array {
    const { values } = this.numbers
    const fractions = sharedColumn(this.count)
    for (let at = 0; at < fractions.length; at++) fractions[at] = profitFractionAt(values, at * TRADE_NUMBERS)
    return fractions
  }
}

function profitFractionAt(values: Float64Array, row: number): number {
  const notional = (values[row + ENTRY_PRICE] as number) * (values[row + QUANTITY] as number)
  return (values[row + PROFIT] as number) / notional
}
