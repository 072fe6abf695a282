import type { BacktestResult } from '../core/result.js'
import type { MetricsReport } from '../metrics/metrics-report.js'
import type { Sensitivity } from '../research/sensitivity.js'
import type { ReportExtras, SampleLabel } from './report-extras.js'
import type { RunCharts } from './run-charts.js'

/** What of a result its report shows; the columns of bars are not among it, so that a stored run has it too. */
export interface ReportedResult extends Pick<
  BacktestResult,
  | 'params'
  | 'policies'
  | 'timeframeMs'
  | 'startTime'
  | 'endTime'
  | 'startingBalance'
  | 'finalEquity'
  | 'trades'
  | 'funnel'
  | 'costs'
  | 'undecidedExits'
  | 'path'
> {
  readonly instruments: readonly { readonly id: string }[]
}

/** Everything that is shown of one backtest, on the terminal and in its report. */
export interface RunSummary {
  readonly runId: string
  readonly strategy: string
  readonly preset: string | undefined
  /** Some of the data is synthetic: the banner says so before anything else. */
  readonly synthetic: boolean
  /** The pessimistic result: what every figure, ranking and gate reads. */
  readonly result: ReportedResult
  readonly metrics: MetricsReport
  /** The same run with undecided bars taken in its favour. */
  readonly optimistic: { readonly finalEquity: number; readonly trades: number }
  /** Undefined where no finer candles were asked for. */
  readonly detail: DetailUse | undefined
  /** Undefined where it was not measured. */
  readonly sensitivity: Sensitivity | undefined
  readonly signals: readonly InstrumentSignals[]
  readonly data: readonly DataLine[]
  readonly warnings: readonly string[]
  /** Labels and values of everything that was set: costs, policies, where the venue's figures are from. */
  readonly settings: readonly (readonly [label: string, value: string])[]
  /** Labels and values from which the run can be made again. */
  readonly reproduce: readonly (readonly [label: string, value: string])[]
  /** All inputs of the run, as JSON. */
  readonly inputs: string
  /** Undefined for runs that were stored by a version without them. */
  readonly charts: RunCharts | undefined
  /** Left out: in-sample, since nothing says that parameters were chosen without these data. */
  readonly sample?: SampleLabel
  readonly extras?: ReportExtras
}

/** What finer candles told of the bars that met two levels without their open deciding. */
export interface DetailUse {
  readonly timeframeMs: number
  /** Questions that the run put to them, as a rule one a bar. */
  readonly asked: number
  /** Of those, with any finer candle inside their bar. */
  readonly found: number
  /** Of those, answered: the others went by the policy. */
  readonly decided: number
}

/** Which series feeds what, or that none does. */
export interface DataLine {
  readonly instrument: string
  /** `candles`, `funding`, or the name of the facts that a strategy reads. */
  readonly feeds: string
  /** Series of the store; undefined where the input is absent. */
  readonly series: string | undefined
  /** Rows, range, gaps, cross-venue, partial universe, assumed known-at, …: whatever a reader must know. */
  readonly notes: readonly string[]
}

/** What the signal said over the bars of the run, before any position: one line per instrument. */
export interface InstrumentSignals {
  readonly instrument: string
  readonly bars: number
  /** Range of the score over the run's bars; undefined for rules, and where no score was known. */
  readonly scores: ScoreRange | undefined
  /** Range that the legs could have made together, had each shown its extremes of the run on the same bar. */
  readonly attainable: ScoreRange | undefined
  /** Score at or above which a long, and below which a short, is entered; undefined where the strategy has none. */
  readonly entryAbove: number | undefined
  readonly entryBelow: number | undefined
  readonly usable: UsableBars
  readonly legs: readonly LegActivity[]
}

/** On how much of the run the strategy could have decided anything. */
export interface UsableBars {
  /** Bars of the run after the warm-up. */
  readonly warm: number
  /** Of those, bars with a signal: for a score, those on which it was known. */
  readonly bars: number
  /** Close of the first and the last of them, UTC ms; undefined where there is none. */
  readonly firstTime: number | undefined
  readonly lastTime: number | undefined
}

export interface ScoreRange {
  readonly lowest: number
  readonly highest: number
}

export interface LegActivity {
  readonly leg: string
  /** Bars on which the leg had a value. */
  readonly present: number
  /** Of those, bars on which it was not neutral. */
  readonly active: number
  readonly lowest: number
  readonly highest: number
  /** The facts that the leg reads, by name. */
  readonly facts: readonly LegFacts[]
}

export interface LegFacts {
  readonly name: string
  /** Whether the run has a series of them. */
  readonly isAbsent: boolean
  /** Newest event among those known by the end of the run, UTC ms; undefined where none was. */
  readonly lastEventTime: number | undefined
}
