import type { TradingState } from '../trading/state.js'
import type { Lane } from './lane.js'

/** The positions that are open, of the many that could be: what is marked, bounded and added up while nothing is traded. */
export class HeldPositions {
  /** By instrument, in the first `count` places; the rest is left over. */
  readonly lanes: Lane[]
  count: number = 0
  cash: number = NaN
  private readonly state: TradingState
  private readonly all: readonly Lane[]
  /** By instrument: 1 where the lane is one of `lanes`. */
  private readonly isListed: Uint8Array

  constructor(state: TradingState, lanes: readonly Lane[]) {
    this.state = state
    this.all = lanes
    this.lanes = [...lanes]
    this.isListed = new Uint8Array(lanes.length)
    this.refresh()
  }

  /** Looks anew at what is open. O(lanes). */
  refresh(): void {
    const { all, isListed } = this
    this.cash = this.state.account.cash
    let count = 0
    for (let index = 0; index < all.length; index++) {
      const lane = all[index] as Lane
      const isHeld = lane.book.position.quantity !== 0
      isListed[index] = Number(isHeld)
      if (isHeld) this.lanes[count++] = lane
    }
    this.count = count
  }

  /** The same where only the first `count` of these lanes may have traded. O(count) where none of them opened or closed. */
  refreshAmong(traded: readonly Lane[], count: number): void {
    const { isListed } = this
    this.cash = this.state.account.cash
    for (let at = 0; at < count; at++) {
      const { book, track } = traded[at] as Lane
      if ((book.position.quantity !== 0) !== (isListed[track.index] === 1)) return this.refresh()
    }
  }

  /** Equity at the close of a slot, digit for digit as the account adds it up. */
  equityAt(slot: number): number {
    let equity = this.cash
    for (let at = 0; at < this.count; at++) {
      const { track, book } = this.lanes[at] as Lane
      const { base, quantity } = book.position
      equity += base + quantity * (track.worth[slot + track.shift] as number)
    }
    return equity
  }

  /**
   * Bound of equity at the closes of slots `[from, to)`, at most 16 of them: with `least`, no close is below it, else none is above it. The
   * same sum, in the same order, of each position's worth at the extreme of the blocks that hold the slots; adding and multiplying round
   * monotonically, so no close can pass it by rounding.
   */
  bound(from: number, to: number, least: boolean): number {
    let equity = this.cash
    for (let at = 0; at < this.count; at++) {
      const { track, book } = this.lanes[at] as Lane
      const { base, quantity } = book.position
      const first = (from + track.shift) >> 4
      const last = (to - 1 + track.shift) >> 4
      let extreme: number
      if (quantity > 0 === least) {
        const { by16 } = track.worthLows
        extreme = by16[first] as number
        if (last !== first && (by16[last] as number) < extreme) extreme = by16[last] as number
      } else {
        const { by16 } = track.worthHighs
        extreme = by16[first] as number
        if (last !== first && (by16[last] as number) > extreme) extreme = by16[last] as number
      }
      equity += base + quantity * extreme
    }
    return equity
  }
}
