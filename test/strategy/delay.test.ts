import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SignalTile } from '../../src/core/signal-tile.js'
import { type Runs, RUNS_END } from '../../src/core/signals.js'
import { columnTiles } from '../../src/strategy/column-tiles.js'
import type { CompiledStrategy, StrategyInputs, StrategyTiles } from '../../src/strategy/compiled.js'
import { compileStrategy } from '../../src/strategy/compile.js'
import { delayed } from '../../src/strategy/delay.js'
import { replay } from '../../src/engine/replay.js'
import { roughCandles, walk } from '../features/candles.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from '../engine/scripted.js'
import { columnRows, streamRows } from './helpers.js'
import { randomFacts, randomStrategy } from './random-strategies.js'

const RUNS = ['enterLong', 'exitLong', 'enterShort', 'exitShort', 'longOff', 'shortOff', 'usable'] as const
const READERS = ['score', 'coverage', 'rearmKey', 'atr'] as const

/** Everything that tiles say, by bar. */
function saidBy(tiles: StrategyTiles, bars: number, sizes: readonly number[]): Record<string, unknown[]> {
  const said: Record<string, unknown[]> = {}
  for (let from = 0, turn = 0; from < bars; turn++) {
    const to = Math.min(bars, from + (sizes[turn % sizes.length] ?? bars))
    tiles.load(from, to)
    const tile: SignalTile = tiles.tile(0)
    expect([tile.from, tile.to]).toEqual([from, to])
    const features = Object.entries(tiles.features(0))
    for (let bar = from; bar < to; bar++) {
      for (const name of RUNS) (said[name] ??= []).push(holds(tile[name], bar, from, to))
      for (const name of READERS) (said[name] ??= []).push(tile[name]?.at(bar) ?? NaN)
      for (const [name, reader] of features) (said[`feature ${name}`] ??= []).push(reader.at(bar))
    }
    from = to
  }
  return said
}

function holds(runs: Runs, bar: number, from: number, to: number): boolean {
  for (let at = 0; runs[at] !== RUNS_END; at += 2) {
    const [start, end] = [runs[at] as number, runs[at + 1] as number]
    if (!(start >= from && end > start && end <= to))
      throw new Error(`runs [${start}, ${end}) in [${from}, ${to})`)
    if (bar >= start && bar < end) return true
  }
  return false
}

function tilesOf(strategy: CompiledStrategy, inputs: StrategyInputs): StrategyTiles {
  return strategy.tiles?.(inputs) ?? columnTiles([strategy.columns(inputs)], inputs.candles.close.length)
}

/** One bar later, nothing before the first. */
function late(said: Record<string, unknown[]>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(said).map(([name, values]) => [
      name,
      [RUNS.includes(name as never) ? false : NaN, ...values.slice(0, -1)],
    ]),
  )
}

describe('a strategy that is heard one bar late', () => {
  it('says at each bar what the strategy said at the bar before, in columns, in tiles of any size, and bar by bar', () => {
    fc.assert(
      fc.property(
        randomStrategy,
        roughCandles(),
        randomFacts,
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
        (strategy, candles, s, sizes) => {
          const compiled = compileStrategy(strategy)
          const inputs = { candles, facts: { s } }
          const bars = candles.close.length
          expect(saidBy(tilesOf(delayed(compiled), inputs), bars, sizes)).toEqual(
            late(saidBy(tilesOf(compiled, inputs), bars, [])),
          )
          const rows = columnRows(delayed(compiled), inputs)
          expect(rows.slice(1)).toEqual(columnRows(compiled, inputs).slice(0, -1))
          expect(streamRows(delayed(compiled), inputs)).toEqual(rows)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('knows nothing at its first bar, nor anywhere without bars', () => {
    const candles = candlesOf([[100, 101, 99, 100]])
    const strategy = delayed(scriptedStrategy(new Map([[candles, { says: 'L' }]]), {}))
    const tiles = tilesOf(strategy, { candles, facts: {} })
    tiles.load(0, 1)
    expect([tiles.tile(0).enterLong[0], tiles.tile(0).usable[0]]).toEqual([RUNS_END, RUNS_END])
    expect(tiles.warmUpBars(0)).toBe(1)
    const none = walk(0)
    const empty = delayed(scriptedStrategy(new Map([[none, { says: '' }]]), {}))
    expect(empty.columns({ candles: none, facts: {} }).signal.enterLong[0]).toBe(RUNS_END)
  })

  it('fills one open later, on stops measured from what it had heard', () => {
    const rows = [100, 110, 120, 130, 140].map((price) => [price, price + 1, price - 1, price] as const)
    const candles = candlesOf(rows)
    const scripted = scriptedStrategy(new Map([[candles, { says: 'L..l.' }]]), {})
    const fills = (strategy: CompiledStrategy): (readonly [string, number])[] =>
      replay({
        strategy,
        instruments: [dataOf(candles, instrumentOf())],
        startTime: -Infinity,
        endTime: Infinity,
        startingBalance: 10_000,
        costs: { slippageBps: 0 },
        policies: { endOfData: 'leave-open' },
      }).fills.map(({ role, price }) => [role, price])
    // The target of the first lies at 114: met inside bar 2, whose open is beyond it.
    expect(fills(scripted)).toEqual([
      ['entry', 110],
      ['target', 114],
    ])
    expect(fills(delayed(scripted))[0]).toEqual(['entry', 120])
  })
})
