import type { InstrumentTerms } from '../../src/core/instrument.js'
import type { ExitReason, OrderRole, Side } from '../../src/core/orders.js'
import type { Policies } from '../../src/core/policies.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import type { Script } from '../engine/scripted.js'

/** All that the model remembers between two bars. Bars are counted from the first candle; results count from the first replayed one. */
export interface World {
  readonly options: ReplayOptions
  readonly risk: RiskSettings
  readonly policies: Policies
  readonly markets: readonly Market[]
  /** Starting balance, realised differences of price, fees, and every funding payment as it falls due. */
  cash: number
  /** At the last close, before what was decided and filled there. */
  equityAtMark: number
  /** 00:00 UTC of the day under way, and the equity it began with. */
  dayStart: number
  dayEquity: number
  /** Equity at each close, costs of fills at that close included. */
  readonly marks: { readonly time: number; equity: number }[]
  isHalted: boolean
  nextOrderId: number
  readonly fills: ModelFill[]
  readonly trades: ModelTrade[]
  readonly endTime: number
}

export interface Market {
  readonly index: number
  readonly data: InstrumentData
  readonly script: Script
  /** Replayed are the bars from `first` up to, not including, `end`. */
  readonly first: number
  readonly end: number
  /** Closed at its last bar because the venue delists it. */
  readonly isDelisted: boolean
  /** The bar under way, or the last one that was. */
  bar: number
  lastClose: number
  position: Position | undefined
  entry: EntryOrder | undefined
  exit: ExitOrder | undefined
  /** Sides that may be entered: one that was left waits for a bar without its condition, or a newer fact. */
  isLongArmed: boolean
  isShortArmed: boolean
  /** Of the last entry that filled, on either side. */
  keyAtEntry: number
  lastUsableClose: number
  /** A stop, target or liquidation filled in the bar under way. */
  hadProtectiveFill: boolean
  /** A resting entry opened the position inside the bar under way. */
  enteredInside: boolean
  /** An exit was decided at the close of the bar under way. */
  hasDecidedExit: boolean
  /** What fills may still take in the bar under way, and at its close; NaN where the volume is unknown. */
  budget: number
  closeBudget: number
  /** First settlement that is not yet charged. */
  nextSettlement: number
}

export interface EntryOrder {
  readonly id: number
  readonly side: Side
  readonly kind: 'market' | 'limit' | 'stop'
  /** The decision's close for a market order. */
  readonly price: number
  /** Still to be filled. */
  left: number
  filled: number
  readonly decidedAt: number
  /** A resting order fills in bars that open before this. */
  deadline: number
  /** It found a bar that it could have filled in, and did not fill whole: one more bar is left. */
  isOnItsLastBar: boolean
  readonly stopDistance: number | undefined
  readonly targets: readonly { readonly distance: number; readonly share: number }[]
  readonly score: number
  readonly atr: number
  readonly rearmKey: number
}

export interface ExitOrder {
  readonly reason: ExitReason
  /** The last close before the bar that it is to fill in. */
  waitsSince: number
}

export interface Position {
  readonly side: Side
  readonly order: EntryOrder
  readonly entryTime: number
  readonly entryBar: number
  entered: number
  /** Of all entry fills. */
  entryNotional: number
  held: number
  /** Average price of what is held. */
  average: number
  stop: number | undefined
  trail: number | undefined
  best: number
  rungs: Rung[]
  liquidation: number | undefined
  fees: number
  slippage: number
  funding: number
  /** Σ side · (exit − entry) · quantity, so far. */
  realised: number
  exitNotional: number
  isUndecided: boolean
  /** Of what is held at the open of a bar: from before it; filled at it. */
  before: number
  atOpen: number
  /** What was held before the open has had its part in a settlement at that instant. */
  isSettledAtOpen: boolean
}

export interface Rung {
  readonly level: number
  readonly share: number
  /** Stands for this much in all, of which so much has filled. */
  quantity: number
  filled: number
}

/** When a fill happens: its time, and the terms that hold then. */
export interface Moment {
  readonly at: 'open' | 'inside' | 'close'
  readonly time: number
  readonly terms: InstrumentTerms
}

export interface ModelFill {
  readonly instrument: number
  readonly role: OrderRole
  readonly side: Side
  readonly time: number
  readonly bar: number
  readonly price: number
  readonly quantity: number
  readonly fee: number
  readonly slippage: number
}

export interface ModelTrade {
  readonly instrument: number
  readonly side: Side
  readonly status: 'closed' | 'open'
  readonly entryTime: number
  readonly entryBar: number
  readonly entryPrice: number
  readonly exitTime: number
  readonly exitBar: number
  readonly exitPrice: number
  readonly quantity: number
  readonly fees: number
  readonly funding: number
  readonly slippage: number
  readonly reason: ExitReason
  readonly undecided: boolean
  readonly profit: number
}

export interface ModelResult {
  /** In the order in which they closed; those left open at the end last. */
  readonly trades: readonly ModelTrade[]
  readonly fills: readonly ModelFill[]
  readonly dailyTime: readonly number[]
  readonly dailyEquity: readonly number[]
  readonly finalEquity: number
}
