import type { SignalStudy } from '../research/signal-study.js'
import type { DataLine, InstrumentSignals } from './run-summary.js'

/** Everything that is shown of a study of a strategy's signal, on the terminal and on its page. */
export interface SignalSummary {
  readonly strategy: string
  readonly preset: string | undefined
  /** Some of the data is synthetic: said before anything else. */
  readonly synthetic: boolean
  /** Open of the first bar and close of the last, UTC ms. */
  readonly startTime: number
  readonly endTime: number
  readonly study: SignalStudy
  /** What the score could have been, and did, by instrument. */
  readonly signals: readonly InstrumentSignals[]
  readonly data: readonly DataLine[]
  readonly warnings: readonly string[]
  readonly params: Readonly<Record<string, number | string | boolean>>
  /** Labels and values of what was set. */
  readonly settings: readonly (readonly [label: string, value: string])[]
  /** Makes the study again. */
  readonly command: string
  /** Labels and values of what it was made from. */
  readonly reproduce: readonly (readonly [label: string, value: string])[]
}

/** Score and legs of one instrument over its traded bars, for drawing. Columns are as long as `closeTime`, NaN where unknown. */
export interface SignalColumnsOf {
  readonly instrument: string
  /** UTC ms. */
  readonly closeTime: Float64Array
  readonly score: Float64Array
  readonly legs: readonly { readonly leg: string; readonly values: Float64Array }[]
}
