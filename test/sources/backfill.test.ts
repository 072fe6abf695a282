import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { backfillCandles, type BackfillOptions } from '../../src/sources/exchange/backfill.js'
import type { CandlePage, CandlePages } from '../../src/sources/exchange/candle-pages.js'
import { ccxtCandles } from '../../src/sources/exchange/ccxt-candles.js'
import { MIDDLE, served, type Served, START, WORLD } from '../loopback/worlds.js'

const { candles } = WORLD.instruments[0]!

const truth = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / MINUTE_MS }, (_, index) => {
    const row = (fromMs - START) / MINUTE_MS + index
    return { openTime: candles.openTime[row]!, open: candles.open[row]!, high: candles.high[row]!, low: candles.low[row]!, close: candles.close[row]!, volume: candles.volume[row]! } // prettier-ignore
  })

const source = (at: Served): Promise<CandlePages> =>
  ccxtCandles({ symbol: 'BTCUSDT', isPerpetual: true, timeframeMs: MINUTE_MS, now: () => at.clock.now(), addresses: at.urls }) // prettier-ignore

/** Virtual time alone passes. */
const waiting = (at: Served, waited: number[]): Pick<BackfillOptions, 'now' | 'pause'> => ({
  now: () => at.clock.now(),
  pause: (durationMs) => {
    waited.push(durationMs)
    at.clock.advanceBy(durationMs)
    return Promise.resolve()
  },
})

describe('a download from the loopback exchange by ccxt', () => {
  it("is the world's candles, all of them and only closed ones", async () => {
    const at = await served()
    const got = await backfillCandles(await source(at), { fromMs: START + 38 * HOUR_MS, toMs: MIDDLE + 30_000, ...waiting(at, []) }) // prettier-ignore
    const closedUntil = MIDDLE - 30_000
    expect(got.candles).toEqual(truth(START + 38 * HOUR_MS, closedUntil))
    expect([got.gaps, got.quarantined, got.revised]).toEqual([[], [], []])
    await at.close()
  })

  it('through gaps, repeats, disorder, broken bodies and refusals: what is missing is just what the truth log says', async () => {
    const rows = { where: 'exchange', path: 'klines', chance: 0.01 }
    const at = await served([
      { fault: 'gap', ...rows },
      { fault: 'duplicate', ...rows },
      { fault: 'reorder', ...rows },
      { fault: 'garbled', ...rows, chance: 0.1 },
      { fault: 'rate-limit', ...rows, chance: 0.1, retryAfterS: 17 },
      { fault: 'server-error', ...rows, chance: 0.1, status: 504 },
    ])
    const waited: number[] = []
    const [fromMs, toMs] = [START + 15 * HOUR_MS, START + 40 * HOUR_MS]
    const got = await backfillCandles(await source(at), { fromMs, toMs, ...waiting(at, waited) })
    const of = (fault: string) => at.truth.faults.filter((one) => one.fault === fault)
    const missing = new Set(of('gap').map(({ what }) => Number(what.split(' ')[1])))
    expect(missing.size).toBeGreaterThan(5)
    expect(got.candles).toEqual(truth(fromMs, toMs).filter(({ openTime }) => !missing.has(openTime)))
    const inGaps = got.gaps.flatMap(([start, end]) => Array.from({ length: (end - start) / MINUTE_MS }, (_, index) => start + index * MINUTE_MS)) // prettier-ignore
    expect(inGaps).toEqual([...missing].filter((time) => time >= fromMs && time < toMs).sort((a, b) => a - b))
    expect(waited.filter((durationMs) => durationMs === 17_000)).toHaveLength(of('rate-limit').length)
    expect([of('duplicate').length > 0, of('reorder').length > 0, waited.length > 0]).toEqual([
      true,
      true,
      true,
    ])
    await at.close()
  })

  it('ends with what the venue said where it never answers', async () => {
    const at = await served([{ fault: 'server-error', where: 'exchange', path: 'klines', status: 500 }])
    const download = backfillCandles(await source(at), { fromMs: START, toMs: START + HOUR_MS, ...waiting(at, []) }) // prettier-ignore
    await expect(download).rejects.toMatchObject({ exitCode: 5, message: expect.stringContaining('unavailable') as string }) // prettier-ignore
    await expect(ccxtCandles({ symbol: 'NOPE', isPerpetual: true, timeframeMs: MINUTE_MS, now: () => 0, addresses: at.urls })).rejects.toThrow('lists no such symbol') // prettier-ignore
    await at.close()
  })
})

describe('rows that are no candles', () => {
  const good = [HOUR_MS, 10, 12, 9, 11, 5]
  const from = (rows: readonly unknown[]): CandlePages => ({
    timeframeMs: HOUR_MS,
    pageSize: 10,
    serverTime: () => Promise.resolve(3 * HOUR_MS),
    page: () => Promise.resolve<CandlePage>({ rows }),
  })
  const options = { fromMs: 0, toMs: 5 * HOUR_MS, now: () => 0, pause: () => Promise.resolve() }

  it.each([
    [[HOUR_MS / 1_000, 10, 12, 9, 11, 5], 'off the grid'],
    [[HOUR_MS, 10, 12, 9, NaN, 5], 'no number'],
    [[HOUR_MS, '10', 12, 9, 11, 5], 'no number'],
    [[HOUR_MS, 10, 12, 0, 11, 5], 'not above 0'],
    [[HOUR_MS, 10, 9, 12, 11, 5], 'outside low and high'],
    [[HOUR_MS, 10, 12, 9, 11, -5], 'negative'],
    [null, 'no row of six'],
  ])('%j: %s', async (row, reason) => {
    const { quarantined, candles: kept, gaps } = await backfillCandles(from([row]), options)
    expect([kept, gaps]).toEqual([[], [[0, 3 * HOUR_MS]]])
    expect(quarantined).toEqual([{ reason: expect.stringContaining(reason) as string, row }])
  })

  it('a candle told twice differently is named, and the first one counts; one still open is left out', async () => {
    const rows = [good, [HOUR_MS, 10, 12, 9, 11, 6], [3 * HOUR_MS, 1, 1, 1, 1, 1]]
    const got = await backfillCandles(from(rows), options)
    expect(got.candles.map(({ volume }) => volume)).toEqual([5])
    expect([got.revised, got.open, got.gaps]).toEqual([[HOUR_MS], 1, [[0, HOUR_MS], [2 * HOUR_MS, 3 * HOUR_MS]]]) // prettier-ignore
  })
})
