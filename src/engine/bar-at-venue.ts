import type { SimulatedVenue, VenueLane } from './venue.js'

/**
 * What a bar does to the orders that are out, in the order of execution rule 2: exits, entries and protective orders at its open, then
 * what happens inside. The only place where that order is written down, for replays and for a venue that is told of its bars one by one.
 */
export class BarAtVenue {
  private readonly venue: SimulatedVenue
  // What a run has none of is not asked about at every bar.
  private readonly hasFunding: boolean
  private readonly restsEntries: boolean

  constructor(venue: SimulatedVenue, hasFunding: boolean, restsEntries: boolean) {
    this.venue = venue
    this.hasFunding = hasFunding
    this.restsEntries = restsEntries
  }

  /** At the open of a slot, for the first `count` of the lanes that are due. */
  open(due: readonly VenueLane[], count: number, slot: number): void {
    const { venue } = this
    for (let at = 0; at < count; at++) {
      const lane = due[at] as VenueLane
      if (lane.book.exit.isActive) venue.fillExitAtOpen(lane, slot + lane.track.shift)
    }
    this.fillEntriesAtOpen(due, count, slot)
    for (let at = 0; at < count; at++) {
      const lane = due[at] as VenueLane
      const row = slot + lane.track.shift
      if (mayFill(lane, row, lane.track.open, lane.track.open)) venue.protectAtOpen(lane, row)
    }
    if (this.hasFunding) for (let at = 0; at < count; at++) venue.settleUpTo(due[at] as VenueLane, true)
  }

  /** After the open, before the close: the state's time is the close's. */
  inside(due: readonly VenueLane[], count: number, slot: number): void {
    const { venue } = this
    for (let at = 0; at < count; at++) {
      const lane = due[at] as VenueLane
      const row = slot + lane.track.shift
      if (mayFill(lane, row, lane.track.low, lane.track.high)) venue.protectInside(lane, row)
    }
    if (this.restsEntries) this.fillEntriesInside(due, count, slot)
  }

  /** Entries that fill at the open's instant, in the order of their decisions and, within one, of their rank. */
  private fillEntriesAtOpen(due: readonly VenueLane[], count: number, slot: number): void {
    const { venue } = this
    const only = onlyEntering(due, count)
    if (only === undefined) return
    if (only !== 'several') return venue.fillEntryAtOpen(only, slot + only.track.shift)
    for (const lane of entering(due, count)) venue.fillEntryAtOpen(lane, slot + lane.track.shift)
  }

  private fillEntriesInside(due: readonly VenueLane[], count: number, slot: number): void {
    const { venue } = this
    const only = onlyEntering(due, count)
    if (only === undefined) return
    if (only !== 'several') return venue.fillEntryInside(only, slot + only.track.shift)
    for (const lane of entering(due, count)) venue.fillEntryInside(lane, slot + lane.track.shift)
  }
}

/** The one lane that is due with an entry out; undefined where there is none. */
function onlyEntering(due: readonly VenueLane[], count: number): VenueLane | 'several' | undefined {
  let only: VenueLane | undefined
  for (let at = 0; at < count; at++) {
    const lane = due[at] as VenueLane
    if (!lane.book.entry.isActive) continue
    if (only !== undefined) return 'several'
    only = lane
  }
  return only
}

/** Lanes that are due with an entry out, in the order of their ids. */
export function entering<Lane extends VenueLane>(due: readonly Lane[], count: number): Lane[] {
  return due
    .slice(0, count)
    .filter(({ book }) => book.entry.isActive)
    .sort((a, b) => a.book.entry.id - b.book.entry.id)
}

/** Whether prices between these two of a row's could fill anything that protects the lane's position. */
function mayFill({ book, track }: VenueLane, row: number, lows: Float64Array, highs: Float64Array): boolean {
  if (book.position.quantity === 0) return false
  return (
    (lows[row] as number) <= book.floor || (highs[row] as number) >= book.ceiling || track.mark !== undefined
  )
}
