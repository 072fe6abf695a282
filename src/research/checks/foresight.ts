import type { FactColumns } from '../../core/columns.js'
import type { InstrumentData } from '../../engine/options.js'
import { spearman } from '../../metrics/correlation.js'
import { barsUntil } from './changed-data.js'
import { type CheckResult, checkResult } from './check-result.js'
import type { NamedColumns } from './compare.js'

/** Rank correlation with what comes next that nothing honest reaches on a market: real signals of one bar have a few hundredths. */
const SUSPICIOUS = 0.5
const FEWEST_PAIRS = 50

/** How well a column or a field of a fact tells what comes after it was known. */
export interface Foresight {
  readonly instrument: string
  /** `score`, or `whales.longs`; with `change of` in front where its changes tell. */
  readonly what: string
  /** `the next bar`, or `the time until the next fact`. */
  readonly ahead: string
  /** Spearman's. */
  readonly correlation: number
  readonly pairs: number
}

/**
 * Looks for tables that hold the future in their values, which no cut of the data can show: the rank correlation (Spearman 1904) of each column with the
 * return of the next bar, and of each field of a fact, and its change, with the return from the close at which it was known to the next
 * one, and to the close at which the next fact was known. Failed at 0.5 and more either way over 50 pairs or more.
 */
export function checkForesight(
  instruments: readonly InstrumentData[],
  columns: readonly NamedColumns[],
): CheckResult {
  const all = instruments.flatMap((data, index) => [
    ...ofFacts(data),
    ...ofColumns(data, columns[index] as NamedColumns),
  ])
  const [strongest] = [...all].sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation))
  if (strongest === undefined)
    return checkResult('foresight', 'not run', `no column or fact has ${FEWEST_PAIRS} values that differ`)
  const { what, instrument, ahead, correlation, pairs } = strongest
  const found = `${what} of ${instrument} has a rank correlation of ${correlation.toFixed(2)} with the return of ${ahead} (${pairs} pairs)`
  return Math.abs(correlation) >= SUSPICIOUS
    ? checkResult('foresight', 'failed', `${found}: nothing honest tells so much; look at where its values and its known-at times come from`) // prettier-ignore
    : checkResult('foresight', 'passed', `the strongest of ${all.length}, ${found}; below ${SUSPICIOUS}`)
}

function ofColumns({ instrument, candles: { close } }: InstrumentData, columns: NamedColumns): Foresight[] {
  const nextBar = new Float64Array(Math.max(0, close.length - 1))
  for (let bar = 0; bar < nextBar.length; bar++) nextBar[bar] = close[bar + 1]! / close[bar]! - 1
  return [...columns].flatMap(([name, values]) => {
    return correlated(instrument.id, name, 'the next bar', values.subarray(0, nextBar.length), nextBar)
  })
}

function ofFacts({ instrument, candles, facts }: InstrumentData): Foresight[] {
  return Object.entries(facts).flatMap(([name, series]) => {
    const ahead = returnsAhead(candles, series)
    return Object.entries(series.values).flatMap(([field, values]) => {
      const change = values.map((value, row) => value - (values[row - 1] ?? NaN))
      const what = `${name}.${field}`
      return [
        correlated(instrument.id, what, 'the next bar', values, ahead.nextBar),
        correlated(instrument.id, `change of ${what}`, 'the next bar', change, ahead.nextBar),
        correlated(instrument.id, what, 'the time until the next fact', values, ahead.nextFact),
        correlated(instrument.id, `change of ${what}`, 'the time until the next fact', change, ahead.nextFact), // prettier-ignore
      ].flat()
    })
  })
}

/** By row: from the last close before the fact was known, or at it, to the next close, and to the close at which the next fact is known. */
function returnsAhead(
  candles: InstrumentData['candles'],
  { knownAt }: FactColumns,
): { readonly nextBar: Float64Array; readonly nextFact: Float64Array } {
  const { close } = candles
  const barAt = Array.from(knownAt, (time) => barsUntil(candles, time) - 1)
  const from = (row: number, to: number): number => {
    const bar = barAt[row] as number
    return bar < 0 || to <= bar || to >= close.length ? NaN : close[to]! / close[bar]! - 1
  }
  return {
    nextBar: knownAt.map((_, row) => from(row, barAt[row]! + 1)),
    nextFact: knownAt.map((_, row) => from(row, barAt[row + 1] ?? -1)),
  }
}

function correlated(
  instrument: string,
  what: string,
  ahead: string,
  values: Float64Array,
  returns: Float64Array,
): Foresight[] {
  const [known, after] = [new Float64Array(values.length), new Float64Array(values.length)]
  let pairs = 0
  for (let row = 0; row < values.length; row++) {
    if (!Number.isFinite(values[row]!) || !Number.isFinite(returns[row]!)) continue
    known[pairs] = values[row]!
    after[pairs++] = returns[row]!
  }
  if (pairs < FEWEST_PAIRS) return []
  const { value } = spearman(known.subarray(0, pairs), after.subarray(0, pairs))
  return value === undefined ? [] : [{ instrument, what, ahead, correlation: value, pairs }]
}
