import type { Candles, FactColumns } from '../core/columns.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import { closeTimes } from '../features/plan.js'
import type { CompiledStrategy, StrategyColumns, StrategyInputs } from './compiled.js'

/**
 * - `fact-before-known`: the value changes when facts that were not yet known are taken away or altered;
 * - `future-bars`: it changes with later bars, a fixed number of them (a centred window, a negative lag);
 * - `whole-sample`: it changes with later bars however far away (scaling by a mean, a maximum, a rank of all bars).
 */
export type LookAheadKind = 'fact-before-known' | 'future-bars' | 'whole-sample'

export interface LookAhead {
  /** Name of the feature, or of the part of the signal such as `signal.enterLong`. */
  readonly column: string
  /** First bar whose value depends on what came later. */
  readonly bar: number
  readonly kind: LookAheadKind
  /** The bar after which something was changed: the value at `bar` saw beyond it. */
  readonly cut: number
}

/**
 * Looks for values that depend on what was known only later: computes all columns on the data, and again with everything after a
 * cut taken away, and with the bars after it reversed in time and facts after it altered. Earlier values must not change, bit for
 * bit. A pass proves it for these data and cuts, not for all. Answers the leak that shows earliest; undefined if none does.
 *
 * @param cuts bars to cut after; by default six spread over the data
 */
export function findLookAhead(
  compiled: Pick<CompiledStrategy, 'columns'>,
  inputs: StrategyInputs,
  cuts: readonly number[] = spreadCuts(inputs.candles.close.length),
): LookAhead | undefined {
  const whole = namedColumns(compiled.columns(inputs), inputs.candles.close.length)
  const found: LookAhead[] = []
  for (const cut of cuts) {
    const bars = cut + 1
    const differs = (changed: StrategyInputs): { column: string; bar: number } | undefined =>
      firstDifference(whole, namedColumns(compiled.columns(changed), changed.candles.close.length), bars)
    const byFacts =
      differs({ ...inputs, facts: factsUntil(inputs, cut) }) ??
      differs({ ...inputs, facts: alteredFacts(inputs, cut) })
    if (byFacts !== undefined) {
      found.push({ ...byFacts, kind: 'fact-before-known', cut })
      continue
    }
    const byBars =
      differs({ candles: sliceCandles(inputs.candles, bars), facts: factsUntil(inputs, cut) }) ??
      differs({ ...inputs, candles: reversedAfter(inputs.candles, bars) })
    if (byBars !== undefined) found.push({ ...byBars, kind: 'future-bars', cut })
  }
  return classified(found)
}

/** A leak of fixed reach moves with the cut; one that stays behind as the cut moves on reads the whole sample. */
function classified(found: readonly LookAhead[]): LookAhead | undefined {
  const facts = found.find(({ kind }) => kind === 'fact-before-known')
  if (facts !== undefined) return facts
  const first = found[0]
  const last = found.at(-1)
  if (first === undefined || last === undefined) return undefined
  const grows = last.cut - last.bar > (first.cut - first.bar) * 2 + 2
  return grows || (found.length === 1 && first.bar === 0) ? { ...first, kind: 'whole-sample' } : first
}

function spreadCuts(bars: number): number[] {
  const cuts = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95].map((share) => Math.floor(bars * share))
  return [...new Set(cuts)].filter((cut) => cut >= 0 && cut < bars - 1)
}

function namedColumns({ features, signal }: StrategyColumns, bars: number): Map<string, Float64Array> {
  const columns = new Map(Object.entries(features))
  for (const name of ['score', 'coverage', 'rearmKey', 'atr'] as const) {
    const column = signal[name]
    if (column !== undefined) columns.set(`signal.${name}`, column)
  }
  for (const name of ['enterLong', 'exitLong', 'enterShort', 'exitShort'] as const) {
    columns.set(`signal.${name}`, runsColumn(signal[name], bars))
  }
  return columns
}

function runsColumn(runs: Runs, bars: number): Float64Array {
  const column = new Float64Array(bars)
  for (let i = 0; runs[i] !== RUNS_END; i += 2) column.fill(1, runs[i], runs[i + 1])
  return column
}

/** The earliest bar before `bars` on which a column differs; of several columns, the first declared. */
function firstDifference(
  whole: ReadonlyMap<string, Float64Array>,
  changed: ReadonlyMap<string, Float64Array>,
  bars: number,
): { column: string; bar: number } | undefined {
  let first: { column: string; bar: number } | undefined
  for (const [column, values] of whole) {
    const others = changed.get(column)
    for (let bar = 0; bar < Math.min(bars, first?.bar ?? bars); bar++) {
      if (!Object.is(values[bar], others?.[bar])) first = { column, bar }
    }
  }
  return first
}

export function sliceCandles(candles: Candles, bars: number): Candles {
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  const cut = (column: Float64Array): Float64Array => column.slice(0, bars)
  return {
    timeframeMs,
    openTime: cut(openTime),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  }
}

/** The bars from `bars` on in reverse order, at the times of the original ones: prices and volumes are shuffled, the clock is not. */
function reversedAfter(candles: Candles, bars: number): Candles {
  const turn = (column: Float64Array): Float64Array => {
    const turned = column.slice()
    turned.set(column.slice(bars).reverse(), bars)
    return turned
  }
  const { open, high, low, close, volume } = candles
  return {
    ...candles,
    open: turn(open),
    high: turn(high),
    low: turn(low),
    close: turn(close),
    volume: turn(volume),
  }
}

/** The facts known by the close of bar `cut`. */
export function factsUntil({ candles, facts }: StrategyInputs, cut: number): Record<string, FactColumns> {
  const until = closeTimes(candles)[cut] as number
  return mapFacts(facts, ({ eventTime, knownAt, values }) => {
    const keep = (column: Float64Array): Float64Array =>
      column.filter((_, row) => (knownAt[row] as number) <= until)
    return { eventTime: keep(eventTime), knownAt: keep(knownAt), values: mapColumns(values, keep) }
  })
}

/** The same facts, with every value known later replaced by its negative plus one. */
function alteredFacts({ candles, facts }: StrategyInputs, cut: number): Record<string, FactColumns> {
  const until = closeTimes(candles)[cut] as number
  return mapFacts(facts, (series) => {
    const alter = (column: Float64Array): Float64Array =>
      column.map((value, row) => ((series.knownAt[row] as number) <= until ? value : 1 - value))
    return { ...series, values: mapColumns(series.values, alter) }
  })
}

function mapFacts(
  facts: Readonly<Record<string, FactColumns>>,
  change: (series: FactColumns) => FactColumns,
): Record<string, FactColumns> {
  return Object.fromEntries(Object.entries(facts).map(([name, series]) => [name, change(series)]))
}

function mapColumns(
  values: Readonly<Record<string, Float64Array>>,
  change: (column: Float64Array) => Float64Array,
): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(values).map(([field, column]) => [field, change(column)]))
}
