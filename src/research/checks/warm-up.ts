import type { InstrumentData } from '../../engine/options.js'
import type { CompiledStrategy } from '../../strategy/compiled.js'
import { type CheckResult, checkResult } from './check-result.js'

/** How many bars of history a column needs before it no longer depends on where the data begin. */
export interface ColumnWarmUp {
  readonly instrument: string
  /** A feature, or `signal.score`, `signal.coverage`, `signal.atr`. */
  readonly column: string
  /** At most, bars up to and including the one that is decided on; undefined where it still changed with as many as there are. */
  readonly bars: number | undefined
}

export interface WarmUpFindings {
  /** Slowest first. */
  readonly columns: readonly ColumnWarmUp[]
  /** Largest change that counts as none, over the root mean square of the column. */
  readonly relativeSize: number
}

/** A change below 0.1 % of a column's usual size is none. */
export const WARM_UP_RELATIVE_SIZE = 0.001
const FEWEST_BARS = 64
/** Places in the data at which columns are looked at. */
const PROBES = [0.5, 0.75, 1] as const

/**
 * Begins the data later and later: the value of a column at some bars, from `bars` bars of history, against its value from all of them. The
 * bars needed are the fewest from which on every longer history gives the same within `relativeSize` at every bar looked at. Histories are looked at in steps of at most
 * a half, and of `history` bars, as many as the run has: so fine the answer is. Undefined for fewer than 64 bars. O(columns · bars).
 */
export function measureWarmUp(
  strategy: Pick<CompiledStrategy, 'columns'>,
  { instrument, candles, facts }: InstrumentData,
  history: number = 1,
  relativeSize: number = WARM_UP_RELATIVE_SIZE,
): WarmUpFindings | undefined {
  const length = candles.openTime.length
  if (length < FEWEST_BARS) return undefined
  const whole = smoothColumns(strategy.columns({ candles, facts }))
  const probes = PROBES.map((share) => Math.ceil(length * share) - 1)
  const histories = historyLengths(Math.min(...probes) + 1, history)
  const tolerance = new Map([...whole].map(([name, values]) => [name, relativeSize * rootMeanSquare(values)]))
  const needed = new Map<string, number | undefined>([...whole.keys()].map((name) => [name, undefined]))
  const settled = new Set(whole.keys())
  for (const bars of histories) {
    const differing = new Set<string>()
    for (const probe of probes) {
      const later = smoothColumns(
        strategy.columns({ candles: sliceBars(candles, probe + 1 - bars, probe + 1), facts }),
      )
      for (const name of settled) {
        const [value, other] = [whole.get(name)?.[probe] ?? NaN, later.get(name)?.[bars - 1] ?? NaN]
        if (!isSame(value, other, tolerance.get(name) as number)) differing.add(name)
      }
    }
    for (const name of differing) settled.delete(name)
    for (const name of settled) needed.set(name, bars)
    if (settled.size === 0) break
  }
  const columns = [...needed].map(([column, bars]) => ({ instrument: instrument.id, column, bars }))
  return { columns: columns.sort((a, b) => (b.bars ?? Infinity) - (a.bars ?? Infinity) || 0), relativeSize }
}

/**
 * Passed where no run decides before its columns have settled, or on no more than a tolerated share of its bars. `decidedBars[i]`: bars of instrument i up to its
 * first decided one.
 */
export function checkWarmUp(
  strategy: Pick<CompiledStrategy, 'columns'>,
  instruments: readonly InstrumentData[],
  decidedBars: readonly number[],
  toleratedShare: number = 0,
): CheckResult {
  const size = `${WARM_UP_RELATIVE_SIZE * 100} % of its usual size`
  let slowest: ColumnWarmUp | undefined
  let measured = 0
  let early = 0
  for (const [index, data] of instruments.entries()) {
    const history = decidedBars[index] as number
    const findings = measureWarmUp(strategy, data, history)
    if (findings === undefined) continue
    measured++
    const most = history + toleratedShare * (data.candles.openTime.length - history)
    const late = findings.columns.find(({ bars }) => bars === undefined || bars > most)
    if (late !== undefined) {
      const { bars, column, instrument } = late
      const said =
        bars === undefined
          ? `still depends on where the data begin with ${Math.ceil(data.candles.openTime.length / 2)} bars of history`
          : `needs up to ${barWords(bars)} before it changes by less than ${size} with an earlier start`
      return checkResult(
        'warm-up',
        'failed',
        `${column} of ${instrument} ${said}; the run decides after ${barWords(history)}: let its range begin later, or import earlier data`,
      )
    }
    const [first] = findings.columns
    early = Math.max(early, (first?.bars ?? 0) - history)
    if (first !== undefined && (first.bars ?? 0) > (slowest?.bars ?? -1)) slowest = first
  }
  if (measured === 0) return checkResult('warm-up', 'not run', `fewer than ${FEWEST_BARS} bars`)
  if (slowest === undefined) return checkResult('warm-up', 'not run', 'the strategy has no column of numbers')
  const least = Math.min(...decidedBars)
  return checkResult(
    'warm-up',
    'passed',
    `the slowest column, ${slowest.column} of ${slowest.instrument}, needs at most ${barWords(slowest.bars ?? NaN)} before it changes by less than ${size} with an earlier start; the run decides after ${barWords(least)}${early > 0 ? `, ${barWords(early)} too early, which is tolerated` : ''}`,
  )
}

function barWords(bars: number): string {
  return bars === 1 ? '1 bar' : `${bars} bars`
}

/** Columns that can come near a value; conditions, and the key that re-arms, are not among them. */
function smoothColumns({ features, signal }: ReturnType<CompiledStrategy['columns']>): Map<string, Float64Array> {
  const columns = new Map(Object.entries(features))
  for (const name of ['score', 'coverage', 'atr'] as const) {
    const column = signal[name]
    if (column !== undefined) columns.set(`signal.${name}`, column)
  }
  return columns
} // prettier-ignore

/** Longest first: the most there are, 3/4, 1/2, 3/8, … down to 1, and one that is asked for. */
function historyLengths(most: number, history: number): readonly number[] {
  const lengths = [Math.min(most, Math.max(1, history))]
  for (let bars = most; bars >= 1; bars /= 2) lengths.push(Math.floor(bars), Math.max(1, Math.floor(bars * 0.75)))
  return [...new Set(lengths)].sort((a, b) => b - a)
} // prettier-ignore

function sliceBars(candles: InstrumentData['candles'], from: number, to: number): InstrumentData['candles'] {
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  const cut = (column: Float64Array): Float64Array => column.slice(from, to)
  return { timeframeMs, openTime: cut(openTime), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) } // prettier-ignore
}

function rootMeanSquare(values: Float64Array): number {
  let [squares, count] = [0, 0]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    squares += value * value
    count++
  }
  return count === 0 ? 0 : Math.sqrt(squares / count)
}

function isSame(value: number, other: number, tolerance: number): boolean {
  return Object.is(value, other) || Math.abs(value - other) <= tolerance
}
