import { appendFileSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.js'
import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import { readHealthFile, writeHealthFile, type SessionHealthFile } from '../../src/runner/health-file.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { openLogFile } from '../../src/runner/log-file.js'
import {
  createSession,
  findSession,
  listSessions,
  readSession,
  sessionPaths,
} from '../../src/runner/session-folder.js'
import type { SessionFile } from '../../src/runner/session-file.js'
import { instrumentOf } from '../engine/scripted.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-sessions-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const FILE: Omit<SessionFile, 'id'> = {
  schema: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  baleen: '1.0.0',
  strategy: { name: 'Mine, all mine', file: '/a/mine.ts', preset: null, params: { fast: 3 }, factsRead: [] },
  instruments: [instrumentOf({})],
  timeframeMs: HOUR_MS,
  startTime: Date.UTC(2024, 0, 1),
  startingBalance: 10_000,
  costs: { slippageBps: 1 },
  policies: DEFAULT_POLICIES,
  funding: 'settled',
  factOverrides: {},
  fillModel: 'bars',
  holdLimits: DEFAULT_HOLD_LIMITS,
  source: {
    kind: 'stored',
    dataFolder: '/data',
    endTime: Infinity,
    speed: Infinity,
    dataHash: 'f',
    isSynthetic: true,
  },
  code: { decision: 'a', other: 'b', dependencies: 'c', dependenciesFrom: 'lockfile' },
  promotion: null,
}

describe('the folder of a session', () => {
  test('gives back what was written, infinities included, under a name of its own', async () => {
    const made = await createSession(root, FILE)
    expect(made.settings.id).toMatch(/^mine-all-mine-[0-9a-f]{12}$/)
    const read = await readSession(root, made.settings.id)
    expect(read).toEqual(made)
    expect(read.settings.holdLimits.signalAgeMs).toBe(Infinity)
    const later = await createSession(root, { ...FILE, createdAt: '2026-01-02T00:00:00.000Z' })
    expect(later.settings.id).not.toBe(made.settings.id)
    expect((await listSessions(root)).map(({ id }) => id)).toEqual([later.settings.id, made.settings.id])
    expect(await findSession(root, 'latest')).toBe(later.settings.id)
    expect(await findSession(root, made.settings.id.slice(-12, -6))).toBe(made.settings.id)
    await expect(findSession(root, 'mine')).rejects.toThrow('2 sessions begin so')
    await expect(findSession(root, '')).rejects.toThrow('no such session')
  })

  test.each(['../x', '..', '/etc/passwd', 'a/b-0123456789ab', 'a\u0000-0123456789ab', ''])(
    '%j is no name',
    (name) => {
      expect(() => sessionPaths(root, name)).toThrow(ConfigError)
    },
  )

  test('is refused by name where a byte of its settings changed, and listed with what is wrong', async () => {
    const { settings, paths } = await createSession(root, { ...FILE, createdAt: '2026-01-03T00:00:00.000Z' })
    const text = readFileSync(paths.settings, 'utf8')
    const changes = [
      text.replace('10000', '10001'),
      text.replace('"schema": 1', '"schema": 2'),
      `${text}\n`,
      text.replace('  ', ' '),
      text.slice(0, -20),
      '[]',
    ]
    for (const changed of changes) {
      writeFileSync(paths.settings, changed)
      await expect(readSession(root, settings.id)).rejects.toThrow(`file ${paths.settings}`)
      await expect(readSession(root, settings.id)).rejects.toThrow(DataError)
    }
    const listed = (await listSessions(root)).at(-1)
    expect(listed).toMatchObject({ id: settings.id, problem: expect.stringContaining(paths.settings) })
    writeFileSync(paths.settings, text)
    const other = settings.id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    cpSync(paths.folder, join(root, other), { recursive: true })
    await expect(readSession(root, other)).rejects.toThrow('renamed')
    rmSync(join(root, other), { recursive: true })
  })
})

describe('what a session leaves for others to read', () => {
  test('health is whole or not there', async () => {
    const path = join(root, 'health.json')
    expect(await readHealthFile(path)).toBeUndefined()
    const state = { state: 'ready', since: 1 }
    const health: SessionHealthFile = {
      time: 1, startedAt: 0, pid: 1, host: 'here', mode: 'active', holds: [], lastCloseTime: null, candleAgeMs: null, clockOffsetMs: null,
      journalMs: null, feed: state, api: state, errorsLastHour: 0, equity: null, promotion: 'unpromoted',
    } // prettier-ignore
    writeHealthFile(path, health)
    expect(await readHealthFile(path)).toEqual(health)
    appendFileSync(path, 'x')
    await expect(readHealthFile(path)).rejects.toThrow(path)
  })

  test('a log that cannot be written is counted, and stops nobody', () => {
    const folder = join(root, 'logs')
    const unwritable = openLogFile(join(folder, 'log.jsonl'), () => 5)
    unwritable.log({ event: 'lost' })
    expect(unwritable.lost()).toBe(1)
    const path = join(root, 'log.jsonl')
    const log = openLogFile(path, () => 5)
    log.log({ event: 'close', equity: NaN })
    renameSync(path, join(root, 'moved.jsonl'))
    log.log({ event: 'end' })
    expect(log.lost()).toBe(0)
    log.close()
    expect(readFileSync(join(root, 'moved.jsonl'), 'utf8')).toBe(
      '{"at":5,"event":"close","equity":"NaN"}\n{"at":5,"event":"end"}\n',
    )
  })
})
