import type { Instrument } from '../core/instrument.js'
import type { KnownSettlement, PaperBars } from '../engine/paper-lane.js'
import type { DecisionRecord, SessionFact } from '../engine/session.js'
import type { HoldChange, Intent } from '../runner/desk.js'
import type { JournalRow } from '../runner/journal-file.js'
import { journalBody } from '../runner/journal-text.js'
import { isListed } from '../runner/listed.js'
import type { ModeChange, SessionMode } from '../runner/mode.js'
import { dayOfClose } from './journal-fold.js'

/** What of a session says which closes are due. Times UTC ms. */
export interface TimedSession {
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** Open of the first bar that is traded. */
  readonly startTime: number
}

/** A close that was traded on, and how it came. */
export interface TimedClose {
  /** UTC ms. */
  readonly time: number
  readonly bars: number
  /** It was decided on later than the session's limit on the age of candles allows. */
  readonly isStale: boolean
  /** Something was held then, or the session was not active. */
  readonly isPaused: boolean
  /** Instruments of which something was told after the close was decided on, though it was known by then. */
  readonly lateInstruments: Set<number>
  /** The last of that was told before the close of this place in the list was decided on; undefined where nothing was late. */
  lateUntil: number | undefined
}

/** What the replay of a UTC day has to have lived through. */
export interface DayOfDecisions {
  readonly dayStart: number
  /** Of the last bars of the day, UTC ms. */
  readonly lastClose: number
  /** Records of decisions from the session's first to the end of the day. */
  readonly decisions: number
  /** Those of them with enough of the signal's weight. */
  readonly usable: number
}

/**
 * How the closes of a session came, by its journal alone, row by row: in time or not, held or not, with everything that was known by then or not. A feed that begins again after a restart tells of the last facts once
 * more, which are not late. Memory: an entry for each close.
 */
export class SessionTiming {
  readonly closes: TimedClose[] = []
  readonly days: DayOfDecisions[] = []
  /** When somebody last closed a position by hand, by the market's time; −Infinity for never. */
  lastManualTime: number = -Infinity
  private readonly session: TimedSession
  private mode: SessionMode = 'active'
  private holds: HoldChange['reasons'] = []
  private lastClose: number = -Infinity
  private decisions: number = 0
  private usable: number = 0
  private told: Set<string> = new Set()
  private toldBefore: Set<string> = new Set()

  constructor(session: TimedSession) {
    this.session = session
  }

  take({ kind, text }: JournalRow): void {
    switch (kind) {
      case 'fact': {
        const { instrument, knownAt } = journalBody(text) as SessionFact
        // Known at the very close it counts there.
        return this.learned(text, instrument, knownAt)
      }
      case 'settlement': {
        const { instrument, time } = journalBody(text) as KnownSettlement
        // One at the very close falls due with the bar after it.
        return this.learned(text, instrument, time + 1)
      }
      case 'hold':
        this.holds = (journalBody(text) as HoldChange).reasons
        return
      case 'mode':
        this.mode = (journalBody(text) as ModeChange).mode
        return
      case 'bars':
        return this.closed(journalBody(text) as PaperBars)
      case 'decision':
        return this.decided(journalBody(text) as readonly DecisionRecord[])
      case 'intent':
        return this.sent(journalBody(text) as Intent)
    }
  }

  private learned(text: string, instrument: number, countsFrom: number): void {
    const isAgain = this.toldBefore.has(text)
    this.told.add(text)
    if (isAgain) return
    for (let at = this.closes.length - 1; at >= 0; at--) {
      const close = this.closes[at] as TimedClose
      // Written so that what nobody knows the time of is late for nothing.
      if (!(close.time >= countsFrom)) return
      close.lateInstruments.add(instrument)
      close.lateUntil = this.closes.length
    }
  }

  private closed({ closeTime, bars }: PaperBars): void {
    this.lastClose = closeTime
    this.toldBefore = this.told
    this.told = new Set()
    const { instruments, timeframeMs, startTime } = this.session
    const traded = bars.filter(({ instrument, openTime }) => openTime >= startTime && isListed(instruments[instrument] as Instrument, closeTime, timeframeMs)) // prettier-ignore
    if (traded.length === 0) return
    this.closes.push({
      time: closeTime,
      bars: traded.length,
      isStale: this.holds.includes('stale-candle'),
      isPaused: this.holds.length > 0 || this.mode !== 'active',
      lateInstruments: new Set(),
      lateUntil: undefined,
    })
  }

  private decided(records: readonly DecisionRecord[]): void {
    this.decisions += records.length
    this.usable += records.filter(({ usable }) => usable).length
    const { lastClose, decisions, usable } = this
    const dayStart = dayOfClose(lastClose)
    if (this.days.at(-1)?.dayStart === dayStart) this.days.pop()
    this.days.push({ dayStart, lastClose, decisions, usable })
  }

  private sent(intent: Intent): void {
    if (intent.kind !== 'submit' || intent.order.order.exitReason !== 'manual') return
    this.lastManualTime = Math.max(this.lastClose, intent.order.order.decidedAt)
  }
}

/** Bars that were due at closes after `fromTime` and up to `toTime`, of the instruments that were listed. O(closes · instruments). */
export function barsDue(
  { instruments, timeframeMs, startTime }: TimedSession,
  fromTime: number,
  toTime: number,
): number {
  let due = 0
  for (let close = startTime + timeframeMs; close <= toTime; close += timeframeMs)
    if (close > fromTime) for (const one of instruments) due += isListed(one, close, timeframeMs) ? 1 : 0
  return due
}

/** Bars of a close whose data were late. */
export function lateBarsOf({ bars, isStale, lateInstruments }: TimedClose): number {
  return isStale ? bars : Math.min(bars, lateInstruments.size)
}
