/**
 * Runs of bars on which a condition holds: flat pairs `[start, end)` in increasing order, ended by a pair of `RUNS_END`.
 * The one representation to which rules and row functions both compile.
 */
export type Runs = Int32Array

export const RUNS_END = 0x7fffffff

/** Bits of a bar's signal. */
export const ENTER_LONG = 1
export const EXIT_LONG = 2
export const ENTER_SHORT = 4
export const EXIT_SHORT = 8
/** The entry condition of that side is known not to hold, which an unknown one is not: it arms the side again. */
export const LONG_OFF = 16
export const SHORT_OFF = 32

/** What the strategy says of one bar of one instrument: all that trade logic ever sees of features. */
export interface SignalRow {
  /** Sum of ENTER_LONG, EXIT_LONG, ENTER_SHORT, EXIT_SHORT, LONG_OFF, SHORT_OFF. */
  readonly bits: number
  /** Score in [0, 1]; NaN for rules, and where the score is unknown. */
  readonly score: number
  /** Share of the signal's weight that was present, in [0, 1]; NaN where the strategy has no legs. */
  readonly coverage: number
  /** Rises when the fact that may re-arm an entry is replaced by a newer one; NaN where the strategy names none. */
  readonly rearmKey: number
  /** Average true range of the stop, in price units; NaN where undefined or unused. */
  readonly atr: number
}

/** The same, for all bars of one instrument. Absent columns are all NaN. */
export interface SignalColumns {
  readonly enterLong: Runs
  readonly exitLong: Runs
  readonly enterShort: Runs
  readonly exitShort: Runs
  /** Bars on which the entry condition of that side is known not to hold. */
  readonly longOff: Runs
  readonly shortOff: Runs
  readonly score: Float64Array | undefined
  readonly coverage: Float64Array | undefined
  readonly rearmKey: Float64Array | undefined
  readonly atr: Float64Array | undefined
  /** Number of first bars on which some feature the signal reads is not yet defined. */
  readonly warmUpBars: number
}
