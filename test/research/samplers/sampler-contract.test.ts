import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkPoint,
  isAllowed,
  type Point,
  pointAtIndex,
  pointKey,
  type SearchSpace,
  spaceSize,
} from '../../../src/research/search-space.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { gridSampler } from '../../../src/research/samplers/grid.js'
import { randomSampler } from '../../../src/research/samplers/random.js'
import type { Proposal, Sampler, ToldTrial, TrialResult } from '../../../src/research/samplers/sampler.js'
import { sobolSampler } from '../../../src/research/samplers/sobol.js'
import { tpeSampler } from '../../../src/research/samplers/tpe.js'
import { choice, flag, int, real } from '../../../src/strategy/params.js'

const specs = {
  fast: int(5, 12, 50),
  slow: int(20, 48, 200),
  stop: real(1, 2, 5, { step: 0.25 }),
  size: real(0.001, 0.02, 1),
  mode: choice(['plain', 'strict', 'loose']),
  short: flag(),
}

const SPACES: Record<string, SearchSpace> = {
  'finite': parseSearch(specs, ['fast=5:50:5', 'slow=20:50:10', 'mode']),
  'finite with a constraint': parseSearch(specs, ['fast=20:50:5', 'slow=20:50:5', 'short'], ['fast<slow']),
  'logarithmic': parseSearch(specs, ['fast=5:40:log', 'mode=plain,loose']),
  'lists and one value': parseSearch(specs, ['fast=5,8,13,21', 'slow=100:100', 'short']),
  'with a number without steps': parseSearch(specs, ['fast=5:50:5', 'size=0.001:1:log', 'mode'], ['fast>10']),
  'everything': parseSearch(specs, [], ['fast<slow']),
  'nothing varied': parseSearch(specs, ['fast=12']),
} // prettier-ignore

const SAMPLERS: Record<string, (space: SearchSpace, seed: number) => Sampler> = {
  grid: (space) => gridSampler(space),
  'part of a grid': (space, seed) => gridSampler(space, { trials: 5, seed }),
  random: randomSampler,
  sobol: sobolSampler,
  tpe: (space, seed) => tpeSampler(space, { seed, startupTrials: 8 }),
}

const isGridable = (space: SearchSpace): boolean => spaceSize(space) <= 100_000
const cases = Object.keys(SAMPLERS).flatMap((sampler) =>
  Object.keys(SPACES)
    .filter((space) => !sampler.endsWith('grid') || isGridable(SPACES[space]!))
    .map((space) => [sampler, space] as const),
)

/** What became of a trial: a function of its point, with all that can go wrong. */
function resultOf({ number, point }: Proposal): TrialResult {
  const score = -Math.abs((point['fast'] as number) - 30) - Math.abs((point['stop'] as number) - 3)
  if (number % 11 === 3) return { state: 'failed', reason: 'no data' }
  if (number % 7 === 2) return { state: 'pruned', step: number % 3, score }
  if (number % 13 === 5) return { state: 'unrated', reason: 'zero deviation' }
  return {
    state: 'complete',
    score: Math.round(score),
    ...(number % 5 === 0 ? { violation: number % 2 } : {}),
  }
}

const run = (proposal: Proposal): ToldTrial => ({ ...proposal, result: resultOf(proposal) })

/** A whole search in generations of a fixed size. */
function search(sampler: Sampler, trials: number, generation: number): ToldTrial[] {
  const told: ToldTrial[] = []
  while (told.length < trials) {
    const proposals = sampler.ask(Math.min(generation, trials - told.length))
    if (proposals.length === 0) break
    const results = proposals.map(run)
    sampler.tell(results)
    told.push(...results)
  }
  return told
}

describe.each(cases)('%s, space %s', (name, spaceName) => {
  const space = SPACES[spaceName]!
  const make = (seed: number): Sampler => SAMPLERS[name]!(space, seed)
  const allowed = (): Point[] =>
    Array.from({ length: spaceSize(space) }, (_, index) => pointAtIndex(space, index)).filter((point) =>
      isAllowed(space, point),
    )

  it('proposes points of the space that hold the constraints, numbered in order', () => {
    const told = search(make(1), 60, 8)
    told.forEach(({ number, point }, at) => {
      expect(number).toBe(at)
      expect(() => checkPoint(space, point)).not.toThrow()
    })
    expect(make(1).name).toBe(name === 'part of a grid' ? 'grid' : name)
  }) // prettier-ignore

  it('is the same for the same seed, and asking changes nothing', () => {
    const [one, other] = [make(7), make(7)]
    for (let count = 0; count < 5; count++) other.ask(count)
    expect(search(one, 40, 5)).toEqual(search(other, 40, 5))
  })

  it('differs by seed, except for a grid', () => {
    const points = (seed: number): string[] => make(seed).ask(12).map(({ point }) => pointKey(space, point))
    if (name === 'grid' || spaceSize(space) < 8) return
    expect(points(1)).not.toEqual(points(2))
  }) // prettier-ignore

  it('a shorter answer is the beginning of a longer one', () => {
    const sampler = make(3)
    sampler.tell(sampler.ask(12).map(run))
    expect(sampler.ask(4)).toEqual(sampler.ask(9).slice(0, 4))
    expect(sampler.ask(0)).toEqual([])
  })

  it('proposes after what is still out without a word of its results, all at once or one by one', () => {
    const sampler = make(3)
    sampler.tell(sampler.ask(24).map(run))
    const pending = sampler.ask(7)
    const next = sampler.ask(6, pending)
    expect([...sampler.propose(6, pending)]).toEqual(next)
    next.forEach(({ number }, at) => expect(number).toBe(24 + pending.length + at))
    const keys = [...pending, ...next].map(({ point }) => pointKey(space, point))
    if (spaceSize(space) < Infinity) expect(new Set(keys).size).toBe(keys.length)
    if (next.length > 0) expect(sampler.ask(7)).toEqual(pending)
  }) // prettier-ignore

  it('goes on the same when it is rebuilt from what it was told, at any generation', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }), (seed, generations, generation) => {
        const first = make(seed)
        const told = search(first, generations * generation, generation)
        const second = make(seed)
        second.tell(JSON.parse(JSON.stringify(told)) as ToldTrial[])
        expect(second.ask(generation)).toEqual(first.ask(generation))
      }),
      { numRuns: 8 },
    )
  }) // prettier-ignore

  it('tries every point of a finite space once, then proposes nothing more', () => {
    if (spaceSize(space) > 1000) return
    const told = search(make(5), 2000, 16)
    const keys = told.map(({ point }) => pointKey(space, point))
    expect(new Set(keys)).toEqual(new Set(allowed().map((point) => pointKey(space, point))))
    expect(keys).toHaveLength(new Set(keys).size)
  })

  it('refuses trials out of order, outside of the space, and scores that are no numbers', () => {
    const sampler = make(1)
    const [first] = sampler.ask(1).map(run) as [ToldTrial]
    const complete = (score: number): ToldTrial => ({ ...first, result: { state: 'complete', score } })
    expect(() => sampler.tell([{ ...first, number: 1 }])).toThrow('told in order; the next one is 0')
    expect(() => sampler.tell([complete(NaN)])).toThrow('not a finite number')
    expect(() => sampler.tell([complete(Infinity)])).toThrow('unrated')
    expect(() => sampler.tell([{ ...first, point: { ...first.point, fast: 4 } }])).toThrow('params.fast')
    expect(sampler.ask(1)[0]!.number).toBe(0)
  })
})

describe('constraints that leave nothing', () => {
  it('end a search of a finite space at once', () => {
    const none = parseSearch(specs, ['fast=40:50:5', 'slow=20:30:5'], ['fast<slow'])
    for (const make of Object.values(SAMPLERS)) expect(make(none, 1).ask(5)).toEqual([])
  })

  it('are named where the space is too large to walk through', () => {
    const none = parseSearch(specs, ['fast=40:50:5', 'size=0.1:0.2'], ['fast<size'])
    for (const name of ['random', 'sobol', 'tpe'])
      expect(() => SAMPLERS[name]!(none, 1).ask(1)).toThrow(/none of 100000 points in a row.*fast<size/)
  })
})

describe('a sampler that walks a sequence', () => {
  it('refuses to go on from trials of another seed', () => {
    const told = randomSampler(SPACES['finite']!, 1).ask(3).map(run)
    expect(() => randomSampler(SPACES['finite']!, 2).tell(told)).toThrow(/trial 0 is not what this sampler/)
  })
})
