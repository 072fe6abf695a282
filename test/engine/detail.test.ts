import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { ConfigError, DataError } from '../../src/core/errors.js'
import type { BacktestResult } from '../../src/core/result.js'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { reachBefore, touchesAfterEntry } from '../../src/engine/detail.js'
import type { InstrumentData, ReplayOptions } from '../../src/engine/options.js'
import { replay } from '../../src/engine/replay.js'
import type { RiskSettings } from '../../src/risk/settings.js'
import { ladder, percentTarget, stopEntry } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from './scripted.js'

const START = Date.UTC(2024, 0, 1)
const QUARTER = 15 * MINUTE_MS

type Ohlc = readonly [number, number, number, number]

/** The quarters of one hour; `null` where there is none. */
function quartersOf(bar: number, quarters: readonly (Ohlc | null)[]): Candles {
  const from = START + bar * HOUR_MS
  const kept = quarters.flatMap((row, at) => (row === null ? [] : [{ row, time: from + at * QUARTER }]))
  const candles = candlesOf(
    kept.map(({ row }) => row),
    from,
    QUARTER,
  )
  return { ...candles, openTime: Float64Array.from(kept, ({ time }) => time) }
}

const FLAT: Ohlc = [100, 100, 100, 100]
const QUIET: Ohlc = [100, 101, 99, 100]
/** Meets a long's stop at 98, and its target of 104 by more than a tick. */
const BOTH: Ohlc = [100, 105, 97, 100]
const UP: Ohlc = [100, 105, 100, 101]
const DOWN: Ohlc = [100, 100, 97, 99]

describe('reachBefore', () => {
  const ask = (quarters: readonly (Ohlc | null)[], side: 1 | -1 = 1): readonly number[] => {
    const level = side > 0 ? 98 : 102
    const best = side > 0 ? 105 : 95
    const { before, open, through } = reachBefore(
      quartersOf(0, quarters),
      START,
      START + HOUR_MS,
      side,
      level,
      best,
    )
    return [before, open, through]
  }

  it('ends at the finer bar that touches the level', () => {
    expect(ask([QUIET, UP, DOWN, [99, 120, 99, 99]])).toEqual([105, 105, 105])
    expect(ask([DOWN, UP, QUIET, QUIET])).toEqual([-Infinity, 100, 100])
  })

  it('leaves open what that finer bar itself reached, but for its open', () => {
    expect(ask([QUIET, BOTH, QUIET, QUIET])).toEqual([101, 101, 105])
    expect(ask([QUIET, [104, 105, 97, 99], QUIET, QUIET])).toEqual([101, 104, 105])
  })

  it('counts nothing of a finer bar that opens at the level or beyond', () => {
    expect(ask([QUIET, [98, 110, 97, 100], QUIET, QUIET])).toEqual([101, 101, 101])
  })

  it('knows nothing after a gap, and nothing where no finer bar touches the level', () => {
    expect(ask([QUIET, null, DOWN, UP])).toEqual([101, 101, 105])
    expect(ask([null, UP, DOWN, QUIET])).toEqual([-Infinity, -Infinity, 105])
    expect(ask([QUIET, QUIET, QUIET, QUIET])).toEqual([101, 101, 105])
    expect(ask([])).toEqual([-Infinity, -Infinity, 105])
  })

  it('is the same upside down for a short', () => {
    expect(ask([QUIET, [100, 100, 95, 99], [99, 103, 99, 99], QUIET], -1)).toEqual([95, 95, 95])
    expect(ask([QUIET, [99, 103, 95, 100], QUIET, QUIET], -1)).toEqual([99, 99, 95])
    expect(ask([[102, 103, 90, 100]], -1)).toEqual([Infinity, Infinity, Infinity])
  })

  it('looks at no finer bar outside the bar', () => {
    const detail = quartersOf(0, [QUIET, QUIET, QUIET, QUIET, DOWN, UP])
    const reach = reachBefore(detail, START, START + HOUR_MS, 1, 98, 105)
    expect(reach).toEqual({ before: 101, open: 101, through: 105 })
  })
})

describe('touchesAfterEntry', () => {
  /** A stop entry at 102 with its stop at 99. */
  const ask = (quarters: readonly (Ohlc | null)[]): boolean | undefined =>
    touchesAfterEntry(quartersOf(0, quarters), START, START + HOUR_MS, 1, 102, 99)

  it('does not count what came before the finer bar of the fill', () => {
    expect(ask([[100, 100, 98, 100], [100, 103, 100, 103], [103, 103, 101, 101], QUIET.map(() => 101) as unknown as Ohlc])).toBe(false) // prettier-ignore
    expect(ask([QUIET, [100, 103, 100, 103], [101, 101, 99, 100], QUIET])).toBe(true)
  })

  it('leaves a finer bar open that meets both, unless a later one makes the answer the same', () => {
    const up: Ohlc = [103, 104, 103, 103]
    expect(ask([[100, 103, 98, 103], up, up, up])).toBeUndefined()
    expect(ask([[100, 103, 98, 103], up, up, [103, 103, 99, 100]])).toBe(true)
  })

  it('holds from the open of a finer bar that opens beyond the trigger', () => {
    expect(ask([[100, 101, 100, 101], [102, 103, 98, 100], QUIET, QUIET])).toBe(true)
  })

  it('knows nothing where a bar is missing before the touch, or none meets the trigger', () => {
    expect(ask([null, [100, 103, 100, 103], [101, 101, 99, 100], QUIET])).toBeUndefined()
    expect(ask([[100, 103, 100, 103], [101, 101, 99, 100], null, QUIET])).toBe(true)
    expect(ask([[100, 103, 100, 103], [103, 103, 100, 100], null, QUIET])).toBeUndefined()
    expect(ask([QUIET, QUIET, QUIET, QUIET])).toBeUndefined()
  })

  it('is the same upside down for a short', () => {
    const detail = quartersOf(0, [[100, 101, 97, 98], [98, 100, 98, 100], FLAT, FLAT])
    expect(touchesAfterEntry(detail, START, START + HOUR_MS, -1, 98, 101)).toBeUndefined()
    const later = quartersOf(0, [[100, 100, 97, 98], [98, 101, 98, 100], FLAT, FLAT])
    expect(touchesAfterEntry(later, START, START + HOUR_MS, -1, 98, 101)).toBe(true)
  })
})

interface Case {
  readonly bars: readonly Ohlc[]
  readonly says: string
  readonly detail: Candles | undefined
  readonly risk?: Partial<RiskSettings>
  readonly policies?: ReplayOptions['policies']
  readonly data?: Partial<InstrumentData>
}

/** The same by either path, or the test fails. */
function play({ bars, says, detail, risk, policies, data }: Case): BacktestResult {
  const candles = candlesOf(bars, START)
  const strategy = scriptedStrategy(new Map([[candles, { says }]]), { allowShort: true, ...risk })
  const instrument = {
    ...dataOf(candles, instrumentOf({ tickSize: 0.5 })),
    ...(detail && { detail }),
    ...data,
  }
  const options: ReplayOptions = {
    strategy,
    instruments: [instrument],
    startTime: START,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 0 },
    policies: { endOfData: 'leave-open', ...policies },
  }
  const skipping = replay(options)
  const byBar = replay({ ...options, path: 'bar-by-bar' })
  expect({ ...skipping, path: undefined }).toEqual({ ...byBar, path: undefined })
  return skipping
}

/** `target 10 @ 104 close 2`. */
function fillsOf({ fills }: BacktestResult): string[] {
  return fills.map(({ role, quantity, price, time }) => {
    const hours = (time - START) / HOUR_MS
    return `${role} ${Math.round(quantity * 1e6) / 1e6} @ ${price} at ${hours} h`
  })
}

const ENTRY = 'entry 10 @ 100 at 1 h'

describe('a bar that meets stop and target', () => {
  const held = (quarters: readonly (Ohlc | null)[] | undefined, more: Partial<Case> = {}): BacktestResult =>
    play({
      bars: [FLAT, QUIET, BOTH],
      says: 'L..',
      detail: quarters && quartersOf(2, quarters),
      ...more,
    })

  it('asks, and the policy answers, where there are no finer candles', () => {
    const result = held(undefined)
    expect(fillsOf(result)).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
    expect(result.questions).toEqual([{ instrument: 0, openTime: START + 2 * HOUR_MS, isAnswered: false }])
    expect(result.undecidedExits).toBe(1)
  })

  it('goes to the target that a finer bar met first, at the price and time of the bar', () => {
    const result = held([QUIET, UP, DOWN, QUIET])
    expect(fillsOf(result)).toEqual([ENTRY, 'target 10 @ 104 at 3 h'])
    expect(result.questions.map(({ isAnswered }) => isAnswered)).toEqual([true])
    expect(result.undecidedExits).toBe(0)
  })

  it('goes to the stop that a finer bar touched first, whatever the policy', () => {
    for (const undecided of ['pessimistic', 'optimistic'] as const) {
      const result = held([QUIET, DOWN, UP, QUIET], { policies: { undecided } })
      expect(fillsOf(result)).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
      expect(result.undecidedExits).toBe(0)
    }
  })

  it('stays undecided where one finer bar met both and its open does not decide', () => {
    const quarters = [QUIET, BOTH, QUIET, QUIET]
    expect(fillsOf(held(quarters))).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
    expect(fillsOf(held(quarters, { policies: { undecided: 'optimistic' } }))).toEqual([
      ENTRY,
      'target 10 @ 104 at 3 h',
    ])
    expect(held(quarters).undecidedExits).toBe(1)
    expect(held(quarters).questions.map(({ isAnswered }) => isAnswered)).toEqual([false])
  })

  it('lets the open of that finer bar decide, on either side', () => {
    const gapUp = held([QUIET, [104.5, 105, 97, 99], QUIET, QUIET])
    expect(fillsOf(gapUp)).toEqual([ENTRY, 'target 10 @ 104 at 3 h'])
    const gapDown = held([QUIET, [97, 105, 97, 99], QUIET, QUIET], { policies: { undecided: 'optimistic' } })
    expect(fillsOf(gapDown)).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
    expect([gapUp.undecidedExits, gapDown.undecidedExits]).toEqual([0, 0])
  })

  it('needs the target to trade through, as in a bar', () => {
    const result = held([[100, 104, 100, 101], DOWN, UP, QUIET])
    expect(fillsOf(result)).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
    expect(result.undecidedExits).toBe(0)
  })

  it('falls to the policy where finer bars are missing before the touch, and not where they are missing after it', () => {
    expect(held([QUIET, null, UP, DOWN]).undecidedExits).toBe(1)
    expect(fillsOf(held([QUIET, UP, null, null]))).toEqual([ENTRY, 'target 10 @ 104 at 3 h'])
    expect(held([QUIET, UP, null, null]).undecidedExits).toBe(0)
    expect(held([QUIET, DOWN, null, null]).undecidedExits).toBe(0)
  })

  it('does so under stop-first too: the stop wins where one finer bar met both', () => {
    const policies = { bothTouched: 'stop-first' } as const
    expect(fillsOf(held([QUIET, UP, DOWN, QUIET], { policies }))).toEqual([ENTRY, 'target 10 @ 104 at 3 h'])
    const gapUp = held([QUIET, [104.5, 105, 97, 99], QUIET, QUIET], { policies })
    expect(fillsOf(gapUp)).toEqual([ENTRY, 'stop 10 @ 98 at 3 h'])
    expect(gapUp.undecidedExits).toBe(0)
    const both = held([QUIET, BOTH, QUIET, QUIET], { policies: { ...policies, undecided: 'optimistic' } })
    expect([fillsOf(both)[1], both.undecidedExits]).toEqual(['stop 10 @ 98 at 3 h', 1])
  })

  it('counts from the open of the bar for a position that was entered there', () => {
    const result = play({
      bars: [FLAT, BOTH],
      says: 'L.',
      detail: quartersOf(1, [UP, DOWN, QUIET, QUIET]),
    })
    expect(fillsOf(result)).toEqual([ENTRY, 'target 10 @ 104 at 2 h'])
  })

  it('is the same upside down for a short', () => {
    const low: Ohlc = [100, 100, 95, 99]
    const high: Ohlc = [99, 103, 99, 100]
    const bars = [FLAT, QUIET, [100, 103, 95, 100]] as const
    const first = play({ bars, says: 'S..', detail: quartersOf(2, [low, high, QUIET, QUIET]) })
    expect(fillsOf(first)).toEqual([ENTRY, 'target 10 @ 96 at 3 h'])
    const second = play({ bars, says: 'S..', detail: quartersOf(2, [high, low, QUIET, QUIET]) })
    expect(fillsOf(second)).toEqual([ENTRY, 'stop 10 @ 102 at 3 h'])
  })
})

describe('a bar that meets the stop and rungs of a ladder', () => {
  const risk = {
    target: ladder({ at: percentTarget(0.02), share: 0.5 }, { at: percentTarget(0.04), share: 0.5 }),
  }
  const held = (
    quarters: readonly (Ohlc | null)[],
    undecided: 'pessimistic' | 'optimistic' = 'pessimistic',
  ): BacktestResult =>
    play({ bars: [FLAT, QUIET, BOTH], says: 'L..', detail: quartersOf(2, quarters), risk, policies: { undecided } }) // prettier-ignore

  it('fills the rungs met before the stop, and the stop takes what remains', () => {
    const result = held([QUIET, [100, 103, 100, 101], DOWN, UP])
    expect(fillsOf(result)).toEqual([ENTRY, 'target 5 @ 102 at 3 h', 'stop 5 @ 98 at 3 h'])
    expect(result.undecidedExits).toBe(0)
  })

  it('leaves the rung open that the stop’s own finer bar met', () => {
    const quarters: readonly Ohlc[] = [QUIET, [100, 103, 100, 101], BOTH, QUIET]
    const against = held(quarters)
    expect(fillsOf(against)).toEqual([ENTRY, 'target 5 @ 102 at 3 h', 'stop 5 @ 98 at 3 h'])
    expect(against.undecidedExits).toBe(1)
    const inFavour = held(quarters, 'optimistic')
    expect(fillsOf(inFavour)).toEqual([ENTRY, 'target 5 @ 102 at 3 h', 'target 5 @ 104 at 3 h'])
    expect(inFavour.undecidedExits).toBe(1)
  })

  it('decides a rung by finer bars that end after it, and leaves what follows to the policy', () => {
    const result = held([[100, 103, 100, 101], null, DOWN, UP])
    expect(fillsOf(result)).toEqual([ENTRY, 'target 5 @ 102 at 3 h', 'stop 5 @ 98 at 3 h'])
    expect(result.undecidedExits).toBe(1)
  })
})

describe('a stop entry whose own stop the entry bar meets', () => {
  /** Bought at 102, stop 100; the bar went down to 99.5 at some time. */
  const bar: Ohlc = [101, 103, 99.5, 102]
  const risk = { riskPerTrade: 0.002, maxPosition: 0.5, entry: stopEntry(0.02) }
  const entered = (
    quarters: readonly (Ohlc | null)[] | undefined,
    undecided: 'pessimistic' | 'optimistic' = 'pessimistic',
  ): BacktestResult =>
    play({
      bars: [FLAT, bar],
      says: 'L.',
      detail: quarters && quartersOf(1, quarters),
      risk,
      policies: { undecided },
    })
  const down: Ohlc = [101, 101, 99.5, 100.5]
  const up: Ohlc = [100.5, 103, 100.5, 102]
  const above: Ohlc = [102, 102.5, 101.5, 102]
  const BOUGHT = 'entry 10 @ 102 at 2 h'
  const STOPPED = 'stop 10 @ 100 at 2 h'

  it('asks, and the policy answers, where there are no finer candles', () => {
    expect(fillsOf(entered(undefined))).toEqual([BOUGHT, STOPPED])
    expect(fillsOf(entered(undefined, 'optimistic'))).toEqual([BOUGHT])
    for (const undecided of ['pessimistic', 'optimistic'] as const)
      expect(entered(undefined, undecided).questions).toEqual([
        { instrument: 0, openTime: START + HOUR_MS, isAnswered: false },
      ])
  })

  it('was touched before the entry: it stays', () => {
    const result = entered([down, up, above, above])
    expect(fillsOf(result)).toEqual([BOUGHT])
    expect(result.questions.map(({ isAnswered }) => isAnswered)).toEqual([true])
  })

  it('was touched after the entry: it is stopped, decided, whatever the policy', () => {
    for (const undecided of ['pessimistic', 'optimistic'] as const) {
      const result = entered([[101, 103, 101, 102], above, down, above], undecided)
      expect(fillsOf(result)).toEqual([BOUGHT, STOPPED])
      expect(result.undecidedExits).toBe(0)
    }
  })

  it('was touched in the finer bar of the fill: that stays undecided', () => {
    expect(entered([bar, above, above, above]).undecidedExits).toBe(1)
    expect(fillsOf(entered([bar, above, above, above], 'optimistic'))).toEqual([BOUGHT])
  })
})

describe('finer candles', () => {
  const base = { bars: [FLAT, QUIET, BOTH], says: 'L..' } as const

  it('tell nothing of a liquidation by mark prices, which are others', () => {
    const margin = {
      tiers: [{ fromNotional: 0, maintenanceRate: 0.001, maxLeverage: 100 }],
      liquidationFee: 0,
    }
    const marks = (low: number): Float64Array => Float64Array.from([100, 99, low])
    const mark = { open: Float64Array.from([100, 100, 100]), high: Float64Array.from([100, 101, 105]), low: marks(97) } // prettier-ignore
    const instrument = instrumentOf({ tickSize: 0.5, margin })
    const risk = { leverage: 60 }
    const detail = quartersOf(2, [UP, DOWN, QUIET, QUIET])
    const onMark = play({ ...base, detail, risk, data: { instrument, mark } })
    expect(onMark.questions.map(({ isAnswered }) => isAnswered)).toEqual([false])
    const onLast = play({ ...base, detail, risk, data: { instrument } })
    expect(onLast.trades.map(({ exitReason }) => exitReason)).toEqual(['take-profit'])
  })

  it('must divide the bars, and be sound', () => {
    const detail = quartersOf(2, [QUIET, UP, DOWN, QUIET])
    expect(() => play({ ...base, detail: { ...detail, timeframeMs: 7 * MINUTE_MS } })).toThrow(ConfigError)
    expect(() => play({ ...base, detail: { ...detail, timeframeMs: HOUR_MS } })).toThrow(ConfigError)
    expect(() => play({ ...base, detail: { ...detail, low: detail.high.map(() => NaN) } })).toThrow(DataError)
    expect(() => play({ ...base, detail: { ...detail, openTime: detail.openTime.slice().reverse() } })).toThrow(DataError) // prettier-ignore
  })
})
