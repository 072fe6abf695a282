import { LedgerError } from '../core/errors.js'
import type { Side } from '../core/orders.js'
import { Position, type LedgerFill } from './position.js'

/** Relative slack of the capital check: a purchase with all cash may miss it by rounding alone. */
const CAPITAL_SLACK = 1e-9

/** Refuses an entry that costs more than the free capital. Throws LedgerError. */
export function requireCapital(cost: number, free: number): void {
  if (cost <= free + CAPITAL_SLACK * Math.abs(free)) return
  throw new LedgerError(`an entry costs more than the free capital of ${free}`, {
    field: 'cost',
    value: cost,
    unit: 'quote',
  })
}

/** One account in one quote currency, with one position per instrument of the run, in the run's fixed order. */
export class Account {
  readonly startingBalance: number
  /** Quote units: starting balance + realised profit − fees + realised funding. Changes at fills only. */
  cash: number = NaN
  readonly positions: readonly Position[]
  /** How many of them are open. */
  openPositions: number = 0
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
    if (this.openPositions === 0) return equity
    const { positions } = this
    for (let index = 0; index < positions.length; index++) {
      const { quantity, base } = positions[index] as Position
      if (quantity !== 0) equity += base + quantity * (marks[index] as number)
    }
    return equity
  }

  /**
   * What may be committed to new entries: cash less the margin of every open position (its entry notional over the leverage) and
   * less the funding that open positions have paid so far. Unrealised profit is not spendable.
   */
  freeCapital(fundingIndex: Float64Array): number {
    let free = this.cash
    if (this.openPositions === 0) return free
    const { positions, leverage } = this
    for (let index = 0; index < positions.length; index++) {
      const position = positions[index] as Position
      if (position.quantity === 0) continue
      free += position.capitalLeft(fundingIndex[index] as number, leverage)
    }
    return free
  }

  /** Opens or adds. Costing more than the free capital is an error that changes nothing. */
  enter(index: number, side: Side, fill: LedgerFill, fundingIndex: Float64Array): void {
    const { fee } = fill
    const position = this.position(index)
    const cost = (fill.quantity * fill.price) / this.leverage + fee
    requireCapital(cost, this.freeCapital(fundingIndex))
    const wasFlat = position.quantity === 0
    position.increase(side, fill, fundingIndex, index)
    if (wasFlat) this.openPositions++
    this.cash -= fee
  }

  /** Closes the fill's quantity and returns the cash released before the fee. */
  exit(index: number, fill: LedgerFill, fundingIndex: Float64Array): number {
    const position = this.position(index)
    const released = position.decrease(fill, fundingIndex, index)
    if (position.quantity === 0) this.openPositions--
    this.cash += released - fill.fee
    return released
  }

  position(index: number): Position {
    const position = this.positions[index]
    if (position === undefined)
      throw new LedgerError('no such instrument', { field: 'instrument', value: index })
    return position
  }
}
