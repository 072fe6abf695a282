import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { joinFacts } from '../../src/core/point-in-time.js'
import { importFile } from '../../src/store/import.js'
import { loadFacts, loadFunding } from '../../src/store/load.js'
import { loadWhaleFacts } from '../../src/store/load-whales.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import {
  CANDLE_HEADER,
  HOUR,
  T0,
  candleLines,
  csvFile,
  findingCounts,
  importLines,
  temporaryFolder,
} from './helpers.js'

const FLOWS = { kind: 'exchange-flows', asset: 'BTC', knownAtColumn: 'known', now: 0 } as const
const FLOW_HEADER = 'ts,known,inflow,outflow'
const DAY = 24 * HOUR
const flow = (day: number, knownAfterHours: number | '', inflow: number, outflow = 5): string =>
  `${T0 + day * DAY},${knownAfterHours === '' ? '' : T0 + day * DAY + knownAfterHours * HOUR},${inflow},${outflow}`

describe('when a fact was known', () => {
  it('must be said where the file does not carry it', async () => {
    const lines = ['ts,inflow,outflow', `${T0},1,2`]
    for (const kind of [
      'exchange-flows',
      'open-interest',
      'whale-positions',
      'confirmations',
      'series',
    ] as const) {
      const options = {
        kind,
        venue: 'x',
        asset: 'BTC',
        list: 'l',
        name: 'n',
        map: kind === 'series' ? { v: 'inflow' } : {},
        now: 0,
      }
      await expect(importLines(lines, options), kind).rejects.toThrow(/--known-at COLUMN, or --known-lag/)
    }
    const predicted = {
      kind: 'funding',
      instrument: 'x:A-PERP',
      intervalMs: HOUR,
      rateKind: 'predicted',
      now: 0,
    } as const
    await expect(importLines(['ts,rate', `${T0},1`], predicted)).rejects.toThrow(/--known-at COLUMN/)
    await expect(importLines(lines, { ...FLOWS, knownAtColumn: 'ts', knownLagMs: 1 })).rejects.toThrow(
      /not both/,
    )
  })

  it('comes from a column (recorded), and an empty one means never: kept, counted, never loaded', async () => {
    const { store, report } = await importLines(
      [FLOW_HEADER, flow(0, 30, 1), flow(1, '', 2), flow(2, 26, 3)],
      FLOWS,
    )
    expect(report).toMatchObject({ rows: 3, neverKnown: 1 })
    const facts = await loadFacts(store, 'exchange-flows/BTC')
    expect([...facts.eventTime]).toEqual([T0, T0 + 2 * DAY])
    expect([...facts.knownAt]).toEqual([T0 + 30 * HOUR, T0 + 2 * DAY + 26 * HOUR])
    expect([...(facts.values['supply'] ?? [])]).toEqual([NaN, NaN])
    expect((await storeManifest(store)).series['exchange-flows/BTC']?.origins).toEqual(['recorded'])
  })

  it('or from a lag, which is an assumption and stays marked as one', async () => {
    const { store } = await importLines(['ts,inflow,outflow', `${T0},1,2`], {
      kind: 'exchange-flows',
      asset: 'BTC',
      knownLagMs: 30 * HOUR,
      now: 0,
    })
    expect([...(await loadFacts(store, 'exchange-flows/BTC')).knownAt]).toEqual([T0 + 30 * HOUR])
    expect((await storeManifest(store)).series['exchange-flows/BTC']?.origins).toEqual(['assumed'])
  })

  it('is said as it is recorded: a lag may be exact', async () => {
    const lag = { kind: 'exchange-flows', asset: 'BTC', knownLagMs: HOUR, now: 0 } as const
    const said = async (more: object) =>
      (await importLines(['ts,inflow,outflow', `${T0},1,2`], { ...lag, ...more })).report.understood
    expect(await said({})).toContain('known 1h after the event (assumed)')
    expect(await said({ origin: 'recorded' })).toContain('known 1h after the event (recorded)')
  })

  it('is never before the event', async () => {
    const lines = [FLOW_HEADER, flow(0, 30, 1), flow(1, -1, 2), flow(2, 30, 3)]
    expect(findingCounts((await importLines(lines, FLOWS)).report)).toEqual({ 'known before it happened': 1 })
  })
})

describe('revisions of a fact', () => {
  it('are kept in the order in which they became known, and a replay sees each from then on', async () => {
    const lines = [FLOW_HEADER, flow(0, 30, 1), flow(0, 40, 9), flow(1, 26, 2)]
    const { store, report } = await importLines(lines, FLOWS)
    expect(findingCounts(report)).toEqual({
      'another value for an event already there: kept as a later revision': 1,
    })
    const facts = await loadFacts(store, 'exchange-flows/BTC')
    expect([...(facts.values['inflow'] ?? [])]).toEqual([1, 9, 2])
    const closes = Float64Array.of(T0 + 29 * HOUR, T0 + 30 * HOUR, T0 + 40 * HOUR, T0 + 50 * HOUR)
    expect([...joinFacts(facts, closes).row]).toEqual([-1, 0, 1, 2])
  })

  it('are the same whether they come in one file or in two, and importing again changes nothing', async () => {
    const rows = [flow(0, 30, 1), flow(0, 40, 9), flow(1, 26, 2), flow(1, '', 7), flow(2, 26, 3)]
    const whole = await importLines([FLOW_HEADER, ...rows], FLOWS)
    const parts = await importLines([FLOW_HEADER, ...rows.slice(1)], FLOWS)
    const merged = await importLines([FLOW_HEADER, ...rows.slice(0, 3)], FLOWS, parts)
    expect(merged.report.sha256).toBe(whole.report.sha256)
    const hash = (await storeManifest(parts.store)).dataSetHash
    expect(hash).toBe((await storeManifest(whole.store)).dataSetHash)
    const again = await importLines([FLOW_HEADER, ...rows], { ...FLOWS, now: 999 }, parts)
    expect(again.report).toMatchObject({ changed: false, rowsAdded: 0 })
    expect((await storeManifest(parts.store)).dataSetHash).toBe(hash)
  })

  it('a value that comes again is no revision, and the earlier known-at stays', async () => {
    const first = await importLines([FLOW_HEADER, flow(0, 30, 1)], FLOWS)
    const { report, store } = await importLines([FLOW_HEADER, flow(0, 99, 1)], FLOWS, first)
    expect(report).toMatchObject({ rowsAdded: 0, rows: 1, changed: false })
    expect([...(await loadFacts(store, 'exchange-flows/BTC')).knownAt]).toEqual([T0 + 30 * HOUR])
  })
})

describe('funding', () => {
  const FUNDING = { kind: 'funding', instrument: 'x:BTC-PERP', intervalMs: 8 * HOUR, now: 0 } as const
  const settled = (hours: readonly number[]): string[] => [
    'ts,rate',
    ...hours.map((hour) => `${T0 + hour * HOUR},0.0001`),
  ]

  it('is known at its settlement and read per 8 hours, whatever its interval', async () => {
    const { store } = await importLines(['ts,rate', `${T0},0.0001`, `${T0 + HOUR},0.0003`], {
      ...FUNDING,
      intervalMs: HOUR,
    })
    const facts = await loadFacts(store, 'funding/x:BTC-PERP')
    expect([...facts.knownAt]).toEqual([T0, T0 + HOUR])
    expect([...(facts.values['rate8h'] ?? [])]).toEqual([0.0008, 0.0003 * 8])
    expect([...(facts.values['rate'] ?? [])]).toEqual([0.0001, 0.0003])
  })

  it('means nothing without an interval, which may stand in a column and change', async () => {
    const without = { kind: 'funding', instrument: 'x:BTC-PERP', now: 0 } as const
    await expect(importLines(settled([0]), without)).rejects.toThrow(/--interval 8h/)
    const lines = [
      'ts,rate,every',
      `${T0},0.0008,28800000`,
      `${T0 + 8 * HOUR},0.0008,28800000`,
      `${T0 + 12 * HOUR},0.0004,14400000`,
    ]
    const { store } = await importLines(lines, { ...without, map: { intervalMs: 'every' } })
    expect([...((await loadFacts(store, 'funding/x:BTC-PERP')).values['rate8h'] ?? [])]).toEqual([
      0.0008, 0.0008, 0.0008,
    ])
    expect((await loadFunding(store, 'x:BTC-PERP', { settledOnly: true })).time).toHaveLength(3)
  })

  it('takes percent and basis points', async () => {
    for (const [unit, rate] of [
      ['percent', '0.01'],
      ['bps', '1'],
      ['fraction', '0.0001'],
    ] as const) {
      const { store } = await importLines(['ts,rate', `${T0},${rate}`], { ...FUNDING, unit })
      expect((await loadFunding(store, 'x:BTC-PERP', { settledOnly: true })).rate[0]).toBeCloseTo(0.0001, 15)
    }
  })

  it('names settlements that were not recorded, between the rows and up to the ends of a run', async () => {
    const { store } = await importLines(settled([8, 16, 40]), FUNDING)
    const inside = await loadFunding(store, 'x:BTC-PERP', { settledOnly: true })
    expect([...inside.time].map((time) => (time - T0) / HOUR)).toEqual([8, 16, 24, 32, 40])
    expect([...inside.rate]).toEqual([0.0001, 0.0001, NaN, NaN, 0.0001])
    const cover = { startMs: T0, endMs: T0 + 56 * HOUR + 1 }
    const covered = await loadFunding(store, 'x:BTC-PERP', { settledOnly: true, cover })
    expect([...covered.time].map((time) => (time - T0) / HOUR)).toEqual([0, 8, 16, 24, 32, 40, 48, 56])
    expect([...covered.rate].map(Number.isNaN)).toEqual([true, false, false, true, true, false, true, true])
  })

  it('keeps late stamps, but not a slipped one beside the true one: it would be charged twice', async () => {
    const { report, store } = await importLines(settled([0, 8, 9, 16, 24, 32]), FUNDING)
    expect(findingCounts(report)).toEqual({ 'within half an interval of another settlement': 1 })
    const slipped = await importLines(
      settled([0, 9, 16, 24, 32]),
      { ...FUNDING, instrument: 'x:ETH-PERP' },
      { store, folder: temporaryFolder() },
    )
    expect(findingCounts(slipped.report)).toEqual({
      'off the grid of the others: kept, venues settle late': 1,
    })
    const later = await importLines(
      settled([8]),
      { ...FUNDING, instrument: 'x:ETH-PERP' },
      { store, folder: temporaryFolder() },
    ).catch(String)
    expect(later).toMatch(/1 of 1 row/)
  })

  it('that no venue charges is a series of its own, read by features only', async () => {
    const { store } = await importLines(settled([0, 8]), {
      ...FUNDING,
      rateKind: 'average',
      knownLagMs: HOUR,
    })
    await expect(loadFunding(store, 'x:BTC-PERP', { settledOnly: true })).rejects.toThrow(
      /does not hold funding\/x:BTC-PERP/,
    )
    expect((await loadFunding(store, 'x:BTC-PERP', { settledOnly: false })).rate).toHaveLength(2)
    expect((await loadFacts(store, 'funding/x:BTC-PERP@average')).knownAt[0]).toBe(T0 + HOUR)
  })

  it('never known is a settlement of unknown rate', async () => {
    const lines = [
      'ts,known,rate',
      `${T0},${T0},1`,
      `${T0 + 8 * HOUR},,2`,
      `${T0 + 16 * HOUR},${T0 + 16 * HOUR},3`,
    ]
    const { store } = await importLines(lines, { ...FUNDING, knownAtColumn: 'known' })
    expect([...(await loadFunding(store, 'x:BTC-PERP', { settledOnly: true })).rate]).toEqual([1, NaN, 3])
  })

  it('refuses a stated interval that the rows contradict', async () => {
    await expect(importLines(settled([0, 1, 2, 3, 4]), FUNDING)).rejects.toThrow(/typically stand 1h apart/)
  })
})

describe('open interest', () => {
  it('in USD is divided by the close of the candle that opens at the same time, and flagged', async () => {
    const first = await importLines([CANDLE_HEADER, ...candleLines(3)], {
      kind: 'candles',
      instrument: 'binance:BTCUSDT-PERP',
      intervalMs: HOUR,
      now: 0,
    })
    const lines = ['ts,oi_usd', `${T0},1010`, `${T0 + HOUR},2020`, `${T0 + 5 * HOUR},3030`]
    const options = {
      kind: 'open-interest',
      venue: 'hyperliquid',
      asset: 'BTC',
      map: { openInterest: 'oi_usd' },
      unit: 'usd',
      intervalMs: HOUR,
      knownLagMs: HOUR,
      now: 0,
    } as const
    await expect(importLines(lines, options, first)).rejects.toThrow(/carries the price.*--convert-by/)
    await expect(
      importLines(lines, { ...options, convertBy: 'binance:ETHUSDT-PERP' }, first),
    ).rejects.toThrow(/import candles\/binance:ETHUSDT-PERP@1h first/)
    const { store, report } = await importLines(
      lines,
      { ...options, convertBy: 'binance:BTCUSDT-PERP' },
      first,
    )
    expect(findingCounts(report)).toEqual({ 'no candle of the same time to convert by': 1 })
    const facts = await loadFacts(store, 'open-interest/hyperliquid:BTC')
    expect([...(facts.values['openInterest'] ?? [])]).toEqual([10, 20])
    expect(facts.knownAt[0]).toBe(T0 + HOUR)
    expect((await storeManifest(store)).series['open-interest/hyperliquid:BTC']).toMatchObject({
      flags: ['cross-venue'],
      origins: ['assumed'],
    })
  })
})

describe('open interest of several assets', () => {
  it('is converted by the candles of each, whose name may hold a column', async () => {
    const candles = { kind: 'candles', intervalMs: HOUR, now: 0 } as const
    const first = await importLines([CANDLE_HEADER, ...candleLines(3, T0, 99)], {
      ...candles,
      instrument: 'binance:BTCUSDT-PERP',
    })
    const eth = { ...candles, instrument: 'binance:ETHUSDT-PERP' }
    const options = {
      kind: 'open-interest', venue: 'binance', asset: '{sym}', unit: 'usd', intervalMs: HOUR, knownLagMs: HOUR,
      convertBy: 'binance:{sym}USDT-PERP', map: { openInterest: 'usd' }, now: 0,
    } as const // prettier-ignore
    const lines = ['ts,sym,usd', `${T0},BTC,1000`, `${T0},ETH,1000`, `${T0 + HOUR},ETH,2000`]
    await expect(importLines(lines, options, first)).rejects.toThrow(
      /import candles\/binance:ETHUSDT-PERP@1h first/,
    )
    await importLines([CANDLE_HEADER, ...candleLines(3, T0, 9)], eth, first)
    const { store } = await importLines(lines, options, first)
    const of = async (asset: string) =>
      (await loadFacts(store, `open-interest/binance:${asset}`)).values['openInterest']
    expect([await of('BTC'), await of('ETH')]).toEqual([Float64Array.of(10), Float64Array.of(100, 200)])
    expect((await storeManifest(store)).series['open-interest/binance:ETH']?.flags).toEqual([])
  })
})

describe('confirmations', () => {
  it('are absent where the API had no answer, whatever number stands in its body', async () => {
    const lines = [
      'ts,long,short,confidence',
      `${T0},0.5,-0.2,HIGH`,
      `${T0 + 1000},0,0,NO_DATA`,
      `${T0 + 2000},0.1,,VETO`,
      `${T0 + 3000},0.3,0.3,SOMETHING_NEW`,
      `${T0 + 4000},,,LOW`,
    ]
    const { store, report } = await importLines(lines, {
      kind: 'confirmations',
      asset: 'BTC',
      knownAtColumn: 'ts',
      now: 0,
    })
    expect(report.findings).toMatchObject([
      { message: expect.stringContaining('confidence is none of HIGH, MEDIUM, LOW, VETO') as string, count: 2, rows: [2, 4] },
      { message: expect.stringContaining('neither long nor short') as string, count: 1, rows: [5] },
    ]) // prettier-ignore
    const { values } = await loadFacts(store, 'confirmations/BTC')
    expect([...(values['available'] ?? [])]).toEqual([1, 0, 1, 0, 0])
    expect([...(values['long'] ?? [])]).toEqual([0.5, NaN, 0.1, NaN, NaN])
    expect([...(values['short'] ?? [])]).toEqual([-0.2, NaN, NaN, NaN, NaN])
    expect([...(values['veto'] ?? [])]).toEqual([0, 0, 1, 0, 0])
  })

  it('of each model version are a series of their own: their scores cannot be compared', async () => {
    const lines = [
      'ts,long,confidence,model_version',
      `${T0},0.1,HIGH,v1`,
      `${T0 + 1000},0.2,HIGH,v2 beta/3`,
      `${T0},0.3,HIGH,v2 beta/3`,
      `${T0 + 2000},0.4,HIGH,`,
    ]
    const options = { kind: 'confirmations', asset: 'BTC', knownAtColumn: 'ts', now: 0 } as const
    const { store } = await importLines(lines, options)
    const manifest = await storeManifest(store)
    expect(Object.keys(manifest.series).sort()).toEqual([
      'confirmations/BTC',
      'confirmations/BTC@v1',
      'confirmations/BTC@v2_beta_3',
    ])
    const long = async (id: string) => [...((await loadFacts(store, id)).values['long'] ?? [])]
    expect(await long('confirmations/BTC')).toEqual([0.4])
    expect(await long('confirmations/BTC@v1')).toEqual([0.1])
    expect(await long('confirmations/BTC@v2_beta_3')).toEqual([0.3, 0.2])
    // What reads them knows of which version they are; those that name none are of an unknown one.
    const versions = Object.keys(manifest.series).sort().map(async (id) => (await loadFacts(store, id)).modelVersion) // prettier-ignore
    expect(await Promise.all(versions)).toEqual(['unknown', 'v1', 'v2_beta_3'])
    // The same time in two versions is no revision of one fact.
    for (const { revisions } of Object.values(manifest.series)) expect(revisions).toBe(0)
    const same = [...lines.slice(0, 3), `${T0},0.3,HIGH,v2_beta_3`]
    await expect(importLines(same, options)).rejects.toThrow(/two groups of rows would share one series/)
  })

  it('are refused without a confidence, or without either composite: the leg would be dead and nobody told', async () => {
    const options = { kind: 'confirmations', asset: 'BTC', knownAtColumn: 'ts', now: 0 } as const
    const bare = ['ts,long,short,sure', `${T0},0.5,-0.5,HIGH`]
    await expect(importLines(bare, options)).rejects.toThrow(/--map confidence=COLUMN.*ts, long, short, sure/)
    const { store } = await importLines(bare, { ...options, map: { confidence: 'sure' } })
    expect([...((await loadFacts(store, 'confirmations/BTC')).values['available'] ?? [])]).toEqual([1])
    await expect(importLines(['ts,confidence', `${T0},HIGH`], options)).rejects.toThrow(/--map long=COLUMN/)
  })

  it('outside -1..1 are quarantined', async () => {
    const lines = ['ts,long,confidence', `${T0},0.5,HIGH`, `${T0 + 1000},55,HIGH`]
    const { report } = await importLines(lines, {
      kind: 'confirmations',
      asset: 'BTC',
      knownAtColumn: 'ts',
      now: 0,
    })
    expect(findingCounts(report)).toEqual({ 'long is outside -1..1': 1 })
  })
})

describe('whale positions', () => {
  const HEADER = 'ts,seen,wallet,coin,direction,size,position_value,leverage'
  const OPTIONS = {
    kind: 'whale-positions',
    venue: 'hl',
    list: 'biggest',
    knownAtColumn: 'seen',
    now: 0,
  } as const
  const row = (time: number, seen: number, rest: string): string => `${T0 + time},${T0 + seen},${rest}`

  it('become counts per snapshot; the snapshot is known when its last page was, and once more when corrected', async () => {
    const lines = [
      HEADER,
      row(0, 10, 'w1,BTC,long,1,100,5'),
      row(0, 20, 'w2,BTC,short,1,100,5'),
      row(0, 90, 'w2,ETH,long,1,500,5'),
      row(50, 60, 'w1,BTC,SELL,1,100,5'),
      row(0, 99, 'w2,ETH,long,1,50,5'),
    ]
    const { store, report } = await importLines(lines, OPTIONS)
    expect(report.quarantined).toBe(0)
    const btc = await loadWhaleFacts(store, 'whale-positions/hl:biggest', 'BTC')
    expect(btc?.partialUniverse).toBe(false)
    expect([...(btc?.facts.knownAt ?? [])].map((time) => time - T0)).toEqual([60, 90, 99])
    expect([...(btc?.facts.values['longs'] ?? [])]).toEqual([0, 1, 1])
    expect([...(btc?.facts.values['shorts'] ?? [])]).toEqual([1, 0, 1])
    // Nobody holds SOL in a whole universe; in a partial one that is not known.
    expect([
      ...((await loadWhaleFacts(store, 'whale-positions/hl:biggest', 'SOL'))?.facts.values['wallets'] ?? []),
    ]).toEqual([0, 0, 0])
    const partial = await importLines(lines, { ...OPTIONS, flags: ['partial-universe'] })
    expect(await loadWhaleFacts(partial.store, 'whale-positions/hl:biggest', 'SOL')).toBeUndefined()
    expect((await loadWhaleFacts(partial.store, 'whale-positions/hl:biggest', 'ETH'))?.partialUniverse).toBe(
      true,
    )
  })

  it('need a side that is long or short', async () => {
    const lines = [HEADER, row(0, 1, 'w1,BTC,long,1,1,1'), row(0, 1, 'w2,BTC,flat,1,1,1')]
    expect(findingCounts((await importLines(lines, OPTIONS)).report)).toEqual({
      'side is neither long nor short': 1,
    })
  })
})

describe('names of series', () => {
  it('may come from columns: one file, one manifest step, many series', async () => {
    const folder = temporaryFolder()
    const store = openStore(join(folder, 'data'))
    const lines = ['ts,venue,sym,rate', `${T0},a,BTC,1`, `${T0},a,ETH,2`, `${T0},b,BTC,3`, `${T0},c,BTC,4`]
    const { series } = await importFile(store, {
      file: csvFile(folder, lines), kind: 'funding', instrument: '{venue}:{sym}-PERP', asset: '{sym}',
      where: { venue: ['a', 'b'] }, intervalMs: HOUR, now: 0,
    }) // prettier-ignore
    expect(series.map(({ id }) => id)).toEqual([
      'funding/a:BTC-PERP',
      'funding/a:ETH-PERP',
      'funding/b:BTC-PERP',
    ])
    expect((await storeManifest(store)).series['funding/b:BTC-PERP']?.asset).toBe('BTC')
  })

  it.each(['../up', 'x:../../up', 'x:a/b', 'X:a', 'x:', 'x:a b', '{nothere}:a'])(
    'cannot leave the folder or be no name: %s',
    async (instrument) => {
      const options = { kind: 'candles', instrument, intervalMs: HOUR, now: 0 } as const
      await expect(importLines([CANDLE_HEADER, ...candleLines(3)], options)).rejects.toThrow(/--instrument/)
    },
  )

  it('series of the user keep their own fields, and refuse others later', async () => {
    const own = { kind: 'series', name: 'mood', knownLagMs: 0, now: 0 } as const
    const first = await importLines(['date,greed,note', '2024-01-01,10,x', '2024-01-02,,x'], {
      ...own,
      map: { greed: 'greed' },
    })
    expect(findingCounts(first.report)).toEqual({ 'greed is missing': 1 })
    expect([...((await loadFacts(first.store, 'series/mood')).values['greed'] ?? [])]).toEqual([10])
    await expect(
      importLines(['date,fear', '2024-01-03,1'], { ...own, map: { fear: 'fear' } }, first),
    ).rejects.toThrow(/holds the fields greed/)
    await expect(
      importLines(['date,a', '2024-01-03,1'], { ...own, map: { eventTime: 'a' } }),
    ).rejects.toThrow(/not a usable field name/)
    await expect(importLines(['date,a', '2024-01-03,1'], { ...own, map: {} })).rejects.toThrow(
      /say which values/,
    )
  })
})
