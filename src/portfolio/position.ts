import { LedgerError } from '../core/errors.js'
import type { Side } from '../core/orders.js'

/** Exits in parts may miss the held quantity by rounding alone: what differs by less than this share of it is the whole. */
const WHOLE_SLACK = 1e-12

/** What a ledger needs to know of a fill. */
export interface LedgerFill {
  /** Quote units a base unit. */
  readonly price: number
  /** Base units, positive. */
  readonly quantity: number
  /** Quote units, positive = paid. */
  readonly fee: number
}

/**
 * One instrument's holding. Its worth at a mark is one multiply-add, `base + quantity · (mark − fundingIndex)`: `base` is
 * fixed at fills and never accumulated bar by bar, so skipping quiet bars cannot change a digit. Funding enters as a
 * cumulative index per unit (what a long of one unit has paid since the run began).
 */
export class Position {
  /** Base units; positive long, negative short, 0 flat. */
  quantity: number = NaN
  /** Quote units: −Σ quantity · price + Σ quantity · fundingIndex over the entry fills. */
  base: number = NaN
  /** Σ |quantity| · price of the entry fills that are still held: the margin at leverage 1. */
  entryNotional: number = NaN
  /** Σ quantity · fundingIndex over the entry fills that are still held. */
  fundingBase: number = NaN

  constructor() {
    // Fields that begin as numbers with a fraction are kept as such: a first whole number would cost every later one a check.
    this.clear()
  }

  get entryPrice(): number {
    return this.entryNotional / Math.abs(this.quantity)
  }

  /** Quote units at a mark from which the funding index has been taken off. */
  worth(markLessFunding: number): number {
    return this.quantity === 0 ? 0 : this.base + this.quantity * markLessFunding
  }

  /** Funding received since entry (negative: paid), quote units. */
  accruedFunding(fundingIndex: number): number {
    return this.quantity === 0 ? 0 : this.fundingBase - this.quantity * fundingIndex
  }

  /** What it adds to the free capital: the funding that it has received, less its margin. */
  capitalLeft(fundingIndex: number, leverage: number): number {
    return this.fundingBase - this.quantity * fundingIndex - this.entryNotional / leverage
  }

  /** Adds to the position. The side must not oppose what is held. `fundingIndex` is by instrument, `index` this one's place in it. */
  increase(side: Side, fill: LedgerFill, fundingIndex: Float64Array, index: number): void {
    const { price } = fill
    const signedQuantity = side * fill.quantity
    if (!(signedQuantity !== 0) || !(price > 0) || this.quantity * signedQuantity < 0) {
      throw new LedgerError('an entry needs a positive price and a quantity on the side that is held', {
        field: 'quantity',
        value: signedQuantity,
        unit: 'base',
      })
    }
    const paid = signedQuantity * (fundingIndex[index] as number)
    this.quantity += signedQuantity
    this.base += paid - signedQuantity * price
    this.entryNotional += Math.abs(signedQuantity) * price
    this.fundingBase += paid
  }

  /**
   * Takes a fill off the position and returns the cash that this releases before fees: price difference and funding. Closing more than is
   * held is an error that changes nothing.
   */
  decrease(fill: LedgerFill, fundingIndex: Float64Array, index: number): number {
    const { price, quantity } = fill
    const signedHeld = this.quantity
    const held = Math.abs(signedHeld)
    if (!(quantity > 0) || !(price > 0) || quantity > held * (1 + WHOLE_SLACK)) {
      throw new LedgerError('closing more than is held', { field: 'quantity', value: quantity, unit: 'base' })
    }
    const net = price - (fundingIndex[index] as number)
    if (quantity >= held * (1 - WHOLE_SLACK)) {
      const released = this.base + signedHeld * net
      this.clear()
      return released
    }
    const share = quantity / held
    const signed = signedHeld > 0 ? quantity : -quantity
    const baseShare = this.base * share
    this.base -= baseShare
    this.entryNotional -= this.entryNotional * share
    this.fundingBase -= this.fundingBase * share
    this.quantity -= signed
    return baseShare + signed * net
  }

  /** Nothing is held. */
  clear(): void {
    this.quantity = 0
    this.base = 0
    this.entryNotional = 0
    this.fundingBase = 0
  }
}
