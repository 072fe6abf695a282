import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BookQuote } from '../../src/core/quotes.js'
import { DAY_MS, formatUtcDay, HOUR_MS } from '../../src/core/time.js'
import { known } from '../../src/metrics/statistic.js'
import { againstBacktest, demotionFigures, gapOfLastTrades, sessionDemotion, unknownOrders } from '../../src/monitor/demotion-figures.js' // prettier-ignore
import { againstBands, cumulativeReturns } from '../../src/monitor/drift.js'
import { dayOfClose } from '../../src/monitor/journal-fold.js'
import type { DayOfDecisions } from '../../src/monitor/session-timing.js'
import { readYardsticks } from '../../src/monitor/paper-figures.js'
import { readWatched, type WatchedSession } from '../../src/monitor/watched-session.js'
import { quoteFillSettings } from '../../src/runner/fill-model.js'
import { journalText } from '../../src/runner/journal-text.js'
import { arrivedFills } from '../../src/runner/promotion/fill-gap.js'
import { LIVE, testSession, type TestSession } from './stored-session.js'

const FOLDERS = { runsFolder: '/nowhere', dataFolder: '/nowhere' }
let made: TestSession
let watched: WatchedSession

beforeAll(async () => {
  made = await testSession({ bars: 150, source: LIVE })
  made.session.close()
  watched = (await readWatched(made.stored))!
})
afterAll(() => rmSync(made.folder, { recursive: true, force: true }))

const figuresOf = async (changed: object) => {
  const sessions = [{ ...watched, ...changed }]
  return demotionFigures(sessions, await readYardsticks(undefined, sessions, FOLDERS), 0)
}

describe('the gap of the last 20 trades', () => {
  /** A quote at the arrival of each order, by `worseBps` worse than its fill. */
  function quotes(worseBps: (arrivedAt: number, instrument: number) => number): BookQuote[] {
    return arrivedFills(watched.orders, quoteFillSettings({}), false)
      .map(({ instrument, side, price, arrivedAt }) => {
        const offered = price * (1 + (side * worseBps(arrivedAt, instrument)) / 10_000)
        const [bid, ask] = side > 0 ? [offered * 0.99, offered] : [offered, offered * 1.01]
        return { instrument, time: arrivedAt, bid, bidSize: 1, ask, askSize: 1 }
      })
      .sort((a, b) => a.time - b.time)
  }

  test('is the model’s where quotes stood where it filled, and as much more as they were worse', () => {
    const { trips } = watched.fold.account
    expect(trips.length).toBeGreaterThan(40)
    const same = gapOfLastTrades(
      [watched],
      quotes(() => 0),
    )
    expect(same.modelGapBps.value).toBeGreaterThan(0)
    expect(same.quotedGapBps.value).toBeCloseTo(same.modelGapBps.value as number, 9)
    const { slippageBps, halfSpreadBps = 0 } = made.stored.settings.costs
    // Rounding to the tick is against us too.
    expect(same.modelGapBps.value).toBeGreaterThan(slippageBps + halfSpreadBps - 0.01)
    const worse = gapOfLastTrades(
      [watched],
      quotes(() => 3),
    )
    expect((worse.quotedGapBps.value as number) - (worse.modelGapBps.value as number)).toBeCloseTo(3, 6)
    expect(worse.modelGapBps).toEqual(same.modelGapBps)
  })

  test('looks at no trade before them', () => {
    // Orders arrive 100 ms after the close that they were decided on, which is the open that they fill at.
    const dearEntryOf = (at: number) => {
      const { instrument, entryTime } = watched.fold.account.trips.at(at)!
      return gapOfLastTrades([watched], quotes((time, of) => (of === instrument && time === entryTime + 100 ? 500 : 0))) // prettier-ignore
    }
    const { quotedGapBps, modelGapBps } = dearEntryOf(-21)
    expect(quotedGapBps.value).toBeCloseTo(modelGapBps.value as number, 9)
    expect(dearEntryOf(-20).quotedGapBps.value).toBeGreaterThan((modelGapBps.value as number) + 5)
  })

  test('is n/a of fewer, of those since the evidence began, and without quotes', async () => {
    const { trips } = watched.fold.account
    const fromTime = trips.map(({ entryTime }) => entryTime).sort((a, b) => b - a)[10]!
    const few = gapOfLastTrades(
      [{ ...watched, fromTime }],
      quotes(() => 0),
    )
    expect(few.quotedGapBps).toEqual({ reason: expect.stringMatching(/^\d+ trades with .*, at least 20 needed$/) as string }) // prettier-ignore
    expect((await figuresOf({})).quotedGapBps).toEqual({ reason: expect.stringContaining('nobody recorded best bid and ask') as string }) // prettier-ignore
  })
})

describe('coverage', () => {
  const covered = (shares: readonly number[]) => {
    const days: DayOfDecisions[] = []
    shares.forEach((share, day) => days.push({ dayStart: day * DAY_MS, lastClose: (day + 1) * DAY_MS, decisions: 1_000 * (day + 1), usable: (days.at(-1)?.usable ?? 0) + 1_000 * share })) // prettier-ignore
    return figuresOf({ fromTime: 0, toTime: shares.length * DAY_MS, timing: { days, closes: [] } })
  }

  test('is that of the best of the last three days', async () => {
    expect((await covered([1, 0.5, 0.899, 0.6])).coverage).toEqual(known(0.899))
    expect((await covered([0.5, 0.9, 0.6])).coverage).toEqual(known(0.9))
    expect((await covered([0.5, 0.6])).coverage).toEqual({ reason: '2 days that are over and have decisions, at least 3 needed' }) // prettier-ignore
  })
})

test('daily halts are those of seven days, each day once', async () => {
  const mark = (hour: number) => ({ time: hour * HOUR_MS, equity: 1, halted: true })
  const halts = async (hours: readonly number[], toTime: number) => (await figuresOf({ fromTime: 0, toTime, fold: { ...watched.fold, account: watched.fold.account, marks: hours.map(mark) } })).dailyHalts // prettier-ignore
  // A close at 00:00 belongs to the day that it ends.
  expect(await halts([23, 24], 7 * DAY_MS)).toEqual(known(1))
  expect(await halts([24, 25], 7 * DAY_MS)).toEqual(known(2))
  expect(await halts([24, 25], 7 * DAY_MS + 1)).toEqual(known(1))
  expect(await halts([], DAY_MS)).toEqual(known(0))
  const unlimited = { ...watched.record, risk: { ...watched.record.risk, dailyLossLimit: 0 } }
  expect((await figuresOf({ record: unlimited })).dailyHalts).toEqual({ reason: expect.stringContaining('no limit on the loss of a day') as string }) // prettier-ignore
})

test('one difference in parity is enough, and that there is none takes every day', async () => {
  const { paths, settings } = made.stored
  const days = watched.timing.days.filter(({ dayStart }) => dayStart + DAY_MS <= watched.toTime)
  mkdirSync(paths.replay)
  const write = ({ dayStart, lastClose, decisions }: DayOfDecisions, difference?: object): void =>
    writeFileSync(join(paths.replay, `${formatUtcDay(dayStart)}.json`), JSON.stringify({ schema: 1, session: settings.id, lastClose, decisions: { decisions, ...(difference && { difference }) } })) // prettier-ignore
  const parity = async () => (await figuresOf({})).parityDifferences
  const isMissing = { reason: expect.stringContaining('days were not replayed') as string }
  expect(await parity()).toEqual(isMissing)
  for (const day of days.slice(1)) write(day)
  expect(await parity()).toEqual(isMissing)
  write(days[1]!, { row: 7, kind: 'decision', field: '', recorded: 'a', now: 'b' })
  expect(await parity()).toEqual(known(1))
  write(days[0]!)
  write(days[1]!)
  expect(await parity()).toEqual(known(0))
})

test('orders that nobody sent are counted once each, what a venue takes over is none', () => {
  const rows = [
    ['broker', { id: 'a', event: { kind: 'order-accepted', orderId: 1, time: 0 } }],
    ['intent', { kind: 'submit', order: { clientId: 'x', order: { id: 1 } } }],
    ['broker', { id: 'b', event: { kind: 'fill', time: 0, fill: { orderId: 1, role: 'entry' } } }],
    ['broker', { id: 'c', event: { kind: 'fill', time: 0, fill: { orderId: 0, role: 'liquidation' } } }],
    ['broker', { id: 'd', event: { kind: 'funding', time: 0 } }],
  ].map(([kind, body], at) => ({ seq: at + 1, kind: kind as string, text: journalText(body) }))
  expect(unknownOrders(rows)).toBe(0)
  const strange = { kind: 'broker', text: journalText({ id: 'e', event: { kind: 'order-ended', orderId: 7, time: 0 } }) } // prettier-ignore
  expect(unknownOrders([...rows, { seq: 6, ...strange }, { seq: 7, ...strange }])).toBe(1)
  expect(unknownOrders(watched.orders)).toBe(0)
})

test('a session is judged by what it had shown by then, and without a promotion by no backtest', async () => {
  const now = await sessionDemotion(made.stored, Infinity, FOLDERS)
  const halted = watched.fold.marks.filter((mark) => mark.halted).map(({ time }) => dayOfClose(time))
  expect(new Set(halted).size).toBeGreaterThan(1)
  const first = await sessionDemotion(made.stored, (halted[0] as number) + DAY_MS, FOLDERS)
  expect([first.dailyHalts, first.coverage.value]).toEqual([known(1), undefined])
  expect(now.dailyHalts.value).toBeGreaterThan(1)
  expect(now.aboveBand).toEqual({ reason: expect.stringContaining('without a promotion') as string })
  expect(now.bootstrapDrawdown).toEqual(now.aboveBand)
  const early = await sessionDemotion(made.stored, 0, FOLDERS)
  expect(Object.values(early)).toEqual(Array(9).fill({ reason: 'it has traded on no close yet' }))
  writeFileSync(made.stored.paths.journal, 'no journal')
  expect(Object.values(await sessionDemotion(made.stored, Infinity, FOLDERS)).every(({ value }) => value === undefined)).toBe(true) // prettier-ignore
})

test('the drawdown is between ends of days, and the bootstrap’s of the paths of the band', () => {
  const wild = Float64Array.from({ length: 200 }, (_, day) => 0.02 * Math.sin(day * 1.7))
  const found = againstBands([0.1, -0.01, 0.045], wild)
  expect(found.drawdown.value).toBeCloseTo(0.1, 12)
  expect(found.bootstrapDrawdown.value).toBeGreaterThan(0)
  const { fold, record, fromTime, toTime, stored } = watched
  const own = againstBands(cumulativeReturns([{ marks: fold.marks, startingBalance: record.startingBalance, fromTime, toTime }]), wild) // prettier-ignore
  const { aboveBand, drawdown, bootstrapDrawdown } = againstBacktest([watched], wild)
  expect([aboveBand, drawdown, bootstrapDrawdown]).toEqual([own.aboveDemotionBand, own.drawdown, own.bootstrapDrawdown]) // prettier-ignore
  expect(aboveBand.value).toBeGreaterThan(own.aboveBand.value as number)
  const settings = { ...stored.settings, quotes: quoteFillSettings({ touchWaitMs: 1_000 }) }
  const easy = againstBacktest([{ ...watched, stored: { ...stored, settings } }], wild)
  for (const one of [easy.aboveBand, easy.bootstrapDrawdown]) expect(one).toEqual({ reason: expect.stringContaining('once a price was touched') as string }) // prettier-ignore
  expect(againstBands([0.1], { reason: 'none' })).toMatchObject({ drawdown: known(0), bootstrapDrawdown: { reason: 'none' } }) // prettier-ignore
})
