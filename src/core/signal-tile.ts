import type { Runs } from './signals.js'

/** One column's values at single bars. Bars count from the first candle of the instrument, warm-up included. */
export interface ColumnReader {
  /** NaN where unknown. The bar lies within the tile that was loaded last. */
  at(bar: number): number
  /** First bar of `[from, to)`, within the loaded tile, whose value is above the threshold; `to` where there is none. */
  firstAbove?(from: number, to: number, threshold: number): number
}

/**
 * What a strategy says of the bars `[from, to)` of one instrument. Bars count from its first candle; runs are clipped to the tile and end
 * with RUNS_END. All of it is valid until the next tile is loaded.
 */
export interface SignalTile {
  readonly from: number
  readonly to: number
  readonly enterLong: Runs
  readonly exitLong: Runs
  readonly enterShort: Runs
  readonly exitShort: Runs
  /** Bars on which the entry condition of that side is known not to hold. */
  readonly longOff: Runs
  readonly shortOff: Runs
  /** Bars whose warm-up is over and, where the strategy has a score, whose score is known. */
  readonly usable: Runs
  /** Undefined where the strategy has none. */
  readonly score: ColumnReader | undefined
  readonly coverage: ColumnReader | undefined
  readonly rearmKey: ColumnReader | undefined
  readonly atr: ColumnReader | undefined
}

/** The signals of several trials on one instrument, tile by tile. */
export interface SignalTiles {
  readonly trials: number
  /** Moves on to the bars `[from, to)`: the first tile starts at 0, each next one where the one before ended. */
  load(from: number, to: number): void
  /** Of one trial in the tile that is loaded. */
  tile(trial: number): SignalTile
  /** First bars of that trial on which something that its signal reads is not defined. */
  warmUpBars(trial: number): number
}
