import type { Candles, FundingSchedule } from '../core/columns.js'

/** One funding settlement, ready to charge: `amountPerUnit` is what a long of one base unit pays (a short receives). */
export interface Settlement {
  readonly time: number
  /** rate · price, quote per base unit; NaN where the rate was not recorded. */
  readonly amountPerUnit: number
  /** No mark was recorded: the last close before the settlement stands in for it. */
  readonly markMissing: boolean
}

/**
 * Settlements in `[fromTime, toTime)` with the price that their notional is taken at: the mark, else the close of the last
 * bar that had closed by then. Before the first close there is no price and nobody can hold: such stamps are left out.
 */
export function prepareSettlements(
  schedule: FundingSchedule,
  candles: Candles,
  fromTime: number,
  toTime: number,
): Settlement[] {
  const settlements: Settlement[] = []
  let closed = 0
  for (let row = 0; row < schedule.time.length; row++) {
    const time = schedule.time[row] as number
    if (time < fromTime || time >= toTime) continue
    while (
      closed < candles.openTime.length &&
      (candles.openTime[closed] as number) + candles.timeframeMs <= time
    )
      closed++
    const mark = schedule.mark[row] as number
    const markMissing = Number.isNaN(mark)
    const price = markMissing ? candles.close[closed - 1] : mark
    if (price === undefined) continue
    settlements.push({ time, amountPerUnit: (schedule.rate[row] as number) * price, markMissing })
  }
  return settlements
}
