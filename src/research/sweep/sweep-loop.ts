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
  /** Told of every generation in its turn, once it is complete, while the next one runs. */
  readonly onGeneration: (generation: Generation) => Promise<void>
  /** Waited for after each proposal. Default: no pause. */
  readonly pause?: () => Promise<void>
}

export interface Generation {
  readonly index: number
  readonly rows: readonly TrialRow[]
  /** Run now, not read. */
  readonly isNew: boolean
}

/**
 * The search: asks for a generation, runs it or takes it as it was run before, tells it whole and in order, and asks for the next. While a generation runs the next one is
 * proposed, from all that was told before; so what is proposed depends on nothing but space, sampler, seed and generation size, and any number of
 * workers and any number of interruptions give the same trials. The next one is already running while a generation is given to `onGeneration`. Throws DataError where
 * stored rows are not what the sampler proposes.
 */
export async function runGenerations(options: SweepLoopOptions): Promise<void> {
  const { space, sampler, onGeneration } = options
  let running = await begin(options, 0, await nextProposals(options, []))
  while (running !== undefined) {
    const { index, proposals, isNew } = running
    const next = await nextProposals(options, proposals)
    const rows = await running.rows
    checkRows(space, index, proposals, rows)
    const following = await begin(options, index + 1, next)
    sampler.tell(rows.map(toldOf))
    await onGeneration({ index, rows, isNew })
    running = following
  }
}

interface RunningGeneration {
  readonly index: number
  readonly proposals: readonly Proposal[]
  readonly rows: Promise<readonly TrialRow[]>
  readonly isNew: boolean
}

/** What comes after the generation that is running. Others, those who run it above all, have their turn after each proposal. */
async function nextProposals(
  { sampler, trials, generationTrials, pause }: SweepLoopOptions,
  running: readonly Proposal[],
): Promise<readonly Proposal[]> {
  const asked = (running.at(-1)?.number ?? -1) + 1
  const proposals: Proposal[] = []
  for (const proposal of sampler.propose(Math.min(generationTrials, trials - asked), running)) {
    proposals.push(proposal)
    await pause?.()
  }
  return proposals
}

/** Undefined where there is nothing more to run. */
async function begin(
  { stored, evaluate }: SweepLoopOptions,
  index: number,
  proposals: readonly Proposal[],
): Promise<RunningGeneration | undefined> {
  if (proposals.length === 0) return undefined
  const before = await stored(index)
  const rows = (async () => before ?? evaluate(proposals))()
  // It may fail while something else is waited for: whoever waits for it hears of it.
  rows.catch(() => undefined)
  return { index, proposals, rows, isNew: before === undefined }
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
