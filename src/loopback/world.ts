import type { Candles } from '../core/columns.js'
import type { Instrument } from '../core/instrument.js'

/**
 * Facts of one kind as they are true in a world: when each happened, from when it was known, and until when (a later revision takes its
 * place). Rows are sorted by event time, then known-at. A missing value is NaN.
 */
export interface WorldFacts {
  readonly eventTime: Float64Array
  readonly knownAt: Float64Array
  /** Known-at of the revision that replaced the row; Infinity where none did. */
  readonly replacedAt: Float64Array
  readonly values: Readonly<Record<string, Float64Array>>
  readonly texts: Readonly<Record<string, readonly string[]>>
}

export interface WorldInstrument {
  readonly instrument: Instrument
  /** The finest that are known of it. */
  readonly candles: Candles
  /** Settlements: `rate` (fraction for the interval), `intervalMs`, `mark`. */
  readonly funding?: WorldFacts
  /** `openInterest`, base units. */
  readonly openInterest?: WorldFacts
}

/** What is known of an asset wherever it is traded. */
export interface WorldAsset {
  /** `inflow`, `outflow`, `supply`, base units, by UTC day. */
  readonly exchangeFlows?: WorldFacts
  /** `long`, `short` in −1..1; texts `confidence`, `modelVersion`. */
  readonly confirmations?: WorldFacts
}

/** All that is true, past and future. Servers tell of it what is known at the time of their clock. */
export interface World {
  /** Where it comes from, in words: the simulator's options, or a folder. */
  readonly name: string
  /** Every number is invented. */
  readonly synthetic: boolean
  /** First open and last close of its candles, UTC ms. */
  readonly startTime: number
  readonly endTime: number
  readonly instruments: readonly WorldInstrument[]
  /** By base asset. */
  readonly assets: ReadonlyMap<string, WorldAsset>
  /** `quantity`, `notional`, `leverage`, `accountValue`; texts `wallet`, `asset`, `side` (long or short). */
  readonly whales?: WorldFacts
}

/** Whether a row stands at a time: known, and not yet revised. */
export function isKnown(facts: WorldFacts, row: number, nowMs: number): boolean {
  return facts.knownAt[row]! <= nowMs && !(facts.replacedAt[row]! <= nowMs)
}

/** First index whose value is not below a bound, in a rising column. O(log n). */
export function lowerBound(column: Float64Array, bound: number): number {
  let [low, high] = [0, column.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (column[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows that stand at a time and happened within `[fromMs, toMs]`, newest first. */
export function* knownRows(
  facts: WorldFacts,
  nowMs: number,
  fromMs: number = -Infinity,
  toMs: number = Infinity,
): Generator<number> {
  const { eventTime } = facts
  // A fact is never known before it happens, so nothing after now need be looked at.
  const last = Math.min(toMs, nowMs)
  for (let row = lowerBound(eventTime, last + 1) - 1; row >= 0 && eventTime[row]! >= fromMs; row--)
    if (isKnown(facts, row, nowMs)) yield row
}

/** The row of the newest event that is known at a time; undefined before there is one. */
export function newestRow(facts: WorldFacts | undefined, nowMs: number): number | undefined {
  if (facts === undefined) return undefined
  const [row] = knownRows(facts, nowMs)
  return row
}
