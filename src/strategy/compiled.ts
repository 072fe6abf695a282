import type { Candles, FactColumns } from '../core/columns.js'
import type { Policies } from '../core/policies.js'
import type { ColumnReader, SignalTiles } from '../core/signal-tile.js'
import type { SignalColumns, SignalRow } from '../core/signals.js'
import type { RiskSettings } from '../risk/settings.js'
import type { ScannerKind } from './scanner.js'

/** What one instrument's features are computed from. `facts` is keyed by series name, such as `funding` or `whales`. */
export interface StrategyInputs {
  readonly candles: Candles
  readonly facts: Readonly<Record<string, FactColumns>>
}

export interface StrategyColumns {
  readonly signal: SignalColumns
  /** Every named feature of the strategy, one value a bar, NaN where unknown. */
  readonly features: Readonly<Record<string, Float64Array>>
}

/** Signals of several trials tile by tile, and what those that decide by themselves read. */
export interface StrategyTiles extends SignalTiles {
  /** Which scanner finds the runs; undefined where none is needed. */
  readonly scanner: ScannerKind | undefined
  /** The named features of a trial by which it decides: all of them for `decide` and `signal`, else those that the signal reads. */
  features(trial: number): Readonly<Record<string, ColumnReader>>
}

/** One completed bar, as a live session receives it. */
export interface StreamBar {
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** One fact, delivered once it is known. */
export interface StreamFact {
  readonly series: string
  readonly eventTime: number
  readonly knownAt: number
  readonly values: Readonly<Record<string, number>>
}

/** The same features and signal, bar by bar. `learn` every fact with knownAt ≤ the bar's close before `next(bar)`. */
export interface SignalStream {
  /** The signal of the last bar is known: warm-up is over and, where the strategy has a score, that has a value. */
  readonly usable: boolean
  learn(fact: StreamFact): void
  next(bar: StreamBar): { readonly signal: SignalRow; readonly features: Readonly<Record<string, number>> }
}

/** What a strategy that decides by itself may know of its position. */
export interface PositionView {
  /** +1 long, −1 short, 0 flat. */
  readonly side: 1 | -1 | 0
  /** Base units, positive. */
  readonly quantity: number
  readonly entryPrice: number
  readonly barsHeld: number
  /** Unrealised profit at the mark over entry notional, before exit costs. */
  readonly unrealisedFraction: number
}

export type Decision = 'enter-long' | 'enter-short' | 'exit' | 'hold'

/** A strategy with its parameters fixed: what the engine replays and a session runs. */
export interface CompiledStrategy {
  readonly name: string
  readonly params: Readonly<Record<string, number | string | boolean>>
  readonly risk: RiskSettings
  /** Policies the strategy sets away from the defaults; the run's own settings win over them. */
  readonly policies: Partial<Policies>
  /** Series names (`funding`, `whales`, …) that the features read. Absent ones give absent values, never an error here. */
  readonly factsRead: readonly string[]
  columns(inputs: StrategyInputs): StrategyColumns
  /** The same signal tile by tile, for one trial; where it is left out, `columnTiles` cuts the columns. */
  tiles?(inputs: StrategyInputs): StrategyTiles
  stream(timeframeMs: number): SignalStream
  /** Present where the strategy decides with its position in view; the signal's bits are then unused. */
  readonly decide:
    ((features: Readonly<Record<string, number>>, position: PositionView) => Decision) | undefined
}
