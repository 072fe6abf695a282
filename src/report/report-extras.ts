import type { Statistic } from '../metrics/statistic.js'
import type { MonteCarlo } from '../research/monte-carlo.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'

/** What of its data a run may know. */
export type SampleLabel = 'in-sample' | 'out-of-sample' | 'paper'

/** What a report also shows where a run carries it; each is left out where it is absent. */
export interface ReportExtras {
  readonly deflatedSharpe?: DeflatedSharpe
  readonly monteCarlo?: MonteCarlo
  readonly walkForward?: WalkForward
  readonly checks?: StrategyChecks
}

/** Probability that the true Sharpe ratio is above what the best of so many trials shows by luck (Bailey & López de Prado 2014). */
export interface DeflatedSharpe {
  readonly probability: Statistic
  readonly trials: number
  /** Trials that differ, by the correlation of their returns. */
  readonly effectiveTrials: number
}

/** Parameters chosen on each training window and judged on the one after it. Times UTC ms, returns fractions. */
export interface WalkForward {
  readonly windows: readonly {
    readonly trainStartTime: number
    readonly testStartTime: number
    readonly testEndTime: number
    readonly inSample: Statistic
    readonly outOfSample: Statistic
  }[]
  /** Out of sample over in sample. */
  readonly efficiency: Statistic
}

/** Checks of the strategy on the data of the run: whether it looks ahead, is the same twice, and so on. */
export interface StrategyChecks {
  readonly checks: readonly (CheckOutcome & { readonly detail: string })[]
}
