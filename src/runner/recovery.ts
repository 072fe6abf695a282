import { DataError } from '../core/errors.js'
import type { SessionFact } from '../engine/session.js'
import type { KnownSettlement, PaperBars } from '../engine/paper-lane.js'
import type { BrokerMessage } from './broker.js'
import type { Desk, DeskJournal, HoldChange, RowKind } from './desk.js'
import type { JournalRow } from './journal-file.js'
import { journalBody, journalText } from './journal-text.js'
import type { ModeChange } from './mode.js'

/** Where new rows go once all old ones have been lived through again. */
export interface RowSink {
  readonly path: string
  append(kind: string, body: unknown): void
  commit(): void
}

/**
 * A journal that is lived through again: as long as there are old rows, what the desk notes must be the next of them, to the last bit;
 * from then on it is written. So start-up is recovery: a run that was cut off anywhere goes on where its rows end, and code or data that
 * decide otherwise than they did are refused before anything is sent.
 */
export class ReplayedJournal implements DeskJournal {
  private readonly rows: readonly JournalRow[]
  private readonly sink: RowSink
  private next: number
  private input: unknown

  constructor(rows: readonly JournalRow[], sink: RowSink, from: number = 0) {
    this.rows = rows
    this.sink = sink
    this.next = from
  }

  /** The old row that comes next; undefined once all have been lived through. */
  get upcoming(): JournalRow | undefined {
    return this.rows[this.next]
  }

  append(kind: RowKind, body: unknown): void {
    const row = this.upcoming
    if (row === undefined) return this.sink.append(kind, body)
    // What was read from the row a moment ago need not be written to be compared with it.
    const text = body === this.input && body !== undefined ? row.text : journalText(body)
    if (row.kind !== kind || row.text !== text) {
      throw new DataError(
        `the session would now do otherwise than its journal says: the journal has ${row.kind} ${short(row.text)}, now it is ${kind} ${short(text)}. Were code, strategy or settings changed?`,
        { file: this.sink.path, row: row.seq },
      )
    }
    this.next++
    this.input = undefined
  }

  /** The body of the row that comes next, as the desk is about to be told it. */
  given(body: unknown): void {
    this.input = body
  }

  commit(): void {
    this.sink.commit()
  }
}

function short(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

/**
 * Lives the old rows through again: feeds every input to the desk, which must come to the rows that follow it. What a crash has cut off
 * after the last input is done now. Throws DataError naming the row where session and journal part.
 */
export function liveThrough(
  desk: Desk,
  journal: { readonly upcoming: JournalRow | undefined; given?(body: unknown): void },
  file: string,
): void {
  for (let row = journal.upcoming; row !== undefined; row = journal.upcoming) {
    const body = journalBody(row.text)
    journal.given?.(body)
    switch (row.kind as RowKind) {
      case 'fact':
        desk.learn(body as SessionFact)
        break
      case 'settlement':
        desk.settle(body as KnownSettlement)
        break
      case 'bars':
        desk.close(body as PaperBars)
        break
      case 'mode':
        desk.changeMode(body as ModeChange)
        break
      case 'hold':
        desk.hold(body as HoldChange)
        break
      case 'withdraw':
        desk.withdraw(body as { readonly time: number })
        break
      case 'broker':
        desk.broker.again?.recall(body as BrokerMessage)
        desk.hear(body as BrokerMessage)
        break
      case 'decision':
      case 'intent':
      case 'mark':
      default:
        throw new DataError(`a row follows from nothing: ${row.kind}`, { file, row: row.seq })
    }
  }
  desk.broker.again?.resume()
}
