import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { answerLog, type StoredAnswer } from '../../src/sources/smart-money/answer-log.js'
import { type Limits, RequestBudget } from '../../src/sources/smart-money/budget.js'
import { SmartMoneyClient } from '../../src/sources/smart-money/client.js'
import { readHistory } from '../../src/sources/smart-money/history.js'
import { readLimits } from '../../src/sources/smart-money/limits.js'
import { retryAtMs } from '../../src/sources/retry-after.js'
import { understand } from '../../src/sources/smart-money/meaning.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { knownRows } from '../../src/loopback/world.js'
import { MIDDLE, served, WORLD } from '../loopback/worlds.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-client-'))
afterAll(() => rmSync(root, { recursive: true }))

const PLENTY: Limits = { perMinute: 1_000, perDay: 10_000 }
let made = 0

async function client(
  baseUrl: string,
  now: () => number,
  { limits = PLENTY, key = 'sm_loopback_pro', folder = join(root, String(made++)), timeoutMs = 5_000 } = {},
) {
  // prettier-ignore
  const budget = await RequestBudget.open(join(folder, 'budget.json'), limits)
  const options = { baseUrl, budget, now, log: answerLog(join(folder, 'answers')), timeoutMs }
  const stored = (): StoredAnswer[] =>
    readdirSync(join(folder, 'answers')).filter((name) => name.endsWith('.ndjson')).flatMap((name) => readFileSync(join(folder, 'answers', name), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as StoredAnswer)) // prettier-ignore
  return { api: new SmartMoneyClient({ ...options, key: new Secret(key) }), budget, stored, folder }
}

describe('a key', () => {
  it('is shown by nothing', async () => {
    const text = 'sm_very_secret_key'
    const secret = new Secret(text)
    const { api, folder } = await client('http://127.0.0.1:9', () => MIDDLE, { key: text })
    await api.ask('/v1/confirm', { symbol: 'BTC' })
    const shown = [String(secret), JSON.stringify({ secret }), inspect(api, { depth: 9, showHidden: true }), format('%o %s %j', secret, secret, secret), JSON.stringify(api), secret + '']
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
      shown.push(readFileSync(join(name.parentPath, name.name), 'utf8'))
    expect(shown.length).toBeGreaterThan(7)
    for (const one of shown) expect(one).not.toContain('very_secret')
    expect(() => new Secret('two words')).toThrow(/^((?!two words).)*$/)
  }) // prettier-ignore

  it('goes to https alone, or to this machine', async () => {
    for (const url of ['http://example.org', 'ftp://127.0.0.1', 'nonsense', 'https://user:pass@example.org'])
      await expect(client(url, () => 0)).rejects.toThrow('an address of the API begins with https://')
  })
})

describe('against the loopback API', () => {
  it('reads the whole archive by pages, and knows what it is', async () => {
    const at = await served()
    const { api, stored } = await client(at.urls.smartMoneyApi, () => at.clock.now())
    const query = { fromMs: WORLD.startTime, toMs: MIDDLE, limit: 400 }
    const { rows, quarantined, stoppedBy } = await readHistory(api, 'whale_positions', query)
    expect([stoppedBy, quarantined]).toEqual([undefined, []])
    const truth = [...knownRows(WORLD.whales!, MIDDLE)]
    expect(rows).toHaveLength(truth.length)
    const { values, eventTime } = WORLD.whales!
    const sorted = (list: number[]): number[] => list.sort((a, b) => a - b)
    expect(sorted(rows.map(({ measures, eventTime: time }) => time! + (measures['notional_usd'] as { value: number }).value))) // prettier-ignore
      .toEqual(sorted(truth.map((row) => eventTime[row]! + values['notional']![row]!)))
    for (const { body, sha256, url, fetchedAt, status } of stored()) {
      expect(createHash('sha256').update(body).digest('hex')).toBe(sha256)
      expect([new URL(url).pathname, fetchedAt, status]).toEqual(['/v1/history/whale_positions', MIDDLE, 200])
    }
    await at.close()
  })

  it('says how far it came where it is stopped, and a page that cannot be passed is no endless loop', async () => {
    const at = await served([{ fault: 'server-error', where: 'api', path: 'history', chance: 0.5 }])
    const { api } = await client(at.urls.smartMoneyApi, () => at.clock.now())
    const query = { fromMs: WORLD.startTime, toMs: MIDDLE, limit: 300 }
    const { stoppedBy, completeFromMs, rows } = await readHistory(api, 'whale_positions', query)
    expect(stoppedBy?.meaning).toBe('unavailable')
    const truth = [...knownRows(WORLD.whales!, MIDDLE, completeFromMs)].length
    expect(rows.filter(({ eventTime }) => eventTime! >= completeFromMs)).toHaveLength(truth)
    await at.close()
    const whole = await served()
    const next = await client(whole.urls.smartMoneyApi, () => MIDDLE)
    const stuck = await readHistory(next.api, 'whale_positions', { ...query, limit: 5 })
    expect(stuck.stoppedBy?.message).toContain('the page cannot be passed')
    await whole.close()
  })

  it('learns its limits, spends no more, and a new process goes on where the old one stopped', async () => {
    const at = await served()
    const now = (): number => at.clock.now()
    const first = await client(at.urls.smartMoneyApi, now, { key: 'sm_loopback_free', limits: { perMinute: 1, perDay: 50 } }) // prettier-ignore
    expect((await readLimits(first.api, first.budget, now)).meaning).toBe('answered')
    expect(first.budget.limits).toEqual({ perMinute: 2, perDay: 200 })
    const again = await client(at.urls.smartMoneyApi, now, { key: 'sm_loopback_free', folder: first.folder })
    expect(again.budget.limits).toEqual({ perMinute: 2, perDay: 200 })
    expect((await again.api.ask('/v1/confirm')).meaning).toBe('answered')
    const held = await again.api.ask('/v1/confirm')
    expect([held.meaning, held.retryAt, held.answer]).toEqual(['held-back', Math.ceil(MIDDLE / 60_000) * 60_000, undefined]) // prettier-ignore
    at.clock.advanceTo(held.retryAt!)
    expect((await again.api.ask('/v1/confirm')).meaning).toBe('answered')
    await at.close()
  })

  it('asks nothing inside a Retry-After, in no process; without one it waits longer each time', async () => {
    const rules = [{ fault: 'rate-limit', where: 'api', path: 'confirm', retryAfterS: 90 }, { fault: 'rate-limit', where: 'api', path: 'plans', retryAfterS: null }] // prettier-ignore
    const at = await served(rules)
    const now = (): number => at.clock.now()
    const one = await client(at.urls.smartMoneyApi, now)
    expect(await one.api.ask('/v1/confirm')).toMatchObject({ meaning: 'limited', retryAt: MIDDLE + 90_000 })
    at.clock.advanceBy(89_999)
    const other = await client(at.urls.smartMoneyApi, now, { folder: one.folder })
    expect(await other.api.ask('/v1/health')).toMatchObject({
      meaning: 'held-back',
      retryAt: MIDDLE + 90_000,
    })
    at.clock.advanceBy(1)
    expect((await other.api.ask('/v1/health')).meaning).toBe('answered')
    for (const minutes of [1, 2, 4]) {
      expect((await other.api.ask('/v1/plans')).meaning).toBe('limited')
      expect((await other.api.ask('/v1/plans')).retryAt).toBe(now() + minutes * 60_000)
      at.clock.advanceBy(minutes * 60_000)
    }
    expect(at.truth.faults).toHaveLength(4)
    await at.close()
  })

  it('understands each error by what it means', async () => {
    const at = await served([{ fault: 'garbled', where: 'api', path: 'health' }])
    const { api } = await client(at.urls.smartMoneyApi, () => MIDDLE)
    const free = await client(at.urls.smartMoneyApi, () => MIDDLE, { key: 'sm_loopback_free' })
    const wrong = await client(at.urls.smartMoneyApi, () => MIDDLE, { key: 'sm_wrong' })
    const meanings = [
      await api.ask('/v1/history/whale_positions', { direction: 'long' }),
      await wrong.api.ask('/v1/plans'),
      await free.api.ask('/v1/derivatives/heatmap'),
      await free.api.ask('/v1/confirm', { symbol: 'DOGE' }),
      await api.ask('/v1/nothing'),
      await api.ask('/v1/etf/flows'),
      await api.ask('/v1/historical/long-short'),
      await api.ask('/v1/health'),
    ].map(({ meaning }) => meaning)
    expect(meanings).toEqual(['bad-request', 'key-refused', 'not-in-plan', 'not-in-plan', 'not-found', 'withheld', 'unavailable', 'unreadable']) // prettier-ignore
    await at.close()
    expect((await api.ask('/v1/plans')).meaning).toBe('no-answer')
  })
})

it('an answer of others than the API is not the API speaking', () => {
  for (const status of [401, 402, 403, 404, 451]) expect(understand(status, '<html>no</html>').meaning).toBe('unexpected') // prettier-ignore
  for (const status of [201, 204, 302, 418, 500, 502, 504]) expect(understand(status, '{"error":"x"}').meaning).toBe('unexpected') // prettier-ignore
  for (const text of ['', '[]', 'null', '3', '{']) expect(understand(200, text).meaning).toBe('unreadable')
  expect(understand(429, '<html>').meaning).toBe('limited')
  expect(retryAtMs('Thu, 01 Jan 2026 00:00:00 GMT', 0)).toBe(Date.UTC(2026, 0, 1))
  expect([retryAtMs('soon', 0), retryAtMs('-5', 0), retryAtMs(null, 0), retryAtMs('7', 1_000)]).toEqual([undefined, undefined, undefined, 8_000]) // prettier-ignore
})

describe('a server that means ill', () => {
  const evil = async (work: (url: string) => Promise<void>): Promise<void> => {
    const server: Server = createServer((request, response) => {
      if (request.url === '/v1/away') response.writeHead(302, { location: 'http://127.0.0.1:9/v1/steal' }).end()
      else if (request.url === '/v1/bytes') response.end(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
      else response.write('{"a":')
    }) // prettier-ignore
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  it('redirects are not followed, bytes are kept as they are, silence ends', async () => {
    await evil(async (url) => {
      const { api, stored } = await client(url, () => MIDDLE, { timeoutMs: 200 })
      const meanings = [await api.ask('/v1/away'), await api.ask('/v1/bytes'), await api.ask('/v1/silent')]
      expect(meanings.map(({ meaning }) => meaning)).toEqual(['no-answer', 'unreadable', 'no-answer'])
      expect(stored().map(({ status, encoding }) => [status, encoding])).toEqual([[null, 'utf8'], [200, 'base64'], [null, 'utf8']]) // prettier-ignore
      expect(Buffer.from(stored()[1]!.body, 'base64')).toEqual(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
    })
  })
})

it('a damaged budget is not taken for an unspent one; a clock set back opens no new day', async () => {
  const path = join(root, 'damaged.json')
  writeFileSync(path, '{"version":1')
  await expect(RequestBudget.open(path)).rejects.toThrow('the budget of requests is damaged')
  const budget = await RequestBudget.open(join(root, 'fresh.json'), { perMinute: 9, perDay: 1 })
  expect(await budget.take(MIDDLE)).toBeUndefined()
  expect(await budget.take(MIDDLE - 5 * 86_400_000)).toBeDefined()
  const many = await RequestBudget.open(join(root, 'many.json'), { perMinute: 5, perDay: 100 })
  const taken = await Promise.all(Array.from({ length: 12 }, () => many.take(MIDDLE)))
  expect(taken.filter((until) => until === undefined)).toHaveLength(5)
})
