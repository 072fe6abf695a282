import type { ExitReason, Fill } from '../core/orders.js'
import type { BlockReason } from '../core/result.js'
import type { SignalRow } from '../core/signals.js'

/** One completed bar of one instrument, with what the strategy says of it. Prices in quote units. */
export interface CompletedBar {
  readonly instrument: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly signal: SignalRow
  /** The signal is known on this bar: warm-up is over and enough of its inputs are present. */
  readonly usable: boolean
  /** Values of the named features; read only where the strategy decides with its position in view. */
  readonly features: Readonly<Record<string, number>> | undefined
  /** The instrument leaves the venue at this close: nothing is entered any more. Default false. */
  readonly isLast?: boolean
}

/** Bars of these instruments begin: a new day may, and terms that hold from now on are in force. */
export interface OpensEvent {
  readonly kind: 'opens'
  readonly time: number
  readonly instruments: readonly number[]
}

/** All instruments' bars that close at one instant, in the run's instrument order. */
export interface BarsEvent {
  readonly kind: 'bars'
  /** Close time. */
  readonly time: number
  readonly bars: readonly CompletedBar[]
}

/** A newer version of the fact that may re-arm entries became known. */
export interface SnapshotEvent {
  readonly kind: 'snapshot'
  readonly time: number
  readonly instrument: number
  readonly rearmKey: number
}

/** A funding settlement: what a long of one base unit pays (a short receives), NaN where the rate was not recorded. */
export interface FundingEvent {
  readonly kind: 'funding'
  /** When it is charged. */
  readonly time: number
  /** When it fell due; the same time unless given. */
  readonly dueTime?: number
  readonly instrument: number
  readonly amountPerUnit: number
}

/**
 * The price at which the entry that is out is about to fill: the open in a replay, the quote at the moment of sending live. The
 * reducer answers by amending the order to what the account can pay at that price, or by cancelling it.
 */
export interface QuoteEvent {
  readonly kind: 'quote'
  readonly time: number
  readonly instrument: number
  readonly price: number
}

export interface FillEvent {
  readonly kind: 'fill'
  readonly time: number
  readonly fill: Fill
  /** The bar that filled a protective order touched both of them and its open did not decide. */
  readonly undecided: boolean
  /** Somewhere inside the bar in progress, at an instant that nothing tells: the bar's extremes may have come before. Default false. */
  readonly inside?: boolean
  /** At the close of the bars that have just completed: it belongs to them. Default false. */
  readonly atClose?: boolean
}

/** A venue gave up an order, or never took it. */
export interface OrderEndedEvent {
  readonly kind: 'order-ended'
  readonly time: number
  readonly instrument: number
  readonly orderId: number
  readonly state: 'cancelled' | 'expired' | 'rejected' | 'failed'
  /** Why an entry came to nothing, where the venue says so. */
  readonly reason?: BlockReason
}

/** For want of volume not all of the entry could be filled: the venue gives up what is left at that time. */
export interface VolumeLackedEvent {
  readonly kind: 'volume-lacked'
  readonly time: number
  readonly instrument: number
  readonly orderId: number
  readonly expiresAt: number
}

/** A stop was met and could sell nothing: it is a market order from now on. */
export interface StopMetEvent {
  readonly kind: 'stop-met'
  readonly time: number
  readonly instrument: number
  readonly undecided: boolean
}

/** Whoever runs the session lets it enter nothing for a while (exits and protective orders go on), or lets it again. */
export interface HoldEvent {
  readonly kind: 'hold'
  readonly time: number
  readonly isHeld: boolean
}

/** A venue acknowledged an order. */
export interface OrderAcceptedEvent {
  readonly kind: 'order-accepted'
  readonly time: number
  readonly instrument: number
  readonly orderId: number
}

/** Time passed without a bar. */
export interface TimerEvent {
  readonly kind: 'timer'
  readonly time: number
}

/** Cancel the entries that are out. */
export interface WithdrawEvent {
  readonly kind: 'withdraw'
  readonly time: number
}

/** Close everything and cancel open entries: the end of the data, a delisting, or a person's wish. */
export interface FlattenEvent {
  readonly kind: 'flatten'
  readonly time: number
  /** Of this instrument alone. */
  readonly instrument?: number
  readonly reason: ExitReason
}

export type TradingEvent =
  | BarsEvent
  | OpensEvent
  | SnapshotEvent
  | FundingEvent
  | QuoteEvent
  | FillEvent
  | OrderAcceptedEvent
  | OrderEndedEvent
  | VolumeLackedEvent
  | StopMetEvent
  | HoldEvent
  | WithdrawEvent
  | TimerEvent
  | FlattenEvent
