import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type BetterSqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { quoteFaultsOf } from '../../campaigns/session/parity-quotes.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import type { BrokerMessage } from '../../src/runner/broker.js'
import { quoteFillSettings } from '../../src/runner/fill-model.js'
import { readJournalRows } from '../../src/runner/journal-file.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { arrivedFills, fillGaps } from '../../src/runner/promotion/fill-gap.js'
import { dailyReplays } from '../../src/runner/replay/daily-replay.js'
import { replayElsewhere } from '../../src/runner/replay/replay-elsewhere.js'
import type { SessionSource } from '../../src/runner/session-file.js'
import { readSession } from '../../src/runner/session-folder.js'
import { loadStoredQuotes } from '../../src/runner/stored-quotes.js'
import { venueInstrument } from '../../src/sources/download/exchange-download.js'
import { importTables } from '../../src/sources/facts/fact-tables.js'
import { Derivation } from '../../src/sources/recorder/derive.js'
import { storedBody } from '../../src/sources/smart-money/answer-log.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { openStore } from '../../src/store/store.js'
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

  test('is made by the session itself for each day that is over, in a process of its own, one after the other', async () => {
    const stored = await readSession(join(folder, 'sessions'), id)
    const stop = new AbortController()
    const replayDay = replayElsewhere(stored, stop.signal)
    // Whoever trades goes on meanwhile.
    let beats = 0
    const beating = setInterval(() => beats++, 5)
    expect(await replayDay('2024-01-05')).toBeUndefined()
    clearInterval(beating)
    expect(beats).toBeGreaterThan(10)
    const file = readFileSync(join(folder, 'sessions', id, 'replay', '2024-01-05.json'), 'utf8')
    expect(JSON.parse(file)).toMatchObject({ day: '2024-01-05', decisions: { decisions: 120 } })
    const lost = replayElsewhere({ ...stored, paths: { ...stored.paths, folder: join(folder, 'nowhere', id) } }, stop.signal)
    expect(await lost('2024-01-05')).toContain('no such session')
    stop.abort()
    expect(await replayDay('2024-01-06')).toBeUndefined()

    const [days, told]: [string[], string[]] = [[], []]
    const live = { settings: { ...stored.settings, source: { ...stored.settings.source, speed: 60 } as SessionSource } }
    const one = async (day: string): Promise<string | undefined> => {
      days.push(`${day} begins`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      days.push(`${day} ends`)
      return day === 'a' ? 'is wrong' : undefined
    }
    const onDay = dailyReplays(live, one, { onTrouble: (what, message) => void told.push(`${what}: ${message}`) })
    for (const day of ['a', 'b']) onDay(day)
    while (days.length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    expect([days, told]).toEqual([['a begins', 'a ends', 'b begins', 'b ends'], ['replay: a: is wrong']])
    dailyReplays(stored, one, { onTrouble: () => undefined })('c')
    expect(days).toHaveLength(4)
  }) // prettier-ignore

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
    [['paper', 'replay', 'latest', '--day', '2024-02-30'], '--day, value "2024-02-30"'],
    [['paper', 'start', './mine.ts', '-i', 'synthetic:BTCUSDT-PERP', '--unpromoted', '--feed', 'stored', '--fill-model', 'quotes'], 'no best bid and ask of synthetic:BTCUSDT-PERP'],
  ])('refuses %j', async (words, reason) => {
    const { code, stderr } = await here(...words)
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)])
  }) // prettier-ignore
})

describe('a session on stored data with recorded best bid and ask', () => {
  const start = (...words: string[]): Promise<Answer> =>
    here('--json', 'paper', 'start', './mine.ts', '-i', 'synthetic:BTCUSDT-PERP', '--unpromoted', '--feed', 'stored', '--fill-model', 'quotes', ...words) // prettier-ignore

  test('fills by what a recorder kept of its answers, no more and no older than it offers, and replays to the same decisions', async () => {
    await record(2, 8)
    const seldom = await start()
    expect([seldom.code, seldom.stderr]).toEqual([2, expect.stringContaining('recorded 10m apart')])
    expect(seldom.stderr).toContain('--quote-life 20m')
    const { code, stdout } = await start('--quote-life', '20m')
    expect(code).toBe(0)
    const told = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    const [ready, ended] = [told[0], told.at(-1)]
    expect(ready).toMatchObject({ fillModel: 'quotes', quotes: { quoteLifeMs: 1_200_000 } })
    expect(Number(ended?.['trades'])).toBeGreaterThan(3)

    const session = await readSession(join(folder, 'sessions'), String(ready?.['id']))
    const rows = await readJournalRows(session.paths.journal)
    const { fills, faults } = quoteFaultsOf(rows, quoteFillSettings({ quoteLifeMs: 1_200_000 }))
    expect([fills > 6, faults]).toEqual([true, []])
    const { quotes } = await loadStoredQuotes(join(folder, 'data'), session.settings.instruments)
    const known = new Set(quotes.map(({ time, bid, ask }) => `${time} ${bid} ${ask}`))
    for (const { kind, text } of rows) {
      const { event, met } = kind === 'broker' ? (journalBody(text) as BrokerMessage) : {}
      if (event?.kind === 'fill') expect(known).toContain(`${met?.time} ${met?.bid} ${met?.ask}`)
    }
    // Recorded apart, they are also what promotion holds fills against: here the session's own, so that its market orders differ by nothing but what moved on the way.
    const arrived = arrivedFills(rows, quoteFillSettings({}), true)
    const { gaps, unquoted } = fillGaps(arrived, quotes, 1_200_000)
    expect([gaps.length + unquoted, gaps.length > 3]).toEqual([arrived.length, true])

    const replayed = JSON.parse((await here('--json', 'paper', 'replay', 'latest')).stdout) as { decisions: { difference?: unknown; decisions: number } }
    expect([replayed.decisions.difference, replayed.decisions.decisions]).toEqual([undefined, 8 * 24])

    // One more quote, and the data are others.
    await record(8, 8.1)
    const other = await here('paper', 'resume', 'latest')
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('other rows')])
  })

  /** What a recorder would have made of answers every ten minutes between two days, at the prices of the candles. */
  async function record(fromDay: number, toDay: number): Promise<void> {
    const store = openStore(join(folder, 'data'))
    const { openTime, open } = await loadCandles(store, 'synthetic:BTCUSDT-PERP', HOUR_MS)
    const derivation = new Derivation(new Map([['usdm:BTCUSDT', venueInstrument('synthetic:BTCUSDT-PERP')]]))
    const first = openTime[0] ?? NaN
    for (let time = first + fromDay * DAY_MS; time < first + toDay * DAY_MS; time += 10 * MINUTE_MS) {
      const price = (open[Math.min(open.length - 1, Math.floor((time - first) / HOUR_MS))] ?? NaN) + ((time / MINUTE_MS) % 7)
      const body = { symbol: 'BTCUSDT', bidPrice: price.toFixed(1), bidQty: '0.02', askPrice: (price + 0.5).toFixed(1), askQty: '0.5', time: time - 3 }
      derivation.add({ fetchedAt: time, url: 'http://127.0.0.1/fapi/v1/ticker/bookTicker?symbol=BTCUSDT', params: { symbol: 'BTCUSDT' }, status: 200, headers: {}, ...storedBody(Buffer.from(JSON.stringify(body))) })
    }
    const [done] = await importTables(derivation.tables.files(), { store, folder: join(folder, 'work'), now: 1, flags: ['synthetic'], prefix: 'x-' })
    expect(done?.refused).toBeUndefined()
  }
}) // prettier-ignore
