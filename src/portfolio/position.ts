import { LedgerError } from '../core/errors.js'

/** Exits in parts may miss the held quantity by rounding alone: what differs by less than this share of it is the whole. */
const WHOLE_SLACK = 1e-12

/**
 * One instrument's holding. Its worth at a mark is one multiply-add, `base + quantity · (mark − fundingIndex)`: `base` is
 * fixed at fills and never accumulated bar by bar, so skipping quiet bars cannot change a digit. Funding enters as a
 * cumulative index per unit (what a long of one unit has paid since the run began).
 */
export class Position {
  /** Base units; positive long, negative short, 0 flat. */
  quantity: number = 0
  /** Quote units: −Σ quantity · price + Σ quantity · fundingIndex over the entry fills. */
  base: number = 0
  /** Σ |quantity| · price of the entry fills that are still held: the margin at leverage 1. */
  entryNotional: number = 0
  /** Σ quantity · fundingIndex over the entry fills that are still held. */
  fundingBase: number = 0

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

  /** Adds to the position. `signedQuantity` must not oppose what is held. */
  increase(signedQuantity: number, price: number, fundingIndex: number): void {
    if (!(signedQuantity !== 0) || !(price > 0) || this.quantity * signedQuantity < 0) {
      throw new LedgerError('an entry needs a positive price and a quantity on the side that is held', {
        field: 'quantity',
        value: signedQuantity,
        unit: 'base',
      })
    }
    this.quantity += signedQuantity
    this.base += signedQuantity * fundingIndex - signedQuantity * price
    this.entryNotional += Math.abs(signedQuantity) * price
    this.fundingBase += signedQuantity * fundingIndex
  }

  /**
   * Takes `quantity` (positive) off the position and returns the cash that this releases before fees: price difference and
   * funding. Closing more than is held is an error that changes nothing.
   */
  decrease(quantity: number, price: number, fundingIndex: number): number {
    const held = Math.abs(this.quantity)
    if (!(quantity > 0) || !(price > 0) || quantity > held * (1 + WHOLE_SLACK)) {
      throw new LedgerError('closing more than is held', { field: 'quantity', value: quantity, unit: 'base' })
    }
    if (quantity >= held * (1 - WHOLE_SLACK)) {
      const released = this.base + this.quantity * (price - fundingIndex)
      this.quantity = 0
      this.base = 0
      this.entryNotional = 0
      this.fundingBase = 0
      return released
    }
    const share = quantity / held
    const signed = this.quantity > 0 ? quantity : -quantity
    const baseShare = this.base * share
    this.base -= baseShare
    this.entryNotional -= this.entryNotional * share
    this.fundingBase -= this.fundingBase * share
    this.quantity -= signed
    return baseShare + signed * (price - fundingIndex)
  }
}
