import type { SizeBound } from '../core/trades.js'
import type { MonthlyRow, PeriodReturn } from './calendar.js'
import type { CostAttribution } from './cost-attribution.js'
import type { DrawdownPeriod } from './drawdown.js'
import type { SizeBoundCount } from './size-bounds.js'
import { unknown, type Statistic } from './statistic.js'
import type { TradeGroup } from './trade-groups.js'

/** `fraction` of 1 (0.02 = 2 %), `money` in quote units, `days`, `ratio` without unit, `count`, `time` in UTC ms. */
export type Unit = 'fraction' | 'money' | 'days' | 'ratio' | 'count' | 'time'

/** One line of a report: `value`, or the `reason` why there is none. */
export type Metric = {
  /** Stable name, the same in every run: `sharpe`, `tradeWinRate`, … */
  readonly key: string
  readonly label: string
  readonly unit: Unit
} & Statistic

export interface MetricSection {
  readonly key: string
  readonly title: string
  readonly metrics: readonly Metric[]
}

/** Five-number summary of the returns of one calendar period. */
export interface ReturnQuantiles {
  readonly period: 'day' | 'week' | 'month' | 'quarter' | 'year'
  readonly count: number
  readonly minimum: number
  readonly lowerQuartile: number
  readonly median: number
  readonly upperQuartile: number
  readonly maximum: number
}

/** Everything measured about one result, in the order in which a report shows it. Plain data: survives JSON unchanged. */
export interface MetricsReport {
  /** How the figures are defined, for the report's header. */
  readonly rules: readonly string[]
  /** The few figures of the summary; all of them stand in `sections` too. */
  readonly tiles: readonly Metric[]
  readonly sections: readonly MetricSection[]
  readonly monthly: readonly MonthlyRow[]
  readonly yearly: readonly PeriodReturn[]
  /** The five deepest drawdowns on bar closes, deepest first. */
  readonly worstDrawdowns: readonly DrawdownPeriod[]
  readonly quantiles: readonly ReturnQuantiles[]
  readonly costs: CostAttribution
  readonly groups: {
    readonly side: readonly TradeGroup[]
    readonly instrument: readonly TradeGroup[]
    readonly exitReason: readonly TradeGroup[]
    readonly coverage: readonly TradeGroup[]
    readonly hour: readonly TradeGroup[]
    readonly weekday: readonly TradeGroup[]
  }
  readonly sizeBounds: readonly SizeBoundCount[]
  /** Set where one bound decided more than 90 % of the sizes. */
  readonly dominantSizeBound: SizeBound | null
}

export function metric(key: string, label: string, unit: Unit, statistic: Statistic): Metric {
  return { key, label, unit, ...statistic }
}

export function metricSection(key: string, title: string, metrics: readonly Metric[]): MetricSection {
  return { key, title, metrics }
}

/** The metric of that key; n/a for a key that no section holds. */
export function findMetric(report: MetricsReport, key: string): Metric {
  for (const section of report.sections) {
    const found = section.metrics.find((candidate) => candidate.key === key)
    if (found !== undefined) return found
  }
  return metric(key, key, 'ratio', unknown('no such metric'))
}
