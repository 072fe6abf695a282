import { ConfigError } from '../core/errors.js'
import type { Market } from '../engine/simulation.js'

/** Neighbours that are dealt together, since they share signals, and the fewest trials for which another thread computes features once more, unless bars are many. */
const HAND = 8
/** Fewer trials than this are not worth features of their own only so that threads end together. */
const LEAST_TRIALS = 128
/** Bars × trials that take a thread some 6 ms: less is not worth them either. */
const LEAST_BAR_TRIALS = 2 ** 21
/**
 * A thread does not hand over what it has found before its chunk is done, nor let go of the chunk's compiled strategies: of so many, what they leave fits into the fifth of its young
 * objects' memory that is free when the collector asks for a quiet moment (5 kB a trial), so that it comes by between two chunks, when nothing of either is left to be copied.
 */
const MOST_TRIALS = 512

/** A cut as it crosses to the threads. */
export interface ChunkCut {
  readonly trials: number
  /** Chunks of a round. */
  readonly workers: number
  readonly isDealt: boolean
  /** Trials a chunk, of each round; up to a hand more or fewer where they are dealt. The last round may have fewer chunks. */
  readonly sizes: readonly number[]
}

/**
 * Cuts a sweep into rounds of as many chunks as there are threads: large ones first, small ones at the end, so that threads of which some are faster than others end together
 * (guided self-scheduling: Polychronopoulos and Kuck, 1987).
 *
 * @param bars of all instruments, which each trial goes through
 * @param isDealt the chunks of a round share their trials like cards, some neighbours at a time: those share signals, but trade alike, and no thread is to get all that trade most;
 * else each has trials that follow one another
 * @param given trials a chunk; by default by the work they are
 */
export function cutTrials(
  trials: number,
  workers: number,
  bars: number,
  isDealt: boolean,
  given?: number,
): ChunkCut {
  if (given !== undefined) requireSize(given)
  const sizes: number[] = []
  for (let left = trials; left > 0;) {
    const size = given ?? sizeFor(left, workers, bars)
    sizes.push(size)
    left -= workers * size
  }
  return { trials, workers, isDealt, sizes }
}

/** Trials a chunk of the next round. */
function sizeFor(left: number, workers: number, bars: number): number {
  const worthIt = Math.ceil(LEAST_BAR_TRIALS / bars)
  const least = Math.min(MOST_TRIALS, Math.max(LEAST_TRIALS, worthIt))
  const share = Math.max(Math.min(HAND, worthIt), Math.ceil(left / workers))
  // One thread ends with itself: equal parts.
  if (workers === 1) return Math.ceil(share / Math.ceil(share / MOST_TRIALS))
  if (share >= 2 * least) return Math.min(MOST_TRIALS, Math.ceil(share / 2))
  return Math.min(MOST_TRIALS, Math.ceil(left / Math.ceil(left / share)))
}

function requireSize(given: number): void {
  if (Number.isInteger(given) && given > 0) return
  throw new ConfigError('a chunk is a whole number of trials above 0', { field: 'chunkTrials', value: given })
}

/** Bars that each trial of a market goes through, of all instruments. */
export function barsOf({ timeline, tracks }: Pick<Market, 'timeline' | 'tracks'>): number {
  return timeline.openTime.length * tracks.length
}

/** Which trials are in which chunk of a cut. */
export class TrialChunks {
  readonly count: number
  private readonly cut: ChunkCut
  /** First trial of each round. */
  private readonly starts: readonly number[]

  constructor(cut: ChunkCut) {
    const { trials, workers, sizes } = cut
    const starts: number[] = []
    let start = 0
    for (const size of sizes) {
      starts.push(start)
      start += size * workers
    }
    this.cut = cut
    this.starts = starts
    const inLastRound = Math.ceil((trials - (starts.at(-1) ?? 0)) / (sizes.at(-1) ?? 1))
    this.count = Math.max(0, sizes.length - 1) * workers + inLastRound
  }

  /** Trials of a chunk, at most. O(rounds). */
  get most(): number {
    const { trials, isDealt, sizes } = this.cut
    const size = sizes.reduce((most, each) => Math.max(most, each), 0)
    return Math.min(trials, isDealt ? size + Math.min(HAND, size) : size)
  }

  /** How many chunks share their trials: of those from this one on, the first of them. */
  dealtWith(first: number): number {
    return this.cut.isDealt ? this.inRound(first) : 1
  }

  /** How many chunks a round has: of those from this one on, the first of them. */
  private inRound(first: number): number {
    return Math.min(this.cut.workers, this.count - first)
  }

  /** In order. */
  trialsOf(chunk: number): number[] {
    const { trials, workers, isDealt, sizes } = this.cut
    const first = chunk - (chunk % workers)
    const size = sizes[first / workers] as number
    const start = this.starts[first / workers] as number
    const chunks = this.inRound(first)
    const hand = isDealt ? Math.ceil(size / Math.ceil(size / HAND)) : size
    const end = Math.min(trials, start + chunks * size)
    const found: number[] = []
    for (let from = start + (chunk - first) * hand; from < end; from += chunks * hand)
      for (let trial = from; trial < Math.min(from + hand, end); trial++) found.push(trial)
    return found
  }
}
