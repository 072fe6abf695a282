import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import {
  archiveAnswers,
  downloadArchive,
  keptAnswers,
} from '../../src/sources/download/smart-money-download.js'
import { downloadFromExchange, type ExchangeSeries, venueInstrument } from '../../src/sources/download/exchange-download.js' // prettier-ignore
import { joined, type Span, without } from '../../src/sources/download/spans.js'
import { type Binance, openBinance } from '../../src/sources/exchange/binance.js'
import { settlementIntervals } from '../../src/sources/facts/exchange-facts.js'
import { answerLog } from '../../src/sources/smart-money/answer-log.js'
import { RequestBudget } from '../../src/sources/smart-money/budget.js'
import { SmartMoneyClient } from '../../src/sources/smart-money/client.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { loadFacts } from '../../src/store/load.js'
import { removeSeries } from '../../src/store/remove.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { knownRows } from '../../src/loopback/world.js'
import { MIDDLE, served, type Served, START, WORLD } from '../loopback/worlds.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-download-'))
afterAll(() => rmSync(root, { recursive: true }))

const BTC = venueInstrument('synthetic:BTCUSDT-PERP')
const [WORLD_BTC] = WORLD.instruments

const patience = (at: Served) => ({
  now: () => at.clock.now(),
  pause: (durationMs: number) => Promise.resolve(at.clock.advanceBy(durationMs)),
})

async function venueOf(at: Served): Promise<Binance> {
  return openBinance({ isPerpetual: true, addresses: at.urls, ...patience(at) })
}

/** A venue that is gone after so many pages, as a process is that was killed, and that counts what it was asked. */
function dying(venue: Binance, pages: number): { readonly venue: Binance; readonly asked: string[] } {
  const asked: string[] = []
  const candles: Binance['candles'] = (symbol, timeframeMs) => {
    const whole = venue.candles(symbol, timeframeMs)
    return {
      ...whole,
      page: (fromMs, count) => {
        if (asked.length === pages) throw new Error('killed')
        asked.push(`${fromMs} ${count}`)
        return whole.page(fromMs, count)
      },
    }
  }
  return { venue: { ...venue, candles }, asked }
}

const options = (at: Served, folder: string, fromMs = START, toMs = MIDDLE) => ({
  store: openStore(folder),
  fromMs,
  toMs,
  timeframeMs: MINUTE_MS,
  flags: ['synthetic'],
  ...patience(at),
})

describe('a download from an exchange', () => {
  it('asks for no page twice when it was cut off, and holds what the world holds', async () => {
    const at = await served()
    const folder = join(root, 'cut')
    const venue = await venueOf(at)
    const first = dying(venue, 2)
    await expect(downloadFromExchange(first.venue, BTC, 'candles', options(at, folder))).rejects.toThrow('killed') // prettier-ignore
    // The page that was being written when it was killed.
    const [pages] = readdirSync(join(folder, 'downloads')).filter((name) => name.endsWith('.ndjson'))
    appendFileSync(join(folder, 'downloads', pages!), '{"question":"first 17')
    const second = dying(venue, Infinity)
    const report = await downloadFromExchange(second.venue, BTC, 'candles', options(at, folder))
    expect(report.pages).toEqual({ asked: 2, remembered: 2 })
    expect(new Set([...first.asked, ...second.asked]).size).toBe(first.asked.length + second.asked.length)
    const { openTime, close } = await loadCandles(openStore(folder), BTC.id, MINUTE_MS)
    const closed = Math.floor((MIDDLE - START) / MINUTE_MS)
    expect([openTime.length, [...close]]).toEqual([closed, [...WORLD_BTC!.candles.close.subarray(0, closed)]])
    const third = dying(venue, 0)
    expect((await downloadFromExchange(third.venue, BTC, 'candles', options(at, folder))).asked.length).toBe(
      1,
    )
    await at.close()
  })

  it('lists gaps as facts, asks on from where it ended, and begins anew for a series that was removed', async () => {
    const at = await served([{ fault: 'gap', where: 'exchange', path: 'klines', chance: 0.01 }])
    const folder = join(root, 'gaps')
    const venue = await venueOf(at)
    const end = START + 20 * HOUR_MS
    const one = await downloadFromExchange(venue, BTC, 'candles', options(at, folder, START, end))
    const missing = new Set(at.truth.faults.map(({ what }) => Number(what.split(' ')[1])).filter((time) => time < end)) // prettier-ignore
    const inGaps = one.gaps.flatMap(([from, to]) => Array.from({ length: (to - from) / MINUTE_MS }, (_, index) => from + index * MINUTE_MS)) // prettier-ignore
    expect(missing.size).toBeGreaterThan(3)
    expect(inGaps).toEqual([...missing].sort((a, b) => a - b))
    const two = await downloadFromExchange(venue, BTC, 'candles', options(at, folder, START, end + HOUR_MS))
    expect(two.asked).toEqual([[end, end + HOUR_MS]])
    await removeSeries(openStore(folder), two.series, 0)
    const three = await downloadFromExchange(venue, BTC, 'candles', options(at, folder, START, end))
    expect(three.asked).toEqual([[START, end]])
    await at.close()
  })

  it.each([
    ['funding', 'funding/synthetic:BTCUSDT-PERP', 'recorded', 0],
    ['open-interest', 'open-interest/synthetic:BTC', 'assumed', HOUR_MS],
  ] as const)(
    'of %s knows what the venue knows, and says how it knows when',
    async (what, id, origin, lagMs) => {
      const at = await served()
      const store = openStore(join(root, what))
      const done = await downloadFromExchange(await venueOf(at), BTC, what as ExchangeSeries, { ...options(at, store.directory), toMs: MIDDLE }) // prettier-ignore
      expect(done.import?.series[0]?.quarantined).toBe(0)
      const facts = await loadFacts(store, id)
      const truth = what === 'funding' ? WORLD_BTC!.funding! : WORLD_BTC!.openInterest!
      const rows = [...knownRows(truth, MIDDLE)].reverse()
      const column = what === 'funding' ? 'rate' : 'openInterest'
      expect([...facts.values[column]!]).toEqual(rows.map((row) => truth.values[column]![row]))
      expect([...facts.eventTime]).toEqual(rows.map((row) => truth.eventTime[row]))
      expect([...facts.knownAt]).toEqual([...facts.eventTime].map((time) => time + lagMs))
      const { series } = await storeManifest(store)
      expect([series[id]?.origins, series[id]?.flags]).toEqual([[origin], ['synthetic']])
      await at.close()
    },
  )

  it('refuses what a spot market does not have, and a symbol that nobody lists; an empty list of markets is no answer', async () => {
    const at = await served([{ fault: 'garbled', where: 'exchange', path: 'exchangeInfo' }])
    await expect(venueOf(at)).rejects.toMatchObject({ exitCode: 5, message: expect.stringContaining('list of markets') as string }) // prettier-ignore
    await at.close()
    const good = await served()
    const venue = await venueOf(good)
    const spot = venueInstrument('synthetic:BTCUSDT')
    await expect(downloadFromExchange(venue, spot, 'funding', options(good, join(root, 'no')))).rejects.toThrow('a spot market has no funding') // prettier-ignore
    const unknown = venueInstrument('synthetic:NOPE-PERP')
    await expect(downloadFromExchange(venue, unknown, 'candles', options(good, join(root, 'no')))).rejects.toMatchObject({ exitCode: 2 }) // prettier-ignore
    expect(() => venueInstrument('BTCUSDT')).toThrow('an instrument is venue:SYMBOL')
    await good.close()
  })
})

it('the interval of a settlement is the time since the one before, and nobody knows it where neither neighbour fits', () => {
  const hours = [0, 8, 16, 20, 24, 48, 56, 100]
  expect(settlementIntervals(hours.map((hour) => hour * HOUR_MS)).map((ms) => ms / HOUR_MS)).toEqual([8, 8, 8, 4, 4, 8, 8, NaN]) // prettier-ignore
})

describe('a download of the archive', () => {
  const archive = async (at: Served, folder: string) => {
    const store = openStore(folder)
    const budget = await RequestBudget.open(join(folder, 'budget.json'), { perMinute: 600, perDay: 10_000 })
    const log = answerLog(archiveAnswers(store))
    const client = new SmartMoneyClient({ baseUrl: at.urls.smartMoneyApi, budget, log, now: () => at.clock.now() }) // prettier-ignore
    return { store, client, kept: await keptAnswers(archiveAnswers(store)) }
  }

  it('keeps each page, asks for none twice, and says that known-at is assumed', async () => {
    const at = await served([{ fault: 'garbled', where: 'api', path: 'history', chance: 0.3 }])
    const folder = join(root, 'archive')
    const { store, client, kept } = await archive(at, folder)
    const span = { fromMs: START, toMs: START + 2 * DAY_MS, flags: [], ...patience(at) }
    const report = await downloadArchive('whale_positions', kept, { store, client, ...span })
    const truth = [...knownRows(WORLD.whales!, MIDDLE, START, START + 2 * DAY_MS - 1)]
    expect(report.imports[0]?.series[0]).toMatchObject({ id: 'whale-positions/smart-money:tracked', rows: truth.length, quarantined: 0 }) // prettier-ignore
    const { series } = await storeManifest(store)
    expect(series['whale-positions/smart-money:tracked']).toMatchObject({ origins: ['assumed'], knownDelayMedianMs: HOUR_MS }) // prettier-ignore
    const again = await downloadArchive('whale_positions', kept, { store, client, ...span })
    expect(again).toMatchObject({ asked: [], answers: { asked: 0, remembered: 0 } })
    // As after a death between the last answer and the import.
    rmSync(join(folder, 'downloads', 'smart-money.whale_positions.json'))
    const second = await archive(at, folder)
    const resumed = await downloadArchive('whale_positions', second.kept, { ...second, ...span })
    expect(resumed.answers).toEqual({ asked: 0, remembered: report.answers.asked })
    expect(resumed.imports[0]?.series[0]).toMatchObject({ rows: truth.length, rowsAdded: 0, changed: false })
    await at.close()
  })

  it.each([
    ['confirmations', 'confirmations/BTC@synthetic-1', ['long', 'short']],
    ['onchain', 'exchange-flows/BTC', ['inflow', 'outflow', 'supply']],
  ])('of %s puts rows together that are one fact', async (table, id, columns) => {
    const at = await served()
    const { store, client, kept } = await archive(at, join(root, table))
    await downloadArchive(table, kept, { store, client, fromMs: START, toMs: MIDDLE, flags: [], ...patience(at) }) // prettier-ignore
    const facts = await loadFacts(store, id)
    const asset = WORLD.assets.get('BTC')!
    const truth = table === 'onchain' ? asset.exchangeFlows! : asset.confirmations!
    const rows = [...knownRows(truth, MIDDLE)].reverse()
    for (const name of columns)
      expect([...facts.values[name]!]).toEqual(rows.map((row) => truth.values[name]![row]))
    await at.close()
  })

  it.each([
    [{ fault: 'server-error', where: 'api', path: 'history', status: 503 }, 5, 'cannot be downloaded'],
    [
      { fault: 'rate-limit', where: 'api', path: 'history', retryAfterS: 7200 },
      5,
      'the same command goes on from here after',
    ],
  ])('ends with words for %j', async (rule, exitCode, words) => {
    const at = await served([rule])
    const { store, client, kept } = await archive(at, join(root, words.slice(0, 5)))
    const download = downloadArchive('onchain', kept, { store, client, fromMs: START, toMs: MIDDLE, flags: [], ...patience(at) }) // prettier-ignore
    await expect(download).rejects.toMatchObject({ exitCode, message: expect.stringContaining(words) as string }) // prettier-ignore
    await at.close()
  })
})

it.each([
  ['key-refused', 'SMARTMONEY_API_KEY'],
  ['not-in-plan', 'your plan does not cover history/onchain'],
  ['withheld', 'withholds history/onchain'],
  ['bad-request', 'refuses the question'],
] as const)('an archive that answers %s ends a download with words', async (meaning, words) => {
  const client = { ask: () => Promise.resolve({ meaning, message: '' }) } as unknown as SmartMoneyClient
  const store = openStore(join(root, meaning))
  const download = downloadArchive('onchain', new Map(), { store, client, fromMs: START, toMs: MIDDLE, flags: [], now: () => MIDDLE, pause: () => Promise.reject(new Error('waits')) }) // prettier-ignore
  await expect(download).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(words) as string }) // prettier-ignore
})

it('spans: what is left of one, and what was there, make the whole, without overlap', () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 20 })).map(([start, size]): Span => [start, start + size]) // prettier-ignore
  const points = (spans: readonly Span[]): Set<number> => new Set(spans.flatMap(([start, end]) => Array.from({ length: end - start }, (_, index) => start + index))) // prettier-ignore
  fc.assert(
    fc.property(span, fc.array(span), (whole, others) => {
      const left = without(whole, others)
      const there = points(others)
      expect(points(left)).toEqual(new Set([...points([whole])].filter((point) => !there.has(point))))
      expect(points(joined(others))).toEqual(there)
      const list = joined(others)
      list.forEach(([start, end], index) => expect(start < end && (list[index + 1]?.[0] ?? Infinity) > end).toBe(true)) // prettier-ignore
    }),
  )
})
