import type { Policies } from '../../core/policies.js'
import { effectivePolicies, prepareMarket } from '../../engine/market.js'
import type { ReplayOptions } from '../../engine/options.js'
import { learns, makeSampler } from '../../research/samplers/make-sampler.js'
import type { Proposal, SamplerName } from '../../research/samplers/sampler.js'
import type { Point, SearchSpace } from '../../research/search-space.js'
import type { Span } from '../../research/splits/time-spans.js'
import {
  bestRow,
  failedRow,
  rowOf,
  toldOf,
  type TrialRow,
  type TrialRules,
} from '../../research/sweep/trial-row.js'
import { runDays, type TrialStatistics } from '../../research/trial-statistics.js'
import type { CompiledDefinition } from '../../strategy/compile.js'
import type { TrialWorkers } from '../trial-workers.js'

/** Trials asked for at a time: a sampler that learns should learn soon. */
const GENERATION = { learning: 32, filling: 512 } as const

/** By what trials are ranked, and what they must hold to. */
export type Ranking = Pick<TrialRules, 'objective' | 'conditions'>

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
 * any number of threads. A trial that fails is not chosen.
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
  const rules = { ...ranking, measure }
  const { strategyFile, preset, workers, trials } = options
  const sampler = makeSampler(options.sampler, options.space, options.seed, trials)
  const generation = learns(options.sampler) ? GENERATION.learning : GENERATION.filling
  let best: TrialRow | undefined
  let [tried, choosable] = [0, 0]
  let lastReason: string | undefined = 'no trial was made'
  for (;;) {
    const asked = sampler.ask(Math.min(generation, trials - tried))
    if (asked.length === 0) break
    const rows: TrialRow[] = []
    const params = asked.map(({ point }) => point)
    await workers.run(
      {
        strategyFile,
        preset,
        market,
        policies,
        params,
        onFailure: (_, error) => rows.push(failedRow(asked[rows.length] as Proposal, error.message)),
      },
      (outcome) => rows.push(rowOf(asked[rows.length] as Proposal, outcome, rules)),
    )
    sampler.tell(rows.map(toldOf))
    const candidates = best === undefined ? rows : [best, ...rows]
    best = candidates[bestRow(candidates) ?? -1]
    lastReason = rows.findLast(({ status }) => status !== 'complete')?.reason ?? lastReason
    choosable += rows.filter(({ status }) => status === 'complete').length
    tried += asked.length
  }
  if (best?.figures === undefined)
    return { tried, choosable, point: undefined, reason: `none of ${tried} trials may be chosen; the last one: ${lastReason}` } // prettier-ignore
  const { statistics, dailyReturns } = best.figures
  return { tried, choosable, point: best.point, statistics, dailyReturns }
}
