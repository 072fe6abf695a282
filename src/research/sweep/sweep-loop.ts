import { DataError } from '../../core/errors.js'
import type { Proposal, Sampler } from '../samplers/sampler.js'
import { pointKey, type SearchSpace } from '../search-space.js'
import { toldOf, type TrialRow } from './trial-row.js'

export interface SweepLoopOptions {
  readonly space: SearchSpace
  readonly sampler: Sampler
  /** Trials in all; fewer where the space has no more. */
  readonly trials: number
  /** Trials that are proposed, run and kept together. Part of what a search is: a sampler that learns does so between generations. */
  readonly generationTrials: number
  /** Rows of a generation that was run before; undefined where it was not. */
  readonly stored: (generation: number) => Promise<readonly TrialRow[] | undefined>
  /** Runs trials: one row for each, in their order. */
  readonly evaluate: (proposals: readonly Proposal[]) => Promise<readonly TrialRow[]>
  /** Told of every generation in its turn, once it is complete; the next one begins when this is over. */
  readonly onGeneration: (generation: Generation) => Promise<void>
}

export interface Generation {
  readonly index: number
  readonly rows: readonly TrialRow[]
  /** Run now, not read. */
  readonly isNew: boolean
}

/**
 * The search: asks for a generation, runs it or takes it as it was run before, tells it whole and in order, and asks for the next. What is proposed depends on
 * nothing but space, sampler, seed and generation size, so that any number of workers and any number of interruptions give the same
 * trials. Throws DataError where stored rows are not what the sampler proposes.
 */
export async function runGenerations(options: SweepLoopOptions): Promise<void> {
  const { sampler, trials, generationTrials, stored, evaluate, onGeneration } = options
  for (let index = 0, done = 0; done < trials; index++) {
    const proposals = sampler.ask(Math.min(generationTrials, trials - done))
    if (proposals.length === 0) return
    const before = await stored(index)
    const rows = before ?? (await evaluate(proposals))
    checkRows(options.space, index, proposals, rows)
    sampler.tell(rows.map(toldOf))
    await onGeneration({ index, rows, isNew: before === undefined })
    done += rows.length
  }
}

function checkRows(
  space: SearchSpace,
  generation: number,
  proposals: readonly Proposal[],
  rows: readonly TrialRow[],
): void {
  if (rows.length !== proposals.length)
    throw new DataError(`generation ${generation} has ${proposals.length} trials`, { field: 'trials', value: rows.length }) // prettier-ignore
  proposals.forEach(({ number, point }, at) => {
    const row = rows[at] as TrialRow
    if (row.number !== number || pointKey(space, row.point) !== pointKey(space, point))
      throw new DataError(`trial ${row.number} of generation ${generation} is not the one that the sampler proposes`, { field: 'params', value: JSON.stringify(row.point) }) // prettier-ignore
  })
}

/** Number of generations that a sweep has at most. */
export function generationCount(trials: number, generationTrials: number): number {
  return Math.ceil(trials / generationTrials)
}

/** The proposals of one generation of a sampler that does not learn, whatever became of the others. */
export function proposalsOf(
  sampler: Sampler,
  trials: number,
  generationTrials: number,
  index: number,
): readonly Proposal[] {
  const from = index * generationTrials
  return sampler.ask(Math.min(trials, from + generationTrials)).slice(from)
}
