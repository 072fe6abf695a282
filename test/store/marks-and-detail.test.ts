import { describe, expect, it } from 'vitest'
import { appendFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../src/core/errors.js'
import type { Instrument } from '../../src/core/instrument.js'
import { MINUTE_MS } from '../../src/core/time.js'
import { loadCandlesInside, loadMarks } from '../../src/store/load-candles.js'
import { resolveRunData } from '../../src/store/run-data.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { verifyStore } from '../../src/store/verify.js'
import { CANDLES, CANDLE_HEADER, HOUR, type Imported, T0, candleLines, importLines } from './helpers.js'

const MARKS = { ...CANDLES, kind: 'mark-candles' } as const
const MARK_HEADER = 'ts,open,high,low,close'
const QUARTER = 15 * MINUTE_MS
const QUARTERS = { ...CANDLES, intervalMs: QUARTER } as const

const PERPETUAL: Instrument = {
  id: 'test:AAA', venue: 'test', kind: 'perpetual', base: 'AAA', quote: 'USD', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0, takerFee: 0,
} // prettier-ignore

function markLines(hours: readonly number[]): string[] {
  return hours.map((hour) => `${T0 + hour * HOUR},${100 + hour},${102 + hour},${98 + hour},${101 + hour}`)
}

function quarterLines(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${T0 + at * QUARTER},100,102,98,101,${at}`)
}

async function withCandles(): Promise<Imported> {
  return importLines([CANDLE_HEADER, ...candleLines(6)], CANDLES)
}

describe('mark candles', () => {
  it('are imported as bars of their own interval, without a volume', async () => {
    const { store, report } = await importLines([MARK_HEADER, ...markLines([0, 1, 2, 4])], MARKS)
    expect(report).toMatchObject({
      id: 'mark-candles/test:AAA@1h',
      rows: 4,
      gaps: { count: 1, missing: 1 },
      findings: [],
    })
    const { series } = await storeManifest(store)
    expect(series['mark-candles/test:AAA@1h']).toMatchObject({
      timeframeMs: HOUR,
      gridOffsetMs: 0,
      fields: ['open', 'high', 'low', 'close'],
    })
    expect(readdirSync(join(store.directory, 'mark-candles'))).toHaveLength(1)
    expect((await verifyStore(store)).broken).toEqual([])
  })

  it('are checked as candles are', async () => {
    const bad = `${T0 + 5 * HOUR},100,90,110,100`
    const off = `${T0 + 6 * HOUR + 1},100,110,90,100`
    const { report, store, folder } = await importLines(
      [MARK_HEADER, ...markLines([0, 1, 2, 3]), bad, off],
      MARKS,
    )
    expect(report).toMatchObject({ rows: 4, quarantined: 2 })
    const other = await importLines([MARK_HEADER, `${T0},1,2,1,2`, ...markLines([1, 2])], MARKS, {
      store,
      folder,
    })
    expect(other.report.findings.map(({ message }) => message)).toContain('differs from the stored candle')
    await expect(
      importLines([MARK_HEADER, ...markLines([0, 1])], { ...MARKS, knownLagMs: 0 }),
    ).rejects.toThrow(ConfigError)
  })

  it('stand beside the bars, NaN where none was recorded', async () => {
    const { store } = await importLines([MARK_HEADER, ...markLines([0, 1, 3, 4])], MARKS)
    const openTime = Float64Array.of(T0 + HOUR, T0 + 2 * HOUR, T0 + 3 * HOUR)
    expect(await loadMarks(store, 'test:AAA', HOUR, openTime)).toEqual({
      open: Float64Array.of(101, NaN, 103),
      high: Float64Array.of(103, NaN, 105),
      low: Float64Array.of(99, NaN, 101),
    })
  })

  it('are read for perpetuals, where a run asks for them, and belong to its data', async () => {
    const into = await withCandles()
    const plain = await resolveRunData(into.store, [PERPETUAL], HOUR, [], { marks: true })
    expect(plain.instruments[0]).not.toHaveProperty('mark')
    expect(plain.absent.map(({ use }) => use)).toContain('mark-prices')
    await importLines([MARK_HEADER, ...markLines([0, 1, 2, 3, 4, 5])], MARKS, into)
    const marked = await resolveRunData(into.store, [PERPETUAL], HOUR, [], { marks: true })
    expect(Array.from(marked.instruments[0]?.mark?.low ?? [])).toEqual([98, 99, 100, 101, 102, 103])
    expect(marked.used.map(({ use }) => use)).toEqual(['candles', 'mark-prices'])
    expect(marked.dataHash).not.toBe(plain.dataHash)
    const unasked = await resolveRunData(into.store, [PERPETUAL], HOUR, [])
    expect([unasked.dataHash, unasked.instruments[0]?.mark]).toEqual([plain.dataHash, undefined])
    const spot = { ...PERPETUAL, kind: 'spot' } as const
    const held = await resolveRunData(into.store, [spot], HOUR, [], { marks: true })
    expect(held.instruments[0]).not.toHaveProperty('mark')
  })
})

describe('finer candles', () => {
  it('are read inside the bars named, and nowhere else', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...quarterLines(40)], QUARTERS)
    const openTimes = [T0 + HOUR, T0 + 3 * HOUR, T0 + 9 * HOUR, T0 + 20 * HOUR]
    const found = await loadCandlesInside(store, 'test:AAA', QUARTER, { openTimes, timeframeMs: HOUR })
    expect(Array.from(found.volume)).toEqual([4, 5, 6, 7, 12, 13, 14, 15, 36, 37, 38, 39])
    expect(found.timeframeMs).toBe(QUARTER)
    expect(found.openTime[0]).toBe(T0 + HOUR)
  })

  it('may stand on bars that open off the grid of their interval', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...quarterLines(40)], QUARTERS)
    const openTimes = [T0 + 2 * QUARTER, T0 + 2 * QUARTER + 2 * HOUR]
    const found = await loadCandlesInside(store, 'test:AAA', QUARTER, { openTimes, timeframeMs: HOUR })
    expect(Array.from(found.volume)).toEqual([2, 3, 4, 5, 10, 11, 12, 13])
  })

  it('are refused where their file is not as it was stored', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...quarterLines(40)], QUARTERS)
    const [name = ''] = readdirSync(join(store.directory, 'candles'))
    appendFileSync(join(store.directory, 'candles', name), 'x')
    const again = openStore(store.directory)
    await expect(
      loadCandlesInside(again, 'test:AAA', QUARTER, { openTimes: [T0], timeframeMs: HOUR }),
    ).rejects.toThrow(DataError)
  })

  it('belong to the data of a run that may ask them, of whichever instruments have them', async () => {
    const into = await withCandles()
    await importLines([CANDLE_HEADER, ...candleLines(6)], { ...CANDLES, instrument: 'test:BBB' }, into)
    const both = [PERPETUAL, { ...PERPETUAL, id: 'test:BBB' }]
    const ask = (detailMs: number): ReturnType<typeof resolveRunData> =>
      resolveRunData(into.store, both, HOUR, [], { detailMs })
    await expect(ask(QUARTER)).rejects.toThrow(DataError)
    await expect(ask(QUARTER)).rejects.toThrow('--instrument test:AAA --interval 15m')
    await importLines([CANDLE_HEADER, ...quarterLines(40)], QUARTERS, into)
    const data = await ask(QUARTER)
    const finer = [...data.used, ...data.absent].filter(({ use }) => use === 'finer-candles')
    expect(finer.map(({ seriesId }) => seriesId)).toEqual(['candles/test:AAA@15m', undefined])
    expect(data.dataHash).not.toBe((await resolveRunData(into.store, both, HOUR, [])).dataHash)
  })

  it('must divide the bars', async () => {
    const { store } = await withCandles()
    for (const detailMs of [HOUR, 2 * HOUR, 7 * MINUTE_MS]) {
      await expect(resolveRunData(store, [PERPETUAL], HOUR, [], { detailMs })).rejects.toThrow(ConfigError)
    }
  })
})
