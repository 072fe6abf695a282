import type { Candles } from '../core/columns.js'
import { lowerBound } from './world.js'

/** A candle as a venue tells it. */
export interface Bar {
  readonly openTime: number
  /** Last millisecond that belongs to it. */
  readonly closeTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Base units. */
  readonly volume: number
  /** Quote units: reckoned at the mean of open, high, low and close of the finest candles. */
  readonly quoteVolume: number
  /** How many of the finest candles it is made of; stands where a venue counts trades, which a world does not know. */
  readonly parts: number
  readonly isClosed: boolean
}

/**
 * What is seen of one of the finest candles when a fraction of its time has passed. A world knows no more of its inside than four prices,
 * so it walks straight from the open to the extreme that lies against the candle's direction, to the other extreme, and to the close, a third of the time each.
 * Volume grows with time. Prices are whole ticks.
 */
export function partOfCandle(
  candles: Candles,
  row: number,
  fraction: number,
  tickSize: number,
): Omit<Bar, 'closeTime' | 'isClosed'> {
  // prettier-ignore
  const { openTime, open, high, low, close, volume } = candles
  const [first, top, bottom, last] = [open[row]!, high[row]!, low[row]!, close[row]!]
  const path = last >= first ? [first, bottom, top, last] : [first, top, bottom, last]
  const way = Math.min(1, Math.max(0, fraction)) * 3
  const leg = Math.min(2, Math.floor(way))
  const now = toTick(path[leg]! + (way - leg) * (path[leg + 1]! - path[leg]!), tickSize)
  const seen = [...path.slice(0, leg + 1), now]
  const [seenHigh, seenLow] = [Math.max(...seen), Math.min(...seen)]
  const grown = Math.round(volume[row]! * Math.min(1, Math.max(0, fraction)) * 1e8) / 1e8
  return {
    openTime: openTime[row]!,
    open: first,
    high: seenHigh,
    low: seenLow,
    close: fraction >= 1 ? last : now,
    volume: grown,
    quoteVolume: (grown * (first + seenHigh + seenLow + now)) / 4,
    parts: 1,
  }
}

function toTick(price: number, tickSize: number): number {
  if (tickSize === 0) return price
  const perUnit = Math.round(1 / tickSize)
  return Math.abs(perUnit * tickSize - 1) < 1e-9
    ? Math.round(price * perUnit) / perUnit
    : Math.round(price / tickSize) * tickSize
}

/** Open of the interval during which an instant falls. */
export function intervalStart(timeMs: number, intervalMs: number): number {
  return Math.floor(timeMs / intervalMs) * intervalMs
}

/** One candle of an interval (a multiple of the finest) as it is seen at a time; undefined where nothing was traded in it so far. O(parts). */
export function barAt(
  candles: Candles,
  openTime: number,
  intervalMs: number,
  nowMs: number,
  tickSize: number,
): Bar | undefined {
  // prettier-ignore
  const { timeframeMs } = candles
  const end = openTime + intervalMs
  let bar: { -readonly [Name in keyof Bar]: Bar[Name] } | undefined
  for (let row = lowerBound(candles.openTime, openTime); row < candles.openTime.length; row++) {
    const opensAt = candles.openTime[row]!
    if (opensAt >= end || opensAt >= nowMs) break
    const part = partOfCandle(candles, row, (nowMs - opensAt) / timeframeMs, tickSize)
    if (bar === undefined) {
      bar = { ...part, openTime, closeTime: end - 1, isClosed: nowMs >= end }
      continue
    }
    bar.high = Math.max(bar.high, part.high)
    bar.low = Math.min(bar.low, part.low)
    bar.close = part.close
    bar.volume += part.volume
    bar.quoteVolume += part.quoteVolume
    bar.parts++
  }
  return bar
}

export interface BarsQuery {
  readonly intervalMs: number
  /** First and last open time that are asked for, UTC ms. */
  readonly startTime?: number
  readonly endTime?: number
  readonly limit: number
}

/**
 * Candles as a venue answers them: from `startTime` on where it is given, else the newest up to `endTime` or now; oldest first, the open one
 * last. Intervals in which nothing was traded are absent. O(parts of the answer).
 */
export function barsAt(candles: Candles, query: BarsQuery, nowMs: number, tickSize: number): Bar[] {
  const { intervalMs, startTime, endTime, limit } = query
  const { openTime } = candles
  const bars: Bar[] = []
  if (openTime.length === 0) return bars
  const latest = intervalStart(Math.min(nowMs - 1, endTime ?? Infinity, openTime.at(-1)!), intervalMs)
  const earliest = Math.max(startTime ?? -Infinity, intervalStart(openTime[0]!, intervalMs))
  const add = (opensAt: number): void => {
    const bar = barAt(candles, opensAt, intervalMs, nowMs, tickSize)
    if (bar !== undefined) bars.push(bar)
  }
  if (startTime !== undefined) {
    for (let at = Math.ceil(earliest / intervalMs) * intervalMs; at <= latest && bars.length < limit; at += intervalMs) add(at) // prettier-ignore
    return bars
  }
  for (let at = latest; at >= earliest && bars.length < limit; at -= intervalMs) add(at)
  return bars.reverse()
}

/** The price at which the world trades: undefined before its first candle. */
export function lastPrice(candles: Candles, nowMs: number, tickSize: number): number | undefined {
  const row = lowerBound(candles.openTime, nowMs) - 1
  if (row < 0) return candles.openTime[0] === nowMs ? candles.open[0] : undefined
  return partOfCandle(candles, row, (nowMs - candles.openTime[row]!) / candles.timeframeMs, tickSize).close
}
