import type { ExitReason, Side } from './orders.js'

/** Which bound decided the size of an entry. */
export type SizeBound = 'risk' | 'max-position' | 'cash' | 'fixed' | 'margin-tier'

/** One round trip: from flat to flat in one instrument. Money in quote units, times UTC ms. */
export interface Trade {
  readonly id: number
  readonly instrumentId: string
  readonly side: Side
  /** Base units, positive. */
  readonly quantity: number
  readonly decidedAt: number
  readonly entryTime: number
  readonly entryBar: number
  readonly entryPrice: number
  /** Initial protective levels; NaN where there is none. */
  readonly stopPrice: number
  readonly targetPrice: number
  readonly sizeBoundBy: SizeBound
  /** Score of the entry decision, NaN for rules. */
  readonly entryScore: number
  /** Share of the signal's weight that was present at the entry decision, NaN where the strategy has no legs. */
  readonly entryCoverage: number
  /** `open` only where the end-of-data policy leaves positions open: exit fields then hold the last mark, without exit costs. */
  readonly status: 'closed' | 'open'
  readonly exitTime: number
  readonly exitBar: number
  readonly exitPrice: number
  readonly exitReason: ExitReason
  /** The exit bar touched several levels and its open did not decide which came first. */
  readonly undecided: boolean
  /** Paid, positive. */
  readonly fees: number
  readonly slippage: number
  /** Received, positive; paid, negative. */
  readonly funding: number
  /** Net of fees, slippage and funding. */
  readonly profit: number
  /** `profit` over entry notional. */
  readonly profitFraction: number
  /** Worst and best excursion of price against the entry while held, as fractions of the entry price (≤ 0 and ≥ 0). */
  readonly maxAdverseExcursion: number
  readonly maxFavourableExcursion: number
}

/** Trades column by column, in their order: statistics read a few fields of every trade, again and again. Units as in Trade. */
export interface TradeTable {
  readonly count: number
  /** The first so many are closed: those that are left open at the end of the data come last. */
  readonly closed: number
  readonly instrumentId: readonly string[]
  readonly sizeBoundBy: readonly SizeBound[]
  readonly exitReason: readonly ExitReason[]
  /** Side, 1 or −1. */
  readonly side: Int32Array
  readonly quantity: Float64Array
  readonly entryTime: Float64Array
  readonly entryCoverage: Float64Array
  readonly exitTime: Float64Array
  readonly profit: Float64Array
  readonly profitFraction: Float64Array
  readonly fees: Float64Array
  readonly slippage: Float64Array
  readonly funding: Float64Array
  readonly maxAdverseExcursion: Float64Array
  readonly maxFavourableExcursion: Float64Array
}
