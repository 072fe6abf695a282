import { ConfigError } from '../core/errors.js'
import { type Feature, constant } from '../features/feature.js'
import { type Plan, planFeatures, seriesRead } from '../features/plan.js'
import { atr } from '../features/range.js'
import { warmUpBars } from '../features/registry.js'
import type { EntryDistance, RiskSettings, StopRule, TrailingRule } from '../risk/settings.js'
import type { BoundStrategy, ScoreThresholds } from './define.js'
import { type Rule, above, addRuleFeatures, and, atLeast } from './rules.js'

/** The four conditions behind a signal's bits. */
export interface Conditions {
  readonly enterLong: Rule
  readonly exitLong: Rule
  readonly enterShort: Rule
  readonly exitShort: Rule
}

/** Stands in rules for the checked and rounded score. It is no operator: whoever evaluates the rules supplies its values. */
export const SCORE: Feature = { operator: 'score', inputs: [], args: [], key: '(score)' }

/**
 * A strategy made ready to run: everything that its columns and its stream share. What follows from it is worked out when asked for, since a
 * sweep keeps thousands of them.
 */
export class Program {
  /** Undefined where the strategy decides by itself. */
  readonly conditions: Conditions | undefined
  /** Average true range of the stop or the trail. */
  readonly atr: Feature | undefined
  /** Series that the features read. */
  readonly series: readonly string[]
  private planned: Plan | undefined

  /** @throws ConfigError for an unknown operator, and where average true ranges have more than one period */
  constructor(
    readonly strategy: string,
    readonly bound: BoundStrategy,
  ) {
    this.conditions = conditionsOf(bound)
    this.atr = atrOf(bound.risk)
    this.series = seriesRead(this.features)
  }

  /** All named features, and what the signal reads besides. */
  get features(): readonly Feature[] {
    const features = Object.values(this.bound.features)
    this.addConditions(features)
    this.addGates(features)
    if (this.atr !== undefined) features.push(this.atr)
    return features
  }

  /** Adds the features of which the signal of a bar is made to a list: the others are for reports. */
  addSignalFeatures(to: Feature[]): void {
    const { coverage, rearm } = this.bound
    this.addSignalReads(to)
    this.addGates(to)
    if (coverage !== undefined) this.addNamed(coverage, to)
    if (rearm !== undefined) this.addNamed(rearm, to)
  }

  /** Of all the features; made when first asked for, since trials of a sweep share another one. */
  plan(): Plan {
    return (this.planned ??= planFeatures(this.features))
  }

  /** First bars on which something that the signal reads has no value. `known` remembers features from one call to the next. */
  warmUp(timeframeMs: number, known?: Map<string, number>): number {
    const reads: Feature[] = []
    this.addSignalReads(reads)
    const context = { timeframeMs }
    let most = 0
    for (const node of reads) most = Math.max(most, warmUpBars(node, context, known))
    return most
  }

  /** A function of the row may read any named feature. */
  private addSignalReads(to: Feature[]): void {
    const { form, features } = this.bound
    if (form.kind === 'signal' || form.kind === 'decide') to.push(...Object.values(features))
    if (form.kind === 'rules') this.addConditions(to)
    if (form.kind === 'score') to.push(features[form.score] ?? constant(0))
    if (this.atr !== undefined) to.push(this.atr)
  }

  private addNamed(name: string, to: Feature[]): void {
    const feature = this.bound.features[name]
    if (feature !== undefined) to.push(feature)
  }

  private addConditions(to: Feature[]): void {
    const { conditions } = this
    if (conditions === undefined) return
    addRuleFeatures(conditions.enterLong, to, SCORE)
    addRuleFeatures(conditions.exitLong, to, SCORE)
    addRuleFeatures(conditions.enterShort, to, SCORE)
    addRuleFeatures(conditions.exitShort, to, SCORE)
  }

  private addGates(to: Feature[]): void {
    const { long, short } = this.bound.gates
    if (long !== undefined) addRuleFeatures(long, to, SCORE)
    if (short !== undefined) addRuleFeatures(short, to, SCORE)
  }
}

export function gated(rule: Rule, gate: Rule | undefined): Rule {
  return gate === undefined ? rule : and(rule, gate)
}

function conditionsOf({ form }: BoundStrategy): Conditions | undefined {
  if (form.kind === 'decide') return undefined
  return form.kind === 'rules' ? form : scoreConditions(form.thresholds)
}

/** A score at or above the one threshold is a buy, below the other a sell. */
function scoreConditions({ long, short }: ScoreThresholds): Conditions {
  const buy = atLeast(SCORE, long)
  const sell = above(short, SCORE)
  return { enterLong: buy, exitLong: sell, enterShort: sell, exitShort: buy }
}

/** The range column that stop, trail and a resting entry share. */
function atrOf({ stop, trailing, entry }: RiskSettings): Feature | undefined {
  let period = samePeriod(undefined, stop)
  period = samePeriod(period, trailing)
  if (entry.kind !== 'market') period = samePeriod(period, entry.distance)
  return period === undefined ? undefined : atr(period)
}

function samePeriod(
  period: number | undefined,
  distance: StopRule | TrailingRule | EntryDistance,
): number | undefined {
  if (distance.kind !== 'atr') return period
  if (period !== undefined && distance.period !== period)
    throw new ConfigError('all distances in average true ranges (stop, trail, entry) must share one period', {
      field: 'risk',
      value: distance.period,
      unit: 'bars',
    })
  return distance.period
}
