import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { Instrument } from '../../src/core/instrument.js'
import { MINUTE_MS } from '../../src/core/time.js'
import { bestQuotes } from '../../src/loopback/exchange/prices.js'
import { venueOf } from '../../src/loopback/exchange/venue.js'
import { requireLiveQuotes } from '../../src/runner/live-quotes.js'
import { openLiveMarket } from '../../src/sources/exchange/live-market.js'
import { Patience } from '../../src/sources/exchange/patience.js'
import type { ToldQuote } from '../../src/sources/exchange/quote-message.js'
import { MIDDLE, served, WORLD, type Served } from '../loopback/worlds.js'

const INSTRUMENTS = WORLD.instruments.slice(0, 2).map(({ instrument }) => instrument)

/** A market whose quotes are kept as they come, and a way to let its world go on. */
async function listenTo(at: Served, instruments: readonly Instrument[]) {
  const told: { readonly instrument: number; readonly quote: ToldQuote; readonly now: number }[] = []
  const troubles: string[] = []
  const market = await openLiveMarket({
    instruments,
    timeframeMs: MINUTE_MS,
    addresses: { exchange: `http://127.0.0.1:${at.port}`, stream: `ws://127.0.0.1:${at.port}` },
    silenceMs: 60_000,
    timeoutMs: 5_000,
    patience: new Patience(() => at.clock.now()),
    onCandle: () => undefined,
    onQuote: (instrument, quote) => void told.push({ instrument, quote, now: at.clock.now() }),
    onTrouble: (what, message) => void troubles.push(`${what}: ${message}`),
  })
  const until = async (enough: () => boolean): Promise<void> => {
    for (let step = 0; step < 600 && !enough(); step++) {
      at.clock.advanceBy(15_000)
      await delay(5)
    }
  }
  return { market, told, troubles, until }
}

describe('best bid and ask by real sockets', () => {
  test('are those of the world at the time at which it said them, also where messages come twice, torn, out of order, and the socket is cut', async () => {
    const cutAt = MIDDLE + 20 * MINUTE_MS
    const during = `${new Date(cutAt).toISOString()}..${new Date(cutAt + 15_001).toISOString()}`
    const harmed = (fault: string): object => ({ fault, where: 'stream', path: 'bookTicker', chance: 0.1 })
    const at = await served([...['duplicate', 'reorder', 'garbled', 'unknown-fields'].map(harmed), { fault: 'disconnect', where: 'stream', path: 'bookTicker', during }])
    const { market, told, troubles, until } = await listenTo(at, INSTRUMENTS)
    try {
      await until(() => at.clock.now() >= cutAt)
      const before = told.length
      await until(() => told.filter(({ quote }) => quote.saidAt > cutAt + 15_001).length >= 20)
      expect(before).toBeGreaterThan(20)
      expect(troubles.filter((one) => one.startsWith('quotes'))).not.toEqual([])
      // What could not be read is told of as all else, and never printed.
      expect(troubles.filter((one) => one.startsWith('stream: ') && one.includes('JSON'))).not.toEqual([])
      expect(market.state.state).toBe('streaming')
      const listed = INSTRUMENTS.map(({ base }) => venueOf(WORLD).usdm.get(`${base}USDT`)!)
      for (const { instrument, quote, now } of told) {
        const { saidAt, bid, bidSize, ask, askSize } = quote
        expect(saidAt).toBeLessThanOrEqual(now)
        const right = bestQuotes(listed[instrument]!, saidAt)!
        expect([bid, bidSize, ask, askSize]).toEqual([right.bid, right.quantity, right.ask, right.quantity])
      }
      expect(new Set(told.map(({ instrument }) => instrument)).size).toBe(2)
      const asked = await market.quote(1)
      const now = bestQuotes(listed[1]!, at.clock.now())!
      expect(asked).toMatchObject({ symbol: 'ETHUSDT', bid: now.bid, ask: now.ask, saidAt: NaN })
    } finally {
      await market.close()
      await at.close()
    }
  }, 60_000)

  test('of a spot market come without a time, and are told and asked for all the same', async () => {
    const instruments = INSTRUMENTS.map((one): Instrument => ({ ...one, id: one.id.replace('-PERP', ''), kind: 'spot' }))
    const world = { ...WORLD, instruments: WORLD.instruments.slice(0, 2).map((one, index) => ({ ...one, instrument: instruments[index]! })) }
    const at = await served([], MIDDLE, world)
    const { market, told, until } = await listenTo(at, instruments)
    try {
      await until(() => told.length >= 6)
      expect(told.length).toBeGreaterThan(5)
      expect(told.every(({ quote }) => Number.isNaN(quote.saidAt) && quote.bid < quote.ask)).toBe(true)
      expect(await market.quote(0)).toMatchObject({ symbol: 'BTCUSDT', update: NaN })
    } finally {
      await market.close()
      await at.close()
    }
  }, 60_000)
}) // prettier-ignore

describe('a session that would fill by quotes', () => {
  let answer = { status: 200, body: '' }
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body)
  })
  const listening = new Promise<string>((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))) // prettier-ignore
  afterAll(() => server.close())
  const [btc] = INSTRUMENTS
  const check = async (
    status: number,
    body: object,
    kind: 'spot' | 'perpetual' = 'perpetual',
  ): Promise<void> => {
    answer = { status, body: JSON.stringify(body) }
    await requireLiveQuotes({ exchange: await listening }, [{ ...btc!, kind }])
  }
  const quote = { symbol: 'BTCUSDT', bidPrice: '1', bidQty: '2', askPrice: '3', askQty: '4' }

  test('is made where the venue tells them, of spot and of futures', async () => {
    await check(200, quote)
    await check(200, quote, 'spot')
    expect(asked).toEqual(['/fapi/v1/ticker/bookTicker?symbol=BTCUSDT', '/api/v3/ticker/bookTicker?symbol=BTCUSDT-PERP']) // prettier-ignore
  })

  test.each([
    ['the symbol is not known', 400, { code: -1121, msg: 'Invalid symbol.' }, 2, 'Invalid symbol'],
    ['the book is empty', 200, { ...quote, bidPrice: '0' }, 2, 'no best bid and ask'],
    ['the answer is another', 200, {}, 2, '--fill-model bars'],
    ['the venue is down', 503, {}, 5, 'does not answer'],
    ['it is to be left alone', 429, {}, 5, '429'],
  ])('is refused where %s', async (_what, status, body, exitCode, words) => {
    await expect(check(status, body)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(words) }) // prettier-ignore
  })
})

test('the venue is asked in whole ms, though its own time, by half of the way there and back, is none', async () => {
  const at = await served([])
  const { market, troubles } = await listenTo(at, INSTRUMENTS)
  try {
    const from = at.clock.now() - 12 * 60 * MINUTE_MS - 0.5
    expect((await market.openInterest(0, from))?.length).toBeGreaterThan(10)
    expect((await market.settlements(0, from))?.length).toBeGreaterThan(0)
    expect(troubles).toEqual([])
  } finally {
    await market.close()
    await at.close()
  }
})
