import type { Fill, Order } from './orders.js'
import type { Policies } from './policies.js'
import type { Trade, TradeTable } from './trades.js'

/** Equity after every bar close of the run, oldest first; equal lengths. `time` is the close, UTC ms, from the first bar's (`startTime` + timeframe) to `endTime`. */
export interface EquityCurve {
  readonly time: Float64Array
  readonly equity: Float64Array
  /**
   * The least equity can have been inside the bar: every position held through it at its worst price, all at once. A bound
   * that stands beside the close, never in its place (rule 33).
   */
  readonly adverse: Float64Array
  /** Gross notional of open positions at the mark, over equity. */
  readonly exposure: Float64Array
}

/** Equity at each 00:00 UTC from the run's start to its end: the last mark at or before it. First row = starting balance. */
export interface DailyEquity {
  readonly time: Float64Array
  readonly equity: Float64Array
}

/** How many bars, signals and orders got how far: the answer to "why no trades?". Counts over all instruments. */
export interface Funnel {
  readonly bars: number
  /** Bars whose warm-up was over. */
  readonly warm: number
  /** Bars with a usable signal (coverage enough, score known). Equal to `warm` for rules. */
  readonly covered: number
  /** Bars on which an entry condition held. */
  readonly signals: number
  /** Reasons for which an entry condition led to no order, with counts. */
  readonly blocked: Readonly<Record<BlockReason, number>>
  readonly entryOrders: number
  readonly entryFills: number
}

export type BlockReason =
  | 'in-position'
  | 'long-and-short'
  | 'exit-on-same-bar'
  | 'not-shortable'
  | 'not-rearmed'
  | 'halted'
  | 'order-on-same-bar'
  | 'no-stop'
  | 'no-capital'
  | 'max-positions'
  | 'min-notional'
  | 'lot'
  | 'stale'
  | 'end-of-data'
  | 'no-price'
  | 'unfilled'
  | 'withdrawn'
  | 'no-volume'
  | 'delisted'

export interface RunFlag {
  /** Stable identifier, such as `funding-mark-missing`. */
  readonly code: string
  readonly message: string
  readonly count: number
}

/** Totals in quote units; positive = lost, except funding: positive = received. */
export interface CostTotals {
  readonly fees: number
  readonly slippage: number
  readonly funding: number
}

export interface InstrumentRun {
  readonly id: string
  readonly bars: number
  readonly firstOpenTime: number
  readonly lastCloseTime: number
  /** First bar that could be decided on. */
  readonly firstDecisionTime: number
  /** Close of each bar of the run and the time it became known: for benchmarks and charts. */
  readonly closeTime: Float64Array
  readonly close: Float64Array
  readonly open: Float64Array
}

/** Which way a replay took. Both give the same result; only their cost differs. */
export interface ReplayPath {
  /** `skipping`: steps only where something may happen; `bar-by-bar`: a step at every bar. */
  readonly kind: 'skipping' | 'bar-by-bar'
  /** Why no bar was skipped; undefined where bars were. */
  readonly reason: string | undefined
  /** Instants at which the reducer was asked, of all instants of the run. */
  readonly steps: number
  readonly slots: number
}

/** A bar that met two levels of a position, between which its open did not decide: which came first made a difference. */
export interface BarQuestion {
  /** Index of the instrument in the run. */
  readonly instrument: number
  /** UTC ms. */
  readonly openTime: number
  /** Finer candles told; else the policy `undecided` did. */
  readonly isAnswered: boolean
}

/** Everything a replay answers. Pure data: metrics, reports and run files are made from this. */
export interface BacktestResult {
  readonly strategy: string
  readonly params: Readonly<Record<string, number | string | boolean>>
  readonly policies: Policies
  readonly timeframeMs: number
  readonly startTime: number
  readonly endTime: number
  readonly startingBalance: number
  readonly finalEquity: number
  readonly instruments: readonly InstrumentRun[]
  readonly equity: EquityCurve
  readonly daily: DailyEquity
  readonly trades: readonly Trade[]
  /**
   * The same trades by column, where whoever made the result has them so. Not enumerable: a copy of the result, which may be given other
   * trades, has none.
   */
  readonly tradeTable?: TradeTable
  readonly fills: readonly Fill[]
  readonly orders: readonly Order[]
  readonly funnel: Funnel
  readonly costs: CostTotals
  readonly undecidedExits: number
  /** In order of time; exits that stay undecided come of those without an answer. */
  readonly questions: readonly BarQuestion[]
  readonly flags: readonly RunFlag[]
  readonly path: ReplayPath
}
