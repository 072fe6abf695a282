import type { MeasuredRun } from './measured-run.js'
import { metric, type MetricSection } from './metrics-report.js'
import { sum } from './moments.js'
import { known, quotient, type Statistic } from './statistic.js'
import {
  averageAdverseExcursion, averageFavourableExcursion, decidedCount, edgeRatio, expectancy, expectancyFraction, meanOf,
  medianOf, systemQualityNumber, topTradesShare, tradeWinRate,
} from './trade-stats.js' // prettier-ignore
import {
  averageGain, averageLoss, best, kelly, longestLossStreak, longestWinStreak, payoffRatio, profitFactor, worst,
} from './win-loss.js' // prettier-ignore

/** Statistics of the closed trades; money in quote units, net of all costs. */
export function tradeSection({ result, trades, allTrades }: MeasuredRun): MetricSection {
  const { count, profit: money, profitFraction: fraction, daysHeld: held } = trades
  const undecided: Statistic = quotient(result.undecidedExits, count, 'no closed trade')
  return {
    key: 'trades',
    title: 'Trades',
    metrics: [
      metric('trades', 'Trades', 'count', known(count)),
      metric('openTrades', 'Still open', 'count', known(allTrades.count - count)),
      metric('endOfDataTrades', 'Closed by the end of data', 'count', known(count - decidedCount(trades))),
      metric('netProfit', 'Net profit of closed trades', 'money', known(sum(money))),
      metric('tradeWinRate', 'Win rate', 'fraction', tradeWinRate(trades)),
      metric('profitFactor', 'Profit factor', 'ratio', profitFactor(money)),
      metric('expectancy', 'Expectancy', 'money', expectancy(trades)),
      metric('expectancyFraction', 'Expectancy, of notional', 'fraction', expectancyFraction(trades)),
      metric('payoffRatio', 'Payoff ratio', 'ratio', payoffRatio(money)),
      metric('systemQualityNumber', 'SQN', 'ratio', systemQualityNumber(trades)),
      metric('tradeKelly', 'Kelly, on trades', 'fraction', kelly(money)),
      metric('averageWin', 'Average win', 'money', averageGain(money)),
      metric('averageLoss', 'Average loss', 'money', averageLoss(money)),
      metric('bestTrade', 'Best trade', 'money', best(money)),
      metric('worstTrade', 'Worst trade', 'money', worst(money)),
      metric('bestTradeFraction', 'Best trade, of notional', 'fraction', best(fraction)),
      metric('worstTradeFraction', 'Worst trade, of notional', 'fraction', worst(fraction)),
      metric('tradeWinStreak', 'Longest run of wins', 'count', longestWinStreak(money)),
      metric('tradeLossStreak', 'Longest run of losses', 'count', longestLossStreak(money)),
      metric('averageHoldingDays', 'Average holding time', 'days', meanOf(held)),
      metric('medianHoldingDays', 'Median holding time', 'days', medianOf(held)),
      metric('longestHoldingDays', 'Longest holding time', 'days', best(held)),
      metric('shortestHoldingDays', 'Shortest holding time', 'days', worst(held)),
      metric('averageAdverseExcursion', 'Average MAE', 'fraction', averageAdverseExcursion(trades)),
      metric('averageFavourableExcursion', 'Average MFE', 'fraction', averageFavourableExcursion(trades)),
      metric('edgeRatio', 'Average MFE / average MAE', 'ratio', edgeRatio(trades)),
      metric('topFiveShare', 'Share of profit from the best 5 trades', 'fraction', topTradesShare(trades)),
      metric('undecidedExits', 'Exits that the bars leave undecided', 'fraction', undecided),
    ],
  } // prettier-ignore
}
