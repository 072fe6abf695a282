import { sharedColumn } from '../core/columns.js'
import { NumberRows } from './number-rows.js'
import type { Track } from './track.js'

const CHANGE_NUMBERS = 2
const [SLOT, QUANTITY] = [0, 1] as const

/**
 * How much of each instrument a run held from slot to slot, written down where it changes: the gross exposure of every bar follows from
 * that and the closes, and few who measure a run ask for it.
 */
export class ExposureLog {
  private readonly holdings: readonly Holdings[]

  constructor(tracks: readonly Pick<Track, 'close' | 'shift'>[]) {
    this.holdings = tracks.map(({ close, shift }) => new Holdings(close, shift))
  }

  /** From this slot's close on so much of an instrument is held: base units, negative where it is sold short. Slots are told in order. */
  hold(instrument: number, slot: number, quantity: number): void {
    const held = this.holdings[instrument] as Holdings
    if (quantity !== held.quantity) held.change(slot, quantity)
  }

  /** Gross notional of what is held at each close, over the equity there. O(slots + Σ slots held). */
  overEquity(equity: Float64Array): Float64Array {
    const exposure = sharedColumn(equity.length)
    for (const held of this.holdings) held.addTo(exposure)
    for (let slot = 0; slot < exposure.length; slot++) {
      const gross = exposure[slot] as number
      if (gross !== 0) exposure[slot] = gross / (equity[slot] as number)
    }
    return exposure
  }
}

/** Of one instrument. */
class Holdings {
  quantity: number = 0
  private readonly changes: NumberRows = new NumberRows(CHANGE_NUMBERS)
  private count: number = 0
  private readonly close: Float64Array
  private readonly shift: number

  constructor(close: Float64Array, shift: number) {
    this.close = close
    this.shift = shift
  }

  change(slot: number, quantity: number): void {
    this.quantity = quantity
    this.count++
    const row = this.changes.add()
    const { values } = this.changes
    values[row + SLOT] = slot
    values[row + QUANTITY] = quantity
  }

  addTo(exposure: Float64Array): void {
    const { values } = this.changes
    for (let at = 0; at < this.count; at++) {
      const row = at * CHANGE_NUMBERS
      const gross = Math.abs(values[row + QUANTITY] as number)
      const end = at + 1 < this.count ? (values[row + CHANGE_NUMBERS + SLOT] as number) : exposure.length
      if (gross !== 0) this.addStretch(exposure, gross, values[row + SLOT] as number, end)
    }
  }

  private addStretch(exposure: Float64Array, gross: number, from: number, end: number): void {
    const { close, shift } = this
    for (let slot = from; slot < end; slot++)
      exposure[slot] = (exposure[slot] as number) + gross * (close[slot + shift] as number)
  }
}
