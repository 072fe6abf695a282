import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.js'
import { importFile } from '../../src/store/import.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { CANDLES, CANDLE_HEADER, HOUR, T0, candleLines, csvFile, findingCounts, importLines, parquetFile, storedRows, temporaryFolder } from './helpers.js' // prettier-ignore

const bar = (hour: number, values: string): string => `${T0 + hour * HOUR},${values}`

/** Ten good bars with one bar line replaced. */
const withBar = (hour: number, values: string): string[] => {
  const lines = candleLines(10)
  lines[hour] = bar(hour, values)
  return [CANDLE_HEADER, ...lines]
}

describe('importing candles', () => {
  it('stores them sorted, known at open + interval, and loads them on shared memory', async () => {
    const { store, report } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    expect(report).toMatchObject({
      id: 'candles/test:AAA@1h',
      rows: 10,
      rowsAdded: 10,
      quarantined: 0,
      findings: [],
    })
    const candles = await loadCandles(store, 'test:AAA', HOUR)
    expect([...candles.openTime]).toEqual(Array.from({ length: 10 }, (_, hour) => T0 + hour * HOUR))
    expect([...candles.high]).toEqual(new Array(10).fill(102))
    expect(candles.close.buffer).toBeInstanceOf(SharedArrayBuffer)
    const { series } = await storeManifest(store)
    const rows = await storedRows(store, series['candles/test:AAA@1h']?.file.path ?? '', '"eventTime"')
    expect(rows[0]).toMatchObject({ eventTime: String(T0), knownAt: String(T0 + HOUR), revision: 0, origin: 'recorded', flags: '', source: '' }) // prettier-ignore
    const part = await loadCandles(store, 'test:AAA', HOUR, { startMs: T0 + 2 * HOUR, endMs: T0 + 4 * HOUR })
    expect([...part.openTime]).toEqual([T0 + 2 * HOUR, T0 + 3 * HOUR])
  })

  it('keeps equal times once, and never writes times that somebody holds', async () => {
    const { store } = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const hours = (from: number): number[] =>
      Array.from({ length: 4 }, (_, hour) => T0 + (from + hour) * HOUR)
    const part = async (from: number): Promise<Float64Array> => {
      const range = { startMs: T0 + from * HOUR, endMs: T0 + (from + 4) * HOUR }
      return (await loadCandles(store, 'test:AAA', HOUR, range)).openTime
    }
    const held: [number, Float64Array][] = []
    for (const from of [0, 0, 0, 1, 1, 0, 0, 2, 2, 2]) held.push([from, await part(from)])
    expect(held[2]?.[1]).toBe(held[0]?.[1])
    expect(held[9]?.[1]).toBe(held[7]?.[1])
    const atOnce = [2, 2, 5, 6, 2, 5, 6, 6]
    const loaded = await Promise.all(atOnce.map(part))
    held.push(...loaded.map((times, at): [number, Float64Array] => [atOnce[at]!, times]))
    for (const from of [6, 0, 1]) held.push([from, await part(from)])
    for (const [from, times] of held) expect([...times]).toEqual(hours(from))
  })

  it.each([
    ['high below low', '100,98,102,100,1', 'high is below low', 'high "98", low "102"'],
    [
      'an open above the high',
      '103,102,98,100,1',
      'open or close is outside high and low',
      'open "103", high "102", low "98", close "100"',
    ],
    [
      'a close below the low',
      '100,102,98,97,1',
      'open or close is outside high and low',
      'open "100", high "102", low "98", close "97"',
    ],
    ['NaN', '100,nan,98,100,1', 'high is NaN or infinite', '"nan"'],
    ['infinity', '100,inf,98,100,1', 'high is NaN or infinite', '"inf"'],
    ['a zero price', '100,102,0,100,1', 'low is zero or negative', '"0"'],
    ['a negative price', '-100,102,98,100,1', 'open is zero or negative', '"-100"'],
    ['negative volume', '100,102,98,100,-1', 'volume is negative', '"-1" base'],
    ['a word for a number', '100,high,98,100,1', 'high is not a number', '"high"'],
    ['a missing value', '100,,98,100,1', 'high is missing', 'empty'],
  ])(
    'quarantines %s with its row and what stands there, and never loads it',
    async (_what, values, reason, shown) => {
      const { store, report } = await importLines(withBar(4, values), CANDLES)
      expect(report.findings).toEqual([
        { kind: 'quarantined', message: reason, count: 1, rows: [5], values: [shown] },
      ])
      expect(report.gaps).toEqual({ count: 1, missing: 1, longestMs: 2 * HOUR })
      expect(report.firstGaps).toEqual([[T0 + 3 * HOUR, T0 + 5 * HOUR]])
      expect((await loadCandles(store, 'test:AAA', HOUR)).openTime).toHaveLength(9)
      const quarantine = (await storeManifest(store)).series['candles/test:AAA@1h']?.quarantine
      const [kept] = await storedRows(store, quarantine?.path ?? '', 'row')
      expect(kept).toMatchObject({ row: '5', reason, file: 'rows.csv' })
      expect(String(kept?.['record'])).toContain(String(T0 + 4 * HOUR))
    },
  )

  it('reports but keeps bars without volume and moves beyond 30 %', async () => {
    const lines = candleLines(10)
    lines[3] = bar(3, '100,140,100,135,0')
    const { report } = await importLines([CANDLE_HEADER, ...lines], CANDLES)
    expect(report.rows).toBe(10)
    expect(report.findings).toMatchObject([
      { kind: 'notice', message: 'no volume in the bar', count: 1, rows: [4] },
      {
        kind: 'notice',
        message: 'suspicious: the price moved more than 30 % within or into the bar',
        count: 1,
        rows: [4],
      },
    ])
  })

  it('drops repeated rows, sorts disordered ones, and says how many', async () => {
    const lines = candleLines(10)
    const mixed = [...lines.slice(5), ...lines.slice(0, 5), lines[2] ?? '']
    const { store, report } = await importLines([CANDLE_HEADER, ...mixed], CANDLES)
    expect(report.findings).toMatchObject([
      { kind: 'dropped', message: 'repeats a row already there', count: 1, rows: [11] },
      { kind: 'notice', message: 'earlier than the row before it: sorted', count: 2, rows: [6, 11] },
    ])
    expect([...(await loadCandles(store, 'test:AAA', HOUR)).openTime]).toEqual(
      Array.from({ length: 10 }, (_, hour) => T0 + hour * HOUR),
    )
  })

  it('quarantines every one of two different candles of one time: nothing says which is right', async () => {
    const { report } = await importLines(
      [CANDLE_HEADER, ...candleLines(10), bar(4, '100,105,98,101,10')],
      CANDLES,
    )
    expect(report.findings[0]).toMatchObject({
      kind: 'quarantined',
      message: 'differs from another row of the same time',
      count: 2,
      rows: [5, 11],
    })
    expect(report.rows).toBe(9)
  })

  it('keeps the stored candle where a later file contradicts it', async () => {
    const first = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const { report, store } = await importLines(withBar(4, '100,105,98,101,10'), CANDLES, first)
    expect(findingCounts(report)).toEqual({
      'differs from the stored candle': 1,
      'repeats a row already there': 9,
    })
    expect((await loadCandles(store, 'test:AAA', HOUR)).high[4]).toBe(102)
  })

  it('quarantines stamps off the grid, and finds a grid that does not start at the epoch', async () => {
    const { report } = await importLines(
      [CANDLE_HEADER, ...candleLines(10, T0 + 1_800_000), `${T0 + 50 * HOUR},100,101,99,100,1`],
      CANDLES,
    )
    expect(report.findings[0]).toMatchObject({
      kind: 'quarantined',
      message: 'off the grid of the interval',
      count: 1,
      rows: [11],
    })
    expect(report.understood.join()).toContain('1800000 ms after')
  })

  it('refuses an interval at which the rows do not stand', async () => {
    await expect(
      importLines([CANDLE_HEADER, ...candleLines(10)], { ...CANDLES, intervalMs: 60_000 }),
    ).rejects.toThrow(/typically stand 1h apart.*--interval.*1m/)
  })

  it('refuses a file of mostly bad rows, names the reasons, and changes nothing', async () => {
    const good = await importLines([CANDLE_HEADER, ...candleLines(10)], CANDLES)
    const before = readFileSync(join(good.store.directory, 'manifest.json'), 'utf8')
    const bad = candleLines(10, T0 + 20 * HOUR).map((line, index) =>
      index < 6 ? line.replace(',102,', ',1,') : line,
    )
    await expect(importLines([CANDLE_HEADER, ...bad], CANDLES, good)).rejects.toThrow(
      /6 of 10 rows .*high is below low: 6 rows, the first is row 1 \(line 2 of the file, header counted\): high "1", low "98"/,
    )
    expect(readFileSync(join(good.store.directory, 'manifest.json'), 'utf8')).toBe(before)
    // Exactly half is still taken, the bad half aside.
    const half = bad.map((line, index) => (index === 5 ? (candleLines(10, T0 + 20 * HOUR)[5] ?? '') : line))
    expect((await importLines([CANDLE_HEADER, ...half], CANDLES, good)).report.rowsAdded).toBe(5)
  })

  it('names row, line, field and value of the first bad row it refuses a file for', async () => {
    const good = candleLines(1)[0] ?? ''
    const bad = [good, good.replace(/,100,/, ',abc,'), good.replace(/,100,/, ',def,')]
    const fault = async (lines: readonly string[]): Promise<DataError> => {
      const error: unknown = await importLines(lines, CANDLES).catch((reason: unknown) => reason)
      if (error instanceof DataError) return error
      throw new Error('it was not refused')
    }
    const several = await fault([CANDLE_HEADER, ...bad])
    expect(several.message).toContain(
      '2 of 3 rows of candles/test:AAA@1h are bad (open is not a number: 2 rows, the first is row 2 (line 3 of the file, header counted): "abc"): nothing was imported',
    )
    expect(several.place).toMatchObject({ row: 2, field: 'open', value: 'abc' })
    const one = await fault([CANDLE_HEADER, bad[1] ?? ''])
    expect(one.message).toContain(
      '1 of 1 row of candles/test:AAA@1h is bad (open is not a number: 1 row, row 1 (line 2',
    )
    // A text over two lines: rows are no longer lines, and none is stated.
    const broken = await fault([`${CANDLE_HEADER},note`, `${bad[1] ?? ''},"two\nlines"`])
    expect(broken.message).toContain('open is not a number: 1 row, row 1: "abc"')
  })

  it('refuses a missing column, a wrong type, a missing file and an unreadable one', async () => {
    const folder = temporaryFolder()
    const store = openStore(join(folder, 'data'))
    const start = (file: string, more = {}) => importFile(store, { ...CANDLES, ...more, file })
    await expect(start(csvFile(folder, ['ts,open,high,low,volume', `${T0},1,1,1,1`]))).rejects.toThrow(
      /no column for a required field.*close/,
    )
    await expect(
      start(csvFile(folder, [CANDLE_HEADER, ...candleLines(3)]), { map: { high: 'top' } }),
    ).rejects.toThrow(/no such column.*high.*"top"/)
    const wrong = await parquetFile(
      folder,
      `SELECT ${T0}::BIGINT AS ts, true AS open, 1.0 AS high, 1.0 AS low, 1.0 AS close, 1.0 AS volume`,
    )
    await expect(start(wrong)).rejects.toThrow(/a number must be .* not BOOLEAN.*open/)
    await expect(start(join(folder, 'absent.csv'))).rejects.toThrow(DataError)
    writeFileSync(join(folder, 'empty.csv'), '')
    await expect(start(join(folder, 'empty.csv'))).rejects.toThrow(/the file is empty/)
    await expect(start(csvFile(folder, [CANDLE_HEADER]))).rejects.toThrow(/the file holds no row/)
    await expect(start(csvFile(folder, ['', '']))).rejects.toThrow(/the file holds no row/)
    await expect(start(csvFile(folder, ['no parquet'], 'x.parquet'))).rejects.toThrow(/cannot be read/)
    await expect(start(csvFile(folder, ['x'], 'x.xlsx'))).rejects.toThrow(ConfigError)
    expect((await storeManifest(store)).series).toEqual({})
  })

  it('refuses a known-at for candles, whose definition it is', async () => {
    await expect(
      importLines([CANDLE_HEADER, ...candleLines(3)], { ...CANDLES, knownLagMs: 1 }),
    ).rejects.toThrow(/by definition/)
  })

  it('turns contracts into base units by their size, and keeps no volume of unknown size', async () => {
    const lines = [CANDLE_HEADER, ...candleLines(4)]
    const volumes = async (more: object): Promise<number[]> => {
      const { store } = await importLines(lines, { ...CANDLES, ...more })
      return [...(await loadCandles(store, 'test:AAA', HOUR)).volume]
    }
    expect(await volumes({ unit: 'contracts', contractSize: 0.01 })).toEqual([0.1, 0.1, 0.1, 0.1])
    expect(await volumes({ unit: 'contracts', contractSize: 100, contractUnit: 'quote' })).toEqual(
      new Array(4).fill(1000 / 101),
    )
    expect(await volumes({ unit: 'contracts' })).toEqual([NaN, NaN, NaN, NaN])
    expect(await volumes({ unit: 'usd' })).toEqual(new Array(4).fill(10 / 101))
    await expect(volumes({ unit: 'percent' })).rejects.toThrow(/base, contracts, usd/)
  })

  it('takes bars without a volume column: their volume is unknown, and flagged so', async () => {
    const lines = candleLines(4).map((line) => line.replace(/,[^,]*$/, ''))
    const { store, report } = await importLines(['ts,open,high,low,close', ...lines], CANDLES)
    expect(findingCounts(report)).toEqual({ 'no volume column: volume is unknown': 4 })
    const { volume, close } = await loadCandles(store, 'test:AAA', HOUR)
    expect([...volume]).toEqual([NaN, NaN, NaN, NaN])
    expect(close[3]).toBe(101)
    expect((await storeManifest(store)).series['candles/test:AAA@1h']?.flags).toEqual(['volume-unknown'])
    // A column that is there must hold numbers.
    const gap = [CANDLE_HEADER, ...candleLines(4), `${T0 + 4 * HOUR},100,101,99,100,`]
    expect(findingCounts((await importLines(gap, CANDLES)).report)).toEqual({ 'volume is missing': 1 })
  })

  it('reads JSON lines like any other file', async () => {
    const folder = temporaryFolder()
    const lines = candleLines(3).map((line) => {
      const [ts, open, high, low, close, volume] = line.split(',').map(Number)
      return JSON.stringify({ ts, open, high, low, close, volume })
    })
    const { series } = await importFile(openStore(join(folder, 'data')), {
      ...CANDLES,
      file: csvFile(folder, lines, 'rows.jsonl'),
    })
    expect(series[0]?.rows).toBe(3)
  })

  it('writes nothing in a dry run', async () => {
    const { store, report } = await importLines([CANDLE_HEADER, ...candleLines(3)], {
      ...CANDLES,
      dryRun: true,
    })
    expect(report.rowsAdded).toBe(3)
    expect((await storeManifest(store)).series).toEqual({})
    expect(existsSync(store.directory)).toBe(false)
  })
})
