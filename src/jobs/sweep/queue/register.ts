import type { QueueConnection } from './connection.js'
import { KEY_PREFIX, type Announcement } from './messages.js'

/** How often a record says that its owner lives, and how long one is believed that does not. */
export const BEAT_MS = 1_000
const BELIEVED_MS = 15_000

/** A worker that listens. */
export interface PresentWorker {
  readonly name: string
  readonly threads: number
  /** Key of the sweep that it serves; null while it waits for one. */
  readonly serves: string | null
  /** Keys of sweeps that it will not serve, and why. */
  readonly refuses: Readonly<Record<string, string>>
}

/**
 * Records in Redis that vanish by themselves when their owner dies, however it dies: each has a life of its own, renewed by `beat`. Ordered by when they were first
 * made, by the clock of Redis, so that clocks of machines do not matter.
 */
export class Register<T> {
  private readonly index: string

  constructor(
    private readonly connection: QueueConnection,
    name: string,
  ) {
    this.index = `${KEY_PREFIX}:${name}`
  }

  async beat(name: string, record: T): Promise<void> {
    const { client } = this.connection
    const [seconds, micros] = await client.time()
    await client
      .multi()
      .zadd(this.index, 'NX', Number(seconds) * 1e6 + Number(micros), name)
      .set(this.keyOf(name), JSON.stringify(record), 'PX', BELIEVED_MS)
      .exec()
  }

  async remove(name: string): Promise<void> {
    await this.connection.client.multi().zrem(this.index, name).del(this.keyOf(name)).exec()
  }

  /** Records whose owners live, the oldest first. Those of others are forgotten. */
  async living(): Promise<readonly T[]> {
    const { client } = this.connection
    const names = await client.zrange(this.index, 0, -1)
    if (names.length === 0) return []
    const texts = await client.mget(names.map((name) => this.keyOf(name)))
    const dead = names.filter((_, at) => texts[at] === null)
    if (dead.length > 0) await client.zrem(this.index, ...dead)
    return texts.flatMap((text) => (text === null || text === undefined ? [] : [JSON.parse(text) as T]))
  }

  private keyOf(name: string): string {
    return `${this.index}:${name}`
  }
}

/** Sweeps that ask for workers. */
export function sweepRegister(connection: QueueConnection): Register<Announcement> {
  return new Register(connection, 'sweeps')
}

/** Workers that listen. */
export function workerRegister(connection: QueueConnection): Register<PresentWorker> {
  return new Register(connection, 'workers')
}
