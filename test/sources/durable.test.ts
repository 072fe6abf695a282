import type { FileHandle } from 'node:fs/promises'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerLog, storedBody, type StoredAnswer } from '../../src/sources/smart-money/answer-log.js'
import { RequestBudget } from '../../src/sources/smart-money/budget.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-durable-'))
afterAll(() => rmSync(root, { recursive: true }))

type Syncs = Record<'datasync' | 'sync', (this: FileHandle) => Promise<void>>

/** Holds each flush to the disk back until it is let go; a kill leaves what the kernel has, so that only this shows who waits for the disk. */
class HeldDisk {
  private readonly waiting: (() => void)[] = []
  private constructor(
    private readonly prototype: Syncs,
    private readonly own: Syncs,
  ) {}

  static async take(): Promise<HeldDisk> {
    const file = await open(join(root, 'any'), 'w')
    const prototype = Object.getPrototypeOf(file) as Syncs
    await file.close()
    const disk = new HeldDisk(prototype, { datasync: prototype.datasync, sync: prototype.sync })
    const held = (name: keyof Syncs) =>
      function (this: FileHandle): Promise<void> {
        return new Promise<void>((resolve) => disk.waiting.push(resolve)).then(() =>
          disk.own[name].call(this),
        )
      }
    Object.assign(prototype, { datasync: held('datasync'), sync: held('sync') })
    return disk
  }

  /** Lets all flushes go that come while work is done; answers how many there were. */
  async letGo(work: Promise<unknown>): Promise<number> {
    let [flushes, isDone] = [0, false]
    void work.finally(() => (isDone = true))
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift(), flushes++) next()
    }
    return flushes
  }

  /** Long enough for anything that does not wait for the disk. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2))
  }

  giveBack(): void {
    Object.assign(this.prototype, this.own)
  }
}

const answer: StoredAnswer = { fetchedAt: Date.UTC(2026, 0, 1), url: 'http://127.0.0.1/v1/x', params: {}, status: 200, headers: {}, ...storedBody(Buffer.from('{}')) } // prettier-ignore

describe('nothing is acknowledged before the disk has it', () => {
  let disk: HeldDisk
  beforeAll(async () => {
    disk = await HeldDisk.take()
  })
  afterAll(() => disk.giveBack())

  const watch = async (work: Promise<unknown>): Promise<number> => {
    let isAcknowledged = false
    void work.then(() => (isAcknowledged = true))
    await disk.settle()
    expect(isAcknowledged).toBe(false)
    return disk.letGo(work)
  }

  it('an answer, in a new file and in one that is there', async () => {
    const log = answerLog(join(root, 'answers'))
    // The lines, and of a new file its name.
    expect(await watch(log.add(answer))).toBeGreaterThanOrEqual(2)
    expect(await watch(log.add({ ...answer, fetchedAt: answer.fetchedAt + 1 }))).toBeGreaterThanOrEqual(1)
    expect(readFileSync(join(root, 'answers', '2026-01-01.ndjson'), 'utf8').trim().split('\n')).toHaveLength(2) // prettier-ignore
  })

  it('a request that is taken from the budget', async () => {
    const budget = await RequestBudget.open(join(root, 'budget.json'), { perMinute: 5, perDay: 50 })
    expect(await watch(budget.take(answer.fetchedAt))).toBeGreaterThanOrEqual(2)
  })
})
