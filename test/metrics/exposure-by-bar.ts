import type { BacktestResult } from '../../src/core/result.js'

/** Exposure in every bar of the account, worked out bar by bar and trade by trade as docs/metrics.md has it. */
export interface ExposureByBar {
  readonly gross: readonly number[]
  readonly net: readonly number[]
  readonly held: readonly boolean[]
}

export function exposureByBar({ equity, trades, instruments, timeframeMs }: BacktestResult): ExposureByBar {
  const bars = Array.from(equity.time, (closeTime, bar) => {
    const held = trades.filter(
      ({ entryTime, exitTime }) => entryTime < closeTime && exitTime > closeTime - timeframeMs,
    )
    const shares = held.map(({ instrumentId, side, quantity }) => {
      const run = instruments.find(({ id }) => id === instrumentId)!
      const closed = run.closeTime.filter((time) => time <= closeTime).length
      const price = closed === 0 ? run.open[0]! : run.close[closed - 1]!
      return { side, share: (quantity * price) / equity.equity[bar]! }
    })
    return {
      gross: shares.reduce((sum, { share }) => sum + share, 0),
      net: shares.reduce((sum, { side, share }) => sum + side * share, 0),
      held: held.length > 0,
    }
  })
  return {
    gross: bars.map(({ gross }) => gross),
    net: bars.map(({ net }) => net),
    held: bars.map(({ held }) => held),
  }
}
