import type { Market } from '../engine/simulation.js'
import { BATCH_OF_ONE_TILE, BATCH_TRIALS, tileFor } from '../engine/trials.js'
import type { CompiledDefinition } from '../strategy/compile.js'

/** Bytes that V8 gives to what a trial is made of, as measured on Node 20, rounded up. */
const BYTES = {
  trial: 8_000,
  trialAndInstrument: 16_000,
  outcome: 2_000,
  thread: 112e6,
  base: 100e6,
} as const

export interface TrialMemoryPlan {
  readonly trials: number
  /** Distinct features of a batch: see `distinctFeatures`. */
  readonly features: number
  readonly batchTrials?: number
  readonly tileSlots?: number
  /** Threads that run batches side by side. Default: none but the one that asks. */
  readonly workers?: number
  /** Every outcome is kept, daily returns included. Default: each is used as it comes. */
  readonly keepsOutcomes?: boolean
}

/** Bytes. */
export interface TrialMemory {
  /** Columns of the market, once for all threads. */
  readonly market: number
  /** Features of the tiles that are loaded. */
  readonly tiles: number
  /** Books, runs of signals and day edges of the batches under way. */
  readonly batches: number
  /** Outcomes that are kept, or on their way from a batch. */
  readonly outcomes: number
  /** Code and heaps of the process and of each thread. */
  readonly process: number
  readonly total: number
}

/**
 * How much memory a sweep will take, rounded up rather than down: it follows tile and batch, not the number of trials, unless outcomes are
 * kept. Trades that are kept come on top.
 */
export function trialMemory(market: Market, plan: TrialMemoryPlan): TrialMemory {
  const slots = market.timeline.openTime.length
  const { trials, features, tileSlots = tileFor(slots), workers: threads = 0 } = plan
  const workers = Math.max(1, threads)
  const instruments = market.tracks.length
  const days = market.timeline.midnights.length + 1
  const most = tileSlots < slots ? BATCH_TRIALS : BATCH_OF_ONE_TILE.trials
  const batch = Math.min(trials, plan.batchTrials ?? most)
  const kept = plan.keepsOutcomes === true ? trials : Math.min(trials, batch * workers)
  const memory = {
    market: columnBytes(market),
    tiles: workers * instruments * features * Math.min(tileSlots + 1, slots) * 8,
    batches: workers * batch * (BYTES.trial + instruments * BYTES.trialAndInstrument + days * 8),
    outcomes: kept * (BYTES.outcome + days * 8),
    process: BYTES.base + threads * BYTES.thread,
  }
  const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0)
  return { ...memory, total }
}

/** Features that these trials compute, each distinct one once. */
export function distinctFeatures(trials: readonly CompiledDefinition[]): number {
  return new Set(trials.flatMap(({ program }) => program.plan().nodes.map(({ key }) => key))).size
}

/** Bytes of all numeric columns that something holds, each piece of memory once. */
function columnBytes(held: unknown): number {
  const buffers = new Set<{ readonly byteLength: number }>()
  const seen = new Set<object>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Float64Array || value instanceof Int32Array) buffers.add(value.buffer)
    else Object.values(value).forEach(look)
  }
  look(held)
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
}
