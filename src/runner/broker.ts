import type { Order } from '../core/orders.js'
import type { BookQuote } from '../core/quotes.js'
import type { KnownSettlement, PaperBars } from '../engine/paper-lane.js'
import type {
  FillEvent,
  FlattenEvent,
  FundingEvent,
  OpensEvent,
  OrderAcceptedEvent,
  OrderEndedEvent,
  QuoteEvent,
  StopMetEvent,
  VolumeLackedEvent,
} from '../trading/events.js'

/** An order as a broker is given it. */
export interface BrokerOrder {
  /** Hash of session, intent and attempt: the broker's key. A second order of the same id is the first one. */
  readonly clientId: string
  readonly order: Order
  /** Counts the targets of a position, nearest first; 0 for all other orders. */
  readonly rung: number
  /** UTC ms; Infinity for orders without an end. */
  readonly expiresAt: number
}

/** What a broker tells, in the reducer's own words. */
export type BrokerEvent =
  | OrderAcceptedEvent
  | QuoteEvent
  | FillEvent
  | OrderEndedEvent
  | VolumeLackedEvent
  | StopMetEvent
  | FundingEvent
  | OpensEvent
  | FlattenEvent

/** One event with the broker's own id of it, by which it is known when it comes twice. */
export interface BrokerMessage {
  readonly id: string
  readonly event: BrokerEvent
  /** The best bid and ask that a fill met, where the broker fills by quotes: its evidence. Nothing is decided on it. */
  readonly met?: BookQuote
}

/** An order that is out at the broker. */
export interface OpenOrder {
  readonly clientId: string
  readonly price: number
  /** Base units, what has been filled included. */
  readonly quantity: number
  readonly filledQuantity: number
}

/** What the broker itself holds to be true, to be compared with what the session believes. */
export interface BrokerAccount {
  /** Quote units. */
  readonly cash: number
  /** By instrument, base units; positive long, negative short. */
  readonly positions: readonly number[]
  readonly orders: readonly OpenOrder[]
}

/** The further half of a broker whose prices are the session's own bars. */
export interface FedByBars {
  settle(settlement: KnownSettlement): void
  warmUp(bars: PaperBars): void
  /** What bars that have closed did to the orders that were out, before anything is decided at their close. */
  trade(bars: PaperBars, leaving: ReadonlySet<number>): void
  /** What fills at the very close, once its decisions are made. */
  afterClose(): void
}

/** The further half of a broker on paper that fills by best bid and ask. */
export interface FedByQuotes {
  quote(quote: BookQuote): void
  /** Time has come to `time` (UTC ms) without a quote. */
  advance(time: number): void
  settle(settlement: KnownSettlement): void
  /** How old the oldest of the newest quotes of all listed instruments is at a time (UTC ms), ms; Infinity where one was never told. */
  ageMs(time: number): number
}

/**
 * The further half of a broker whose events are inputs: while a session is brought back it is sent every order again, which it notes and does
 * nothing about, and reminded of every event that it told; then it goes on.
 */
export interface LivedThroughAgain {
  recall(message: BrokerMessage): void
  /** The end of it, also of a session that is new. */
  resume(): void
}

/**
 * Who fills the orders: orders go in by client id, events come back, at once or later. Submitting the same client id again changes nothing;
 * an order that is not out can be neither amended nor cancelled, which is no error, since it may just have been filled.
 */
export interface Broker {
  readonly name: string
  /** Whom to tell of events; called once, before anything else. */
  listen(tell: (message: BrokerMessage) => void): void
  submit(order: BrokerOrder): void
  amend(clientId: string, price: number, quantity: number): void
  cancel(clientId: string): void
  account(): BrokerAccount
  /** Undefined where prices come from a market of its own. */
  readonly bars: FedByBars | undefined
  readonly quotes?: FedByQuotes
  /** Undefined where its events follow from what it is told, as bars: then they come out of it again. */
  readonly again?: LivedThroughAgain
}
