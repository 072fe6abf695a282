import { type Runs, RUNS_END } from '../core/signals.js'
import { ENTER_LONG, ENTER_SHORT } from '../core/signals.js'
import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import type { Book, TradingState } from '../trading/state.js'
import { SettlementCursor } from './settlements.js'
import { Signals } from './signals.js'
import { NO_SLOT } from './timeline.js'
import { TrailAhead } from './touch.js'
import { barAt, type Track } from './track.js'

const ENTRIES = ENTER_LONG | ENTER_SHORT

/** One trial's way along one instrument: its book, what its strategy says, and how far it has come. */
export class Lane extends Signals {
  readonly track: Track
  readonly book: Book
  features: Readonly<Record<string, ColumnReader>> | undefined = undefined

  readonly settlements: SettlementCursor
  /** Settlements charged to a position without a recorded mark. */
  chargedWithoutMark: number = 0
  /** First row whose extremes the trailing stop has not followed yet. */
  followedTo: number = 0
  /** The last look-ahead under its trailing stop. */
  readonly ahead: TrailAhead = new TrailAhead()
  /** Rows passed over on which the side that was held would have been entered again. */
  signalsInPosition: number = 0
  /** Rows passed over on which a short side would have been entered that may not be; on which it would have been left, too. */
  signalsNotShortable: number = 0
  signalsOnExit: number = 0
  /** Volume that fills may still take on the row (and at the instant of it) that it was worked out for. */
  volumeLeft: number = NaN
  volumeRow: number = -1
  volumeAtClose: boolean = false
  /** An exit was already out when the bar in view came to its close. */
  wasLeaving: boolean = false

  /** An entry need not wait to be armed: by policy, or because each one that is blocked is counted. */
  readonly ignoresArms: boolean
  /** An entry for the short side may be taken, or has to be looked at one by one to be counted. */
  readonly seesShorts: boolean
  /** Entries for the short side are counted as rows are passed over: whatever else holds, nothing comes of them. */
  readonly countsShorts: boolean
  /** Rows that are passed over leave more behind than the arming of a side. */
  readonly followsRows: boolean

  constructor(track: Track, book: Book, { config, observer }: Pick<TradingState, 'config' | 'observer'>) {
    const { risk, policies } = config
    const counts = observer !== undefined
    super()
    this.track = track
    this.book = book
    this.settlements = new SettlementCursor(track.settlements)
    this.ignoresArms = counts || policies.rearm === 'none'
    const mayShort = risk.allowShort && track.data.instrument.kind === 'perpetual'
    this.countsShorts = counts && !mayShort && track.delistSlot === NO_SLOT && track.slotOfBar === undefined
    this.seesShorts = mayShort || (counts && !this.countsShorts)
    this.followsRows = counts || risk.trailing.kind !== 'none' || risk.flattenAfterStaleHours > 0
    this.followedTo = track.firstSlot + track.shift
    book.liquidatesOnMark = track.mark !== undefined
  }

  /** Takes up what the strategy says of the next tile. */
  load(tile: SignalTile): void {
    this.takeUp(this.track.slotOfBar === undefined ? tile : tileOfRows(tile, this.track))
  }

  /** Puts the bar of a row, which has completed, in view of the book; highs and lows where a trailing stop reads them. */
  look(row: number, trails: boolean): void {
    const { track, atr } = this
    const { view } = this.book
    const bits = this.bitsAt(row, this.book.longArmed, this.book.shortArmed)
    view.usable = this.usable.holds(row)
    view.bits = bits
    view.close = track.close[row] as number
    if (trails) {
      view.high = track.high[row] as number
      view.low = track.low[row] as number
    }
    if (atr !== undefined) view.atr = atr.at(this.barAt(row))
    if ((bits & ENTRIES) !== 0 && this.hasReaders) this.readSignal(row)
    this.followedTo = row + 1
  }

  /** Reads what an entry rests on. */
  private readSignal(row: number): void {
    const { book, score, coverage, rearmKey } = this
    const bar = this.barAt(row)
    if (score !== undefined) book.view.score = score.at(bar)
    if (coverage !== undefined) book.view.coverage = coverage.at(bar)
    if (rearmKey !== undefined) book.rearmKey = rearmKey.at(bar)
  }

  /** Counts the entries that rows up to `to`, passed over, asked for in vain: of the side that is held, or rests; of shorts where nothing is. */
  countSignals(to: number): void {
    const { followedTo, usable } = this
    const { entry, position } = this.book
    if (position.quantity === 0 && !entry.isActive) {
      if (this.countsShorts) this.countShorts(followedTo, to)
      return
    }
    const isLong = position.quantity !== 0 ? position.quantity > 0 : entry.side > 0
    this.signalsInPosition += (isLong ? this.enterLong : this.enterShort).countWith(usable, followedTo, to)
  }

  /** In the order of the gates of an entry: one that its own exit forbids comes to nothing before anybody asks whether shorts may be sold. */
  private countShorts(from: number, to: number): void {
    const { enterShort, exitShort, usable } = this
    for (let row = enterShort.next(from); row < to; row = enterShort.next(row + 1)) {
      if (!usable.holds(row)) continue
      if (exitShort.holds(row)) this.signalsOnExit++
      else this.signalsNotShortable++
    }
  }

  /** Bar of the candles at a row. */
  barAt(row: number): number {
    return barAt(this.track, row)
  }

  /** Open time of the newest bar at a row. */
  openTime(row: number): number {
    return this.track.data.candles.openTime[this.barAt(row)] as number
  }

  /** Whether the instrument has a bar on the row. */
  hasBar(row: number): boolean {
    const { barOfRow, firstBar, slotOfBar, firstSlot, lastSlot, shift } = this.track
    if (barOfRow === undefined || slotOfBar === undefined)
      return row >= firstSlot + shift && row <= lastSlot + shift
    const bar = barOfRow[row] as number
    return bar >= 0 && slotOfBar[bar - firstBar] === row
  }
}

/** A tile for an instrument with missing bars: its runs are of rows. */
function tileOfRows(tile: SignalTile, track: Track): SignalTile {
  return {
    ...tile,
    enterLong: runsOfRows(tile.enterLong, track),
    exitLong: runsOfRows(tile.exitLong, track),
    enterShort: runsOfRows(tile.enterShort, track),
    exitShort: runsOfRows(tile.exitShort, track),
    longOff: runsOfRows(tile.longOff, track),
    shortOff: runsOfRows(tile.shortOff, track),
    usable: runsOfRows(tile.usable, track),
  }
}

/** Runs of bars as runs of rows, for an instrument with missing bars. A row without a bar inside a run does no harm: nothing is due there. */
function runsOfRows(runs: Runs, { slotOfBar, firstBar }: Track): Runs {
  const slots = slotOfBar as Int32Array
  const out = new Int32Array(runs.length)
  let count = 0
  for (let at = 0; runs[at] !== RUNS_END; at += 2) {
    const start = Math.max(0, (runs[at] as number) - firstBar)
    const end = Math.min(slots.length, (runs[at + 1] as number) - firstBar)
    if (start >= end) continue
    out[count++] = slots[start] as number
    out[count++] = (slots[end - 1] as number) + 1
  }
  out[count++] = RUNS_END
  out[count++] = RUNS_END
  return out.subarray(0, count)
}
