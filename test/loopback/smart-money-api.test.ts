import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ASSUMED_ROWS } from '../../src/core/smart-money-rows.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { SmartMoneyApi } from '../../src/loopback/smart-money/api.js'
import { knownRows } from '../../src/loopback/world.js'
import { json, MIDDLE, served, type Served, START, WORLD } from './worlds.js'

const KEY = { free: { 'x-api-key': 'sm_loopback_free' }, trader: { 'x-api-key': 'sm_loopback_trader' }, pro: { 'x-api-key': 'sm_loopback_pro' } } // prettier-ignore

let at: Served
beforeAll(async () => {
  at = await served()
})
afterAll(() => at.close())

type Body = Record<string, unknown> & { readonly rows: Record<string, unknown>[] }

/** Straight to the rules, without quotas of other tests. */
function ask(
  path: string,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
  now: number = MIDDLE,
) {
  // prettier-ignore
  const { status, body, headers: answered } = new SmartMoneyApi(WORLD, () => now).answer({ path: `/v1/${path}`, query, headers }, { knownMs: now, clockMs: now }) // prettier-ignore
  return { status, body: body as Body, headers: answered ?? {} }
}

describe('the history archive', () => {
  it('pages backwards by `to`, newest first: everything that is known, nothing twice after deduplication, nothing of the future', () => {
    const seen = new Map<string, Record<string, unknown>>()
    let to = Math.floor(MIDDLE / 1_000)
    for (let pages = 0; ; pages++) {
      expect(pages).toBeLessThan(100)
      const { body } = ask('history/whale_positions', { from: String(START / 1_000), to: String(to), limit: '400' }) // prettier-ignore
      const times = body.rows.map(({ ts }) => ts as number)
      expect(times).toEqual(times.slice().sort((a, b) => b - a))
      for (const row of body.rows) seen.set(`${String(row['ts'])} ${String(row['wallet'])} ${String(row['symbol'])}`, row) // prettier-ignore
      if (body['truncated'] !== true) break
      to = times.at(-1)!
    }
    const whales = WORLD.whales!
    const rows = [...knownRows(whales, MIDDLE)]
    expect(seen.size).toBe(rows.length)
    for (const row of rows) {
      const { texts, values, eventTime } = whales
      const told = seen.get(`${eventTime[row]! / 1_000} ${texts['wallet']![row]!} ${texts['asset']![row]!}`)
      expect([told?.['notional_usd'], told?.['leverage'], told?.['direction']]).toEqual([values['notional']![row], values['leverage']![row], texts['side']![row]]) // prettier-ignore
    }
  })

  it('tells a fact once it is known, not when it happened', () => {
    const { exchangeFlows } = WORLD.assets.get('BTC')!
    const knownAt = exchangeFlows!.knownAt[0]!
    const rows = (now: number): number => ask('history/onchain', { asset: 'BTC', metric: 'exchange_inflow' }, {}, now).body.rows.length // prettier-ignore
    expect(knownAt - exchangeFlows!.eventTime[0]!).toBeGreaterThan(DAY_MS)
    expect([rows(knownAt - 1), rows(knownAt)]).toEqual([0, 1])
  })

  it('refuses filters without an index, naming those that have one; direction of whales only on small windows', () => {
    const wide = ask('history/whale_positions', { direction: 'long' })
    expect(wide.status).toBe(400)
    expect(wide.body['message']).toBe('filter direction has no index on whale_positions; supported filters: symbol, wallet') // prettier-ignore
    const small = ask('history/whale_positions', { direction: 'long', days: '1' })
    expect(small.status).toBe(200)
    expect(new Set(small.body.rows.map(({ direction }) => direction))).toEqual(new Set(['long']))
    expect(ask('history/nothing').status).toBe(404)
    expect(ask('history/constructor').status).toBe(404)
    expect(ask('history/derivatives', { limit: '5001' }).status).toBe(400)
  })

  it('covers what its tables hold', () => {
    const { tables } = ask('history/coverage').body as unknown as { tables: Record<string, { live: { rows: number; from: number | null }; filterable: string[] }> } // prettier-ignore
    expect(Object.keys(tables)).toHaveLength(9)
    expect(tables['whale_positions']!.live.rows).toBe([...knownRows(WORLD.whales!, MIDDLE)].length)
    expect(tables['signal_log']!.live).toEqual({ rows: 0, from: null, to: null })
  })
})

it('every row is as the file of assumptions says, field by field', () => {
  for (const [family, { list, fields }] of Object.entries(ASSUMED_ROWS)) {
    const { status, body } = ask(family, {}, KEY.pro)
    expect([family, status]).toEqual([family, 200])
    const rows = Object.values(body[list] as Record<string, Record<string, unknown>>)
    expect([family, rows.length > 0]).toEqual([family, true])
    const names = fields.map(({ name }) => name)
    for (const row of rows) {
      expect([family, Object.keys(row).filter((name) => !names.includes(name))]).toEqual([family, []])
      for (const { name, kind, required = false, words } of fields) {
        const value = row[name]
        if (required) expect([family, name, value]).not.toEqual([family, name, undefined])
        if (value === null || value === undefined) continue
        expect([family, name, typeof value]).toEqual([family, name, kind === 'text' ? 'string' : 'number'])
        if (words !== undefined) expect(words).toContain(value)
        if (kind === 'seconds') expect(Number.isInteger(value) && (value as number) < 1e10).toBe(true)
      }
    }
  }
})

describe('errors by their meaning', () => {
  it.each([
    ['confirm', {}, {}, 401, 'missing_api_key'],
    ['confirm', {}, { 'x-api-key': 'sm_wrong' }, 401, 'invalid_api_key'],
    ['whale-consensus', {}, { 'x-api-key': 'sm_wrong' }, 401, 'invalid_api_key'],
    ['confirm', { direction: 'up' }, KEY.free, 400, 'bad_parameter'],
    ['confirm', { symbol: '../etc' }, KEY.free, 400, 'bad_symbol'],
    ['confirm', { symbol: 'DOGE' }, KEY.free, 403, 'symbol_not_in_tier'],
    ['derivatives/heatmap', {}, KEY.free, 402, 'plan_required'],
    ['derivatives/screener', { symbol: 'BTC' }, {}, 403, 'key_required'],
    ['nothing', {}, {}, 404, 'not_found'],
    ['onchain/stablecoins', {}, KEY.pro, 451, 'withheld'],
    ['historical/long-short', {}, {}, 503, 'unavailable'],
  ])('%s %j: %i %s', (path, query, headers, status, code) => {
    const answer = ask(path, query as Record<string, string>, headers as Record<string, string>)
    expect([answer.status, answer.body['error']]).toEqual([status, code])
    expect(typeof answer.body['message']).toBe('string')
  })

  it('quotas by virtual minute and day: 429, without a Retry-After that no document mentions', () => {
    let now = MIDDLE
    const api = new SmartMoneyApi(WORLD, () => now)
    const request = { path: '/v1/confirm', query: {}, headers: KEY.free }
    const status = (): number => api.answer(request, { knownMs: now, clockMs: now }).status
    expect([status(), status(), status()]).toEqual([200, 200, 429])
    let taken = 2
    while (taken < 200) {
      now += 60_000
      for (let count = 0; count < 2; count++) if (status() === 200) taken++
    }
    now += 60_000
    const { status: refused, headers } = api.answer(request, { knownMs: now, clockMs: now })
    expect([refused, headers?.['retry-after']]).toEqual([429, undefined])
    now = Math.ceil(now / DAY_MS) * DAY_MS
    expect(status()).toBe(200)
  })
})

describe('confirm', () => {
  it('is oriented to the direction asked for; Free sees no legs', () => {
    const [row] = knownRows(WORLD.assets.get('ETH')!.confirmations!, MIDDLE)
    const { values, eventTime } = WORLD.assets.get('ETH')!.confirmations!
    for (const direction of ['long', 'short']) {
      const { body } = ask('confirm', { symbol: 'ETH', direction }, KEY.trader)
      expect([body['composite'], body['ts'], body['confidence']]).toEqual([values[direction]![row!], eventTime[row!]! / 1_000, 'MEDIUM']) // prettier-ignore
      expect(body).toHaveProperty('whale_score')
    }
    expect(ask('confirm', { symbol: 'ETH' }, KEY.free).body).not.toHaveProperty('whale_score')
  })

  it('says NO_DATA with a composite of 0 where nothing is known: the number alone would be a lie', () => {
    const { body } = ask('confirm', { symbol: 'BTC' }, KEY.pro, START)
    expect(body).toMatchObject({ composite: 0, confidence: 'NO_DATA', action: 'NO_DATA_SKIP', unsupported: false, deriv_score: null }) // prettier-ignore
    expect(body).not.toHaveProperty('base_composite')
    expect(ask('confirm', { symbol: 'XRP' }, KEY.pro).body).toMatchObject({ unsupported: true, confidence: 'NO_DATA' }) // prettier-ignore
  })
})

it('over the wire: a key in its header, limits in theirs, faults of the api alone', async () => {
  const own = await served([{ fault: 'rate-limit', where: 'api', path: 'confirm', retryAfterS: 9 }])
  const usage = await json(`${own.urls.smartMoneyApi}/v1/usage`, KEY.free)
  expect(usage.body).toMatchObject({ plan: 'free', used_today: 1, requests_per_day: 200 })
  expect(usage.headers.get('x-ratelimit-remaining')).toBe('1')
  const limited = await json(`${own.urls.smartMoneyApi}/v1/confirm`, KEY.free)
  expect([limited.status, limited.headers.get('retry-after'), limited.body['error']]).toEqual([429, '9', 'rate_limited']) // prettier-ignore
  expect((await json(own.urls.status)).body).toMatchObject({
    now: MIDDLE,
    synthetic: true,
    faultsInjected: 1,
  })
  expect(HOUR_MS).toBe(3_600_000)
  await own.close()
})
