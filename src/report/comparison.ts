import { DAY_MS } from '../core/time.js'
import { maxDrawdown, drawdownSeries } from '../metrics/drawdown.js'
import { findMetric, metric, type Metric, type MetricsReport } from '../metrics/metrics-report.js'
import { sharpe, sortino, volatility } from '../metrics/ratios.js'
import { correlation } from '../metrics/relative.js'
import { cagr, simpleReturns } from '../metrics/returns.js'
import { derive, known, tooFew, unknown, type Statistic } from '../metrics/statistic.js'
import { best, winRate, worst } from '../metrics/win-loss.js'
import { comparisonDoubts, type Doubts } from './comparison-doubts.js'
import { tradeOverlap, type TradeOverlap } from './comparison-trades.js'

/** What is compared of one stored run. Times are UTC ms, money in quote units. */
export interface ComparedRun {
  readonly id: string
  readonly strategy: string
  readonly preset: string | undefined
  readonly synthetic: boolean
  readonly startingBalance: number
  readonly timeframeMs: number
  readonly startTime: number
  readonly endTime: number
  readonly instruments: readonly { readonly id: string; readonly quote: string }[]
  readonly dataHash: string
  readonly decisionCode: string
  /** Everything that was set, by its path in run.json: `strategy.params.fast` → `10`. */
  readonly inputs: ReadonlyMap<string, string>
  readonly metrics: MetricsReport
  /** Equity after every bar close. */
  readonly equity: { readonly time: Float64Array; readonly equity: Float64Array }
  readonly trades: readonly ComparedTrade[]
}

export interface ComparedTrade {
  readonly instrumentId: string
  readonly side: number
  readonly entryTime: number
  readonly exitTime: number
}

/** One input in which runs differ; undefined in a run that has none. */
export interface InputDifference {
  readonly path: string
  readonly values: readonly (string | undefined)[]
}

/** One figure of every run, in the order of the runs. */
export interface ComparedMetric {
  readonly key: string
  readonly label: string
  readonly unit: Metric['unit']
  readonly values: readonly Statistic[]
  /** Runs that are best in it; none where "better" means nothing, or the runs cannot be compared. */
  readonly best: readonly number[]
}

export interface ComparedSection {
  readonly title: string
  readonly metrics: readonly ComparedMetric[]
}

/** The time that all runs cover. */
export interface CommonPeriod {
  readonly startTime: number
  readonly endTime: number
  /** Whole UTC days between. */
  readonly days: number
  /** Figures of all runs on just these days. */
  readonly metrics: readonly ComparedMetric[]
  /** Pearson correlation of the daily returns of each pair. */
  readonly correlation: readonly (readonly Statistic[])[]
}

/** Everything that is said of several runs side by side. */
export interface Comparison {
  readonly runs: readonly ComparedRun[]
  readonly doubts: Doubts
  readonly differences: readonly InputDifference[]
  readonly headline: readonly ComparedMetric[]
  readonly sections: readonly ComparedSection[]
  /** Undefined where no two whole days are covered by all. */
  readonly common: CommonPeriod | undefined
  readonly overlap: TradeOverlap
  /** Returns of calendar months, each run's own; null where it has none. */
  readonly monthly: readonly { readonly startTime: number; readonly returns: readonly (number | null)[] }[]
}

/** Compares runs, the first of which is what the others differ from. O(runs² · days + bars). */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const doubts = comparisonDoubts(runs)
  const sideBySide = (key: string): ComparedMetric =>
    compareMetric(runs.map(({ metrics }) => findMetric(metrics, key)), doubts.isComparable, doubts.sameMoney) // prettier-ignore
  const first = runs[0]!.metrics
  return {
    runs,
    doubts,
    differences: inputDifferences(runs),
    headline: first.tiles.map(({ key }) => sideBySide(key)),
    sections: first.sections.map(({ title, metrics }) => ({ title, metrics: metrics.map(({ key }) => sideBySide(key)) })), // prettier-ignore
    common: commonPeriod(runs, doubts),
    overlap: tradeOverlap(runs.map(({ trades }) => trades)),
    monthly: monthlyReturns(runs),
  }
}

function inputDifferences(runs: readonly ComparedRun[]): InputDifference[] {
  const paths = [...new Set(runs.flatMap(({ inputs }) => [...inputs.keys()]))]
  return paths
    .map((path) => ({ path, values: runs.map(({ inputs }) => inputs.get(path)) }))
    .filter(({ values }) => new Set(values).size > 1)
}

/** Figures of which more is better, or less. All others (exposure, holding times, skewness, …) are matters of taste or of scale. */
const BETTER: Readonly<Record<string, 'higher' | 'lower'>> = {
  totalReturn: 'higher', cagr: 'higher', finalEquity: 'higher', sharpe: 'higher', probabilisticSharpe: 'higher', smartSharpe: 'higher',
  sortino: 'higher', smartSortino: 'higher', omega: 'higher', calmar: 'higher', maxDrawdown: 'lower', maxDrawdownIntrabar: 'lower',
  longestDrawdown: 'lower', averageDrawdown: 'lower', averageDrawdownDays: 'lower', recoveryFactor: 'higher', ulcerIndex: 'lower',
  ulcerPerformanceIndex: 'higher', gainToPain: 'higher', gainToPainMonthly: 'higher', profitFactorDaily: 'higher', profitFactor: 'higher',
  expectedDaily: 'higher', expectedMonthly: 'higher', expectedYearly: 'higher', expectedShortfall: 'higher', valueAtRisk: 'higher',
  netProfit: 'higher', expectancy: 'higher', expectancyFraction: 'higher', systemQualityNumber: 'higher', alpha: 'higher',
  informationRatio: 'higher', volatilityOfCommon: 'lower',
} // prettier-ignore

/** One figure of all runs, the best marked where `isComparable` and, for money, where the balances were the same. */
function compareMetric(metrics: readonly Metric[], isComparable: boolean, sameMoney: boolean): ComparedMetric {
  const named = metrics.find((one) => one.label !== one.key) ?? metrics[0]!
  const values = metrics.map((one): Statistic => (one.value === undefined ? unknown(one.reason) : known(one.value)))
  const direction = BETTER[named.key]
  const isMeant = isComparable && direction !== undefined && (named.unit !== 'money' || sameMoney)
  const numbers = values.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const isTold = isMeant && numbers.length > 1 && new Set(numbers).size > 1
  const top = direction === 'lower' ? Math.min(...numbers) : Math.max(...numbers)
  return {
    key: named.key,
    label: named.label,
    unit: named.unit,
    values,
    best: isTold ? values.flatMap(({ value }, run) => (value === top ? [run] : [])) : [],
  }
} // prettier-ignore

/** Equity at an instant: the last mark at or before it, the starting balance before the first. */
function equityAt({ equity: { time, equity }, startingBalance }: ComparedRun, instant: number): number {
  let [low, high] = [0, time.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (time[middle]! <= instant) low = middle + 1
    else high = middle
  }
  return low === 0 ? startingBalance : equity[low - 1]!
}

/** The range that all runs cover, UTC ms; empty where it ends before it starts. */
export function commonRange(runs: readonly ComparedRun[]): { startTime: number; endTime: number } {
  return {
    startTime: Math.max(...runs.map(({ startTime }) => startTime)),
    endTime: Math.min(...runs.map(({ endTime }) => endTime)),
  }
}

/** Figures on the common days: equity at every 00:00 UTC inside the common range, and what follows from it. */
function commonPeriod(runs: readonly ComparedRun[], doubts: Doubts): CommonPeriod | undefined {
  const { startTime, endTime } = commonRange(runs)
  const first = Math.ceil(startTime / DAY_MS) * DAY_MS
  const days = Math.floor((endTime - first) / DAY_MS)
  if (!(days >= 2)) return undefined
  const edges = Array.from({ length: days + 1 }, (_, day) => first + day * DAY_MS)
  const equities = runs.map((run) => Float64Array.from(edges, (edge) => equityAt(run, edge)))
  const returns = equities.map(dailyReturns)
  const of = (key: string, label: string, unit: Metric['unit'], compute: (run: number) => Statistic): ComparedMetric =>
    compareMetric(runs.map((_, run) => metric(key, label, unit, compute(run))), doubts.sameOrigin, doubts.sameMoney) // prettier-ignore
  const daily = (compute: (values: Float64Array) => Statistic) => (run: number) => {
    const values = returns[run]
    return values === undefined ? unknown('equity fell to zero') : compute(values)
  }
  return {
    startTime: first,
    endTime: first + days * DAY_MS,
    days,
    metrics: [
      of('totalReturn', 'Return', 'fraction', (run) => growth(equities[run]!)),
      of('cagr', 'Return a year', 'fraction', daily(cagr)),
      of('volatility', 'Volatility a year', 'fraction', daily(volatility)),
      of('sharpe', 'Sharpe', 'ratio', daily(sharpe)),
      of('sortino', 'Sortino', 'ratio', daily(sortino)),
      of('maxDrawdown', 'Largest drawdown, on days', 'fraction', (run) => deepest(equities[run]!)),
      of('winningDays', 'Winning days', 'fraction', daily(winRate)),
      of('bestDay', 'Best day', 'fraction', daily(best)),
      of('worstDay', 'Worst day', 'fraction', daily(worst)),
    ],
    correlation: returns.map((a) =>
      returns.map((b) =>
        a === undefined || b === undefined ? unknown('equity fell to zero') : correlate(a, b),
      ),
    ),
  }
}

/** Fewer days than this say nothing about how two runs move together. */
const FEWEST_DAYS = 10

function correlate(a: Float64Array, b: Float64Array): Statistic {
  return tooFew(a.length, FEWEST_DAYS, 'common days') ?? correlation(a, b)
}

function dailyReturns(equity: Float64Array): Float64Array | undefined {
  return equity.every((value) => value > 0) ? simpleReturns(equity) : undefined
}

function growth(equity: Float64Array): Statistic {
  const [from, to] = [equity[0]!, equity.at(-1)!]
  return from > 0 ? known(to / from - 1) : unknown('equity was zero or below')
}

function deepest(equity: Float64Array): Statistic {
  return equity[0]! > 0 ? maxDrawdown(drawdownSeries(equity, undefined)) : unknown('equity was zero or below')
}

function monthlyReturns(runs: readonly ComparedRun[]): Comparison['monthly'] {
  const months = new Map<number, (number | null)[]>()
  for (const [run, { metrics }] of runs.entries()) {
    for (const { year, months: row } of metrics.monthly) {
      for (const [month, value] of row.entries()) {
        if (value === null) continue
        const startTime = Date.UTC(year, month, 1)
        const returns = months.get(startTime) ?? runs.map(() => null)
        returns[run] = value
        months.set(startTime, returns)
      }
    }
  }
  return [...months].sort(([a], [b]) => a - b).map(([startTime, returns]) => ({ startTime, returns }))
}

/** Values minus the first run's, or why there is none. */
export function differencesFromFirst({ values }: ComparedMetric): Statistic[] {
  return values.map((one) => derive(values[0]!, (first) => derive(one, (value) => value - first)))
}
