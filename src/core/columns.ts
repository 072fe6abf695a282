/**
 * Candles of one instrument, column by column, oldest first. `openTime` is the UTC ms at which the bar opens; the bar is
 * known at `openTime + timeframeMs`. All columns have the same length. Prices are finite and positive, low ≤ open,
 * close ≤ high, open times strictly increase and bars do not overlap: the store checks this on import, the engine again.
 */
export interface Candles {
  readonly timeframeMs: number
  readonly openTime: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  /** In base units. */
  readonly volume: Float64Array
}

/**
 * Facts of one series: when each happened, when it was known, and its values. Rows are sorted by `knownAt`, then
 * `eventTime`, then revision. A missing value is NaN. Rows that were never known (NULL known-at) are not loaded.
 */
export interface FactColumns {
  readonly eventTime: Float64Array
  readonly knownAt: Float64Array
  /** One column per field, named as in the store, such as `rate` or `inflow`. */
  readonly values: Readonly<Record<string, Float64Array>>
  /** Of confirmations: of which version of the model all of them are. */
  readonly modelVersion?: string
}

/**
 * For each bar, the newest fact known by its close: the row among those with `knownAt ≤ close time` whose event time is
 * the latest (a later revision of the same event wins). `row` is −1 and `ageMs` NaN where nothing is known yet.
 * `ageMs` is close time − **event** time: a feed that is polled but frozen grows old.
 */
export interface PointInTimeIndex {
  readonly row: Int32Array
  readonly ageMs: Float64Array
}

/** Funding settlements of one perpetual, by settlement time. `rate` is the fraction charged for that very interval. */
export interface FundingSchedule {
  readonly time: Float64Array
  /** NaN where a settlement is known to have happened but its rate was not recorded. */
  readonly rate: Float64Array
  /** Mark price at settlement; NaN where none was recorded (the last close before it is used, and flagged). */
  readonly mark: Float64Array
}

/** A float64 column on shared memory, so that worker threads read it without a copy. */
export function sharedColumn(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8))
}
