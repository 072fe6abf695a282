import { autocorrelation, autocorrelationPenalty } from './autocorrelation.js'
import { timeInMarket } from './exposure.js'
import type { MeasuredRun } from './measured-run.js'
import { metric, metricSection, type MetricSection } from './metrics-report.js'
import { minimumTrackRecord, probabilisticSharpe, sharpeMoments } from './probabilistic-sharpe.js'
import { calmar, omega, riskAdjustedReturn, sharpe, sortino, stability, volatility } from './ratios.js'
import { DAYS_PER_YEAR } from './returns.js'
import { excessKurtosis, skewness } from './shape.js'
import { derive, known, tooFew, unknown, type Statistic } from './statistic.js'

/** Presence in the market and what came of it. */
export function growthSection(run: MeasuredRun): MetricSection {
  const { bars, gross, net } = run.exposure
  const average = (exposure: number): Statistic => tooFew(bars, 1, 'bars') ?? known(exposure)
  return metricSection('growth', 'Return', [
    metric('timeInMarket', 'Time in market', 'fraction', timeInMarket(run.exposure)),
    metric('averageExposure', 'Average exposure', 'fraction', average(gross)),
    metric('averageNetExposure', 'Average net exposure', 'fraction', average(net)),
    metric('startingBalance', 'Starting balance', 'money', known(run.result.startingBalance)),
    metric('finalEquity', 'Final equity', 'money', known(run.result.finalEquity)),
    metric('totalReturn', 'Cumulative return', 'fraction', run.total),
    metric('cagr', 'CAGR', 'fraction', run.growth),
    metric('days', 'Length of the run', 'days', known(run.days)),
  ]) // prettier-ignore
}

/** Ratios of reward to risk, from the returns that the run's policy names. */
export function ratioSection(run: MeasuredRun): MetricSection {
  const options = { periodsPerYear: run.periodsPerYear, ratePerPeriod: run.ratePerPeriod }
  const ask = (statistic: (returns: Float64Array) => Statistic): Statistic => run.of(run.returns, statistic)
  const smart = (ratio: typeof sharpe): Statistic =>
    ask((returns) =>
      derive(autocorrelationPenalty(returns), (penalty) => ratio(returns, { ...options, penalty })),
    )
  return metricSection('ratios', 'Reward and risk', [
    metric('sharpe', 'Sharpe', 'ratio', ask((returns) => sharpe(returns, options))),
    metric('probabilisticSharpe', 'Probabilistic Sharpe', 'fraction', ask((returns) => probabilisticSharpe(returns, options))),
    metric('minimumTrackRecordDays', 'Minimum track record at 95 %', 'days', ask((returns) => trackRecordDays(run, returns))),
    metric('smartSharpe', 'Smart Sharpe', 'ratio', smart(sharpe)),
    metric('sortino', 'Sortino', 'ratio', ask((returns) => sortino(returns, options))),
    metric('smartSortino', 'Smart Sortino', 'ratio', smart(sortino)),
    metric('omega', 'Omega', 'ratio', ask((returns) => omega(returns, run.ratePerPeriod))),
  ]) // prettier-ignore
}

/** Spread and shape of the returns that the run's policy names. */
export function riskSection(run: MeasuredRun): MetricSection {
  const ask = (statistic: (returns: Float64Array) => Statistic): Statistic => run.of(run.returns, statistic)
  return metricSection('risk', 'Risk', [
    metric('volatility', 'Volatility, yearly', 'fraction', ask((returns) => volatility(returns, run.periodsPerYear))),
    metric('calmar', 'Calmar', 'ratio', calmar(run.growth, run.maxDrawdown)),
    metric('skewness', 'Skew', 'ratio', ask(skewness)),
    metric('kurtosis', 'Excess kurtosis', 'ratio', ask(excessKurtosis)),
    metric('autocorrelation', 'Autocorrelation', 'ratio', ask(autocorrelation)),
    metric('stability', 'Stability (R² of log equity)', 'ratio', ask(stability)),
    metric('riskAdjustedReturn', 'Risk-adjusted return', 'fraction', riskAdjustedReturn(run.growth, timeInMarket(run.exposure))),
  ]) // prettier-ignore
}

function trackRecordDays(run: MeasuredRun, returns: Float64Array): Statistic {
  const moments = sharpeMoments(returns, run.ratePerPeriod)
  if ('reason' in moments) return unknown(moments.reason)
  return derive(minimumTrackRecord(moments), (periods) => (periods * DAYS_PER_YEAR) / run.periodsPerYear)
}
