import { ConfigError } from '../core/errors.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import type { Feature } from '../features/feature.js'
import { sharedMemory } from '../features/tile.js'
import type { CompiledStrategy, Decision, PositionView, StrategyColumns, StrategyInputs } from './compiled.js'
import type { BoundStrategy, Strategy } from './define.js'
import { Program } from './program.js'
import type { ScannerKind } from './scanner.js'
import { signalStream } from './signal-stream.js'
import { ProgramTiles, type TileMemory } from './signal-tiles.js'
import { callPart } from './user-code.js'

/** A compiled strategy, and what reports may ask of it. */
export interface CompiledDefinition extends CompiledStrategy {
  readonly bound: BoundStrategy
  /** Yearly, as a fraction. */
  readonly riskFreeRate: number
  /** Series that feeds a fact, where it is stored and the run names no other. */
  readonly series: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  /** Notes on what was chosen on recorded data: they say nothing of a run on invented data alone. */
  readonly chosenOn: readonly string[]
  readonly program: Program
}

/**
 * Fixes the params of a strategy (those of the preset, overridden by `params`) and compiles it.
 *
 * @throws ConfigError naming an unknown preset, param or operator, or a value out of range
 */
export function compileStrategy(
  strategy: Strategy,
  params: Readonly<Record<string, unknown>> = {},
  preset: string = 'default',
): CompiledDefinition {
  const bound = strategy.bind({ ...presetParams(strategy, preset), ...params })
  const program = new Program(strategy.name, bound)
  return {
    name: strategy.name,
    params: bound.params,
    risk: bound.risk,
    policies: bound.policies,
    factsRead: program.series,
    columns(inputs) {
      return strategyColumns(program, inputs)
    },
    tiles(inputs) {
      return new ProgramTiles([program], inputs)
    },
    stream(timeframeMs) {
      return signalStream(program, timeframeMs)
    },
    decide: decideOf(strategy.name, bound),
    bound,
    riskFreeRate: bound.riskFreeRate,
    series: bound.series,
    notes: bound.notes,
    chosenOn: bound.chosenOn,
    program,
  }
}

function presetParams(strategy: Strategy, preset: string): Readonly<Record<string, unknown>> {
  const found = Object.hasOwn(strategy.presets, preset) ? strategy.presets[preset] : undefined
  if (found !== undefined) return found.params
  throw new ConfigError(`unknown preset; there are ${Object.keys(strategy.presets).join(', ')}`, {
    field: `${strategy.name}.preset`,
    value: preset,
  })
}

const DECISIONS: ReadonlySet<unknown> = new Set<Decision>(['enter-long', 'enter-short', 'exit', 'hold'])

function decideOf(strategy: string, { form }: BoundStrategy): CompiledStrategy['decide'] {
  if (form.kind !== 'decide') return undefined
  return (features: Readonly<Record<string, number>>, position: PositionView): Decision => {
    const decision = callPart(strategy, 'decide', () => form.decide({ ...features }, { ...position }))
    if (DECISIONS.has(decision)) return decision as Decision
    throw new ConfigError('decide must answer enter-long, enter-short, exit or hold', {
      field: strategy,
      value: decision,
    })
  }
}

/** Whole columns are a tile that holds all bars. A column of values is written when it is first looked at. */
function strategyColumns(program: Program, inputs: StrategyInputs): StrategyColumns {
  const { bound, atr } = program
  const tiles = new ProgramTiles([program], inputs, { memory: sharedMemory(), allFeatures: true })
  tiles.load(0, inputs.candles.close.length)
  const tile = tiles.tile(0)
  const columnOf = (feature: Feature | undefined): Float64Array | undefined =>
    feature && tiles.column(feature)
  let score: Float64Array | undefined
  return {
    features: lazily(Object.keys(bound.features), (name) => tiles.column(bound.features[name] as Feature)),
    signal: {
      enterLong: trimmed(tile.enterLong),
      exitLong: trimmed(tile.exitLong),
      enterShort: trimmed(tile.enterShort),
      exitShort: trimmed(tile.exitShort),
      longOff: trimmed(tile.longOff),
      shortOff: trimmed(tile.shortOff),
      warmUpBars: tiles.warmUpBars(0),
      get score() {
        return (score ??= tiles.scoreColumn(0))
      },
      get coverage() {
        return columnOf(bound.features[bound.coverage ?? ''])
      },
      get rearmKey() {
        return columnOf(bound.features[bound.rearm ?? ''])
      },
      get atr() {
        return columnOf(atr)
      },
    },
  }
}

/** A record whose values are asked for when they are looked at. */
function lazily<T>(names: readonly string[], valueOf: (name: string) => T): Readonly<Record<string, T>> {
  const record: Record<string, T> = {}
  for (const name of names)
    Object.defineProperty(record, name, { enumerable: true, get: () => valueOf(name) })
  return record
}

function trimmed(runs: Runs): Runs {
  return runs.slice(0, runs.indexOf(RUNS_END) + 2)
}

/** How signals are computed; nothing here changes what they are. */
export interface SignalTilesOptions {
  /** `simd` where the machine has it. */
  readonly scanner?: ScannerKind
  /** Of tiles that are not asked any more, such as those of the trials before: used again. */
  readonly after?: TileMemory
}

/**
 * The signals of several trials on one instrument, tile by tile: bit for bit what their `columns` say, whatever the tiling. Trials
 * may be of one strategy or of many; what they share is computed once a tile. Memory follows the tile, not the run.
 *
 * @throws DataError where a series has no field of a name that a feature reads
 */
export function signalTiles(
  strategies: readonly CompiledDefinition[],
  inputs: StrategyInputs,
  options: SignalTilesOptions = {},
): ProgramTiles {
  return new ProgramTiles(
    strategies.map(({ program }) => program),
    inputs,
    options,
  )
}
