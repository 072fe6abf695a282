import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../../src/core/errors.js'
import { makeSampler } from '../../../src/research/samplers/make-sampler.js'
import type { SamplerName } from '../../../src/research/samplers/sampler.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { generationCount, proposalsOf, runGenerations } from '../../../src/research/sweep/sweep-loop.js'
import {
  bestRow,
  ranked,
  statusCounts,
  toldOf,
  type TrialRow,
} from '../../../src/research/sweep/trial-row.js'
import { int, real } from '../../../src/strategy/params.js'
import { evaluate } from './rows.js'

const specs = { fast: int(2, 5, 12), slow: int(3, 9, 20), stop: real(0.5, 1, 2, { step: 0.5 }) }
const space = parseSearch(specs, [], ['fast<slow'])
const NAMES: readonly SamplerName[] = ['grid', 'random', 'sobol', 'tpe']

interface Setup {
  readonly sampler: SamplerName
  readonly trials: number
  readonly generationTrials: number
  readonly stored?: (index: number) => readonly TrialRow[] | undefined
}

async function search({ sampler, trials, generationTrials, stored }: Setup): Promise<{
  readonly rows: readonly TrialRow[]
  readonly generations: (readonly TrialRow[])[]
  readonly ran: number
}> {
  const generations: (readonly TrialRow[])[] = []
  let ran = 0
  await runGenerations({
    space,
    sampler: makeSampler(sampler, space, 3, Infinity),
    trials,
    generationTrials,
    stored: async (index) => stored?.(index),
    evaluate: async (proposals) => {
      ran += proposals.length
      return evaluate(proposals)
    },
    onGeneration: async ({ rows, index }) => {
      expect(index).toBe(generations.length)
      generations.push(rows)
    },
  })
  return { rows: generations.flat(), generations, ran }
}

describe.each(NAMES)('a search by %s', (sampler) => {
  it('is the same whichever of its generations were run before', async () => {
    const whole = await search({ sampler, trials: 90, generationTrials: 16 })
    expect(whole.rows).toHaveLength(90)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), async (isThere) => {
        const again = await search({
          sampler,
          trials: 90,
          generationTrials: 16,
          stored: (index) => (isThere[index] === true ? whole.generations[index] : undefined),
        })
        expect(again.rows).toEqual(whole.rows)
        const there = whole.generations.filter((_, index) => isThere[index])
        expect(again.ran).toBe(90 - there.flat().length)
      }),
      { numRuns: 12 },
    )
  })

  it('keeps every trial with its number, and those that failed or may not be chosen with their reasons', async () => {
    const { rows } = await search({ sampler, trials: 90, generationTrials: 16 })
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 90 }, (_, at) => at))
    const counts = statusCounts(rows)
    expect(counts.failed).toBe(12)
    expect(counts.constraint).toBeGreaterThan(0)
    expect(counts.unrated).toBeGreaterThan(0)
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(90)
    for (const { status, reason, figures, score } of rows) {
      expect(reason === undefined).toBe(status === 'complete')
      expect(figures === undefined).toBe(status === 'failed')
      if (status === 'complete') expect(Number.isFinite(score)).toBe(true)
    }
    const best = rows[bestRow(rows) as number] as TrialRow
    expect(best.status).toBe('complete')
    expect(ranked(rows, 1)).toEqual([best])
    for (const row of rows) if (row.status === 'complete') expect(row.score).toBeLessThanOrEqual(best.score as number) // prettier-ignore
  })

  it('refuses a generation that is not what it proposes', async () => {
    const { generations } = await search({ sampler, trials: 40, generationTrials: 10 })
    const [first = [], second = []] = generations
    const wrong = (rows: readonly TrialRow[]): Promise<unknown> =>
      search({
        sampler,
        trials: 40,
        generationTrials: 10,
        stored: (index) => (index === 1 ? rows : undefined),
      })
    await expect(wrong(first)).rejects.toThrow(DataError)
    await expect(wrong(second.slice(1))).rejects.toThrow(/10 trials/)
    const other = { ...(second[0] as TrialRow), point: first[0]!.point }
    await expect(wrong([other, ...second.slice(1)])).rejects.toThrow(/not the one that the sampler proposes/)
  })
})

describe('a search', () => {
  it('ends where the space has no more', async () => {
    const { rows } = await search({ sampler: 'grid', trials: 100_000, generationTrials: 50 })
    const all = makeSampler('grid', space, 0, Infinity).ask(100_000).length
    expect(rows).toHaveLength(all)
  })

  it.each(['grid', 'random', 'sobol'] as const)(
    'by %s is made of chunks that need nothing of each other',
    async (sampler) => {
      const { generations } = await search({ sampler, trials: 75, generationTrials: 20 })
      expect(generationCount(75, 20)).toBe(generations.length)
      for (const [index, rows] of generations.entries()) {
        const proposals = proposalsOf(makeSampler(sampler, space, 3, Infinity), 75, 20, index)
        expect(evaluate(proposals)).toEqual(rows)
      }
      expect(proposalsOf(makeSampler(sampler, space, 3, Infinity), 75, 20, 4)).toEqual([])
    },
  )

  it('runs a generation while the one before is stored, and proposes one while another runs', async () => {
    const events: string[] = []
    const sampler = makeSampler('tpe', space, 3, Infinity)
    await runGenerations({
      space,
      sampler: {
        ...sampler,
        propose: (count, pending = []) => {
          events.push(`propose after ${pending.length} pending`)
          return sampler.propose(count, pending)
        },
      },
      trials: 30,
      generationTrials: 10,
      stored: async () => undefined,
      evaluate: async (proposals) => {
        events.push(`run ${proposals[0]!.number}`)
        return evaluate(proposals)
      },
      onGeneration: async ({ index }) => void events.push(`store ${index}`),
      pause: async () => void (events.at(-1) === 'pause' || events.push('pause')),
    })
    const pending = (count: number): string[] => [`propose after ${count} pending`, 'pause']
    expect(events).toEqual([
      ...pending(0), 'run 0',
      ...pending(10), 'run 10', 'store 0',
      ...pending(10), 'run 20', 'store 1',
      'propose after 10 pending', 'store 2',
    ]) // prettier-ignore
  })

  it('ends with the error of a generation, whatever else runs', async () => {
    const failing = (at: number, onGeneration: () => Promise<void>): Promise<void> =>
      runGenerations({
        space,
        sampler: makeSampler('sobol', space, 3, Infinity),
        trials: 40,
        generationTrials: 10,
        stored: async () => undefined,
        evaluate: async (proposals) => {
          if (proposals[0]!.number >= at) throw new Error(`no worker for ${at}`)
          return evaluate(proposals)
        },
        onGeneration,
      })
    await expect(failing(10, () => Promise.resolve())).rejects.toThrow('no worker for 10')
    await expect(failing(10, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
  })

  it('tells what breaks a condition by how much, and never a score for what has none', async () => {
    const { rows } = await search({ sampler: 'sobol', trials: 60, generationTrials: 20 })
    for (const row of rows) {
      const { result } = toldOf(row)
      if (row.status === 'failed') expect(result.state).toBe('failed')
      else if (row.score === undefined) expect(result.state).toBe('unrated')
      else expect(result).toEqual({ state: 'complete', score: row.score, violation: row.violation })
    }
  })
})
