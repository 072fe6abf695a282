import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type BetterSqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { baleenHere, type Answer } from './run-cli.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-paper-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const here = (...words: string[]): Promise<Answer> => baleenHere(folder, words)

const STRATEGY = `import { above, below, close, defineStrategy, sma } from 'baleen'

export default defineStrategy({
  name: 'mine',
  description: '',
  params: {},
  features: () => ({ fast: sma(close, 3), slow: sma(close, 12) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`

let id = ''
beforeAll(async () => {
  writeFileSync(join(folder, 'mine.ts'), STRATEGY)
  await here('-q', 'data', 'simulate', '--days', '8', '--instruments', '1', '--seed', '5')
  const started = await here('-q', 'paper', 'start', './mine.ts', '-i', 'synthetic:BTCUSDT-PERP', '--unpromoted', '--feed', 'stored') // prettier-ignore
  expect([started.code, started.stderr]).toEqual([0, expect.any(String)])
  id = readdirSync(join(folder, 'sessions'))[0] as string
})

describe('paper replay', () => {
  test('finds every decision again, and the money of its backtest', async () => {
    const { code, stdout } = await here('--json', 'paper', 'replay', 'latest')
    expect(code).toBe(0)
    const answer = JSON.parse(stdout) as { decisions: { decisions: number; difference?: unknown }; model: { gap: number; trades: unknown[] } } // prettier-ignore
    expect(answer.decisions.difference).toBeUndefined()
    expect(answer.decisions.decisions).toBe(8 * 24)
    expect(answer.model.gap).toBe(0)
    expect(answer.model.trades.length).toBeGreaterThan(3)
    const text = await here('--no-color', 'paper', 'replay', id)
    expect(text.stdout).toContain('192 decisions')
    expect(text.stdout).toMatch(/total\s.*\s0/)
    const stored = await here('--json', 'paper', 'replay', id, '--stored')
    expect(JSON.parse(stored.stdout)).toMatchObject({ model: { gap: 0, causes: { data: 0 } } })
  })

  test('writes a day into the folder of the session', async () => {
    const { code, stdout } = await here('--json', 'paper', 'replay', id, '--day', '2024-01-03')
    expect(code).toBe(0)
    const file = readFileSync(join(folder, 'sessions', id, 'replay', '2024-01-03.json'), 'utf8')
    expect(JSON.parse(file)).toEqual(JSON.parse(stdout))
    expect(JSON.parse(file)).toMatchObject({ schema: 1, day: '2024-01-03', decisions: { decisions: 72 } })
  })

  test('names the row and field of a decision that would be another, and exits with 4', async () => {
    const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite
    const database = new Database(join(folder, 'sessions', id, 'journal.sqlite'))
    // Somebody who knows how changes a decision, and chains all rows anew.
    database.exec('DROP TRIGGER journal_is_not_edited')
    const rows = database.prepare('SELECT seq, kind, text FROM journal ORDER BY seq').all() as { seq: number; kind: string; text: string }[] // prettier-ignore
    const at = rows.findLast(({ kind }) => kind === 'decision')?.seq ?? 0
    let hash = '0'.repeat(64)
    for (const { seq, kind, text } of rows) {
      const now = seq === at ? text.replace('"usable":true', '"usable":false') : text
      hash = createHash('sha256').update(`${hash}\n${seq}\n${kind}\n${now}`).digest('hex')
      database.prepare('UPDATE journal SET text = ?, hash = ? WHERE seq = ?').run(now, hash, seq)
    }
    database.close()
    // What stands beside the journal tells that it is another one.
    const refused = await here('paper', 'replay', id)
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('is not the one that')])
    rmSync(join(folder, 'sessions', id, 'journal.sqlite-head'))
    const { code, stderr } = await here('paper', 'replay', id)
    expect(code).toBe(4)
    expect(stderr).toContain(`row ${at} of the journal (decision, field 0.usable) was false, now it is true`)
  })

  test.each([
    [['paper', 'replay', 'no-such'], 'no such session'],
    [['paper', 'replay', 'latest', '--day', '1.2.2024'], '--day'],
    [['paper', 'start', './mine.ts', '-i', 'synthetic:BTCUSDT-PERP', '--unpromoted', '--feed', 'stored', '--fill-model', 'quotes'], 'stored data hold no best bid and ask'],
  ])('refuses %j', async (words, reason) => {
    const { code, stderr } = await here(...words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)])
  }) // prettier-ignore
})
