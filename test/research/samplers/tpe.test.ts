import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Point, type SearchSpace, searchSpace } from '../../../src/research/search-space.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { ParzenEstimator, Scales } from '../../../src/research/samplers/parzen.js'
import { randomSampler } from '../../../src/research/samplers/random.js'
import type { Proposal, Sampler, ToldTrial, TrialResult } from '../../../src/research/samplers/sampler.js'
import { splitTrials, tpeSampler } from '../../../src/research/samplers/tpe.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { choice, flag, int, real } from '../../../src/strategy/params.js'
import { studies } from '../noise.js'

type Objective = (point: Point) => number

function best(sampler: Sampler, objective: Objective, trials: number, generation: number = 10): number {
  let found = -Infinity
  for (let done = 0; done < trials;) {
    const results = sampler.ask(Math.min(generation, trials - done)).map((proposal): ToldTrial => {
      const score = objective(proposal.point)
      found = Math.max(found, score)
      return { ...proposal, result: { state: 'complete', score } }
    })
    sampler.tell(results)
    done += results.length
  }
  return found
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const n = (point: Point, name: string): number => point[name] as number

const HARTMANN = {
  alpha: [1, 1.2, 3, 3.2],
  a: [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]],
  p: [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]],
} // prettier-ignore

/** Standard functions of optimisation, turned so that more is better. */
const FUNCTIONS: Record<string, [SearchSpace, Objective]> = {
  'sphere, 5 dimensions': [
    parseSearch(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, real(-5, 0, 5)])), []),
    (x) => -['a', 'b', 'c', 'd', 'e'].reduce((sum, name, at) => sum + (n(x, name) - at / 2) ** 2, 0),
  ],
  'Branin': [
    parseSearch({ x: real(-5, 0, 10), y: real(0, 0, 15) }, []),
    (v) => {
      const [x, y] = [n(v, 'x'), n(v, 'y')]
      return -((y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10)
    },
  ],
  'Rosenbrock': [
    parseSearch({ x: real(-2, 0, 2), y: real(-1, 0, 3) }, []),
    (v) => -Math.log1p((1 - n(v, 'x')) ** 2 + 100 * (n(v, 'y') - n(v, 'x') ** 2) ** 2),
  ],
  'Hartmann, 6 dimensions': [
    parseSearch(Object.fromEntries([0, 1, 2, 3, 4, 5].map((at) => [`x${at}`, real(0, 0, 1)])), []),
    (v) => HARTMANN.alpha.reduce((sum, alpha, i) => sum + alpha * Math.exp(-HARTMANN.a[i]!.reduce((s, a, j) => s + a * (n(v, `x${j}`) - HARTMANN.p[i]![j]! / 1e4) ** 2, 0)), 0),
  ],
  'steps, words, a logarithm and a constraint': [
    parseSearch({ fast: int(2, 2, 100), slow: int(5, 5, 400), size: real(0.001, 0.01, 1), mode: choice(['a', 'b', 'c', 'd']), on: flag() }, ['fast', 'slow=5:400:5', 'size=0.001:1:log', 'mode', 'on'], ['fast<slow']),
    (v) => -(((n(v, 'fast') - 17) / 20) ** 2) - ((n(v, 'slow') - 120) / 80) ** 2 - Math.log10(n(v, 'size') / 0.03) ** 2 - (v['mode'] === 'c' ? 0 : 1) - (v['on'] === true ? 0 : 0.5),
  ],
} // prettier-ignore

describe('TPE finds more than chance does', () => {
  it.each(Object.entries(FUNCTIONS))('%s: better after 120 trials, in the median and in most of 15 pairs of seeds', (_, [space, objective]) => {
    const seeds = Array.from({ length: studies(15) }, (_, seed) => seed)
    const learnt = seeds.map((seed) => best(tpeSampler(space, { seed }), objective, 120))
    const drawn = seeds.map((seed) => best(randomSampler(space, seed), objective, 120))
    expect(median(learnt)).toBeGreaterThan(median(drawn))
    const won = learnt.filter((value, seed) => value > drawn[seed]!).length
    expect(won / seeds.length).toBeGreaterThan(0.7)
  })
}) // prettier-ignore

describe('which trials are good', () => {
  const trial = (number: number, result: TrialResult): ToldTrial => ({ number, point: {}, result })
  const complete = (score: number, violation?: number): TrialResult => ({ state: 'complete', score, ...(violation === undefined ? {} : { violation }) }) // prettier-ignore

  it('the best tenth, at most 25, in order of trials', () => {
    const told = (count: number): ToldTrial[] => Array.from({ length: count }, (_, at) => trial(at, complete((at * 7) % count)))
    for (const [count, good] of [[1, 1], [10, 1], [11, 2], [250, 25], [1001, 25]] as const) {
      const split = splitTrials(told(count))
      expect([split.good.length, split.others.length]).toEqual([good, count - good])
      const numbers = split.good.map(({ number }) => number)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
    expect(splitTrials(told(11)).good.map(({ number }) => number)).toEqual([3, 6])
  }) // prettier-ignore

  it('rank by score, then pruned by how far they came, then without a score, then those that break conditions; failed ones nowhere', () => {
    const inOrder = [
      trial(9, complete(5)),
      trial(4, complete(5, 0)),
      trial(8, complete(-3)),
      trial(7, { state: 'pruned', step: 9, score: -50 }),
      trial(6, { state: 'pruned', step: 2, score: 40 }),
      trial(5, { state: 'pruned', step: 2, score: 30 }),
      trial(2, { state: 'unrated', reason: 'zero deviation' }),
      trial(1, complete(100, 0.5)),
      trial(0, complete(900, 2)),
    ]
    const failed = trial(3, { state: 'failed', reason: 'no data' })
    for (let count = 1; count < inOrder.length; count++) {
      // The better of a subset is always the earlier of this list; equal scores by trial number.
      const [first, second] = [inOrder[count - 1]!, inOrder[count]!]
      const expected = count === 1 ? 4 : first.number
      expect(splitTrials([second, failed, first]).good.map(({ number }) => number)).toEqual([expected])
    }
    expect(splitTrials([failed])).toEqual({ good: [], others: [] })
  })

  it('among equals the earlier is better: ties are the same on every machine', () => {
    const told = Array.from({ length: 40 }, (_, at) => trial(at, complete(1)))
    expect(splitTrials(told).good.map(({ number }) => number)).toEqual([0, 1, 2, 3])
  })
})

describe('TPE copes with', () => {
  const space = parseSearch({ x: real(0, 0, 1), k: int(1, 1, 30) }, [])
  const run = (resultOf: (proposal: Proposal) => TrialResult, trials: number = 60): ToldTrial[] => {
    const sampler = tpeSampler(space, { seed: 1, startupTrials: 10 })
    const told: ToldTrial[] = []
    while (told.length < trials) {
      const results = sampler.ask(10).map((proposal) => ({ ...proposal, result: resultOf(proposal) }))
      sampler.tell(results)
      told.push(...results)
    }
    return told
  }

  it('nothing but failures, ties or trials without a score: it goes on proposing different points', () => {
    const results: TrialResult[] = [
      { state: 'failed', reason: 'no data' },
      { state: 'complete', score: 1 },
      { state: 'unrated', reason: 'no trades' },
      { state: 'pruned', step: 1, score: 0 },
    ]
    for (const result of results) {
      const told = run(() => result)
      expect(new Set(told.map(({ point }) => JSON.stringify(point))).size).toBe(60)
    }
  })

  it('conditions that only a run can tell: it learns to keep them', () => {
    const told = run(({ point }) => ({ state: 'complete', score: -n(point, 'x'), violation: n(point, 'x') < 0.5 ? 1 : 0 }), 100)
    const late = told.slice(50).map(({ point }) => n(point, 'x'))
    const share = (from: number, to: number): number => late.filter((x) => x >= from && x < to).length / late.length
    // Chance would put 10 % and 40 % there.
    expect(share(0.5, 0.6)).toBeGreaterThan(0.25)
    expect(share(0, 0.4)).toBeLessThan(0.25)
  }) // prettier-ignore

  it('a generation at once: its points spread over what is promising', () => {
    const sampler = tpeSampler(space, { seed: 2, startupTrials: 20 })
    sampler.tell(sampler.ask(20).map((proposal) => ({ ...proposal, result: { state: 'complete', score: -Math.abs(n(proposal.point, 'x') - 0.5) } })))
    const points = sampler.ask(30).map(({ point }) => n(point, 'x'))
    expect(new Set(points).size).toBe(30)
    expect(Math.max(...points) - Math.min(...points)).toBeGreaterThan(0.1)
    expect(sampler.ask(30).every(({ isSpaceFilling }) => !isSpaceFilling)).toBe(true)
  }) // prettier-ignore

  it('says which trials fill the space, and refuses options that make no sense', () => {
    const told = run((proposal) => ({ state: 'complete', score: n(proposal.point, 'x') }), 30)
    expect((told as unknown as Proposal[]).map(({ isSpaceFilling }) => isSpaceFilling)).toEqual([...Array<boolean>(10).fill(true), ...Array<boolean>(20).fill(false)])
    expect(() => tpeSampler(space, { seed: 1, startupTrials: 0 })).toThrow('startupTrials')
    expect(() => tpeSampler(space, { seed: 1, candidates: 0 })).toThrow('candidate')
  }) // prettier-ignore
})

describe('Parzen estimator', () => {
  const specs = { x: real(0, 0, 1), mode: choice(['a', 'b', 'c']) }
  const space = searchSpace(specs)
  const scales = new Scales(space)
  const points = (seed: number, count: number): Float64Array[] =>
    randomSampler(space, seed).ask(count).map(({ point }) => scales.placesOf(point))

  it('is a density: it sums to 1 over words and the axis', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 30 }), (seed, count) => {
        const density = new ParzenEstimator(scales, points(seed, count))
        let total = 0
        for (let word = 0; word < 3; word++)
          for (let cell = 0; cell < 2000; cell++) total += Math.exp(density.logDensity(Float64Array.of((cell + 0.5) / 2000, word))) / 2000
        expect(total).toBeCloseTo(1, 3)
      }),
      { numRuns: 15 },
    )
  })

  it('draws as its density says', () => {
    const density = new ParzenEstimator(scales, points(3, 6))
    const random = seededRandom(8)
    const cells = new Float64Array(3 * 8)
    const draws = 20_000
    for (let draw = 0; draw < draws; draw++) {
      const [x, word] = density.draw(random) as unknown as [number, number]
      cells[word * 8 + Math.min(7, Math.floor(x * 8))]!++
    }
    cells.forEach((count, cell) => {
      let expected = 0
      for (let part = 0; part < 100; part++)
        expected += Math.exp(density.logDensity(Float64Array.of(((cell % 8) + (part + 0.5) / 100) / 8, Math.floor(cell / 8)))) / 800
      expect(Math.abs(count / draws - expected)).toBeLessThan(4.5 * Math.sqrt(expected / draws))
    })
  })

  it('without points is flat, and adding one by one is the same as all at once but for the widths', () => {
    const flat = new ParzenEstimator(scales, [])
    for (const place of [Float64Array.of(0.1, 0), Float64Array.of(0.9, 2)]) expect(Math.exp(flat.logDensity(place))).toBeCloseTo(1 / 3, 12)
    const many = points(5, 4)
    const grown = new ParzenEstimator(scales, many)
    const before = grown.logDensity(many[0]!)
    grown.add(many[0]!)
    expect(grown.logDensity(many[0]!)).toBeGreaterThan(before)
  })
}) // prettier-ignore
