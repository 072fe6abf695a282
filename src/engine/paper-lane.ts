import { meanOfVolumes, VOLUME_BARS } from './mean-volume.js'
import type { Book } from '../trading/state.js'
import { SettlementCursor, settlementColumns } from './settlements.js'
import type { VenueLane, VenueTrack } from './venue.js'

/** One funding settlement as it becomes known: `rate` is a fraction for its own interval, NaN where nobody recorded it; `mark` too. */
export interface KnownSettlement {
  readonly instrument: number
  /** UTC ms. */
  readonly time: number
  readonly rate: number
  readonly mark: number
}

/** A completed bar of one instrument, prices in quote units, volume in base units, with the mark's where they are recorded. */
export interface PaperBar {
  readonly instrument: number
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  readonly mark?: { readonly open: number; readonly high: number; readonly low: number }
}

/** All bars that close at one instant. */
export interface PaperBars {
  /** UTC ms. */
  readonly closeTime: number
  readonly bars: readonly PaperBar[]
}

/** The row of the bar in progress; the one before it is row 0. */
export const PAPER_ROW = 1

/** One instrument of a venue that is told its bars one by one: two rows long, the bar in progress and the one before. */
export class PaperLane implements VenueLane {
  readonly book: Book
  track: VenueTrack
  settlements: SettlementCursor = new SettlementCursor(undefined)
  chargedWithoutMark: number = 0
  volumeLeft: number = NaN
  volumeRow: number = -1
  volumeAtClose: boolean = false
  /** An exit was already out when the bar came to its close. */
  wasLeaving: boolean = false
  /** The instrument leaves the venue with the bar in progress. */
  isLast: boolean = false
  /** Times of the settlements told of so far: none is charged twice. */
  private readonly known: Set<number> = new Set()
  /** Not charged yet, in order of time. */
  private waiting: KnownSettlement[] = []
  /** What a long of one unit has paid so far. */
  private paid: number = 0
  /** Of the bars up to the last one that completed. */
  private readonly volumes: number[] = []
  private lastClose: number = NaN
  private lastMean: number = NaN
  private hasTraded: boolean = false

  constructor(book: Book) {
    this.book = book
    this.track = trackOf(undefined, NaN, NaN, NaN)
  }

  barAt(row: number): number {
    return row
  }

  /** Notes a settlement, unless it is known; one that comes late is charged at the next bar. */
  await(settlement: KnownSettlement): void {
    if (this.known.has(settlement.time)) return
    this.known.add(settlement.time)
    let at = this.waiting.length
    while (at > 0 && (this.waiting[at - 1] as KnownSettlement).time > settlement.time) at--
    this.waiting.splice(at, 0, settlement)
  }

  /** Lays out what waits to be settled, at the last close where no mark was recorded. */
  prepareSettlements(): void {
    const settlements = this.waiting.map(({ time, rate, mark }) => {
      const markMissing = Number.isNaN(mark)
      return { time, amountPerUnit: rate * (markMissing ? this.lastClose : mark), markMissing }
    })
    this.settlements = new SettlementCursor(settlementColumns(settlements, this.paid))
  }

  /** A bar that is traded begins. */
  begin(bar: PaperBar, closeTime: number): void {
    if (!this.hasTraded) this.waiting = this.waiting.filter(({ time }) => time >= bar.openTime)
    this.hasTraded = true
    // Before the first close there is no price, and nobody can hold.
    if (Number.isNaN(this.lastClose))
      this.waiting = this.waiting.filter(({ time, mark }) => time >= closeTime || !Number.isNaN(mark))
    this.prepareSettlements()
    const { columns } = this.settlements
    this.track = {
      ...trackOf(bar, this.lastClose, this.lastMean, meanOfVolumes([...this.volumes, bar.volume])),
      settlements: columns.time.length === 0 ? undefined : columns,
    }
    this.volumeRow = -1
  }

  /** What the bar, or time without one, has charged is done with. */
  endSettlements(): void {
    const { columns, settled } = this.settlements
    this.paid = this.settlements.index
    if (settled === 0) return
    const last = columns.time[settled - 1] as number
    this.waiting = this.waiting.filter(({ time }) => time > last)
    this.settlements = new SettlementCursor(undefined)
  }

  /** A bar is over, traded or not. */
  complete({ close, volume }: PaperBar): void {
    this.lastClose = close
    this.volumes.push(volume)
    if (this.volumes.length > VOLUME_BARS) this.volumes.shift()
    this.lastMean = meanOfVolumes(this.volumes)
  }
}

function trackOf(bar: PaperBar | undefined, lastClose: number, meanBefore: number, mean: number): VenueTrack {
  const { open = NaN, high = NaN, low = NaN, close = NaN, mark } = bar ?? {}
  return {
    open: Float64Array.of(NaN, open),
    high: Float64Array.of(NaN, high),
    low: Float64Array.of(NaN, low),
    close: Float64Array.of(lastClose, close),
    mark: mark && {
      open: Float64Array.of(NaN, mark.open),
      high: Float64Array.of(NaN, mark.high),
      low: Float64Array.of(NaN, mark.low),
    },
    detail: undefined,
    settlements: undefined,
    settledAtClose: undefined,
    meanVolume: Float64Array.of(meanBefore, mean),
    firstSlot: 0,
    shift: 0,
  }
}
