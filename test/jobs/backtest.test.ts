import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.js'
import type { Instrument } from '../../src/core/instrument.js'
import { MINUTE_MS } from '../../src/core/time.js'
import * as b from '../../src/index.js'
import { type Backtest, type BacktestOptions, runBacktest } from '../../src/jobs/backtest.js'
import { findMetric } from '../../src/metrics/index.js'
import { CANDLES, CANDLE_HEADER, HOUR, type Imported, T0, importLines } from '../store/helpers.js'

const HALF = 30 * MINUTE_MS
type Ohlc = readonly [number, number, number, number]

const SPOT: Instrument = {
  id: 'test:AAA', venue: 'test', kind: 'spot', base: 'AAA', quote: 'USD', tickSize: 0, lotSize: 0, minNotional: 0, makerFee: 0, takerFee: 0,
} // prettier-ignore
const MARGIN = {
  tiers: [{ fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 20 }],
  liquidationFee: 0,
}
const PERPETUAL: Instrument = { ...SPOT, kind: 'perpetual', margin: MARGIN }

/** Long after a close at or above 101, for 2 % and 4 % of it. */
const above = (risk: Partial<b.RiskSettings> = {}): b.CompiledDefinition =>
  b.compileStrategy(
    b.defineStrategy({
      name: 'above',
      description: '',
      params: {},
      features: () => ({ close: b.close }),
      enterLong: (f) => b.atLeast(f.close, 101),
      risk: () => risk,
    }),
  )

const FLAT: Ohlc = [100, 100, 100, 100]
/** Bought at 100 in bar 2, whose stop of 97.98 and target of 104.04 it meets both; and, armed again by bar 3, once more in bar 5. */
const BARS: readonly Ohlc[] = [FLAT, [100, 101, 100, 101], [100, 105, 97, 100], FLAT, [100, 101, 100, 101], [100, 105, 97, 100]] // prettier-ignore
const UP_DOWN: readonly Ohlc[] = [
  [100, 105, 100, 104],
  [104, 104, 97, 100],
]
const DOWN_UP: readonly Ohlc[] = [
  [100, 100, 97, 98],
  [98, 105, 98, 100],
]

function lines(rows: readonly Ohlc[], startMs = T0, stepMs = HOUR): string[] {
  return [CANDLE_HEADER, ...rows.map((row, at) => `${startMs + at * stepMs},${row.join()},10`)]
}

async function imported(rows: readonly Ohlc[] = BARS): Promise<Imported> {
  return importLines(lines(rows), CANDLES)
}

function run(into: Imported, more: Partial<BacktestOptions> = {}): Promise<Backtest> {
  return runBacktest({
    strategy: above(),
    dataFolder: into.store.directory,
    instruments: [SPOT],
    timeframeMs: HOUR,
    range: { startMs: -Infinity, endMs: Infinity },
    startingBalance: 10_000,
    costs: { slippageBps: 0 },
    policies: {},
    funding: 'settled',
    factOverrides: {},
    ...more,
  })
}

const exitsOf = ({ result }: Backtest): (readonly [string, boolean])[] =>
  result.trades.map(({ exitReason, undecided }) => [exitReason, undecided] as const)

describe('a backtest whose bars leave exits undecided', () => {
  it('takes them against the strategy, and says what they could have made', async () => {
    const backtest = await run(await imported())
    expect(exitsOf(backtest)).toEqual([
      ['stop-loss', true],
      ['stop-loss', true],
    ])
    expect(backtest.optimistic.finalEquity).toBeGreaterThan(10_000)
    expect([backtest.detail, backtest.sensitivity]).toEqual([undefined, undefined])
  })

  it('lets finer candles decide, where there are any', async () => {
    const into = await imported()
    const finer = { ...CANDLES, intervalMs: HALF }
    await importLines(lines(UP_DOWN, T0 + 2 * HOUR, HALF), finer, into)
    const half = await run(into, { detailMs: HALF })
    expect(exitsOf(half)).toEqual([
      ['take-profit', false],
      ['stop-loss', true],
    ])
    expect(half.detail).toEqual({ timeframeMs: HALF, asked: 2, found: 1, decided: 1 })
    expect(half.optimistic.finalEquity).toBeGreaterThan(half.result.finalEquity)
    expect(half.data.used.map(({ seriesId }) => seriesId)).toContain('candles/test:AAA@30m')

    await importLines(lines(DOWN_UP, T0 + 5 * HOUR, HALF), finer, into)
    const whole = await run(into, { detailMs: HALF })
    expect(exitsOf(whole)).toEqual([
      ['take-profit', false],
      ['stop-loss', false],
    ])
    expect(whole.detail).toMatchObject({ asked: 2, found: 2, decided: 2 })
    expect(whole.optimistic.finalEquity).toBe(whole.result.finalEquity)
  })

  it('refuses finer candles that do not divide its bars, and names what to import where there are none', async () => {
    const into = await imported()
    await expect(run(into, { detailMs: 7 * MINUTE_MS })).rejects.toThrow(ConfigError)
    await expect(run(into, { detailMs: HALF })).rejects.toThrow(DataError)
    await expect(run(into, { detailMs: HALF })).rejects.toThrow(/candles\/test:AAA@30m.*--interval 30m/)
  })

  it('measures what other assumptions come to, with the answers of finer candles', async () => {
    const into = await imported()
    await importLines(lines(UP_DOWN, T0 + 2 * HOUR, HALF), { ...CANDLES, intervalMs: HALF }, into)
    const instruments = [{ ...SPOT, takerFee: 0.001, makerFee: 0.0005 }]
    const backtest = await run(into, { detailMs: HALF, sensitivity: true, instruments })
    const { sensitivity, result, optimistic } = backtest
    expect(sensitivity?.undecidedShare).toEqual({ value: 0.5 })
    expect(sensitivity?.pessimistic).toMatchObject({ finalEquity: result.finalEquity, trades: 2 })
    expect(sensitivity?.optimistic).toMatchObject({ finalEquity: optimistic.finalEquity })
    const equities = (sensitivity?.costs ?? []).map(({ outcome }) => ('finalEquity' in outcome ? outcome.finalEquity : NaN)) // prettier-ignore
    expect(equities[0]).toBe(result.finalEquity)
    expect((equities[0] ?? NaN) - (equities[1] ?? NaN)).toBeCloseTo((equities[1] ?? NaN) - (equities[2] ?? NaN), 1) // prettier-ignore
    // A bar late it buys at 100 in the flat bar 3, and bar 5 asks: there are no finer candles there.
    expect(sensitivity?.oneBarLate).toMatchObject({ trades: 1 })
    expect(sensitivity?.shuffledIds).toEqual({ reason: 'one instrument' })
  })

  it('draws the same shuffles from the same seed', async () => {
    const into = await imported()
    const instruments = 'ABCDE'.split('').map((letter) => ({ ...SPOT, id: `test:${letter}` }))
    for (const [at, { id }] of instruments.entries()) {
      const rows = BARS.map((row) => row.map((price) => price + (price > 101 ? at : 0)) as unknown as Ohlc)
      await importLines(lines(rows), { ...CANDLES, instrument: id }, into)
    }
    const spread = async (seed: number): Promise<unknown> =>
      (await run(into, { instruments, strategy: above({ maxPositions: 1 }), sensitivity: true, seed }))
        .sensitivity?.shuffledIds
    expect(await spread(1)).toEqual(await spread(1))
    expect(await spread(1)).toMatchObject({ runs: 20 })
  })
})

describe('a leveraged backtest', () => {
  const RISK = { leverage: 10, stop: b.percentStop(0.5), riskPerTrade: 0.5, maxPosition: 1, target: b.noTarget() } // prettier-ignore
  const MARKS = { ...CANDLES, kind: 'mark-candles' } as const
  /** Down to 85 in bar 3: a long from 100 at ten times is gone by about 90.9. */
  const rows: readonly Ohlc[] = [FLAT, [100, 101, 100, 101], FLAT, [100, 100, 85, 99], FLAT]
  const leveraged = (into: Imported, more: Partial<BacktestOptions> = {}): Promise<Backtest> =>
    run(into, { instruments: [PERPETUAL], strategy: above(RISK), funding: 'none', ...more })

  it('is liquidated on last prices, flagged, where no marks are stored', async () => {
    const backtest = await leveraged(await imported(rows))
    expect(backtest.result.trades.map(({ exitReason }) => exitReason)).toEqual(['liquidation'])
    expect(backtest.result.flags.map(({ code }) => code)).toContain('liquidation-on-last')
    expect(backtest.data.absent.map(({ use }) => use)).toContain('mark-prices')
  })

  it('is judged by mark prices where they are stored', async () => {
    const into = await imported(rows)
    await importLines(lines(rows.map((row) => (row[2] === 85 ? [100, 100, 95, 99] : row))), MARKS, into)
    const { result, data } = await leveraged(into)
    expect(result.trades.map(({ exitReason }) => exitReason)).toEqual(['end-of-data'])
    expect(data.used.map(({ use }) => use)).toContain('mark-prices')
  })

  it('needs a mark for every bar that it trades, and for none before', async () => {
    const into = await imported(rows)
    await importLines(lines(rows.slice(0, 4)), MARKS, into)
    await expect(leveraged(into)).rejects.toThrow(DataError)
    await expect(leveraged(into)).rejects.toThrow('2024-01-01 04:00 UTC has no mark price')
    const early = await imported(rows)
    await importLines(lines(rows.slice(1), T0 + HOUR), MARKS, early)
    const range = { startMs: T0 + HOUR, endMs: Infinity }
    expect((await leveraged(early, { range })).result.trades).toHaveLength(1)
    // Without leverage nobody asks for marks.
    expect((await run(into, { instruments: [PERPETUAL], funding: 'none' })).result.trades).toHaveLength(1)
  })
})

describe('holding as the benchmark of a backtest', () => {
  it('pays the fees of its entry and of its exit, and half the spread', async () => {
    const into = await imported(Array<Ohlc>(48).fill(FLAT))
    const instrument = { ...SPOT, takerFee: 0.002, changes: [{ from: T0 + 30 * HOUR, takerFee: 0.001 }] }
    const costs = { slippageBps: 6, halfSpreadBps: 4 }
    const { metrics } = await run(into, { instruments: [instrument], costs })
    const held = ((1 - 0.001) * (1 - 0.001)) / ((1 + 0.001) * (1 + 0.002))
    expect(findMetric(metrics, 'holdReturn').value).toBeCloseTo(held - 1, 12)
    const flat = await run(into, { instruments: [instrument], costs: { ...costs, takerFee: 0 } })
    expect(findMetric(flat.metrics, 'holdReturn').value).toBeCloseTo(0.999 / 1.001 - 1, 12)
  })
})
