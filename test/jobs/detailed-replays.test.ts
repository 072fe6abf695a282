import { describe, expect, it } from 'vitest'
import type { Candles } from '../../src/core/columns.js'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import type { ReplayOptions } from '../../src/engine/options.js'
import { DetailedReplays } from '../../src/jobs/detailed-replays.js'
import { stopEntry } from '../../src/risk/settings.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from '../engine/scripted.js'

const START = Date.UTC(2024, 0, 1)
const HALF = 30 * MINUTE_MS
type Ohlc = readonly [number, number, number, number]

const FLAT: Ohlc = [100, 100, 100, 100]
const QUIET: Ohlc = [101, 102.5, 101, 102]
/** Meets a stop entry at 102 and its stop at 100. */
const ENTERS: Ohlc = [101, 103, 99.5, 102]
/** Meets the stop at 100 and the target of 106. */
const BOTH: Ohlc = [102, 107, 99, 102]
const RISK = { riskPerTrade: 0.002, maxPosition: 0.5, entry: stopEntry(0.02) }

/** Decided at bar 0; entered, and asked about, in bar 1; both levels in bar 3. */
const BARS = [FLAT, ENTERS, QUIET, BOTH, QUIET]
const DOWN_THEN_UP: readonly Ohlc[] = [
  [101, 101, 99.5, 100],
  [100.5, 103, 100.5, 102],
]
const TARGET_THEN_STOP: readonly Ohlc[] = [
  [102, 107, 102, 105],
  [105, 105, 99, 102],
]

function halves(rows: ReadonlyMap<number, readonly Ohlc[]>): Candles {
  const bars = [...rows].sort(([one], [other]) => one - other)
  const all = bars.flatMap(([bar, parts]) => parts.map((row, at) => ({ row, time: START + bar * HOUR_MS + at * HALF }))) // prettier-ignore
  const candles = candlesOf(all.map(({ row }) => row), START, HALF) // prettier-ignore
  return { ...candles, openTime: Float64Array.from(all, ({ time }) => time) }
}

function optionsOf(bars: readonly Ohlc[] = BARS, says = 'L....', instruments = 1): ReplayOptions {
  const all = Array.from({ length: instruments }, () => candlesOf(bars, START))
  return {
    strategy: scriptedStrategy(new Map(all.map((candles) => [candles, { says }])), RISK),
    instruments: all.map((candles, at) => dataOf(candles, instrumentOf({ id: `test:${'AB'[at]}`, tickSize: 0.5 }))), // prettier-ignore
    startTime: START,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 0 },
    policies: { endOfData: 'leave-open' },
  }
}

/** Finer candles of a store that holds these, and every question that was put to it: hours after the start. */
function storeOf(rows: ReadonlyMap<number, readonly Ohlc[]> | undefined): {
  readonly replays: DetailedReplays
  readonly reads: (readonly number[])[]
} {
  const reads: (readonly number[])[] = []
  const replays = new DetailedReplays(HALF, (instrument, openTimes) => {
    const bars = openTimes.map((time) => (time - START) / HOUR_MS)
    reads.push([instrument, ...bars])
    if (rows === undefined) return Promise.resolve(undefined)
    return Promise.resolve(halves(new Map([...rows].filter(([bar]) => bars.includes(bar)))))
  })
  return { replays, reads }
}

describe('replays with finer candles', () => {
  it('ask again where an answer moved what came after, and read only bars that are asked about', async () => {
    const rows = new Map([
      [1, DOWN_THEN_UP],
      [2, TARGET_THEN_STOP],
      [3, TARGET_THEN_STOP],
    ])
    const { replays, reads } = storeOf(rows)
    const result = await replays.play(optionsOf())
    expect(reads).toEqual([
      [0, 1],
      [0, 1, 3],
    ])
    expect(result.trades.map(({ exitReason, exitBar, undecided }) => [exitReason, exitBar, undecided])).toEqual([['take-profit', 3, false]]) // prettier-ignore
    expect(replays.useOf(result)).toEqual({ timeframeMs: HALF, asked: 2, found: 2, decided: 2 })
  })

  it('tell bars that were found from those that they decided', async () => {
    const rows = new Map([
      [1, DOWN_THEN_UP],
      [3, [BOTH, QUIET]],
    ])
    const { replays } = storeOf(rows)
    const result = await replays.play(optionsOf())
    expect(result.trades.map(({ exitReason, undecided }) => [exitReason, undecided])).toEqual([
      ['stop-loss', true],
    ])
    expect(replays.useOf(result)).toMatchObject({ asked: 2, found: 2, decided: 1 })
  })

  it('leave everything to the policy where nothing is stored, after one replay', async () => {
    for (const rows of [undefined, new Map<number, readonly Ohlc[]>()]) {
      const { replays, reads } = storeOf(rows)
      const result = await replays.play(optionsOf())
      expect(reads).toEqual([[0, 1]])
      expect(result.trades.map(({ exitBar, undecided }) => [exitBar, undecided])).toEqual([[1, true]])
      expect(replays.useOf(result)).toMatchObject({ asked: 1, found: 0, decided: 0 })
    }
  })

  it('read nothing without a question', async () => {
    const { replays, reads } = storeOf(new Map())
    await replays.play(optionsOf([FLAT, QUIET, QUIET, QUIET, QUIET]))
    expect(reads).toEqual([])
  })

  it('remember for the next replay, of other settings, what they have read', async () => {
    const { replays, reads } = storeOf(
      new Map([
        [1, DOWN_THEN_UP],
        [3, TARGET_THEN_STOP],
      ]),
    )
    const options = optionsOf(BARS, 'L....', 2)
    const first = await replays.play({ ...options, strategy: { ...options.strategy } })
    expect(reads).toEqual([
      [0, 1],
      [1, 1],
      [0, 1, 3],
      [1, 1, 3],
    ])
    const again = await replays.play({ ...options, costs: { slippageBps: 0.001 } })
    expect(reads).toHaveLength(4)
    expect(again.trades).toHaveLength(first.trades.length)
  })
})
