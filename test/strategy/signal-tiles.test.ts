import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnReader, SignalTile } from '../../src/core/signal-tile.js'
import { type Runs, RUNS_END } from '../../src/core/signals.js'
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.js'
import { CheckError, DataError } from '../../src/index.js'
import * as b from '../../src/index.js'
import { columnTiles } from '../../src/strategy/column-tiles.js'
import type { StrategyInputs, StrategyTiles } from '../../src/strategy/compiled.js'
import { type CompiledDefinition, compileStrategy, signalTiles } from '../../src/strategy/compile.js'
import type { ScannerKind } from '../../src/strategy/scanner.js'
import { roughCandles, walk } from '../features/candles.js'
import { smartMoneyFacts } from './helpers.js'
import { randomFacts, randomStrategy } from './random-strategies.js'
import { expectSame } from '../same.js'

const RUNS = ['enterLong', 'exitLong', 'enterShort', 'exitShort', 'longOff', 'shortOff', 'usable'] as const
const READERS = ['score', 'coverage', 'rearmKey', 'atr'] as const

/** All that tiles say of one trial, put together again. */
interface Said {
  readonly runs: Record<string, number[]>
  readonly values: Record<string, number[]>
}

/** Which tiles, and which trials are asked in which of them. */
interface Tiling {
  readonly sizes: readonly number[]
  readonly backwards: boolean
  readonly scanner?: ScannerKind
}

function saidByTiles(
  strategies: readonly CompiledDefinition[],
  inputs: StrategyInputs,
  { sizes, backwards, ...options }: Tiling,
  tiles: StrategyTiles = signalTiles(strategies, inputs, options),
): Said[] {
  const said = strategies.map((): Said => ({ runs: {}, values: {} }))
  const order = [...strategies.keys()]
  if (backwards) order.reverse()
  const bars = inputs.candles.close.length
  for (let from = 0, turn = 0; from < bars; turn++) {
    const to = Math.min(bars, from + (sizes[turn % sizes.length] ?? bars))
    tiles.load(from, to)
    // A tile stays valid while other trials are asked: all are read only once all are there.
    const asked = order.map((trial) => [trial, tiles.tile(trial)] as const)
    for (const [trial, tile] of asked) {
      expect([tile.from, tile.to]).toEqual([from, to])
      note(said[trial]!, tile, tiles.features(trial))
    }
    from = to
  }
  return said
}

function note(
  { runs, values }: Said,
  tile: SignalTile,
  features: Readonly<Record<string, ColumnReader>>,
): void {
  for (const name of RUNS) append((runs[name] ??= []), tile[name], tile.from, tile.to)
  const readers = Object.fromEntries(READERS.map((name) => [name, tile[name]]))
  const named = Object.fromEntries(
    Object.entries(features).map(([name, reader]) => [`feature ${name}`, reader]),
  )
  for (const [name, reader] of Object.entries({ ...readers, ...named })) {
    if (reader === undefined) continue
    const column = (values[name] ??= [])
    for (let bar = tile.from; bar < tile.to; bar++) column.push(reader.at(bar))
    expectFirstAbove(reader, tile, column.slice(tile.from - tile.to))
  }
}

/** Looks for the first bar above a few thresholds, from a few bars on, and compares with looking at each. */
function expectFirstAbove(reader: ColumnReader, { from, to }: SignalTile, values: readonly number[]): void {
  if (reader.firstAbove === undefined) return
  for (const threshold of [-Infinity, 0, 0.5, values[0]!]) {
    for (const start of [from, Math.floor((from + to) / 2), to - 1, to]) {
      const found = values.findIndex((value, index) => from + index >= start && value > threshold)
      expect(reader.firstAbove(start, to, threshold)).toBe(found < 0 ? to : from + found)
    }
  }
}

/** Adds a tile's runs; one that goes on over the edge of two tiles is one. */
function append(list: number[], runs: Runs, from: number, to: number): void {
  let last = from
  for (let i = 0; runs[i] !== RUNS_END; i += 2) {
    const [start, end] = [runs[i]!, runs[i + 1]!]
    if (!(start >= last && end > start && end <= to))
      throw new Error(`runs [${start}, ${end}) in [${from}, ${to})`)
    last = end
    if (list.at(-1) === start) list[list.length - 1] = end
    else list.push(start, end)
  }
}

function saidByColumns(compiled: CompiledDefinition, inputs: StrategyInputs): Said {
  const { signal, features } = compiled.columns(inputs)
  const bars = inputs.candles.close.length
  const usable: number[] = []
  for (let bar = signal.warmUpBars; bar < bars; bar++) {
    if (Number.isNaN(signal.score?.[bar] ?? 0)) continue
    if (usable.at(-1) === bar) usable[usable.length - 1] = bar + 1
    else usable.push(bar, bar + 1)
  }
  const runs = Object.fromEntries(
    RUNS.map((name) => [name, name === 'usable' ? usable : Array.from(signal[name]).slice(0, -2)]),
  )
  const values: Record<string, number[]> = {}
  for (const name of READERS) if (signal[name] !== undefined) values[name] = Array.from(signal[name])
  for (const [name, column] of Object.entries(features)) values[`feature ${name}`] = Array.from(column)
  return { runs, values }
}

function expectSameTiles(
  trials: readonly CompiledDefinition[],
  inputs: StrategyInputs,
  tilings: readonly Tiling[],
): void {
  const whole = trials.map((trial) => saidByColumns(trial, inputs))
  const columns = trials.map((trial) => trial.columns(inputs))
  for (const tiles of tilings) {
    const cut = columnTiles(columns, inputs.candles.close.length)
    saidByTiles(trials, inputs, tiles, cut).forEach((said, index) => expectSame(said, whole[index]!))
    expectTiles(trials, saidByTiles(trials, inputs, tiles), whole)
  }
}

function expectTiles(
  trials: readonly CompiledDefinition[],
  byTiles: ReturnType<typeof saidByTiles>,
  whole: readonly ReturnType<typeof saidByColumns>[],
): void {
  trials.forEach((trial, index) => {
    const { runs, values } = byTiles[index]!
    const expected = { ...whole[index]!, values: { ...whole[index]!.values } }
    // Tiles leave out named features that no signal reads.
    if (trial.bound.form.kind === 'rules' || trial.bound.form.kind === 'score') {
      for (const name of Object.keys(expected.values))
        if (name.startsWith('feature ') && !(name in values)) delete expected.values[name]
    }
    expectSame({ runs, values }, expected)
  })
}

const tiling = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
  backwards: fc.boolean(),
  scanner: fc.constantFrom<ScannerKind>('simd', 'plain'),
})

describe('tiles say what whole columns say, bit for bit, whatever their sizes', () => {
  const folder = new URL('../../strategies/', import.meta.url)
  const bars = 700
  const candles = walk(bars, 4)
  const start = candles.openTime[0]!
  const inputs = { candles, facts: smartMoneyFacts(start, start + bars * HOUR_MS, 4) }

  it.each(readdirSync(folder).filter((file) => file.endsWith('.ts')))(
    '%s, all its presets together',
    async (file) => {
      const { default: strategy } = (await import(new URL(file, folder).href)) as { default: b.Strategy }
      const trials = Object.keys(strategy.presets).map((preset) => {
        const shorter = preset === 'relative' ? { rankDays: 6, rankKnownDays: 2 } : {}
        return compileStrategy(strategy, shorter, preset)
      })
      const tilings = [[], [1], [64, 1, 200], [699, 1], [350]]
      expectSameTiles(
        trials,
        inputs,
        tilings.map((sizes) => ({ sizes, backwards: sizes.length === 3 })),
      )
    },
  )

  it('random strategies of all forms, several on one instrument', () => {
    fc.assert(
      fc.property(
        fc.array(randomStrategy, { minLength: 1, maxLength: 4 }), roughCandles(), randomFacts, tiling, fc.boolean(),
        (drawn, candles, s, tiles, again) => {
          // The same strategy twice shares everything; that must not show.
          const trials = [...drawn, ...(again ? drawn : [])].map((strategy) => compileStrategy(strategy))
          const inputs = { candles, facts: { s } }
          expectSameTiles(trials, inputs, [tiles])
        },
      ),
      { numRuns: 300 },
    ) // prettier-ignore
  })
})

describe('tiles', () => {
  const smaCross = b.defineStrategy({
    name: 'cross', description: '', params: { fast: b.int(2, 3, 50), slow: b.int(3, 9, 90) },
    features: (p) => ({ fast: b.sma(b.close, p.fast), slow: b.sma(b.close, p.slow) }),
    enterLong: (f) => b.crossesAbove(f.fast, f.slow),
    exitLong: (f) => b.crossesBelow(f.fast, f.slow),
  }) // prettier-ignore
  const inputs = { candles: walk(60, 2, MINUTE_MS), facts: {} }

  it('follow one another without a gap', () => {
    const tiles = signalTiles([compileStrategy(smaCross)], inputs)
    tiles.load(0, 20)
    expect(() => tiles.load(21, 30)).toThrow(RangeError)
    expect(() => tiles.load(20, 61)).toThrow(RangeError)
    tiles.load(20, 60)
    expect(() => tiles.tile(1)).toThrow(/no trial 1/)
  })

  it('say which scanner finds their runs', () => {
    const one = [compileStrategy(smaCross)]
    expect(signalTiles(one, inputs).scanner).toBe('simd')
    expect(signalTiles(one, inputs, { scanner: 'plain' }).scanner).toBe('plain')
    expect(one[0]!.tiles!(inputs).scanner).toBe('simd')
  })

  it('have the warm-up of each trial', () => {
    const tiles = signalTiles(
      [3, 9, 30].map((slow) => compileStrategy(smaCross, { slow })),
      inputs,
    )
    expect([0, 1, 2].map((trial) => tiles.warmUpBars(trial))).toEqual([2, 8, 29])
    tiles.load(0, 25)
    expect([0, 1, 2].map((trial) => Array.from(tiles.tile(trial).usable.slice(0, 2)))).toEqual([
      [2, 25],
      [8, 25],
      [RUNS_END, RUNS_END],
    ])
  })

  it.each(['simd', 'plain'] as const)('say the same in the memory of others, which are then asked no more (%s)', (scanner) => {
    const tiling = { sizes: [20, 7], backwards: false }
    const trials = (...slow: number[]): CompiledDefinition[] => slow.map((bars) => compileStrategy(smaCross, { slow: bars }))
    const [many, few] = [trials(9, 12, 30, 40), trials(5, 30)]
    let before = signalTiles(few, inputs, { scanner })
    for (const next of [many, few, many]) {
      const tiles = signalTiles(next, inputs, { scanner, after: before.giveUp() })
      expect(() => before.load(0, 20)).toThrow(/given up/)
      expect(() => before.tile(0)).toThrow(RangeError)
      expect(saidByTiles(next, inputs, tiling, tiles)).toEqual(saidByTiles(next, inputs, tiling))
      before = tiles
    }
    const other = signalTiles(few, inputs, { scanner: scanner === 'simd' ? 'plain' : 'simd', after: before.giveUp() })
    expect(other.scanner).not.toBe(scanner)
  }) // prettier-ignore

  it('need no candle, and no fact', () => {
    const empty = { candles: walk(0), facts: {} }
    const tiles = signalTiles([compileStrategy(smaCross)], empty)
    tiles.load(0, 0)
    expect(tiles.tile(0).enterLong[0]).toBe(RUNS_END)
  })

  it('name the bar on which a score is none, and the field that a series lacks', () => {
    const tooHigh = b.defineStrategy({
      name: 'too-high', description: '', params: {}, features: () => ({ close: b.close }),
      signal: ({ close }) => (close > 100 ? 1.5 : 0.5),
    }) // prettier-ignore
    const failing = compileStrategy(tooHigh)
    const tiles = signalTiles([failing], inputs)
    const ask = (): void => {
      for (let from = 0; from < 60; from += 7) {
        tiles.load(from, Math.min(60, from + 7))
        tiles.tile(0)
      }
    }
    const messageOf = (work: () => void): string => {
      try {
        work()
      } catch (error) {
        expect(error).toBeInstanceOf(CheckError)
        return (error as Error).message
      }
      throw new Error('nothing was thrown')
    }
    expect(messageOf(ask)).toBe(messageOf(() => failing.columns(inputs)))

    const lacking = b.defineStrategy({
      name: 'lacking', description: '', params: {}, features: () => ({ x: b.fact('s', 'y') }),
      enterLong: (f) => b.above(f.x, 0),
    }) // prettier-ignore
    const none = new Float64Array(0)
    const s = { eventTime: none, knownAt: none, values: { x: none } }
    expect(() => signalTiles([compileStrategy(lacking)], { ...inputs, facts: { s } })).toThrow(DataError)
  })
})
