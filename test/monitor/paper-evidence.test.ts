import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS, formatUtcDay, HOUR_MS } from '../../src/core/time.js'
import { stableJson } from '../../src/jobs/json.js'
import type { RunRecord } from '../../src/jobs/run-store.js'
import { known } from '../../src/metrics/statistic.js'
import { dayOfClose } from '../../src/monitor/journal-fold.js'
import { paperEvidence } from '../../src/monitor/paper-evidence.js'
import { DEFAULT_HOLD_LIMITS } from '../../src/runner/hold.js'
import { readJournalRows } from '../../src/runner/journal-file.js'
import type { PaperEvidence } from '../../src/runner/promotion/evidence.js'
import { signingKey, trustedKey } from '../../src/runner/promotion/keys.js'
import { sessionSubject } from '../../src/runner/promotion/promoted-session.js'
import { appendPromotion } from '../../src/runner/promotion/promotion-store.js'
import { PROMOTION_SCHEMA } from '../../src/runner/promotion/record.js'
import { replayDecisions } from '../../src/runner/replay/replay-decisions.js'
import { replaySession } from '../../src/runner/replay/replay-session.js'
import type { SessionFile } from '../../src/runner/session-file.js'
import { arrivedFills } from '../../src/runner/promotion/fill-gap.js'
import { quoteFillSettings } from '../../src/runner/fill-model.js'
import { fillGapOf } from '../../src/monitor/paper-figures.js'
import { readWatched } from '../../src/monitor/watched-session.js'
import { hasVirtualClock } from '../../src/runner/virtual-clock.js'
import { feed, inputsOf } from '../runner/as-session.js'
import { paperSettings } from '../runner/small-session.js'
import {
  LIVE,
  testSession,
  writeHealth,
  type TestSession,
  type TestSessionChanges,
} from './stored-session.js'

const RUN = 'busy-0123456789ab'
const AT = '2026-01-01T00:00:00.000Z'
const PROMOTED = { runId: RUN, stage: 'paper', at: AT }
/** Two instruments, bars of an hour, the first six of which warm up. */
const BARS = 40
const TRADED = BARS - 6

const root = mkdtempSync(join(tmpdir(), 'baleen-evidence-'))
const promotionsFolder = join(root, 'promotions')
const keyFolder = join(root, 'keys')
const made: TestSession[] = []
let run: RunRecord
let places = 0

beforeAll(async () => {
  const { key } = await signingKey(keyFolder)
  const hashes = { decision: 'd', params: 'p', limits: 'l', data: 'x', evidence: 'e', other: 'o', dependencies: 'n' } // prettier-ignore
  const record = { schema: PROMOTION_SCHEMA, kind: 'promotion', at: AT, stage: 'paper', strategy: 'busy', runId: RUN, hashes, gates: [] } as const // prettier-ignore
  await appendPromotion(promotionsFolder, record, { privateKey: key, publicKey: await trustedKey(keyFolder) })
  // A run of just what the sessions below were started as.
  const { settings } = (await session({ told: 0 })).stored
  run = { id: RUN, manifest: { inputs: { ...settings, data: { hash: '' } } } } as unknown as RunRecord
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  for (const { folder } of made) rmSync(folder, { recursive: true, force: true })
})

/** A session by the world's clock in a folder of its own, promoted, and over. */
async function session(changes: TestSessionChanges = {}, live?: (made: TestSession) => void): Promise<TestSession> {
  const folder = changes.folder ?? join(root, `sessions-${++places}`)
  const one = await testSession({ bars: BARS, source: LIVE, promotion: PROMOTED, ...changes, folder, ...(live && { told: 0 }) })
  live?.(one)
  one.session.close()
  made.push(one)
  return one
} // prettier-ignore

/** Evidence of all sessions of a folder, an hour after the last close of one of them. */
async function evidenceOf({ folder, stored, options, session: { desk } }: TestSession, now = desk.session.lastDecided + HOUR_MS, changed: Partial<SessionFile> = {}): Promise<PaperEvidence> {
  const { params, risk } = options.strategy
  const subject = sessionSubject(run, { ...(made[0] ?? { stored }).stored.settings, ...changed }, { params, risk })
  return paperEvidence(run, subject, { sessionsFolder: folder, runsFolder: join(root, 'runs'), promotionsFolder, keyFolder, dataFolder: join(root, 'data'), now })
} // prettier-ignore

const reasons = ({ notCounted }: PaperEvidence): string[] => notCounted.map(({ reason }) => reason)
const hourOf = ({ options }: TestSession, bar: number): number => options.instruments[0]?.candles.openTime[bar] as number // prettier-ignore

/** What a daily replay of a session would write. */
async function writeReplays({ stored, options }: TestSession, days: readonly number[], changed: object = {}): Promise<void> {
  const { paths, settings, sha256 } = stored
  const own = { ...paperSettings(options), id: settings.id, strategyHash: settings.code.decision, data: `session.json ${sha256}` }
  const rows = await readJournalRows(paths.journal)
  mkdirSync(paths.replay, { recursive: true })
  for (const start of days) {
    const day = formatUtcDay(start)
    const replay = replaySession(own, rows, { file: paths.journal, day })
    writeFileSync(join(paths.replay, `${day}.json`), stableJson({ schema: 1, ...replay, ...changed }))
  }
} // prettier-ignore

describe('one session by the world’s clock', () => {
  let one: TestSession
  let days: readonly number[]
  beforeAll(async () => {
    one = await session()
    days = [...new Set(one.session.desk.marks.map(({ time }) => dayOfClose(time)))]
  })

  test('shows what it lived through; what nobody measured is n/a', async () => {
    const found = await evidenceOf(one)
    const rows = await readJournalRows(one.stored.paths.journal)
    const { trades, lastDecided } = one.session.desk.session
    expect(trades.length).toBeGreaterThan(5)
    expect(found).toMatchObject({
      isVirtualClock: false,
      days: known(TRADED / 24),
      trades: known(trades.length),
      barsOnTime: known(1),
      lateBars: known(0),
      unexplainedLateBars: known(0),
      restartDrills: { reason: expect.stringContaining('log') as string },
      fillGapAboveModelBps: { reason: expect.stringContaining('nobody recorded best bid and ask of test:A, test:B') as string }, // prettier-ignore
      fillGapP95Bps: { reason: expect.stringContaining('nobody recorded') as string },
      aboveBand: { reason: expect.stringContaining('cannot be read') as string },
      sessions: [{ id: one.id, fromTime: one.options.startTime, toTime: lastDecided, rows: rows.length, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string }], // prettier-ignore
      notCounted: [],
    })
    expect(found.decisionParity).toEqual({ reason: expect.stringMatching(`^2 of 2 days were not replayed, first ${formatUtcDay(days[0]!)} of ${one.id}`) as string }) // prettier-ignore
  })

  test('the day that is still to end need not be replayed, every other one has to be, with all its decisions', async () => {
    expect(days).toHaveLength(3)
    const afterwards = days[2]! + DAY_MS
    await writeReplays(one, days.slice(0, 2))
    expect((await evidenceOf(one)).decisionParity).toEqual(known(1))
    expect((await evidenceOf(one, afterwards)).decisionParity).toEqual({ reason: expect.stringContaining('1 of 3 days') as string })
    await writeReplays(one, days.slice(2))
    expect((await evidenceOf(one, afterwards)).decisionParity).toEqual(known(1))
    const difference = { row: 7, kind: 'decision', field: 'usable', recorded: 'true', now: 'false' }
    await writeReplays(one, days.slice(1, 2), { decisions: { decisions: 3, difference } })
    expect((await evidenceOf(one, afterwards)).decisionParity).toEqual(known(2 / 3))
    for (const changed of [{ session: 'another' }, { lastClose: days[1]! + HOUR_MS }, { decisions: { decisions: 4 } }]) {
      await writeReplays(one, days.slice(1, 2), changed)
      expect((await evidenceOf(one, afterwards)).decisionParity).toEqual({ reason: expect.stringContaining('not of all') as string })
    }
  }) // prettier-ignore

  test('a process that was cut off, and went on, is a restart; the log has to reach back for there to have been none', async () => {
    const { log } = one.stored.paths
    const start = (at: number, recovered: number) => `${JSON.stringify({ at, event: 'start', recovered, lastDecided: '-Infinity' })}\n` // prettier-ignore
    writeFileSync(log, start(one.options.startTime + 1, 0))
    expect((await evidenceOf(one)).restartDrills).toEqual(known(0))
    appendFileSync(log, start(one.options.startTime + 2, 5))
    expect((await evidenceOf(one)).restartDrills).toEqual(known(1))
  })

  test('bars that were due as long as its process lived are missed, whatever was told', async () => {
    const { lastDecided } = one.session.desk.session
    writeHealth(one, { time: lastDecided + 2 * HOUR_MS + 60_000 })
    // The close an hour after the last one was due; that of the minute before, not yet: two minutes are given.
    expect((await evidenceOf(one)).barsOnTime).toEqual(known((2 * TRADED) / (2 * (TRADED + 1))))
    rmSync(one.stored.paths.health)
  })
})

describe('a session that is not in time', () => {
  let one: TestSession
  beforeAll(async () => {
    one = await session({}, (it) => {
      const { desk } = it.session
      for (const input of inputsOf(it.options)) {
        // Bars 10 and 11 never came, 20 came late, at 30 the clock was off.
        if (input.kind === 'bars' && [hourOf(it, 11), hourOf(it, 12)].includes(input.at)) continue
        if (input.kind === 'bars' && input.at === hourOf(it, 21)) desk.hold({ time: input.at, reasons: ['stale-candle'] }) // prettier-ignore
        if (input.kind === 'bars' && input.at === hourOf(it, 31)) desk.hold({ time: input.at, reasons: ['clock-offset'] }) // prettier-ignore
        if (input.kind === 'bars' && [22, 32].some((bar) => input.at === hourOf(it, bar))) desk.hold({ time: input.at, reasons: [] }) // prettier-ignore
        feed(desk, input)
      }
    })
  })

  test('says so: missed and late bars are not in time, held ones cover no time', async () => {
    const found = await evidenceOf(one)
    expect(found.barsOnTime).toEqual(known((TRADED - 3) / TRADED))
    expect(found.lateBars).toEqual(known(1 / (TRADED - 2)))
    expect(found.days).toEqual(known((TRADED - 4) / 24))
    expect(found.unexplainedLateBars.value).toBeUndefined()
  })

  test('has a reason for late bars, or none, by its log', async () => {
    const { log } = one.stored.paths
    const close = hourOf(one, 21)
    writeFileSync(log, `${JSON.stringify({ at: close + 90_000, event: 'close', time: close })}\n`)
    expect((await evidenceOf(one)).unexplainedLateBars).toEqual(known(2))
    const error = JSON.stringify({ at: close + 80_000, event: 'error', what: 'candles', message: '' })
    writeFileSync(log, `${error}\n${JSON.stringify({ at: close + 90_000, event: 'close', time: close })}\n`)
    expect((await evidenceOf(one)).unexplainedLateBars).toEqual(known(0))
  })

  test('cannot tell how the return stands to the backtest where resting orders fill sooner than there', async () => {
    const easy = await session({ settings: { quotes: quoteFillSettings({ touchWaitMs: 1_000 }) } })
    expect((await evidenceOf(easy)).aboveBand).toEqual({ reason: expect.stringContaining('once a price was touched') as string }) // prettier-ignore
  })

  test('cannot tell where it was told to call nothing late', async () => {
    const lax = await session({
      settings: { holdLimits: { ...DEFAULT_HOLD_LIMITS, candleAgeMs: 3_600_000 } },
    })
    const { barsOnTime, lateBars, unexplainedLateBars } = await evidenceOf(lax)
    for (const one of [barsOnTime, lateBars, unexplainedLateBars])
      expect(one).toEqual({
        reason: expect.stringContaining('on 1h after its close or later, and 1m') as string,
      })
  })
})

describe('fills against quotes that somebody else recorded', () => {
  test('are held against the price at their order’s arrival, 100 ms after its close', async () => {
    const one = await session({ bars: 140, told: 0 })
    const busy = await session({ bars: 140 })
    const [none, watched] = [await readWatched(one.stored), await readWatched(busy.stored)]
    expect(none).toBeUndefined()
    const arrived = arrivedFills(watched!.orders, quoteFillSettings({}), false)
    expect(arrived.length).toBeGreaterThan(29)
    // At every other hour 3 bps dearer: of gaps 0 and 3 the mean is three times the share of these hours.
    const isDear = (time: number): boolean => Math.floor(time / HOUR_MS) % 2 === 1
    const quotes = arrived.map(({ instrument, side, price, arrivedAt }) => {
      const offered = price * (1 + (isDear(arrivedAt) ? side * 3 : 0) / 10_000)
      const [bid, ask] = side > 0 ? [offered * 0.99, offered] : [offered, offered * 1.01]
      return { instrument, time: arrivedAt - 10_000, bid, bidSize: 1, ask, askSize: 1 }
    })
    quotes.sort((a, b) => a.time - b.time)
    const { fillGapAboveModelBps, fillGapP95Bps } = fillGapOf([watched!], quotes)
    const share = arrived.filter(({ arrivedAt }) => isDear(arrivedAt)).length / arrived.length
    const deviation = 3 * Math.sqrt((share * (1 - share) * arrived.length) / (arrived.length - 1))
    expect(fillGapAboveModelBps.value).toBeCloseTo(3 * share + (1.6448536 * deviation) / Math.sqrt(arrived.length), 5) // prettier-ignore
    expect(fillGapP95Bps.value).toBeCloseTo(3, 6)
    // A quote that is older says nothing, however long the session itself trades on one.
    const old = quotes.map((quote) => ({ ...quote, time: quote.time - 1 }))
    const lax = { ...busy.stored, settings: { ...busy.stored.settings, quotes: quoteFillSettings({ quoteLifeMs: HOUR_MS }) } } // prettier-ignore
    expect(fillGapOf([{ ...watched!, stored: lax }], old).fillGapP95Bps.value).toBeUndefined()
    // Orders that are said to arrive sooner than 100 ms after their close are held against the quotes of then all the same.
    const hasty = {
      ...busy.stored,
      settings: { ...busy.stored.settings, quotes: quoteFillSettings({ sendLatencyMs: 0 }) },
    }
    expect(fillGapOf([{ ...watched!, stored: hasty }], quotes).fillGapP95Bps.value).toBeCloseTo(3, 6)
    const sooner = quotes.map((quote) => ({ ...quote, time: quote.time - 50 }))
    expect(fillGapOf([{ ...watched!, stored: hasty }], sooner).fillGapP95Bps.value).toBeUndefined()
    // Nor does what was filled before the evidence began.
    expect(fillGapOf([{ ...watched!, fromTime: watched!.toTime }], quotes).fillGapP95Bps.value).toBeUndefined() // prettier-ignore
  })

  test('prove nothing where they are the very quotes that filled them', async () => {
    const source = { kind: 'stored', dataFolder: '/nowhere', endTime: Infinity, speed: 1, dataHash: '', isSynthetic: false } as const // prettier-ignore
    const { fillGapP95Bps } = await evidenceOf(await session({ source, settings: { fillModel: 'quotes' }, told: 60 })) // prettier-ignore
    expect(fillGapP95Bps).toEqual({ reason: expect.stringContaining('recorded quotes themselves') as string })
  })
})

describe('what does not count', () => {
  test.each<[string, TestSessionChanges, string]>([
    ['other code that decides', { settings: { code: { decision: 'f'.repeat(64), other: 'o'.repeat(64), dependencies: 'p'.repeat(64), dependenciesFrom: 'lockfile' } } }, 'the code that decides changed'],
    ['other limits', { settings: { startingBalance: 9_999 } }, 'its limits changed'],
    ['other params', { settings: { strategy: { name: 'busy', file: '/nowhere/busy.ts', preset: 'bold', params: {}, factsRead: ['mood'] } } }, 'its params changed'],
    ['other code around it that cannot be replayed', { settings: { code: { decision: 'd'.repeat(64), other: 'q'.repeat(64), dependencies: 'p'.repeat(64), dependenciesFrom: 'lockfile' } } }, 'busy.ts'],
    ['a promotion that nobody signed', { promotion: { ...PROMOTED, at: '2026-02-02T00:00:00.000Z' } }, 'no signed record'],
    ['no close that it traded on', { told: 3 }, 'traded on no close yet'],
  ])('%s', async (_what, changes, reason) => {
    const one = await session({ told: 60, ...changes })
    const found = await evidenceOf(one)
    expect(found.sessions).toEqual([])
    expect(reasons(found)).toEqual([expect.stringContaining(reason)])
    expect(found.trades).toEqual({ reason: expect.stringContaining(`no session counts: ${one.id}: `) as string })
  }) // prettier-ignore

  test('a session of another run, or of none, which is not even named', async () => {
    const other = await session({ promotion: { ...PROMOTED, runId: 'busy-ffffffffffff' }, told: 60 })
    await session({ promotion: null, folder: other.folder, told: 60 })
    const found = await evidenceOf(other)
    expect([found.sessions, found.notCounted]).toEqual([[], []])
    expect(found.days).toEqual({ reason: expect.stringContaining('no session in') as string })
  })

  test('a journal of which a row was changed, or that was cut off', async () => {
    const one = await session({ told: 60 })
    const change = (sql: string): void => {
      const database = new Database(one.stored.paths.journal)
      database.exec('DROP TRIGGER IF EXISTS journal_is_not_edited')
      database.exec('DROP TRIGGER IF EXISTS journal_is_not_shortened')
      database.exec(sql)
      database.close()
    }
    change('DELETE FROM journal WHERE seq > 60')
    expect(reasons(await evidenceOf(one))).toEqual([expect.stringContaining('lost its last rows')])
    change("UPDATE journal SET text = replace(text, '1', '2') WHERE seq = 50")
    const broken = await evidenceOf(one)
    expect(reasons(broken)).toEqual([expect.stringMatching(/journal is damaged.*row 50/)])
    expect(broken.sessions).toEqual([])
    expect(broken.days.value).toBeUndefined()
  })

  test('settings that cannot be read are named: they may be of this run', async () => {
    const one = await session({ told: 60 })
    appendFileSync(one.stored.paths.settings, ' ')
    expect(reasons(await evidenceOf(one))).toEqual([expect.stringContaining('a byte differs')])
  })
})

describe('several sessions', () => {
  const inputsUntil = (bar: number, it: TestSession): void => {
    for (const input of inputsOf(it.options)) if (input.at <= hourOf(it, bar)) feed(it.session.desk, input)
  }

  test('one after the other are put together, and the time between them is nobody’s', async () => {
    const first = await session({}, (it) => inputsUntil(16, it))
    const second = await session({ folder: first.folder, startBar: 20 })
    const found = await evidenceOf(second)
    expect(found.sessions.map(({ id }) => id)).toEqual([first.id, second.id])
    expect(found.days).toEqual(known((10 + 20) / 24))
    expect(found.barsOnTime).toEqual(known(1))
    const trades = [first, second].map(({ session: { desk } }) => desk.session.trades.length)
    expect(Math.min(...trades)).toBeGreaterThan(0)
    expect(found.trades).toEqual(known(trades[0]! + trades[1]!))
  })

  test('at the same time: the one that was started first counts, and nobody chooses afterwards', async () => {
    const late = await session({ settings: { createdAt: '2026-01-03T00:00:00.000Z' } }, (it) => inputsUntil(16, it)) // prettier-ignore
    const early = await session({ folder: late.folder, startBar: 15, settings: { createdAt: '2026-01-02T00:00:00.000Z' } }) // prettier-ignore
    const found = await evidenceOf(early)
    expect(found.sessions.map(({ id }) => id)).toEqual([early.id])
    expect(found.notCounted).toEqual([{ id: late.id, reason: expect.stringContaining(`same time as ${early.id}`) }]) // prettier-ignore
  })

  describe('that heard confirmations', () => {
    /** Its inputs, with a confirmation by a version of the model before the first bars. */
    const hearing = (modelVersion: string | undefined, toBar: number = BARS) => (it: TestSession): void => {
      const time = hourOf(it, 0)
      const fact = { instrument: 0, series: 'confirmation', eventTime: time, knownAt: time, values: { long: 0.5 } }
      it.session.desk.learn({ ...fact, ...(modelVersion !== undefined && { modelVersion }) })
      for (const input of inputsOf(it.options)) if (input.at <= hourOf(it, 0) + toBar * HOUR_MS) feed(it.session.desk, input)
    } // prettier-ignore
    const later = { settings: { createdAt: '2026-01-02T00:00:00.000Z' } }

    test('of one version of the model are put together, and so is one that heard none', async () => {
      const first = await session({}, hearing('v1', 14))
      const second = await session({ folder: first.folder, startBar: 16, ...later }, hearing('v1', 24))
      const silent = await session({ folder: first.folder, startBar: 26, settings: { createdAt: '2026-01-03T00:00:00.000Z' } }) // prettier-ignore
      const found = await evidenceOf(silent)
      expect(found.sessions.map(({ id }) => id)).toEqual([first.id, second.id, silent.id])
    })

    test('of another version than the newest are named and count for nothing, though they ran first', async () => {
      const first = await session({}, hearing('v1', 20))
      const second = await session({ folder: first.folder, startBar: 16, ...later }, hearing('v2'))
      const found = await evidenceOf(second)
      expect(found.sessions.map(({ id }) => id)).toEqual([second.id])
      expect(found.notCounted).toEqual([{ id: first.id, reason: `its confirmations are of version v1 of the model, those of ${second.id}, the newest session, of v2` }]) // prettier-ignore
      expect(found.days).toEqual(known((BARS - 16) / 24))
    })

    test('on a virtual clock take no version from those by the world’s', async () => {
      const real = await session({}, hearing('v1', 20))
      const loopback = { kind: 'live', addresses: {}, warmUpStartTime: 0, warmUpFolder: null, isLoopback: true, speed: 1 } as const // prettier-ignore
      await session({ folder: real.folder, startBar: 22, source: loopback, ...later }, hearing('v2')) // prettier-ignore
      expect((await evidenceOf(real)).sessions.map(({ id }) => id)).toEqual([real.id])
    })

    test('and do not say of which version count for nothing', async () => {
      const old = await session({}, hearing(undefined))
      const found = await evidenceOf(old)
      expect([found.sessions, reasons(found)]).toEqual([[], [expect.stringContaining('does not say of which version')]]) // prettier-ignore
    })

    test('decide again what they decided, replayed from their journal', async () => {
      const one = await session({}, hearing('v1'))
      const { journal } = one.stored.paths
      const { difference, decisions } = replayDecisions(
        { ...paperSettings(one.options), id: one.id },
        await readJournalRows(journal),
        journal,
      )
      expect([difference, decisions > TRADED]).toEqual([undefined, true])
    })
  })

  test('on a virtual clock are shown, and not mixed with those by the world’s', async () => {
    const stored = await session({ source: { kind: 'stored', dataFolder: '/nowhere', endTime: Infinity, speed: 1, dataHash: '', isSynthetic: false } }) // prettier-ignore
    const alone = await evidenceOf(stored)
    expect(alone).toMatchObject({ isVirtualClock: true, days: known(TRADED / 24), barsOnTime: { reason: expect.stringContaining('no time passes') as string } }) // prettier-ignore
    const real = await session({ folder: stored.folder, startBar: 20 })
    const both = await evidenceOf(real)
    expect([both.isVirtualClock, both.sessions.map(({ id }) => id)]).toEqual([false, [real.id]])
    expect(reasons(both)).toEqual([expect.stringContaining('virtual clock')])
  })

  test.each([
    [true, { ...LIVE, isLoopback: true }],
    [true, { ...LIVE, speed: 60 }],
    [true, { ...LIVE, addresses: { exchange: 'https://elsewhere.example' } }],
    [true, { ...LIVE, addresses: { smartMoney: 'http://127.0.0.1:1' } }],
    [true, { ...LIVE, addresses: { smartMoney: 'https://elsewhere.example' } }],
    [false, { ...LIVE, addresses: { smartMoney: 'https://api.smartmoneyapi.com/' } }],
    [false, LIVE],
  ] as const)('virtual: %s for %j', (isVirtual, source) => {
    expect(hasVirtualClock({ source })).toBe(isVirtual)
  })

  test('a position that was closed by hand begins the evidence anew, in all of them', async () => {
    const before = await session({}, (it) => inputsUntil(12, it))
    let killedAt = NaN
    const killed = await session({ folder: before.folder, startBar: 14, bars: 60 }, (it) => {
      const { desk } = it.session
      for (const input of inputsOf(it.options)) {
        feed(desk, input)
        const isHeld = desk.session.state.books.some(({ position }) => position.quantity !== 0)
        if (input.kind !== 'bars' || input.at < hourOf(it, 20) || !isHeld || !Number.isNaN(killedAt)) continue
        killedAt = input.at
        desk.changeMode({ time: killedAt, mode: 'halted', reason: 'a test' })
        desk.changeMode({ time: killedAt, mode: 'active', reason: 'over' })
      }
    })
    const found = await evidenceOf(killed)
    expect(found.sessions).toMatchObject([{ id: killed.id, fromTime: killedAt }])
    expect(found.notCounted).toEqual([{ id: before.id, reason: expect.stringContaining('closed by hand') as string }])
    expect(found.days).toEqual(known((hourOf(killed, 59) + HOUR_MS - killedAt) / DAY_MS))
    const { trades } = killed.session.desk.session
    const since = trades.filter(({ entryTime }) => entryTime >= killedAt)
    expect([since.length > 0, since.length < trades.length]).toEqual([true, true])
    expect(found.trades).toEqual(known(since.length))
  }) // prettier-ignore

  test('expire sixty days after something was added last', async () => {
    const one = await session()
    const { lastDecided } = one.session.desk.session
    expect((await evidenceOf(one, lastDecided + 60 * DAY_MS)).sessions).toHaveLength(1)
    const expired = await evidenceOf(one, lastDecided + 60 * DAY_MS + 1)
    expect([expired.sessions, reasons(expired)]).toEqual([[], [expect.stringContaining('expired')]])
  })
})
