import { Position } from '../portfolio/position.js'
import type { Holdings } from './skip-account.js'
import type { Track } from './track.js'

/** An account that trades one instrument: its cash, and the one position that may be open. */
export class Holding implements Holdings {
  /** Quote units: starting balance + realised profit − fees + realised funding. Changes at fills only. */
  cash: number = NaN
  readonly position: Position = new Position()
  private readonly track: Track

  constructor(startingBalance: number, track: Track) {
    this.cash = startingBalance
    this.track = track
  }

  /** As at the start: flat. */
  begin(startingBalance: number): void {
    this.cash = startingBalance
    this.position.clear()
  }

  get count(): number {
    return this.position.quantity === 0 ? 0 : 1
  }

  /** Equity at the close of a slot. */
  equityAt(slot: number): number {
    const { base, quantity } = this.position
    if (quantity === 0) return this.cash
    return this.cash + (base + quantity * (this.track.worth[slot + this.track.shift] as number))
  }

  passAbove(from: number, end: number, low: number): number {
    const { cash, track, position } = this
    const { base, quantity } = position
    const { by16, by256 } = quantity > 0 ? track.worthLows : track.worthHighs
    const { shift } = track
    const last = end + shift
    let row = from + shift
    while (row < last) {
      // A block that holds more rows than are asked about says it for them too.
      if (cash + (base + quantity * (by256[row >> 8] as number)) > low) row = (row | 255) + 1
      else if (cash + (base + quantity * (by16[row >> 4] as number)) > low) row = (row | 15) + 1
      else return row - shift
    }
    return end
  }
}
