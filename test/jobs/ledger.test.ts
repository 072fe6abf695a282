import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { appendToLedger, readLedger } from '../../src/jobs/ledger.js'
import type { LedgerRecord } from '../../src/research/trial-ledger.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-ledger-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let made = 0

const record = (number: number): LedgerRecord => ({
  at: '2026-01-01T00:00:00.000Z',
  kind: 'sweep',
  from: `mine-0123456789ab/${number}`,
  strategy: 'mine',
  sourceHash: 'ab'.repeat(32),
  bases: ['BTC'],
  startTime: 0,
  endTime: 1e12,
  returns: [`0000000000000${100 + number}`],
  failed: [],
})

async function ledgerOf(records: number): Promise<{ folder: string; trials: string; head: string }> {
  const folder = join(root, `ledger-${made++}`)
  for (let number = 0; number < records; number++) await appendToLedger(folder, record(number))
  return { folder, trials: join(folder, 'trials.jsonl'), head: join(folder, 'head.json') }
}

describe('the ledger', () => {
  it('keeps records in their order, and says that nothing is there where nothing is', async () => {
    expect(await readLedger(join(root, 'none'))).toMatchObject({
      isAbsent: true,
      records: [],
      problem: undefined,
    })
    const { folder } = await ledgerOf(4)
    const ledger = await readLedger(folder)
    expect(ledger).toMatchObject({ isAbsent: false, problem: undefined })
    expect(ledger.records).toEqual([0, 1, 2, 3].map(record))
  })

  it('takes records of several writers at once, none lost', async () => {
    const { folder } = await ledgerOf(0)
    await Promise.all([1, 2, 3, 4, 5].map((number) => appendToLedger(folder, record(number))))
    const { records, problem } = await readLedger(folder)
    expect(problem).toBeUndefined()
    expect(new Set(records.map(({ from }) => from)).size).toBe(5)
  })

  it('notices any byte that is changed', async () => {
    const { folder, trials } = await ledgerOf(3)
    const whole = readFileSync(trials)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(whole)
        changed[at] = (changed[at] as number) ^ change
        writeFileSync(trials, changed)
        expect((await readLedger(folder)).problem).toBeDefined()
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    ['removed at the beginning', (lines: string[]) => lines.slice(1), /line 1 .*does not follow/],
    [
      'removed in the middle',
      (lines: string[]) => lines.filter((_, at) => at !== 1),
      /line 2 .*does not follow/,
    ],
    ['cut off at the end', (lines: string[]) => lines.slice(0, -1), /the last ones were cut off/],
    ['moved', ([a = '', b = '', ...rest]: string[]) => [b, a, ...rest], /line 1 .*does not follow/],
    ['added', (lines: string[]) => [...lines, lines.at(-1) ?? ''], /line 5 .*does not follow/],
    ['emptied', () => [], /the last ones were cut off/],
  ])('notices a record that was %s, and stays broken whatever is appended', async (_what, change, words) => {
    const { folder, trials } = await ledgerOf(4)
    const lines = readFileSync(trials, 'utf8').trimEnd().split('\n')
    const changed = change(lines)
    writeFileSync(trials, changed.length === 0 ? '' : `${changed.join('\n')}\n`)
    expect((await readLedger(folder)).problem).toMatch(words)
    for (let number = 10; number < 13; number++) {
      await appendToLedger(folder, record(number))
      expect((await readLedger(folder)).problem).toBeDefined()
    }
    expect(readFileSync(trials, 'utf8')).toContain('mine-0123456789ab/12')
  })

  it.each(['null', '3', '[]', '{}', '{"records":2}'])('says that a head of %s is none, and stays so', async (text) => {
    const { folder, head } = await ledgerOf(2)
    writeFileSync(head, text)
    expect((await readLedger(folder)).problem).toMatch(/head\.json/)
    await appendToLedger(folder, record(2))
    expect((await readLedger(folder)).problem).toMatch(/head\.json/)
  }) // prettier-ignore

  it('notices that one of its files is gone', async () => {
    const first = await ledgerOf(3)
    rmSync(first.head)
    expect((await readLedger(first.folder)).problem).toMatch(/head\.json is gone/)
    const second = await ledgerOf(3)
    rmSync(second.trials)
    expect((await readLedger(second.folder)).problem).toMatch(/trials\.jsonl is gone/)
  })

  it('drops a last line that an interrupted write left without its end, and goes on whole', async () => {
    const { folder, trials } = await ledgerOf(3)
    const line = readFileSync(trials, 'utf8').split('\n')[2] ?? ''
    appendFileSync(trials, line.slice(0, 50))
    expect(await readLedger(folder)).toMatchObject({ problem: undefined, records: [0, 1, 2].map(record) })
    await appendToLedger(folder, record(3))
    expect(await readLedger(folder)).toMatchObject({ problem: undefined, records: [0, 1, 2, 3].map(record) })
  })

  it('goes on behind a record of many trials, whose line is longer than what is read at once', async () => {
    const { folder } = await ledgerOf(1)
    const long = { ...record(1), returns: Array.from({ length: 10_000 }, (_, at) => String(at).padStart(16, '0')) } // prettier-ignore
    for (const next of [long, record(2), long]) await appendToLedger(folder, next)
    expect(await readLedger(folder)).toMatchObject({
      problem: undefined,
      records: [record(0), long, record(2), long],
    })
  })

  it('goes on where a crash came between the record and the head', async () => {
    const { folder, trials, head } = await ledgerOf(3)
    const before = readFileSync(head)
    await appendToLedger(folder, record(3))
    writeFileSync(head, before)
    expect((await readLedger(folder)).problem).toBeUndefined()
    await appendToLedger(folder, record(4))
    expect(await readLedger(folder)).toMatchObject({
      problem: undefined,
      records: [0, 1, 2, 3, 4].map(record),
    })
    truncateSync(trials, 10)
    expect((await readLedger(folder)).problem).toBeDefined()
    expect(existsSync(head)).toBe(true)
  })
})
