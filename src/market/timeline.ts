import { ConfigError } from '../core/errors.js'

/** The bars of a simulation: bar j opens at `startTime + j · timeframeMs`. */
export interface Timeline {
  readonly startTime: number
  readonly bars: number
  readonly timeframeMs: number
}

export function openTimeOf(timeline: Timeline, bar: number): number {
  return timeline.startTime + bar * timeline.timeframeMs
}

/** The bar during which an instant falls; an instant at an edge belongs to the bar that opens there. Not beyond the last bar. */
export function barAt(timeline: Timeline, time: number): number {
  const bar = Math.floor((time - timeline.startTime) / timeline.timeframeMs)
  return Math.min(Math.max(bar, 0), timeline.bars - 1)
}

/** Instants `offsetMs` past every multiple of `intervalMs` (counted from 1970) after the timeline's start and up to its end. */
export function instants(timeline: Timeline, intervalMs: number, offsetMs = 0): Float64Array {
  const end = openTimeOf(timeline, timeline.bars)
  const first = Math.ceil((timeline.startTime - offsetMs) / intervalMs) * intervalMs + offsetMs
  const count = Math.max(0, Math.floor((end - first) / intervalMs) + 1)
  return Float64Array.from({ length: count }, (_, index) => first + index * intervalMs)
}

/** Throws ConfigError unless bars fit between funding settlements and the range holds at least one. */
export function checkedTimeline(timeline: Timeline, settlementMs: number): Timeline {
  const { timeframeMs, startTime, bars } = timeline
  if (!(timeframeMs > 0) || settlementMs % timeframeMs !== 0) {
    throw new ConfigError('a simulated timeframe must divide 8 hours', {
      field: 'timeframe',
      value: timeframeMs,
      unit: 'ms',
    })
  }
  if (startTime % timeframeMs !== 0) {
    throw new ConfigError('a simulation starts on the grid of its timeframe', {
      field: 'startTime',
      value: startTime,
      unit: 'ms',
    })
  }
  if (!Number.isInteger(bars) || bars < 1)
    throw new ConfigError('must be a whole number, 1 or more', { field: 'bars', value: bars })
  return timeline
}
