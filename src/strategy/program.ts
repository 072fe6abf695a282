import { ConfigError } from '../core/errors.js'
import { type Feature, constant } from '../features/feature.js'
import { type Plan, planFeatures, seriesRead } from '../features/plan.js'
import { atr } from '../features/range.js'
import { warmUpBars } from '../features/registry.js'
import type { RiskSettings } from '../risk/settings.js'
import type { BoundStrategy, ScoreThresholds } from './define.js'
import { type Rule, above, and, atLeast, ruleFeatures } from './rules.js'

/** The four conditions behind a signal's bits. */
export interface Conditions {
  readonly enterLong: Rule
  readonly exitLong: Rule
  readonly enterShort: Rule
  readonly exitShort: Rule
}

/** Stands in rules for the checked and rounded score. It is no operator: whoever evaluates the rules supplies its values. */
export const SCORE: Feature = { operator: 'score', inputs: [], args: [], key: '(score)' }

/** A strategy made ready to run: everything that its columns and its stream share. */
export interface Program {
  readonly strategy: string
  readonly bound: BoundStrategy
  /** Undefined where the strategy decides by itself. */
  readonly conditions: Conditions | undefined
  /** All named features, and what the signal reads besides. */
  readonly features: readonly Feature[]
  readonly series: readonly string[]
  /** Of all the features; made when first asked for, since trials of a sweep share another one. */
  plan(): Plan
  /** Features of which the signal of a bar is made: the others are for reports. */
  readonly signalFeatures: readonly Feature[]
  /** Average true range of the stop or the trail. */
  readonly atr: Feature | undefined
  /** First bars on which something that the signal reads has no value. `known` remembers features from one call to the next. */
  warmUp(timeframeMs: number, known?: Map<string, number>): number
}

export function gated(rule: Rule, gate: Rule | undefined): Rule {
  return gate === undefined ? rule : and(rule, gate)
}

export function programOf(strategy: string, bound: BoundStrategy): Program {
  const conditions = conditionsOf(bound)
  const stopRange = atrOf(bound.risk)
  const inRules = Object.values(conditions ?? {})
    .flatMap(ruleFeatures)
    .filter((node) => node !== SCORE)
  const inGates = [bound.gates.long, bound.gates.short].flatMap((rule) =>
    rule === undefined ? [] : ruleFeatures(rule),
  )
  const named = Object.values(bound.features)
  const range = stopRange === undefined ? [] : [stopRange]
  const read = signalFeatures(bound, inRules)
  const beside = [bound.coverage, bound.rearm].flatMap((name) => bound.features[name ?? ''] ?? [])
  const features = [...named, ...inRules, ...inGates, ...range]
  let plan: Plan | undefined
  return {
    strategy,
    bound,
    conditions,
    features,
    series: seriesRead(features),
    plan: () => (plan ??= planFeatures(features)),
    signalFeatures: [...read, ...inGates, ...range, ...beside],
    atr: stopRange,
    warmUp(timeframeMs, known) {
      return Math.max(0, ...[...read, ...range].map((node) => warmUpBars(node, { timeframeMs }, known)))
    },
  }
}

/** What the signal reads. A function of the row may read any named feature. */
function signalFeatures({ form, features }: BoundStrategy, inRules: readonly Feature[]): readonly Feature[] {
  if (form.kind === 'rules') return inRules
  if (form.kind !== 'score') return Object.values(features)
  return [features[form.score] ?? constant(0)]
}

function conditionsOf({ form }: BoundStrategy): Conditions | undefined {
  if (form.kind === 'decide') return undefined
  if (form.kind === 'rules') {
    const { enterLong, exitLong, enterShort, exitShort } = form
    return { enterLong, exitLong, enterShort, exitShort }
  }
  return scoreConditions(form.thresholds)
}

/** A score at or above the one threshold is a buy, below the other a sell. */
function scoreConditions({ long, short }: ScoreThresholds): Conditions {
  const buy = atLeast(SCORE, long)
  const sell = above(short, SCORE)
  return { enterLong: buy, exitLong: sell, enterShort: sell, exitShort: buy }
}

/** The range column that stop, trail and a resting entry share. */
function atrOf({ stop, trailing, entry }: RiskSettings): Feature | undefined {
  const rules = [stop, trailing, ...(entry.kind === 'market' ? [] : [entry.distance])]
  const periods = rules.flatMap((rule) => (rule.kind === 'atr' ? [rule.period] : []))
  const [period] = periods
  const other = periods.find((one) => one !== period)
  if (other !== undefined) {
    throw new ConfigError('all distances in average true ranges (stop, trail, entry) must share one period', { field: 'risk', value: other, unit: 'bars' }) // prettier-ignore
  }
  return period === undefined ? undefined : atr(period)
}
