import type { Candles, FactColumns } from '../../core/columns.js'
import type { InstrumentData } from '../../engine/options.js'
import { sliceCandles } from '../../strategy/leaks.js'
import { type Chance, shuffled } from '../permutations.js'

/** Bars that close at or before a time. O(log bars). */
export function barsUntil({ openTime, timeframeMs }: Candles, time: number): number {
  let [low, high] = [0, openTime.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((openTime[middle] as number) + timeframeMs <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** All that was known of an instrument at a time: bars closed, facts known, settlements made by then. Facts count by known-at. O(rows). */
export function knownUntil(data: InstrumentData, time: number): InstrumentData {
  const { candles, facts, funding, mark } = data
  const bars = barsUntil(candles, time)
  const settled = funding === undefined ? 0 : funding.time.filter((at) => at <= time).length
  return {
    instrument: data.instrument,
    candles: sliceCandles(candles, bars),
    facts: mapFacts(facts, (series) => rowsWhere(series, (row) => (series.knownAt[row] as number) <= time)),
    funding: funding && {
      time: funding.time.slice(0, settled),
      rate: funding.rate.slice(0, settled),
      mark: funding.mark.slice(0, settled),
    },
    ...(mark === undefined
      ? {}
      : { mark: { open: mark.open.slice(0, bars), high: mark.high.slice(0, bars), low: mark.low.slice(0, bars) } }), // prettier-ignore
  }
}

/**
 * The same data up to a time; after it every bar, fact and rate is another one of those that came after it, at the times of the original
 * ones. Bars stay whole, and with their mark prices, so that each is possible by itself. O(rows).
 */
export function shuffledAfter(data: InstrumentData, time: number, chance: Chance): InstrumentData {
  const { candles, facts, funding, mark } = data
  const move = (order: readonly number[], column: Float64Array): Float64Array =>
    Float64Array.from(order, (from) => column[from] as number)
  const bars = orderAfter(candles.openTime.length, barsUntil(candles, time), chance)
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  return {
    instrument: data.instrument,
    candles: {
      timeframeMs,
      openTime,
      open: move(bars, open),
      high: move(bars, high),
      low: move(bars, low),
      close: move(bars, close),
      volume: move(bars, volume),
    },
    facts: mapFacts(facts, (series) => {
      const order = orderAfter(series.knownAt.length, series.knownAt.filter((at) => at <= time).length, chance) // prettier-ignore
      return { ...series, values: mapColumns(series.values, (column) => move(order, column)) }
    }),
    funding:
      funding && {
        ...funding,
        rate: move(orderAfter(funding.time.length, funding.time.filter((at) => at <= time).length, chance), funding.rate),
      },
    ...(mark === undefined
      ? {}
      : { mark: { open: move(bars, mark.open), high: move(bars, mark.high), low: move(bars, mark.low) } }),
  }
} // prettier-ignore

/** The facts of one series alone as they were known at a time, everything else whole. */
export function factKnownUntil(data: InstrumentData, name: string, time: number): InstrumentData {
  const series = data.facts[name]
  if (series === undefined) return data
  const until = rowsWhere(series, (row) => (series.knownAt[row] as number) <= time)
  return { ...data, facts: { ...data.facts, [name]: until } }
}

/** Places up to `fixed` as they are, those after it in another order. */
function orderAfter(length: number, fixed: number, chance: Chance): readonly number[] {
  const places = Array.from({ length }, (_, place) => place)
  return [...places.slice(0, fixed), ...shuffled(places.slice(fixed), chance)]
}

function rowsWhere(series: FactColumns, isKept: (row: number) => boolean): FactColumns {
  const keep = (column: Float64Array): Float64Array => column.filter((_, row) => isKept(row))
  return {
    eventTime: keep(series.eventTime),
    knownAt: keep(series.knownAt),
    values: mapColumns(series.values, keep),
  }
}

function mapFacts(
  facts: InstrumentData['facts'],
  change: (series: FactColumns) => FactColumns,
): InstrumentData['facts'] {
  return Object.fromEntries(Object.entries(facts).map(([name, series]) => [name, change(series)]))
}

function mapColumns(
  values: FactColumns['values'],
  change: (column: Float64Array) => Float64Array,
): FactColumns['values'] {
  return Object.fromEntries(Object.entries(values).map(([field, column]) => [field, change(column)]))
}
