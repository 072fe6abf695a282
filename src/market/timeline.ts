import { ConfigError } from '../core/errors.js'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/time.js'

/** Minutes of one hour: a market is made minute by minute, and its hidden states change by the hour. */
export const HOUR_MINUTES = 60

/** The time of a simulation: bar j opens at `startTime + j · timeframeMs`. */
export interface Timeline {
  readonly startTime: number
  readonly bars: number
  readonly timeframeMs: number
  /** Hours begun. */
  readonly hours: number
  /** Close of the last bar, UTC ms. */
  readonly endTime: number
}

/** The hour during which an instant falls; an instant at an edge belongs to the hour that begins there. Not beyond the last hour. */
export function hourAt({ startTime, hours }: Timeline, time: number): number {
  return Math.min(Math.max(Math.floor((time - startTime) / HOUR_MS), 0), hours - 1)
}

/** Instants `offsetMs` past every multiple of `intervalMs` (counted from 1970) from the timeline's start to its end. */
export function instants({ startTime, endTime }: Timeline, intervalMs: number, offsetMs = 0): Float64Array {
  const first = Math.ceil((startTime - offsetMs) / intervalMs) * intervalMs + offsetMs
  const count = Math.max(0, Math.floor((endTime - first) / intervalMs) + 1)
  return Float64Array.from({ length: count }, (_, index) => first + index * intervalMs)
}

/** Throws ConfigError unless the bars tile days from a full hour on, and there is at least one. */
export function timelineOf(startTime: number, bars: number, timeframeMs: number): Timeline {
  const isWholeMinutes = timeframeMs >= MINUTE_MS && timeframeMs % MINUTE_MS === 0
  if (!isWholeMinutes || DAY_MS % timeframeMs !== 0) {
    throw new ConfigError('a simulated timeframe is of whole minutes and divides a day: 1m to 1d', {
      field: 'timeframe',
      value: timeframeMs,
      unit: 'ms',
    })
  }
  if (startTime % Math.max(HOUR_MS, timeframeMs) !== 0) {
    throw new ConfigError('a simulation starts at a full hour on the grid of its timeframe', {
      field: 'startTime',
      value: startTime,
      unit: 'ms',
    })
  }
  if (!Number.isInteger(bars) || bars < 1)
    throw new ConfigError('must be a whole number, 1 or more', { field: 'bars', value: bars })
  const endTime = startTime + bars * timeframeMs
  return { startTime, bars, timeframeMs, hours: Math.ceil((endTime - startTime) / HOUR_MS), endTime }
}
