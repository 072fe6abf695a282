import { ConfigError } from '../core/errors.js'
import { type ScoreSignal, scoreSignal } from '../core/score-bands.js'
import { formatUtc, HOUR_MS } from '../core/time.js'
import { combineLegs } from '../features/combine.js'
import { FACT_OPERATORS, factAge, factEventTime } from '../features/facts.js'
import type { Feature } from '../features/feature.js'
import { closeTimes, planColumns, planFeatures } from '../features/plan.js'
import type { CompiledDefinition } from './compile.js'
import type { StrategyInputs } from './compiled.js'
import { scoreLayout } from './score.js'

/** One recorded value that a leg rests on. */
export interface LegInput {
  readonly series: string
  readonly field: string
  readonly value: number
  readonly eventTime: number
  readonly ageMs: number
}

export interface LegExplanation {
  readonly name: string
  readonly weight: number
  /** NaN where absent. */
  readonly value: number
  /** Share of the score's weight that this leg carried on the bar, 0 where absent. */
  readonly share: number
  readonly inputs: readonly LegInput[]
}

export interface ScoreExplanation {
  /** Close of the bar, UTC ms. */
  readonly time: number
  readonly score: number
  readonly signal: ScoreSignal | 'NO_DATA'
  readonly coverage: number
  readonly legs: readonly LegExplanation[]
  /** Why, in one sentence. */
  readonly sentence: string
}

/**
 * Why a score strategy said what it said of one bar: legs, their inputs and ages, coverage, one sentence. Computed on demand from
 * the same features, O(bars); nothing of it is kept while a run goes on.
 *
 * @throws ConfigError where the strategy has no score made of legs, or the bar does not exist
 */
export function explainScore(
  compiled: CompiledDefinition,
  inputs: StrategyInputs,
  bar: number,
): ScoreExplanation {
  const layout = scoreLayout(compiled.bound)
  if (layout === undefined)
    throw new ConfigError('only a score of legs can be explained', { field: compiled.name })
  const closeTime = closeTimes(inputs.candles)[bar]
  if (closeTime === undefined) throw new ConfigError('no such bar', { field: 'bar', value: bar })

  const legs = layout.legs.map((leg) => ({ ...leg, facts: factsBelow(leg.feature) }))
  const { score, coverage } = combineLegs(
    legs.map(({ weight, feature }) => ({ weight, leg: feature })),
    layout,
  )
  const series = legs.flatMap(({ facts }) => facts.map(({ args }) => args[0] as string))
  const plan = planFeatures([
    score,
    coverage,
    ...series.flatMap((name) => [factAge(name), factEventTime(name)]),
  ])
  const columns = planColumns(plan, inputs)
  const valueOf = (feature: Feature): number =>
    columns[plan.slots.get(feature.key) as number]?.[bar] ?? Number.NaN

  const present = legs.reduce(
    (sum, { weight, feature }) => sum + (Number.isNaN(valueOf(feature)) ? 0 : weight),
    0,
  )
  const explained = legs.map(({ name, weight, feature, facts }): LegExplanation => {
    const value = valueOf(feature)
    return {
      name,
      weight,
      value,
      share: Number.isNaN(value) ? 0 : weight / present,
      inputs: facts.map((fact) => inputOf(fact, valueOf)),
    }
  })
  return summary(closeTime, valueOf(score), valueOf(coverage), explained)
}

function factsBelow(root: Feature): Feature[] {
  const found = new Map<string, Feature>()
  const visit = (node: Feature): void => {
    if (node.operator === 'fact' || node.operator === 'factChange') found.set(node.key, node)
    if (!FACT_OPERATORS.has(node.operator)) node.inputs.forEach(visit)
  }
  visit(root)
  return [...found.values()]
}

function inputOf(fact: Feature, valueOf: (feature: Feature) => number): LegInput {
  const [series, field] = fact.args as [string, string]
  return {
    series,
    field: fact.operator === 'factChange' ? `${field} change` : field,
    value: valueOf(fact),
    eventTime: valueOf(factEventTime(series)),
    ageMs: valueOf(factAge(series)),
  }
}

function summary(
  time: number,
  score: number,
  coverage: number,
  legs: readonly LegExplanation[],
): ScoreExplanation {
  const signal = scoreSignal(score)?.signal ?? 'NO_DATA'
  const absent = legs
    .filter(({ value }) => Number.isNaN(value))
    .map(({ name }) => `${name} ${reasonOf(name, legs)}`)
  const moved = legs.filter(({ value }) => value === value && value !== 0.5)
  const why =
    signal === 'NO_DATA'
      ? `only ${percent(coverage)} of the weight is known`
      : moved.length === 0
        ? 'every known leg is neutral'
        : moved
            .map(({ name, value, share }) => `${name} ${value.toFixed(3)} at ${percent(share)} of the weight`)
            .join(', ')
  const missing = absent.length === 0 ? '' : `; absent: ${absent.join(', ')}`
  const scoreText = signal === 'NO_DATA' ? '' : ` (score ${score.toFixed(3)}, coverage ${percent(coverage)})`
  const sentence = `${signal}${scoreText} at ${formatUtc(time)} UTC: ${why}${missing}.`
  return { time, score, signal, coverage, legs, sentence }
}

function reasonOf(name: string, legs: readonly LegExplanation[]): string {
  const inputs = legs.find((leg) => leg.name === name)?.inputs ?? []
  const known = inputs.filter(({ value }) => !Number.isNaN(value))
  if (known.length === 0) return '(nothing known)'
  const oldest = Math.max(...known.map(({ ageMs }) => ageMs))
  return `(stale or too thin: ${(oldest / HOUR_MS).toFixed(1)} h old)`
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`
}
