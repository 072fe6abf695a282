import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { ConfigError } from '../core/errors.js'
import { newRooms, type RoomForReturns } from '../engine/room-for-returns.js'
import { wholeDays } from '../engine/timeline.js'
import type { TrialOutcome } from '../engine/trials.js'
import { ChunkClaims } from './chunk-claims.js'
import { entryFile } from './code-entry.js'
import { outcomesInOrder, type ArrivedOutcomes } from './packed-outcomes.js'
import { packParams } from './packed-params.js'
import { returnsAt, returnsRing, type ReturnsRing } from './returns-ring.js'
import { onSharedMemory } from './shared-memory.js'
import { barsOf, cutTrials, TrialChunks, type ChunkCut } from './trial-chunks.js'
import {
  unpackError,
  type FromWorker,
  type RunOfTrials,
  type ToWorker,
  type TrialJob,
  type TrialParams,
} from './trial-messages.js'

export type { TrialParams } from './trial-messages.js'

/**
 * Young objects of a thread, MB; 48 by default. What a chunk makes then fits into the part that is free when the collector asks for a quiet moment, so that it comes by when the chunk
 * has gone: in the midst of one it would copy all its compiled strategies, twice, to where only full collections look. See `cutTrials`.
 */
const YOUNG_MEGABYTES = 96

export interface ParallelTrialOptions
  extends
    Omit<TrialJob, 'preset' | 'policies' | 'keepsFailures'>,
    Partial<Pick<TrialJob, 'preset' | 'policies'>> {
  /** One a trial. */
  readonly params: readonly TrialParams[]
  /**
   * Bars by which the signal of each trial is moved on, in a circle over the bars of the run (`SignalShifts`); by default not at all. Trials with the same params
   * that follow one another compute their columns once.
   */
  readonly signalShifts?: readonly number[]
  /**
   * Trials that a thread takes at a time: larger chunks share more features, smaller ones spread better. Default: 512 at the most, and fewer towards the end (`cutTrials`). As many
   * chunks as there are threads share their trials, some neighbours at a time, so that a chunk may have a few more or fewer.
   */
  readonly chunkTrials?: number
  /** Told of each trial that fails, between the outcomes of its neighbours. Default: the first one ends the run with its error. */
  readonly onFailure?: (trial: number, error: Error) => void
  /**
   * Daily returns are lent: they are those of the trial until `onOutcome` returns, and of another trial later. For whoever only reads them there; that costs no memory. Default: they
   * lie in memory of their own.
   */
  readonly lendsReturns?: boolean
  /** Ends the run, and with it the threads, with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Threads that run trials. Trials are independent, so that outcomes are the same, bit for bit, for any number of threads; they are
 * delivered in the order of the trials. Threads stay, warm, from one run to the next until `close`.
 */
export class TrialWorkers {
  private workers: Worker[] = []
  private isRunning: boolean = false
  /** Of the run before. */
  private returns: ReturnsRing | undefined

  /** @param count number of threads; default: one a processor */
  constructor(readonly count: number = availableParallelism()) {
    if (Number.isInteger(count) && count > 0) return
    throw new ConfigError('the number of threads is a whole number above 0', {
      field: 'workers',
      value: count,
    })
  }

  /**
   * Runs one trial for each set of params. Rejects with the error of the first chunk that fails, with what `onOutcome` throws, or with the
   * reason of the signal; outcomes before that are delivered, none after it, and the threads are gone.
   */
  async run(options: ParallelTrialOptions, onOutcome: (outcome: TrialOutcome) => void): Promise<void> {
    if (this.isRunning) throw new Error('these workers are running trials already')
    options.signal?.throwIfAborted()
    this.isRunning = true
    try {
      while (this.workers.length < this.count) this.workers.push(startWorker())
      const run = new TrialRun(this.workers, options, onOutcome, this.returns)
      this.returns = run.returns
      try {
        await run.start()
      } catch (error) {
        await this.close()
        throw error
      } finally {
        run.forget()
      }
    } finally {
      this.isRunning = false
    }
  }

  /** Ends the threads; a later run starts new ones. */
  async close(): Promise<void> {
    const workers = this.workers
    this.workers = []
    this.returns = undefined
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Runs trials on threads that are started for it and ended after it; see `TrialWorkers`. */
export async function runTrialsInParallel(
  options: ParallelTrialOptions & { readonly workers?: number },
  onOutcome: (outcome: TrialOutcome) => void,
): Promise<void> {
  const { workers, ...rest } = options
  const pool = new TrialWorkers(workers)
  try {
    await pool.run(rest, onOutcome)
  } finally {
    await pool.close()
  }
}

/** One sweep: threads take chunks by themselves; what they answer is delivered in order. */
class TrialRun {
  private readonly finished: Promise<void>
  readonly returns: ReturnsRing
  private readonly room: RoomForReturns = newRooms()
  private readonly cut: ChunkCut
  private readonly chunks: TrialChunks
  private readonly claims = new ChunkClaims()
  private readonly answers = new Map<number, DoneChunk | FailedChunk>()
  private readonly cleanUps: (() => void)[] = []
  private readonly idle = new Set<Worker>()
  private delivered = 0
  /** No chunk from here on is wanted: there is none, or one before it has failed. */
  private endChunk: number
  private isOver = false
  private resolve!: () => void
  private reject!: (error: unknown) => void

  constructor(
    private readonly workers: readonly Worker[],
    private readonly options: ParallelTrialOptions,
    private readonly onOutcome: (outcome: TrialOutcome) => void,
    before: ReturnsRing | undefined,
  ) {
    const { params, market, chunkTrials, signalShifts } = options
    if (signalShifts !== undefined && signalShifts.length !== params.length)
      throw new ConfigError('there is one shift of signals for each trial', { field: 'signalShifts', value: signalShifts.length, unit: 'shifts' }) // prettier-ignore
    // Trials that differ by their shift alone stay together: their columns are computed once.
    const isDealt = signalShifts === undefined
    this.cut = cutTrials(params.length, workers.length, barsOf(market), isDealt, chunkTrials)
    this.chunks = new TrialChunks(this.cut)
    this.endChunk = this.chunks.count
    this.returns = returnsRing(this.cut, wholeDays(market.timeline), before?.memory)
    this.finished = new Promise<void>((resolve, reject) => {
      this.resolve = resolve
      this.reject = (error) => {
        this.isOver = true
        reject(error)
      }
    })
  }

  /** Resolves when all outcomes have been delivered. */
  start(): Promise<void> {
    try {
      if (this.chunks.count === 0) this.resolve()
      else this.begin()
    } catch (error) {
      this.reject(error)
    }
    return this.finished
  }

  private begin(): void {
    const { signal } = this.options
    if (signal !== undefined) this.rejectOnAbort(signal)
    const run = this.runOfTrials()
    this.goOn()
    for (const worker of this.workers) {
      this.listen(worker)
      send(worker, { kind: 'run', run })
    }
  }

  /** Listens to the threads no more. Until then errors of threads that are being ended are heard, and no surprise to the process. */
  forget(): void {
    for (const cleanUp of this.cleanUps) cleanUp()
  }

  private runOfTrials(): RunOfTrials {
    const { params, signalShifts } = this.options
    return onSharedMemory({
      job: jobOf(this.options),
      params: packParams(params),
      ...(signalShifts !== undefined && { signalShifts: Float64Array.from(signalShifts) }),
      cut: this.cut,
      claims: this.claims.memory,
      returns: this.returns,
    })
  }

  private rejectOnAbort(signal: AbortSignal): void {
    const abort = (): void => this.reject(signal.reason)
    signal.addEventListener('abort', abort)
    this.cleanUps.push(() => signal.removeEventListener('abort', abort))
  }

  private listen(worker: Worker): void {
    const onMessage = (message: FromWorker): void => {
      if (this.isOver) return
      try {
        this.take(worker, message)
      } catch (error) {
        this.reject(error)
      }
    }
    const onError = (error: unknown): void => this.reject(error)
    const onExit = (code: number): void =>
      this.reject(new Error(`a thread that ran trials ended by itself (exit code ${code})`))
    worker.on('message', onMessage).on('messageerror', onError).on('error', onError).on('exit', onExit)
    this.cleanUps.push(() =>
      worker.off('message', onMessage).off('messageerror', onError).off('error', onError).off('exit', onExit),
    )
  }

  private take(worker: Worker, message: FromWorker): void {
    if (message.kind === 'idle') this.idle.add(worker)
    else this.answers.set(message.chunk, message)
    if (message.kind === 'failed') this.endChunk = Math.min(this.endChunk, message.chunk)
    this.goOn()
    this.deliver()
  }

  /** Lets threads take what may be at work by now, and wakes those that have found nothing. */
  private goOn(): void {
    this.claims.endAt(Math.min(this.endChunk, this.delivered + this.returns.chunks))
    if (!this.claims.hasMore) return
    for (const idle of this.idle) send(idle, { kind: 'go-on' })
    this.idle.clear()
  }

  /** Outcomes of chunks among which trials were dealt go out together; those before the first trial of a chunk that failed, too. */
  private deliver(): void {
    while (this.delivered < this.chunks.count) {
      const dealt = this.answersFrom(this.delivered)
      if (dealt === undefined) return
      const { done, failed } = dealt
      const end = failed === undefined ? Infinity : (this.chunks.trialsOf(failed.chunk)[0] as number)
      const failures = done.flatMap((answer) => answer.failures).sort((a, b) => a.trial - b.trial)
      const tellFailuresBefore = (trial: number): void => {
        for (let next = failures[0]; next !== undefined && next.trial < trial; next = failures[0]) {
          this.options.onFailure?.(next.trial, unpackError(next.error))
          failures.shift()
        }
      }
      for (const outcome of outcomesInOrder(done.map((answer) => this.arrived(answer)))) {
        if (outcome.trial >= end) break
        this.options.signal?.throwIfAborted()
        tellFailuresBefore(outcome.trial)
        this.onOutcome(outcome)
      }
      tellFailuresBefore(end)
      if (failed !== undefined) throw unpackError(failed.error)
      this.delivered += done.length
      this.goOn()
    }
    this.resolve()
  }

  private arrived({ chunk, outcomes }: DoneChunk): ArrivedOutcomes {
    const { returns, room } = this
    if (this.options.lendsReturns === true)
      return { outcomes, returnsOf: (row) => returnsAt(returns, chunk, row) }
    return {
      outcomes,
      returnsOf: (row) => {
        const own = room(returns.days)
        own.set(returnsAt(returns, chunk, row))
        return own
      },
    }
  }

  /** Answers of the chunks that were dealt with this one, the first of them, up to one that failed; undefined as long as one before that is missing. */
  private answersFrom(
    first: number,
  ): { readonly done: readonly DoneChunk[]; readonly failed?: FailedChunk } | undefined {
    const end = first + this.chunks.dealtWith(first)
    const done: DoneChunk[] = []
    for (let chunk = first; chunk < end; chunk++) {
      const answer = this.answers.get(chunk)
      if (answer === undefined) return undefined
      if (answer.kind === 'failed') return { done, failed: answer }
      done.push(answer)
    }
    for (let chunk = first; chunk < end; chunk++) this.answers.delete(chunk)
    return { done }
  }
}

type FailedChunk = Extract<FromWorker, { readonly kind: 'failed' }>
type DoneChunk = Extract<FromWorker, { readonly kind: 'done' }>

function jobOf(options: ParallelTrialOptions): TrialJob {
  const { strategyFile, preset = 'default', policies = {}, market } = options
  const { keepTrades, scanner, path, batchTrials, tileSlots } = options
  return {
    strategyFile,
    preset,
    policies,
    market,
    ...(options.onFailure !== undefined && { keepsFailures: true }),
    ...(keepTrades !== undefined && { keepTrades }),
    ...(scanner !== undefined && { scanner }),
    ...(path !== undefined && { path }),
    ...(batchTrials !== undefined && { batchTrials }),
    ...(tileSlots !== undefined && { tileSlots }),
  }
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message)
}

function startWorker(): Worker {
  return new Worker(threadCode(), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  })
}

/** The thread's code as it was built, or its TypeScript, which the thread must first learn to read. */
function threadCode(): URL {
  const file = entryFile('jobs/trial-worker')
  if (file.endsWith('.js')) return pathToFileURL(file)
  const source = pathToFileURL(file).href
  const code = [
    `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}`,
    `register({ tsconfig: false })`,
    `await import(${JSON.stringify(source)})`,
  ]
  return new URL(`data:text/javascript,${encodeURIComponent(code.join('\n'))}`)
}
