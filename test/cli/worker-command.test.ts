import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backtestWords } from '../../src/cli/sweep-options.js'
import { wordsWithoutPassword } from '../../src/cli/queue-options.js'
import { freePort, REDIS, startRedis, type TestRedis } from '../redis.js'
import { requireComponent } from '../require.js'
import type { KillGround } from './killed-sweep.js'
import { prepareQueueGround, problemOf, startSweep, startWorker } from './killed-workers.js'
import { baleenHere, type Answer } from './run-cli.js'

const PASSWORD = 'nobodys-business'
const folder = mkdtempSync(join(tmpdir(), 'baleen-worker-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('worker', () => {
  it('explains itself, with examples', async () => {
    const { code, stdout } = await baleenHere(folder, ['worker', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/--queue <address>[^]*--jobs[^]*--once[^]*--idle[^]*Examples:\n {2}baleen worker/)
  })

  it.each<[string, readonly string[], RegExp]>([
    ['no queue', ['worker'], /address of the queue is missing: --queue redis:\/\/host:port/],
    ['an address that is none', ['worker', '--queue', `http://:${PASSWORD}@host`], /not a Redis address.*value "http:\/\/host"/], // prettier-ignore
    ['no threads', ['worker', '--queue', 'redis://host', '--jobs', '0'], /must be at least 1 .*--jobs/],
    ['a time that is none', ['worker', '--queue', 'redis://host', '--idle', '9'], /a duration is .*--idle/],
    ['an unknown executor', ['sweep', 'sma-cross', '--executor', 'slurm'], /no such executor; there are local, bullmq/], // prettier-ignore
    ['a sweep without its queue', ['sweep', 'sma-cross', '--executor', 'bullmq'], /address of the queue is missing/], // prettier-ignore
    ['a queue without its executor', ['sweep', 'sma-cross', '--queue', `redis://:${PASSWORD}@host`], /a queue is for --executor bullmq/], // prettier-ignore
  ])('refuses %s', async (_what, words, text) => {
    const answer = await baleenHere(folder, words)
    expect([answer.code, answer.stdout]).toEqual([2, ''])
    expect(answer.stderr).toMatch(text)
    expect(answer.stderr).not.toContain(PASSWORD)
  })

  it('takes the queue of the config file', async () => {
    const port = await freePort()
    writeFileSync(join(folder, 'queue.json'), JSON.stringify({ queue: `redis://127.0.0.1:${port}/3` }))
    const answer = await baleenHere(folder, ['worker', '--config', 'queue.json'])
    expect([answer.code, answer.stderr]).toEqual([
      5,
      expect.stringContaining(`port ${port} cannot be reached`),
    ])
  })

  it('that reaches no Redis says host and port at once, in words and as JSON', async () => {
    const port = await freePort()
    const words = ['worker', '--queue', `redis://:${PASSWORD}@127.0.0.1:${port}`, '--json', '-v']
    const answer = await baleenHere(folder, words)
    expect(answer.code).toBe(5)
    expect(JSON.parse(answer.stdout)).toMatchObject({ error: { exitCode: 5, message: `Redis at 127.0.0.1, port ${port} cannot be reached: the connection was refused; is redis-server running there?` } }) // prettier-ignore
    expect(answer.stdout + answer.stderr).not.toContain(PASSWORD)
  })

  it('and its queue are no words of the backtest of a trial, and no password is a word', () => {
    const words = [
      'sweep',
      'x',
      '--executor',
      'bullmq',
      '--queue',
      'redis://:pw@h',
      '--queue-wait=1m',
      '--fee',
      '0',
    ]
    expect(backtestWords(words)).toEqual(['backtest', 'x', '--fee', '0'])
    expect(wordsWithoutPassword([...words, '--queue=redis://u:p@w@h:1/2'])).toEqual(['sweep', 'x', '--executor', 'bullmq', '--queue', 'redis://h', '--queue-wait=1m', '--fee', '0', '--queue=redis://h:1/2']) // prettier-ignore
  })
})

requireComponent('redis-server', REDIS !== undefined)('workers as processes', () => {
  let redis: TestRedis
  let ground: KillGround
  const answers: Answer[] = []
  beforeAll(async () => {
    redis = await startRedis(PASSWORD)
    const [made] = await prepareQueueGround(folder, {
      samplers: ['tpe'],
      trials: 36,
      generation: 12,
      trialMs: 60,
    })
    ground = made!
  })
  afterAll(() => redis.kill())

  it('one that is killed has its job taken by another; Ctrl-C ends the other, which says what it did', async () => {
    const place = join(folder, 'killed-worker')
    const sweep = startSweep(ground, place, redis.url())
    const first = startWorker(folder, redis.url())
    await first.says(/^Trials /m)
    first.child.kill('SIGKILL')
    const second = startWorker(folder, redis.url(), '--json')
    const last = await sweep.answer
    expect(await problemOf(ground, place, last)).toBeUndefined()
    second.child.kill('SIGINT')
    const told = await second.answer
    expect(told.code).toBe(130)
    expect(JSON.parse(told.stdout)).toMatchObject({ refused: [], sweeps: [{ trials: expect.any(Number) as number }] }) // prettier-ignore
    answers.push(last, await first.answer, told)
  })

  it('go on for a sweep that is killed, and no trial is run twice where it is resumed', async () => {
    const place = join(folder, 'killed-sweep')
    const worker = startWorker(folder, redis.url(1), '--json')
    const killed = startSweep(ground, place, redis.url(1))
    await worker.says(/^Trials /m)
    killed.child.kill('SIGKILL')
    await killed.answer
    const last = await startSweep(ground, place, redis.url(1)).answer
    expect(await problemOf(ground, place, last)).toBeUndefined()
    worker.child.kill('SIGTERM')
    const told = await worker.answer
    expect(told.code).toBe(143)
    expect(JSON.parse(told.stdout)).toMatchObject({ sweeps: [{ trials: 36 }] })
    answers.push(last, told)
  })

  it('tell nobody the password', () => {
    expect(answers.length).toBeGreaterThan(3)
    for (const { stdout, stderr } of answers) expect(stdout + stderr).not.toContain(PASSWORD)
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(PASSWORD)).toBe(false)
  })
})
