import type { Candles } from '../../core/columns.js'
import type { BacktestResult } from '../../core/result.js'
import { type Runs, RUNS_END } from '../../core/signals.js'
import type { StrategyColumns } from '../../strategy/compiled.js'
import type { Divergence } from './check-result.js'

/** Columns of a strategy by name, features first, in the order in which they are declared; runs of bars as 0 and 1. */
export type NamedColumns = ReadonlyMap<string, Float64Array>

/** O(bars · columns). */
export function namedColumns({ features, signal }: StrategyColumns, bars: number): NamedColumns {
  const columns = new Map(Object.entries(features))
  for (const name of ['score', 'coverage', 'rearmKey', 'atr'] as const) {
    const column = signal[name]
    if (column !== undefined) columns.set(`signal.${name}`, column)
  }
  for (const name of ['enterLong', 'exitLong', 'enterShort', 'exitShort'] as const)
    columns.set(`signal.${name}`, runsColumn(signal[name], bars))
  return columns
}

function runsColumn(runs: Runs, bars: number): Float64Array {
  const column = new Float64Array(bars)
  for (let at = 0; runs[at] !== RUNS_END; at += 2) column.fill(1, runs[at], runs[at + 1])
  return column
}

/** The earliest of the first bars on which two sets of columns differ in a bit; of several columns on one bar, the first declared. */
export function firstColumnDifference(
  instrument: string,
  candles: Candles,
  whole: NamedColumns,
  other: NamedColumns,
  bars: number,
): Divergence | undefined {
  let first: Divergence | undefined
  for (const [column, values] of whole) {
    const others = other.get(column)
    const end = Math.min(bars, first?.bar ?? bars)
    for (let bar = 0; bar < end; bar++) {
      if (Object.is(values[bar], others?.[bar])) continue
      const time = (candles.openTime[bar] as number) + candles.timeframeMs
      first = { instrument, column, bar, time, value: values[bar] as number, otherValue: others?.[bar] ?? NaN } // prettier-ignore
      break
    }
  }
  return first
}

/** One thing that happened in a run, and the numbers that must be the same. */
interface Event {
  /** `entry`, `stop`, … */
  readonly role: string
  /** Place in the run's list of instruments. */
  readonly instrument: number
  /** UTC ms. */
  readonly time: number
  readonly numbers: Readonly<Record<string, number>>
}

/**
 * The first of the fills before a time in which two results differ. `kept[i]` is the place among the instruments of the whole run of the
 * other's i-th. O(fills).
 */
export function firstFillDifference(
  whole: BacktestResult,
  other: BacktestResult,
  until: number,
  kept: readonly number[],
): Divergence | undefined {
  const fills = ({ fills: all }: BacktestResult): Event[] =>
    all
      .filter(({ time }) => time < until)
      .map(({ role, instrument, time, side, price, quantity, fee, slippage }) => ({ role, instrument, time, numbers: { time, side, price, quantity, fee, slippage } })) // prettier-ignore
  return firstEventDifference('fill', fills(whole), fills(other), whole, kept)
}

/** The same for decisions to enter or to leave that were made up to a time, that included. O(orders). */
export function firstDecisionDifference(
  whole: BacktestResult,
  other: BacktestResult,
  until: number,
  kept: readonly number[],
): Divergence | undefined {
  const decisions = ({ orders }: BacktestResult): Event[] =>
    orders
      .filter(({ role, decidedAt }) => (role === 'entry' || role === 'exit') && decidedAt <= until)
      .map(({ role, instrument, decidedAt, side }) => ({ role, instrument, time: decidedAt, numbers: { time: decidedAt, side } })) // prettier-ignore
  return firstEventDifference('decision', decisions(whole), decisions(other), whole, kept)
}

function firstEventDifference(
  kind: string,
  events: readonly Event[],
  others: readonly Event[],
  { instruments }: BacktestResult,
  kept: readonly number[],
): Divergence | undefined {
  for (let at = 0; at < Math.max(events.length, others.length); at++) {
    const [event, again] = [events[at], others[at]]
    const { role, time, instrument } = event ?? { ...again!, instrument: kept[again!.instrument] as number }
    const differs = (part: string, value: number, otherValue: number): Divergence => ({
      instrument: instruments[instrument]?.id ?? '',
      column: `${kind} ${at + 1}, ${role}: ${part}`,
      bar: undefined,
      time,
      value,
      otherValue,
    })
    if (event === undefined || again === undefined)
      return differs('side', event?.numbers['side'] ?? NaN, again?.numbers['side'] ?? NaN)
    if (event.instrument !== kept[again.instrument])
      return differs('instrument', event.instrument, kept[again.instrument] as number)
    const part = Object.keys(event.numbers).find((name) => !Object.is(event.numbers[name], again.numbers[name])) // prettier-ignore
    if (part !== undefined) return differs(part, event.numbers[part] as number, again.numbers[part] as number)
  }
  return undefined
}
