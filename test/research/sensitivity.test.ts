import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import type { Instrument } from '../../src/core/instrument.js'
import type { BacktestResult } from '../../src/core/result.js'
import { HOUR_MS } from '../../src/core/time.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import { withScaledCosts } from '../../src/research/scaled-costs.js'
import { type EquitySpread, measureSensitivity, type Outcome } from '../../src/research/sensitivity.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy, type Script } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)
type Ohlc = readonly [number, number, number, number]
const FLAT: Ohlc = [100, 100, 100, 100]
const QUIET: Ohlc = [100, 101, 99, 100]
const BOTH: Ohlc = [100, 105, 97, 100]

interface Told {
  readonly bars: readonly Ohlc[]
  readonly says: string
  readonly instrument?: Partial<Instrument>
  readonly funding?: InstrumentData['funding']
}

function optionsOf(
  told: readonly Told[],
  risk: Partial<RiskSettings> = {},
  more: Partial<ReplayOptions> = {},
): ReplayOptions {
  const scripts = new Map<InstrumentData['candles'], Script>()
  const instruments = told.map(({ bars, says, instrument, funding }, at): InstrumentData => {
    const candles = candlesOf(bars, START)
    scripts.set(candles, { says })
    return dataOf(candles, instrumentOf({ id: `test:${'ABCDEFG'[at]}`, ...instrument }), funding)
  })
  return {
    strategy: scriptedStrategy(scripts, risk),
    instruments,
    startTime: START,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 0 },
    policies: { endOfData: 'leave-open' },
    ...more,
  }
}

const never = (): number => {
  throw new Error('nothing was to be drawn')
}
const play = (options: ReplayOptions): Promise<BacktestResult> => Promise.resolve(replay(options))

describe('the sensitivities of a run', () => {
  it('take undecided bars both ways, whatever the run’s own policy', async () => {
    for (const undecided of ['pessimistic', 'optimistic'] as const) {
      const options = optionsOf([{ bars: [FLAT, QUIET, BOTH], says: 'L..' }], {}, { policies: { undecided, endOfData: 'leave-open' } }) // prettier-ignore
      const found = await measureSensitivity(options, replay(options), never, play)
      expect(found.undecidedShare).toEqual({ value: 1 })
      expect(found.pessimistic).toMatchObject({ finalEquity: 9_980, trades: 1 })
      expect(found.optimistic).toMatchObject({ finalEquity: 10_040 })
    }
  })

  it('have no share of undecided exits where nothing was closed, and no order of one instrument', async () => {
    const options = optionsOf([{ bars: [FLAT, QUIET], says: '..' }])
    const found = await measureSensitivity(options, replay(options), never, play)
    expect(found.undecidedShare).toEqual({ reason: 'no closed trade' })
    expect(found.shuffledIds).toEqual({ reason: 'one instrument' })
  })

  it('cost once, twice and three times as much', async () => {
    // 1,000 in at 100 and out at 100: 1 of fees and 1 of slippage each way.
    const options = optionsOf(
      [{ bars: [FLAT, QUIET, QUIET, QUIET], says: 'L.l.', instrument: { takerFee: 0.001 } }],
      {},
      { costs: { slippageBps: 10 } },
    )
    const { costs } = await measureSensitivity(options, replay(options), never, play)
    expect(costs.map(({ factor }) => factor)).toEqual([1, 2, 3])
    const lost = costs.map(({ outcome }) => 10_000 - (outcome as Outcome).finalEquity)
    lost.forEach((loss, at) => expect(loss).toBeCloseTo(4 * (at + 1), 1))
    expect((costs[0]?.outcome as Outcome).totalReturn).toBeCloseTo(-4 / 10_000, 5)
  })

  it('act one bar later', async () => {
    const bars = [100, 100, 110, 120, 130].map((price): Ohlc => [price, price, price, price])
    const options = optionsOf([{ bars, says: 'L..l.' }], { target: { kind: 'none' } })
    const result = replay(options)
    const { oneBarLate } = await measureSensitivity(options, result, never, play)
    // 10 at 100, out at 130; a bar later 10 at 110 (sized by the close of 100), never out.
    expect(result.finalEquity).toBeCloseTo(10_300, 9)
    expect((oneBarLate as Outcome).finalEquity).toBeCloseTo(10_000 + (20 * 1000) / 100, 9)
  })

  it('spread over the ids, where those break ties for the only slot', async () => {
    const up = [100, 100, 110].map((price): Ohlc => [price, price, price, price])
    const down = [100, 100, 99].map((price): Ohlc => [price, price, price, price])
    const told = [up, down, down].map((bars) => ({ bars, says: 'L..' }))
    const options = optionsOf(told, { maxPositions: 1, target: { kind: 'none' } })
    const { shuffledIds } = await measureSensitivity(options, replay(options), never, play)
    expect(shuffledIds).toEqual({ runs: 6, minimum: 9_990, median: 9_990, maximum: 10_100 })
    const roomy = optionsOf(told, { maxPositions: 3, target: { kind: 'none' } })
    const { minimum, maximum } = (await measureSensitivity(roomy, replay(roomy), never, play))
      .shuffledIds as EquitySpread
    expect(maximum).toBe(minimum)
  })

  it('say why where the data cannot answer, and let every other error through', async () => {
    // Held over an unrecorded settlement only where the exit comes a bar later.
    const funding = {
      time: Float64Array.of(START + 3 * HOUR_MS + 1),
      rate: Float64Array.of(NaN),
      mark: Float64Array.of(100),
    }
    const options = optionsOf([{ bars: [FLAT, QUIET, QUIET, QUIET], says: 'L.l.', funding }])
    const result = replay({ ...options, policies: { ...options.policies, missingFunding: 'flag' } })
    const { oneBarLate, costs } = await measureSensitivity(options, result, never, (changed) =>
      changed.costs === options.costs ? play(changed) : Promise.resolve(result),
    )
    expect(costs.every(({ outcome }) => 'finalEquity' in outcome)).toBe(true)
    expect(oneBarLate).toEqual({ reason: expect.stringContaining('funding settlement') as string })
    await expect(
      measureSensitivity(options, result, never, () => Promise.reject(new RangeError('a bug'))),
    ).rejects.toThrow('a bug')
    await expect(
      measureSensitivity(options, result, never, () => Promise.reject(new DataError('no data'))),
    ).resolves.toMatchObject({ oneBarLate: { reason: 'no data' } })
  })
})

describe('scaled costs', () => {
  it('reach fees of instruments, of their changes and of the run, but neither rebates nor funding', () => {
    const margin = {
      tiers: [{ fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 10 }],
      liquidationFee: 0.01,
    }
    const instrument = {
      makerFee: -0.0001,
      takerFee: 0.0005,
      margin,
      changes: [{ from: START, takerFee: 0.0004, tickSize: 1 }],
    }
    const funding = {
      time: Float64Array.of(START),
      rate: Float64Array.of(0.01),
      mark: Float64Array.of(100),
    }
    const options = optionsOf([{ bars: [FLAT], says: '.', instrument, funding }], {}, {
      costs: { slippageBps: 1, halfSpreadBps: 0.5, takerFee: 0.001, makerFee: 0, participation: 0.1 },
    }) // prettier-ignore
    const scaled = withScaledCosts(options, 3)
    expect(scaled.costs).toEqual({
      slippageBps: 3,
      halfSpreadBps: 1.5,
      takerFee: 0.003,
      makerFee: 0,
      participation: 0.1,
    })
    const [data] = scaled.instruments
    expect(data?.instrument).toMatchObject({ makerFee: -0.0001, takerFee: 0.0015, tickSize: 0 })
    expect(data?.instrument.changes?.[0]?.from).toBe(START)
    expect(data?.instrument.changes?.[0]?.takerFee).toBeCloseTo(0.0012, 12)
    expect(data?.instrument.changes?.[0]?.tickSize).toBe(1)
    expect(data?.instrument.margin?.liquidationFee).toBe(0.03)
    expect(data?.funding).toBe(funding)
  })
})
