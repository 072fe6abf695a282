import { join } from 'node:path'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Instrument } from '../../src/core/instrument.js'
import { importFile } from '../../src/store/import.js'
import type { ImportOptions } from '../../src/store/import-options.js'
import { resolveRunData } from '../../src/store/run-data.js'
import { type Store, openStore } from '../../src/store/store.js'
import { CANDLE_HEADER, HOUR, T0, candleLines, csvFile } from './helpers.js'

const instrument = (id: string, base: string, kind: 'spot' | 'perpetual' = 'perpetual'): Instrument => ({
  id, venue: id.split(':')[0] ?? '', kind, base, quote: 'USDT', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0, takerFee: 0,
}) // prettier-ignore
const BTC = instrument('binance:BTCUSDT-PERP', 'BTC')
const ETH = instrument('binance:ETHUSDT-PERP', 'ETH')
const SPOT = instrument('binance:BTCUSDT', 'BTC', 'spot')
const INVERSE = instrument('binance:BTCUSD-CM', 'BTC')

let folder = ''
let store: Store

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baleen-run-data-'))
  store = openStore(join(folder, 'data'))
  const add = (lines: readonly string[], options: Omit<ImportOptions, 'file' | 'now'>) =>
    importFile(store, { ...options, file: csvFile(folder, lines), now: 0 })
  const bars = [CANDLE_HEADER, ...candleLines(24)]
  for (const { id, base } of [BTC, ETH, SPOT])
    await add(bars, { kind: 'candles', instrument: id, asset: base, intervalMs: HOUR })
  await add(bars, { kind: 'candles', instrument: INVERSE.id, intervalMs: HOUR, inverse: true })
  const rates = ['ts,rate', `${T0 + 8 * HOUR},0.0001`]
  const funding = { kind: 'funding', intervalMs: 8 * HOUR, asset: 'BTC' } as const
  await add(rates, { ...funding, instrument: BTC.id })
  await add(rates, { ...funding, instrument: 'bybit:BTCUSDT-PERP' })
  await add(rates, {
    ...funding,
    instrument: 'hyperliquid:ETH-PERP',
    asset: 'ETH',
    rateKind: 'average',
    knownLagMs: HOUR,
  })
  const interest = { kind: 'open-interest', knownLagMs: HOUR } as const
  await add(['ts,oi', `${T0},5`], { ...interest, venue: 'hyperliquid', asset: 'BTC' })
  await add(['ts,oi', `${T0},6`], { ...interest, venue: 'lighter', asset: 'BTC' })
  await add(['ts,oi', `${T0},7`], { ...interest, venue: 'hyperliquid', asset: 'ETH' })
  await add(['ts,mood', `${T0},7`], { kind: 'series', name: 'mood', knownLagMs: 0, map: { mood: 'mood' } })
  const whales = ['ts,wallet,asset,side,quantity,notional,leverage', `${T0},w,BTC,long,1,1,5`]
  await add(whales, {
    kind: 'whale-positions',
    venue: 'hyperliquid',
    list: 'biggest',
    knownAtColumn: 'ts',
    flags: ['partial-universe'],
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what a run reads', () => {
  it('comes from the override, else the own venue, else the only series; the rest is absent and named', async () => {
    const wanted = ['funding', 'open-interest', 'whales', 'exchange-flows', 'confirmation', 'mood']
    const overrides = { 'open-interest': 'open-interest/hyperliquid:{base}' }
    const run = await resolveRunData(store, [BTC, ETH], HOUR, wanted, { overrides })
    const used = run.used.map(
      ({ instrumentId, use, seriesId }) => `${instrumentId.slice(8, 11)} ${use} ${seriesId}`,
    )
    expect(used).toEqual([
      'BTC candles candles/binance:BTCUSDT-PERP@1h',
      'BTC funding-payments funding/binance:BTCUSDT-PERP',
      'BTC funding funding/binance:BTCUSDT-PERP',
      'BTC open-interest open-interest/hyperliquid:BTC',
      'BTC whales whale-positions/hyperliquid:biggest',
      'BTC mood series/mood',
      'ETH candles candles/binance:ETHUSDT-PERP@1h',
      'ETH funding funding/hyperliquid:ETH-PERP@average',
      'ETH open-interest open-interest/hyperliquid:ETH',
      'ETH mood series/mood',
    ])
    const absent = run.absent.map(({ instrumentId, use }) => `${instrumentId.slice(8, 11)} ${use}`)
    expect(absent).toEqual([
      'BTC exchange-flows',
      'BTC confirmation',
      'ETH funding-payments',
      'ETH whales',
      'ETH exchange-flows',
      'ETH confirmation',
    ])
    const [btc, eth] = run.instruments
    expect(Object.keys(btc?.facts ?? {})).toEqual(['funding', 'open-interest', 'whales', 'mood'])
    expect([...(btc?.facts['open-interest']?.values['openInterest'] ?? [])]).toEqual([5])
    expect(eth?.funding).toBeUndefined()
    const flags = Object.fromEntries(
      run.used.map(({ instrumentId, use, flags }) => [`${instrumentId.slice(8, 11)} ${use}`, flags]),
    )
    expect(flags['BTC whales']).toEqual(['partial-universe', 'cross-venue'])
    expect(flags['ETH funding']).toEqual(['assumed', 'average-rate', 'cross-venue'])
    expect(flags['BTC funding']).toEqual([])
  })

  it('charges settled rates over the whole of its bars, missing ones as missing', async () => {
    const run = await resolveRunData(store, [BTC], HOUR, [])
    const funding = run.instruments[0]?.funding
    expect([...(funding?.time ?? [])].map((time) => (time - T0) / HOUR)).toEqual([0, 8, 16, 24])
    expect([...(funding?.rate ?? [])]).toEqual([NaN, 0.0001, NaN, NaN])
    await expect(
      resolveRunData(store, [ETH], HOUR, [], {
        overrides: { 'funding-payments': 'funding/hyperliquid:ETH-PERP@average' },
      }),
    ).rejects.toThrow(/only settled rates/)
  })

  it('asks where several series could serve, and takes none for an answer', async () => {
    await expect(resolveRunData(store, [BTC], HOUR, ['open-interest'])).rejects.toThrow(
      /several series could serve open-interest of binance:BTCUSDT-PERP.*--facts open-interest=open-interest\/hyperliquid:BTC or .*open-interest\/lighter:BTC/,
    )
    const none = await resolveRunData(store, [BTC], HOUR, ['open-interest'], {
      overrides: { 'open-interest': 'none' },
    })
    expect(none.absent.map(({ use }) => use)).toEqual(['open-interest'])
  })

  it('asks which model version of the confirmations to read, and never splices two', async () => {
    const confirmations = { kind: 'confirmations', asset: 'SOL', knownAtColumn: 'ts', now: 0 } as const
    const lines = ['ts,long,confidence,model_version', `${T0},0.1,HIGH,v1`, `${T0 + HOUR},0.9,HIGH,v2`]
    await importFile(store, { ...confirmations, file: csvFile(folder, lines) })
    const SOL = instrument('binance:SOLUSDT', 'SOL', 'spot')
    const bars = csvFile(folder, [CANDLE_HEADER, ...candleLines(24)])
    await importFile(store, { kind: 'candles', instrument: SOL.id, intervalMs: HOUR, file: bars, now: 0 })
    await expect(resolveRunData(store, [SOL], HOUR, ['confirmation'])).rejects.toThrow(
      /several series could serve confirmation of binance:SOLUSDT.*confirmations\/SOL@v1 or .*confirmations\/SOL@v2/,
    )
    const overrides = { confirmation: 'confirmations/{base}@v2' }
    const run = await resolveRunData(store, [SOL], HOUR, ['confirmation'], { overrides })
    expect([...(run.instruments[0]?.facts['confirmation']?.values['long'] ?? [])]).toEqual([0.9])
  })

  it('spot pays no funding, and its features read that of its venue', async () => {
    const run = await resolveRunData(store, [SPOT], HOUR, ['funding'])
    expect(run.instruments[0]?.funding).toBeUndefined()
    expect(run.used.map(({ seriesId }) => seriesId)).toEqual([
      'candles/binance:BTCUSDT@1h',
      'funding/binance:BTCUSDT-PERP',
    ])
  })

  it('has a hash of its own, which other data in the folder do not change', async () => {
    const before = await resolveRunData(store, [SPOT], HOUR, [])
    expect((await resolveRunData(store, [SPOT], HOUR, [])).dataHash).toBe(before.dataHash)
    expect((await resolveRunData(store, [SPOT], HOUR, ['mood'])).dataHash).not.toBe(before.dataHash)
  })

  it('refuses coin-margined contracts, absent candles and overrides that fit nothing', async () => {
    await expect(resolveRunData(store, [INVERSE], HOUR, [])).rejects.toThrow(/coin-margined/)
    await expect(resolveRunData(store, [BTC], 60_000, [])).rejects.toThrow(
      /does not hold candles\/binance:BTCUSDT-PERP@1m/,
    )
    const range = { startMs: T0 + 100 * HOUR, endMs: Infinity }
    await expect(resolveRunData(store, [BTC], HOUR, [], { range })).rejects.toThrow(
      /runs from 2024-01-01 00:00 to 2024-01-01 23:00/,
    )
    const start = (overrides: Record<string, string>) =>
      resolveRunData(store, [BTC], HOUR, ['mood', 'whales'], { overrides })
    await expect(start({ moood: 'series/mood' })).rejects.toThrow(/reads no such series/)
    await expect(start({ mood: 'series/nothing' })).rejects.toThrow(/holds no such series/)
    await expect(start({ whales: 'series/mood' })).rejects.toThrow(/must be a series of whale-positions/)
  })
})
