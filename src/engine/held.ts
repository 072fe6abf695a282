import type { TradingState } from '../trading/state.js'
import type { Lane } from './lane.js'

/** The positions that are open over a stretch of slots on which nothing is traded. */
export class HeldPositions {
  /** In the first `count` places; the rest is left over. */
  readonly lanes: Lane[]
  count: number = 0
  cash: number = NaN
  private readonly state: TradingState
  private readonly all: readonly Lane[]

  constructor(state: TradingState, lanes: readonly Lane[]) {
    this.state = state
    this.all = lanes
    this.lanes = [...lanes]
  }

  /** Looks anew at what is open. */
  refresh(): void {
    const { all } = this
    this.cash = this.state.account.cash
    let count = 0
    for (let index = 0; index < all.length; index++) {
      const lane = all[index] as Lane
      if (lane.book.position.quantity !== 0) this.lanes[count++] = lane
    }
    this.count = count
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
