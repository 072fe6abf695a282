import type { Queue } from 'bullmq'
import type { QueueConnection } from './connection.js'
import { KEY_PREFIX, type RangeDone, type TrialRange } from './messages.js'

/** A job that throws is tried again after 1 s, then 2 s; then it has failed. */
const ATTEMPTS = 3
const BACK_OFF_MS = 1_000
const JOB_NAME = 'trials'

/** A range of trials that is wanted, under the name of its job. */
export interface NamedRange extends TrialRange {
  readonly id: string
}

export interface FailedRange {
  readonly id: string
  readonly reason: string
  readonly attempts: number
  /** Undefined where no worker said so. */
  readonly worker: string | undefined
}

/** Opens the queue of one sweep. Loads BullMQ only now. */
export async function openRangeQueue(connection: QueueConnection, key: string): Promise<RangeQueue> {
  const { Queue: QueueOf } = await import('bullmq')
  const queue = new QueueOf<TrialRange, RangeDone>(key, {
    connection: connection.client,
    prefix: KEY_PREFIX,
    skipMetasUpdate: true,
  })
  // What became of the connection is told elsewhere, once.
  queue.on('error', () => undefined)
  return new RangeQueue(connection, queue, key)
}

/** The queue of one sweep, as the sweep sees it. Asking for a range that is asked for already changes nothing. */
export class RangeQueue {
  constructor(
    private readonly connection: QueueConnection,
    private readonly queue: Queue<TrialRange, RangeDone>,
    private readonly key: string,
  ) {}

  async ask(ranges: readonly NamedRange[]): Promise<void> {
    await this.queue.addBulk(
      ranges.map(({ id, proposals }) => ({
        name: JOB_NAME,
        data: { proposals },
        opts: { jobId: id, attempts: ATTEMPTS, backoff: { type: 'exponential', delay: BACK_OFF_MS } },
      })),
    )
  }

  /** Jobs that are over, one way or the other, are forgotten, so that they can be asked for anew; those that a worker holds stay. */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.queue.remove(id)
  }

  async completed(): Promise<readonly string[]> {
    return this.queue.getRanges(['completed'], 0, -1)
  }

  async failed(): Promise<readonly string[]> {
    return this.queue.getRanges(['failed'], 0, -1)
  }

  /** How many jobs the queue knows, in whatever state. */
  async known(): Promise<number> {
    return this.queue.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed') // prettier-ignore
  }

  async failure(id: string): Promise<FailedRange> {
    const job = await this.queue.getJob(id)
    return {
      id,
      reason: wordsOf(job?.failedReason),
      attempts: job?.attemptsMade ?? 0,
      worker: job?.processedBy,
    }
  }

  /** What workers said of ranges that are done, as far as they have said it yet. */
  async answers(ids: readonly string[]): Promise<readonly (RangeDone | undefined)[]> {
    return Promise.all(ids.map(async (id) => (await this.queue.getJob(id))?.returnvalue ?? undefined))
  }

  /** Removes the queue with all of its jobs; workers who are at one of them find that out when they answer. */
  async destroy(): Promise<void> {
    // BullMQ's own way pauses the queue first: a sweep that ended in between would find it paused when it is resumed.
    const { client } = this.connection
    for (let cursor = '0'; ;) {
      const [next, keys] = await client.scan(cursor, 'MATCH', `${KEY_PREFIX}:${this.key}:*`, 'COUNT', 1_000)
      if (keys.length > 0) await client.del(...keys)
      if (next === '0') return
      cursor = next
    }
  }
}

/** BullMQ's own words for a job whose worker was lost again and again, said as what must have happened. */
function wordsOf(reason: string | undefined): string {
  if (reason === undefined || reason === '') return 'the queue does not say why'
  return reason.startsWith('job stalled more than')
    ? 'every worker that took them died or hung: was one out of memory?'
    : reason
}
