import { spawn } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import { storedItems } from '../../src/runner/feed.js'
import { JournalFile, type JournalRow } from '../../src/runner/journal-file.js'
import { openPaperSession, recoverSession } from '../../src/runner/paper-session.js'
import { feed, ledgerOf, type Ledger } from './as-session.js'
import { MemoryJournal, paperSettings, PowerLoss, smallOptions } from './small-session.js'

/** A campaign cuts a longer session off. */
const BARS = Number(process.env['BALEEN_POWER_BARS'] ?? 18)
const options = smallOptions(BARS)
const settings = paperSettings(options)
const items = storedItems(options.instruments, Infinity)

/** Goes on with what the journal holds until the feed ends, or the power does. */
function live(journal: MemoryJournal): Ledger | undefined {
  try {
    const { desk } = recoverSession(settings, [...journal.durable], journal)
    const after = desk.session.lastDecided
    for (const item of items.filter(({ at }) => at >= after)) feed(desk, item)
    return ledgerOf(desk)
  } catch (error) {
    if (error instanceof PowerLoss) return undefined
    throw error
  }
}

const whole = new MemoryJournal()
const twin = live(whole) as Ledger

/** Everything but facts and settlements, which a feed may tell of again. */
function told(rows: readonly JournalRow[]): string[] {
  return rows
    .filter(({ kind }) => kind !== 'fact' && kind !== 'settlement')
    .map(({ kind, text }) => `${kind} ${text}`)
}

describe('a session that loses its power', () => {
  test('is a busy one, or nothing here would be proven', () => {
    expect(whole.writes).toBeGreaterThan(150)
    expect(twin.trades.length).toBeGreaterThan(3)
    expect(whole.durable.some(({ kind, text }) => kind === 'mark' && text.includes('"halted":true'))).toBe(
      true,
    )
    expect(twin.fills.length).toBeGreaterThan(10)
    const kinds = new Set(whole.durable.map(({ kind }) => kind))
    expect([...kinds].sort()).toEqual(['bars', 'broker', 'decision', 'fact', 'intent', 'mark', 'session', 'settlement']) // prettier-ignore
  })

  test('at any write of its journal ends as its undisturbed twin, nothing lost and nothing doubled', () => {
    for (let dieAt = 1; dieAt <= whole.writes; dieAt++) {
      const first = new MemoryJournal([], dieAt)
      expect(live(first), `write ${dieAt}`).toBeUndefined()
      const second = new MemoryJournal(first.durable)
      const ledger = live(second)
      // Quick to see that all is the same; what differs is told by the slower way.
      if (!isDeepStrictEqual(ledger, twin)) expect(ledger, `write ${dieAt}`).toEqual(twin)
      const [rows, expected] = [told(second.durable), told(whole.durable)]
      if (rows.join('\n') !== expected.join('\n')) expect(rows, `write ${dieAt}`).toEqual(expected)
    }
  })

  test('again and again, every few writes, gets there too', () => {
    let journal = new MemoryJournal()
    for (let life = 0; life < 500; life++) {
      const next = new MemoryJournal(journal.durable, 5 + ((life * 7) % 40))
      const ledger = live(next)
      journal = next
      if (ledger === undefined) continue
      expect(ledger).toEqual(twin)
      return
    }
    throw new Error('it never got to the end')
  })

  test.each([
    ['a decision', 'decision'],
    ['an intent', 'intent'],
    ['a fill', 'broker'],
  ])('refuses %s that is not what it would do now, naming the row', (_what, kind) => {
    const at = whole.durable.findLastIndex((row) => row.kind === kind)
    const row = whole.durable[at] as JournalRow
    const changed = whole.durable.with(at, { ...row, text: row.text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)) }) // prettier-ignore
    expect(() => recoverSession(settings, changed, new MemoryJournal(changed))).toThrow(`row ${row.seq}`)
  })

  test('refuses to go on as another session, naming what differs', () => {
    const other = { ...settings, startingBalance: 20_000 }
    expect(() => recoverSession(other, whole.durable, new MemoryJournal(whole.durable))).toThrow('startingBalance differ') // prettier-ignore
  })
})

describe('a process that is killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-power-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const script = new URL('killed-session.ts', import.meta.url).pathname
  const isAlive = (): boolean => true
  const here = { pid: process.pid, host: 'here', started: 'now' }

  /** Runs a session in a process of its own until it has written so many rows, then kill -9. */
  function killAfter(path: string, rows: number): Promise<string | null> {
    const child = spawn(process.execPath, ['--import', 'tsx', script, path, String(rows), String(BARS)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TSX_TSCONFIG_PATH: 'tsconfig.json' },
    })
    return new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)))
  }

  test('is gone on with where its rows end, and ends as its twin', async () => {
    const path = join(folder, 'killed.sqlite')
    for (const rows of [37, 110]) expect(await killAfter(path, rows)).toBe('SIGKILL')
    const torn: JournalRow[] = []
    const onTorn = (row: JournalRow): void => void torn.push(row)
    // The killed one has left its lease behind: it is dead, so the lease is free.
    const held = await JournalFile.open(path)
    const holder = held.holder()
    held.close()
    expect(holder?.pid).not.toBe(process.pid)
    const ports = { holder: { ...here, host: holder?.host ?? '' }, isAlive: () => false, onTorn }
    const opened = await openPaperSession(path, settings, ports)
    expect(opened.recovered).toBeGreaterThanOrEqual(110)
    const after = opened.desk.session.lastDecided
    for (const item of items.filter(({ at }) => at >= after)) feed(opened.desk, item)
    expect(ledgerOf(opened.desk)).toEqual(twin)
    expect(torn).toEqual([])
    const second = openPaperSession(path, settings, { holder: { ...here, pid: 1 }, isAlive, onTorn })
    await expect(second).rejects.toThrow(DataError)
    opened.close()
  })
})
