import type { Instrument } from '../core/instrument.js'
import { DataError } from '../core/errors.js'
import { utcDayStart } from '../core/time.js'
import type { KnownSettlement, PaperBars } from '../engine/paper-lane.js'
import type { DecisionRecord, SessionFact } from '../engine/session.js'
import type { RiskSettings } from '../risk/settings.js'
import type { BrokerMessage } from '../runner/broker.js'
import type { DeskMark, HoldChange, Intent, RowKind } from '../runner/desk.js'
import type { HoldReason } from '../runner/hold.js'
import type { JournalRow } from '../runner/journal-file.js'
import { journalBody } from '../runner/journal-text.js'
import type { ModeChange, SessionMode } from '../runner/mode.js'
import { SessionAccount } from './account.js'

/** Row 1 of a journal: what the session is. */
export interface SessionRecord {
  readonly id: string
  readonly strategy: string
  readonly strategyHash: string
  readonly params: Readonly<Record<string, unknown>>
  readonly risk: RiskSettings
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** Bars that open before it warm features up. UTC ms. */
  readonly startTime: number
  readonly startingBalance: number
  /** What the data are, in words or hashes. */
  readonly data: string
  /** The fill model. */
  readonly fills: string
}

/** A close that was decided on, and how many bars came with it. */
export interface DecidedClose {
  readonly time: number
  readonly bars: number
}

/** An intent with the close after which it left, NaN before the first. */
export interface TimedIntent {
  readonly time: number
  readonly intent: Intent
}

/** The newest candles of an instrument, oldest first. */
export interface Candle {
  /** UTC ms. */
  readonly closeTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** Which decisions and intents to keep, by their close; the last one of each instrument is kept in any case. */
export interface KeptTimes {
  readonly fromMs: number
  readonly toMs: number
  /** Rows from the first close after `toMs` on are passed over: all is as it was then. */
  readonly stopsThere?: boolean
}

const KEPT_CANDLES = 240
const KEPT_ROWS = 40

/**
 * What the rows of a journal come to, row by row, so that a journal that grows is read on from where it was left. Pure: no clock, no files.
 * Memory: a mark and a close for each close, all fills and round trips, decisions of the times that were asked for.
 */
export class JournalFold {
  record: SessionRecord | undefined
  account: SessionAccount = new SessionAccount(NaN, 0)
  rows: number = 0
  mode: SessionMode = 'active'
  /** The reason that was given for the mode, in words; empty where none was. */
  modeReason: string = ''
  holds: readonly HoldReason[] = []
  /** Since when, by the session's clock; NaN where nothing is held. */
  heldSince: number = NaN
  /** The hold that is over, and the one that may still last, oldest first. */
  readonly holdSpans: { readonly fromMs: number; toMs: number; readonly reasons: readonly HoldReason[] }[] =
    []
  readonly marks: DeskMark[] = []
  readonly closes: DecidedClose[] = []
  /** By instrument: the decision at its last close. */
  readonly lastDecisions: Map<number, DecisionRecord> = new Map()
  readonly decisions: DecisionRecord[] = []
  readonly intents: TimedIntent[] = []
  readonly candles: Candle[][] = []
  /** The last rows, oldest first. */
  readonly tail: JournalRow[] = []
  facts: number = 0
  /** Closes that were decided on with nothing held, since somebody last closed a position by hand: time on paper. */
  unheldCloses: number = 0
  /** When somebody last did, UTC ms; −Infinity for never. */
  lastManualTime: number = -Infinity
  /** Of the model, of all confirmations that it was told; undefined for one that does not say it. */
  readonly modelVersions: Set<string | undefined> = new Set()
  private readonly kept: KeptTimes

  constructor(kept: KeptTimes = { fromMs: Infinity, toMs: -Infinity }) {
    this.kept = kept
  }

  get lastClose(): number {
    return this.closes.at(-1)?.time ?? NaN
  }

  /** Equity at the last close, or the starting balance before the first. */
  get equity(): number {
    return this.marks.at(-1)?.equity ?? this.account.startingBalance
  }

  /** Some close after the kept times was seen: they are whole. */
  isPast: boolean = false

  /** Takes the next row. Throws DataError naming the row where it makes no sense after those before it. */
  take(row: JournalRow): void {
    const { stopsThere = false } = this.kept
    if (this.isPast && stopsThere) return
    const body = journalBody(row.text)
    if (row.kind === 'bars' && (body as PaperBars).closeTime > this.kept.toMs) {
      this.isPast = true
      if (stopsThere) return
    }
    this.rows = row.seq
    this.tail.push(row)
    if (this.tail.length > KEPT_ROWS) this.tail.shift()
    if (row.seq === 1) return this.begin(body as SessionRecord)
    try {
      this.follow(row.kind as RowKind, body)
    } catch (error) {
      throw new DataError(`the account does not follow: ${error instanceof Error ? error.message : String(error)}`, { row: row.seq }) // prettier-ignore
    }
  }

  private begin(record: SessionRecord): void {
    this.record = record
    const { startingBalance, instruments, risk } = record
    this.account = new SessionAccount(startingBalance, instruments.length, risk.trailing.kind !== 'none')
    this.candles.push(...instruments.map(() => []))
  }

  private follow(kind: RowKind, body: unknown): void {
    switch (kind) {
      case 'fact': {
        const { series, modelVersion } = body as SessionFact
        this.facts++
        if (series === 'confirmation') this.modelVersions.add(modelVersion)
        return
      }
      case 'settlement':
        void (body as KnownSettlement)
        return
      case 'bars':
        return this.closed(body as PaperBars)
      case 'mode': {
        const { mode, reason } = body as ModeChange
        this.mode = mode
        this.modeReason = reason
        return
      }
      case 'hold':
        return this.held(body as HoldChange)
      case 'withdraw':
        return
      case 'broker':
        return this.account.heard(body as BrokerMessage)
      case 'decision':
        return this.decided(body as readonly DecisionRecord[])
      case 'intent':
        this.sent(body as Intent)
        if (this.isKept(this.lastClose)) this.intents.push({ time: this.lastClose, intent: body as Intent })
        return
      case 'mark':
        this.marks.push(body as DeskMark)
        if (this.mode === 'active' && this.holds.length === 0) this.unheldCloses++
    }
  }

  private sent(intent: Intent): void {
    this.account.sent(intent)
    if (intent.kind !== 'submit' || intent.order.order.exitReason !== 'manual') return
    this.lastManualTime = Math.max(this.lastClose, intent.order.order.decidedAt)
    this.unheldCloses = 0
  }

  private closed({ closeTime, bars }: PaperBars): void {
    this.closes.push({ time: closeTime, bars: bars.length })
    for (const { instrument, open, high, low, close } of bars) {
      this.account.price(instrument, close, closeTime)
      const candles = this.candles[instrument] as Candle[]
      candles.push({ closeTime, open, high, low, close })
      if (candles.length > KEPT_CANDLES) candles.shift()
    }
  }

  private held({ time, reasons }: HoldChange): void {
    const last = this.holdSpans.at(-1)
    if (last !== undefined && Number.isNaN(last.toMs)) last.toMs = time
    this.holds = reasons
    if (reasons.length === 0) this.heldSince = NaN
    else {
      if (Number.isNaN(this.heldSince)) this.heldSince = time
      this.holdSpans.push({ fromMs: time, toMs: NaN, reasons })
    }
  }

  private decided(decisions: readonly DecisionRecord[]): void {
    for (const decision of decisions) {
      this.lastDecisions.set(decision.instrument, decision)
      if (this.isKept(decision.time)) this.decisions.push(decision)
    }
  }

  private isKept(time: number): boolean {
    return time > this.kept.fromMs && time <= this.kept.toMs
  }
}

/** The UTC day that a close belongs to: one at 00:00 sharp ends the day before. */
export function dayOfClose(time: number): number {
  return utcDayStart(time - 1)
}
