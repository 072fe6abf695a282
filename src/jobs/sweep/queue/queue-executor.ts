import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CheckError, DataError } from '../../../core/errors.js'
import type { Proposal } from '../../../research/samplers/sampler.js'
import type { TrialRow } from '../../../research/sweep/trial-row.js'
import { withDuckDB } from '../../../store/duckdb.js'
import { makeFolder } from '../../../store/files.js'
import type { Executor, OpenExecutor } from '../executor.js'
import type { SweepFolder } from '../sweep-store.js'
import { connectQueue, type QueueConnection } from './connection.js'
import { cutGeneration, paceOf } from './cut.js'
import { KEY_PREFIX, queueKey, rangeId, type Announcement } from './messages.js'
import { findParts, readCut, readPart, writeCut } from './parts.js'
import type { QueueAddress } from './queue-address.js'
import { openRangeQueue, type NamedRange, type RangeQueue } from './range-queue.js'
import { BEAT_MS, Register, sweepRegister, workerRegister, type PresentWorker } from './register.js'

const POLL_MS = 100
/** A worker says that a part is stored: a shared folder may show it so much later. */
const PART_SHOWN_MS = 60_000
/** So long Redis may take to forget a sweep. */
const LEAVE_MS = 5_000
const REFUSED_MS = 10_000

/** Who works at a sweep just now. */
export interface QueueStatus {
  readonly workers: number
  /** Their processors. */
  readonly threads: number
  /** Of the generation under way. */
  readonly jobs: number
  readonly jobsDone: number
}

export interface QueueExecutorOptions {
  readonly address: QueueAddress
  /** How long Redis is waited for once it is lost. */
  readonly lostForMs: number
  /** Where all workers that there are refuse, how long another one is waited for. Default: 10 s. */
  readonly refusedForMs?: number
  readonly onMessage: (text: string) => void
  readonly onStatus: (status: QueueStatus) => void
}

/**
 * Has trials run by whichever workers listen at a queue. Ids, ranges and points go through Redis; the workers store what came of them as parts in the sweep's folder,
 * which all must share. Fails with QueueError where Redis cannot be reached or stays lost.
 */
export function queueExecutor(options: QueueExecutorOptions): OpenExecutor {
  return async (_prepared, sweep) => {
    const { address, lostForMs, onMessage } = options
    const connection = await connectQueue(address, { lostForMs, onMessage })
    const folder = resolve(sweep.folder)
    const key = queueKey(sweep, folder)
    const queue = await openRangeQueue(connection, key)
    return new QueueExecutor(sweep, { sweepId: sweep.id, key, folder }, connection, queue, options)
  }
}

class QueueExecutor implements Executor {
  private readonly sweeps: Register<Announcement>
  private readonly workers: Register<PresentWorker>
  private readonly toldRefusals = new Set<string>()
  private readonly beating: NodeJS.Timeout
  private trialsPerSecond: number | undefined
  private asked: readonly NamedRange[] = []
  /** Parts go once their generation is stored: the next one is cut after that. */
  private stored: Promise<void> = Promise.resolve()
  private tellStored: () => void = () => undefined
  /** Since when nobody but workers who refuse is there. */
  private refusedSinceMs: number | undefined

  constructor(
    private readonly sweep: SweepFolder,
    private readonly announcement: Announcement,
    private readonly connection: QueueConnection,
    private readonly queue: RangeQueue,
    private readonly options: QueueExecutorOptions,
  ) {
    this.sweeps = sweepRegister(connection)
    this.workers = workerRegister(connection)
    const beat = (): void => {
      if (connection.client.status === 'ready')
        void this.sweeps.beat(announcement.key, announcement).catch(() => undefined)
    }
    beat()
    this.beating = setInterval(beat, BEAT_MS)
  }

  async evaluate(proposals: readonly Proposal[]): Promise<readonly TrialRow[]> {
    await this.stored
    this.stored = new Promise((resolve) => (this.tellStored = resolve))
    await makeFolder(this.sweep.partsFolder)
    this.asked = await this.rangesOf(proposals)
    await this.connection.during(this.askForMissing())
    await this.waitForParts()
    await this.connection.during(this.measurePace())
    const parts = await findParts(this.sweep)
    return withDuckDB(async (connection) => {
      const rows: TrialRow[] = []
      for (const range of this.asked)
        rows.push(...(await readPart(connection, this.sweep, parts.get(range.id) as string, range.proposals)))
      return rows
    })
  }

  /** The pieces of a generation: as it was cut before, else by how fast the workers are. */
  private async rangesOf(proposals: readonly Proposal[]): Promise<readonly NamedRange[]> {
    const first = proposals[0]?.number ?? 0
    let sizes = await readCut(this.sweep, first, proposals.length)
    if (sizes === undefined) {
      const serving = (await this.connection.during(this.workers.living())).filter((one) => this.isServing(one)) // prettier-ignore
      sizes = cutGeneration(proposals.length, {
        workers: serving.length,
        trialsPerSecond: this.trialsPerSecond,
      })
      await writeCut(this.sweep, first, sizes)
    }
    let from = 0
    return sizes.map((size) => {
      const range = { proposals: proposals.slice(from, (from += size)) }
      return { ...range, id: rangeId(this.sweep, range) }
    })
  }

  /** Jobs of an earlier attempt that are over but left no part are forgotten, so that they run anew. */
  private async askForMissing(): Promise<void> {
    const missing = await this.missing()
    const over = new Set([...(await this.queue.completed()), ...(await this.queue.failed())])
    await this.queue.forget(missing.map(({ id }) => id).filter((id) => over.has(id)))
    await this.queue.ask(missing)
  }

  private async missing(): Promise<readonly NamedRange[]> {
    const parts = await findParts(this.sweep)
    return this.asked.filter(({ id }) => !parts.has(id))
  }

  private async waitForParts(): Promise<void> {
    const unseenSinceMs = new Map<string, number>()
    for (;;) {
      const missing = await this.missing()
      if (missing.length === 0) return
      await this.connection.during(this.lookAfter(missing, unseenSinceMs))
      await delay(POLL_MS)
    }
  }

  /** Ends the wait where it would be in vain, and asks again for what the queue has forgotten: Redis may have been started anew, empty. */
  private async lookAfter(missing: readonly NamedRange[], unseenSinceMs: Map<string, number>): Promise<void> {
    const now = performance.now()
    const failed = new Set(await this.queue.failed())
    const lost = missing.find(({ id }) => failed.has(id))
    if (lost !== undefined) throw await this.failureOf(lost)
    const completed = new Set(await this.queue.completed())
    for (const range of missing) {
      if (!completed.has(range.id)) continue
      const since = unseenSinceMs.get(range.id) ?? now
      unseenSinceMs.set(range.id, since)
      if (now - since > PART_SHOWN_MS) throw await this.unseen(range)
    }
    if ((await this.queue.known()) < missing.length) await this.queue.ask(missing)
    await this.lookAtWorkers(now, missing.length)
  }

  private async lookAtWorkers(now: number, jobsMissing: number): Promise<void> {
    const present = await this.workers.living()
    const serving = present.filter((one) => this.isServing(one))
    const refusing = present.flatMap(({ name, refuses }) => {
      const reason = refuses[this.announcement.key]
      return reason === undefined ? [] : [{ name, reason }]
    })
    for (const { name, reason } of refusing) {
      if (this.toldRefusals.has(name)) continue
      this.toldRefusals.add(name)
      this.options.onMessage(`Worker ${name} refuses this sweep: ${reason}`)
    }
    const isHopeless = refusing.length > 0 && refusing.length === present.length
    this.refusedSinceMs = isHopeless ? (this.refusedSinceMs ?? now) : undefined
    const [first] = refusing
    if (first !== undefined && isHopeless && now - (this.refusedSinceMs ?? now) > (this.options.refusedForMs ?? REFUSED_MS))
      throw new CheckError(`no worker will run this sweep: ${first.name} refuses: ${first.reason}${refusing.length === 1 ? '' : `; so do ${refusing.length - 1} more`}`) // prettier-ignore
    this.options.onStatus({
      workers: serving.length,
      threads: serving.reduce((sum, { threads }) => sum + threads, 0),
      jobs: this.asked.length,
      jobsDone: this.asked.length - jobsMissing,
    })
  }

  private isServing({ serves }: PresentWorker): boolean {
    return serves === this.announcement.key
  }

  private async failureOf(range: NamedRange): Promise<DataError> {
    const { reason, attempts, worker } = await this.queue.failure(range.id)
    const who = worker === undefined ? '' : `, last by worker ${worker}`
    const tries = attempts > 1 ? `, tried ${attempts} times` : ''
    return new DataError(`${trialsText(range)} could not be run${tries}${who}: ${reason}`)
  }

  private async unseen(range: NamedRange): Promise<DataError> {
    const { worker = 'a worker' } = await this.queue.failure(range.id)
    return new DataError(`worker ${worker} says that it stored ${trialsText(range)}, and they are not here: do all machines see the same folder?`, { file: this.sweep.partsFolder }) // prettier-ignore
  }

  private async measurePace(): Promise<void> {
    const answers = await this.queue.answers(this.asked.map(({ id }) => id))
    const done = answers.flatMap((answer, at) =>
      answer === undefined ? [] : [{ trials: this.asked[at]?.proposals.length ?? 0, ms: answer.ms }],
    )
    this.trialsPerSecond = paceOf(done) ?? this.trialsPerSecond
  }

  async onStored(): Promise<void> {
    await this.sweep.removeParts()
    await this.connection.during(this.queue.forget(this.asked.map(({ id }) => id)))
    this.asked = []
    this.tellStored()
  }

  /**
   * Nothing of the sweep is left in Redis, unless it cannot be reached: no reason to lose a sweep. Parts of a generation that was not finished stay for whoever goes
   * on with it.
   */
  async close(): Promise<void> {
    clearInterval(this.beating)
    const leave = this.sweeps.remove(this.announcement.key).then(() => this.queue.destroy())
    const isLeft = await Promise.race([leave.then(() => true, () => false), delay(LEAVE_MS, false, { ref: false })]) // prettier-ignore
    if (!isLeft) this.options.onMessage(`Redis did not answer: keys that begin ${KEY_PREFIX}:${this.announcement.key} may be left there`) // prettier-ignore
    this.connection.close()
  }
}

function trialsText({ proposals }: NamedRange): string {
  const [first, last] = [proposals[0]?.number, proposals[proposals.length - 1]?.number]
  return first === last ? `trial ${first}` : `trials ${first} to ${last}`
}
