/** What other layers use of the metrics; a single statistic is also found in the file named after its idea. */
export { computeMetrics, type MetricOptions } from './compute-metrics.js'
export {
  findMetric,
  type Metric,
  type MetricSection,
  type MetricsReport,
  type ReturnQuantiles,
  type Unit,
} from './metrics-report.js'
export { metricRules } from './metric-rules.js'
export { formatMetric, formatStatistic, formatValue } from './format.js'
export type { Statistic } from './statistic.js'
export type { DrawdownPeriod } from './drawdown.js'
export type { MonthlyRow, PeriodReturn } from './calendar.js'
export type { TradeGroup } from './trade-groups.js'
export type { CostAttribution } from './cost-attribution.js'
export type { SizeBoundCount } from './size-bounds.js'
export {
  holdBenchmark,
  scaleBenchmark,
  type Benchmark,
  type HoldCosts,
  type NoBenchmark,
} from './hold-benchmark.js'
