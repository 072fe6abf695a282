import type { BacktestResult } from '../../core/result.js'
import type { InstrumentData, ReplayOptions } from '../../engine/options.js'
import { replay } from '../../engine/replay.js'
import type { Span } from '../../research/splits/time-spans.js'

/** What params earned on the days of a test. */
export interface TestedWindow {
  /** 00:00 UTC at the end of each day, or the last close of one that the data cut short; UTC ms. */
  readonly time: Float64Array
  /** Net returns of those days; positions at the edges closed, with costs. −1, and then 0, from the day on which all was lost. */
  readonly returns: Float64Array
  readonly trades: number
  /** Of trades that did not end with the window. ms. */
  readonly longestHoldingMs: number
  readonly isRuined: boolean
}

/** Replays one window with a fresh account. O(bars). */
export function testWindow(options: ReplayOptions, span: Span): TestedWindow {
  const result = replay({
    ...options,
    instruments: withBarsIn(options.instruments, span),
    startTime: span.startMs,
    endTime: span.endMs,
    policies: { ...options.policies, endOfData: 'close' },
  })
  const { time, equity } = result.daily
  const lostAt = equity.findIndex((value) => !(value > 0))
  const returns = Float64Array.from({ length: equity.length - 1 }, (_, day) => {
    if (lostAt >= 0 && day + 1 >= lostAt) return day + 1 === lostAt ? -1 : 0
    return equity[day + 1]! / equity[day]! - 1
  })
  return {
    time: time.slice(1),
    returns,
    trades: result.trades.length,
    longestHoldingMs: longestHolding(result),
    isRuined: lostAt >= 0,
  }
}

/** Longest time that a trade was held which the end of data did not end; 0 where there is none. ms. */
export function longestHolding({ trades }: Pick<BacktestResult, 'trades'>): number {
  const held = trades.filter(({ exitReason, status }) => status === 'closed' && exitReason !== 'end-of-data')
  return held.reduce((longest, { entryTime, exitTime }) => Math.max(longest, exitTime - entryTime), 0)
}

/** Instruments that have a bar within a span: others were not listed yet, or no longer. */
export function withBarsIn(
  instruments: readonly InstrumentData[],
  { startMs, endMs }: Span,
): readonly InstrumentData[] {
  return instruments.filter(({ candles: { openTime, timeframeMs } }) =>
    openTime.some((time) => time >= startMs && time + timeframeMs <= endMs),
  )
}
