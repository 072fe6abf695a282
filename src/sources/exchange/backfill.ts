import { ConfigError } from '../../core/errors.js'
import { askPage, notAnswered, type Patience } from './ask-page.js'
import type { CandlePages } from './candle-pages.js'
import { NO_MEMORY, type PageMemory, remembered } from './page-memory.js'

/** One closed candle. */
export interface ClosedCandle {
  /** UTC ms. */
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** Base units. */
  readonly volume: number
}

export interface Backfill {
  /** Oldest first, each open time once. */
  readonly candles: readonly ClosedCandle[]
  /** Spans `[start, end)` of open times on the grid without a candle, UTC ms: missing, never filled. */
  readonly gaps: readonly (readonly [start: number, end: number])[]
  /** Rows that are no candles of this grid, with the reason. */
  readonly quarantined: readonly { readonly reason: string; readonly row: unknown }[]
  /** Open times told more than once with different values: the first one counts. */
  readonly revised: readonly number[]
  /** Rows of candles that were not closed by the venue's clock when the download began: left out. */
  readonly open: number
  /** UTC ms: what opens before this was closed, and was asked for. */
  readonly closedUntilMs: number
}

export interface BackfillOptions extends Patience {
  /** Open times from, included, to, excluded; UTC ms on the grid of the timeframe. */
  readonly fromMs: number
  readonly toMs: number
  readonly progress?: (doneMs: number) => void
  /** Default none. */
  readonly memory?: PageMemory
}

/**
 * Downloads closed candles, page by page on our own grid: what a page holds decides nothing about where the next one begins, so that a page that is short, empty, out of order
 * or repeated cannot end or derail a download. Pages begin at multiples of their length since 1970, so that they are the same wherever a download begins.
 * Closed is what was closed by the venue's clock before the first page.
 *
 * @throws ConfigError for times off the grid; BaleenError with the exit code of networks where the venue does not answer
 */
export async function backfillCandles(pages: CandlePages, options: BackfillOptions): Promise<Backfill> {
  const { fromMs, toMs, progress, memory = NO_MEMORY } = options
  const { timeframeMs, pageSize } = pages
  for (const [field, value] of Object.entries({ from: fromMs, to: toMs })) {
    if (value % timeframeMs === 0) continue
    throw new ConfigError('must lie on the grid of the timeframe', { field, value, unit: 'ms' })
  }
  const serverTime = await pages.serverTime()
  if (serverTime === undefined)
    throw notAnswered('candles cannot be downloaded: the venue does not tell its time')
  const lastMs = Math.min(toMs, Math.floor(serverTime / timeframeMs) * timeframeMs)
  const found = new Map<number, ClosedCandle>()
  const quarantined = new Map<string, { reason: string; row: unknown }>()
  const revised = new Set<number>()
  const open = new Set<number>()
  const pageMs = pageSize * timeframeMs
  const readSpan = async (startMs: number, stopMs: number, round: 'first' | 'again'): Promise<void> => {
    for (let at = startMs; at < stopMs; at = (Math.floor(at / pageMs) + 1) * pageMs) {
      const endMs = Math.min(stopMs, (Math.floor(at / pageMs) + 1) * pageMs)
      const count = (endMs - at) / timeframeMs
      const ask = (): Promise<readonly unknown[]> => askPage(() => pages.page(at, count), 'candles', options)
      for (const row of await remembered(memory, `${round} ${at} ${count}`, ask)) {
        const candle = candleOf(row, timeframeMs)
        if (typeof candle === 'string') quarantined.set(JSON.stringify(row), { reason: candle, row })
        else if (candle.openTime >= lastMs && candle.openTime < toMs) open.add(candle.openTime)
        // The page's neighbours may be in it; they are asked for in their own turn.
        else if (candle.openTime >= at && candle.openTime < endMs) {
          const before = found.get(candle.openTime)
          if (before === undefined) found.set(candle.openTime, candle)
          else if (!isSame(before, candle)) revised.add(candle.openTime)
        }
      }
      progress?.(endMs)
    }
  }
  await readSpan(fromMs, lastMs, 'first')
  // A gap is believed when it was asked about twice: rows that come double push others off the end of their page.
  const suspected = gapsOf(sorted(found), fromMs, lastMs, timeframeMs)
  for (const [startMs, endMs] of suspected) await readSpan(startMs, endMs, 'again')
  const candles = sorted(found)
  return {
    candles,
    gaps: gapsOf(candles, fromMs, lastMs, timeframeMs),
    quarantined: [...quarantined.values()],
    revised: [...revised].sort((a, b) => a - b),
    open: open.size,
    closedUntilMs: lastMs,
  }
}

function sorted(found: ReadonlyMap<number, ClosedCandle>): ClosedCandle[] {
  return [...found.values()].sort((a, b) => a.openTime - b.openTime)
}

/** A row as a candle of this grid, or why it is none. */
export function candleOf(row: unknown, timeframeMs: number): ClosedCandle | string {
  if (!Array.isArray(row) || row.length < 6) return 'no row of six'
  const values = row.slice(0, 6) as unknown[]
  if (!values.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return 'a value is no number'
  const [openTime = NaN, open = NaN, high = NaN, low = NaN, close = NaN, volume = NaN] = values as number[]
  if (openTime % timeframeMs !== 0)
    return 'the open time lies off the grid: another unit, or another timeframe'
  if (!(low > 0)) return 'a price is not above 0'
  if (!(low <= Math.min(open, close) && high >= Math.max(open, close)))
    return 'open or close lies outside low and high'
  if (volume < 0) return 'the volume is negative'
  return { openTime, open, high, low, close, volume }
}

function isSame(one: ClosedCandle, other: ClosedCandle): boolean {
  return (['open', 'high', 'low', 'close', 'volume'] as const).every((name) => one[name] === other[name])
}

function gapsOf(
  candles: readonly ClosedCandle[],
  fromMs: number,
  toMs: number,
  timeframeMs: number,
): [number, number][] {
  const gaps: [number, number][] = []
  let next = fromMs
  for (const { openTime } of candles) {
    if (openTime > next) gaps.push([next, openTime])
    next = openTime + timeframeMs
  }
  if (toMs > next) gaps.push([next, toMs])
  return gaps
}
