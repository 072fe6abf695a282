import { Session, type DecisionRecord, type SessionFact } from '../engine/session.js'
import type { KnownSettlement, PaperBars } from '../engine/paper-lane.js'
import type { BookQuote } from '../core/quotes.js'
import type { Command } from '../trading/commands.js'
import type { Broker, BrokerMessage, BrokerOrder } from './broker.js'
import { clientOrderId } from './client-id.js'
import { journalText } from './journal-text.js'
import { requireChange, type ModeChange, type SessionMode } from './mode.js'
import type { HoldReason } from './hold.js'

/**
 * Whoever writes down what happens. `append` notes a row; once `commit` has returned, all rows noted so far outlast a loss of power.
 * Rows come in pairs of question and answer only by their order: an input, then what followed from it.
 */
export interface DeskJournal {
  append(kind: RowKind, body: unknown): void
  commit(): void
}

/**
 * Inputs: facts, settlements, bars, the mode and holds that whoever runs the session has set, orders to withdraw entries, and what a broker
 * tells unasked. What follows from them: broker events, decisions, intents, marks.
 */
export type RowKind =
  'fact' | 'settlement' | 'bars' | 'mode' | 'hold' | 'withdraw' | 'broker' | 'decision' | 'intent' | 'mark'

/** An order of the reducer that is about to leave the house, or to be changed or called back. */
export type Intent =
  | { readonly kind: 'submit'; readonly order: BrokerOrder }
  | { readonly kind: 'amend'; readonly clientId: string; readonly price: number; readonly quantity: number }
  | { readonly kind: 'cancel'; readonly clientId: string }

/** Why nothing may be entered from a time (UTC ms) on; no reason: it may again. */
export interface HoldChange {
  readonly time: number
  readonly reasons: readonly HoldReason[]
}

/** Equity at one close. */
export interface DeskMark {
  /** UTC ms. */
  readonly time: number
  readonly equity: number
  readonly halted: boolean
}

/** Writes nothing down. */
export const NO_JOURNAL: DeskJournal = { append: () => undefined, commit: () => undefined }

/**
 * Where a session, its broker and its journal meet: every input is noted before it is acted on, every intent is durable before the broker
 * sees it. Deterministic: told the same inputs, it writes the same rows.
 */
export class Desk {
  readonly session: Session
  readonly broker: Broker
  readonly marks: DeskMark[] = []
  /** Of the last close. */
  decisions: readonly DecisionRecord[] = []
  mode: SessionMode = 'active'
  /** Why nothing may be entered for now, whatever the mode. */
  holds: readonly HoldReason[] = []
  private readonly journal: DeskJournal
  private readonly sessionId: string
  private readonly seen: Set<string> = new Set()
  /** Facts and settlements since the last close: a feed that begins again tells of them again. */
  private readonly told: Set<string> = new Set()

  constructor(session: Session, broker: Broker, journal: DeskJournal, sessionId: string) {
    this.session = session
    this.broker = broker
    this.journal = journal
    this.sessionId = sessionId
    broker.listen((message) => this.hear(message))
  }

  /** A fact has become known. */
  learn(fact: SessionFact): void {
    if (this.isTold(fact)) return
    this.journal.append('fact', fact)
    this.session.learn(fact)
  }

  /** A funding settlement has become known; only brokers made of bars need to be told of it. */
  settle(settlement: KnownSettlement): void {
    if (this.isTold(settlement)) return
    this.journal.append('settlement', settlement)
    this.broker.bars?.settle(settlement)
    this.broker.quotes?.settle(settlement)
  }

  private isTold(item: SessionFact | KnownSettlement): boolean {
    const text = journalText(item)
    if (this.told.has(text)) return true
    this.told.add(text)
    return false
  }

  /** Bars have closed, which were not decided on before: the broker trades them where it is made of them, then the session decides. Equity is marked where any of them is traded. */
  close(closing: PaperBars): void {
    const { session, broker, journal } = this
    if (!(closing.closeTime > session.lastDecided)) return
    // What was to be heard by the close is heard before it.
    broker.quotes?.advance(closing.closeTime)
    journal.append('bars', closing)
    this.told.clear()
    const traded = session.tradable(closing)
    const warming = closing.bars.filter((bar) => !traded.includes(bar))
    if (warming.length > 0) broker.bars?.warmUp({ ...closing, bars: warming })
    if (traded.length > 0) broker.bars?.trade({ ...closing, bars: traded }, session.leaving(closing))
    const { decisions, commands } = session.close(closing)
    this.decisions = decisions
    if (traded.length > 0) {
      journal.append('decision', decisions)
      this.send(commands)
      if (broker.bars === undefined) this.leaveVenues(closing)
      else broker.bars.afterClose()
      this.mark(closing.closeTime)
    }
    journal.commit()
  }

  /**
   * Sets the mode. Outside `active` nothing is entered and entries that rest are withdrawn; `halted` closes all positions too. Throws
   * ConfigError where the mode is latched and no reason is given.
   */
  changeMode(change: ModeChange): void {
    requireChange(this.mode, change)
    this.journal.append('mode', change)
    this.mode = change.mode
    const { time } = change
    this.applyHold(time)
    if (change.mode === 'reducing') this.send(this.session.handle({ kind: 'withdraw', time }))
    if (change.mode === 'halted') this.send(this.session.handle({ kind: 'flatten', time, reason: 'manual' }))
    this.journal.commit()
  }

  /** Lets nothing be entered while there is a reason; exits and protective orders go on. */
  hold({ time, reasons }: HoldChange): void {
    if (journalText(reasons) === journalText(this.holds)) return
    this.journal.append('hold', { time, reasons })
    this.holds = reasons
    this.applyHold(time)
    this.journal.commit()
  }

  /** Calls back the entries that are out. */
  withdraw({ time }: { readonly time: number }): void {
    this.journal.append('withdraw', { time })
    this.send(this.session.handle({ kind: 'withdraw', time }))
    this.journal.commit()
  }

  private applyHold(time: number): void {
    const isHeld = this.mode !== 'active' || this.holds.length > 0
    this.send(this.session.handle({ kind: 'hold', time, isHeld }))
  }

  /** Best bid and ask have changed; only brokers made of quotes need to be told of it. */
  quote(quote: BookQuote): void {
    this.broker.quotes?.quote(quote)
  }

  /** Time has come to `time` (UTC ms), and nothing else: what a broker made of quotes was to tell by then, it tells. */
  advance(time: number): void {
    this.broker.quotes?.advance(time)
  }

  /** The broker tells of something. What it has told already is passed over. */
  hear(message: BrokerMessage): void {
    if (this.seen.has(message.id)) return
    this.seen.add(message.id)
    this.journal.append('broker', message)
    const { event } = message
    this.send(this.session.handle(event))
    if (this.broker.bars !== undefined) return
    // An entry that filled before it could be called back is not kept by a session that was halted.
    if (event.kind === 'fill' && this.mode === 'halted')
      this.send(this.session.handle({ kind: 'flatten', time: event.time, reason: 'manual' }))
    this.journal.commit()
  }

  /** Instruments whose last bar this was: a venue of its own does not say so. */
  private leaveVenues(closing: PaperBars): void {
    for (const instrument of this.session.leaving(closing))
      this.send(this.session.handle({ kind: 'flatten', time: closing.closeTime, instrument, reason: 'delisted' })) // prettier-ignore
  }

  private mark(time: number): void {
    const { markedEquity: equity, halted } = this.session.state
    const mark = { time, equity, halted }
    this.marks.push(mark)
    this.journal.append('mark', mark)
  }

  private send(commands: readonly Command[]): void {
    const intents = commands.flatMap((command) => this.intentOf(command))
    if (intents.length === 0) return
    for (const intent of intents) this.journal.append('intent', intent)
    this.journal.commit()
    for (const intent of intents) this.act(intent)
  }

  private intentOf(command: Command): Intent[] {
    switch (command.kind) {
      case 'submit': {
        const { order, rung, expiresAt } = command
        const clientId = clientOrderId(this.sessionId, order.id)
        return [{ kind: 'submit', order: { clientId, order, rung, expiresAt } }]
      }
      case 'amend': {
        const { orderId, price, quantity } = command
        return [{ kind: 'amend', clientId: clientOrderId(this.sessionId, orderId), price, quantity }]
      }
      case 'cancel':
        return [{ kind: 'cancel', clientId: clientOrderId(this.sessionId, command.orderId) }]
      case 'trade':
      case 'blocked':
        return []
    }
  }

  private act(intent: Intent): void {
    const { broker } = this
    if (intent.kind === 'submit') broker.submit(intent.order)
    else if (intent.kind === 'amend') broker.amend(intent.clientId, intent.price, intent.quantity)
    else broker.cancel(intent.clientId)
  }
}
