import type { TradingState } from '../trading/state.js'
import { BLOCK_SHIFTS, type Extremes } from './blocks.js'
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
   * Passes over slots whose equity is known, from the extremes of blocks, to lie above `low` and not above `high`: answers the first slot of
   * the first window of 16 (its rest, or what there is of it before `end`) of which that is not known, `end` where there is none.
   */
  passWithin(from: number, end: number, low: number, high: number): number {
    let slot = from
    while (slot < end) {
      let level = Math.min(levelAt(slot), levelFor(end - slot))
      let stop = Math.min((slot | (WINDOWS[level] as number)) + 1, end)
      while (!this.isWithin(slot, stop, level, low, high)) {
        if (--level < 0) return slot
        stop = Math.min((slot | (WINDOWS[level] as number)) + 1, end)
      }
      slot = stop
    }
    return end
  }

  /** The same with nothing above. */
  passAbove(from: number, end: number, low: number): number {
    return this.passWithin(from, end, low, Infinity)
  }

  private isWithin(from: number, to: number, level: number, low: number, high: number): boolean {
    if (!(this.bound(from, to, level, true) > low)) return false
    return high === Infinity || this.bound(from, to, level, false) <= high
  }

  /**
   * Bound of equity at the closes of slots `[from, to)`, at most a window of the level: with `least`, no close is below it, else none is
   * above it. The same sum, in the same order, of each position's worth at the extreme of the blocks that hold the slots; adding and
   * multiplying round monotonically, so no close can pass it by rounding.
   */
  private bound(from: number, to: number, level: number, least: boolean): number {
    const bits = BLOCK_SHIFTS[level] as number
    let equity = this.cash
    for (let at = 0; at < this.count; at++) {
      const { track, book } = this.lanes[at] as Lane
      const { base, quantity } = book.position
      const isLowest = quantity > 0 === least
      const blocks = blocksOf(isLowest ? track.worthLows : track.worthHighs, level)
      const first = blocks[(from + track.shift) >> bits] as number
      // As many slots lie in two blocks at most, whatever the lane's shift.
      const last = blocks[(to - 1 + track.shift) >> bits] as number
      equity += base + quantity * (first < last === isLowest ? first : last)
    }
    return equity
  }
}

/** By level: all but one of the slots of a window, which begins on a multiple of its length. */
const WINDOWS = BLOCK_SHIFTS.map((bits) => (1 << bits) - 1)

function blocksOf({ by16, by256, by4096 }: Extremes, level: number): Float64Array {
  return level === 0 ? by16 : level === 1 ? by256 : by4096
}

/** The largest window worth a try on a slot: one that begins there, or any where slots begin to be passed inside of a window of 16. */
function levelAt(slot: number): number {
  if ((slot & 15) !== 0 || (slot & 4095) === 0) return 2
  return (slot & 255) === 0 ? 1 : 0
}

function levelFor(slots: number): number {
  return slots > 256 ? 2 : slots > 16 ? 1 : 0
}
