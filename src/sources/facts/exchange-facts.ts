import { HOUR_MS, SECOND_MS, durationName } from '../../core/time.js'
import type { ClosedCandle } from '../exchange/backfill.js'
import type { TableShape } from './fact-tables.js'

/** Candles of an instrument, such as `binance:BTCUSDT-PERP`. */
export function candleShape(instrument: string, timeframeMs: number): TableShape {
  return {
    name: `candles-${instrument}@${durationName(timeframeMs)}`,
    columns: ['open', 'high', 'low', 'close', 'volume'],
    keys: [],
    options: { kind: 'candles', instrument, intervalMs: timeframeMs },
  }
}

export function candleCells({ open, high, low, close, volume }: ClosedCandle): Record<string, number> {
  return { open, high, low, close, volume }
}

/** Settled funding of a perpetual. */
export function fundingShape(instrument: string, asset: string): TableShape {
  return {
    name: `funding-${instrument}`,
    columns: ['rate', 'intervalMs', 'mark'],
    keys: [],
    options: { kind: 'funding', instrument, asset, unit: 'fraction' },
  }
}

export function openInterestShape(venue: string, asset: string): TableShape {
  return {
    name: `open-interest-${venue}-${asset}`,
    columns: ['openInterest'],
    keys: [],
    options: { kind: 'open-interest', venue, asset, unit: 'base' },
  }
}

/** Best bid and offer, as sampled. */
export function bookShape(instrument: string, asset: string): TableShape {
  const columns = ['bid', 'bidQuantity', 'ask', 'askQuantity']
  const name = `book.${instrument.replaceAll(':', '.')}`
  const map = Object.fromEntries(columns.map((column) => [column, column]))
  return { name, columns, keys: [], options: { kind: 'series', name, asset, map } }
}

/** The venue stamps settlements some milliseconds late: the second says which one it is. */
export function settlementTime(stampMs: number): number {
  return Math.floor(stampMs / SECOND_MS) * SECOND_MS
}

/** Intervals that venues use. */
const INTERVALS_MS = [1, 2, 4, 8].map((hours) => hours * HOUR_MS)

/**
 * The interval of each settlement, which the venue's history does not say: the time since the one before; of the first one, and after a hole, the time to the next. Times rise. NaN where neither
 * is an interval that venues use: the import then sets the row aside.
 */
export function settlementIntervals(times: readonly number[]): number[] {
  const isUsed = (stepMs: number): boolean => INTERVALS_MS.includes(stepMs)
  return times.map((time, index) => {
    const [since, until] = [time - (times[index - 1] ?? NaN), (times[index + 1] ?? NaN) - time]
    if (isUsed(since)) return since
    return isUsed(until) ? until : NaN
  })
}
