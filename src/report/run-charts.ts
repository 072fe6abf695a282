import type { ThinnedCandles } from './down-sample.js'

type Column = readonly (number | null)[]

/**
 * What the charts of a run need, and no more than a page can hold: stored with the run, so that its report can be made anywhere. Longer
 * columns are thinned so that their extremes survive (`thinned`). Plain data: survives JSON unchanged.
 */
export interface RunCharts {
  /** After bar closes. */
  readonly curve: {
    /** 1 where every bar is there; else each stretch of so many has two points. */
    readonly barsPerStretch: number
    /** UTC ms. */
    readonly time: readonly number[]
    readonly equity: Column
    /** `equity / peak − 1` ≤ 0. */
    readonly drawdown: Column
    readonly exposure: Column
  }
  /** On the run's daily grid, 00:00 UTC, whole; `hold` is null where there is no benchmark, and `holdLabel` then says why. */
  readonly daily: {
    readonly time: readonly number[]
    readonly equity: readonly number[]
    readonly hold: readonly number[] | null
    readonly holdLabel: string
  }
  readonly instruments: readonly InstrumentCharts[]
  /** Null for strategies without a score. */
  readonly deciles: ScoreDecilesChart | null
}

export interface InstrumentCharts {
  readonly id: string
  readonly candles: ThinnedCandles
  /** Null for strategies without a score. */
  readonly signal: SignalCharts | null
}

/** What a score and its legs said, over bar closes. */
export interface SignalCharts {
  readonly barsPerStretch: number
  /** UTC ms. */
  readonly time: readonly number[]
  readonly score: Column
  /** Share of the weight that was present. */
  readonly coverage: Column
  readonly legs: readonly { readonly name: string; readonly values: Column }[]
  /** Days since the newest event known at each point, for each fact that a leg reads. */
  readonly ages: readonly { readonly fact: string; readonly days: Column }[]
}

/** Forward return by decile of the score, over all instruments. */
export interface ScoreDecilesChart {
  readonly horizonBars: number
  /** Every so many bars were looked at. */
  readonly everyBars: number
  readonly observations: number
  readonly deciles: readonly ScoreDecile[]
}

export interface ScoreDecile {
  /** From 1, the lowest scores. */
  readonly decile: number
  readonly lowestScore: number
  readonly highestScore: number
  readonly count: number
  /** Mean forward return, a fraction. */
  readonly mean: number
  /** Newey and West's, for returns that overlap; null where the run is too short to tell it. */
  readonly standardError: number | null
}
