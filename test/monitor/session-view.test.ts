import { rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import Database from 'better-sqlite3'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import {
  equityFigures,
  limitsUsed,
  riskLevel,
  tripsByPeriod,
  type LimitUse,
} from '../../src/monitor/figures.js'
import { SessionAccount } from '../../src/monitor/account.js'
import { gatesOf, statusOf } from '../../src/monitor/status-tables.js'
import { healthChecks } from '../../src/monitor/health-checks.js'
import { livenessOf } from '../../src/monitor/liveness.js'
import { SessionWatch, viewSession, type SessionView } from '../../src/monitor/session-view.js'
import { ageWords } from '../../src/monitor/words.js'
import { known, unknown } from '../../src/metrics/statistic.js'
import { feed, inputsOf } from '../runner/as-session.js'
import { LIVE, NOW, ports, testSession, writeHealth, type TestSession } from './stored-session.js' // prettier-ignore

let made: TestSession
let view: SessionView

beforeAll(async () => {
  made = await testSession({ bars: 140 })
  writeHealth(made)
  view = await viewSession(made.folder, made.id, ports())
})
afterAll(() => {
  made.session.close()
  rmSync(made.folder, { recursive: true, force: true })
})

/** Where sums are made in another order, the last digits may differ. */
function near(value: number): number {
  return Number(value.toPrecision(11))
}

describe('a session as it is seen by its files alone', () => {
  test('has the round trips, money and positions of the session itself', () => {
    const { session } = made.session.desk
    const { account, marks } = view.journal
    expect(session.trades.length).toBeGreaterThan(20)
    expect(account.trips.map((trip) => ({ ...trip, exitDay: 0 }))).toEqual(
      session.trades.map((trade) => ({
        instrument: trade.instrumentId === 'test:A' ? 0 : 1,
        side: trade.side,
        quantity: expect.closeTo(trade.quantity, 9),
        entryTime: trade.entryTime,
        entryPrice: expect.closeTo(trade.entryPrice, 9),
        exitTime: trade.exitTime,
        exitDay: 0,
        exitPrice: expect.closeTo(trade.exitPrice, 9),
        exitReason: trade.exitReason,
        fees: expect.closeTo(trade.fees, 9),
        slippage: expect.closeTo(trade.slippage, 9),
        funding: expect.closeTo(trade.funding, 9),
        profit: expect.closeTo(trade.profit, 9),
      })),
    )
    expect(new Set(account.trips.map(({ exitReason }) => exitReason)).size).toBeGreaterThan(2)
    expect(near(account.cash)).toBe(near(session.state.account.cash))
    expect(near(account.equity())).toBe(near(session.state.markedEquity))
    expect(marks).toEqual(made.session.desk.marks)
    expect(account.fills.map(({ fill }) => fill)).toEqual(session.recorder.fills.list())
  })

  test('knows at every close what the session holds and which orders are out', async () => {
    const { folder, id, session, options, stored } = await testSession({ bars: 100, told: 0 })
    const watch = await SessionWatch.open(folder, id, ports())
    let held = 0
    for (const input of inputsOf(options)) {
      feed(session.desk, input)
      if (input.kind !== 'bars') continue
      const { account, equity } = (await watch.look()).journal
      const { state } = session.desk.session
      expect(near(account.equity())).toBe(near(equity))
      expect(account.held().map(({ instrument, side, quantity }) => [instrument, near(side * quantity)])).toEqual(
        state.books.flatMap(({ instrument, position }) => position.quantity === 0 ? [] : [[instrument, near(position.quantity)]]),
      )
      const out = state.books.flatMap(({ entry, exit, stop, targets }) => [entry, exit, stop, ...targets].filter(({ isActive }) => isActive))
      expect(account.out().map((one) => [one.order.id, one.price, near(one.quantity), near(one.filledQuantity)]).sort()).toEqual(
        out.map((one) => [one.id, one.price, near(one.quantity), near(one.filledQuantity)]).sort(),
      )
      held += account.held().length
    }
    expect(held).toBeGreaterThan(40)
    watch.close()
    session.close()
    expect(stored.settings.id).toBe(id)
    rmSync(folder, { recursive: true })
  }) // prettier-ignore

  test('is read on from where the last look ended, rows once each', async () => {
    const watch = await SessionWatch.open(made.folder, made.id, ports())
    const first = (await watch.look()).journal.rows
    const trips = (await watch.look()).journal.account.trips.length
    expect(first).toBe(view.journal.rows)
    expect(trips).toBe(view.journal.account.trips.length)
    watch.close()
  })

  test('says which row is damaged, and nothing behind it counts', async () => {
    const hurt = await testSession({ bars: 40 })
    hurt.session.close()
    const { journal } = hurt.stored.paths
    const database = new Database(journal)
    database.exec(`DROP TRIGGER journal_is_not_edited`)
    database.exec(`UPDATE journal SET text = replace(text, '1', '2') WHERE seq = 50`)
    database.close()
    const seen = await viewSession(hurt.folder, hurt.id, ports())
    expect(seen.journal.rows).toBe(49)
    expect(seen.problems).toEqual([expect.stringMatching(/journal is damaged.*row 50/)])
    rmSync(hurt.folder, { recursive: true })
  })

  test('says that a journal was cut back or replaced, which looks whole', async () => {
    const hurt = await testSession({ bars: 40 })
    hurt.session.close()
    const { journal } = hurt.stored.paths
    const before = (await viewSession(hurt.folder, hurt.id, ports())).journal.rows
    const database = new Database(journal)
    database.exec(`DROP TRIGGER journal_is_not_shortened`)
    database.exec(`DELETE FROM journal WHERE seq > ${before - 3}`)
    database.close()
    const seen = await viewSession(hurt.folder, hurt.id, ports())
    expect(seen.journal.rows).toBe(before - 3)
    expect(seen.problems).toEqual([
      expect.stringMatching(`has lost its last rows, of which there were ${before}`),
    ])
    rmSync(hurt.folder, { recursive: true })
  })

  test('without a journal, or with a health file that is no JSON, says so and shows the rest', async () => {
    const bare = await testSession({ bars: 100, told: 0 })
    bare.session.close()
    rmSync(bare.stored.paths.journal)
    writeFileSync(bare.stored.paths.health, '{')
    const seen = await viewSession(bare.folder, bare.id, ports())
    expect(seen.problems).toEqual([expect.stringContaining('no journal'), expect.stringContaining('no JSON')])
    expect(equityFigures(seen.journal).equity).toEqual(unknown('the journal has no row yet'))
    rmSync(bare.folder, { recursive: true })
  })
})

describe('figures', () => {
  test('of the day are measured from the last close at or before 00:00 UTC', () => {
    const { journal } = view
    const { marks } = journal
    const figures = equityFigures(journal)
    const day = Math.floor((journal.lastClose - 1) / DAY_MS) * DAY_MS
    const before = marks.filter(({ time }) => time <= day).at(-1)?.equity as number
    expect(figures.dayStart.value).toBe(before)
    expect(figures.dayProfit.value).toBe((marks.at(-1)?.equity as number) - before)
    expect(figures.dayStart.value).toBe(made.session.desk.session.state.dayStartEquity)
    const peak = Math.max(10_000, ...marks.map(({ equity }) => equity))
    expect(figures.drawdown.value).toBeCloseTo(1 - journal.equity / peak, 12)
    const gross = journal.account.held().reduce((sum, { notional }) => sum + notional, 0)
    expect(figures.grossExposure.value).toBeCloseTo(gross / journal.equity, 12)
  })

  test('put a trade into the day in whose equity it ended: within its last bar, not at the open of the next', () => {
    const day = Date.UTC(2026, 10, 22)
    const tradeThat = (exitTime: number, closesBefore: readonly number[]): number => {
      const account = new SessionAccount(10_000, 1)
      const tell = (role: 'entry' | 'stop', time: number): void => {
        const fill = { orderId: 0, instrument: 0, role, side: role === 'entry' ? 1 : -1, time, price: 100, quantity: 1, fee: 0, slippage: 0, liquidity: 'taker' } as const // prettier-ignore
        account.heard({ id: role, event: { kind: 'fill', time, fill, undecided: false, inside: true } })
      }
      tell('entry', day + 20 * HOUR_MS)
      for (const close of closesBefore) account.price(0, 100, close)
      tell('stop', exitTime)
      return account.trips[0]?.exitDay as number
    }
    const midnight = day + DAY_MS
    expect(tradeThat(midnight, [midnight - HOUR_MS, midnight])).toBe(day)
    expect(tradeThat(midnight, [midnight, midnight + HOUR_MS])).toBe(midnight)
    // By quotes, to the millisecond.
    expect(tradeThat(midnight - 1, [midnight - HOUR_MS])).toBe(day)
    expect(tradeThat(midnight + 1, [midnight])).toBe(midnight)
  })

  test('of the gates count what promotion counts: each close with nothing held by its length', async () => {
    const found = (of: SessionView): unknown =>
      gatesOf(statusOf(of)).filter(({ key }) => key === 'paper-days' || key === 'paper-trades').map((gate) => gate.found) // prettier-ignore
    // 140 hours less the 6 that warm up.
    expect(found(view)).toEqual(['5.58333 d', String(view.journal.account.trips.length)])
    const held = await testSession({ bars: 140, told: 0 })
    const inputs = inputsOf(held.options)
    const [half, most] = [Math.floor(inputs.length / 2), Math.floor(inputs.length * 0.8)]
    for (const input of inputs.slice(0, half)) feed(held.session.desk, input)
    held.session.desk.hold({ time: 0, reasons: ['clock-offset'] })
    for (const input of inputs.slice(half, most)) feed(held.session.desk, input)
    const { marks } = held.session.desk
    const whileHeld = marks.length
    held.session.desk.hold({ time: 0, reasons: [] })
    for (const input of inputs.slice(most)) feed(held.session.desk, input)
    expect(marks.length - whileHeld).toBeGreaterThan(20)
    const seen = await viewSession(held.folder, held.id, ports())
    expect(seen.journal.unheldCloses).toBeLessThan(marks.length - 20)
    expect(found(seen)).toEqual([`${Number((seen.journal.unheldCloses / 24).toPrecision(6))} d`, String(seen.journal.account.trips.length)]) // prettier-ignore
    held.session.close()
    rmSync(held.folder, { recursive: true, force: true })
  })

  test('of periods add up to all closed trades, and weeks begin on Mondays', () => {
    const { trips } = view.journal.account
    const total = trips.reduce((sum, { profit }) => sum + profit, 0)
    for (const period of ['day', 'week', 'month'] as const) {
      const rows = tripsByPeriod(trips, period)
      expect(rows.reduce((sum, { trades }) => sum + trades, 0)).toBe(trips.length)
      expect(rows.reduce((sum, { profit }) => sum + profit, 0)).toBeCloseTo(total, 9)
      expect([...rows].sort((a, b) => (a.from < b.from ? 1 : -1))).toEqual(rows)
    }
    const at = (time: number): (typeof trips)[number] => ({ ...(trips[0] as (typeof trips)[number]), exitDay: time }) // prettier-ignore
    const days = [Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 23), Date.UTC(2026, 10, 29)]
    expect(tripsByPeriod(days.map(at), 'week').map(({ from }) => from)).toEqual(['2026-11-23', '2026-11-16'])
    expect(tripsByPeriod(days.map(at), 'month').map(({ from }) => from)).toEqual(['2026-11-01'])
  })

  test('of risk go by the largest share of a limit, at the bounds that are named', () => {
    const use = (share: number | undefined): LimitUse => ({ name: 'drawdown', value: known(0), limit: known(1), used: share === undefined ? unknown('no') : known(share) }) // prettier-ignore
    const level = (...shares: (number | undefined)[]): string => riskLevel(shares.map(use))
    expect([level(0.1, 0.329), level(0.33, 0), level(0.659), level(0.66, 0.1)]).toEqual(['low', 'medium', 'medium', 'high']) // prettier-ignore
    expect([level(undefined), level(undefined, 0.7)]).toEqual(['unknown', 'high'])
    const figures = equityFigures(view.journal)
    const limits = limitsUsed(figures, view.journal.record?.risk, 2)
    expect(limits.map(({ limit }) => limit.value)).toEqual([0.0025, 1, 0.2])
  })
})

describe('health', () => {
  const states = (seen: SessionView): string[] => healthChecks(seen).map(({ state }) => state)
  const live: SessionView['settings']['source'] = LIVE
  const seen = (changes: Partial<SessionView>, health: object = {}): SessionView =>
    ({ ...view, settings: { ...view.settings, source: live }, health: { ...view.health, ...health }, ...changes }) as SessionView // prettier-ignore

  test('is four checks, each failing for its own reason', () => {
    expect(states(seen({}))).toEqual(['healthy', 'healthy', 'healthy', 'healthy'])
    expect(states(seen({}, { api: { state: 'down', since: 0 } }))).toEqual(['failed', 'healthy', 'healthy', 'healthy']) // prettier-ignore
    expect(states(seen({}, { feed: { state: 'down', since: 0 } }))[1]).toBe('failed')
    expect(states(seen({}, { errorsLastHour: 4 }))[3]).toBe('healthy')
    expect(states(seen({}, { errorsLastHour: 5 }))[3]).toBe('failed')
    const poor = Object.assign(Object.create(view.journal) as object, { marks: [{ time: 1, equity: 5_000, halted: false }] }) // prettier-ignore
    expect(states(seen({ journal: poor as SessionView['journal'] }))[2]).toBe('failed')
  })

  test('that nobody told is unknown, never healthy', () => {
    expect(states(seen({ health: undefined }))).toEqual(['unknown', 'unknown', 'healthy', 'unknown'])
    expect(states(seen({}, { time: NOW - 61_000 }))).toEqual(['unknown', 'unknown', 'healthy', 'unknown'])
    expect(states(seen({}, { errorsLastHour: null, api: { state: 'starting', since: 0 } }))).toEqual(['unknown', 'healthy', 'healthy', 'unknown']) // prettier-ignore
    expect(states(view).slice(0, 2)).toEqual(['unknown', 'unknown'])
  })

  test('of progress: live, late, stalled, dead, stopped, and where another clock is behind it', () => {
    const { lastClose } = view.journal
    const at = (lateMs: number): object => ({ now: lastClose + HOUR_MS + lateMs })
    const fresh = (lateMs: number): object => ({ time: lastClose + HOUR_MS + lateMs - 1_000 })
    const state = (changes: Partial<SessionView>, health: object = {}): string => livenessOf(seen(changes, health)).state // prettier-ignore
    expect(state(at(119_000), fresh(119_000))).toBe('live')
    expect(state(at(121_000), fresh(121_000))).toBe('late')
    expect(state({})).toBe('late')
    expect(state({}, { time: NOW - 61_000 })).toBe('stalled')
    expect(state({ isHolderAlive: false })).toBe('dead')
    expect(state({ holder: undefined })).toBe('stopped')
    expect(state({ isHolderAlive: undefined, health: undefined })).toBe('unknown')
    const stored = { ...view.settings, source: { ...view.settings.source, endTime: lastClose } as never }
    expect(livenessOf({ ...view, settings: stored, holder: undefined }).state).toBe('ended')
    expect(livenessOf(view).state).toBe('live')
    expect(livenessOf({ ...view, health: undefined }).state).toBe('stalled')
  })
})

test('ages are told in their two largest units', () => {
  expect([0, 999, 59_000, 60_000, 3_725_000, 90_000_000, NaN, -2_000].map(ageWords)).toEqual(['0 s', '0 s', '59 s', '1 min', '1 h 2 min', '1 d 1 h', 'n/a', '-2 s']) // prettier-ignore
})
