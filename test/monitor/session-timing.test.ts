import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { cumulativeReturns, driftOf } from '../../src/monitor/drift.js'
import type { SessionRecord } from '../../src/monitor/journal-fold.js'
import { forcedRestarts, hasReason, sessionLog } from '../../src/monitor/session-log.js'
import { barsDue, lateBarsOf, SessionTiming } from '../../src/monitor/session-timing.js'
import { journalText } from '../../src/runner/journal-text.js'
import { instrumentOf } from '../engine/scripted.js'

const DAY = Date.UTC(2024, 2, 1)
const session = {
  instruments: [instrumentOf({ id: 'test:A' }), instrumentOf({ id: 'test:B' })],
  timeframeMs: HOUR_MS,
  startTime: DAY,
}

/** A timing told rows by hand; hours count from the session's start. */
function timed(rows: readonly (readonly [string, unknown])[], of: typeof session = session): SessionTiming {
  const timing = new SessionTiming(of)
  rows.forEach(([kind, body], at) => timing.take({ seq: at + 2, kind, text: journalText(body) }))
  return timing
}
const bars = (hour: number, instruments: readonly number[] = [0, 1]) =>
  ['bars', { closeTime: DAY + hour * HOUR_MS, bars: instruments.map((instrument) => ({ instrument, openTime: DAY + (hour - 1) * HOUR_MS })) }] as const // prettier-ignore
const fact = (instrument: number, knownHour: number, value = 1) =>
  ['fact', { instrument, series: 'mood', eventTime: DAY, knownAt: DAY + knownHour * HOUR_MS, values: { value } }] as const // prettier-ignore
const settlement = (hour: number) =>
  ['settlement', { instrument: 0, time: DAY + hour * HOUR_MS, rate: 0, mark: NaN }] as const
const hold = (hour: number, ...reasons: string[]) =>
  ['hold', { time: DAY + hour * HOUR_MS, reasons }] as const
const late = ({ closes }: SessionTiming): number[] => closes.map(lateBarsOf)

describe('how closes came', () => {
  test('late candles are the ones that were held for it; any hold, and a mode, stands still', () => {
    const { closes } = timed([
      bars(1), hold(2, 'stale-candle'), bars(2), hold(3), bars(3), hold(4, 'clock-offset'), bars(4), hold(5),
      ['mode', { time: DAY, mode: 'halted', reason: 'x' }], bars(5), ['mode', { time: DAY, mode: 'active', reason: 'x' }], bars(6, [1]),
    ]) // prettier-ignore
    expect(closes.map(({ isStale }) => isStale)).toEqual([false, true, false, false, false, false])
    expect(closes.map(({ isPaused }) => isPaused)).toEqual([false, true, false, true, true, false])
    expect(closes.map((close) => [close.bars, lateBarsOf(close)])).toEqual([[2, 0], [2, 2], [2, 0], [2, 0], [2, 0], [1, 0]]) // prettier-ignore
  })

  test('a fact that is told after closes by which it was known makes its instrument late on each of them', () => {
    expect(late(timed([bars(1), bars(2), bars(3), fact(0, 2), bars(4)]))).toEqual([0, 1, 1, 0])
    expect(late(timed([bars(1), bars(2), fact(0, 0.5), fact(1, 1.5), fact(1, 1.6)]))).toEqual([1, 2])
    // Known at the close, it counts at the close; a moment later, at the next.
    expect(late(timed([bars(1), fact(0, 1)]))).toEqual([1])
    expect(late(timed([bars(1), fact(0, 1.0001)]))).toEqual([0])
    expect(late(timed([bars(1), fact(0, NaN)]))).toEqual([0])
    expect(timed([bars(1), bars(2), bars(3), fact(0, 2), bars(4)]).closes.map(({ lateUntil }) => lateUntil)).toEqual([undefined, 3, 3, undefined]) // prettier-ignore
  })

  test('a settlement at the very close falls due with the bar after it', () => {
    expect(late(timed([bars(1), settlement(1), bars(2)]))).toEqual([0, 0])
    expect(late(timed([bars(1), bars(2), settlement(1), bars(3)]))).toEqual([0, 1, 0])
  })

  test('what a feed tells once more as it begins again is not late', () => {
    expect(late(timed([fact(0, 1), bars(1), fact(0, 1), settlement(1)]))).toEqual([0])
    expect(late(timed([fact(0, 1, 7), bars(1), fact(0, 1, 8)]))).toEqual([1])
  })

  test('bars that warm up are none, and decisions are counted by the end of each day', () => {
    const decision = ['decision', [{ usable: true }, { usable: false }]] as const
    const { closes, days } = timed([bars(0), bars(1), decision, bars(24), decision, bars(25), decision])
    expect(closes.map(({ time }) => (time - DAY) / HOUR_MS)).toEqual([1, 24, 25])
    expect(days).toEqual([
      { dayStart: DAY, lastClose: DAY + DAY_MS, decisions: 4, usable: 2 },
      { dayStart: DAY + DAY_MS, lastClose: DAY + 25 * HOUR_MS, decisions: 6, usable: 3 },
    ])
  })

  test('a position that was closed by hand is told from one that the strategy left', () => {
    const exit = (exitReason: string) => ['intent', { kind: 'submit', order: { order: { exitReason, decidedAt: DAY + 3 * HOUR_MS } } }] as const // prettier-ignore
    expect(timed([bars(2), exit('signal'), exit('delisted')]).lastManualTime).toBe(-Infinity)
    expect(timed([bars(2), exit('manual'), bars(4)]).lastManualTime).toBe(DAY + 3 * HOUR_MS)
  })

  test('bars are due of instruments that are listed, after one time and up to another', () => {
    expect(barsDue(session, -Infinity, DAY + 5 * HOUR_MS)).toBe(10)
    expect(barsDue(session, DAY + 2 * HOUR_MS, DAY + 5.9 * HOUR_MS)).toBe(6)
    const [one] = session.instruments
    const young = { ...one!, listedAt: DAY + 3 * HOUR_MS }
    const old = { ...one!, delistedAt: DAY + 2 * HOUR_MS }
    expect(barsDue({ ...session, instruments: [young, old] }, DAY, DAY + 5 * HOUR_MS)).toBe(2 + 2)
  })
})

describe('the log of a session', () => {
  const start = (at: number, recovered: number, lastDecided: number | string) => JSON.stringify({ at, event: 'start', recovered, lastDecided }) // prettier-ignore
  const line = (at: number, event: string, more: object = {}) => JSON.stringify({ at, event, ...more })
  const restarted = (...between: string[]) =>
    sessionLog([start(10, 0, '-Infinity'), ...between, start(50, 9, 30)])

  test('a life that ended without a word was cut off; the session has to have gone on', () => {
    expect(forcedRestarts(restarted(), 40)).toBe(1)
    expect(forcedRestarts(restarted(line(20, 'end')), 40)).toBe(0)
    expect(forcedRestarts(restarted(line(20, 'failed')), 40)).toBe(0)
    expect(forcedRestarts(restarted(line(20, 'error'), '{"at":21,"ev'), 40)).toBe(1)
    // It came back, and decided on nothing since.
    expect(forcedRestarts(restarted(), 30)).toBe(0)
    expect(forcedRestarts(restarted(), 40, 50)).toBe(0)
    expect(forcedRestarts(sessionLog([start(10, 0, '-Infinity'), start(50, 0, '-Infinity')]), 40)).toBe(0)
    expect(forcedRestarts(sessionLog([start(10, 4, 3)]), 40)).toBe(0)
  })

  test('tells whether it reaches back to the start', () => {
    expect(restarted().isWhole).toBe(true)
    expect(sessionLog([start(50, 9, 30)]).isWhole).toBe(false)
    expect(sessionLog([line(5, 'close'), start(10, 0, 0)]).isWhole).toBe(false)
  })

  test('a late close has a reason where something went wrong, or it was started, before its data were told', () => {
    const log = sessionLog([start(10, 0, '-Infinity'), line(105, 'error', { what: 'gap', message: '' }), line(110, 'close', { time: 100 }), line(209, 'close', { time: 200 })]) // prettier-ignore
    expect(hasReason(log, 100, 100)).toBe(true)
    expect(hasReason(log, 106, 200)).toBe(false)
    expect(hasReason(log, 200, 200)).toBe(false)
    expect(hasReason(log, 100, 300)).toBe(false)
    expect(hasReason(log, 5, 100)).toBe(true)
  })
})

describe('returns of stretches end to end', () => {
  const stretch = (fromHour: number, toHour: number, marks: readonly (readonly [number, number])[]) => ({
    startingBalance: 100,
    fromTime: DAY + fromHour * HOUR_MS,
    toTime: DAY + toHour * HOUR_MS,
    marks: marks.map(([hour, equity]) => ({ time: DAY + hour * HOUR_MS, equity, halted: false })),
  })
  const near = (values: readonly number[]) => values.map((value) => Number(value.toFixed(12)))

  test('whole days are days', () => {
    expect(near(cumulativeReturns([stretch(0, 48, [[12, 90], [24, 110], [48, 99]])]))).toEqual([0.1, -0.01]) // prettier-ignore
  })

  test('parts of days are no days of their own, and what they lost is not left out', () => {
    // Half a day to 80, whole days to 88 and 44, half a day to 33; then anew from 100: half a day to 50, a whole day to 60, and a part to 54.
    const first = stretch(12, 84, [[24, 80], [48, 88], [72, 44], [84, 33]]) // prettier-ignore
    const second = stretch(108, 150, [[120, 50], [144, 60], [150, 54]]) // prettier-ignore
    expect(near(cumulativeReturns([first]))).toEqual([-0.12, -0.67])
    expect(near(cumulativeReturns([first, second]))).toEqual([-0.12, -0.56, near([0.33 * 0.54 - 1])[0]])
    expect(cumulativeReturns([stretch(12, 23, [[20, 50]])])).toEqual([])
  })

  test('the report of a day holds against the band what the gate does, a first part of a day included', () => {
    // From noon: 100 to 80 by midnight, to 88 over the next day, then 44 by noon of a day that is not over.
    const marks = [[13, 99], [24, 80], [48, 88], [60, 44]].map(([hour, equity]) => ({ time: DAY + (hour as number) * HOUR_MS, equity: equity as number, halted: false })) // prettier-ignore
    const record = { startingBalance: 100, timeframeMs: HOUR_MS } as SessionRecord
    const { actual, days } = driftOf({ marks, record }, DAY + 3 * DAY_MS, { reason: 'none' })
    expect(near(actual)).toEqual([-0.12])
    expect(days).toBe(1)
  })
})
