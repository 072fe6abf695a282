import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { ExchangeRest } from '../../src/loopback/exchange/rest.js'
import { venueOf } from '../../src/loopback/exchange/venue.js'
import { json, MIDDLE, served, type Served, START, WORLD } from './worlds.js'

let at: Served
beforeAll(async () => {
  at = await served()
})
afterAll(() => at.close())

describe('the REST side refuses as the venue does', () => {
  it.each([
    ['klines?interval=1m', 400, -1102],
    ['klines?symbol=NOPE&interval=1m', 400, -1121],
    ['klines?symbol=BTCUSDT&interval=7m', 400, -1120],
    ['klines?symbol=BTCUSDT&interval=1s', 400, -1120],
    ['klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130],
    ['klines?symbol=BTCUSDT&interval=1m&startTime=x', 400, -1100],
    ['klines?symbol=BTCUSDT&interval=1m&startTime=5&endTime=4', 400, -1128],
    ['nowhere', 404, -5000],
    ['constructor', 404, -5000],
  ])('%s: %i, code %i', async (path, status, code) => {
    const answer = await json(`${at.urls.usdmRest}/${path}`)
    expect([answer.status, (answer.body as { code: number }).code]).toEqual([status, code])
  })

  it('beyond the weight of a minute: 429 with Retry-After, until the virtual minute is over', () => {
    const exchange = new ExchangeRest(venueOf(WORLD))
    const ask = (now: number) =>
      exchange.answer({ path: '/api/v3/exchangeInfo', query: {}, headers: {} }, { knownMs: now, clockMs: now }) // prettier-ignore
    const statuses = Array.from({ length: 300 }, () => ask(MIDDLE).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(ask(MIDDLE)).toMatchObject({ status: 429, headers: { 'retry-after': '30', 'x-mbx-used-weight-1m': '6020' } }) // prettier-ignore
    expect(ask(MIDDLE + 30_000).status).toBe(200)
  })
})

it('pages of candles from a start on, none missing and none twice', async () => {
  const seen: number[] = []
  for (let from = START; ; from = seen.at(-1)! + 1) {
    const { body } = await json(`${at.urls.usdmRest}/klines?symbol=SOLUSDT&interval=5m&startTime=${from}&limit=200`) // prettier-ignore
    const times = (body as unknown[][]).map(([time]) => time as number)
    if (times.length === 0) break
    seen.push(...times)
  }
  const expected = Array.from({ length: Math.ceil((MIDDLE - START) / (5 * MINUTE_MS)) }, (_, bar) => START + bar * 5 * MINUTE_MS) // prettier-ignore
  expect(seen).toEqual(expected)
})

it('a world without spot instruments lists none there', async () => {
  const { body } = await json(`${at.urls.spotRest}/exchangeInfo`)
  expect((body as { symbols: unknown[] }).symbols).toEqual([])
})

interface Heard {
  readonly socket: WebSocket
  readonly messages: { stream?: string; result?: null; id?: number; data?: { e: string; E: number; k: { t: number; x: boolean; c: string; v: string } } }[]
  ready(): Promise<void>
} // prettier-ignore

async function listen(url: string): Promise<Heard> {
  const socket = new WebSocket(url)
  const messages: Heard['messages'] = []
  socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as Heard['messages'][number])) // prettier-ignore
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  // An answer to a question of ours comes after all that was sent before it.
  const ready = (): Promise<void> =>
    new Promise((resolve) => {
      const id = 1e6 + messages.length
      const see = (data: unknown): void => {
        if (!(data as Buffer).toString().includes(`"id":${id}`)) return
        socket.off('message', see)
        resolve()
      }
      socket.on('message', see)
      socket.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id }))
    })
  return { socket, messages, ready }
}

describe('streams', () => {
  const combined = () => `${at.urls.usdmStreams.replace(/ws$/, 'stream')}?streams=btcusdt@kline_1h/ethusdt@bookTicker` // prettier-ignore

  it('combined: each candle is told closed once, after its open states and before the next', async () => {
    const own = await served([], MIDDLE)
    const heard = await listen(`${own.urls.usdmStreams.replace(/ws$/, 'stream')}?streams=btcusdt@kline_1h/ethusdt@bookTicker`) // prettier-ignore
    await heard.ready()
    own.clock.advanceBy(3 * HOUR_MS)
    await heard.ready()
    const candles = heard.messages.filter(({ stream }) => stream === 'btcusdt@kline_1h').map(({ data }) => data!.k) // prettier-ignore
    const closed = candles.filter(({ x }) => x)
    const hour = Math.floor((MIDDLE - START) / HOUR_MS)
    expect(closed.map(({ t }) => (t - START) / HOUR_MS)).toEqual([hour, hour + 1, hour + 2])
    const { close } = WORLD.instruments[0]!.candles
    expect(closed.map(({ c }) => Number(c))).toEqual([hour, hour + 1, hour + 2].map((of) => close[of * 60 + 59])) // prettier-ignore
    candles.forEach(({ t, x }, index) => {
      const before = candles[index - 1]
      if (before !== undefined) expect(before.x ? t > before.t : t === before.t || !x).toBe(true)
    })
    const quotes = heard.messages.filter(({ stream }) => stream === 'ethusdt@bookTicker')
    expect(quotes.length).toBeGreaterThan(100)
    heard.socket.terminate()
    await own.close()
  })

  it('subscriptions come and go; nonsense is refused and the socket stays', async () => {
    const heard = await listen(at.urls.usdmStreams)
    heard.socket.send('{"method":"SUBSCRIBE","params":["btcusdt@kline_1m","nope@kline_1m"],"id":1}')
    heard.socket.send('{"method":"DANCE","id":2}')
    heard.socket.send('{{{')
    await heard.ready()
    expect(heard.messages).toContainEqual({ result: null, id: 1 })
    expect(heard.messages).toContainEqual({ error: { code: 2, msg: expect.stringContaining('unknown method') as string }, id: 2 }) // prettier-ignore
    expect(heard.messages).toContainEqual({ error: { code: 2, msg: expect.stringContaining('Invalid JSON') as string }, id: null }) // prettier-ignore
    heard.socket.send('{"method":"UNSUBSCRIBE","params":["btcusdt@kline_1m"],"id":3}')
    await heard.ready()
    const count = heard.messages.length
    at.clock.advanceBy(5 * MINUTE_MS)
    await heard.ready()
    expect(heard.messages.slice(count).filter((message) => 'e' in message)).toEqual([])
    heard.socket.terminate()
  })

  it('pings, and cuts a client that does not answer', async () => {
    const { serveLoopback } = await import('../../src/loopback/server.js')
    const server = await serveLoopback({ world: WORLD, clock: at.clock, pingMs: 20 })
    const good = new WebSocket(server.urls.usdmStreams)
    const deaf = new WebSocket(server.urls.usdmStreams, { autoPong: false })
    let pings = 0
    good.on('ping', () => pings++)
    await new Promise((resolve) => deaf.on('close', resolve))
    expect(pings).toBeGreaterThan(0)
    expect(good.readyState).toBe(WebSocket.OPEN)
    good.terminate()
    await server.close()
  })

  it('other addresses have no socket', async () => {
    await expect(listen(combined().replace('/usdm/', '/elsewhere/'))).rejects.toThrow('404')
  })
})
