import type { Candles, FactColumns, FundingSchedule } from '../core/columns.js'
import type { Instrument } from '../core/instrument.js'
import type { Policies } from '../core/policies.js'
import type { CompiledStrategy } from '../strategy/compiled.js'

/** All that a replay reads about one instrument. */
export interface InstrumentData {
  readonly instrument: Instrument
  /** Warm-up bars before the run's start included. */
  readonly candles: Candles
  /** Settlements of a perpetual; undefined for spot, and where the run was told to leave funding out. */
  readonly funding: FundingSchedule | undefined
  /** By series name, such as `whales`. */
  readonly facts: Readonly<Record<string, FactColumns>>
  /** Mark prices of the same bars, on which positions are liquidated; without them last prices stand in, flagged. */
  readonly mark?: MarkCandles
  /**
   * Candles of a finer timeframe that divides the bars', oldest first, for whichever bars there are any: inside a bar that met two levels
   * they tell which came first.
   */
  readonly detail?: Candles
}

/** Equal in length to the candles. Warm-up bars need none: NaN. */
export interface MarkCandles {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
}

export interface CostSettings {
  /** Slippage of market and stop orders, in basis points of the price, against us. */
  readonly slippageBps: number
  /** Half the distance of best bid and ask, in basis points of the price, paid by market and stop orders beside the slippage. Default 0. */
  readonly halfSpreadBps?: number
  /** Largest share of the mean volume of the 20 bars before that the fills of one bar may take. Default: no cap. */
  readonly participation?: number
  /** Overrides every instrument's taker fee (fraction of notional) where given. */
  readonly takerFee?: number
  readonly makerFee?: number
}

/** Fraction of the price by which takers are filled worse: slippage and half the spread. */
export function adverseFraction({ slippageBps, halfSpreadBps = 0 }: CostSettings): number {
  return (slippageBps + halfSpreadBps) / 10_000
}

export interface ReplayOptions {
  readonly strategy: CompiledStrategy
  readonly instruments: readonly InstrumentData[]
  /** First bar that may be decided on opens at or after this; earlier bars only warm features up. UTC ms. */
  readonly startTime: number
  /** Bars that close after this are not replayed. UTC ms. */
  readonly endTime: number
  /** Quote units. All instruments of a run share one quote asset. */
  readonly startingBalance: number
  readonly costs: CostSettings
  /** Win over the strategy's, which win over the defaults. */
  readonly policies?: Partial<Policies>
  /** `bar-by-bar` steps at every bar: the reference that skipping must equal. Default `skipping`. */
  readonly path?: 'skipping' | 'bar-by-bar'
}
