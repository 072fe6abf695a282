import type { Market } from '../engine/simulation.js'
import { wholeDays } from '../engine/timeline.js'
import { barsOf, cutTrials, TrialChunks, type ChunkCut } from './trial-chunks.js'

/** Chunks of a run, for each thread, that may be at work or wait to be delivered. */
const CHUNKS_AHEAD = 4

/**
 * Shared memory for the daily returns of the chunks that are on their way: a thread writes those of its chunk, the thread that delivers reads them there, and the next chunk has the
 * place of one that has been delivered. No memory comes and goes with a trial, which costs more than to calculate its returns, and of which a collector takes so much to be a reason
 * for full collections.
 */
export interface ReturnsRing {
  readonly memory: Float64Array
  /** Chunks on their way, at most: no chunk may be taken before the one that is so many before it has been delivered. */
  readonly chunks: number
  /** Trials of a chunk, at most. */
  readonly chunkTrials: number
  /** Of each trial. */
  readonly days: number
}

/** Memory for one run, which may be that of a run that is over. */
export function returnsRing(cut: ChunkCut, days: number, used?: Float64Array): ReturnsRing {
  const { chunks, chunkTrials } = sizeOf(cut)
  const length = chunks * chunkTrials * days
  const memory =
    used !== undefined && used.length >= length
      ? used
      : new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT))
  return { memory, chunks, chunkTrials, days }
}

/** Bytes of it that are written to, of so many trials. */
export function ringBytes(market: Market, trials: number, workers: number, isDealt: boolean): number {
  const { chunks, chunkTrials } = sizeOf(cutTrials(trials, workers, barsOf(market), isDealt))
  return Math.min(trials, chunks * chunkTrials) * wholeDays(market.timeline) * Float64Array.BYTES_PER_ELEMENT
}

function sizeOf(cut: ChunkCut): Pick<ReturnsRing, 'chunks' | 'chunkTrials'> {
  const { count, most } = new TrialChunks(cut)
  return { chunks: Math.min(CHUNKS_AHEAD * cut.workers, count), chunkTrials: most }
}

/** The daily returns of one trial of a chunk, by its place among those of the chunk that have any. */
export function returnsAt(
  { memory, chunks, chunkTrials, days }: ReturnsRing,
  chunk: number,
  row: number,
): Float64Array {
  if (row >= chunkTrials) throw new RangeError(`a chunk has no more than ${chunkTrials} trials`)
  const from = ((chunk % chunks) * chunkTrials + row) * days
  return memory.subarray(from, from + days)
}
