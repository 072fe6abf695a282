import { CALENDAR_PERIODS, lastMonths, periodToDate, type CalendarPeriod } from './calendar.js'
import type { MeasuredRun } from './measured-run.js'
import { metric, metricSection, type Metric, type MetricSection } from './metrics-report.js'
import { averageActiveReturn, geometricMean } from './returns.js'
import type { Statistic } from './statistic.js'
import {
  historicalShortfall, historicalValueAtRisk, normalValueAtRisk, outlierLossRatio, outlierWinRatio, tailRatio,
} from './tails.js' // prettier-ignore
import {
  averageGain, averageLoss, best, commonSenseRatio, cpcIndex, gainToPain, kelly, longestLossStreak, longestWinStreak,
  payoffRatio, profitFactor, winRate, worst,
} from './win-loss.js' // prettier-ignore

/** What a period brings on average, and how bad the bad days are. */
export function expectationSection(run: MeasuredRun): MetricSection {
  const daily = (statistic: (returns: Float64Array) => Statistic): Statistic => run.of(run.daily, statistic)
  const expected = (period: CalendarPeriod): Statistic => calendar(run, period, geometricMean)
  return metricSection('expectation', 'Expectation', [
    metric('expectedDaily', 'Expected daily (geometric mean)', 'fraction', daily(geometricMean)),
    metric('expectedMonthly', 'Expected monthly', 'fraction', expected('month')),
    metric('expectedYearly', 'Expected yearly', 'fraction', expected('year')),
    metric('averageActiveDay', 'Average day that was not flat', 'fraction', daily(averageActiveReturn)),
    metric('kelly', 'Kelly, on days', 'fraction', daily(kelly)),
    metric('valueAtRisk', 'Daily value at risk, 5 %', 'fraction', daily(historicalValueAtRisk)),
    metric('normalValueAtRisk', 'Daily value at risk, 5 %, normal', 'fraction', daily(normalValueAtRisk)),
    metric('expectedShortfall', 'Daily expected shortfall, 5 %', 'fraction', daily(historicalShortfall)),
  ])
}

/** Winning against losing days. */
export function winLossSection(run: MeasuredRun): MetricSection {
  const daily = (statistic: (returns: Float64Array) => Statistic): Statistic => run.of(run.daily, statistic)
  return metricSection('winLoss', 'Winning and losing days', [
    metric('longestWinStreak', 'Longest run of winning days', 'count', daily(longestWinStreak)),
    metric('longestLossStreak', 'Longest run of losing days', 'count', daily(longestLossStreak)),
    metric('gainToPain', 'Gain/pain, days', 'ratio', daily(gainToPain)),
    metric('gainToPainMonthly', 'Gain/pain, months', 'ratio', calendar(run, 'month', gainToPain)),
    metric('payoffRatioDaily', 'Payoff ratio, days', 'ratio', daily(payoffRatio)),
    metric('profitFactorDaily', 'Profit factor, days', 'ratio', daily(profitFactor)),
    metric('commonSenseRatio', 'Common sense ratio', 'ratio', daily((r) => commonSenseRatio(profitFactor(r), tailRatio(r)))),
    metric('cpcIndex', 'CPC index', 'ratio', daily(cpcIndex)),
    metric('tailRatio', 'Tail ratio', 'ratio', daily(tailRatio)),
    metric('outlierWinRatio', 'Outlier win ratio', 'ratio', daily(outlierWinRatio)),
    metric('outlierLossRatio', 'Outlier loss ratio', 'ratio', daily(outlierLossRatio)),
  ]) // prettier-ignore
}

/** Returns up to the end of the run. */
export function recentSection(run: MeasuredRun): MetricSection {
  const ask = (statistic: () => Statistic): Statistic => run.of(run.daily, statistic)
  return metricSection('recent', 'Up to the end of the run', [
    metric('monthToDate', 'Month to date', 'fraction', ask(() => periodToDate(run.calendar, 'month'))),
    metric('quarterToDate', 'Quarter to date', 'fraction', ask(() => periodToDate(run.calendar, 'quarter'))),
    metric('yearToDate', 'Year to date', 'fraction', ask(() => periodToDate(run.calendar, 'year'))),
    metric('last3Months', '3 months', 'fraction', ask(() => lastMonths(run.calendar, 3))),
    metric('last6Months', '6 months', 'fraction', ask(() => lastMonths(run.calendar, 6))),
    metric('last12Months', '1 year', 'fraction', ask(() => lastMonths(run.calendar, 12))),
  ]) // prettier-ignore
}

/** Best and worst day, month and year. */
export function extremesSection(run: MeasuredRun): MetricSection {
  const rows = (['day', 'month', 'year'] as const).flatMap((period): Metric[] => {
    const name = capital(period)
    return [
      metric(`best${name}`, `Best ${period}`, 'fraction', calendar(run, period, best)),
      metric(`worst${name}`, `Worst ${period}`, 'fraction', calendar(run, period, worst)),
    ]
  })
  return metricSection('extremes', 'Best and worst', rows)
}

/** Share of winning days, weeks, months, quarters, years. */
export function winningPeriodsSection(run: MeasuredRun): MetricSection {
  const shares = CALENDAR_PERIODS.map((period) =>
    metric(`winning${capital(period)}s`, `Winning ${period}s`, 'fraction', calendar(run, period, winRate)),
  )
  return metricSection('winningPeriods', 'Winning periods', [
    ...shares,
    metric('averageUpMonth', 'Average up month', 'fraction', calendar(run, 'month', averageGain)),
    metric('averageDownMonth', 'Average down month', 'fraction', calendar(run, 'month', averageLoss)),
  ])
}

/** A statistic of the returns of calendar periods. */
function calendar(
  run: MeasuredRun,
  period: CalendarPeriod,
  statistic: (returns: Float64Array) => Statistic,
): Statistic {
  return run.of(run.byPeriod[period], statistic)
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
