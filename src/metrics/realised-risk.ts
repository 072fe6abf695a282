import type { BacktestResult } from '../core/result.js'
import { accountTimes } from './bar-times.js'
import { mean } from './moments.js'
import { known, tooFew, type Statistic } from './statistic.js'

/**
 * What a stop really cost: mean net loss of the trades that their stop-loss closed, each over the equity at its entry (the
 * last mark by then). To compare with the risk per trade that was asked for. O(trades · log bars).
 */
export function realisedRisk(result: BacktestResult): Statistic {
  const { trades, equity, startingBalance } = result
  const marks = accountTimes(result)
  const losses = trades
    .filter(({ status, exitReason }) => status === 'closed' && exitReason === 'stop-loss')
    .map(({ profit, entryTime }) => {
      const mark = marks.lastAtOrBefore(entryTime)
      return -profit / (equity.equity[mark] ?? startingBalance)
    })
  return tooFew(losses.length, 1, 'stopped trades') ?? known(mean(losses))
}
