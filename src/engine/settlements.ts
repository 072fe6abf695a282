import type { Side } from '../core/orders.js'
import type { Settlement } from '../execution/funding.js'

/** Funding settlements of one instrument, column by column, with what has been paid by the time of each. */
export interface SettlementColumns {
  /** UTC ms, rising. */
  readonly time: Float64Array
  /** What a long of one unit pays; NaN where the rate was not recorded. */
  readonly amountPerUnit: Float64Array
  /** `paid[k]`: what a long of one unit has paid in the first k settlements; unrecorded ones count nothing. Length + 1. */
  readonly paid: Float64Array
  /** How many of the first k had no recorded rate, or no recorded mark. */
  readonly missingRates: Int32Array
  readonly missingMarks: Int32Array
}

/**
 * Sums settlements up in their order, so that any stretch of them is one subtraction away. `paidBefore`: what a long of one unit has paid
 * before the first of them.
 */
export function settlementColumns(
  settlements: readonly Settlement[],
  paidBefore: number = 0,
): SettlementColumns {
  const count = settlements.length
  const columns = {
    time: new Float64Array(count),
    amountPerUnit: new Float64Array(count),
    paid: new Float64Array(count + 1),
    missingRates: new Int32Array(count + 1),
    missingMarks: new Int32Array(count + 1),
  }
  columns.paid[0] = paidBefore
  settlements.forEach(({ time, amountPerUnit, markMissing }, at) => {
    const isMissing = amountPerUnit !== amountPerUnit
    columns.time[at] = time
    columns.amountPerUnit[at] = amountPerUnit
    columns.paid[at + 1] = (columns.paid[at] as number) + (isMissing ? 0 : amountPerUnit)
    columns.missingRates[at + 1] = (columns.missingRates[at] as number) + (isMissing ? 1 : 0)
    columns.missingMarks[at + 1] = (columns.missingMarks[at] as number) + (markMissing ? 1 : 0)
  })
  return columns
}

const NO_SETTLEMENTS = settlementColumns([])

/** How far the settlements of one instrument have been charged. */
export class SettlementCursor {
  readonly columns: SettlementColumns
  /** Settlements charged so far. */
  settled: number = 0
  /** Time of the next one, UTC ms; Infinity where none is left. */
  nextTime: number

  constructor(columns: SettlementColumns | undefined) {
    this.columns = columns ?? NO_SETTLEMENTS
    this.nextTime = this.columns.time[0] ?? Number.POSITIVE_INFINITY
  }

  /** What one long unit has paid. */
  get index(): number {
    return this.columns.paid[this.settled] as number
  }

  moveTo(count: number): void {
    this.settled = count
    this.nextTime = this.columns.time[count] ?? Number.POSITIVE_INFINITY
  }

  /** How many there are before a time, or at it too. */
  countUpTo(time: number, inclusive: boolean): number {
    const times = this.columns.time
    let count = this.settled
    while (
      count < times.length &&
      (inclusive ? (times[count] as number) <= time : (times[count] as number) < time)
    )
      count++
    return count
  }

  /** How many of the next ones, up to the `count`-th, have no recorded rate. */
  missingRatesTo(count: number): number {
    const { missingRates } = this.columns
    return (missingRates[count] as number) - (missingRates[this.settled] as number)
  }

  missingMarksTo(count: number): number {
    const { missingMarks } = this.columns
    return (missingMarks[count] as number) - (missingMarks[this.settled] as number)
  }

  /** Time of the next one without a recorded rate; there must be one. */
  nextMissingTime(): number {
    const { amountPerUnit, time } = this.columns
    let at = this.settled
    while (amountPerUnit[at] === amountPerUnit[at]) at++
    return time[at] as number
  }

  /** Whether the next one is at this very instant and costs a position of this side. One without a recorded rate counts as adverse: the position is then seen to be held over it. */
  costsAt(time: number, side: Side): boolean {
    if (this.nextTime !== time) return false
    const amount = this.columns.amountPerUnit[this.settled] as number
    return amount !== amount || side * amount > 0
  }
}
