import { downCapture, upCapture } from './capture.js'
import { drawdownSeries, maxDrawdown } from './drawdown.js'
import type { Benchmark, NoBenchmark } from './hold-benchmark.js'
import { yearlyGrowth, type MeasuredRun } from './measured-run.js'
import { metric, type Metric, type MetricSection } from './metrics-report.js'
import { sharpe } from './ratios.js'
import { alpha, beta, correlation, informationRatio, rSquared, treynor } from './relative.js'
import { simpleReturn, simpleReturns } from './returns.js'
import { derive, unknown, type Statistic } from './statistic.js'

type Pairwise = (returns: Float64Array, benchmark: Float64Array) => Statistic

/** How the strategy relates to its benchmark, on whole UTC days whatever the returns policy. */
export function relativeSection(run: MeasuredRun): MetricSection {
  const { benchmark } = run
  const ask = (statistic: Pairwise): Statistic => {
    if ('reason' in benchmark) return unknown(benchmark.reason)
    return run.of(run.daily, (returns) => statistic(returns, simpleReturns(run.wholeDays(benchmark.equity))))
  }
  const periods = run.dailyPeriodsPerYear
  const slope = ask(beta)
  return {
    key: 'relative',
    title: 'reason' in benchmark ? 'Against the benchmark' : `Against: ${benchmark.label}`,
    metrics: [
      metric('beta', 'Beta', 'ratio', slope),
      metric('alpha', 'Alpha, yearly', 'fraction', ask((own, other) => alpha(own, other, { periodsPerYear: periods, ratePerPeriod: run.dailyRatePerPeriod }))),
      metric('correlation', 'Correlation', 'ratio', ask(correlation)),
      metric('rSquared', 'R²', 'ratio', ask(rSquared)),
      metric('informationRatio', 'Information ratio', 'ratio', ask((own, other) => informationRatio(own, other, periods))),
      metric('treynor', 'Treynor', 'ratio', treynor(run.growth, slope, run.riskFreeRate)),
      metric('upCapture', 'Up capture', 'ratio', ask((own, other) => upCapture(own, other, periods))),
      metric('downCapture', 'Down capture', 'ratio', ask((own, other) => downCapture(own, other, periods))),
    ],
  } // prettier-ignore
}

/** What holding would have made over the same time: as it is, and at the strategy's average exposure, gross and net. */
export function holdSection(run: MeasuredRun): MetricSection {
  return {
    key: 'hold',
    title: 'Buy and hold, costs included',
    metrics: [
      ...holdMetrics(run, 'hold', 'Buy & hold', run.hold),
      ...holdMetrics(run, 'scaledHold', 'Buy & hold at average exposure', run.scaledHold),
      ...holdMetrics(run, 'netHold', 'Hold at average net exposure', run.netHold),
    ],
  }
}

function holdMetrics(run: MeasuredRun, key: string, label: string, held: Benchmark | NoBenchmark): Metric[] {
  const ask = (statistic: (benchmark: Benchmark) => Statistic): Statistic =>
    'reason' in held ? unknown(held.reason) : statistic(held)
  const total = ask(({ equity }) =>
    simpleReturn(run.result.startingBalance, equity.at(-1) ?? run.result.startingBalance),
  )
  const options = { periodsPerYear: run.dailyPeriodsPerYear, ratePerPeriod: run.dailyRatePerPeriod }
  return [
    metric(`${key}Return`, `${label}, return`, 'fraction', total),
    metric(`${key}Cagr`, `${label}, CAGR`, 'fraction', derive(total, (value) => yearlyGrowth(1 + value, run.days))),
    metric(`${key}Sharpe`, `${label}, Sharpe`, 'ratio', ask(({ equity }) => sharpe(simpleReturns(run.wholeDays(equity)), options))),
    metric(`${key}MaxDrawdown`, `${label}, maximum drawdown (daily)`, 'fraction', ask(({ equity }) => maxDrawdown(drawdownSeries(equity, undefined)))),
  ] // prettier-ignore
}
