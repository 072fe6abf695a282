import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { DAY_MS, MINUTE_MS } from '../../src/core/time.js'
import { close, completed, high, low, open, timeframe, volume } from '../../src/index.js'
import { importFile } from '../../src/store/import.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { openStore } from '../../src/store/store.js'
import { describeWithReference, referenceData } from '../reference-data.js'
import { columnOf } from './candles.js'

describeWithReference('recorded minutes of three days', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-timeframe-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let minutes: Candles
  let days: Candles

  beforeAll(async () => {
    const store = openStore(folder)
    const load = async (file: string, intervalMs: number): Promise<Candles> => {
      const path = referenceData(`data/candles/${file}.parquet`)
      await importFile(store, { kind: 'candles', file: path, instrument: 'coinbase:BTCUSD', asset: 'BTC', intervalMs, now: Date.UTC(2026, 0, 1) }) // prettier-ignore
      return loadCandles(store, 'coinbase:BTCUSD', intervalMs)
    }
    minutes = await load('lean_coinbase_BTCUSD_1m_2018-04', MINUTE_MS)
    days = await load('lean_coinbase_BTCUSD_1d_2014_2018', DAY_MS)
  })

  it('are, completed, the daily candles of the same source: each from its own end to the next', () => {
    expect(minutes.openTime[0]).toBe(Date.UTC(2018, 3, 4))
    const closeTimes = minutes.openTime.map((opens) => opens + MINUTE_MS)
    const ends = [5, 6, 7].map((day) => Date.UTC(2018, 3, day))
    const daily = timeframe('1d')
    for (const [of, field] of [
      [open, 'open'],
      [high, 'high'],
      [low, 'low'],
      [close, 'close'],
      [volume, 'volume'],
    ] as const) {
      // prettier-ignore
      const column = columnOf(completed(daily(of)), minutes)
      const ofDay = (end: number): number => days[field][days.openTime.indexOf(end - DAY_MS)]!
      closeTimes.forEach((time, bar) => {
        const end = ends.filter((end) => end <= time).at(-1)
        if (end === undefined) expect(column[bar]).toBeNaN()
        else if (field === 'volume') expect(column[bar]).toBeCloseTo(ofDay(end), 7)
        else if (column[bar] !== ofDay(end)) expect(`${field} ${bar}: ${column[bar]}`).toBe(ofDay(end))
      })
      expect(new Set(column).size).toBe(1 + ends.length)
    }
  })
})
