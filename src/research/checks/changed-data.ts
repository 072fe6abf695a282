import type { Candles, FactColumns } from '../../core/columns.js'
import type { InstrumentData } from '../../engine/options.js'
import { sliceCandles } from '../../strategy/leaks.js'
import type { Chance } from '../permutations.js'

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
  const settled = funding === undefined ? 0 : countUntil(funding.time, time)
  return {
    instrument: data.instrument,
    candles: sliceCandles(candles, bars),
    facts: mapFacts(facts, (series) => knownRows(series, time)),
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
  const bars = orderAfter(candles.openTime.length, barsUntil(candles, time), chance)
  const { timeframeMs, openTime, open, high, low, close, volume } = candles
  return {
    instrument: data.instrument,
    candles: {
      timeframeMs,
      openTime,
      open: gather(open, bars),
      high: gather(high, bars),
      low: gather(low, bars),
      close: gather(close, bars),
      volume: gather(volume, bars),
    },
    facts: mapFacts(facts, (series) => {
      const order = orderAfter(series.knownAt.length, countUntil(series.knownAt, time), chance)
      return { ...series, values: mapColumns(series.values, (column) => gather(column, order)) }
    }),
    funding: funding && {
      ...funding,
      rate: gather(funding.rate, orderAfter(funding.time.length, countUntil(funding.time, time), chance)),
    },
    ...(mark === undefined
      ? {}
      : {
          mark: { open: gather(mark.open, bars), high: gather(mark.high, bars), low: gather(mark.low, bars) },
        }),
  }
}

/** The facts of one series alone as they were known at a time, everything else whole. */
export function factKnownUntil(data: InstrumentData, name: string, time: number): InstrumentData {
  const series = data.facts[name]
  if (series === undefined) return data
  return { ...data, facts: { ...data.facts, [name]: knownRows(series, time) } }
}

/** How many of the times are at `time` or before. */
function countUntil(times: Float64Array, time: number): number {
  let count = 0
  for (let row = 0; row < times.length; row++) if (times[row]! <= time) count++
  return count
}

/** Places up to `fixed` as they are, those after it in another order, each as likely: Fisher and Yates's shuffle. */
function orderAfter(length: number, fixed: number, chance: Chance): Int32Array {
  const order = new Int32Array(length)
  for (let place = 0; place < length; place++) order[place] = place
  for (let last = length - 1; last > fixed; last--) {
    const at = fixed + chance(last - fixed + 1)
    const moved = order[last]!
    order[last] = order[at]!
    order[at] = moved
  }
  return order
}

function gather(column: Float64Array, places: Int32Array): Float64Array {
  const out = new Float64Array(places.length)
  for (let at = 0; at < out.length; at++) out[at] = column[places[at]!]!
  return out
}

function knownRows(series: FactColumns, time: number): FactColumns {
  const { eventTime, knownAt, values } = series
  const rows = new Int32Array(countUntil(knownAt, time))
  for (let row = 0, at = 0; row < knownAt.length; row++) if (knownAt[row]! <= time) rows[at++] = row
  const keep = (column: Float64Array): Float64Array => gather(column, rows)
  return { eventTime: keep(eventTime), knownAt: keep(knownAt), values: mapColumns(values, keep) }
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
