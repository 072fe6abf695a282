import { ConfigError } from '../../core/errors.js'
import { isAllowed, type Point, pointKey, pointOf, type SearchSpace, spaceSize } from '../search-space.js'
import { seededRandom } from '../seeded-random.js'
import { ParzenEstimator, Scales } from './parzen.js'
import { randomSequence } from './random.js'
import { checkTold, type Proposal, type Sampler, type ToldTrial, type TrialResult } from './sampler.js'
import { DistinctPoints } from './sequence-sampler.js'
import { sobolSequence } from './sobol.js'
import { MOST_SOBOL_DIMENSIONS } from './sobol-sequence.js'

export interface TpeOptions {
  readonly seed: number
  /** First trials, which fill the space. Default: twice the number of dimensions, at least 20. */
  readonly startupTrials?: number
  /** Points drawn for each proposal, of which the most promising one is taken. Default 24. */
  readonly candidates?: number
}

/** Draws without a new point that the constraints allow, for each candidate that is wanted. */
const DRAWS_PER_CANDIDATE = 20

/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kégl 2011): of points drawn from the density of good trials, the one where that
 * density exceeds the density of the others most, which maximises expected improvement under their model. Good are the best tenth, at
 * most 25. Trials rank by score, then pruned ones (those that came farther first), then those without a score, then those that break
 * conditions (the least first), as in Optuna (Akiba et al. 2019); failed ones count nowhere. Among equals the earlier one is better.
 *
 * Points that were proposed and whose results are out, of the same generation or of the one before, stand among the others meanwhile, so that proposals spread (a
 * constant liar: Ginsbourger, Le Riche & Carraro 2010). Of a finite space no point is proposed twice. O(candidates · told · dimensions) a proposal.
 */
export function tpeSampler(space: SearchSpace, options: TpeOptions): Sampler {
  const { seed, candidates = 24 } = options
  const dimensions = space.dimensions.length
  const startup = options.startupTrials ?? Math.max(20, 2 * dimensions)
  if (!(startup >= 1)) throw new ConfigError('at least one trial must come first', { field: 'startupTrials', value: startup }) // prettier-ignore
  if (!(candidates >= 1)) throw new ConfigError('at least one candidate is drawn', { field: 'candidates', value: candidates }) // prettier-ignore
  const isFinite = spaceSize(space) < Infinity
  const scales = new Scales(space)
  const first = new DistinctPoints(
    space,
    dimensions <= MOST_SOBOL_DIMENSIONS ? sobolSequence(space, seed) : randomSequence(space, seed),
  )
  const seen = new Set<string>()
  const told: ToldTrial[] = []

  /** The next point of the space-filling sequence that has not been tried. */
  const fill = (tried: ReadonlySet<string>, number: number): Point | undefined => {
    if (!isFinite) return first.between(number, number + 1)[0]
    for (let place = 0; ; place++) {
      const [point] = first.between(place, place + 1)
      if (point === undefined || !tried.has(pointKey(space, point))) return point
    }
  }

  function* propose(count: number, pending: readonly Proposal[] = []): Generator<Proposal, void> {
    const { good, others } = splitTrials(told)
    const promising = new ParzenEstimator(
      scales,
      good.map(({ point }) => scales.placesOf(point)),
    )
    const rest = new ParzenEstimator(
      scales,
      others.map(({ point }) => scales.placesOf(point)),
    )
    const tried = new Set(seen)
    const leaveAlone = ({ point }: Proposal): void => {
      tried.add(pointKey(space, point))
      rest.add(scales.placesOf(point))
    }
    pending.forEach(leaveAlone)
    const isNew = (point: Point): boolean => !isFinite || !tried.has(pointKey(space, point))

    const improve = (number: number): Point | undefined => {
      const random = seededRandom(seed, number)
      let best: { readonly point: Point; readonly gain: number } | undefined
      let found = 0
      for (let draw = 0; found < candidates && draw < candidates * DRAWS_PER_CANDIDATE; draw++) {
        const values = scales.valuesAt(promising.draw(random))
        const point = pointOf(
          space,
          space.dimensions.map(({ name }) => values[name] ?? only(space, name)),
        )
        if (!isAllowed(space, point) || !isNew(point)) continue
        found++
        const places = scales.placesOf(point)
        const density = promising.logDensity(places)
        const gain = density - rest.logDensity(places, density - (best?.gain ?? -Infinity))
        if (best === undefined || gain > best.gain) best = { point, gain }
      }
      return best?.point
    }

    const from = told.length + pending.length
    for (let number = from; number < from + count; number++) {
      const learnt = number < startup || good.length === 0 ? undefined : improve(number)
      const point = learnt ?? fill(tried, number)
      if (point === undefined) return
      const proposal = { number, point, isSpaceFilling: learnt === undefined }
      leaveAlone(proposal)
      yield proposal
    }
  }

  return {
    name: 'tpe',
    ask: (count, pending) => [...propose(count, pending)],
    propose,
    tell(trials) {
      checkTold(space, told.length, trials)
      told.push(...trials)
      if (isFinite) for (const { point } of trials) seen.add(pointKey(space, point))
    },
  }
}

/** The value of a dimension that has only one. */
function only({ dimensions }: SearchSpace, name: string): Point[string] {
  const dimension = dimensions.find((one) => one.name === name)!
  return dimension.kind === 'list' ? (dimension.values[0] as Point[string]) : dimension.lowest
}

/** The best tenth of the trials that say something, at most 25, and the others; each in order of trials. */
export function splitTrials(told: readonly ToldTrial[]): {
  readonly good: readonly ToldTrial[]
  readonly others: readonly ToldTrial[]
} {
  const ranked = told
    .filter(({ result }) => result.state !== 'failed')
    .sort((a, b) => compareRanks(rankOf(a.result), rankOf(b.result)) || a.number - b.number)
  const count = Math.min(25, Math.ceil(ranked.length / 10))
  const inOrder = (trials: ToldTrial[]): readonly ToldTrial[] => trials.sort((a, b) => a.number - b.number)
  return { good: inOrder(ranked.slice(0, count)), others: inOrder(ranked.slice(count)) }
}

/** Smaller is better, the first difference decides. */
function rankOf(result: TrialResult): readonly number[] {
  switch (result.state) {
    case 'complete':
      return result.violation !== undefined && result.violation > 0
        ? [3, result.violation]
        : [0, -result.score]
    case 'pruned':
      return [1, -result.step, -result.score]
    case 'unrated':
      return [2]
    case 'failed':
      return [4]
  }
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] as number) - (b[at] as number)
    if (difference !== 0) return difference
  }
  return 0
}
