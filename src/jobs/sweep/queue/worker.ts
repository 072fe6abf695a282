import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Job, Worker } from 'bullmq'
import { BaleenError, DataError } from '../../../core/errors.js'
import { withDuckDB } from '../../../store/duckdb.js'
import { TrialWorkers } from '../../trial-workers.js'
import { evaluateOn, type PreparedSweep } from '../prepare.js'
import { prepareStored, requireSameVersions } from '../stored-ground.js'
import { openSweep, type SweepFolder } from '../sweep-store.js'
import { connectQueue, type QueueConnection } from './connection.js'
import {
  KEY_PREFIX,
  queueKey,
  rangeId,
  type Announcement,
  type RangeDone,
  type TrialRange,
} from './messages.js'
import { writePart } from './parts.js'
import type { QueueAddress } from './queue-address.js'
import { BEAT_MS, Register, sweepRegister, workerRegister, type PresentWorker } from './register.js'

/** A job is renewed by its worker all the time; one that is not for so long belongs to a dead worker, and another takes it. */
const LOCK_MS = 6_000
const STALLED_CHECK_MS = 3_000
/** Workers that may die of one job before it has failed. */
const LOST_WORKERS = 5
const LOOK_MS = 250

export interface WorkerOptions {
  readonly address: QueueAddress
  /** How long Redis is waited for once it is lost. */
  readonly lostForMs: number
  /** Differs from those of all other workers. */
  readonly name: string
  readonly threads: number
  /** Ends after the first sweep that was served or refused. */
  readonly once: boolean
  /** Ends after so long without a job; undefined: never. */
  readonly idleMs: number | undefined
  /** Where the sweeps are on this machine; undefined: at the path that each sweep gives. */
  readonly sweepsFolder: string | undefined
  /** Where the data are on this machine; undefined: where each sweep found them. */
  readonly dataFolder: string | undefined
  /** Relative data folders of sweeps from elsewhere are looked up here too. */
  readonly workingFolder: string
  /** Finish the job under way, then end. */
  readonly finish: AbortSignal
  /** Give the job under way back to the queue, and end. */
  readonly giveBack: AbortSignal
  readonly onMessage: (text: string) => void
  readonly onJob: (text: string) => void
}

/** What a worker did. */
export interface WorkerReport {
  readonly worker: string
  readonly sweeps: readonly { readonly sweepId: string; readonly jobs: number; readonly trials: number }[]
  readonly refused: readonly { readonly sweepId: string; readonly reason: string }[]
}

/** Serves sweeps, one after another, the oldest first, until told to end. Fails with QueueError where Redis cannot be reached or stays lost. */
export async function runWorker(options: WorkerOptions): Promise<WorkerReport> {
  const { address, lostForMs, onMessage } = options
  const connection = await connectQueue(address, { lostForMs, onMessage })
  const worker = new QueueWorker(connection, options)
  try {
    return await worker.run()
  } finally {
    await worker.close()
    connection.close()
  }
}

interface Served {
  readonly announcement: Announcement
  readonly sweep: SweepFolder
  readonly prepared: PreparedSweep
}

class QueueWorker {
  private readonly sweeps: Register<Announcement>
  private readonly workers: Register<PresentWorker>
  private readonly pool: TrialWorkers
  private readonly counts = new Map<string, { sweepId: string; jobs: number; trials: number }>()
  private readonly refused = new Map<string, { readonly sweepId: string; readonly reason: string }>()
  private readonly beating: NodeJS.Timeout
  private serves: string | null = null
  /** The last sweep that was served is kept ready: its next generation may be some time off. */
  private ready: Served | undefined
  private isAtJob = false
  private lastJobMs = performance.now()

  constructor(
    private readonly connection: QueueConnection,
    private readonly options: WorkerOptions,
  ) {
    this.sweeps = sweepRegister(connection)
    this.workers = workerRegister(connection)
    this.pool = new TrialWorkers(options.threads)
    this.beating = setInterval(() => {
      if (connection.client.status === 'ready') void this.beat().catch(() => undefined)
    }, BEAT_MS)
  }

  async run(): Promise<WorkerReport> {
    await this.connection.during(this.beat())
    while (!this.isOver()) {
      const next = await this.nextSweep()
      if (next === undefined) {
        await delay(LOOK_MS)
        continue
      }
      const served = await this.prepare(next)
      if (served !== undefined) await this.serve(served)
      if (this.options.once) break
    }
    return this.report()
  }

  /** What it refused stays told for a while: a sweep that looks just now should not find nobody, and wait. */
  async close(): Promise<void> {
    clearInterval(this.beating)
    if (this.connection.client.status === 'ready') {
      const leave = this.refused.size > 0 ? this.beat() : this.workers.remove(this.options.name)
      await leave.catch(() => undefined)
    }
    await this.pool.close()
  }

  private report(): WorkerReport {
    return {
      worker: this.options.name,
      sweeps: [...this.counts.values()],
      refused: [...this.refused.values()],
    }
  }

  private isOver(): boolean {
    const { finish, giveBack, idleMs } = this.options
    const isIdle = idleMs !== undefined && !this.isAtJob && performance.now() - this.lastJobMs >= idleMs
    return finish.aborted || giveBack.aborted || isIdle
  }

  private beat(): Promise<void> {
    const { name, threads } = this.options
    const refuses = Object.fromEntries([...this.refused].map(([key, { reason }]) => [key, reason]))
    return this.workers.beat(name, { name, threads, serves: this.serves, refuses })
  }

  private async nextSweep(): Promise<Announcement | undefined> {
    const announced = await this.connection.during(this.sweeps.living())
    return announced.find(({ key }) => !this.refused.has(key))
  }

  /** Whatever keeps this worker from a sweep is a refusal that the sweep hears of, rather than silence. */
  private async prepare(announcement: Announcement): Promise<Served | undefined> {
    const { key, sweepId } = announcement
    if (this.ready?.announcement.key === key) return this.ready
    this.ready = undefined
    try {
      const { onMessage, workingFolder, dataFolder } = this.options
      const sweep = await this.openFolder(announcement)
      requireSameVersions(sweep)
      const prepared = await prepareStored(sweep, workingFolder, dataFolder)
      this.ready = { announcement, sweep, prepared }
      const synthetic = prepared.question.ground.data.synthetic ? ', SYNTHETIC DATA' : ''
      onMessage(`Serving sweep ${sweepId}${synthetic}: data and code are those of the sweep`)
      return this.ready
    } catch (error) {
      const reason = reasonOf(error)
      this.refused.set(key, { sweepId, reason })
      this.options.onMessage(`Refusing sweep ${sweepId}: ${reason}`)
      await this.connection.during(this.beat())
      return undefined
    }
  }

  private async openFolder({ folder, sweepId, key }: Announcement): Promise<SweepFolder> {
    const { sweepsFolder } = this.options
    const sweeps = sweepsFolder === undefined ? dirname(folder) : resolve(sweepsFolder)
    if (basename(folder) !== sweepId || !existsSync(resolve(sweeps, sweepId)))
      throw new DataError('the folder of the sweep is not there: do all machines see the same one? (--sweeps says where it is on this one)', { file: resolve(sweeps, sweepId) }) // prettier-ignore
    const sweep = await openSweep(sweeps, sweepId)
    if (queueKey(sweep, folder) !== key)
      throw new DataError('this is not the folder of the sweep but another one of its name: do all machines see the same one?', { file: sweep.folder }) // prettier-ignore
    return sweep
  }

  /** Takes jobs of the sweep until it asks for no more. */
  private async serve(served: Served): Promise<void> {
    const { key, sweepId } = served.announcement
    if (!this.counts.has(key)) this.counts.set(key, { sweepId, jobs: 0, trials: 0 })
    this.serves = key
    const { Worker: WorkerOf, WaitingError } = await import('bullmq')
    const worker: Worker<TrialRange, RangeDone> = new WorkerOf<TrialRange, RangeDone>(
      key,
      async (job, token) => {
        const done = await this.runJob(served, job)
        if (done !== undefined) return done
        await job.moveToWait(token)
        throw new WaitingError()
      },
      {
        connection: this.connection.client,
        prefix: KEY_PREFIX,
        name: this.options.name,
        concurrency: 1,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: LOST_WORKERS,
        runRetryDelay: 1_000,
        drainDelay: 1,
      },
    )
    worker.on('error', () => undefined)
    worker.on('failed', (job, error) => {
      this.options.onMessage(
        `Trials ${job === undefined ? '' : spanOf(job.data)} of ${sweepId} failed: ${error.message}`,
      )
    })
    try {
      await this.connection.during(this.beat())
      while (!this.isOver() && (await this.isWanted(key))) await delay(LOOK_MS)
    } finally {
      // Waits for the job under way; where Redis is gone for good there is nobody to tell.
      await this.connection.during(worker.close()).catch(() => worker.close(true))
      this.serves = null
      await this.tidy(key).catch(() => undefined)
    }
  }

  /** Its looking after lost jobs writes the queue's settings down anew, whoever has removed them: a sweep that is over leaves nothing. */
  private async tidy(key: string): Promise<void> {
    if (await this.isWanted(key)) return
    await this.connection.during(this.connection.client.del(`${KEY_PREFIX}:${key}:meta`, `${KEY_PREFIX}:${key}:stalled-check`)) // prettier-ignore
  }

  private async isWanted(key: string): Promise<boolean> {
    return (await this.connection.during(this.sweeps.living())).some((one) => one.key === key)
  }

  /** Undefined where the job is to be given back. */
  private async runJob(
    { announcement, sweep, prepared }: Served,
    { id, data }: Job<TrialRange, RangeDone>,
  ): Promise<RangeDone | undefined> {
    const { giveBack, onJob } = this.options
    if (giveBack.aborted) return undefined
    const range = rangeId(sweep, data)
    if (range !== id) throw new DataError('the trials of the job are not those that it is named after', { field: 'job', value: id }) // prettier-ignore
    this.isAtJob = true
    const startedMs = performance.now()
    try {
      const rows = await evaluateOn(this.pool, prepared, data.proposals, giveBack)
      const ms = performance.now() - startedMs
      const part = await withDuckDB((connection) => writePart(connection, sweep, range, rows))
      const count = this.counts.get(announcement.key)
      if (count !== undefined) {
        count.jobs++
        count.trials += rows.length
      }
      onJob(`Trials ${spanOf(data)} of ${sweep.id} in ${(ms / 1_000).toFixed(1)} s`)
      return { part, ms }
    } catch (error) {
      if (giveBack.aborted) return undefined
      throw error
    } finally {
      this.isAtJob = false
      this.lastJobMs = performance.now()
    }
  }
}

function spanOf({ proposals }: TrialRange): string {
  return `${proposals[0]?.number} to ${proposals[proposals.length - 1]?.number}`
}

function reasonOf(error: unknown): string {
  if (error instanceof BaleenError) return error.message
  return error instanceof Error
    ? `${error.message} (a bug in baleen, or the machine's refusal)`
    : String(error)
}
