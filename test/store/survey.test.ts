import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DataCheck, SeriesSurvey } from '../../src/core/data-survey.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { importFile } from '../../src/store/import.js'
import type { ImportOptions } from '../../src/store/import-options.js'
import { openStore, type Store } from '../../src/store/store.js'
import { surveyStore } from '../../src/store/survey.js'
import { bucketPeriod, coverageOf, cutIntoBuckets } from '../../src/store/survey-buckets.js'
import { spreadOf } from '../../src/store/survey-spread.js'
import { knownStretches, largestAges, stalenessOf } from '../../src/store/survey-staleness.js'
import { eventsIn, gapsOf } from '../../src/store/survey-steps.js'
import { longestFlat } from '../../src/store/survey-values.js'
import { CANDLE_HEADER, CANDLES, T0, csvFile, temporaryFolder } from './helpers.js'

async function survey(
  lines: readonly string[],
  options: Omit<ImportOptions, 'file' | 'now'>,
  outlierDeviations = 15,
): Promise<SeriesSurvey> {
  const folder = temporaryFolder()
  const store: Store = openStore(`${folder}/data`)
  await importFile(store, { ...options, file: csvFile(folder, lines), now: 0 })
  const { series } = await surveyStore(store, { outlierDeviations })
  expect(series).toHaveLength(1)
  return series[0]!
}

const check = (one: SeriesSurvey, key: string): DataCheck => one.checks.find((each) => each.key === key)!

function bar(
  hour: number,
  close: number,
  before = close,
  more: Partial<Record<'high' | 'low', number>> = {},
): string {
  const high = more.high ?? Math.max(close, before)
  const low = more.low ?? Math.min(close, before)
  return `${T0 + hour * HOUR_MS},${before},${high},${low},${close},10`
}

/** Hours 0 to 47 whose closes move by less than 1 %. */
function quietBars(): { lines: string[]; closes: number[] } {
  const closes = Array.from({ length: 48 }, (_, hour) => 100 + ((hour * hour * 7) % 13) / 10)
  return { closes, lines: closes.map((close, hour) => bar(hour, close, closes[hour - 1] ?? close)) }
}

describe('a survey of candles', () => {
  it('counts what is there, what is missing and where', async () => {
    const { lines } = quietBars()
    const one = await survey(
      [CANDLE_HEADER, ...lines.filter((_, hour) => hour !== 5 && (hour < 10 || hour > 13))],
      CANDLES,
    )
    expect(one).toMatchObject({
      rows: 43,
      events: 43,
      firstEventTime: T0,
      lastEventTime: T0 + 47 * HOUR_MS,
      endTime: T0 + 48 * HOUR_MS,
    })
    expect(one.gaps).toMatchObject({ count: 2, longestMs: 4 * HOUR_MS })
    expect(one.gaps.longest).toEqual([
      { afterTime: T0 + 9 * HOUR_MS, beforeTime: T0 + 14 * HOUR_MS, missing: 4, lengthMs: 4 * HOUR_MS },
      { afterTime: T0 + 4 * HOUR_MS, beforeTime: T0 + 6 * HOUR_MS, missing: 1, lengthMs: HOUR_MS },
    ])
    expect(one.coverage).toMatchObject({ missingEvents: 5, missingMs: 5 * HOUR_MS, period: 'hour' })
    expect(one.coverage.share).toBeCloseTo(43 / 48, 12)
    expect(one.coverage.buckets.map(({ coverage }) => coverage).filter((share) => share === 0)).toHaveLength(
      5,
    )
    expect(one.coverage.buckets).toHaveLength(48)
    expect(one.expectedStep).toEqual({ ms: HOUR_MS, basis: 'timeframe' })
    expect(one.spacing).toMatchObject({ count: 42, minimum: HOUR_MS, median: HOUR_MS, maximum: 5 * HOUR_MS })
  })

  it('says that a bar is known at its close by definition, and how old the newest close became', async () => {
    const { lines } = quietBars()
    const one = await survey([CANDLE_HEADER, ...lines.filter((_, hour) => hour < 10 || hour > 13)], CANDLES)
    expect(one.known).toMatchObject({
      basis: ['bar-close'],
      knownEvents: 44,
      instantEvents: 0,
      neverKnown: 0,
      rowsByOrigin: { recorded: 44 },
    })
    expect(one.known.delay).toMatchObject({ minimum: HOUR_MS, maximum: HOUR_MS })
    // From the close at 10:00 to the close at 15:00 nothing new was known.
    expect(one.staleness).toMatchObject({
      largestMs: 5 * HOUR_MS,
      largestAt: T0 + 15 * HOUR_MS,
      limitMs: 2 * HOUR_MS,
    })
    // 47 hours from the first close to the last; 3 of them beyond two hours.
    expect(one.staleness!.overLimit).toBeCloseTo(3 / 47, 12)
    expect(one.staleness!.meanMs).toBeCloseTo(((42 * 0.5 + 5 * 2.5) / 47) * HOUR_MS, 3)
  })

  it('finds an outlying return, a spike that comes back, a wick, a jump, and bars without movement or volume', async () => {
    const { lines, closes } = quietBars()
    lines[10] = bar(10, 150, closes[9])
    lines[11] = bar(11, 101, 150)
    lines[20] = bar(20, 100, closes[19], { high: 140 })
    lines[30] = bar(30, 100, 60)
    lines[40] = `${T0 + 40 * HOUR_MS},101,101,101,101,0`
    lines[41] = bar(41, 101, 101)
    const one = await survey([CANDLE_HEADER, ...lines], CANDLES)
    const returns = check(one, 'return-outlier')
    expect(returns.count).toBe(2)
    expect(new Set(returns.worst.map(({ time }) => time))).toEqual(
      new Set([T0 + 10 * HOUR_MS, T0 + 11 * HOUR_MS]),
    )
    expect(returns.worst[0]!.text).toContain('→')
    expect(check(one, 'spike-and-back')).toMatchObject({ count: 1, worst: [{ time: T0 + 10 * HOUR_MS }] })
    expect(check(one, 'extreme-wick')).toMatchObject({ count: 1, worst: [{ time: T0 + 20 * HOUR_MS }] })
    expect(check(one, 'jump-between-bars')).toMatchObject({ count: 1, worst: [{ time: T0 + 30 * HOUR_MS }] })
    expect(check(one, 'no-volume')).toMatchObject({ count: 1, worst: [{ time: T0 + 40 * HOUR_MS }] })
    expect(check(one, 'no-movement').count).toBeGreaterThanOrEqual(2)
    expect(check(one, 'impossible-bar')).toMatchObject({ count: 0, severity: 'impossible' })
  })

  it('takes no return over a gap, and judges nothing where half of the returns are the same', async () => {
    const { lines } = quietBars()
    lines[20] = bar(20, 200, 200)
    const over = await survey(
      [CANDLE_HEADER, ...lines.filter((_, hour) => hour !== 19 && hour !== 21)],
      CANDLES,
    )
    expect(check(over, 'return-outlier').count).toBe(0)
    const still = Array.from({ length: 20 }, (_, hour) => bar(hour, hour === 10 ? 110 : 100, 100))
    const one = await survey([CANDLE_HEADER, ...still], CANDLES)
    expect(check(one, 'return-outlier')).toMatchObject({
      count: undefined,
      reason: expect.stringContaining('MAD is 0'),
    })
    expect(one.values.find(({ name }) => name === 'close')!.flat).toEqual({
      length: 10,
      startTime: T0,
      endTime: T0 + 9 * HOUR_MS,
    })
  })
})

describe('a survey of facts', () => {
  const flows = (rows: readonly (readonly [day: number, knownHours: number | null])[]): string[] => [
    'time,known,inflow,outflow,supply',
    ...rows.map(
      ([day, hours], index) =>
        `${T0 + day * DAY_MS},${hours === null ? '' : T0 + day * DAY_MS + hours * HOUR_MS},${10 + index},${20 + index},1000`,
    ),
  ]
  const FLOWS = {
    kind: 'exchange-flows',
    asset: 'BTC',
    intervalMs: DAY_MS,
    knownAtColumn: 'known',
    map: { time: 'time' },
  } as const

  it('measures delays and the age of the newest fact by known-at, late and never-known rows included', async () => {
    const one = await survey(
      flows([
        [0, 26],
        [1, 26],
        [2, null],
        [3, 50],
        [4, 26],
        [5, 26],
      ]),
      FLOWS,
    )
    expect(one.known).toMatchObject({ basis: ['column'], knownEvents: 5, instantEvents: 0, neverKnown: 1 })
    expect(one.known.delay).toMatchObject({
      minimum: 26 * HOUR_MS,
      median: 26 * HOUR_MS,
      maximum: 50 * HOUR_MS,
    })
    // Day 1 is the newest known until day 4 is: known on day 5 at 02:00, as late as day 3 but newer.
    expect(one.staleness).toMatchObject({
      largestMs: (4 * 24 + 2) * HOUR_MS,
      largestAt: T0 + 5 * DAY_MS + 2 * HOUR_MS,
    })
    expect(one.coverage.share).toBe(1)
    expect(one.coverage.buckets[0]!.largestAgeMs).toBeUndefined()
  })

  it.each([
    ['assumed-lag', { knownLagMs: HOUR_MS }],
    ['exact-lag', { knownLagMs: HOUR_MS, origin: 'recorded' }],
    ['assumed-column', { knownAtColumn: 'known', origin: 'assumed' }],
    ['unknown', { knownAtColumn: 'known', origin: 'unknown' }],
  ] as const)('tells how known-at came about: %s', async (basis, options) => {
    const rest = { kind: FLOWS.kind, asset: FLOWS.asset, intervalMs: FLOWS.intervalMs, map: FLOWS.map }
    const one = await survey(
      flows([
        [0, 1],
        [1, 1],
        [2, 1],
      ]),
      { ...rest, ...options },
    )
    expect(one.known.basis).toEqual([basis])
  })

  it('weighs a funding rate by its interval, and its spread by quantiles that a base rate cannot make 0', async () => {
    const lines = [
      'time,rate,intervalMs',
      ...Array.from(
        { length: 100 },
        (_, row) => `${T0 + row * HOUR_MS},${row % 10 === 0 ? 0.00002 : 0.0000125},${HOUR_MS}`,
      ),
    ]
    lines[51] = `${T0 + 50 * HOUR_MS},0.0013,${HOUR_MS}`
    const one = await survey(lines, { kind: 'funding', instrument: 'test:AAA-PERP' })
    expect(one.known.basis).toEqual(['settlement'])
    expect(check(one, 'implausible-rate')).toMatchObject({ count: 1, worst: [{ time: T0 + 50 * HOUR_MS }] })
    expect(check(one, 'implausible-rate').worst[0]!.text).toContain('1.040000 % per 8 h')
    expect(check(one, 'rate-outlier').count).toBe(1)
    expect(one.known).toMatchObject({ instantEvents: 100, knownEvents: 100 })
  })

  it('counts a snapshot of wallets as one event, and finds the thin one and the wrong price', async () => {
    const row = (hour: number, wallet: number, notional = 1000): string =>
      `${T0 + hour * HOUR_MS},w${wallet},BTC,long,10,${notional},5`
    const lines = ['ts,wallet,asset,side,quantity,notional,leverage']
    for (const hour of [0, 4, 8, 12])
      for (let wallet = 0; wallet < (hour === 8 ? 4 : 10); wallet++)
        lines.push(row(hour, wallet, hour === 4 && wallet === 3 ? 1100 : 1000))
    const one = await survey(lines, {
      kind: 'whale-positions',
      venue: 'test',
      list: 'biggest',
      knownAtColumn: 'ts',
    })
    expect(one).toMatchObject({ rows: 34, events: 4 })
    expect(one.rowsPerEvent).toMatchObject({ minimum: 4, maximum: 10 })
    expect(check(one, 'thin-snapshot')).toMatchObject({ count: 1, worst: [{ time: T0 + 8 * HOUR_MS }] })
    expect(check(one, 'notional-mismatch')).toMatchObject({ count: 1, worst: [{ time: T0 + 4 * HOUR_MS }] })
    expect(one.known).toMatchObject({ instantEvents: 4, knownEvents: 4 })
  })

  it('says nothing of the distances and ages of a single event', async () => {
    const one = await survey(flows([[0, 26]]), FLOWS)
    expect(one).toMatchObject({ events: 1, spacing: undefined, staleness: undefined, gaps: { count: 0 } })
    expect(check(one, 'change-outlier-inflow')).toMatchObject({
      count: undefined,
      reason: 'there is no such value',
    })
  })
})

describe('the arithmetic of a survey', () => {
  const instants = fc
    .uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 2, maxLength: 60 })
    .map((times) => Float64Array.from(times.sort((a, b) => a - b).map((hour) => T0 + hour * HOUR_MS)))

  it('loses no event and no missing hour between buckets', () => {
    fc.assert(
      fc.property(instants, (time) => {
        const expected = time.map(() => HOUR_MS)
        const [start, end] = [time[0]!, time.at(-1)! + HOUR_MS]
        const buckets = cutIntoBuckets(start, end, bucketPeriod(start, end))
        const gaps = gapsOf(time, expected)
        const shares = coverageOf(buckets, gaps)
        const covered = buckets.reduce(
          (sum, { startTime, endTime }, index) => sum + shares[index]! * (endTime - startTime),
          0,
        )
        // On a grid, covered time is exactly the events'.
        expect(covered).toBeCloseTo(time.length * HOUR_MS, 3)
        expect(eventsIn(buckets, time).reduce((sum, count) => sum + count, 0)).toBe(time.length)
        expect(gaps.reduce((sum, { missing }) => sum + missing, 0)).toBe(
          (end - start) / HOUR_MS - time.length,
        )
        expect([buckets[0]!.startTime, buckets.at(-1)!.endTime]).toEqual([start, end])
      }),
    )
  })

  it('is as old as a look at every hour says', () => {
    const facts = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 60 })), {
      minLength: 2,
      maxLength: 30,
    })
    fc.assert(
      fc.property(facts, (pairs) => {
        const rows = pairs
          .map(([event, delay]) => ({ event, known: event + delay }))
          .sort((a, b) => a.known - b.known || a.event - b.event)
        const stretches = knownStretches(
          Float64Array.from(rows, ({ event }) => event),
          Float64Array.from(rows, ({ known }) => known),
        )
        const first = rows[0]!.known
        const last = rows.at(-1)!.known
        const staleness = stalenessOf(stretches, 10)
        if (first === last) {
          expect(staleness).toBeUndefined()
          return
        }
        // Just before each whole hour, and over it in steps of an hour whose middle stands for it.
        let [largest, total, over] = [-Infinity, 0, 0]
        for (let hour = first; hour < last; hour++) {
          const newest = Math.max(...rows.filter(({ known }) => known <= hour).map(({ event }) => event))
          largest = Math.max(largest, hour + 1 - newest)
          total += hour + 0.5 - newest
          over += Math.max(0, hour + 1 - Math.max(hour, newest + 10))
        }
        expect(staleness!.largestMs).toBe(largest)
        expect(staleness!.meanMs).toBeCloseTo(total / (last - first), 9)
        expect(staleness!.overLimit).toBeCloseTo(over / (last - first), 9)
        const ages = largestAges(
          Array.from({ length: 20 }, (_, index) => ({ startTime: index * 8, endTime: index * 8 + 8 })),
          stretches,
        )
        expect(Math.max(...ages.map((age) => age ?? -Infinity))).toBe(largest)
      }),
    )
  })

  it('knows quantiles and the longest standstill', () => {
    expect(spreadOf(new Float64Array(0))).toBeUndefined()
    expect(spreadOf(Float64Array.from({ length: 100 }, (_, index) => 100 - index))).toEqual({
      count: 100,
      minimum: 1,
      p5: 5,
      p25: 25,
      median: 50,
      p75: 75,
      p95: 95,
      p99: 99,
      maximum: 100,
    })
    const time = Float64Array.from([0, 1, 2, 3, 4, 5])
    expect(longestFlat(time, Float64Array.from([1, 2, NaN, 2, 2, 3]))).toEqual({
      length: 3,
      startTime: 1,
      endTime: 4,
    })
    expect(longestFlat(time, new Float64Array(6).fill(NaN))).toBeUndefined()
  })
})
