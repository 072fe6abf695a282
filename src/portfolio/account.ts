import { LedgerError } from '../core/errors.js'
import { Position } from './position.js'

/** Relative slack of the capital check: a purchase with all cash may miss it by rounding alone. */
const CAPITAL_SLACK = 1e-9

/** One account in one quote currency, with one position per instrument of the run, in the run's fixed order. */
export class Account {
  readonly startingBalance: number
  /** Quote units: starting balance + realised profit − fees + realised funding. Changes at fills only. */
  cash: number
  readonly positions: readonly Position[]
  /** A position ties up its entry notional over this. */
  readonly leverage: number

  constructor(startingBalance: number, instruments: number, leverage: number = 1) {
    if (!(startingBalance > 0) || !Number.isFinite(startingBalance)) {
      throw new LedgerError('the starting balance must be positive', {
        value: startingBalance,
        unit: 'quote',
      })
    }
    this.startingBalance = startingBalance
    this.cash = startingBalance
    this.leverage = leverage
    this.positions = Array.from({ length: instruments }, () => new Position())
  }

  /** Cash plus the worth of every position, summed in instrument order. `marks[j]` is mark − funding index. */
  equity(marks: Float64Array): number {
    let equity = this.cash
    for (let index = 0; index < this.positions.length; index++) {
      const position = this.positions[index] as Position
      if (position.quantity !== 0) equity += position.worth(marks[index] as number)
    }
    return equity
  }

  /**
   * What may be committed to new entries: cash less the margin of every open position (its entry notional over the leverage) and
   * less the funding that open positions have paid so far. Unrealised profit is not spendable.
   */
  freeCapital(fundingIndex: Float64Array): number {
    let free = this.cash
    for (let index = 0; index < this.positions.length; index++) {
      const position = this.positions[index] as Position
      if (position.quantity === 0) continue
      free += position.accruedFunding(fundingIndex[index] as number) - position.entryNotional / this.leverage
    }
    return free
  }

  /** Opens or adds. Costing more than the free capital is an error that changes nothing. */
  enter(index: number, signedQuantity: number, price: number, fee: number, fundingIndex: Float64Array): void {
    const cost = (Math.abs(signedQuantity) * price) / this.leverage + fee
    const free = this.freeCapital(fundingIndex)
    if (!(cost <= free + CAPITAL_SLACK * Math.abs(free))) {
      throw new LedgerError(`an entry costs more than the free capital of ${free}`, {
        field: 'cost',
        value: cost,
        unit: 'quote',
      })
    }
    this.position(index).increase(signedQuantity, price, fundingIndex[index] as number)
    this.cash -= fee
  }

  /** Closes `quantity` (positive) and returns the cash released before the fee. */
  exit(index: number, quantity: number, price: number, fee: number, fundingIndex: Float64Array): number {
    const released = this.position(index).decrease(quantity, price, fundingIndex[index] as number)
    this.cash += released - fee
    return released
  }

  position(index: number): Position {
    const position = this.positions[index]
    if (position === undefined)
      throw new LedgerError('no such instrument', { field: 'instrument', value: index })
    return position
  }
}
