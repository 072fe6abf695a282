import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import { DAY_MS, formatUtc } from '../core/time.js'

/** The bars of one instrument that belong to a run: rows `[first, end)` of its candles. */
export interface BarRange {
  readonly id: string
  readonly candles: Candles
  readonly first: number
  readonly end: number
}

/** The instants of a run: one slot for each open time at which some instrument has a bar. */
export interface Timeline {
  readonly timeframeMs: number
  readonly openTime: Float64Array
  /** No slot is missing: each opens as the one before it closes. */
  readonly isEven: boolean
  /** 00:00 UTC of every day edge after the start, up to the last close. */
  readonly midnights: Float64Array
  /** For each of them the last slot that closes at or before it, −1 where none does. Rising, ended by `Infinity`-like 2³¹ − 1. */
  readonly edgeSlots: Int32Array
}

export const NO_SLOT = 0x7fffffff

/**
 * Lays the bars of all instruments on one line of slots. O(bars). Throws DataError where bars of two instruments do not share one
 * timeframe and grid: a decision could then precede what it knows.
 */
export function timelineOf(ranges: readonly BarRange[]): Timeline {
  const timeframeMs = (ranges[0] as BarRange).candles.timeframeMs
  checkSharedGrid(ranges, timeframeMs)
  const openTime = unionOfOpens(ranges)
  const last = openTime.length - 1
  // Bars do not overlap: where as many intervals as bars lie between the first and the last, each follows the one before.
  const isEven = (openTime[last] as number) - (openTime[0] as number) === last * timeframeMs
  return { timeframeMs, openTime, isEven, ...dayEdges(openTime, timeframeMs) }
}

/** Whether the run begins at 00:00 UTC, so that its first day is a whole one. */
export function opensAtMidnight({ openTime }: Pick<Timeline, 'openTime'>): boolean {
  return (openTime[0] as number) % DAY_MS === 0
}

/** UTC days that are part of the run from midnight to midnight. */
export function wholeDays(timeline: Pick<Timeline, 'openTime' | 'midnights'>): number {
  return Math.max(0, timeline.midnights.length - (opensAtMidnight(timeline) ? 0 : 1))
}

/** When a slot opens. The column, of which each slot asked for is another place in memory, is left alone where slots can be counted. */
export function openAt({ openTime, isEven, timeframeMs }: Timeline, slot: number): number {
  return isEven ? (openTime[0] as number) + slot * timeframeMs : (openTime[slot] as number)
}

/** The slot of an instrument's first bar, where it has a bar on each slot from there to its last: its rows then run along with the slots. */
export function firstSlotIfEven(
  { candles, first, end }: BarRange,
  openTime: Float64Array,
): number | undefined {
  const slot = slotAt(openTime, candles.openTime[first] as number)
  // Every bar has a slot, and both rise: as many of each between the same ends are the same.
  return candles.openTime[end - 1] === openTime[slot + end - 1 - first] ? slot : undefined
}

/** First slot that opens at or after a time. O(log slots). */
export function slotAt(openTime: Float64Array, time: number): number {
  let low = 0
  let high = openTime.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((openTime[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

function unionOfOpens(ranges: readonly BarRange[]): Float64Array {
  const longest = ranges.reduce((most, range) =>
    range.end - range.first > most.end - most.first ? range : most,
  )
  const opens = longest.candles.openTime.subarray(longest.first, longest.end)
  const isCovered = ranges.every((range) => isWithin(range, opens))
  if (isCovered) return opens
  const all = new Set<number>()
  for (const { candles, first, end } of ranges)
    for (let bar = first; bar < end; bar++) all.add(candles.openTime[bar] as number)
  return Float64Array.from(all).sort()
}

function isWithin({ candles, first, end }: BarRange, opens: Float64Array): boolean {
  if (candles.openTime.buffer === opens.buffer) {
    const start = candles.openTime.byteOffset + first * 8
    if (start >= opens.byteOffset && start + (end - first) * 8 <= opens.byteOffset + opens.length * 8)
      return true
  }
  let slot = slotAt(opens, candles.openTime[first] as number)
  for (let bar = first; bar < end; bar++) {
    const time = candles.openTime[bar] as number
    while (slot < opens.length && (opens[slot] as number) < time) slot++
    if (opens[slot] !== time) return false
  }
  return true
}

function dayEdges(openTime: Float64Array, timeframeMs: number): Pick<Timeline, 'midnights' | 'edgeSlots'> {
  const midnights: number[] = []
  const edgeSlots: number[] = []
  const lastClose = (openTime[openTime.length - 1] as number) + timeframeMs
  let midnight = (Math.floor((openTime[0] as number) / DAY_MS) + 1) * DAY_MS
  for (; midnight <= lastClose; midnight += DAY_MS) {
    midnights.push(midnight)
    // The first slot that closes after midnight is the first that opens after (midnight − timeframe).
    let slot = slotAt(openTime, midnight - timeframeMs)
    if (openTime[slot] === midnight - timeframeMs) slot++
    edgeSlots.push(slot - 1)
  }
  return { midnights: Float64Array.from(midnights), edgeSlots: Int32Array.from([...edgeSlots, NO_SLOT]) }
}

function checkSharedGrid(ranges: readonly BarRange[], timeframeMs: number): void {
  const first = ranges[0] as BarRange
  const origin = first.candles.openTime[first.first] as number
  const seen = new Set<unknown>()
  for (const { id, candles, first: from, end } of ranges) {
    if (candles.timeframeMs !== timeframeMs) {
      throw new DataError('all instruments of a run share one timeframe', {
        file: `candles of ${id}`,
        field: 'timeframe',
        value: candles.timeframeMs,
        unit: 'ms',
      })
    }
    if (seen.has(candles.openTime)) continue
    seen.add(candles.openTime)
    const bar = firstOffGrid(candles.openTime, from, end, origin, timeframeMs)
    if (bar === end) continue
    throw new DataError('a bar does not open on the grid of the run', {
      file: `candles of ${id}`,
      row: bar + 1,
      field: 'openTime',
      value: formatUtc(candles.openTime[bar] as number),
    })
  }
}

function firstOffGrid(
  openTime: Float64Array,
  from: number,
  end: number,
  origin: number,
  timeframeMs: number,
): number {
  // Bars do not overlap: where as many intervals as bars lie between two of them, each follows the one before.
  const span = (openTime[end - 1] as number) - (openTime[from] as number)
  const isOnGrid = ((openTime[from] as number) - origin) % timeframeMs === 0
  if (isOnGrid && span === (end - 1 - from) * timeframeMs) return end
  let expected = origin
  for (let bar = from; bar < end; bar++) {
    const time = openTime[bar] as number
    // A remainder costs more than all else here, and a bar that follows the one before needs none.
    if (time !== expected && (time - origin) % timeframeMs !== 0) return bar
    expected = time + timeframeMs
  }
  return end
}
