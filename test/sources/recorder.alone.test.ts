import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
  truncateSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { appendLine, cutTornLine, readLinesOf } from '../../src/sources/line-file.js'
import { summedLine } from '../../src/sources/summed-line.js'
import { venueInstrument } from '../../src/sources/download/exchange-download.js'
import { compactDay } from '../../src/sources/recorder/compact.js'
import { Coverage } from '../../src/sources/recorder/coverage.js'
import { Derivation, instrumentsByMarket } from '../../src/sources/recorder/derive.js'
import { costOf, planPolls } from '../../src/sources/recorder/plan-polls.js'
import { record, type RecorderOptions } from '../../src/sources/recorder/recorder.js'
import { answersOf, packDay, readSummaries, settlePacked } from '../../src/sources/recorder/recording.js'
import { apiSeries, exchangeSeries, seriesOf } from '../../src/sources/recorder/series.js'
import { recordingStatus } from '../../src/sources/recorder/status.js'
import { replayTransport, UNLIMITED } from '../../src/sources/replay-transport.js'
import { answerLog, type StoredAnswer, storedBody } from '../../src/sources/smart-money/answer-log.js'
import { SmartMoneyClient } from '../../src/sources/smart-money/client.js'
import { understand } from '../../src/sources/smart-money/meaning.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { openStore } from '../../src/store/store.js'
import { allAnswers } from './recorded.js'
import { type RecordedMonth, recordMonth } from './recorded-month.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-recorder-'))
afterAll(() => rmSync(root, { recursive: true }))

const T0 = Date.UTC(2024, 0, 10)
const BTC = venueInstrument('binance:BTCUSDT-PERP')

function answer(
  path: string,
  fetchedAt: number,
  body: unknown,
  more: Partial<StoredAnswer> = {},
): StoredAnswer {
  const url = new URL(path, 'https://example.test')
  return { fetchedAt, url: url.href, params: Object.fromEntries(url.searchParams), status: 200, headers: {}, ...storedBody(Buffer.from(JSON.stringify(body))), ...more } // prettier-ignore
}

describe('a plan of polls', () => {
  it('of the free plan covers what is worth most, says what it leaves out, and stays within the day', () => {
    const plan = planPolls(apiSeries(['BTC', 'ETH', 'SOL', 'XAU'], true), { perDay: 200, perMinute: 2 }, true)
    expect(plan.covered.map(({ series }) => series.id)).toEqual(['api:history/whale_positions', 'api:history/derivatives', 'api:history/derivatives_agg', 'api:history/onchain', 'api:confirm:BTC', 'api:whale-consensus', 'api:whales/crowding']) // prettier-ignore
    expect(plan.uncovered.map(({ series }) => series.id)).toEqual(['api:confirm:ETH', 'api:confirm:SOL', 'api:confirm:XAU']) // prettier-ignore
    expect(plan.uncovered[0]?.reason).toContain('200 requests a day are used up')
    expect(plan.requestsPerDay).toBeLessThanOrEqual(170)
  })

  it('asks without a key for what is open, and says that the rest needs one', () => {
    const plan = planPolls(apiSeries(['BTC'], false), { perDay: 3_000, perMinute: 20 }, false)
    expect(plan.uncovered.map(({ series, reason }) => [series.id, reason])).toEqual([['api:confirm:BTC', 'needs a key']]) // prettier-ignore
    expect(plan.covered.map(({ series }) => series.id)).toContain('api:history/confirmations')
  })

  it('never plans more than a day has, nor faster or slower than is of use', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 9 }), (perDay, assets) => {
        const series = [...exchangeSeries(BTC, { candlesMs: MINUTE_MS, bookEveryMs: MINUTE_MS }), ...apiSeries(Array.from({ length: assets }, (_, index) => `A${index}`), true)] // prettier-ignore
        const { covered, uncovered, requestsPerDay } = planPolls(series, { perDay, perMinute: 2 }, true)
        const api = covered.filter((one) => one.series.from === 'api')
        expect(covered.length + uncovered.length).toBe(series.length)
        expect(api.reduce((sum, one) => sum + costOf(one.series, one.everyMs), 0)).toBeCloseTo(
          requestsPerDay,
          6,
        )
        expect(requestsPerDay).toBeLessThanOrEqual(perDay)
        for (const { series: one, everyMs } of covered) expect(everyMs >= one.idealMs && everyMs <= one.slowestMs).toBe(true) // prettier-ignore
      }),
    )
  })
})

describe('lines that a death tears', () => {
  it('are cut off, never glued to the next one; damage in the middle is an error', async () => {
    const path = join(root, 'torn.ndjson')
    const line = (a: number): string => `${summedLine({ a })}\n`
    writeFileSync(path, `${line(1)}${line(2)}{"a":`)
    const read = async (): Promise<unknown[]> => {
      const lines: unknown[] = []
      for await (const line of readLinesOf(path)) lines.push(line)
      return lines
    }
    expect(await read()).toEqual([{ a: 1 }, { a: 2 }])
    expect([await cutTornLine(path), await cutTornLine(path)]).toEqual(['{"a":', undefined])
    appendFileSync(path, line(3))
    expect(await read()).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
    writeFileSync(path, `${line(1)}x\n${line(2)}`)
    await expect(read()).rejects.toThrow(/not as it was stored.*row 2/)
    // What was acknowledged is missed, also where its end alone is gone.
    rmSync(path)
    for (const a of [1, 2]) await appendLine(path, { a })
    truncateSync(path, line(1).length + 4)
    await expect(cutTornLine(path)).rejects.toThrow(/last line is not as it was stored/)
    truncateSync(path, line(1).length)
    await expect(read()).rejects.toThrow(/missing at the end/)
  })

  it('a day that is packed is the same day, wherever the packing died, and takes late answers', async () => {
    const folder = join(root, 'packed')
    mkdirSync(join(folder, 'answers'), { recursive: true })
    const plain = join(folder, 'answers', '2024-01-10.ndjson')
    const lines = [1, 2, 3].map((at) => answer('/v1/whale-consensus', T0 + at, { at }))
    writeFileSync(plain, lines.slice(0, 2).map((line) => `${summedLine(line)}\n`).join('')) // prettier-ignore
    const read = async (): Promise<StoredAnswer[]> => {
      const answers: StoredAnswer[] = []
      for await (const one of answersOf(folder, '2024-01-10')) answers.push(one)
      return answers
    }
    copyFileSync(plain, `${plain}.kept`)
    await packDay(folder, '2024-01-10')
    expect(await read()).toEqual(lines.slice(0, 2))
    copyFileSync(`${plain}.kept`, plain)
    await settlePacked(folder, '2024-01-10')
    expect(await read()).toEqual(lines.slice(0, 2))
    appendFileSync(plain, `${summedLine(lines[2]!)}\n`)
    await settlePacked(folder, '2024-01-10')
    await packDay(folder, '2024-01-10')
    expect(await read()).toEqual(lines)
    expect(
      gunzipSync(readFileSync(`${plain}.gz`))
        .toString()
        .split('\n'),
    ).toHaveLength(4)
  })
})

describe('coverage', () => {
  const plans = [
    {
      at: T0,
      isStart: true,
      every: { 'api:whale-consensus': 15 * MINUTE_MS },
      recorded: { instruments: [], flags: [], source: null },
    },
  ]
  const at = (minutes: number, more: Partial<StoredAnswer> = {}): StoredAnswer => answer('/v1/whale-consensus', T0 + minutes * MINUTE_MS, {}, more) // prettier-ignore

  it('lists a gap with its reason: what failed, or that nobody was there', () => {
    const failed = new Coverage({}, plans)
    for (const one of [at(0), at(15, { status: 503 }), at(40)]) failed.add(one)
    expect(failed.gaps()).toEqual([{ series: 'api:whale-consensus', fromMs: T0, toMs: T0 + 40 * MINUTE_MS, reason: expect.stringContaining('unavailable') as string }]) // prettier-ignore
    const absent = new Coverage({}, [...plans, { ...plans[0]!, at: T0 + 60 * MINUTE_MS }])
    for (const one of [at(0), at(24), at(61)]) absent.add(one)
    expect(absent.gaps().map(({ reason }) => reason)).toEqual(['the recorder was not running'])
    expect(absent.openGap('api:whale-consensus', T0 + 85 * MINUTE_MS)).toBeUndefined()
    expect(absent.openGap('api:whale-consensus', T0 + 86 * MINUTE_MS)).toMatchObject({ fromMs: T0 + 61 * MINUTE_MS }) // prettier-ignore
  })

  it('a walk goes on page by page, and only its end counts as complete', () => {
    const coverage = new Coverage({}, plans)
    const seconds = T0 / 1_000
    const row = (ts: number): object => ({ ts, symbol: 'BTC', open_interest: 1, open_interest_usd: 2 })
    const page = (from: number, to: number, rows: object[], truncated: boolean): void => coverage.add(answer(`/v1/history/derivatives_agg?from=${from}&to=${to}`, T0, { rows, truncated })) // prettier-ignore
    page(seconds - 100, seconds, [row(seconds), row(seconds - 30)], true)
    expect(coverage.of('api:history/derivatives_agg')).toMatchObject({ walk: { from: seconds - 100, until: seconds, to: seconds - 30 }, completeUntil: null }) // prettier-ignore
    page(seconds - 100, seconds - 30, [row(seconds - 60)], false)
    expect(coverage.of('api:history/derivatives_agg')).toMatchObject({ walk: null, completeUntil: seconds })
    page(seconds, seconds + 60, [row(seconds + 60)], true)
    expect(coverage.of('api:history/derivatives_agg')).toMatchObject({ walk: null, completeUntil: seconds })
  })
})

describe('what a death leaves behind', () => {
  const every = { 'api:whale-consensus': 15 * MINUTE_MS }
  const plan = { at: T0, isStart: true, every, recorded: { instruments: [], flags: [], source: null } }
  const written = async (name: string, answers: readonly StoredAnswer[]): Promise<string> => {
    const folder = join(root, name)
    await appendLine(join(folder, 'plans.ndjson'), plan)
    const log = answerLog(join(folder, 'answers'))
    for (const one of answers) await log.add(one)
    return folder
  }

  it('a gap over midnight belongs to the day on which it ends, and a day without answers hides none', async () => {
    const at = (hours: number): StoredAnswer => answer('/v1/whale-consensus', T0 + hours * HOUR_MS, {})
    const folder = await written('midnight', [at(20), at(26), at(26.2), at(76)])
    const store = openStore(join(root, 'midnight-data'))
    for (const day of ['2024-01-10', '2024-01-11', '2024-01-13'])
      await compactDay(day, { folder, store, plans: [plan], now: T0 })
    const gaps = (await readSummaries(folder)).flatMap(({ day, gaps: told }) => told.map(({ fromMs, toMs }) => [day, (fromMs - T0) / HOUR_MS, (toMs - T0) / HOUR_MS])) // prettier-ignore
    expect(gaps).toEqual([
      ['2024-01-11', 20, 26],
      ['2024-01-13', 26.2, 76],
    ])
  })

  it('asks nothing before the time that an answer said, though it died before it could act on it', async () => {
    const limited = answer('/v1/whale-consensus', T0, { error: 'rate_limited', message: '' }, { status: 429, headers: { 'retry-after': '90' } }) // prettier-ignore
    const folder = await written('refused', [limited])
    // And a line that it was writing.
    appendFileSync(join(folder, 'answers', '2024-01-10.ndjson'), '{"fetched')
    let now = T0 + 1_000
    const stop = new AbortController()
    const asked: number[] = []
    const server = createServer((_request, answering) => {
      asked.push(now)
      answering.writeHead(503).end('{}')
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    await record({
      folder,
      store: openStore(join(root, 'refused-data')),
      clock: {
        now: () => now,
        pause: (durationMs) => {
          now += durationMs
          if (now > T0 + 2 * MINUTE_MS) stop.abort()
          return Promise.resolve()
        },
      },
      series: apiSeries(['BTC'], true).slice(0, 2),
      instruments: [],
      smartMoneyApi: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      key: new Secret('sm_loopback_pro'),
      addresses: { spotRest: '', usdmRest: '' },
      flags: [],
      stop: stop.signal,
      told: { began: () => undefined, phase: () => undefined, note: () => undefined },
    })
    await new Promise((closed) => server.close(closed))
    expect(asked.length).toBeGreaterThan(0)
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(T0 + 90_000)
    expect(await allAnswers(folder)).toHaveLength(1 + asked.length)
    expect(readFileSync(join(folder, 'torn.ndjson'), 'utf8')).toContain('fetched')
  })
})

describe('facts of recorded answers', () => {
  const derive = (...answers: StoredAnswer[]): Record<string, string[]> => {
    const derivation = new Derivation(instrumentsByMarket([BTC]))
    for (const one of answers) derivation.add(one)
    derivation.end()
    const tables = derivation.tables.files().map(({ shape, text }) => [shape.name, text.trim().split('\n').slice(1)]) // prettier-ignore
    return { ...(Object.fromEntries(tables) as Record<string, string[]>), aside: derivation.aside.map(({ reason }) => reason) } // prettier-ignore
  }
  it('two sides that tell of different times are two confirmations, however close they were asked', () => {
    const later = confirm('short', 9, -0.25, { ts: T0 / 1_000 + 3_600 })
    expect(derive(confirm('long', 1, 0.5), later)['confirmations-BTC']).toEqual([
      `${T0},${T0 + 1},0.5,,"HIGH","v2"`,
      `${T0 + HOUR_MS},${T0 + 9},,-0.25,"HIGH","v2"`,
    ])
    // A tick of the API's own clock between the two questions is none.
    expect(derive(confirm('long', 1, 0.5), confirm('short', 9, -0.25, { ts: T0 / 1_000 + 1 }))['confirmations-BTC']).toEqual([`${T0},${T0 + 9},0.5,-0.25,"HIGH","v2"`]) // prettier-ignore
  })

  const confirm = (direction: string, at: number, composite: number, more: object = {}): StoredAnswer => answer(`/v1/confirm?symbol=BTC&direction=${direction}`, T0 + at, { ts: T0 / 1_000, symbol: 'BTC', direction, composite, confidence: 'HIGH', model_version: 'v2', ...more }) // prettier-ignore

  it('two sides of a confirmation are one row, known when the second had come; NO_DATA is no number, a veto on one side is a veto', () => {
    expect(derive(confirm('long', 1, 0.5), confirm('short', 9, -0.25))['confirmations-BTC']).toEqual([`${T0},${T0 + 9},0.5,-0.25,"HIGH","v2"`]) // prettier-ignore
    expect(derive(confirm('long', 1, 0.5, { confidence: 'VETO' }), confirm('short', 9, 0, { confidence: 'NO_DATA' }))['confirmations-BTC']).toEqual([`${T0},${T0 + 9},0.5,,"VETO","v2"`]) // prettier-ignore
    expect(derive(confirm('long', 1, 0.5), confirm('long', DAY_MS, 0.75))['confirmations-BTC']).toEqual([`${T0},${T0 + 1},0.5,,"HIGH","v2"`, `${T0},${T0 + DAY_MS},0.75,,"HIGH","v2"`]) // prettier-ignore
    const versions = derive(confirm('long', 1, 0.5), confirm('short', 9, 0.1, { model_version: 'v3' }))
    expect(versions['confirmations-BTC']).toHaveLength(2)
  })

  it('a candle is closed when a later one is told; one that is told otherwise afterwards is set aside', () => {
    const candle = (at: number, close: string): unknown[] => [
      T0 + at * MINUTE_MS,
      '10',
      '12',
      '9',
      close,
      '5',
      0,
    ]
    const of = (at: number, ...rows: unknown[][]): StoredAnswer => answer('/fapi/v1/klines?symbol=BTCUSDT&interval=1m', T0 + at, rows) // prettier-ignore
    const told = derive(of(1, candle(1, '11'), candle(0, '10.5')), of(2, candle(0, '10.75'), candle(1, '11.5'), candle(2, '11'))) // prettier-ignore
    expect(told['candles-binance:BTCUSDT-PERP@1m']).toEqual([`${T0},10,12,9,10.5,5`, `${T0 + MINUTE_MS},10,12,9,11.5,5`]) // prettier-ignore
    expect(told['aside']).toEqual(['differs from what was told of the closed candle before'])
  })

  it("rubbish closes no candle, a blank is no 0, and another symbol is nobody's", () => {
    const candle = (at: number, volume: unknown = '5'): unknown[] => [T0 + at * MINUTE_MS, '10', '12', '9', '11', volume] // prettier-ignore
    const of = (...rows: unknown[][]): StoredAnswer => answer('/fapi/v1/klines?symbol=BTCUSDT&interval=1m', T0 + 3 * MINUTE_MS, rows) // prettier-ignore
    const rubbish = [['x', '10', '12', '9', '11', '5'], candle(9e6), candle(7.5), candle(1, ' ')]
    const told = derive(of(candle(0), candle(2), ...rubbish))
    expect(told['candles-binance:BTCUSDT-PERP@1m']).toEqual([`${T0},10,12,9,11,5`])
    expect(told['aside']).toEqual(['a value is no number', 'the candle opens a day after it was told', 'the open time lies off the grid: another unit, or another timeframe', 'a value is no number']) // prettier-ignore
    const other = { symbol: 'ETHUSDT', openInterest: '7', time: T0, bidPrice: '1', askPrice: '2', fundingTime: T0, fundingRate: '0' } // prettier-ignore
    const strange = derive(answer('/fapi/v1/openInterest?symbol=BTCUSDT', T0, other), answer('/fapi/v1/ticker/bookTicker?symbol=BTCUSDT', T0, other), answer('/fapi/v1/fundingRate?symbol=BTCUSDT', T0, [other])) // prettier-ignore
    expect(strange).toEqual({ aside: Array(3).fill('it is of another symbol than was asked for') })
  })

  it('a fact is known from its first telling, another value is a revision, and rubbish is set aside with its reason', () => {
    const interest = (at: number, value: unknown): StoredAnswer => answer('/fapi/v1/openInterest?symbol=BTCUSDT', T0 + at, { symbol: 'BTCUSDT', openInterest: value, time: T0 }) // prettier-ignore
    const told = derive(interest(5, '7'), interest(6, '7'), interest(7, '8'), interest(8, null), answer('/v1/whale-consensus', T0, 'x'), answer('/fapi/v1/ticker/bookTicker?symbol=BTCUSDT', T0, { bidPrice: '2', askPrice: '1' })) // prettier-ignore
    expect(told['open-interest-binance-BTC']).toEqual([`${T0},${T0 + 5},7`, `${T0},${T0 + 7},8`])
    expect(told['aside']).toEqual(['no open interest with a time', 'the body is no JSON object', 'the bid is not below the offer']) // prettier-ignore
  })

  it('series have names by what was asked', () => {
    expect(seriesOf(confirm('long', 0, 0))).toBe('api:confirm:BTC')
    expect(seriesOf(answer('/fapi/v1/klines?symbol=BTCUSDT', 0, []))).toBe('usdm:klines:BTCUSDT')
    expect(seriesOf(answer('/api/v3/ticker/bookTicker?symbol=BTCUSDT', 0, []))).toBe('spot:ticker/bookTicker:BTCUSDT') // prettier-ignore
  })
})

describe('a day against the loopback world, with everything going wrong', () => {
  const folder = join(root, 'day')
  let done: RecordedMonth
  beforeAll(async () => {
    done = await recordMonth({ folder, days: 0.5, seed: 4, chance: 0.05, bookEveryMs: 2 * HOUR_MS })
  })

  it('is the truth in the data folder, within budget and outside every Retry-After', () => {
    const { problems, failed, gaps } = done
    expect(problems).toEqual([])
    expect([failed > 20, gaps > 0]).toEqual([true, true])
  })

  it('is replayed by the client that asks live: each question at its time has its answer', async () => {
    const answers = (await allAnswers(join(folder, 'recording'))).filter(({ url }) => new URL(url).pathname.startsWith('/v1/')) // prettier-ignore
    let now = 0
    const transport = replayTransport(answers, () => now)
    const client = new SmartMoneyClient({ baseUrl: new URL(answers[0]!.url).origin, budget: UNLIMITED, log: { add: () => Promise.resolve() }, now: () => now, transport }) // prettier-ignore
    for (const { url, params, fetchedAt, status, body, sha256 } of answers) {
      now = fetchedAt
      const outcome = await client.ask(new URL(url).pathname, params)
      expect(outcome.answer).toMatchObject({ fetchedAt, status, sha256, params })
      expect(outcome.meaning).toBe(understand(status!, body).meaning)
    }
    now = 0
    expect((await client.ask('/v1/whale-consensus')).meaning).toBe('no-answer')
  })

  it('has a status: last answers, coverage, gaps, quarantine, budget, disk', async () => {
    const answers = await allAnswers(join(folder, 'recording'))
    const status = await recordingStatus(join(folder, 'recording'), answers.at(-1)!.fetchedAt + MINUTE_MS)
    const whales = status.series.find(({ id }) => id === 'api:history/whale_positions')!
    expect(whales.everyMs).toBe(15 * MINUTE_MS)
    expect(whales.coverage! > 0.5 && whales.coverage! < 1).toBe(true)
    expect([status.running, status.days.imported, status.days.waiting]).toEqual([null, 1, 1])
    expect(status.quarantine.byReason['the body is no JSON object']).toBeGreaterThan(0)
    expect(status.budget).toMatchObject({ perDay: 3_000, perMinute: 20 })
    expect(status.disk.bytes).toBeGreaterThan(10_000)
    await expect(recordingStatus(join(root, 'none'), 0)).rejects.toThrow('nothing was recorded there yet')
  })

  it('takes one recorder alone', async () => {
    const stop = new AbortController()
    const options = (ended: () => void): RecorderOptions => ({
      folder: join(root, 'alone'),
      store: openStore(join(root, 'alone-data')),
      clock: { now: () => T0, pause: () => new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve())) }, // prettier-ignore
      series: [],
      instruments: [],
      smartMoneyApi: 'http://127.0.0.1:9',
      addresses: { spotRest: '', usdmRest: '' },
      flags: [],
      stop: stop.signal,
      told: { began: ended, phase: () => undefined, note: () => undefined },
    })
    const first = new Promise<void>((began) => void record(options(began)))
    await first
    // In this process the kernel's lock does not exclude; the queue does: the second one begins when the first has ended.
    let hasBegun = false
    const second = record(options(() => (hasBegun = true)))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(hasBegun).toBe(false)
    stop.abort()
    await second
  })
})
