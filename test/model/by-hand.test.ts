import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../src/core/instrument.js'
import { DEFAULT_POLICIES, type Policies } from '../../src/core/policies.js'
import type { CostSettings } from '../../src/engine/options.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from '../engine/scripted.js'
import { naiveReplay } from './naive-engine.js'
import type { ModelResult } from './world.js'

type Row = readonly [open: number, high: number, low: number, close: number]

interface Run {
  readonly bars: readonly Row[]
  readonly says: string
  readonly risk?: Partial<RiskSettings>
  readonly policies?: Partial<Policies>
  readonly costs?: Partial<CostSettings>
  readonly instrument?: Partial<Instrument>
  readonly volume?: readonly number[]
}

/** 10,000 to start, a tick of 0.5, no fees; an entry decided at 100 is for 10 units, its stop 2 and its target 4 away from the fill. */
function play({ bars, says, risk, policies, costs, instrument, volume }: Run): ModelResult {
  const candles = {
    ...candlesOf(bars),
    ...(volume && { volume: Float64Array.from(volume) }),
  }
  const script = { says }
  return naiveReplay(
    {
      strategy: scriptedStrategy(new Map([[candles, script]]), { allowShort: true, ...risk }),
      instruments: [dataOf(candles, instrumentOf({ tickSize: 0.5, ...instrument }))],
      startTime: candles.openTime[0] as number,
      endTime: Infinity,
      startingBalance: 10_000,
      costs: { slippageBps: 0, ...costs },
      policies: { endOfData: 'leave-open', ...policies },
    },
    [script],
    DEFAULT_POLICIES,
  )
}

const QUIET: Row = [100, 101, 99, 100]

function fillsOf(run: Run): unknown[] {
  return play(run).fills.map(({ role, bar, side, quantity, price }) => [role, bar, side, quantity, price])
}

const LIMIT: RiskSettings['entry'] = {
  kind: 'limit',
  distance: { kind: 'percent', fraction: 0.01 },
  lifeBars: 2,
}
const STOP: RiskSettings['entry'] = {
  kind: 'stop',
  distance: { kind: 'percent', fraction: 0.01 },
  lifeBars: 2,
}

describe('the model, worked by hand', () => {
  test('a limit entry that is only touched expires after its bars', () => {
    expect(
      fillsOf({ bars: [QUIET, QUIET, QUIET, [100, 100, 95, 100]], says: 'L...', risk: { entry: LIMIT } }),
    ).toEqual([])
  })

  test('a limit entry at 99, filled inside the bar, is stopped in it at 97 and decided', () => {
    const run: Run = { bars: [QUIET, [100, 110, 97, 105]], says: 'L.', risk: { entry: LIMIT } }
    const quantity = 1_000 / 99
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, quantity, 99],
      ['stop', 1, -1, quantity, 97],
    ])
    expect(play(run).trades[0]?.undecided).toBe(false)
  })

  test('a limit entry that the open has passed fills at its price, and its target acts in that bar', () => {
    expect(
      fillsOf({ bars: [QUIET, [98, 103.5, 98, 103]], says: 'L.', risk: { entry: LIMIT } }).map((fill) =>
        (fill as unknown[]).slice(0, 3).concat((fill as unknown[])[4]),
      ),
    ).toEqual([
      ['entry', 1, 1, 99],
      ['target', 1, -1, 103],
    ])
  })

  test('a stop entry whose bar also touched its stop is undecided: stopped out, or not', () => {
    const run: Run = { bars: [QUIET, [100, 102, 98, 101]], says: 'L.', risk: { entry: STOP } }
    const quantity = 1_000 / 101
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, quantity, 101],
      ['stop', 1, -1, quantity, 99],
    ])
    expect(play(run).trades[0]?.undecided).toBe(true)
    expect(fillsOf({ ...run, policies: { undecided: 'optimistic' } })).toHaveLength(1)
  })

  test('a short stop entry behind a gap fills at the open, moved by slippage and half the spread', () => {
    const run: Run = {
      bars: [QUIET, [98, 98, 97, 97]],
      says: 'S.',
      risk: { entry: STOP },
      costs: { slippageBps: 20, halfSpreadBps: 20 },
    }
    // 98 · 0.996 = 97.608
    expect(fillsOf(run)).toEqual([['entry', 1, -1, 1_000 / 99, 97.5]])
  })

  test('a resting entry is withdrawn by the opposite signal', () => {
    const bars: Row[] = [QUIET, QUIET, [100, 100, 90, 95]]
    expect(fillsOf({ bars, says: 'L..', risk: { entry: LIMIT } })).not.toEqual([])
    expect(fillsOf({ bars, says: 'Ls.', risk: { entry: LIMIT } })).not.toEqual([])
    expect(fillsOf({ bars, says: 'Ll.', risk: { entry: LIMIT } })).toEqual([])
  })

  const LADDER: Partial<RiskSettings> = {
    target: {
      kind: 'ladder',
      rungs: [
        { at: { kind: 'percent', fraction: 0.02 }, share: 0.6 },
        { at: { kind: 'percent', fraction: 0.01 }, share: 0.4 },
      ],
    },
  }

  test('the rungs of a ladder fill nearest first, then the stop takes the rest', () => {
    const run: Run = {
      bars: [QUIET, [100, 101.5, 99, 101], [101, 101, 97, 98]],
      says: 'L..',
      risk: LADDER,
    }
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 10, 100],
      ['target', 1, -1, 4, 101],
      ['stop', 2, -1, 6, 98],
    ])
    expect(play(run).trades[0]).toMatchObject({
      exitPrice: (4 * 101 + 6 * 98) / 10,
      profit: -8,
      reason: 'stop-loss',
    })
  })

  test('a rung that the open has passed fills; stop and next rung inside that bar are undecided again', () => {
    const run: Run = { bars: [QUIET, QUIET, [101.5, 103, 98, 99]], says: 'L..', risk: LADDER }
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 10, 100],
      ['target', 2, -1, 4, 101],
      ['stop', 2, -1, 6, 98],
    ])
    expect(play(run).trades[0]?.undecided).toBe(true)
  })

  test('the volume lets 4 of 10 in, 4 more one bar later, and no more', () => {
    const run: Run = {
      bars: [QUIET, QUIET, QUIET, QUIET],
      says: 'L...',
      costs: { participation: 0.5 },
      volume: [8, 8, 8, 8],
    }
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 4, 100],
      ['entry', 2, 1, 4, 100],
    ])
  })

  test('a stop sells what the volume allows at its price, and the rest at the following opens', () => {
    const run: Run = {
      bars: [QUIET, QUIET, QUIET, [100, 100, 97, 97], [96, 96, 96, 96]],
      says: 'L....',
      costs: { participation: 1 },
      // Means before each bar: 20, 10, 20/3, 5
      volume: [20, 0, 0, 0, 0],
    }
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 10, 100],
      ['stop', 3, -1, 20 / 3, 98],
      ['exit', 4, -1, 10 - 20 / 3, 96],
    ])
    expect(play(run).trades[0]?.reason).toBe('stop-loss')
  })

  test('ten times leverage: the stop behind the liquidation level never acts', () => {
    const instrument: Partial<Instrument> = {
      margin: { tiers: [{ fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 10 }], liquidationFee: 0.005 },
    }
    const risk: Partial<RiskSettings> = { leverage: 10, stop: { kind: 'percent', fraction: 0.2 } }
    // 200 / 20 at risk, at most 10 of them; level (100 − 10) / 0.99 = 90.909…
    const run: Run = { bars: [QUIET, [100, 101, 90.5, 95]], says: 'L.', risk, instrument }
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 10, 100],
      ['liquidation', 1, -1, 10, 90],
    ])
    expect(play(run).trades[0]).toMatchObject({ fees: 0.005 * 900, profit: -100 - 4.5 })
    expect(fillsOf({ ...run, bars: [QUIET, [100, 101, 91, 95]] })).toHaveLength(1)
  })

  test('a tier that does not allow the leverage cuts the size', () => {
    const instrument: Partial<Instrument> = {
      margin: {
        tiers: [
          { fromNotional: 0, maintenanceRate: 0.01, maxLeverage: 10 },
          { fromNotional: 700, maintenanceRate: 0.02, maxLeverage: 5 },
        ],
        liquidationFee: 0,
      },
    }
    const run: Run = { bars: [QUIET, QUIET], says: 'L.', risk: { leverage: 10 }, instrument }
    expect(fillsOf(run)).toEqual([['entry', 1, 1, 7, 100]])
  })

  test('a delisted instrument is closed at its last close, and enters nothing there', () => {
    const hour = 3_600_000
    const start = Date.UTC(2024, 0, 1)
    const run: Run = {
      bars: [QUIET, [100, 101, 99, 101], QUIET, QUIET],
      says: 'LS..',
      instrument: { delistedAt: start + 2 * hour },
      risk: { reversal: true },
    }
    // The bars after it are not replayed, so the run ends with it.
    expect(fillsOf(run)).toEqual([
      ['entry', 1, 1, 10, 100],
      ['exit', 1, -1, 10, 101],
    ])
    expect(play(run).trades[0]?.reason).toBe('delisted')
  })

  test('terms are those of the bar’s open for fills, and of the close for decisions', () => {
    const hour = 3_600_000
    const start = Date.UTC(2024, 0, 1)
    const run: Run = {
      bars: [QUIET, QUIET, QUIET],
      says: 'Ll.',
      instrument: { takerFee: 0.001, changes: [{ from: start + 2 * hour, takerFee: 0.002 }] },
    }
    expect(play(run).fills.map(({ fee }) => fee)).toEqual([1, 2])
  })
})
