import type { BacktestResult } from '../../core/result.js'
import type { InstrumentData } from '../../engine/options.js'
import { barsUntil } from './changed-data.js'

/** Steps that a cut may move on to reach a close that all instruments share. */
const MOST_STEPS = 500

/**
 * Closes at which the data of a run are cut: half of them spread over the run, half right where an entry was decided, since there a leak
 * matters. Each is a close of every instrument that has bars on both sides of it: an instrument whose bars ended early would be
 * treated as one whose data end. Rising; fewer where there are fewer.
 */
export function cutTimes(
  instruments: readonly InstrumentData[],
  result: BacktestResult,
  count: number,
  decidesBarByBar: boolean,
): readonly number[] {
  const { startTime, endTime, timeframeMs, trades } = result
  const bars = Math.floor((endTime - startTime) / timeframeMs)
  const spread = Math.ceil(count / 2)
  const even = Array.from(
    { length: spread },
    (_, at) => startTime + Math.floor((bars * (at + 1)) / (spread + 1)) * timeframeMs,
  )
  const every = Math.max(1, Math.floor(trades.length / (count - spread + 1)))
  // What is decided with the position in view shows in the fill at the next open alone.
  const atEntries = Array.from({ length: count - spread }, (_, at) => trades[every * (at + 1) - 1])
    .flatMap((trade) => (trade === undefined ? [] : [trade.decidedAt + (decidesBarByBar ? timeframeMs : 0)])) // prettier-ignore
  const shared = [...even, ...atEntries].flatMap((time) => sharedClose(instruments, time, timeframeMs, endTime) ?? []) // prettier-ignore
  return [...new Set(shared)].filter((time) => time > startTime && time < endTime).sort((a, b) => a - b)
}

/** The first close from a time on at which every instrument that goes on after it has a bar ending. */
function sharedClose(
  instruments: readonly InstrumentData[],
  from: number,
  stepMs: number,
  endTime: number,
): number | undefined {
  for (let time = from, step = 0; time < endTime && step < MOST_STEPS; time += stepMs, step++)
    if (instruments.every((data) => isCutClean(data, time))) return time
  return undefined
}

function isCutClean({ candles }: InstrumentData, time: number): boolean {
  const bars = barsUntil(candles, time)
  if (bars === 0 || bars === candles.openTime.length) return true
  return (candles.openTime[bars - 1] as number) + candles.timeframeMs === time
}
