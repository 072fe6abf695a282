import type { Policies } from '../core/policies.js'
import type { HeldPositions } from './held.js'
import type { Lane } from './lane.js'
import type { Position } from '../portfolio/position.js'
import type { AccountDay } from '../trading/day.js'
import type { Market, MarkKeeper } from './simulation.js'
import { FoldedHolding, type Stretches } from './stretches.js'
import type { TrailAhead } from './touch.js'
import type { Track } from './track.js'

/**
 * A close whose equity is above peak · ratio by this much more cannot lower the ratio: two products and the quotient err by less than
 * 2⁻⁵¹ together.
 */
const SAFE = 1 + 2 ** -50

type MarkedAccount = Pick<AccountDay, 'markedEquity'>

/** Quote units; changes at fills. */
interface Purse {
  readonly cash: number
}

/** Nearest prices at which something may fill. */
interface Levels {
  readonly floor: number
  readonly ceiling: number
}

/** Keeps of a trial's equity only what its statistics need: day edges, the running peak, and the deepest fall below it. */
export class TrialKeeper implements MarkKeeper {
  readonly watchesBars: boolean = false
  /** Equity at each midnight of the timeline. */
  edgeEquity: Float64Array
  /** Least of equity / running peak, on closes. */
  leastRatio: number = NaN
  private readonly account: MarkedAccount
  private readonly purse: Purse
  private readonly startingBalance: number
  private readonly edgeSlots: Int32Array
  private readonly lastSlot: number
  /**
   * Equity above this share of the peak makes no deeper fall than the least ratio tells: an account that is ruined may owe, and below zero nothing is safe. It follows from the
   * least ratio, and is written out where that changes: a function for it would be called, and box its numbers.
   */
  private safeRatio: number = NaN
  private peak: number = NaN
  private readonly held: FoldedHolding = new FoldedHolding()
  /** The next day edge, and its slot. */
  private edge: number = 0
  private edgeSlot: number = 0

  /** `edgeEquity` has room for every midnight of the market's timeline. */
  constructor(
    { timeline, startingBalance }: Pick<Market, 'timeline' | 'startingBalance'>,
    account: MarkedAccount,
    purse: Purse,
    drawdownPeak: Policies['drawdownPeak'],
    edgeEquity: Float64Array = new Float64Array(timeline.midnights.length),
  ) {
    this.account = account
    this.purse = purse
    this.startingBalance = startingBalance
    this.edgeSlots = timeline.edgeSlots
    this.lastSlot = timeline.openTime.length - 1
    this.edgeEquity = edgeEquity
    this.begin(drawdownPeak, edgeEquity)
  }

  /** Starts over, with room for the day edges of the next trial. */
  begin(drawdownPeak: Policies['drawdownPeak'], edgeEquity: Float64Array): void {
    const { startingBalance } = this
    this.edgeEquity = edgeEquity
    this.edge = 0
    this.peak = drawdownPeak === 'starting-balance' ? startingBalance : -Infinity
    this.leastRatio = 1
    this.safeRatio = SAFE
    while ((this.edgeSlots[this.edge] as number) < 0) edgeEquity[this.edge++] = startingBalance
    this.edgeSlot = this.edgeSlots[this.edge] as number
  }

  beforeClose(): void {
    // Bars' extremes are no part of a trial's statistics.
  }

  markSlot(slot: number): void {
    // The last slot counts once what is open there is closed.
    if (slot < this.lastSlot) this.mark(slot, this.account.markedEquity)
  }

  markQuiet(from: number, to: number, held: HeldPositions): void {
    const end = to < this.lastSlot ? to : this.lastSlot
    if (from >= end) return
    if (held.count < 2) {
      const { track, book } = held.lanes[0] as Lane
      this.take(book.position)
      if (held.count === 0) return this.foldFlat(end)
      this.foldOne(track, from, end)
    } else this.foldMany(held, from, end)
    while (this.edgeSlot < end) this.endDay(held.equityAt(this.edgeSlot))
  }

  markQuietAlone(from: number, to: number, { track, book, ahead }: Lane): void {
    this.markQuietHeld(from, to, track, book.position, book, ahead)
  }

  /** The same, told of the one position that there may be. */
  markQuietHeld(
    from: number,
    to: number,
    track: Track,
    position: Position,
    levels: Levels,
    ahead: TrailAhead,
  ): void {
    const end = to < this.lastSlot ? to : this.lastSlot
    if (from >= end) return
    this.take(position)
    if (position.quantity === 0) return this.foldFlat(end)
    if (!this.isWithinMarks(track, levels, ahead, to)) this.foldOne(track, from, end)
    if (this.edgeSlot < end) this.foldEdges(track, end)
  }

  /** The same of many stretches, which are then forgotten. */
  markStretches(stretches: Stretches, track: Track): void {
    const { held, lastSlot } = this
    let { from } = stretches
    for (let at = 0; at < stretches.count; at++) {
      const to = stretches.endOf(at)
      const end = to < lastSlot ? to : lastSlot
      if (from >= end) break
      stretches.copy(at, held)
      if (held.quantity === 0) this.foldFlat(end)
      else {
        this.foldOne(track, from, end)
        if (this.edgeSlot < end) this.foldEdges(track, end)
      }
      from = end
    }
    stretches.forget()
  }

  private take({ base, quantity }: Pick<Position, 'base' | 'quantity'>): void {
    const { held } = this
    held.cash = this.purse.cash
    held.base = base
    held.quantity = quantity
  }

  /**
   * On a stretch on which nothing is filled no price reaches the floor or ceiling, nor passes what a look-ahead saw as its best. Where
   * even those would make neither a new peak nor a deeper fall, no close between them does.
   */
  private isWithinMarks(track: Track, levels: Levels, ahead: TrailAhead, to: number): boolean {
    const { cash, base, quantity } = this.held
    let { floor, ceiling } = levels
    if (ahead.row === to + track.shift) {
      if (quantity > 0) ceiling = Math.min(ceiling, ahead.best)
      else floor = Math.max(floor, ahead.best)
    }
    if (track.worth !== track.close || floor === -Infinity || ceiling === Infinity) return false
    const atFloor = cash + (base + quantity * floor)
    const atCeiling = cash + (base + quantity * ceiling)
    const safe = this.peak * this.safeRatio
    return quantity > 0 ? atCeiling <= this.peak && atFloor > safe : atFloor <= this.peak && atCeiling > safe
  }

  /** The last slot, with everything closed that is to be closed. */
  finish(equity: number): void {
    this.mark(this.lastSlot, equity)
  }

  private mark(slot: number, equity: number): void {
    this.see(equity)
    while (this.edgeSlot === slot) this.endDay(equity)
  }

  private endDay(equity: number): void {
    this.edgeEquity[this.edge++] = equity
    this.edgeSlot = this.edgeSlots[this.edge] as number
  }

  private see(equity: number): void {
    if (equity > this.peak) this.peak = equity
    else if (!(equity > this.peak * this.safeRatio)) {
      const ratio = equity / this.peak
      if (ratio < this.leastRatio) this.deepen(ratio)
    }
  }

  private deepen(ratio: number): void {
    this.leastRatio = ratio
    this.safeRatio = Math.max(0, ratio * SAFE)
  }

  /** Flat: every close and day edge up to `end` is worth the cash. */
  private foldFlat(end: number): void {
    const { cash } = this.held
    if (cash > this.peak) this.peak = cash
    else if (cash <= this.peak * this.safeRatio) this.see(cash)
    const { edgeSlots, edgeEquity } = this
    let { edge, edgeSlot } = this
    for (; edgeSlot < end; edgeSlot = edgeSlots[edge] as number) edgeEquity[edge++] = cash
    this.edge = edge
    this.edgeSlot = edgeSlot
  }

  private foldEdges({ edgeWorth }: Track, end: number): void {
    const { cash, base, quantity } = this.held
    const { edgeSlots, edgeEquity } = this
    let { edge, edgeSlot } = this
    for (; edgeSlot < end; edgeSlot = edgeSlots[edge] as number) {
      edgeEquity[edge] = cash + (base + quantity * (edgeWorth[edge] as number))
      edge++
    }
    this.edge = edge
    this.edgeSlot = edgeSlot
  }

  /**
   * Peak and ratio over slots `[from, end)` with one position. Whole blocks of rows are passed that can move neither, or only one of the two: equity rises and falls with the
   * worth, and its least ratio to a peak that stands still is that of the block's least.
   */
  private foldOne({ shift, worth, worthHighs, worthLows }: Track, from: number, end: number): void {
    const { cash, base, quantity } = this.held
    const isLong = quantity > 0
    const up = isLong ? worthHighs : worthLows
    const down = isLong ? worthLows : worthHighs
    const { by16: up16, by256: up256, by4096: up4096 } = up
    const { by16: down16, by256: down256, by4096: down4096 } = down
    let { peak, leastRatio, safeRatio } = this
    let safe = peak * safeRatio
    let row = from + shift
    const last = end + shift
    {
      const block = row >> 8
      const high = cash + (base + quantity * (up256[block] as number))
      const low = cash + (base + quantity * (down256[block] as number))
      if (high <= peak && low > safe) row = (row | 255) + 1
    }
    while (row < last) {
      if ((row & 255) === 0) {
        if ((row & 4095) === 0) {
          const block = row >> 12
          const high = cash + (base + quantity * (up4096[block] as number))
          const low = cash + (base + quantity * (down4096[block] as number))
          if (high <= peak) {
            if (low > safe) {
              row += 4096
              continue
            }
            if (row + 4096 <= last) {
              if (low / peak < leastRatio) {
                leastRatio = low / peak
                safeRatio = Math.max(0, leastRatio * SAFE)
                safe = peak * safeRatio
              }
              row += 4096
              continue
            }
          } else if (row + 4096 <= last && low > high * safeRatio) {
            peak = high
            safe = peak * safeRatio
            row += 4096
            continue
          }
        }
        const block = row >> 8
        const high = cash + (base + quantity * (up256[block] as number))
        const low = cash + (base + quantity * (down256[block] as number))
        if (high <= peak) {
          if (low > safe) {
            row += 256
            continue
          }
          if (row + 256 <= last) {
            if (low / peak < leastRatio) {
              leastRatio = low / peak
              safeRatio = Math.max(0, leastRatio * SAFE)
              safe = peak * safeRatio
            }
            row += 256
            continue
          }
        } else if (row + 256 <= last && low > high * safeRatio) {
          peak = high
          safe = peak * safeRatio
          row += 256
          continue
        }
      }
      const block = row >> 4
      const isWhole = (row & 15) === 0 && row + 16 <= last
      const high = cash + (base + quantity * (up16[block] as number))
      const low = cash + (base + quantity * (down16[block] as number))
      if (high <= peak) {
        if (low > safe) {
          row = (block + 1) << 4
          continue
        }
        if (isWhole) {
          if (low / peak < leastRatio) {
            leastRatio = low / peak
            safeRatio = Math.max(0, leastRatio * SAFE)
            safe = peak * safeRatio
          }
          row += 16
          continue
        }
      } else if (isWhole && low > high * safeRatio) {
        peak = high
        safe = peak * safeRatio
        row += 16
        continue
      }
      const stop = Math.min((block + 1) << 4, last)
      for (; row < stop; row++) {
        const equity = cash + (base + quantity * (worth[row] as number))
        if (equity > peak) {
          peak = equity
          safe = peak * safeRatio
        } else if (equity <= safe) {
          const ratio = equity / peak
          if (ratio < leastRatio) {
            leastRatio = ratio
            safeRatio = Math.max(0, leastRatio * SAFE)
            safe = peak * safeRatio
          }
        }
      }
    }
    this.peak = peak
    this.leastRatio = leastRatio
    this.safeRatio = safeRatio
  }

  private foldMany(held: HeldPositions, from: number, end: number): void {
    let slot = this.passQuiet(held, from, end)
    while (slot < end) {
      const stop = Math.min((slot | 15) + 1, end)
      for (; slot < stop; slot++) {
        const equity = held.equityAt(slot)
        if (equity > this.peak) this.peak = equity
        const ratio = equity / this.peak
        if (ratio < this.leastRatio) this.deepen(ratio)
      }
      slot = this.passQuiet(held, slot, end)
    }
  }

  /** First slot that may make a new peak or a deeper fall. */
  private passQuiet(held: HeldPositions, from: number, end: number): number {
    return held.passWithin(from, end, this.peak * this.safeRatio, this.peak)
  }
}
