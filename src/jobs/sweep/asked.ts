import type { SamplerName } from '../../research/samplers/sampler.js'
import { type SearchSpace, spaceSize } from '../../research/search-space.js'
import type { Condition } from '../../research/sweep/conditions.js'
import type { StatisticKey } from '../../research/sweep/objective.js'
import { learns } from '../../research/samplers/make-sampler.js'
import type { Strategy } from '../../strategy/define.js'
import type { RunRequest } from '../run.js'
import { SWEEP_SCHEMA, type SweepAsked } from './question.js'

/** Of a sampler that learns a small generation learns sooner, of the others a large one shares more. */
export const GENERATION_TRIALS = { learning: 64, filling: 512 } as const

/** What is searched, and how. */
export interface SearchAsked {
  readonly space: SearchSpace
  readonly conditions: readonly Condition[]
  readonly objective: StatisticKey
  readonly sampler: SamplerName
  /** At most; default: all points of the space. */
  readonly trials?: number | undefined
  /** Trials that are proposed, run and stored together; default: `GENERATION_TRIALS`. */
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
  return {
    schema: SWEEP_SCHEMA,
    strategy: { name: strategy.name, preset: run.preset, params: strategy.params },
    search: { dimensions, fixed, constraints },
    conditions,
    objective,
    sampler,
    seed: run.seed ?? 0,
    trials: Math.min(trials ?? size, size),
    generationTrials: generationTrials ?? (learns(sampler) ? GENERATION_TRIALS.learning : GENERATION_TRIALS.filling), // prettier-ignore
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
