import type { Candles } from '../core/columns.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import type { CompiledStrategy, StrategyColumns, StrategyInputs } from './compiled.js'
import { slicedRuns } from './runs.js'

/** Bars `[from, to)` of one instrument that a signal is moved about on, as on a ring. */
export interface Ring {
  readonly from: number
  readonly to: number
}

/**
 * The same columns with all that the signal says moved on by `offset` bars, and from the end of the ring round to its beginning: entries and the exits that belong to
 * them, score, coverage and what re-arms. The distance of stops and the features stay where they are, as does everything outside the ring. Exits go along since an entry
 * at another time would else mostly meet one at once: it would be held for less long, and compare with nothing. O(runs, and bars where there is a score).
 */
export function shiftSignal(columns: StrategyColumns, ring: Ring, offset: number): StrategyColumns {
  const length = ring.to - ring.from
  if (length <= 0) return columns
  const by = ((offset % length) + length) % length
  const runs = (of: Runs): Runs => shiftedRuns(of, ring, by)
  const column = (of: Float64Array | undefined): Float64Array | undefined => of && shiftedColumn(of, ring, by)
  const { signal, features } = columns
  return {
    features,
    signal: {
      ...signal,
      enterLong: runs(signal.enterLong),
      exitLong: runs(signal.exitLong),
      enterShort: runs(signal.enterShort),
      exitShort: runs(signal.exitShort),
      longOff: runs(signal.longOff),
      shortOff: runs(signal.shortOff),
      score: column(signal.score),
      coverage: column(signal.coverage),
      rearmKey: column(signal.rearmKey),
    },
  }
}

function shiftedColumn(column: Float64Array, { from, to }: Ring, by: number): Float64Array {
  const shifted = column.slice()
  shifted.set(column.subarray(from, to - by), from + by)
  shifted.set(column.subarray(to - by, to), from)
  return shifted
}

function shiftedRuns(runs: Runs, { from, to }: Ring, by: number): Runs {
  const shifted: number[] = []
  append(shifted, slicedRuns(runs, 0, from), 0)
  append(shifted, slicedRuns(runs, to - by, to), from + by - to)
  append(shifted, slicedRuns(runs, from, to - by), by)
  append(shifted, slicedRuns(runs, to, RUNS_END), 0)
  return Int32Array.from([...shifted, RUNS_END, RUNS_END])
}

/** Runs that touch become one. */
function append(into: number[], runs: Runs, by: number): void {
  for (let at = 0; runs[at] !== RUNS_END; at += 2) {
    const start = (runs[at] as number) + by
    const end = (runs[at + 1] as number) + by
    if (into.length > 0 && into[into.length - 1] === start) into[into.length - 1] = end
    else into.push(start, end)
  }
}

/**
 * One strategy with its signal shifted by this or that: its columns are computed once for each instrument. Not for strategies that
 * decide by themselves, which have no entries in their columns.
 */
export class SignalShifts {
  private readonly computed = new Map<Candles, StrategyColumns>()

  /** @param range the run: nothing is shifted on bars that only warm up. UTC ms. */
  constructor(
    private readonly strategy: CompiledStrategy,
    private readonly range: { readonly startTime: number; readonly endTime: number },
  ) {}

  /** Shifted by `offset` bars. The ring begins with the first bar of the run that the strategy is warm on, and ends with its last. */
  by(offset: number): CompiledStrategy {
    const { name, params, risk, policies, factsRead, decide } = this.strategy
    return {
      name,
      params,
      risk,
      policies,
      factsRead,
      decide,
      columns: (inputs) => {
        const columns = this.columnsOf(inputs)
        return shiftSignal(columns, this.ringOf(inputs, columns.signal.warmUpBars), offset)
      },
      stream: () => {
        throw new Error('shifted signals are known from whole columns only')
      },
    }
  }

  private ringOf({ candles: { openTime, timeframeMs } }: StrategyInputs, warmUpBars: number): Ring {
    const { startTime, endTime } = this.range
    const first = openTime.findIndex((time) => time >= startTime)
    const last = openTime.findLastIndex((time) => time + timeframeMs <= endTime)
    return { from: first < 0 ? openTime.length : Math.max(warmUpBars, first), to: last + 1 }
  }

  private columnsOf(inputs: StrategyInputs): StrategyColumns {
    let columns = this.computed.get(inputs.candles)
    if (columns === undefined) this.computed.set(inputs.candles, (columns = this.strategy.columns(inputs)))
    return columns
  }
}
