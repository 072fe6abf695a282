import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.js'
import { refuse } from './errors.js'

type Query = Readonly<Record<string, string>>

/** Intervals of candles. Source: Binance, "General API Information", ENUM definitions, Kline/Candlestick chart intervals (weeks and months are left out). */
export const INTERVALS: ReadonlyMap<string, number> = new Map([
  ['1s', SECOND_MS],
  ...[1, 3, 5, 15, 30].map((count) => [`${count}m`, count * MINUTE_MS] as const),
  ...[1, 2, 4, 6, 8, 12].map((count) => [`${count}h`, count * HOUR_MS] as const),
  ['1d', DAY_MS],
  ['3d', 3 * DAY_MS],
])

/** The interval that a query names; one that is not made of the finest candles there are is as invalid as an unknown one. */
export function intervalOf(name: string | undefined, finestMs: number): number {
  if (name === undefined || name === '') refuse('mandatory', 'interval')
  const intervalMs = INTERVALS.get(name)
  if (intervalMs === undefined || intervalMs % finestMs !== 0) refuse('interval')
  return intervalMs
}

export interface Window {
  readonly startTime?: number
  readonly endTime?: number
  readonly limit: number
}

/** `startTime`, `endTime` (UTC ms) and `limit`, which the venue cuts to its largest without a word. */
export function windowOf(query: Query, fallback: number, largest: number): Window {
  const startTime = wholeNumber(query, 'startTime')
  const endTime = wholeNumber(query, 'endTime')
  const limit = wholeNumber(query, 'limit') ?? fallback
  if (limit < 1) refuse('limit', 'limit')
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) refuse('timeRange')
  return {
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime }),
    limit: Math.min(limit, largest),
  }
}

function wholeNumber(query: Query, name: string): number | undefined {
  const text = query[name]
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) refuse('illegal', name)
  return Number(text)
}
