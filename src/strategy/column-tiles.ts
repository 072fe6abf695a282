import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import type { Runs, SignalColumns } from '../core/signals.js'
import type { StrategyColumns, StrategyTiles } from './compiled.js'
import { runsOf, slicedRuns } from './runs.js'

/** Whole columns, one set for each trial, in the shape of tiles: for strategies that know no other way. O(bars) once. */
export function columnTiles(trials: readonly StrategyColumns[], bars: number): StrategyTiles {
  let from = 0
  let to = 0
  const slices = trials.map((columns) => new Slice(columns, bars))
  const slice = (trial: number): Slice => {
    const found = slices[trial]
    if (found === undefined) throw new RangeError(`there is no trial ${trial}; there are ${trials.length}`)
    return found
  }
  return {
    trials: trials.length,
    scanner: undefined,
    load(nextFrom, nextTo) {
      if (nextFrom !== to || !(nextTo >= nextFrom) || nextTo > bars) {
        throw new RangeError(`a tile [${nextFrom}, ${nextTo}) cannot follow one that ended at ${to}`)
      }
      from = nextFrom
      to = nextTo
    },
    tile: (trial) => slice(trial).tile(from, to),
    warmUpBars: (trial) => slice(trial).signal.warmUpBars,
    features: (trial) => slice(trial).features,
  }
}

class Slice {
  readonly signal: SignalColumns
  readonly features: Readonly<Record<string, ColumnReader>>
  private readonly usable: Runs
  private readonly readers: Pick<SignalTile, 'score' | 'coverage' | 'rearmKey' | 'atr'>

  constructor({ signal, features }: StrategyColumns, bars: number) {
    const { score, coverage, rearmKey, atr, warmUpBars } = signal
    this.signal = signal
    this.usable = runsOf((bar) => bar >= warmUpBars && !Number.isNaN(score?.[bar] ?? 0), bars).runs
    this.readers = {
      score: reader(score),
      coverage: reader(coverage),
      rearmKey: reader(rearmKey),
      atr: reader(atr),
    }
    this.features = Object.fromEntries(
      Object.entries(features).map(([name, column]) => [name, reader(column) as ColumnReader]),
    )
  }

  tile(from: number, to: number): SignalTile {
    const { signal } = this
    const part = (runs: Runs): Runs => slicedRuns(runs, from, to)
    return {
      from,
      to,
      enterLong: part(signal.enterLong),
      exitLong: part(signal.exitLong),
      enterShort: part(signal.enterShort),
      exitShort: part(signal.exitShort),
      longOff: part(signal.longOff),
      shortOff: part(signal.shortOff),
      usable: part(this.usable),
      ...this.readers,
    }
  }
}

function reader(column: Float64Array | undefined): ColumnReader | undefined {
  return column && { at: (bar) => column[bar] as number }
}
