import type { Policies } from '../core/policies.js'
import type { ForwardReturns, TradedBars } from './forward-returns.js'
import type { Chance } from './permutations.js'

/** What a strategy said of one instrument, by traded bar. */
export interface StudiedInstrument extends TradedBars {
  readonly id: string
  /** Bars since an origin that all instruments share, rising. */
  readonly slots: Int32Array
  /** NaN where unknown; undefined for strategies without a score. */
  readonly score: Float64Array | undefined
  /** The score's variants, in the order of `StudyOptions.variants`. */
  readonly variants: readonly Float64Array[]
  /** Traded bars, counted from the first one, on which an entry begins to be called for; rising. */
  readonly long: Int32Array
  readonly short: Int32Array
  /** What one market order costs, as a fraction of its notional. */
  readonly costPerFill: number
}

/** A score of one leg, or of all but one. */
export interface VariantName {
  readonly kind: 'alone' | 'without'
  readonly leg: string
  /** Share of the leg in the whole score. */
  readonly weightShare: number
}

export interface StudyOptions {
  readonly timeframeMs: number
  /** In bars, rising, each once. */
  readonly horizons: readonly number[]
  /** The horizon at which months, deciles and legs are shown; one of the above. */
  readonly focus: number
  readonly fillAt: Policies['fillAt']
  readonly variants: readonly VariantName[]
  /** Draws the shifts of entries. */
  readonly chance: Chance
  /** How many of them. Default 999. */
  readonly shifts?: number
}

/** Forward returns of each instrument at each horizon. */
export type Outlook = (horizon: number) => readonly ForwardReturns[]
