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

/** Sums settlements up in their order, so that any stretch of them is one subtraction away. */
export function settlementColumns(settlements: readonly Settlement[]): SettlementColumns {
  const count = settlements.length
  const columns = {
    time: new Float64Array(count),
    amountPerUnit: new Float64Array(count),
    paid: new Float64Array(count + 1),
    missingRates: new Int32Array(count + 1),
    missingMarks: new Int32Array(count + 1),
  }
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
