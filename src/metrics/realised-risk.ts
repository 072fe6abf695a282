import type { BacktestResult } from '../core/result.js'
import { mean } from './moments.js'
import { lastAtOrBefore } from './partition-point.js'
import { known, tooFew, type Statistic } from './statistic.js'

/**
 * What a stop really cost: mean net loss of the trades that their stop-loss closed, each over the equity at its entry (the
 * last mark by then). To compare with the risk per trade that was asked for. O(trades · log bars).
 */
export function realisedRisk({ trades, equity, startingBalance }: BacktestResult): Statistic {
  const losses = trades
    .filter(({ status, exitReason }) => status === 'closed' && exitReason === 'stop-loss')
    .map(({ profit, entryTime }) => {
      const mark = lastAtOrBefore(equity.time, entryTime)
      return -profit / (equity.equity[mark] ?? startingBalance)
    })
  return tooFew(losses.length, 1, 'stopped trades') ?? known(mean(losses))
}
