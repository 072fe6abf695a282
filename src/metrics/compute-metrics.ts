import type { BacktestResult } from '../core/result.js'
import { CALENDAR_PERIODS, monthlyTable, periodReturns } from './calendar.js'
import { attributeCosts } from './cost-attribution.js'
import { drawdownSection, painSection } from './drawdown-sections.js'
import { worstDrawdowns } from './drawdown.js'
import { measureRun, type MeasuredRun, type MetricOptions } from './measured-run.js'
import { metricRules } from './metric-rules.js'
import type { Metric, MetricSection, MetricsReport, ReturnQuantiles } from './metrics-report.js'
import { quantile } from './moments.js'
import {
  expectationSection, extremesSection, recentSection, winLossSection, winningPeriodsSection,
} from './period-sections.js' // prettier-ignore
import { holdSection, relativeSection } from './relative-section.js'
import { growthSection, ratioSection, riskSection } from './return-sections.js'
import { dominantSizeBound, sizeBounds } from './size-bounds.js'
import {
  byCoverage,
  byEntryHour,
  byEntryWeekday,
  byExitReason,
  byInstrument,
  bySide,
} from './trade-groups.js'
import { tradeSection } from './trade-section.js'

const TILES = [
  'totalReturn', 'cagr', 'sharpe', 'probabilisticSharpe', 'minimumTrackRecordDays', 'sortino', 'maxDrawdown', 'calmar',
  'tradeWinRate', 'profitFactor', 'trades', 'timeInMarket', 'holdReturn',
] // prettier-ignore

/** In QuantStats' order, then the trades. */
const SECTIONS: readonly ((run: MeasuredRun) => MetricSection)[] = [
  growthSection, ratioSection, drawdownSection, riskSection, expectationSection, winLossSection, recentSection,
  extremesSection, painSection, winningPeriodsSection, relativeSection, holdSection, (run) => tradeSection(run),
] // prettier-ignore

/**
 * Measures a result: every figure of a report's tiles, full table and trade pages, and the tables behind its charts. The
 * policies `returns` and `drawdownPeak` of the result are honoured. Pure; O(bars + days + trades · log trades).
 *
 * Throws DataError where equity is not finite, and where holding costs lack the fee of an instrument.
 */
export function computeMetrics(result: BacktestResult, options: MetricOptions = {}): MetricsReport {
  const run = measureRun(result, options)
  const sections = SECTIONS.map((section) => section(run))
  const bounds = sizeBounds(run.allTrades.sizeBoundBy)
  const dominant = dominantSizeBound(bounds)
  return {
    rules: metricRules(result.policies, options, result.timeframeMs),
    tiles: tilesOf(sections),
    sections,
    monthly: monthlyTable(run.calendar),
    yearly: periodReturns(run.calendar, 'year'),
    worstDrawdowns: worstDrawdowns(run.drawdownPeriods),
    quantiles: quantilesOf(run.byPeriod),
    costs: attributeCosts(result.finalEquity - result.startingBalance, result.costs),
    groups: {
      side: bySide(run.trades),
      instrument: byInstrument(run.trades),
      exitReason: byExitReason(run.trades),
      coverage: byCoverage(run.trades),
      hour: byEntryHour(run.trades),
      weekday: byEntryWeekday(run.trades),
    },
    sizeBounds: bounds,
    dominantSizeBound: dominant === undefined ? null : dominant.bound,
  }
}

function tilesOf(sections: readonly MetricSection[]): Metric[] {
  const all = sections.flatMap((section) => section.metrics)
  return TILES.flatMap((key) => all.filter((metric) => metric.key === key))
}

function quantilesOf(byPeriod: MeasuredRun['byPeriod']): ReturnQuantiles[] {
  return CALENDAR_PERIODS.flatMap((period) => {
    const returns = byPeriod[period]
    if (returns.length === 0) return []
    const [minimum, lowerQuartile, median, upperQuartile, maximum] = [0, 0.25, 0.5, 0.75, 1].map((level) =>
      quantile(returns, level),
    ) as [number, number, number, number, number]
    return [{ period, count: returns.length, minimum, lowerQuartile, median, upperQuartile, maximum }]
  })
}

export type { MeasuredRun, MetricOptions }
