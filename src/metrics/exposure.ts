import { DataError } from '../core/errors.js'
import type { BacktestResult, InstrumentRun } from '../core/result.js'
import type { Trade } from '../core/trades.js'
import { mean } from './moments.js'
import { lastAtOrBefore, partitionPoint } from './partition-point.js'
import { known, tooFew, type Statistic } from './statistic.js'

/** Exposure in every bar of the account, as fractions of equity: one value per bar of `equity.time`. */
export interface ExposureByBar {
  /** Long and short added up. */
  readonly gross: Float64Array
  /** Long minus short. */
  readonly net: Float64Array
  /** 1 where any position was held for some time inside the bar. */
  readonly held: Uint8Array
}

/**
 * Exposure from the trades. A bar counts for every position that was held for some time inside it, however short: the one
 * that is opened at its open and stopped in it too, but not the one that is closed at its open. It counts with the quantity
 * held, at the bar's close, over equity at that close; where the position lives to the close that is its exposure there.
 * O(bars + Σ bars held).
 *
 * Throws DataError for a trade of an instrument that is not of the run.
 */
export function exposureByBar(result: BacktestResult): ExposureByBar {
  const { time, equity } = result.equity
  const gross = new Float64Array(time.length)
  const net = new Float64Array(time.length)
  const held = new Uint8Array(time.length)
  const runs = new Map(result.instruments.map((run) => [run.id, run]))
  for (const trade of result.trades) {
    const run = runs.get(trade.instrumentId)
    if (run === undefined) {
      throw new DataError('a trade is of an instrument that is not of the run', {
        field: 'instrumentId',
        value: trade.instrumentId,
      })
    }
    const [first, end] = barsHeld(trade, time, result.timeframeMs)
    for (let bar = first; bar < end; bar++) {
      const share = (trade.quantity * lastClose(run, time[bar]!)) / equity[bar]!
      gross[bar] = gross[bar]! + share
      net[bar] = net[bar]! + trade.side * share
      held[bar] = 1
    }
  }
  return { gross, net, held }
}

/** Share of bars in which a position was held for some time, however short. */
export function timeInMarket({ held }: ExposureByBar): Statistic {
  return tooFew(held.length, 1, 'bars') ?? known(held.reduce((sum, one) => sum + one, 0) / held.length)
}

/** Mean over the bars of the run, flat ones included; 0 for a run without bars. */
export function averageExposure(exposure: Float64Array): number {
  return exposure.length === 0 ? 0 : mean(exposure)
}

/** Bars `[first, end)` that a trade shares more than an instant with. */
function barsHeld(trade: Trade, closeTime: Float64Array, timeframeMs: number): [first: number, end: number] {
  const end = partitionPoint(closeTime.length, (bar) => closeTime[bar]! - timeframeMs < trade.exitTime)
  return [lastAtOrBefore(closeTime, trade.entryTime) + 1, end]
}

/** The instrument's own last close by then: it may have no bar of its own. */
function lastClose(run: InstrumentRun, time: number): number {
  return run.close[lastAtOrBefore(run.closeTime, time)] ?? run.open[0]!
}
