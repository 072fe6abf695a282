import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckError, DataError } from '../../../src/core/errors.js'
import { type Json, summedJson, unsummed } from '../../../src/jobs/json.js'
import { versions } from '../../../src/jobs/package-info.js'
import { runSweep, type FinishedSweep, type RunSweepOptions } from '../../../src/jobs/sweep/run-sweep.js'
import { parseQueueAddress, QueueError } from '../../../src/jobs/sweep/queue/queue-address.js'
import { queueExecutor, type QueueExecutorOptions, type QueueStatus } from '../../../src/jobs/sweep/queue/queue-executor.js' // prettier-ignore
import { runWorker, type WorkerOptions, type WorkerReport } from '../../../src/jobs/sweep/queue/worker.js'
import { freePort, REDIS, startRedis, type TestRedis } from '../../redis.js'
import { requireComponent } from '../../require.js'
import { bytesOf, CROSSES, sweepBench, type SweepBench } from './sweep-bench.js'

const PASSWORD = 'k3ep-th1s'
const root = mkdtempSync(join(tmpdir(), 'baleen-queue-'))
const SMALL = { trials: 30, generationTrials: 12 }
/** A thread that runs a trial of it ends. */
const ENDS = CROSSES.replace('if (p.fast === 7)', 'if (!isMainThread) process.exit(3)\n    if (p.fast === 7)').replace("from 'baleen'\n", "from 'baleen'\nimport { isMainThread } from 'node:worker_threads'\n") // prettier-ignore
/** Each trial of it takes its time in a thread. */
const WAITS = CROSSES.replace('if (p.fast === 7)', 'if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)\n    if (p.fast === 7)').replace("from 'baleen'\n", "from 'baleen'\nimport { isMainThread } from 'node:worker_threads'\n") // prettier-ignore
/** All that anybody was told, to be searched for the password. */
const told: string[] = []

let bench: SweepBench
let redis: TestRedis

describe('an address of a queue', () => {
  it.each([
    ['redis://host', 'redis://host:6379/0'],
    ['redis://host:7000/3', 'redis://host:7000/3'],
    ['redis://user:se%40cret@host/2', 'redis://host:6379/2'],
    ['rediss://:secret@[::1]:7000', 'rediss://[::1]:7000/0'],
  ])('%s is told as %s', (text, expected) => {
    expect(parseQueueAddress(text).text).toBe(expected)
  })

  it('gives user, password and host as they are meant', () => {
    expect(parseQueueAddress('redis://me:p%40ss@[::1]:7000/3')).toMatchObject({ host: '::1', port: 7_000, database: 3, username: 'me', password: 'p@ss', isEncrypted: false }) // prettier-ignore
    expect(parseQueueAddress('redis://host', 'apart').password).toBe('apart')
  })

  it.each([
    'host:6379',
    'http://:s3cret@host',
    'redis://:s3c/ret@host',
    'redis://host/x',
    's3cret@host',
    'redis:/:s3cret@host',
    'redis://:s3cret@host/1?x=s3cret',
  ])('%s is refused without its password', (text) => {
    const message = messageOf(() => parseQueueAddress(text))
    expect(message).toMatch(/a queue is redis:\/\/host:port\/database .*field --queue/)
    if (!text.includes('?')) expect(message).not.toMatch(/s3c/)
  })

  function messageOf(work: () => unknown): string {
    try {
      work()
    } catch (error) {
      return (error as Error).message
    }
    return 'nothing was thrown'
  }
})

describe('Redis clients', () => {
  it('are loaded by those who use a queue alone', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')) // prettier-ignore
    const loading = files.filter((name) =>
      readFileSync(join('src', name), 'utf8')
        .split(/\n(?=import |export )/)
        .some((one) => /^import (?!type )[^']* from '(bullmq|ioredis)'/.test(one)),
    )
    expect(loading).toEqual([])
  })
})

requireComponent('redis-server', REDIS !== undefined)('a sweep by workers at a queue', () => {
  beforeAll(async () => {
    redis = await startRedis(PASSWORD)
    bench = await sweepBench(root)
  })
  afterAll(async () => {
    await redis.kill()
    rmSync(root, { recursive: true, force: true })
  })

  /** Databases of their own keep tests apart. */
  let database = 0
  function queue(more: Partial<QueueExecutorOptions> = {}): QueueExecutorOptions {
    return { address: parseQueueAddress(redis.url(database)), lostForMs: 20_000, refusedForMs: 500, onMessage: (text) => told.push(text), onStatus: () => undefined, ...more } // prettier-ignore
  }

  interface RunningWorker {
    readonly report: Promise<WorkerReport>
    end(): Promise<WorkerReport>
  }

  function worker(name: string, more: Partial<WorkerOptions> = {}): RunningWorker {
    const finish = new AbortController()
    const report = runWorker({
      address: parseQueueAddress(redis.url(database)), lostForMs: 20_000, name, threads: 1, once: false, idleMs: undefined, sweepsFolder: undefined, dataFolder: undefined,
      workingFolder: root, finish: finish.signal, giveBack: new AbortController().signal, onMessage: (text) => told.push(text), onJob: (text) => told.push(text), ...more,
    }) // prettier-ignore
    report.catch(() => undefined)
    return { report, end: () => (finish.abort(), report) }
  }

  function options(place: string, more: Partial<QueueExecutorOptions> = {}): RunSweepOptions {
    const plain = bench.options(place)
    return { ...plain, created: { ...plain.created, versions: versions() }, openExecutor: queueExecutor(queue(more)) } // prettier-ignore
  }

  async function keysLeft(): Promise<readonly string[]> {
    const client = new Redis(redis.url(database))
    const keys = await client.keys('*')
    client.disconnect()
    // Of a worker that has just come: it vanishes by itself within seconds.
    return keys.filter((key) => !/^baleen:workers|:stalled-check$/.test(key))
  }

  /** What a sweep by threads of this process stores of the same question. */
  const locals = new Map<string, Record<string, string>>()
  async function local(sampler: 'sobol' | 'tpe'): Promise<Record<string, string>> {
    const known = locals.get(sampler)
    if (known !== undefined) return known
    const place = bench.place()
    const ready = await bench.prepared(bench.asked(sampler, SMALL))
    const plain = bench.options(place)
    const bytes = bytesOf(
      await runSweep(ready, { ...plain, created: { ...plain.created, versions: versions() } }),
    )
    locals.set(sampler, bytes)
    return bytes
  }

  it('gives the bytes of a local one, by sobol and tpe, with one worker and two, which serve one sweep after another', async () => {
    const expected = { sobol: await local('sobol'), tpe: await local('tpe') }
    const statuses: QueueStatus[] = []
    const first = worker('first')
    const sweepOf = async (sampler: 'sobol' | 'tpe'): Promise<FinishedSweep> => {
      const ready = await bench.prepared(bench.asked(sampler, SMALL))
      return runSweep(ready, options(bench.place(), { onStatus: (status) => statuses.push(status) }))
    }
    for (const sampler of ['sobol', 'tpe'] as const)
      expect(bytesOf(await sweepOf(sampler))).toEqual(expected[sampler])
    const second = worker('second')
    for (const sampler of ['sobol', 'tpe'] as const)
      expect(bytesOf(await sweepOf(sampler))).toEqual(expected[sampler])
    const [one, two] = [await first.end(), await second.end()]
    expect(await keysLeft()).toEqual([])
    expect(statuses.some(({ workers }) => workers === 0)).toBe(true)
    expect(statuses.some(({ workers, threads }) => workers === 2 && threads === 2)).toBe(true)
    expect(one.sweeps).toHaveLength(4)
    const trials = [...one.sweeps, ...two.sweeps].reduce((sum, sweep) => sum + sweep.trials, 0)
    expect(trials).toBe(4 * SMALL.trials)
    expect(two.sweeps.every(({ jobs }) => jobs > 0)).toBe(true)
  })

  describe('whose worker has another ground', () => {
    beforeAll(() => {
      database = 1
    })

    it('names it and why, goes on with the others, and ends where there is none', async () => {
      const other = await bench.imported(6)
      const bad = worker('bad', { dataFolder: other.store.directory })
      const place = bench.place()
      const ready = await bench.prepared(bench.asked('sobol', SMALL))
      const ended = runSweep(ready, options(place))
      await expect(ended).rejects.toThrow(CheckError)
      await expect(ended).rejects.toThrow(
        /no worker will run this sweep: bad refuses: .*data\.hash: ".*" → ".*"/,
      )
      const good = worker('good')
      // Until the one that is of use has said so.
      const messages: string[] = []
      await delay(300)
      const finished = await runSweep(ready, {
        ...options(place, { onMessage: (text) => messages.push(text), refusedForMs: 60_000 }),
        resume: true,
      })
      expect(finished.result.trials).toBe(SMALL.trials)
      expect(messages.filter((text) => text.startsWith('Worker bad refuses'))).toHaveLength(1)
      expect((await bad.end()).sweeps).toEqual([])
      expect((await good.end()).sweeps).toHaveLength(1)
    })

    /** Spoils something before the worker looks. */
    type Spoil = (folder: string, place: string) => Partial<WorkerOptions>
    const nothing: Spoil = () => ({})

    it.each<[string, RegExp, Spoil, string?]>([
      ['a manifest that was changed', /bad refuses: .*manifest/, changedManifest],
      ['a strategy that was changed in the folder, and does not run it', /bad refuses: .*code\.decision/, changedStrategy], // prettier-ignore
      ['another version of the program', /bad refuses: .*other versions than the sweep: baleen 0\.0\.0 there/, nothing, '0.0.0'], // prettier-ignore
      [
        'a folder that is not there',
        /bad refuses: the folder of the sweep is not there: do all machines see the same one/,
        (_folder, place) => ({ sweepsFolder: join(place, 'elsewhere') }),
      ],
      ['another folder of the same name', /bad refuses: this is not the folder of the sweep but another one of its name/, otherFolder], // prettier-ignore
    ])('refuses %s', async (_what, reason, spoil, version = versions().baleen) => {
      const place = bench.place()
      const ready = await bench.prepared(bench.asked('sobol', SMALL))
      const plain = options(place)
      const created = { ...plain.created, versions: { ...versions(), baleen: version } }
      const running = runSweep(ready, { ...plain, created })
      running.catch(() => undefined)
      const folder = await folderOf(plain.sweepsFolder)
      const bad = worker('bad', { ...spoil(folder, place), once: true })
      await expect(running).rejects.toThrow(reason)
      await expect(running).rejects.not.toThrow('it ran')
      expect((await bad.report).refused[0]?.reason).toMatch(/./)
    })

    function changedManifest(_folder: string, place: string): Partial<WorkerOptions> {
      const data = join(place, 'data')
      cpSync(bench.data.store.directory, data, { recursive: true })
      const file = join(data, 'manifest.json')
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, text.replace(/("sha256": ")../, '$100'))
      expect(readFileSync(file, 'utf8')).not.toBe(text)
      return { dataFolder: data }
    }

    function changedStrategy(folder: string): Partial<WorkerOptions> {
      const file = join(folder, 'source/crosses.ts')
      writeFileSync(file, `throw new Error('it ran')\n${readFileSync(file, 'utf8')}`)
      return {}
    }

    function otherFolder(folder: string, place: string): Partial<WorkerOptions> {
      const sweeps = join(place, 'others')
      cpSync(join(folder, '..'), sweeps, { recursive: true })
      const file = join(sweeps, basename(folder), 'created.json')
      const created = unsummed(JSON.parse(readFileSync(file, 'utf8')) as Json, file) as object
      writeFileSync(file, summedJson({ ...created, createdAt: '2026-01-02T00:00:00.000Z' }))
      return { sweepsFolder: sweeps }
    }
  })

  async function folderOf(sweepsFolder: string): Promise<string> {
    for (;;) {
      const names = existsSync(sweepsFolder) ? readdirSync(sweepsFolder) : []
      const name = names.find((one) => !one.startsWith('.'))
      if (name !== undefined) return join(sweepsFolder, name)
      await delay(20)
    }
  }

  it('one of whose jobs fails again and again ends with its reason, trials and worker', async () => {
    database = 2
    const ends = await sweepBench(mkdtempSync(join(root, 'ends-')), ENDS)
    const helper = worker('helper')
    const ready = await ends.prepared(ends.asked('sobol', { trials: 1 }))
    const running = runSweep(ready, options(bench.place()))
    await expect(running).rejects.toThrow(DataError)
    await expect(running).rejects.toThrow(/^trial 0 could not be run, tried 3 times, last by worker helper: a thread that ran trials ended by itself \(exit code 3\)/) // prettier-ignore
    await helper.end()
    expect(await keysLeft()).toEqual([])
  })

  it('has the job of a worker that gives it back done by another', async () => {
    database = 4
    const slow = await sweepBench(mkdtempSync(join(root, 'slow-')), WAITS)
    const ready = await slow.prepared(slow.asked('sobol', { trials: 4 }))
    const running = runSweep(ready, options(bench.place()))
    const giveBack = new AbortController()
    // The first job is done: the next one is under way by the time of the signal.
    const onJob = (): void => void setTimeout(() => giveBack.abort(), 150)
    const first = await worker('first', { giveBack: giveBack.signal, onJob }).report
    const second = worker('second')
    expect((await running).result.trials).toBe(4)
    expect(first.sweeps).toMatchObject([{ trials: 1 }])
    expect((await second.end()).sweeps).toMatchObject([{ trials: 3 }])
  })

  it('waits for a Redis that is lost, asks anew where it comes back empty, and ends where it stays away', async () => {
    database = 3
    const expected = await local('sobol')
    const ready = await bench.prepared(bench.asked('sobol', SMALL))
    const messages: string[] = []
    let isWaiting = false
    const running = runSweep(ready, options(bench.place(), { onMessage: (text) => messages.push(text), onStatus: () => (isWaiting = true) })) // prettier-ignore
    running.catch(() => undefined)
    while (!isWaiting) await delay(20)
    await redis.kill()
    while (messages.length === 0) await delay(20)
    await redis.start()
    const helper = worker('helper')
    expect(bytesOf(await running)).toEqual(expected)
    expect(messages[0]).toMatch(/^Redis at 127\.0\.0\.1, port \d+ is lost: waiting for it, 20 s at most$/)
    expect(messages[1]).toMatch(/is back$/)
    await helper.end()

    isWaiting = false
    const hopeless = runSweep(
      ready,
      options(bench.place(), { lostForMs: 300, onStatus: () => (isWaiting = true) }),
    )
    hopeless.catch(() => undefined)
    const idle = worker('idle', { lostForMs: 300 })
    while (!isWaiting) await delay(20)
    await redis.kill()
    await expect(hopeless).rejects.toThrow(QueueError)
    await expect(hopeless).rejects.toThrow(/was lost and did not come back within 0\.3 s/)
    await expect(idle.report).rejects.toThrow(QueueError)
    await redis.start()
  })

  it('that cannot be reached, or entered, ends at once with host and port', async () => {
    const ready = await bench.prepared(bench.asked('sobol', SMALL))
    const at = (url: string): Promise<FinishedSweep> => runSweep(ready, options(bench.place(), { address: parseQueueAddress(url) })) // prettier-ignore
    const port = await freePort()
    await expect(at(`redis://127.0.0.1:${port}`)).rejects.toThrow(`Redis at 127.0.0.1, port ${port} cannot be reached: the connection was refused`) // prettier-ignore
    await expect(at(`redis://127.0.0.1:${redis.port}`)).rejects.toThrow('it asks for a password')
    const wrong = at(`redis://:wr0ng-one@127.0.0.1:${redis.port}`)
    await expect(wrong).rejects.toThrow('user or password are wrong')
    await expect(wrong).rejects.not.toThrow('wr0ng')
    const nowhere = runWorker({ address: parseQueueAddress(`redis://127.0.0.1:${port}`), lostForMs: 1, name: 'x', threads: 1, once: true, idleMs: 1, sweepsFolder: undefined, dataFolder: undefined, workingFolder: root, finish: new AbortController().signal, giveBack: new AbortController().signal, onMessage: () => undefined, onJob: () => undefined }) // prettier-ignore
    await expect(nowhere).rejects.toThrow(QueueError)
  })

  it('keeps the password to itself', () => {
    expect(told.length).toBeGreaterThan(10)
    expect(told.join('\n')).not.toContain(PASSWORD)
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(PASSWORD)).toBe(false)
  })
})
