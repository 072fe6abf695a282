import { Session } from '../../engine/session.js'
import { jsonDifferences, type Json } from '../../jobs/json.js'
import { Desk, type DeskJournal, type RowKind } from '../desk.js'
import type { JournalRow } from '../journal-file.js'
import { journalText } from '../journal-text.js'
import type { PaperSessionSettings } from '../paper-session.js'
import { liveThrough } from '../recovery.js'
import { RecordedBroker } from './recorded-broker.js'

/** Where the session would now do otherwise than it did. */
export interface RowDifference {
  /** Of the journal. */
  readonly row: number
  readonly kind: string
  /** `signal.score` of the row's body; empty where the whole row is another, or none was to come. */
  readonly field: string
  readonly recorded: string
  readonly now: string
}

/** What living through the journal's inputs again, with its own fills, came to. */
export interface DecisionReplay {
  readonly rows: number
  /** Records of decisions, one for each instrument and close. */
  readonly decisions: number
  /** Orders, amendments and cancels that left. */
  readonly intents: number
  /** Marks of equity with the state of the day's loss limit, holds and modes. */
  readonly limits: number
  /** Fills and other events of the broker that were injected. */
  readonly injected: number
  /** The first one; undefined where everything is equal to the last bit. */
  readonly difference: RowDifference | undefined
  /** The session as it stands where the rows end, or differ. */
  readonly desk: Desk
}

/**
 * Feeds the inputs of a journal to a new session, with the fills that were recorded, and compares all that follows: every decision, intent and mark is to be the
 * recorded one to the last bit.
 */
export function replayDecisions(
  settings: PaperSessionSettings,
  rows: readonly JournalRow[],
  file: string,
): DecisionReplay {
  // prettier-ignore
  const journal = new ComparingJournal(rows)
  const broker = new RecordedBroker(journal, (settings.fillModel ?? 'bars') === 'bars')
  const desk = new Desk(new Session(settings), broker, journal, settings.id)
  let difference: RowDifference | undefined
  try {
    liveThrough(desk, journal, file)
  } catch (error) {
    if (error instanceof Differs) difference = error.difference
    else if (!(error instanceof RowsEnd)) throw error
  }
  const { counts } = journal
  const of = (...kinds: readonly RowKind[]): number => kinds.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0) // prettier-ignore
  return {
    rows: journal.compared,
    decisions: of('decision'),
    intents: of('intent'),
    limits: of('mark', 'hold', 'mode', 'withdraw'),
    injected: of('broker'),
    difference,
    desk,
  }
}

class Differs extends Error {
  constructor(readonly difference: RowDifference) {
    super('the session would do otherwise')
  }
}

/** A journal that was cut off ends within a close. */
class RowsEnd extends Error {}

class ComparingJournal implements DeskJournal {
  readonly counts: Map<string, number> = new Map()
  compared: number = 0
  private readonly rows: readonly JournalRow[]
  private next: number

  constructor(rows: readonly JournalRow[]) {
    this.rows = rows
    this.next = Math.min(1, rows.length)
  }

  get upcoming(): JournalRow | undefined {
    return this.rows[this.next]
  }

  append(kind: RowKind, body: unknown): void {
    const row = this.upcoming
    if (row === undefined) throw new RowsEnd()
    const text = journalText(body)
    if (row.kind !== kind || row.text !== text) throw new Differs(differenceOf(row, kind, text))
    this.next++
    this.compared++
    const count = kind === 'decision' ? (body as readonly unknown[]).length : 1
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + count)
  }

  commit(): void {
    // Nothing is written.
  }
}

function differenceOf(row: JournalRow, kind: string, text: string): RowDifference {
  const whole = { row: row.seq, kind: row.kind, field: '', recorded: row.text, now: `${kind} ${text}` }
  if (row.kind !== kind) return whole
  const [first] = jsonDifferences(JSON.parse(row.text) as Json, JSON.parse(text) as Json)
  if (first === undefined) return whole
  const words = (value: Json | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  return { row: row.seq, kind, field: first.path, recorded: words(first.before), now: words(first.after) }
}
