import {
  averageDrawdown, averageDrawdownDays, longestDrawdownDays, recoveryFactor, ulcerIndex,
  ulcerPerformanceIndex, worstDrawdowns,
} from './drawdown.js' // prettier-ignore
import type { MeasuredRun } from './measured-run.js'
import { metric, metricSection, type MetricSection } from './metrics-report.js'
import { known, unknown, type Statistic } from './statistic.js'

/** The largest fall on bar closes, its dates, and how long falls lasted. */
export function drawdownSection(run: MeasuredRun): MetricSection {
  const [deepest] = worstDrawdowns(run.drawdownPeriods, 1)
  const when = (time: number | null | undefined): Statistic =>
    deepest === undefined
      ? unknown('no drawdown')
      : typeof time === 'number'
        ? known(time)
        : unknown('not recovered by the end of the run')
  return metricSection('drawdown', 'Drawdown (on bar closes)', [
    metric('maxDrawdown', 'Maximum drawdown', 'fraction', run.maxDrawdown),
    metric('maxDrawdownIntrabar', 'Maximum drawdown, intrabar bound', 'fraction', run.maxDrawdownIntrabar),
    metric('maxDrawdownPeak', 'Peak', 'time', when(deepest?.peakTime)),
    metric('maxDrawdownValley', 'Valley', 'time', when(deepest?.valleyTime)),
    metric('maxDrawdownRecovery', 'Recovery', 'time', when(deepest?.recoveryTime)),
    metric('longestDrawdown', 'Longest drawdown', 'days', longestDrawdownDays(run.drawdownPeriods)),
  ])
}

/** How deep and long the usual fall was, on whole UTC days; the recovery factor on bar closes. */
export function painSection(run: MeasuredRun): MetricSection {
  const ulcer = ulcerIndex(run.dailyDrawdowns)
  return metricSection('pain', 'Pain', [
    metric('averageDrawdown', 'Average drawdown, daily', 'fraction', averageDrawdown(run.dailyDrawdownPeriods)),
    metric('averageDrawdownDays', 'Average drawdown, length', 'days', averageDrawdownDays(run.dailyDrawdownPeriods)),
    metric('recoveryFactor', 'Recovery factor', 'ratio', recoveryFactor(run.total, run.maxDrawdown)),
    metric('ulcerIndex', 'Ulcer index', 'fraction', ulcer),
    metric('ulcerPerformanceIndex', 'Ulcer performance index', 'ratio', ulcerPerformanceIndex(run.growth, ulcer, run.riskFreeRate)),
  ]) // prettier-ignore
}
