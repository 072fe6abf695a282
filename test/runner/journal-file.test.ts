import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import { JournalFile, readJournalRows, rowHash, type JournalRow } from '../../src/runner/journal-file.js'
import { canonicalJson } from '../../src/core/canonical-json.js'
import { journalBody, journalText } from '../../src/runner/journal-text.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
/** A journal of five rows, closed. */
async function written(): Promise<string> {
  const path = join(folder, `${++files}.sqlite`)
  const journal = await JournalFile.open(path)
  for (const value of [1, NaN, Infinity, -0, 0.1 + 0.2]) journal.append('mark', { value })
  journal.commit()
  journal.close()
  return path
}

/** Does to the file what the journal itself never would. */
function damage(path: string, sql: string): void {
  const database = new Database(path)
  database.exec(`DROP TRIGGER journal_is_not_edited; DROP TRIGGER journal_is_not_shortened; ${sql}`)
  database.close()
}

async function read(path: string): Promise<{ rows: JournalRow[]; torn: JournalRow[] }> {
  const journal = await JournalFile.open(path)
  const torn: JournalRow[] = []
  try {
    return { rows: journal.read((row) => torn.push(row)), torn }
  } finally {
    journal.close()
  }
}

describe('a journal', () => {
  test('gives back what was committed, to the last bit, and not what was only noted', async () => {
    const path = await written()
    const journal = await JournalFile.open(path)
    journal.read(() => undefined)
    journal.append('mark', { value: 6 })
    journal.close()
    const { rows } = await read(path)
    expect(rows.map(({ text }) => journalBody(text))).toEqual([1, NaN, Infinity, -0, 0.1 + 0.2].map((value) => ({ value }))) // prettier-ignore
  })

  test('writes durably: a write-ahead log, synchronous=FULL', async () => {
    const path = await written()
    const database = new Database(path)
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
    database.close()
    const journal = await JournalFile.open(path)
    const { database: own } = journal as unknown as { database: Database.Database }
    journal.read(() => undefined)
    own.pragma('synchronous = NORMAL')
    journal.append('mark', {})
    expect(() => journal.commit()).toThrow('would not outlast a loss of power')
    journal.close()
  })

  test('is neither edited nor shortened', async () => {
    const path = await written()
    const database = new Database(path)
    expect(() => database.exec("UPDATE journal SET text = '{}' WHERE seq = 2")).toThrow('never edited')
    expect(() => database.exec('DELETE FROM journal WHERE seq = 5')).toThrow('never shortened')
    database.close()
  })

  test.each([
    ['changed', `UPDATE journal SET text = '{"value":2}' WHERE seq = 2`, 2],
    ['of another kind', `UPDATE journal SET kind = 'fact' WHERE seq = 3`, 3],
    ['gone', 'DELETE FROM journal WHERE seq = 3', 4],
    ['first and gone', 'DELETE FROM journal WHERE seq = 1', 2],
  ])('with a row %s in the middle is refused, naming file and row', async (_what, sql, row) => {
    const path = await written()
    damage(path, sql)
    await expect(read(path)).rejects.toThrow(`file ${path}, row ${row}`)
    await expect(read(path)).rejects.toThrow(DataError)
  })

  test('has no hash for a row whose text a flipped bit has made bytes of, though written out they are the text', () => {
    const row = { seq: 1, kind: 'mark', text: '{"value":1}' }
    const bytes = Buffer.from(row.text) as unknown as string
    expect(`${bytes}`).toBe(row.text)
    expect(rowHash('before', { ...row, text: bytes })).not.toBe(rowHash('before', row))
    expect(rowHash('before', { ...row, kind: Buffer.from('mark') as unknown as string })).not.toBe(rowHash('before', row)) // prettier-ignore
  })

  test('with a torn last row goes on without it, says so, and keeps it aside', async () => {
    const path = await written()
    damage(path, `UPDATE journal SET text = '{"val' WHERE seq = 5`)
    const { rows, torn } = await read(path)
    expect(rows).toHaveLength(4)
    expect(torn).toMatchObject([{ seq: 5, text: '{"val' }])
    const journal = await JournalFile.open(path)
    journal.read(() => undefined)
    journal.append('mark', { value: 'again' })
    journal.commit()
    journal.close()
    expect((await read(path)).rows).toHaveLength(5)
    const database = new Database(path)
    expect(database.prepare('SELECT text FROM dropped').all()).toEqual([{ text: '{"val' }])
    database.close()
  })

  test('that has lost its last rows, or was replaced, is refused: what stands beside it tells', async () => {
    const path = await written()
    expect(readFileSync(`${path}-head`, 'utf8')).toMatch(/^ {14}5 [0-9a-f]{64}\n$/)
    damage(path, 'DELETE FROM journal WHERE seq = 5')
    for (const reading of [read(path), readJournalRows(path)]) {
      await expect(reading).rejects.toThrow('has lost its last rows: 4 are there')
      await expect(reading).rejects.toThrow(`file ${path}, row 4`)
    }
    // Nobody knows of more, so nobody can miss it.
    rmSync(`${path}-head`)
    expect((await read(path)).rows).toHaveLength(4)
    const other = await written()
    writeFileSync(`${other}-head`, readFileSync(`${other}-head`, 'utf8').replace(/[0-9a-f](?=\n)/, (digit) => (digit === '0' ? '1' : '0')))
    await expect(read(other)).rejects.toThrow('is not the one that')
    // What a loss of power leaves of it says nothing.
    writeFileSync(`${other}-head`, '')
    expect((await readJournalRows(other)).length).toBe(5)
  }) // prettier-ignore

  test('that is no database is refused by name', async () => {
    const path = new URL('journal-file.test.ts', import.meta.url).pathname
    await expect(JournalFile.open(path)).rejects.toThrow(`file ${path}`)
  })

  test('is held by one runner: a second is refused by name, a dead one is followed', async () => {
    const path = await written()
    const [one, two] = [await JournalFile.open(path), await JournalFile.open(path)]
    const first = { pid: 11, host: 'here', started: '2026-01-01 00:00', process: 'space boot 5' }
    const second = { pid: 12, host: 'here', started: '2026-01-01 00:01' }
    one.takeLease(first, () => true)
    expect(two.holder()).toEqual(first)
    expect(() => two.takeLease(second, () => true)).toThrow('process 11 on here')
    expect(() => two.takeLease({ ...second, host: 'there' }, () => false)).toThrow('process 11 on here')
    two.takeLease(second, () => false)
    expect(() => one.requireLease(first)).toThrow('process 12 on here has it')
    two.requireLease(second)
    two.giveLeaseBack(second)
    expect(two.holder()).toBeUndefined()
    one.takeLease(first, () => true)
    one.read(() => undefined)
    one.append('mark', { value: 'never committed' })
    one.giveLeaseBack(first)
    expect(two.holder()).toBeUndefined()
    expect(two.read(() => undefined)).toHaveLength(5)
    one.close()
    two.close()
  })
})

test('a journal whose folder was moved away, or replaced, is written no more', async () => {
  const path = await written()
  const file = await JournalFile.open(path)
  const holder = { pid: 11, host: 'here', started: '2026-01-01 00:00' }
  file.takeLease(holder, () => true)
  file.requireLease(holder)
  renameSync(path, `${path}-moved`)
  expect(() => file.requireLease(holder)).toThrow('gone from its place')
  writeFileSync(path, 'another')
  expect(() => file.requireLease(holder)).toThrow('another file stands there')
  renameSync(`${path}-moved`, path)
  file.requireLease(holder)
  file.close()
})

test('a lease that is freed by hand says whose it was and why; whoever had it is fenced', async () => {
  const file = await JournalFile.open(await written())
  const holder = { pid: 11, host: 'there', started: '2026-01-01 00:00' }
  file.takeLease(holder, () => true)
  expect(() => file.freeLease({ ...holder, pid: 12 }, 'gone', 5)).toThrow('process 11 on there has it')
  file.freeLease(holder, 'gone', 5)
  expect([file.holder(), file.freed()]).toEqual([undefined, [{ ...holder, time: 5, reason: 'gone' }]])
  expect(() => file.requireLease(holder)).toThrow('nobody has it')
  file.close()
})

test('any body comes back as it was, and is written as canonical JSON writes it', () => {
  const body = fc.letrec<{ body: unknown }>((tie) => ({
    body: fc.oneof(
      { depthSize: 'small' },
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('body'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'), tie('body'), { maxKeys: 4 }), // prettier-ignore
    ),
  })).body
  fc.assert(
    fc.property(body, (value) => {
      expect(journalBody(journalText({ value }))).toEqual({ value })
      // What there are no words for aside, of which canonical JSON knows nothing.
      const plain = JSON.parse(JSON.stringify({ value, 10: value, 9: 1 })) as object
      expect(journalText(plain)).toBe(canonicalJson(plain))
    }),
    { numRuns: 200 },
  )
})
