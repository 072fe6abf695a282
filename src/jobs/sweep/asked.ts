import type { SamplerName } from '../../research/samplers/sampler.js'
import { type SearchSpace, spaceSize } from '../../research/search-space.js'
import type { Condition } from '../../research/sweep/conditions.js'
import type { StatisticKey } from '../../research/sweep/objective.js'
import { learns } from '../../research/samplers/make-sampler.js'
import type { Strategy } from '../../strategy/define.js'
import type { RunRequest } from '../run.js'
import { SWEEP_SCHEMA, type SweepAsked } from './question.js'

/** What a generation holds at least and at most, and how many a sweep is cut into at least where its trials allow it. */
export const GENERATIONS = {
  /** Of a sampler that learns: the next one is proposed before the one before is told, so that the first two know nothing. */
  learning: { least: 8, most: 64, parts: 32 },
  /** Of the others: a large one shares more, a small one is stored, and told of, sooner. */
  filling: { least: 32, most: 512, parts: 20 },
} as const

/** Trials that are proposed, run and stored together where nobody says otherwise. */
export function generationSize(sampler: SamplerName, trials: number): number {
  const { least, most, parts } = learns(sampler) ? GENERATIONS.learning : GENERATIONS.filling
  return Math.min(most, Math.max(least, Math.ceil(trials / parts)))
}

/** What is searched, and how. */
export interface SearchAsked {
  readonly space: SearchSpace
  readonly conditions: readonly Condition[]
  readonly objective: StatisticKey
  readonly sampler: SamplerName
  /** At most; default: all points of the space. */
  readonly trials?: number | undefined
  /** Trials that are proposed, run and stored together; default: `generationSize`. */
  readonly generationTrials?: number | undefined
}

/** The question of a sweep whose trials are backtests as `run` says. A space that has fewer points than trials were asked for ends it sooner. */
export function sweepAsked(
  strategy: Strategy,
  run: Omit<RunRequest, 'params' | 'strategyFile' | 'strategyPath' | 'dataFolder' | 'command'>,
  { space, conditions, objective, sampler, trials, generationTrials }: SearchAsked,
): SweepAsked {
  const { dimensions, fixed, constraints } = space
  const size = spaceSize(space)
  const most = Math.min(trials ?? size, size)
  return {
    schema: SWEEP_SCHEMA,
    strategy: { name: strategy.name, preset: run.preset, params: strategy.params },
    search: { dimensions, fixed, constraints },
    conditions,
    objective,
    sampler,
    seed: run.seed ?? 0,
    trials: most,
    generationTrials: generationTrials ?? generationSize(sampler, most),
    policies: run.policies,
    costs: run.costs,
    startingBalance: run.startingBalance,
    instruments: run.instruments,
    timeframeMs: run.timeframeMs,
    range: { startTime: run.range.startMs, endTime: run.range.endMs },
    funding: run.funding,
    factOverrides: run.factOverrides,
  }
}
