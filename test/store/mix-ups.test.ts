import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.js'
import { loadFacts, loadFunding } from '../../src/store/load.js'
import { CANDLES, CANDLE_HEADER, HOUR, T0, candleLines, findingCounts, importLines } from './helpers.js'

const FUNDING = { kind: 'funding', instrument: 'x:BTC-PERP', intervalMs: 8 * HOUR, now: 0 } as const
const at = (row: number): number => T0 + row * 8 * HOUR
const rates = (count: number, scale = 1, first = 0): string[] =>
  Array.from({ length: count }, (_, row) => `${at(first + row)},${((first + row - 3) / 1e5) * scale}`)

describe('several series in one file', () => {
  const coins = ['BTC', 'ETH', 'SOL']
  const perCoin = (header: string, line: (row: number, coin: number) => string): string[] => [
    header,
    ...Array.from({ length: 8 }, (_, row) => coins.map((_coin, coin) => line(row, coin))).flat(),
  ]
  const mixed = (column: string): string[] =>
    perCoin(
      `ts,venue,${column},rate`,
      (row, coin) => `${at(row)},bybit,${coins[coin]},${(row + coin * 7) / 1e5}`,
    )
  const where = { venue: ['bybit'] }

  it('are refused where a column called as such was left free, with the way out', async () => {
    const start = (more: object) => importLines(mixed('symbol'), { ...FUNDING, ...more })
    await expect(start({ where })).rejects.toThrow(ConfigError)
    await expect(start({ where })).rejects.toThrow(
      /column symbol holds BTC, ETH, SOL; .*--where symbol=BTC, or .*\{symbol\} in --instrument/,
    )
    expect((await start({ where: { symbol: ['ETH'] } })).report.rows).toBe(8)
    expect((await start({ instrument: '{venue}:{symbol}-PERP' })).report.rows).toBe(8)
  })

  it('are refused by their contradictions, whatever the column is called, and no revisions', async () => {
    const start = importLines(mixed('what'), { ...FUNDING, where })
    await expect(start).rejects.toThrow(DataError)
    await expect(start).rejects.toThrow(
      /8 events of funding\/x:BTC-PERP have several different values.*rows 1, 2, 3, 4, .*differ in what; choose rows with --where what=BTC, or .*\{what\}/,
    )
  })

  it('as candles too', async () => {
    const lines = perCoin('ts,what,open,high,low,close,volume', (row, coin) => {
      const price = 100 * (coin + 1)
      return `${T0 + row * HOUR},${coins[coin]},${price},${price + 1},${price - 1},${price},1`
    })
    await expect(importLines(lines, CANDLES)).rejects.toThrow(/8 events of .*differ in what/)
  })

  it('of whale positions are lists; an asset is a field there', async () => {
    const lines = ['ts,list,wallet,coin,symbol,side,size,notional,leverage']
    for (const [index, list] of ['biggest', 'daily'].entries())
      lines.push(`${T0},${list},w${index},BTC,BTCUSDT,long,1,1,1`, `${T0},${list},w${index},ETH,ETHUSDT,long,1,1,1`) // prettier-ignore
    const options = { kind: 'whale-positions', venue: 'hl', list: 'biggest', knownLagMs: 0, now: 0 } as const
    await expect(importLines(lines, options)).rejects.toThrow(
      /column list holds biggest, daily.*--where list=/,
    )
    const both = { ...options, where: { list: ['biggest', 'daily'] } }
    expect((await importLines(lines, both)).report.rows).toBe(4)
  })

  it('are asked about where a column of few words is not used', async () => {
    const lines = ['ts,mood,a', `${T0},calm,1`, `${T0 + HOUR},wild,2`]
    const { report } = await importLines(lines, {
      kind: 'series', name: 'n', map: { a: 'a' }, knownLagMs: 0, now: 0,
    }) // prettier-ignore
    expect(Object.keys(findingCounts(report)).join()).toMatch(/column mood is not used and holds calm, wild/)
  })
})

describe('different values of one event, known at one time', () => {
  const FLOWS = { kind: 'exchange-flows', asset: 'BTC', knownAtColumn: 'known', now: 0 } as const
  it('are set aside where they are few, and later known ones are revisions', async () => {
    const flow = (row: number, known: number, inflow: number): string =>
      `${at(row)},${at(row) + known * HOUR},${inflow},1`
    const lines = [
      'ts,known,inflow,outflow',
      ...[flow(0, 3, 1), flow(0, 5, 2), flow(1, 3, 3), flow(1, 3, 4), flow(2, 3, 5), flow(3, 3, 6)],
    ]
    const { report, store } = await importLines(lines, FLOWS)
    expect(report.findings).toMatchObject([
      { kind: 'quarantined', message: 'differs from another row of the same time', count: 2, rows: [3, 4] },
      {
        kind: 'notice',
        message: 'another value for an event already there: kept as a later revision',
        count: 1,
        rows: [2],
      },
    ])
    expect([...((await loadFacts(store, 'exchange-flows/BTC')).values['inflow'] ?? [])]).toEqual([1, 2, 5, 6])
  })
})

describe('another unit', () => {
  it.each([100, 1e4, 0.01, -1])('a rate %f times the stored ones is refused', async (scale) => {
    const first = await importLines(['ts,rate', ...rates(9)], FUNDING)
    await expect(importLines(['ts,rate', ...rates(9, scale, 4)], FUNDING, first)).rejects.toThrow(
      new RegExp(`rate of 5 rows is ${scale} times what is stored of the same events.*another unit`),
    )
    expect((await loadFunding(first.store, 'x:BTC-PERP', { settledOnly: true })).rate).toHaveLength(9)
  })

  it('said so, is converted: nothing is refused and nothing is new', async () => {
    const first = await importLines(['ts,rate', ...rates(9)], FUNDING)
    const { report } = await importLines(['ts,rate', ...rates(5, 1e4, 9)], { ...FUNDING, unit: 'bps' }, first)
    expect(report.rowsAdded).toBe(5)
  })

  it('candles a thousand times the stored ones are refused as such', async () => {
    const first = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const thousand = [CANDLE_HEADER, ...candleLines(10, T0, 1e5)]
    await expect(importLines(thousand, CANDLES, first)).rejects.toThrow(/times what is stored/)
  })

  it('a typical rate above 0.1 % per 8 hours needs its unit said', async () => {
    const percent = ['ts,rate', ...Array.from({ length: 12 }, (_, row) => `${at(row)},0.00${row + 40}`)]
    await expect(importLines(percent, FUNDING)).rejects.toThrow(
      /typical rate of .* would be 0\.\d+ % per 8 hours: say --unit percent/,
    )
    for (const [unit, last] of [
      ['percent', 0.000051],
      ['fraction', 0.0051],
    ] as const) {
      const { store } = await importLines(percent, { ...FUNDING, unit })
      expect((await loadFunding(store, 'x:BTC-PERP', { settledOnly: true })).rate[11]).toBeCloseTo(last, 12)
    }
  })

  it('a single rate beyond 5 % a settlement is reported with row, value and unit, however short the file', async () => {
    const { report } = await importLines(
      ['ts,rate', `${at(0)},0.9`, `${at(1)},0.05`, `${at(2)},-0.051`],
      FUNDING,
    )
    expect(report.rowsAdded).toBe(3)
    expect(report.findings).toEqual([
      {
        kind: 'notice',
        message: 'implausible: beyond 5 % a settlement, perhaps in another unit (--unit); kept',
        count: 2,
        rows: [1, 3],
        values: ['"0.9" fraction', '"-0.051" fraction'],
      },
    ])
    const scaled = await importLines(['ts,rate', `${at(0)},0.9`], { ...FUNDING, unit: 'percent' })
    expect(scaled.report.findings).toEqual([])
  })

  it('corrections are no other unit', async () => {
    const first = await importLines(['ts,rate', ...rates(9)], FUNDING)
    // Twice to five times the stored values, but by no one factor.
    const corrected = rates(9).map((_line, row) => `${at(row)},${((row - 3) / 1e5) * (2 + row / 3)}`)
    expect((await importLines(['ts,rate', ...corrected], FUNDING, first)).report.rowsAdded).toBe(8)
  })
})
