import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { FaultInjector, type InjectedFault } from '../../src/loopback/faults/injector.js'
import { FAULTS, parseFaultPlan } from '../../src/loopback/faults/plan.js'
import { truthLog } from '../../src/loopback/faults/truth-log.js'
import { MIDDLE, served, type Served, START, WORLD } from './worlds.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-faults-'))
afterAll(() => rmSync(folder, { recursive: true }))

let at: Served
afterEach(() => at.close())

const KLINES = 'klines?symbol=BTCUSDT&interval=5m&limit=300'
const ask = async (path: string = KLINES) => {
  const response = await fetch(`${at.urls.usdmRest}/${path}`)
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') } // prettier-ignore
}
const times = (text: string): number[] => (JSON.parse(text) as [number][]).map(([time]) => time)
const told = (): string[] => at.truth.faults.map(({ fault }) => fault)
const isSorted = (list: readonly number[]): boolean =>
  list.every((time, index) => index === 0 || time > list[index - 1]!)

describe('what befalls answers, and the truth log says so', () => {
  it('429 with and without Retry-After, 418, 5xx', async () => {
    at = await served([
      { fault: 'rate-limit', where: 'exchange', path: 'ping', retryAfterS: 7 },
      { fault: 'rate-limit', where: 'exchange', path: '/time', retryAfterS: null },
      { fault: 'ban', where: 'exchange', path: 'bookTicker' },
      { fault: 'server-error', where: 'exchange', path: 'klines', status: 504 },
    ])
    expect(await ask('ping')).toMatchObject({ status: 429, retryAfter: '7' })
    expect(await ask('time')).toMatchObject({ status: 429, retryAfter: null })
    expect(await ask('ticker/bookTicker')).toMatchObject({ status: 418, retryAfter: '30' })
    expect((await ask()).status).toBe(504)
    expect(told()).toEqual(['rate-limit', 'rate-limit', 'ban', 'server-error'])
  })

  it('a body that drips is whole in the end; one that breaks off is no JSON', async () => {
    at = await served([
      { fault: 'slow-drip', where: 'exchange', path: 'time', delayMs: 2 },
      { fault: 'garbled', where: 'exchange', path: 'klines' },
    ])
    expect(JSON.parse((await ask('time')).text)).toEqual({ serverTime: MIDDLE })
    const { status, text } = await ask()
    expect(status).toBe(200)
    expect(() => JSON.parse(text) as unknown).toThrow()
  })

  it('rows left out stay left out, and the log names just those', async () => {
    at = await served([{ fault: 'gap', where: 'exchange', chance: 0.2 }])
    const first = times((await ask()).text)
    const whole = Array.from({ length: 300 }, (_, bar) => Math.floor(MIDDLE / 300_000) * 300_000 - (299 - bar) * 300_000) // prettier-ignore
    const missing = whole.filter((time) => !first.includes(time))
    expect(missing.length).toBeGreaterThan(20)
    expect(at.truth.faults.map(({ what }) => what)).toEqual(missing.map((time) => `row ${time}`))
    expect(times((await ask()).text)).toEqual(first)
  })

  it('rows twice, rows out of order', async () => {
    at = await served([
      { fault: 'duplicate', where: 'exchange', chance: 0.1, path: 'fundingRate' },
      { fault: 'duplicate', where: 'exchange', chance: 0.1, path: 'klines' },
      { fault: 'reorder', where: 'exchange', chance: 0.1, path: 'klines' },
    ])
    const rows = times((await ask()).text)
    expect(rows.length).toBe(300 + told().filter((fault) => fault === 'duplicate').length)
    expect(new Set(rows).size).toBe(300)
    expect(isSorted([...new Set(rows)])).toBe(false)
  })

  it('late: the newest rows are not there yet; frozen: answers stand still while the clock goes on; skewed: another time', async () => {
    at = await served([
      { fault: 'late', where: 'exchange', path: 'klines', delayMs: HOUR_MS },
      { fault: 'frozen', where: 'exchange', path: 'premiumIndex', during: '2024-01-03T10:20Z..2024-01-04' },
      { fault: 'clock-skew', where: 'exchange', path: 'time', skewMs: -5_000 },
    ])
    expect(times((await ask()).text).at(-1)).toBe(Math.floor((MIDDLE - HOUR_MS) / 300_000) * 300_000)
    const [before, , after] = [await ask('premiumIndex?symbol=BTCUSDT'), at.clock.advanceBy(HOUR_MS), await ask('premiumIndex?symbol=BTCUSDT')] // prettier-ignore
    const [one, other] = [JSON.parse(before.text), JSON.parse(after.text)] as { markPrice: string; time: number }[] // prettier-ignore
    expect(one!.markPrice).toBe(other!.markPrice)
    expect(other!.time - one!.time).toBe(HOUR_MS)
    expect(JSON.parse((await ask('time')).text)).toEqual({ serverTime: MIDDLE + HOUR_MS - 5_000 })
  })

  it('fields and words that nobody documented, among them names that reach for prototypes', async () => {
    at = await served([
      { fault: 'unknown-fields', where: 'exchange', path: 'exchangeInfo' },
      { fault: 'unknown-enums', where: 'exchange', path: 'exchangeInfo' },
    ])
    const { text } = await ask('exchangeInfo')
    expect(text).toContain('"__proto__":{"polluted":true}')
    const { symbols } = JSON.parse(text) as { symbols: { status: string; symbol: string; zz_new: string }[] }
    expect(symbols[0]).toMatchObject({ symbol: 'BTCUSDT', status: 'NEW_TRADING', zz_new: 'x' })
  })
})

describe('streams', () => {
  const listen = async (rules: readonly object[], forMs: number): Promise<{ t: number; x: boolean }[]> => {
    at = await served(rules, START + HOUR_MS)
    const socket = new WebSocket(`${at.urls.usdmStreams}/btcusdt@kline_5m`)
    const seen: { t: number; x: boolean }[] = []
    let isDone = (): void => undefined
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as { k?: { t: number; x: boolean }; id?: number } // prettier-ignore
      if (message.k !== undefined) seen.push(message.k)
      else isDone()
    })
    socket.on('close', () => isDone())
    await new Promise((resolve) => socket.on('open', resolve))
    const answered = (): Promise<void> =>
      new Promise((resolve) => {
        isDone = resolve
        socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
      })
    await answered()
    at.clock.advanceBy(forMs)
    await answered()
    socket.terminate()
    return seen
  }

  it('gaps, duplicates and swaps of closed candles, as the log has them', async () => {
    const seen = await listen(
      (['gap', 'duplicate', 'reorder'] as const).map((fault) => ({ fault, where: 'stream', chance: 0.05 })),
      10 * HOUR_MS,
    )
    const closed = seen.filter(({ x }) => x).map(({ t }) => t)
    const of = (fault: string): number[] =>
      at.truth.faults.filter((one) => one.fault === fault && one.what.startsWith('closed')).map(({ what }) => Number(what.split(' ')[2])) // prettier-ignore
    expect(of('gap').length).toBeGreaterThan(0)
    const expected = Array.from({ length: 120 }, (_, bar) => START + HOUR_MS + bar * 5 * MINUTE_MS)
    expect([...new Set(closed)].sort((a, b) => a - b)).toEqual(expected.filter((time) => !of('gap').includes(time))) // prettier-ignore
    expect(closed.filter((time, index) => closed.indexOf(time) !== index).sort()).toEqual(of('duplicate').sort()) // prettier-ignore
    expect(told()).toContain('reorder')
  })

  it('an open candle that says it is closed', async () => {
    const seen = await listen([{ fault: 'open-as-closed', where: 'stream', chance: 0.2 }], HOUR_MS)
    const closed = seen.filter(({ x }) => x).length
    expect(closed).toBe(12 + told().length)
    expect(told().length).toBeGreaterThan(3)
  })

  it('silence: the socket stays, and says nothing more', async () => {
    const seen = await listen([{ fault: 'silence', where: 'stream', during: '2024-01-01T02:00Z..' }], 3 * HOUR_MS) // prettier-ignore
    expect(Math.max(...seen.map(({ t }) => t))).toBe(START + 2 * HOUR_MS - 5 * MINUTE_MS)
  })

  it('a cut', async () => {
    const seen = await listen([{ fault: 'disconnect', where: 'stream', during: '2024-01-01T01:30Z..' }], 3 * HOUR_MS) // prettier-ignore
    // What was on its way when it was cut is lost.
    expect(Math.max(...seen.map(({ t }) => t))).toBeLessThanOrEqual(START + 85 * MINUTE_MS)
    expect(told()).toEqual(['disconnect'])
  })
})

describe('a plan', () => {
  it('does equal harm to equal questions, in whatever order they are asked', async () => {
    at = await served()
    const plan = parseFaultPlan({ seed: 9, rules: [{ fault: 'gap', where: 'api', chance: 0.3 }] })
    const struck = (questions: readonly number[]): number[] => {
      const seen: InjectedFault[] = []
      const injector = new FaultInjector(plan, (fault) => seen.push(fault))
      return questions.filter((number) => injector.strikes('gap', 'api', '/v1/x', `row ${number}`, number))
    }
    const questions = Array.from({ length: 1_000 }, (_, number) => number)
    const forward = struck(questions)
    expect(forward.length).toBeGreaterThan(250)
    expect(forward.length).toBeLessThan(350)
    expect(struck(questions.slice().reverse()).reverse()).toEqual(forward)
  })

  it.each([
    [{ rules: [{ fault: 'gap', where: 'nowhere' }] }, 'rules.0.where'],
    [{ rules: [{ fault: 'gap', where: 'api', chances: 1 }] }, 'rules.0'],
    [{ rules: [{ fault: 'open-as-closed', where: 'api' }] }, 'open-as-closed happens to stream'],
    [{ rules: [{ fault: 'frozen', where: 'api' }] }, 'needs a time to freeze at'],
    [{ rules: [{ fault: 'late', where: 'api' }] }, 'late by how much'],
    [[], 'expected object'],
  ])('%j is refused', async (json, words) => {
    at = await served()
    expect(() => parseFaultPlan(json, 'faults.json')).toThrow(words)
  })

  it('can have every fault at every place that it names', async () => {
    at = await served()
    for (const [fault, { where }] of Object.entries(FAULTS))
      for (const place of where)
        parseFaultPlan({ rules: [{ fault, where: place, during: '2024-01-01..', delayMs: 1, skewMs: 1 }] })
  })

  it('keeps its log in a file as it happens', async () => {
    at = await served()
    const file = join(folder, 'truth.ndjson')
    const log = await truthLog(file)
    const fault: InjectedFault = { time: 1, fault: 'gap', where: 'api', path: '/v1/x', what: 'row 1' }
    log.add(fault)
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(fault)}\n`)
    await expect(truthLog(join(folder, 'absent/truth.ndjson'))).rejects.toThrow('cannot be written')
    expect(WORLD.synthetic).toBe(true)
  })
})
