import { ConfigError } from '../core/errors.js'

/** Fewer trials than this are not worth computing their features once more only so that threads find work for a second time. */
const USUAL_LEAST_TRIALS = 64
/** Fewer than this are not worth computing them in another thread that has nothing else to do, unless their bars are many. */
const LEAST_TRIALS = 16
/** Outcomes of more than this are too much to keep at a time, unless their bars are few. */
const USUAL_MOST_TRIALS = 512
const MOST_TRIALS = 1_024
/**
 * Bars × trials that take a thread some 50 ms. Each chunk wakes two threads, and a system with as many threads as processors may put both that
 * work on one of them for 4 to 10 ms then.
 */
const LEAST_BAR_TRIALS = 2 ** 24
/** Some threads are faster than others: each should find work for a second time. */
const CHUNKS_PER_WORKER = 2
/** Neighbours that are dealt together. */
const HAND = 8

/** How a sweep is cut into the chunks that threads take one at a time. */
export class TrialChunks {
  /** Trials a chunk, but for a hand more or less where they are dealt. */
  readonly size: number
  readonly count: number
  private readonly trials: number
  private readonly dealt: number

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
    this.dealt = isDealt ? workers : 1
  }

  /** How many chunks share their trials: of those from this one on, the first of them. */
  dealtWith(first: number): number {
    return Math.min(this.dealt, this.count - first)
  }

  /** In order. */
  trialsOf(chunk: number): number[] {
    const { trials, size, dealt } = this
    const first = chunk - (chunk % dealt)
    const players = this.dealtWith(first)
    const hand = Math.min(HAND, size)
    const end = Math.min(trials, (first + players) * size)
    const found: number[] = []
    for (let from = first * size + (chunk - first) * hand; from < end; from += players * hand)
      for (let trial = from; trial < Math.min(from + hand, end); trial++) found.push(trial)
    return found
  }
}

/** Chunks of about equal size, and as many for each thread. */
function sizeFor(trials: number, workers: number, bars: number): number {
  const worthIt = Math.ceil(LEAST_BAR_TRIALS / bars)
  const least = Math.min(MOST_TRIALS, Math.max(USUAL_LEAST_TRIALS, worthIt))
  const most = Math.max(least, USUAL_MOST_TRIALS)
  const spread = Math.max(least, Math.ceil(trials / (CHUNKS_PER_WORKER * workers)))
  const forAll = Math.max(Math.min(LEAST_TRIALS, worthIt), Math.ceil(trials / workers))
  const chunks = Math.max(1, Math.ceil(trials / Math.min(most, forAll, spread)))
  const even = chunks < workers ? chunks : workers * Math.ceil(chunks / workers)
  return Math.max(1, Math.ceil(trials / even))
}

function requireSize(given: number): number {
  if (Number.isInteger(given) && given > 0) return given
  throw new ConfigError('a chunk is a whole number of trials above 0', { field: 'chunkTrials', value: given })
}
