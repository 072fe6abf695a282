import type { Unit } from '../metrics/metrics-report.js'
import type { StatisticKey } from '../research/sweep/objective.js'

/** How the statistics of trials are read. */
export const STATISTIC_UNITS: Readonly<Record<StatisticKey, Unit>> = {
  totalReturn: 'fraction',
  cagr: 'fraction',
  sharpe: 'ratio',
  sortino: 'ratio',
  volatility: 'fraction',
  maxDrawdown: 'fraction',
  calmar: 'ratio',
  trades: 'count',
  tradeWinRate: 'fraction',
  profitFactor: 'ratio',
  netProfit: 'money',
  expectancy: 'money',
  undecidedExits: 'fraction',
}
