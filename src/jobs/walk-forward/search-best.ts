import type { Policies } from '../../core/policies.js'
import { effectivePolicies, prepareMarket } from '../../engine/market.js'
import type { ReplayOptions } from '../../engine/options.js'
import type { TrialOutcome } from '../../engine/trials.js'
import { gridSampler } from '../../research/samplers/grid.js'
import { randomSampler } from '../../research/samplers/random.js'
import type { Sampler, SamplerName, TrialResult } from '../../research/samplers/sampler.js'
import { sobolSampler } from '../../research/samplers/sobol.js'
import { tpeSampler } from '../../research/samplers/tpe.js'
import type { Point, SearchSpace } from '../../research/search-space.js'
import type { Span } from '../../research/splits/time-spans.js'
import { runDays, trialStatistics, type TrialStatistics } from '../../research/trial-statistics.js'
import { isChoosable, rate, type Ranking } from '../../research/walk-forward/ranking.js'
import type { CompiledDefinition } from '../../strategy/compile.js'
import type { TrialWorkers } from '../trial-workers.js'

/** Trials asked for at a time: a sampler that learns should learn soon. */
const GENERATION = { learning: 32, filling: 512 } as const

export interface SearchBestOptions extends Pick<ReplayOptions, 'instruments' | 'startingBalance' | 'costs'> {
  /** Full path. */
  readonly strategyFile: string
  readonly preset: string
  /** The strategy at any params: what it says of policies and of the risk-free rate. */
  readonly strategy: CompiledDefinition
  readonly policies: Partial<Policies>
  readonly space: SearchSpace
  readonly ranking: Ranking
  readonly sampler: SamplerName
  readonly trials: number
  readonly seed: number
  readonly workers: TrialWorkers
}

/** The best trial of a search; `point` is undefined, with the reason, where none may be chosen. */
export type SearchedBest = {
  /** Trials that ran. */
  readonly tried: number
  /** Of them, with a score and no broken condition. */
  readonly choosable: number
} & (
  | {
      readonly point: Point
      readonly statistics: TrialStatistics
      /** Of whole UTC days of the span. */
      readonly dailyReturns: Float64Array
    }
  | { readonly point: undefined; readonly reason: string }
)

/**
 * Searches the best params on one span of time: positions at its edges are closed with costs; of equally good trials the first one wins. The same for
 * any number of threads. Throws what a trial throws.
 */
export async function searchBest(options: SearchBestOptions, span: Span): Promise<SearchedBest> {
  const { instruments, startingBalance, costs, ranking, strategy } = options
  const market = prepareMarket({
    instruments,
    startingBalance,
    costs,
    startTime: span.startMs,
    endTime: span.endMs,
  })
  const policies = { ...options.policies, endOfData: 'close' as const }
  const { returns } = effectivePolicies({ strategy, policies })
  const measure = { days: runDays(market), riskFreeRate: strategy.riskFreeRate, returns }
  const { strategyFile, preset, workers, trials } = options
  const sampler = makeSampler(options)
  const generation = options.sampler === 'tpe' ? GENERATION.learning : GENERATION.filling
  let best: { score: number; point: Point; outcome: TrialOutcome; statistics: TrialStatistics } | undefined
  let [tried, choosable] = [0, 0]
  let lastReason = 'no trial was made'
  for (;;) {
    const asked = sampler.ask(Math.min(generation, trials - tried))
    if (asked.length === 0) break
    const results: TrialResult[] = []
    await workers.run(
      { strategyFile, preset, market, policies, params: asked.map(({ point }) => point) },
      (outcome) => {
        const statistics = trialStatistics(outcome, measure)
        const result = rate(ranking, statistics)
        results.push(result)
        if (!isChoosable(result)) {
          lastReason = result.state === 'unrated' ? result.reason : 'a condition was broken'
          return
        }
        choosable++
        const { point } = asked[results.length - 1]!
        if (best === undefined || result.score > best.score) best = { score: result.score, point, outcome, statistics }
      },
    ) // prettier-ignore
    sampler.tell(
      asked.map(({ number, point }, at) => ({ number, point, result: results[at] as TrialResult })),
    )
    tried += asked.length
  }
  if (best === undefined)
    return { tried, choosable, point: undefined, reason: `none of ${tried} trials may be chosen; the last one: ${lastReason}` } // prettier-ignore
  const { point, statistics, outcome } = best
  return { tried, choosable, point, statistics, dailyReturns: outcome.dailyReturns }
}

function makeSampler({ sampler, space, seed }: SearchBestOptions): Sampler {
  switch (sampler) {
    case 'grid':
      return gridSampler(space)
    case 'random':
      return randomSampler(space, seed)
    case 'sobol':
      return sobolSampler(space, seed)
    case 'tpe':
      return tpeSampler(space, { seed })
  }
}
