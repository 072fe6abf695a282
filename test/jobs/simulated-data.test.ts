import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { runBacktest } from '../../src/jobs/backtest.js'
import { simulateIntoStore, type SimulationOptions } from '../../src/jobs/simulated-data.js'
import { importFile } from '../../src/store/import.js'
import { loadCandles } from '../../src/store/load-candles.js'
import { removeSeries } from '../../src/store/remove.js'
import { openStore, storeManifest } from '../../src/store/store.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import smartMoney from '../../strategies/smart-money.js'
import { CANDLE_HEADER, candleLines, csvFile, temporaryFolder } from '../store/helpers.js'

const SMALL: SimulationOptions = { days: 12, seed: 5, instruments: 2 }

describe('simulateIntoStore', () => {
  it('makes series that are flagged, loaded and backtested, the same bytes for the same options', async () => {
    const folder = join(temporaryFolder(), 'data')
    const made = await simulateIntoStore(SMALL, { folder, now: 1 })
    expect(made.isUnchanged).toBe(false)
    const { series } = await storeManifest(openStore(folder))
    expect(Object.keys(series).sort()).toEqual(made.series.map(({ id }) => id).sort())
    expect(made.series).toHaveLength(11)
    for (const entry of Object.values(series)) {
      expect(entry.flags).toContain('synthetic')
      expect(entry.sources).toEqual([made.recipe])
    }
    expect(made.recipe).toMatch(/seed 5, 12 days from 2024-01-01, 1h, edge 0, drift 0 a year, BTC ETH$/)
    const candles = await loadCandles(openStore(folder), 'synthetic:BTCUSDT-PERP', HOUR_MS)
    expect(candles.openTime).toHaveLength(24 * 12)

    const again = await simulateIntoStore(SMALL, { folder: join(temporaryFolder(), 'data'), now: 2 })
    expect(again.series).toEqual(made.series)

    const run = await runBacktest({
      strategy: compileStrategy(smartMoney, {}),
      dataFolder: folder,
      instruments: made.instruments,
      timeframeMs: HOUR_MS,
      range: { startMs: -Infinity, endMs: Infinity },
      startingBalance: 10_000,
      costs: { slippageBps: 1 },
      policies: {},
      funding: 'settled',
      factOverrides: {},
    })
    expect(run.synthetic).toBe(true)
    expect(run.data.absent).toEqual([])
    expect(run.signals.every(({ usable }) => usable.bars > 200)).toBe(true)
  }, 240_000)

  it('keeps what is there: the same market is left alone, another one and real series need leave', async () => {
    const folder = join(temporaryFolder(), 'data')
    const tiny: SimulationOptions = { days: 2, seed: 5, instruments: 1 }
    const made = await simulateIntoStore(tiny, { folder, now: 1 })
    expect(await simulateIntoStore(tiny, { folder, now: 2 })).toEqual({ ...made, isUnchanged: true })

    // An interrupted one is completed without being asked.
    await removeSeries(openStore(folder), 'exchange-flows/BTC', 3)
    const completed = await simulateIntoStore(tiny, { folder, now: 4 })
    expect(completed).toEqual(made)

    const other = { ...tiny, edge: 0.1, gaps: true }
    await expect(simulateIntoStore(other, { folder, now: 5 })).rejects.toThrow(
      /another synthetic market.*seed 5/,
    )
    const replaced = await simulateIntoStore(other, { folder, now: 5, replace: true })
    expect(replaced.recipe).toMatch(/edge 0.1.*with gaps/)
    expect(replaced.series[0]!.sha256).not.toBe(made.series[0]!.sha256)
    expect(Object.keys((await storeManifest(openStore(folder))).series)).toHaveLength(6)
  }, 240_000)

  it('never replaces a real series, and stands beside real ones only where that is asked for', async () => {
    const folder = join(temporaryFolder(), 'data')
    const store = openStore(folder)
    const csv = csvFile(temporaryFolder(), [CANDLE_HEADER, ...candleLines(48)])
    const real = { file: csv, kind: 'candles', intervalMs: HOUR_MS, now: 0 } as const
    const tiny: SimulationOptions = { days: 2, seed: 5, instruments: 1 }
    await importFile(store, { ...real, instrument: 'binance:BTCUSDT-PERP' })
    await expect(simulateIntoStore(tiny, { folder, now: 1 })).rejects.toThrow(/holds real series/)
    await simulateIntoStore(tiny, { folder, now: 1, replace: true })
    const { series } = await storeManifest(store)
    expect(series['candles/binance:BTCUSDT-PERP@1h']?.flags).toEqual([])

    const second = join(temporaryFolder(), 'data')
    await importFile(openStore(second), { ...real, instrument: 'synthetic:BTCUSDT-PERP' })
    const before = (await storeManifest(openStore(second))).dataSetHash
    for (const replace of [false, true])
      await expect(simulateIntoStore(tiny, { folder: second, now: 1, replace })).rejects.toThrow(/real series of this name/) // prettier-ignore
    expect((await storeManifest(openStore(second))).dataSetHash).toBe(before)
  }, 240_000)

  it('lists its instruments beside those that a file lists already, and refuses options that make no market', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'instruments.json')
    const mine = { id: 'binance:BTCUSDT', kind: 'spot', base: 'BTC', quote: 'USDT', tickSize: 0.1, lotSize: 0.001, minNotional: 5, makerFee: 0.001, takerFee: 0.001 } // prettier-ignore
    writeFileSync(file, JSON.stringify([mine, { ...mine, id: 'synthetic:OLDUSDT' }]))
    await simulateIntoStore({ days: 1, seed: 1, instruments: 1 }, { folder, now: 0 })
    const ids = (JSON.parse(readFileSync(file, 'utf8')) as { id: string }[]).map(({ id }) => id)
    expect(ids).toEqual(['binance:BTCUSDT', 'synthetic:BTCUSDT-PERP'])
    const refused = (options: Partial<SimulationOptions>): Promise<unknown> =>
      simulateIntoStore({ days: 1, seed: 1, ...options }, { folder: join(folder, 'none'), now: 0 })
    await expect(refused({ days: 0 })).rejects.toThrow(/days/)
    await expect(refused({ days: 1.5 })).rejects.toThrow(/days/)
    await expect(refused({ startTime: DAY_MS + 1 })).rejects.toThrow(/00:00 UTC/)
    await expect(refused({ edge: -0.1 })).rejects.toThrow(/edge/)
    await expect(refused({ instruments: 99 })).rejects.toThrow(/instruments/)
    await expect(refused({ seed: 1.5 })).rejects.toThrow(/seed/)
  }, 240_000)
})
