import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.js'
import type { FeedItem, FeedTick } from '../../src/runner/feed.js'
import { realClock, type LiveClock } from '../../src/runner/live-clock.js'
import { HeardCandles, LiveFeed, type LiveFeedOptions } from '../../src/runner/live-feed.js'
import { LiveFacts } from '../../src/runner/live-facts.js'
import { HeardQuotes } from '../../src/runner/heard-quotes.js'
import type { ClosedCandle } from '../../src/sources/exchange/backfill.js'
import type { CandlePages } from '../../src/sources/exchange/candle-pages.js'
import type { ToldQuote } from '../../src/sources/exchange/quote-message.js'
import { closedCandle } from '../../src/sources/exchange/kline-message.js'
import { Patience, politePages } from '../../src/sources/exchange/patience.js'
import { instrumentOf } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)

function candleAt(bar: number, close: number = 100 + bar): ClosedCandle {
  return { openTime: START + bar * HOUR_MS, open: close, high: close, low: close, close, volume: 1 }
}

/** A venue of a test: what it knows, what its streams say and when, and a clock that goes on as it is waited for. */
class Stand {
  now: number
  readonly troubles: string[] = []
  readonly asked: number[] = []
  readonly heard: HeardCandles = new HeardCandles(HOUR_MS)
  /** What the stream says once a time has come. */
  private readonly agenda: { at: number; say: () => void }[] = []
  /** Where quotes are wanted: those that were heard, when each instrument was asked for by REST, and whether it answers then. */
  quotes: HeardQuotes | undefined
  readonly quotesAsked: string[] = []
  answersQuotes: boolean = true
  quoteLifeMs: number = 10 * MINUTE_MS
  /** Candles that REST does not have, and from when it has late ones. */
  readonly missing: Set<string> = new Set()
  /** By how much this machine's clock is ahead of the venue's, of what it was set since the venue was asked, and what it is set by at a time of the venue. */
  ahead: number = 0
  private measuredAhead: number = 0
  readonly sets: { readonly at: number; readonly byMs: number }[] = []
  /** Settlements of all instruments as the venue tells them, and from when it does. */
  readonly rates: { readonly time: number; readonly toldFrom: number }[] = []
  /** What warms up from stored data. */
  stored: readonly FeedItem[] = []

  constructor(startBars: number, private readonly instruments: number = 2) {
    this.now = START + startBars * HOUR_MS
  }

  says(at: number, instrument: number, candle: ClosedCandle): void {
    this.at(at, () => this.heard.hear(instrument, candle))
  }

  quotesAt(at: number, instrument: number): void {
    this.at(at, () => this.quotes?.hear(instrument, quoteOf(at)))
  }

  private at(at: number, say: () => void): void {
    this.agenda.push({ at, say })
  }

  feed(): LiveFeed {
    const clock: LiveClock = {
      speed: 0,
      now: () => this.now + this.ahead,
      monotonic: () => this.now,
      offset: () => this.measuredAhead,
      measured: () => void (this.measuredAhead = this.ahead),
      steppedMs: () => this.ahead - this.measuredAhead,
      waitUntil: async (timeMs) => {
        // No wait is longer than a minute here, as none is than a second there.
        this.now = Math.max(this.now, Math.min(timeMs - this.ahead, this.now + MINUTE_MS))
        for (const set of this.sets.filter(({ at }) => at <= this.now)) {
          this.sets.splice(this.sets.indexOf(set), 1)
          this.ahead += set.byMs
        }
        for (const one of this.agenda.filter(({ at }) => at <= this.now)) {
          this.agenda.splice(this.agenda.indexOf(one), 1)
          one.say()
        }
        await delay(0)
      },
    }
    const instruments = Array.from({ length: this.instruments }, (_, at) => instrumentOf({ id: `binance:${at}`, kind: this.rates.length > 0 ? 'perpetual' : 'spot' }))
    const market: LiveFeedOptions['market'] = {
      state: { state: 'streaming', since: 0 },
      serverTime: () => Promise.resolve(this.now),
      settlements: (_instrument, fromMs) => Promise.resolve(this.rates.filter(({ time, toldFrom }) => time >= fromMs && toldFrom <= this.now).map(({ time }) => ({ time, rate: 0.0001, intervalMs: 8 * HOUR_MS, mark: 100 }))),
      openInterest: () => Promise.resolve([]),
      quote: (instrument) => {
        this.quotesAsked.push(`${instrument} at ${(this.now - START) / MINUTE_MS}`)
        return Promise.resolve(this.answersQuotes ? quoteOf(this.now) : undefined)
      },
      close: () => Promise.resolve(),
    }
    const pagesOf = (instrument: number): CandlePages => ({
      timeframeMs: HOUR_MS,
      pageSize: 100,
      serverTime: () => Promise.resolve(this.now),
      page: (fromMs, count) => {
        this.asked.push(fromMs)
        const bars = Array.from({ length: count }, (_, at) => (fromMs - START) / HOUR_MS + at)
        const there = bars.filter((bar) => !this.missing.has(`${instrument} ${bar}`))
        return Promise.resolve({ rows: there.map((bar) => rowOf(candleAt(bar))) })
      },
    })
    const facts = new LiveFacts({ instruments, wanted: [], market, client: undefined, now: () => this.now, trouble: () => undefined })
    return new LiveFeed(
      {
        instruments, timeframeMs: HOUR_MS, warmUpStartTime: START, startTime: START, hasFunding: this.rates.length > 0, readsFunding: false, clock, market, facts, speed: 1,
        pages: instruments.map((_, at) => pagesOf(at)),
        trouble: (what, message) => void this.troubles.push(`${what}: ${message}`),
        factLeadMs: 0,
        graceMs: 2 * SECOND_MS,
        deadlineMs: 45 * SECOND_MS,
        stop: new AbortController().signal,
        stored: () => Promise.resolve({ items: () => Readable.from(this.stored) }),
        ...(this.quotes && { quotes: { heard: this.quotes, lifeMs: this.quoteLifeMs, stepMs: Math.min(MINUTE_MS, this.quoteLifeMs / 2) } }),
      },
      this.heard,
    )
  }

  /** Quotes, ticks and bars until the close of a bar is over, with their minutes. */
  async toldWithQuotes(untilBar: number, afterClose: number): Promise<string[]> {
    const out: string[] = []
    for await (const item of this.feed().items(afterClose)) {
      const minute = (item.at - START) / MINUTE_MS
      if (item.kind === 'tick') out.push(`tick ${minute}`)
      if (item.kind === 'quote') out.push(`quote ${item.quote.instrument} ${minute}`)
      if (item.kind === 'bars') out.push(`bars ${minute}`)
      if (item.kind === 'settlement') out.push(`rate ${minute}`)
      if (item.kind === 'bars' && item.at >= close(untilBar)) break
    }
    return out
  }

  /** Everything that is told until the close of a bar is over, as `bar: closes of instruments`. */
  async told(untilBar: number, afterClose: number = -Infinity): Promise<string[]> {
    const out: string[] = []
    for await (const item of this.feed().items(afterClose)) {
      if (item.kind === 'bars') out.push(wordsOf(item))
      if (this.now > START + (untilBar + 1) * HOUR_MS + MINUTE_MS) break
      if (item.kind === 'bars' && item.at >= START + (untilBar + 1) * HOUR_MS) break
    }
    return out
  }
} // prettier-ignore

function quoteOf(update: number): ToldQuote {
  return { symbol: 'X', saidAt: NaN, update, bid: 99, bidSize: 1, ask: 100, askSize: 1 }
}

function rowOf({ openTime, open, high, low, close, volume }: ClosedCandle): number[] {
  return [openTime, open, high, low, close, volume]
}

function wordsOf(item: FeedItem | FeedTick): string {
  if (item.kind !== 'bars') return item.kind
  const { closeTime, bars } = item.bars
  return `${(closeTime - START) / HOUR_MS - 1}: ${bars.map(({ instrument, close }) => `${instrument}=${close}`).join(' ')}`
}

const close = (bar: number): number => START + (bar + 1) * HOUR_MS

describe('a live feed', () => {
  test('begins with the past by REST, and goes on with what streams tell, asking nothing', async () => {
    const stand = new Stand(3)
    for (const bar of [3, 4]) for (const at of [0, 1]) stand.says(close(bar) + 100, at, candleAt(bar))
    expect(await stand.told(4)).toEqual(['0: 0=100 1=100', '1: 0=101 1=101', '2: 0=102 1=102', '3: 0=103 1=103', '4: 0=104 1=104']) // prettier-ignore
    expect(stand.asked).toEqual([START, START])
    expect(stand.now - close(4)).toBeLessThan(SECOND_MS)
  })

  test('takes a candle once: the first word on it counts, twice, late and out of order', async () => {
    const stand = new Stand(1, 1)
    stand.says(close(1) + 1, 0, candleAt(1))
    stand.says(close(1) + 1, 0, candleAt(1, 999))
    // An old one, and the next one too early: it waits for its close.
    stand.says(close(1) + 1, 0, candleAt(0, 5))
    stand.says(close(1) + 1, 0, candleAt(2))
    expect(await stand.told(2)).toEqual(['0: 0=100', '1: 0=101', '2: 0=102'])
  })

  test('asks for what the stream left out once it was waited for, and tells the bars of a close together', async () => {
    const stand = new Stand(1)
    stand.says(close(1) + 1, 1, candleAt(1))
    expect(await stand.told(1)).toEqual(['0: 0=100 1=100', '1: 0=101 1=101'])
    expect(stand.now - close(1)).toBeGreaterThanOrEqual(2 * SECOND_MS)
    expect(stand.now - close(1)).toBeLessThan(5 * SECOND_MS)
  })

  test('goes on without what nobody has at the deadline: a gap, named, and not told later', async () => {
    const stand = new Stand(1)
    stand.missing.add('0 1')
    for (const bar of [1, 2]) stand.says(close(bar) + 1, 1, candleAt(bar))
    stand.says(close(1) + 2 * MINUTE_MS, 0, candleAt(1))
    stand.says(close(2) + 1, 0, candleAt(2))
    expect(await stand.told(2)).toEqual(['0: 0=100 1=100', '1: 1=101', '2: 0=102 1=102'])
    expect(stand.troubles).toEqual([expect.stringMatching(/^gap: binance:0: no candle of 1h .* 2024-01-01 02:00/)]) // prettier-ignore
  })

  test('that was away goes on after its last close, with what it missed', async () => {
    const stand = new Stand(6, 1)
    expect(await stand.told(5, close(2))).toEqual(['3: 0=103', '4: 0=104', '5: 0=105'])
  })
})

describe('a clock that is set while it is waited for', () => {
  test.each([
    ['back by an hour and a half', -90 * MINUTE_MS],
    ['forward by an hour and a half', 90 * MINUTE_MS],
  ])('%s moves no close: the venue is asked for its time anew, and it is told of', async (_what, byMs) => {
    const stand = new Stand(3)
    stand.sets.push({ at: close(3) + 20 * MINUTE_MS, byMs })
    for (const bar of [3, 4, 5]) for (const at of [0, 1]) stand.says(close(bar) + 100, at, candleAt(bar))
    expect(await stand.told(5)).toEqual([0, 1, 2, 3, 4, 5].map((bar) => `${bar}: 0=${100 + bar} 1=${100 + bar}`))
    expect(stand.now - close(5)).toBeLessThan(MINUTE_MS)
    expect(stand.asked).toEqual([START, START])
    expect(stand.troubles).toEqual([expect.stringMatching(/^clock: .* 5400\.0 s/)])
  })

  test('back while a candle is waited for is not waited for longer', async () => {
    const stand = new Stand(1, 1)
    stand.missing.add('0 1')
    stand.sets.push({ at: close(1) + SECOND_MS, byMs: -60 * MINUTE_MS })
    stand.says(close(2) + 1, 0, candleAt(2))
    expect(await stand.told(2)).toEqual(['0: 0=100', '2: 0=102'])
    expect(stand.troubles.filter((word) => word.startsWith('gap'))).toEqual([expect.stringMatching(/came in 4[5-9] s/)])
  })
}) // prettier-ignore

test("this machine's clock says by how much it was set since the venue's was asked", () => {
  let [wall, steady] = [1_000_000, 50]
  const clock = realClock(() => wall, () => steady)
  wall += 999
  expect(clock.steppedMs()).toBe(0)
  clock.measured(wall - 30, wall, wall)
  const after = (wallMs: number, steadyMs: number): number[] => {
    ;[wall, steady] = [wall + wallMs, steady + steadyMs]
    return [clock.steppedMs(), clock.offset()]
  }
  expect(after(5_000, 5_000)).toEqual([0, 30])
  expect(after(-3_600_000, 1_000)).toEqual([-3_601_000, 30])
  clock.measured(wall + 3_600_970, wall, wall)
  expect(after(1, 1)).toEqual([0, -3_600_970])
}) // prettier-ignore

test('stored confirmations of two versions of the model warm up with the first one’s alone', async () => {
  const stand = new Stand(1)
  const told = (modelVersion: string): FeedItem => ({ kind: 'fact', at: START, fact: { instrument: 0, series: 'confirmation', eventTime: START, knownAt: START, values: { long: 0.5 }, modelVersion } }) // prettier-ignore
  stand.stored = [told('v1'), told('v2'), told('v1')]
  const versions: unknown[] = []
  for await (const item of stand.feed().items(-Infinity)) {
    if (item.kind === 'fact') versions.push(item.fact.modelVersion)
    if (item.kind === 'bars') break
  }
  expect(versions).toEqual(['v1', 'v1'])
})

test('facts are asked for again after the clock was set back', async () => {
  let now = START + 10 * HOUR_MS
  let asked = 0
  const market = { openInterest: () => (asked++, Promise.resolve([])) }
  const perpetual = instrumentOf({ id: 'binance:X-PERP', kind: 'perpetual' })
  const facts = new LiveFacts({ instruments: [perpetual], wanted: ['open-interest'], market, client: undefined, now: () => now, trouble: () => undefined })
  await facts.poll()
  now += MINUTE_MS
  await facts.poll()
  expect(asked).toBe(1)
  now -= 5 * HOUR_MS
  await facts.poll()
  expect(asked).toBe(2)
}) // prettier-ignore

describe('a live feed of quotes', () => {
  const minute = (at: number): number => START + at * MINUTE_MS
  const standAt = (bars: number): Stand => {
    const stand = new Stand(bars, 1)
    stand.quotes = new HeardQuotes(1, () => stand.now)
    return stand
  }

  test('tells them as they come, those after a close too while its candle is waited for, and time once more before it is decided on', async () => {
    const stand = standAt(1)
    for (let at = 61; at < 120; at += 4) stand.quotesAt(minute(at), 0)
    stand.quotesAt(close(1) + 500, 0)
    stand.says(close(1) + 1_000, 0, candleAt(1))
    const told = await stand.toldWithQuotes(1, close(0))
    expect(told.filter((word) => word.startsWith('quote')).slice(0, 3)).toEqual(['quote 0 61', 'quote 0 65', 'quote 0 69'])
    const late = told.indexOf(`quote 0 ${120 + 0.5 / 60}`)
    expect(late).toBeGreaterThan(0)
    expect(told.slice(late).at(-1)).toBe('bars 120')
    expect(told.at(-2)).toMatch(/^tick 120\.01/)
    // Nothing was silent for half of a quote's life.
    expect(stand.quotesAsked).toEqual([])
  })

  test('asks for what is silent, seldomer where nobody answers', async () => {
    const stand = standAt(1)
    stand.says(close(1) + 1_000, 0, candleAt(1))
    const told = await stand.toldWithQuotes(1, close(0))
    // Every five minutes, half of a life: what is answered counts as heard.
    expect(stand.quotesAsked.slice(0, 3)).toEqual(['0 at 61', '0 at 66', '0 at 71'])
    expect(told.filter((word) => word.startsWith('quote')).length).toBeGreaterThan(9)
    const silent = standAt(1)
    silent.answersQuotes = false
    silent.quoteLifeMs = 20 * SECOND_MS
    silent.says(close(1) + 1_000, 0, candleAt(1))
    expect((await silent.toldWithQuotes(1, close(0))).filter((word) => word.startsWith('quote'))).toEqual([])
    const minutes = silent.quotesAsked.slice(0, 5).map((word) => Number(word.slice('0 at '.length)))
    expect(minutes.slice(1).map((at, index) => Math.round((at - (minutes[index] ?? NaN)) * 60))).toEqual([20, 40, 60, 60])
  })

  test('waits at a close for the rate that falls due there, so that who held before it is charged, and not for ever', async () => {
    const told = async (delayMs: number): Promise<string[]> => {
      const stand = standAt(7.5)
      for (let at = 450; at < 600; at += 4) stand.quotesAt(minute(at), 0)
      // The venue's stamps are some ms late, too.
      stand.rates.push({ time: START - 8 * HOUR_MS + 3, toldFrom: START }, { time: START + 3, toldFrom: START }, { time: close(7) + 3, toldFrom: close(7) + delayMs })
      for (const bar of [7, 8]) stand.says(close(bar) + 1_000, 0, candleAt(bar))
      return (await stand.toldWithQuotes(8, close(6))).filter((word) => !word.startsWith('quote') && !word.startsWith('tick')).map((word) => word.replace(/\.0000\d+$/, ''))
    }
    expect(await told(0)).toEqual(['rate 480', 'bars 480', 'bars 540'])
    expect(await told(6_000)).toEqual(['rate 480', 'bars 480', 'bars 540'])
    expect(await told(10 * MINUTE_MS)).toEqual(['bars 480', 'rate 480', 'bars 540'])
  })

  test('tells nothing of now before it has told of the bars that it missed', async () => {
    const stand = standAt(6)
    stand.quotesAt(stand.now, 0)
    const told = await stand.toldWithQuotes(6, close(2))
    expect(told.slice(0, 3)).toEqual(['bars 240', 'bars 300', 'bars 360'])
    expect(told[3]).toBe('quote 0 361')
  })
}) // prettier-ignore

describe('a kline message', () => {
  const message = (changes: object = {}, E: unknown = close(0)): unknown => ({
    e: 'kline', E, s: 'BTCUSDT',
    k: { t: START, T: close(0) - 1, s: 'BTCUSDT', i: '1h', o: '1', h: '3', l: '0.5', c: '2', v: '7', x: true, ...changes },
  }) // prettier-ignore

  test('of a closed candle is one', () => {
    expect(closedCandle(message(), HOUR_MS)).toEqual({ symbol: 'BTCUSDT', candle: { openTime: START, open: 1, high: 3, low: 0.5, close: 2, volume: 7 } }) // prettier-ignore
  })

  test.each([
    ['is under way', message({ x: false })],
    ['says that it is closed while it is not, by the time of the venue', message({}, close(0) - 1)],
    ['is of another timeframe', message({ T: START + MINUTE_MS - 1 })],
    ['lies off the grid', message({ t: START + 1, T: close(0) })],
    ['has a low above its close', message({ l: '2.5' })],
    ['has a price of 0', message({ l: '0' })],
    ['has no price', message({ o: null })],
    ['has a price that is no number', message({ h: 'x' })],
    ['has no time', message({}, null)],
    ['is none', null],
    ['is a text', 'x'],
  ])('that %s is nothing', (_what, text) => {
    expect(closedCandle(text, HOUR_MS)).toBeUndefined()
  })
})

test('a venue that wants to be left alone is: by everything that asks it', async () => {
  let now = 1_000
  let asked = 0
  const patience = new Patience(() => now)
  const pages = politePages(
    {
      timeframeMs: HOUR_MS,
      pageSize: 10,
      serverTime: () => Promise.resolve(++asked),
      page: () => {
        asked++
        return Promise.resolve({ failure: 'limited', message: '429', retryAt: 31_000 })
      },
    },
    patience,
  )
  expect(await pages.page(0, 1)).toMatchObject({ failure: 'limited', retryAt: 31_000 })
  now = 30_999
  expect(await pages.page(0, 1)).toMatchObject({ failure: 'limited', retryAt: 31_000 })
  expect(await pages.serverTime()).toBeUndefined()
  expect([asked, patience.until]).toEqual([1, 31_000])
  now = 31_000
  expect([patience.until, await pages.serverTime()]).toEqual([undefined, 2])
  patience.heard({ 'Retry-After': '5' })
  expect(patience.until).toBe(36_000)
})
