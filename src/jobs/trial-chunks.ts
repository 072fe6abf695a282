import { ConfigError } from '../core/errors.js'

/** Neighbours that are dealt together, and the fewest trials for which another thread computes features once more, unless bars are many. */
const HAND = 8
/** Fewer trials than this are not worth features of their own only so that threads find work for a second time. */
const USUAL_LEAST_TRIALS = 64
/** A thread does not hand over what it has found before its chunk is done: of more trials than this that is much to hold, unless bars are few. */
const USUAL_MOST_TRIALS = 512
const MOST_TRIALS = 1_024
/**
 * Bars × trials that take a thread some 50 ms. For each chunk the thread and the one that hands out chunks wake each other, and a system with as many threads as
 * processors may put two that work on one of them for 4 to 10 ms then.
 */
const LEAST_BAR_TRIALS = 2 ** 24
/** Some threads are faster than others: each should find work for a second time. */
const CHUNKS_PER_WORKER = 2

/** How a sweep is cut into the chunks that threads take one at a time. */
export class TrialChunks {
  /** Trials a chunk; up to a hand more or fewer where they are dealt. */
  readonly size: number
  readonly count: number
  private readonly trials: number
  /** Chunks that share their trials. */
  private readonly players: number

  /**
   * @param bars of all instruments, which each trial goes through
   * @param isDealt as many chunks as there are threads share their trials like cards, some neighbours at a time: those share signals, but trade alike, and no thread is to get
   * all that trade most
   * @param given trials a chunk; by default by the work they are
   */
  constructor(trials: number, workers: number, bars: number, isDealt: boolean, given: number | undefined) {
    this.size = given === undefined ? sizeFor(trials, workers, bars) : requireSize(given)
    this.count = Math.ceil(trials / this.size)
    this.trials = trials
    this.players = isDealt ? workers : 1
  }

  /** How many chunks share their trials: of those from this one on, the first of them. */
  dealtWith(first: number): number {
    return Math.min(this.players, this.count - first)
  }

  /** In order. */
  trialsOf(chunk: number): number[] {
    const { trials, size } = this
    const first = chunk - (chunk % this.players)
    const players = this.dealtWith(first)
    const hand = Math.ceil(size / Math.ceil(size / HAND))
    const end = Math.min(trials, (first + players) * size)
    const found: number[] = []
    for (let from = first * size + (chunk - first) * hand; from < end; from += players * hand)
      for (let trial = from; trial < Math.min(from + hand, end); trial++) found.push(trial)
    return found
  }
}

/** Chunks of about equal size, and about as many for each thread. */
function sizeFor(trials: number, workers: number, bars: number): number {
  const worthIt = Math.ceil(LEAST_BAR_TRIALS / bars)
  const least = Math.min(MOST_TRIALS, Math.max(USUAL_LEAST_TRIALS, worthIt))
  const most = Math.max(least, USUAL_MOST_TRIALS)
  const spread = Math.max(least, Math.ceil(trials / (CHUNKS_PER_WORKER * workers)))
  const forAll = Math.max(Math.min(HAND, worthIt), Math.ceil(trials / workers))
  const chunks = Math.max(1, Math.ceil(trials / Math.min(most, forAll, spread)))
  const even = chunks < workers ? chunks : workers * Math.ceil(chunks / workers)
  return Math.max(1, Math.ceil(trials / even))
}

function requireSize(given: number): number {
  if (Number.isInteger(given) && given > 0) return given
  throw new ConfigError('a chunk is a whole number of trials above 0', { field: 'chunkTrials', value: given })
}
