import { DataError } from '../core/errors.js'
import type { Policies } from '../core/policies.js'
import { DAY_MS } from '../core/time.js'
import type { Market } from '../engine/simulation.js'
import type { TrialOutcome } from '../engine/trials.js'
import { yearlyGrowth } from '../metrics/measured-run.js'
import { calmar, sharpe, sortino, volatility } from '../metrics/ratios.js'
import { DAYS_PER_YEAR, ratePerPeriod } from '../metrics/returns.js'
import { known, quotient, unknown, type Statistic } from '../metrics/statistic.js'

/** What a sweep ranks its trials by: each figure is that of a full report on the same trial, by the same name. */
export interface TrialStatistics {
  /** Fraction of the starting balance, closes at the end of the data included. */
  readonly totalReturn: Statistic
  /** n/a for runs of fewer than 90 days. */
  readonly cagr: Statistic
  /** From net returns of whole UTC days, flat days included, sample deviation, annualised. */
  readonly sharpe: Statistic
  readonly sortino: Statistic
  readonly volatility: Statistic
  /** On bar closes: a positive fraction of the running peak. */
  readonly maxDrawdown: Statistic
  readonly calmar: Statistic
  /** Closed trades. */
  readonly trades: Statistic
  /** Share of winners among the trades that did not end with the data. */
  readonly tradeWinRate: Statistic
  readonly profitFactor: Statistic
  /** Quote units. */
  readonly netProfit: Statistic
  /** Mean net profit of a closed trade, quote units. */
  readonly expectancy: Statistic
  /** Share of closed trades. */
  readonly undecidedExits: Statistic
}

/** What an outcome does not say of itself. */
export interface TrialMeasure {
  /** From the first open of the run to its last close: see `runDays`. */
  readonly days: number
  /** Yearly, as a fraction. Default 0. */
  readonly riskFreeRate?: number
  /** Default 365. */
  readonly periodsPerYear?: number
  /** The trial's policy. Trials keep the returns of days only, so that ratios of per-bar returns are n/a. Default `daily`. */
  readonly returns?: Policies['returns']
}

/** Days from the first open of a market to its last close. */
export function runDays({ timeline: { openTime, timeframeMs } }: Pick<Market, 'timeline'>): number {
  const first = openTime[0] as number
  return ((openTime[openTime.length - 1] as number) + timeframeMs - first) / DAY_MS
}

/**
 * Statistics of one trial from what a sweep keeps of it. O(days). Throws DataError where its equity is not finite.
 */
export function trialStatistics(outcome: TrialOutcome, measure: TrialMeasure): TrialStatistics {
  const { finalEquity, totalReturn, trades, decidedTrades, wins, grossProfit, grossLoss } = outcome
  if (!Number.isFinite(finalEquity)) {
    throw new DataError(`the equity of trial ${outcome.trial} is not a finite number`, {
      field: 'finalEquity',
      value: finalEquity,
    })
  }
  const growth = yearlyGrowth(1 + totalReturn, measure.days)
  const depth = known(0 - outcome.maxDrawdown)
  const noLoss = grossProfit > 0 ? 'no loss' : 'no gain and no loss'
  const netProfit = grossProfit - grossLoss
  return {
    totalReturn: known(totalReturn),
    cagr: growth,
    ...ratios(outcome, measure),
    maxDrawdown: depth,
    calmar: calmar(growth, depth),
    trades: known(trades),
    tradeWinRate: quotient(wins, decidedTrades, 'no trade closed before the end of data'),
    profitFactor: quotient(grossProfit, grossLoss, noLoss),
    netProfit: known(netProfit),
    expectancy: trades === 0 ? unknown('0 closed trades, at least 1 needed') : known(netProfit / trades),
    undecidedExits: quotient(outcome.undecidedExits, trades, 'no closed trade'),
  }
}

function ratios(
  { dailyReturns, maxDrawdown }: TrialOutcome,
  { riskFreeRate = 0, periodsPerYear = DAYS_PER_YEAR, returns = 'daily' }: TrialMeasure,
): Pick<TrialStatistics, 'sharpe' | 'sortino' | 'volatility'> {
  const none = noRatios(maxDrawdown, returns)
  if (none !== undefined) return { sharpe: none, sortino: none, volatility: none }
  const options = { periodsPerYear, ratePerPeriod: ratePerPeriod(riskFreeRate, periodsPerYear) }
  return {
    sharpe: sharpe(dailyReturns, options),
    sortino: sortino(dailyReturns, options),
    volatility: volatility(dailyReturns, periodsPerYear),
  }
}

/** Why the returns of days say nothing, or undefined where they do. */
function noRatios(maxDrawdown: number, returns: Policies['returns']): Statistic | undefined {
  if (returns === 'per-bar') return unknown('trials do not keep the returns of bars')
  return maxDrawdown <= -1 ? unknown('equity fell to zero or below') : undefined
}
