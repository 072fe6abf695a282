import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import { type Runs, RUNS_END, type SignalRow } from '../core/signals.js'
import { columnTiles } from './column-tiles.js'
import type { CompiledStrategy, SignalStream, StrategyColumns, StrategyTiles } from './compiled.js'

/**
 * The same strategy, heard one bar late: at each close it says what it knew at the close before, so that every decision acts one bar later.
 * Score, coverage, range and features come late with it; the position that a `decide` sees is the one of now.
 */
export function delayed(strategy: CompiledStrategy): CompiledStrategy {
  const { name, params, risk, policies, factsRead, decide } = strategy
  return {
    name,
    params,
    risk,
    policies,
    factsRead,
    decide,
    columns: (inputs) => lateColumns(strategy.columns(inputs), inputs.candles.close.length),
    tiles: (inputs) =>
      new LateTiles(
        strategy.tiles?.(inputs) ?? columnTiles([strategy.columns(inputs)], inputs.candles.close.length),
      ),
    stream: (timeframeMs) => lateStream(strategy.stream(timeframeMs)),
  }
}

/** Every run one bar later, none beyond `end`. */
function lateRuns(runs: Runs, end: number): Runs {
  const late: number[] = []
  for (let at = 0; runs[at] !== RUNS_END && (runs[at] as number) + 1 < end; at += 2)
    late.push((runs[at] as number) + 1, Math.min((runs[at + 1] as number) + 1, end))
  return Int32Array.from([...late, RUNS_END, RUNS_END])
}

function lateColumn(column: Float64Array): Float64Array {
  const late = new Float64Array(column.length).fill(NaN)
  late.set(column.subarray(0, Math.max(0, column.length - 1)), Math.min(1, column.length))
  return late
}

function lateColumns({ signal, features }: StrategyColumns, bars: number): StrategyColumns {
  const late = (column: Float64Array | undefined): Float64Array | undefined => column && lateColumn(column)
  return {
    signal: {
      enterLong: lateRuns(signal.enterLong, bars),
      exitLong: lateRuns(signal.exitLong, bars),
      enterShort: lateRuns(signal.enterShort, bars),
      exitShort: lateRuns(signal.exitShort, bars),
      longOff: lateRuns(signal.longOff, bars),
      shortOff: lateRuns(signal.shortOff, bars),
      score: late(signal.score),
      coverage: late(signal.coverage),
      rearmKey: late(signal.rearmKey),
      atr: late(signal.atr),
      warmUpBars: signal.warmUpBars + 1,
    },
    features: Object.fromEntries(
      Object.entries(features).map(([name, column]) => [name, lateColumn(column)]),
    ),
  }
}

class LateReader implements ColumnReader {
  constructor(private readonly reader: ColumnReader) {}

  at(bar: number): number {
    return bar === 0 ? Number.NaN : this.reader.at(bar - 1)
  }
}

/** Tiles whose inner ones end one bar earlier, so that all a bar asks of lies in the inner tile that is loaded. */
class LateTiles implements StrategyTiles {
  readonly trials: number
  readonly scanner: StrategyTiles['scanner']
  private from = 0
  private to = 0

  constructor(private readonly tiles: StrategyTiles) {
    this.trials = tiles.trials
    this.scanner = tiles.scanner
  }

  load(from: number, to: number): void {
    this.from = from
    this.to = to
    this.tiles.load(Math.max(0, from - 1), Math.max(0, to - 1))
  }

  tile(trial: number): SignalTile {
    const tile = this.tiles.tile(trial)
    const runs = (of: Runs): Runs => lateRuns(of, this.to)
    return {
      from: this.from,
      to: this.to,
      enterLong: runs(tile.enterLong),
      exitLong: runs(tile.exitLong),
      enterShort: runs(tile.enterShort),
      exitShort: runs(tile.exitShort),
      longOff: runs(tile.longOff),
      shortOff: runs(tile.shortOff),
      usable: runs(tile.usable),
      score: lateReader(tile.score),
      coverage: lateReader(tile.coverage),
      rearmKey: lateReader(tile.rearmKey),
      atr: lateReader(tile.atr),
    }
  }

  warmUpBars(trial: number): number {
    return this.tiles.warmUpBars(trial) + 1
  }

  features(trial: number): Readonly<Record<string, ColumnReader>> {
    return Object.fromEntries(
      Object.entries(this.tiles.features(trial)).map(([name, reader]) => [name, new LateReader(reader)]),
    )
  }
}

function lateReader(reader: ColumnReader | undefined): ColumnReader | undefined {
  return reader && new LateReader(reader)
}

const NOTHING_YET: SignalRow = { bits: 0, score: NaN, coverage: NaN, rearmKey: NaN, atr: NaN }

function lateStream(stream: SignalStream): SignalStream {
  let before: ReturnType<SignalStream['next']> | undefined
  let wasUsable = false
  let usable = false
  return {
    get usable() {
      return usable
    },
    learn: (fact) => stream.learn(fact),
    next(bar) {
      const said = before
      before = stream.next(bar)
      usable = wasUsable
      wasUsable = stream.usable
      if (said !== undefined) return said
      const names = Object.keys(before.features)
      return { signal: NOTHING_YET, features: Object.fromEntries(names.map((name) => [name, NaN])) }
    },
  }
}
