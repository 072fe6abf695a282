import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.js'
import type { SessionFact } from '../../src/engine/session.js'
import { StoredFeed } from '../../src/runner/feed.js'
import { journalBody, journalText } from '../../src/runner/journal-text.js'
import { LiveFacts } from '../../src/runner/live-facts.js'
import { UNLIMITED } from '../../src/sources/replay-transport.js'
import { SmartMoneyClient } from '../../src/sources/smart-money/client.js'
import { candlesOf, dataOf, instrumentOf } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)
const BTC = instrumentOf({ id: 'binance:BTCUSDT', base: 'BTC' })

/** Rows of the archive, as the API holds them now. */
let rows: object[] = []
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ rows: rows.toReversed(), count: rows.length, truncated: false }))
})
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)))
beforeEach(() => void (rows = []))
afterAll(() => void server.close())

/** Both sides of a confirmation, by a version of the model, some minutes after the start. */
function answered(minute: number, modelVersion: string, composite: number, more: object = {}): void {
  for (const direction of ['long', 'short'])
    rows.push({ ts: (START + minute * MINUTE_MS) / SECOND_MS, symbol: 'BTC', direction, composite, confidence: 'HIGH', model_version: modelVersion, ...more }) // prettier-ignore
}

/** What a live session is told of confirmations, and of what went wrong with them. */
class Life {
  now: number = START + HOUR_MS
  readonly troubles: string[] = []
  readonly told: SessionFact[] = []
  readonly facts: LiveFacts

  constructor() {
    const now = (): number => this.now
    const client = new SmartMoneyClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, budget: UNLIMITED, log: { add: () => Promise.resolve() }, now }) // prettier-ignore
    const market = { openInterest: () => Promise.resolve([]) }
    this.facts = new LiveFacts({ instruments: [BTC], wanted: ['confirmation'], market, client, now, trouble: (what, message) => void this.troubles.push(`${what}: ${message}`) }) // prettier-ignore
  }

  async poll(): Promise<(readonly [version: string | undefined, long: number | undefined])[]> {
    this.now += 5 * MINUTE_MS
    const facts = await this.facts.poll()
    this.told.push(...facts)
    return facts.map(({ modelVersion, values }) => [modelVersion, values['long']])
  }
}

const NAMED = [
  expect.stringMatching(/^model version: .*by version v3 of.* has version v2.*Begin a new session/),
]

describe('confirmations of a live session are of one version of the model', () => {
  test('that of the newest one when it first heard any; older rows of another are its past, and no trouble', async () => {
    const life = new Life()
    answered(10, 'v1', 0.1)
    answered(20, 'v2', 0.2)
    expect(await life.poll()).toEqual([['v2', 0.2]])
    answered(30, 'v2', 0.3)
    expect(await life.poll()).toEqual([['v2', 0.3]])
    expect(life.troubles).toEqual([])
  })

  test('another version that comes is not taken, and is told of once; its own is taken again', async () => {
    const life = new Life()
    answered(10, 'v2', 0.2)
    await life.poll()
    for (const minute of [20, 30, 40]) {
      answered(minute, 'v3', minute / 100)
      expect(await life.poll()).toEqual([])
    }
    expect(life.troubles).toEqual(NAMED)
    answered(50, 'v2', 0.5)
    expect(await life.poll()).toEqual([['v2', 0.5]])
    // Two that answer side by side: it has its own.
    answered(55, 'v4', 0.6)
    answered(55, 'v2', 0.7)
    expect(await life.poll()).toEqual([['v2', 0.7]])
    expect(life.troubles).toEqual(NAMED)
  })

  test('the one that its journal names, after a restart', async () => {
    const before = new Life()
    answered(10, 'v2', 0.2)
    await before.poll()
    const life = new Life()
    for (const fact of before.told) life.facts.remember(journalBody(journalText(fact)) as SessionFact)
    answered(20, 'v3', 0.3)
    expect(await life.poll()).toEqual([])
    expect(life.troubles).toEqual(NAMED)
  })

  test('the one of the data that warmed it up', async () => {
    const life = new Life()
    const at = Float64Array.of(START)
    const confirmation = {
      eventTime: at,
      knownAt: at,
      values: { long: Float64Array.of(0.1) },
      modelVersion: 'v2',
    }
    const data = dataOf(candlesOf([], START), BTC, undefined, { confirmation })
    for await (const item of new StoredFeed([data], Infinity).items(-Infinity))
      if (item.kind === 'fact') expect(life.facts.takes(item.fact)).toBe(true)
    answered(20, 'v3', 0.3)
    expect(await life.poll()).toEqual([])
    expect(life.troubles).toEqual(NAMED)
  })

  test('rows that name no version are of an unknown one, which is a version too', async () => {
    const life = new Life()
    answered(10, 'v2', 0.2)
    await life.poll()
    answered(20, 'v3', 0.3, { model_version: null })
    expect(await life.poll()).toEqual([])
    expect(life.troubles).toHaveLength(1)
  })
})
