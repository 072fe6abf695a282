import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Database from 'better-sqlite3'
import { FIRST_HASH, JournalFile, rowHash, type JournalRow } from '../../src/runner/journal-file.js'
import type { PaperEvidence } from '../../src/runner/promotion/evidence.js'
import { currentSubject } from '../../src/runner/promotion/promote.js'
import type { Promotion, SignedPromotion } from '../../src/runner/promotion/record.js'
import { readWholeRun } from '../../src/jobs/run-store.js'
import { paperEvidence } from '../../src/monitor/paper-evidence.js'
import type { StoredSession } from '../../src/runner/session-file.js'
import { runPaper } from '../../src/runner/run-paper.js'
import { createSession, readSession } from '../../src/runner/session-folder.js'
import { loadSession } from '../../src/runner/session-settings.js'
import { storedSessionFeed } from '../../src/runner/stored-session-feed.js'
import { runningClock } from '../../src/loopback/clock.js'
import { serveLoopback } from '../../src/loopback/server.js'
import { MIDDLE, WORLD } from '../loopback/worlds.js'
import { baleenHere, PROGRAM, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-paper-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const STRATEGY = `import { above, below, close, defineStrategy, int, sma } from 'baleen'

export default defineStrategy({
  name: 'mine',
  description: '',
  params: { fast: int(2, 3, 50) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, 12) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`
const file = join(folder, 'mine.ts')

const here = (...words: string[]): Promise<Answer> => baleenHere(folder, words)
const lines = ({ stdout }: Pick<Answer, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as Record<string, unknown>)

const BTC = ['-i', 'synthetic:BTCUSDT-PERP'] as const
const START = ['paper', 'start', './mine.ts', ...BTC, '--feed', 'stored', '--from', '2024-01-05'] as const

beforeAll(async () => {
  writeFileSync(file, STRATEGY)
  const made = await here('-q', 'data', 'simulate', '--days', '16', '--instruments', '1', '--seed', '5')
  expect([made.code, made.stderr]).toEqual([0, ''])
})

describe('a session on stored data', () => {
  let ready: Record<string, unknown> = {}

  test('ends where its backtest ends, a line of JSON a close', async () => {
    const answer = await here('--json', ...START, '--unpromoted')
    expect([answer.code, answer.stderr]).toEqual([0, expect.any(String)])
    const told = lines(answer)
    ready = told[0] ?? {}
    expect(ready).toMatchObject({ event: 'ready', synthetic: true, promotion: null, recovered: 0 })
    const closes = told.filter(({ event }) => event === 'close')
    const asBacktest = ['-S', 'endOfData=leave-open', '--no-sensitivity', '--timerange', '2024-01-05..'] as const
    const backtest = await here('--json', 'backtest', './mine.ts', ...BTC, ...asBacktest)
    const { result } = JSON.parse(backtest.stdout) as { result: { finalEquity: number; trades: number } }
    expect(told.at(-1)).toMatchObject({ event: 'ended', end: 'end-of-feed', equity: result.finalEquity })
    expect(result.trades).toBeGreaterThan(3)
    // Warm-up closes are told of too.
    expect(closes).toHaveLength(16 * 24)
  })

  test('is gone on with where it ended, by the settings that lie in its folder alone', async () => {
    const again = await here('--json', 'paper', 'resume', 'latest')
    expect(lines(again)).toMatchObject([{ event: 'ready', id: ready['id'] }, { event: 'ended', end: 'end-of-feed' }])
    expect(Number(lines(again)[0]?.['recovered'])).toBeGreaterThan(700)
    const other = await here('paper', 'start', '--resume', 'latest', '--balance', '5')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--balance')])
    const settings = readFileSync(join(folder, String(ready['folder']), 'session.json'), 'utf8')
    expect(settings).not.toMatch(/key|secret/i)
  })

  test('tells people where it is, how it goes and what to doubt', async () => {
    const { stdout, stderr } = await here('--no-color', ...START, '--unpromoted', '--to', '2024-01-05')
    expect(stdout).toContain('PAPER  mine on synthetic:BTCUSDT-PERP, 1h  SYNTHETIC DATA  UNPROMOTED')
    expect(stdout).toContain('Orders fill by bars, as those of a backtest')
    expect(stdout).toContain('The data have ended at 2024-01-06 00:00 UTC')
    expect(stderr).toMatch(/2024-01-06 00:00 {2}equity 1?\d,\d{3}\.\d\d/)
  })

  test.each([
    ['without a promotion', [...START], 2, '--unpromoted'],
    ['with a fill model that there is not', [...START, '--unpromoted', '--fill-model', 'oracle'], 2, 'there are bars'],
    ['with a latency where bars fill', [...START, '--unpromoted', '--send-latency-ms', '5'], 2, '--send-latency-ms'],
    ['with a latency that nobody has', [...START, '--unpromoted', '--fill-model', 'quotes', '--answer-latency-ms', '-1'], 2, 'a latency is from 0'],
    ['with quotes that nobody recorded', [...START, '--unpromoted', '--fill-model', 'quotes'], 2, 'baleen data record keeps them'],
    ['with a speed of nothing', [...START, '--unpromoted', '--speed', '0'], 2, '--speed'],
    ['of a loopback world that does not run', ['paper', 'start', './mine.ts', ...BTC, '--unpromoted', '--exchange-url', 'http://127.0.0.1:2'], 5, 'at http://127.0.0.1:2: connect ECONNREFUSED 127.0.0.1:2; is baleen simulate serve running'],
    ['that nobody started', ['paper', 'resume', 'no-such'], 2, 'no such session'],
    ['out of its folder', ['paper', 'resume', '../x'], 2, 'no such session'],
    ['of an instrument without data', ['paper', 'start', './mine.ts', '-i', 'synthetic:NONE', '--unpromoted', '--feed', 'stored'], 2, 'synthetic:NONE'],
    ['reported of a day before it began', ['paper', 'report', 'latest', '--day', '2023-05-05'], 2, 'has not lived through that day'],
    ['reported of a day that is none', ['paper', 'report', 'latest', '--day', '2024-02-30'], 2, '--day'],
    ['killed without a reason', ['paper', 'kill', 'latest'], 2, '--reason'],
  ])('%s is refused', async (_what, words, code, part) => {
    const answer = await here(...words)
    expect([answer.code, answer.stderr]).toEqual([code, expect.stringContaining(part)])
  })

  test('whose strategy changed by a byte is refused, and so is one whose data did', async () => {
    writeFileSync(file, STRATEGY.replace('12', '13'))
    const changed = await here('paper', 'resume', String(ready['id']))
    expect([changed.code, changed.stderr]).toEqual([4, expect.stringContaining('the code that decides changed')])
    writeFileSync(file, STRATEGY)
    await here('-q', 'data', 'simulate', '--days', '17', '--instruments', '1', '--seed', '5', '--yes')
    const other = await here('paper', 'resume', String(ready['id']))
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('other rows')])
  })
}) // prettier-ignore

describe('a session of a promoted run', () => {
  test('trades what was promoted and nothing else', async () => {
    await here('--json', 'backtest', './mine.ts', ...BTC, '--no-sensitivity', '--timerange', '2024-01-03..')
    const promoted = await here('promote', 'latest', '--to', 'paper', '--key', 'keys')
    expect([promoted.code, promoted.stderr]).toEqual([0, expect.any(String)])
    const start = ['--json', 'paper', 'start', '--run', 'latest', '--key', 'keys', '--feed', 'stored', '--from', '2024-01-15', '--to', '2024-01-16'] as const
    const answer = await here(...start)
    expect([answer.code, lines(answer)[0]?.['promotion']]).toEqual([0, { runId: expect.stringContaining('mine-'), stage: 'paper', at: expect.any(String) }])
    const other = await here(...start, '-p', 'fast=4')
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('traded as it was promoted')])
    writeFileSync(file, `${STRATEGY}\n`)
    for (const words of [start, ['paper', 'resume', 'latest', '--key', 'keys']] as const) {
      const changed = await here(...words)
      expect([changed.code, changed.stderr]).toEqual([4, expect.stringContaining('the code that decides changed')])
    }
    writeFileSync(file, STRATEGY)
    expect((await here('paper', 'resume', 'latest', '--key', 'nobody')).code).toBe(4)
    expect((await here('paper', 'resume', 'latest', '--key', 'keys')).code).toBe(0)
  })

  const promotedSession = async (): Promise<StoredSession> => {
    const sessions = await Promise.all(readdirSync(join(folder, 'sessions')).map((name) => readSession(join(folder, 'sessions'), name)))
    const [one] = sessions.filter(({ settings }) => settings.promotion !== null)
    if (one === undefined) throw new Error('there is none')
    return one
  }
  const lastPromotion = (): Promotion =>
    (JSON.parse(readFileSync(join(folder, '.baleen/promotions/promotions.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '') as SignedPromotion).promotion

  test('is evidence of what it was promoted by: shown with real figures, signed, and nothing above paper on stored data', async () => {
    const { id } = (await promotedSession()).settings
    for (const day of ['15', '16']) await here('paper', 'replay', id, '--day', `2024-01-${day}`)
    const before = lastPromotion().hashes
    const { paper } = JSON.parse((await here('--json', 'promote', 'latest', '--to', 'paper', '--key', 'keys')).stdout) as { paper: PaperEvidence }
    expect(paper).toMatchObject({ isVirtualClock: true, days: { value: 2 }, decisionParity: { value: 1 }, sessions: [{ id, fromTime: Date.UTC(2024, 0, 15), toTime: Date.UTC(2024, 0, 17) }], notCounted: [] })
    expect(paper.aboveBand).toEqual({ reason: expect.stringMatching(/^the backtest has 1\d whole days, at least 20 needed$/) as string })
    const { evidence, ...others } = lastPromotion().hashes
    expect(before).toEqual({ evidence: expect.any(String) as string, ...others })
    expect(evidence).not.toBe(before.evidence)
    const { code, stdout } = await here('promote', 'latest', '--to', 'small', '--key', 'keys')
    expect([code, stdout]).toEqual([4, expect.stringContaining('days on paper: 2 d, but on a virtual clock, which counts for nothing')])
    expect(stdout).toMatch(new RegExp(`Sessions on paper[^]*${id}\\s+2024-01-15 00:00 to 2024-01-17 00:00 UTC, virtual clock`))
  })

  test('under other code around it, counts only while that decides all of it again', async () => {
    const { settings } = await promotedSession()
    const stored = await createSession(join(folder, 'older'), { ...settings, code: { ...settings.code, other: 'a'.repeat(64) } })
    const { source } = stored.settings
    if (source.kind !== 'stored') throw new Error('it is on stored data')
    const nobody = { onReady: () => undefined, onClose: () => undefined, onTrouble: () => undefined }
    const loaded = await loadSession(stored)
    await runPaper({ stored, loaded, openFeed: () => storedSessionFeed(loaded, stored.settings, source), stop: new AbortController().signal, listener: nobody })
    const run = await readWholeRun(join(folder, '.baleen/runs'), settings.promotion?.runId ?? '')
    const subject = currentSubject(run, { workingFolder: folder })
    const evidence = (): Promise<PaperEvidence> => paperEvidence(run, subject, { sessionsFolder: join(folder, 'older'), runsFolder: 'none', promotionsFolder: join(folder, '.baleen/promotions'), keyFolder: join(folder, 'keys'), dataFolder: join(folder, 'data'), now: Date.now() })
    expect(await evidence()).toMatchObject({ sessions: [{ id: stored.settings.id }], notCounted: [] })
    changeDecision(stored.paths.journal)
    expect(await evidence()).toMatchObject({ sessions: [], notCounted: [{ id: stored.settings.id, reason: expect.stringMatching(/the code around it changed.*would decide otherwise now: row \d+/) as string }] })
  })
}) // prettier-ignore

/** Somebody who knows how changes the last decision, and chains all rows anew. */
function changeDecision(journal: string): void {
  const database = new Database(journal)
  database.exec('DROP TRIGGER journal_is_not_edited')
  const rows = database.prepare('SELECT seq, kind, text FROM journal ORDER BY seq').all() as JournalRow[]
  const last = rows.findLast(({ kind }) => kind === 'decision')
  let hash = FIRST_HASH
  for (const row of rows) {
    const text = row === last ? row.text.replace('"usable":true', '"usable":false') : row.text
    hash = rowHash(hash, { ...row, text })
    database.prepare('UPDATE journal SET text = ?, hash = ? WHERE seq = ?').run(text, hash, row.seq)
  }
  database.close()
  rmSync(`${journal}-head`)
}

describe('a session that runs', () => {
  test('is stopped by a signal, refuses a second runner by name, and is killed until a reason clears it', async () => {
    const words = ['--json', ...START, '--unpromoted', '--speed', '60000', '--from', '2024-01-08', '--to', '2024-01-13']
    const child = spawn(process.execPath, [...PROGRAM, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    const code = new Promise<number | null>((resolve) => child.on('close', resolve))
    const told = async (part: string): Promise<void> => {
      while (!stdout.includes(part) && child.exitCode === null) await new Promise((go) => setTimeout(go, 20))
    }
    await told('"event":"close"')
    const id = readdirSync(join(folder, 'sessions')).find((name) => stdout.includes(name)) ?? ''
    const second = await here('paper', 'resume', id)
    expect([second.code, second.stderr]).toEqual([3, expect.stringContaining(`process ${child.pid}`)])
    const killed = await here('paper', 'kill', id, '--reason', 'a test')
    expect([killed.code, killed.stdout]).toEqual([0, expect.stringContaining('it acts at the next close')])
    await told('"mode":"halted"')
    const stopped = await here('--json', 'paper', 'stop', id)
    expect(JSON.parse(stopped.stdout)).toEqual({ id, wasRunning: true, pid: child.pid })
    expect(await code).toBe(143)
    expect(lines({ stdout }).at(-1)).toMatchObject({ event: 'ended', end: 'stopped' })
    // Of stored data that end, a close may never come.
    expect((await here('paper', 'kill', id, '--reason', 'again')).stdout).toMatch(/nobody runs it; .*next close that its stored data hold.*all of them were told/)

    await here('paper', 'clear-kill', id, '--reason', 'the test is over')
    const resumed = lines(await here('--json', 'paper', 'resume', id))
    expect(resumed.find(({ event }) => event === 'close')).toMatchObject({ mode: 'active' })
    const log = readFileSync(join(folder, 'sessions', id, 'log.jsonl'), 'utf8')
    for (const event of ['"killed"', '"kill-cleared"', '"start"', '"end"']) expect(log).toContain(event)
    const after = JSON.parse((await here('--json', 'paper', 'stop', id)).stdout) as object
    expect(after).toEqual({ id, wasRunning: false, pid: null })

    // As if another machine had it.
    const file = await JournalFile.open(join(folder, 'sessions', id, 'journal.sqlite'))
    file.takeLease({ pid: 1, host: 'elsewhere', started: '2024-01-01 00:00' }, () => false)
    const free = (): Promise<Answer> => here('--json', 'paper', 'free-lease', id, '--reason', 'it burnt down')
    const refused = await free()
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('process 1 on elsewhere has told of its health')])
    rmSync(join(folder, 'sessions', id, 'health.json'))
    expect(JSON.parse((await free()).stdout)).toMatchObject({ freed: true, was: { host: 'elsewhere' } })
    expect([file.holder(), file.freed()]).toMatchObject([undefined, [{ host: 'elsewhere', reason: 'it burnt down' }]])
    file.close()
    expect(JSON.parse((await free()).stdout)).toEqual({ id, freed: false, was: null })
  })
}) // prettier-ignore

describe('a session on live data', () => {
  test('fills by best bid and ask unless it is told otherwise, says so, and decides the same after kill -9', async () => {
    const busy = STRATEGY.replace("name: 'mine'", "name: 'busy'").replace(/enterLong.*\n.*exitLong.*/, 'enterLong: (f) => above(f.fast, 0),\n  risk: () => ({ timeExitBars: 1 }),')
    writeFileSync(join(folder, 'busy.ts'), busy)
    const clock = runningClock({ startMs: MIDDLE, endMs: WORLD.endTime, speed: 300 })
    const loopback = await serveLoopback({ world: WORLD, clock })
    const words = ['paper', 'start', './busy.ts', ...BTC, '--unpromoted', '--timeframe', '5m', '--exchange-url', `http://127.0.0.1:${loopback.port}`]
    try {
      const child = spawn(process.execPath, [...PROGRAM, '--json', ...words, '--warm-up', '20', '--send-latency-ms', '250'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
      let stdout = ''
      child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
      const ended = new Promise((resolve) => child.on('close', resolve))
      const trades = (): number => Number(stdout.match(/"trades":(\d+)/g)?.at(-1)?.slice(9) ?? 0)
      while (trades() < 1 && child.exitCode === null) await new Promise((go) => setTimeout(go, 50))
      // Quotes are acted on between closes, and what is told of the switch says so.
      expect((await here('paper', 'kill', 'latest', '--reason', 'a test')).stdout).toContain('it acts within a second')
      while (!stdout.includes('"mode":"halted"') && child.exitCode === null) await new Promise((go) => setTimeout(go, 50))
      child.kill('SIGKILL')
      await ended
      const [ready] = lines({ stdout: stdout.slice(0, stdout.lastIndexOf('\n')) })
      // Ten seconds of real time, in a world that is 300 times as fast.
      const quotes = { sendLatencyMs: 250, answerLatencyMs: 100, quoteLifeMs: 3_000_000 }
      expect(ready).toMatchObject({ event: 'ready', fillModel: 'quotes', quotes })
      const settings = readFileSync(join(folder, 'sessions', String(ready?.['id']), 'session.json'), 'utf8')
      expect(JSON.parse(settings)).toMatchObject({ fillModel: 'quotes', quotes, holdLimits: { quoteAgeMs: 3_000_000 } })
      const replayed = JSON.parse((await here('--json', 'paper', 'replay', String(ready?.['id']))).stdout) as { decisions: { difference: unknown; injected: number } }
      expect(replayed.decisions.difference).toBeUndefined()
      expect(replayed.decisions.injected).toBeGreaterThan(4)
    } finally {
      clock.stop()
      await loopback.close()
    }
  }, 120_000)
}) // prettier-ignore
