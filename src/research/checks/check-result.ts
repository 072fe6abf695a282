import type { CheckOutcome } from '../overfitting/verdict.js'

export type CheckKey =
  'determinism' | 'truncation' | 'shuffled-future' | 'foresight' | 'warm-up' | 'one-bar-late' | 'legs'

/** One check of a strategy on its data: passed, failed, not tested or not run, each with its reason. */
export interface CheckResult extends CheckOutcome {
  readonly key: CheckKey
  /** What was found, or why it was not run. */
  readonly detail: string
  /** The first value that was not what it should be; left out where there is none. */
  readonly divergence?: Divergence
}

/** A value that came out in two ways. */
export interface Divergence {
  /** Instrument id. */
  readonly instrument: string
  /** Name of a feature, a part of the signal such as `signal.enterLong`, or a part of a fill such as `fill 12, entry: price`. */
  readonly column: string
  /** Bar of the instrument's candles, counted from 0, warm-up included; undefined for fills. */
  readonly bar: number | undefined
  /** Close of the bar, or time of the fill, UTC ms. */
  readonly time: number
  /** As the run has it; NaN where it has none. */
  readonly value: number
  /** As it came out the other time. */
  readonly otherValue: number
}

const NAMES: Readonly<Record<CheckKey, string>> = {
  determinism: 'Determinism',
  truncation: 'Look-ahead: later data taken away',
  'shuffled-future': 'Look-ahead: later data shuffled',
  foresight: 'Foresight of columns and facts',
  'warm-up': 'Warm-up',
  'one-bar-late': 'One bar late',
  legs: 'Legs and facts',
}

export function checkResult(
  key: CheckKey,
  outcome: CheckOutcome['outcome'],
  detail: string,
  divergence?: Divergence,
): CheckResult {
  return { key, name: NAMES[key], outcome, detail, ...(divergence === undefined ? {} : { divergence }) }
}

/** A value with the digits that tell two of them apart: `n/a` for NaN. */
export function valueText(value: number): string {
  return Number.isNaN(value) ? 'n/a' : String(value)
}
