import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT, LONG_OFF, SHORT_OFF } from '../core/signals.js'
import { RunCursor } from './run-cursor.js'

/** What a strategy says of one instrument, tile by tile, and how far it has been asked. */
export class Signals {
  readonly enterLong: RunCursor = new RunCursor()
  readonly exitLong: RunCursor = new RunCursor()
  readonly enterShort: RunCursor = new RunCursor()
  readonly exitShort: RunCursor = new RunCursor()
  readonly longOff: RunCursor = new RunCursor()
  readonly shortOff: RunCursor = new RunCursor()
  readonly usable: RunCursor = new RunCursor()
  /** The tile says nothing of shorts. */
  isLongOnly: boolean = false
  score: ColumnReader | undefined = undefined
  coverage: ColumnReader | undefined = undefined
  rearmKey: ColumnReader | undefined = undefined
  atr: ColumnReader | undefined = undefined

  /** Takes up the next tile, whose runs are of rows. */
  takeUp(tile: SignalTile): void {
    this.enterLong.load(tile.enterLong)
    this.exitLong.load(tile.exitLong)
    this.enterShort.load(tile.enterShort)
    this.exitShort.load(tile.exitShort)
    this.longOff.load(tile.longOff)
    this.shortOff.load(tile.shortOff)
    this.usable.load(tile.usable)
    this.isLongOnly = this.enterShort.isEmpty && this.exitShort.isEmpty
    this.score = tile.score
    this.coverage = tile.coverage
    this.rearmKey = tile.rearmKey
    this.atr = tile.atr
  }

  /** Something of the signal but its bits is read when an entry is considered. */
  get hasReaders(): boolean {
    return this.score !== undefined || this.rearmKey !== undefined
  }

  /** Signal bits of a row, which must not fall. Whether a side is off is told where that side waits to be armed. */
  bitsAt(row: number, longArmed: boolean, shortArmed: boolean): number {
    let bits = 0
    if (this.enterLong.holds(row)) bits += ENTER_LONG
    if (this.exitLong.holds(row)) bits += EXIT_LONG
    if (!longArmed && this.longOff.holds(row)) bits += LONG_OFF
    if (this.isLongOnly && shortArmed) return bits
    if (this.enterShort.holds(row)) bits += ENTER_SHORT
    if (this.exitShort.holds(row)) bits += EXIT_SHORT
    if (!shortArmed && this.shortOff.holds(row)) bits += SHORT_OFF
    return bits
  }
}
