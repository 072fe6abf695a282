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
}

export interface CostSettings {
  /** Slippage of market and stop orders, in basis points of the price, against us. */
  readonly slippageBps: number
  /** Overrides every instrument's taker fee (fraction of notional) where given. */
  readonly takerFee?: number
  readonly makerFee?: number
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
}
