import { ConfigError } from '../core/errors.js'
import type { SignalColumns } from '../core/signals.js'
import type { Feature } from '../features/feature.js'
import { planColumns } from '../features/plan.js'
import type { CompiledStrategy, Decision, PositionView, StrategyColumns, StrategyInputs } from './compiled.js'
import type { BoundStrategy, Strategy } from './define.js'
import { type Program, SCORE, gated, programOf } from './program.js'
import { failOnRow } from './row-failure.js'
import { rowLoop } from './row-loop.js'
import { RuleRuns } from './rule-runs.js'
import { noRuns } from './runs.js'
import { signalStream } from './signal-stream.js'
import { callPart } from './user-code.js'

/** A compiled strategy, and what reports may ask of it. */
export interface CompiledDefinition extends CompiledStrategy {
  readonly bound: BoundStrategy
  /** Yearly, as a fraction. */
  readonly riskFreeRate: number
  /** Series that feeds a fact, where it is stored and the run names no other. */
  readonly series: Readonly<Record<string, string>>
  readonly notes: readonly string[]
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
  const program = programOf(strategy.name, bound)
  return {
    name: strategy.name,
    params: bound.params,
    risk: bound.risk,
    policies: bound.policies,
    factsRead: program.plan.series,
    columns: (inputs) => strategyColumns(program, inputs),
    stream: (timeframeMs) => signalStream(program, timeframeMs),
    decide: decideOf(strategy.name, bound),
    bound,
    riskFreeRate: bound.riskFreeRate,
    series: bound.series,
    notes: bound.notes,
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

function strategyColumns(program: Program, inputs: StrategyInputs): StrategyColumns {
  const { plan, bound } = program
  const columns = planColumns(plan, inputs)
  const columnOf = (feature: Feature): Float64Array =>
    columns[plan.slots.get(feature.key) as number] as Float64Array
  const features = Object.fromEntries(
    Object.entries(bound.features).map(([name, node]) => [name, columnOf(node)]),
  )
  const named = (name: string | undefined): Float64Array | undefined =>
    name === undefined ? undefined : features[name]
  const warmUp = program.warmUp(inputs.candles.timeframeMs)
  const score = scoreColumn(program, features, inputs, warmUp)
  return {
    features,
    signal: {
      ...conditionRuns(
        program,
        (feature) => (feature === SCORE ? (score as Float64Array) : columnOf(feature)),
        inputs,
      ),
      score,
      coverage: named(bound.coverage),
      rearmKey: named(bound.rearm),
      atr: program.atr === undefined ? undefined : columnOf(program.atr),
      warmUpBars: warmUp,
    },
  }
}

function conditionRuns(
  { conditions, bound }: Program,
  column: (feature: Feature) => Float64Array,
  { candles }: StrategyInputs,
): Pick<SignalColumns, 'enterLong' | 'exitLong' | 'enterShort' | 'exitShort' | 'longOff' | 'shortOff'> {
  if (conditions === undefined) {
    const none = noRuns()
    return {
      enterLong: none,
      exitLong: none,
      enterShort: none,
      exitShort: none,
      longOff: none,
      shortOff: none,
    }
  }
  const runs = new RuleRuns(column, candles.close.length)
  const enterLong = gated(conditions.enterLong, bound.gates.long)
  const enterShort = gated(conditions.enterShort, bound.gates.short)
  return {
    enterLong: runs.of(enterLong),
    exitLong: runs.of(conditions.exitLong),
    enterShort: runs.of(enterShort),
    exitShort: runs.of(conditions.exitShort),
    longOff: runs.of(enterLong, false),
    shortOff: runs.of(enterShort, false),
  }
}

function scoreColumn(
  { strategy, bound }: Program,
  features: Readonly<Record<string, Float64Array>>,
  { candles }: StrategyInputs,
  warmUp: number,
): Float64Array | undefined {
  const { form } = bound
  if (form.kind === 'rules' || form.kind === 'decide') return undefined
  const out = new Float64Array(candles.close.length).fill(NaN)
  const fail = failOnRow(strategy, (bar) => (candles.openTime[bar] as number) + candles.timeframeMs)
  const names = form.kind === 'score' ? [form.score] : Object.keys(features)
  const signal =
    form.kind === 'score' ? (row: Readonly<Record<string, number>>) => row[form.score] : form.signal
  const columns = names.map((name) => features[name] as Float64Array)
  rowLoop(strategy, names)(columns, Math.min(warmUp, out.length), signal, undefined, out, fail)
  return out
}
