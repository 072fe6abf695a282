import { BaleenError, ConfigError, EXIT_CODES } from '../../core/errors.js'
import type { CandlePage, CandlePages } from './candle-pages.js'

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
}

export interface BackfillOptions {
  /** Open times from, included, to, excluded; UTC ms on the grid of the timeframe. */
  readonly fromMs: number
  readonly toMs: number
  /** UTC ms, for Retry-After. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (durationMs: number) => Promise<void>
  readonly progress?: (doneMs: number) => void
}

/** How often a page is asked for before the download ends with what the venue said last, and what it waits where nobody says how long: 1, 2, 4 … s. */
const TRIES = 8

/**
 * Downloads closed candles, page by page on our own grid: what a page holds decides nothing about where the next one begins, so that a page that is short, empty, out of order
 * or repeated cannot end or derail a download. Closed is what was closed by the venue's clock before the first page.
 *
 * @throws ConfigError for times off the grid; BaleenError with the exit code of networks where the venue does not answer
 */
export async function backfillCandles(pages: CandlePages, options: BackfillOptions): Promise<Backfill> {
  const { fromMs, toMs, progress } = options
  const { timeframeMs, pageSize } = pages
  for (const [field, value] of [['from', fromMs], ['to', toMs]] as const)
    if (value % timeframeMs !== 0) throw new ConfigError('must lie on the grid of the timeframe', { field, value, unit: 'ms' }) // prettier-ignore
  const serverTime = await pages.serverTime()
  if (serverTime === undefined) throw notAnswered('the venue does not tell its time')
  const lastMs = Math.min(toMs, Math.floor(serverTime / timeframeMs) * timeframeMs)
  const found = new Map<number, ClosedCandle>()
  const quarantined = new Map<string, { reason: string; row: unknown }>()
  const revised = new Set<number>()
  const open = new Set<number>()
  const readSpan = async (startMs: number, stopMs: number): Promise<void> => {
    for (let at = startMs; at < stopMs; at += pageSize * timeframeMs) {
      const endMs = Math.min(stopMs, at + pageSize * timeframeMs)
      for (const row of await rowsOf(pages, at, (endMs - at) / timeframeMs, options)) {
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
  await readSpan(fromMs, lastMs)
  // A gap is believed when it was asked about twice: rows that come double push others off the end of their page.
  for (const [startMs, endMs] of gapsOf(sorted(found), fromMs, lastMs, timeframeMs)) await readSpan(startMs, endMs) // prettier-ignore
  const candles = sorted(found)
  return {
    candles,
    gaps: gapsOf(candles, fromMs, lastMs, timeframeMs),
    quarantined: [...quarantined.values()],
    revised: [...revised].sort((a, b) => a - b),
    open: open.size,
  }
}

function sorted(found: ReadonlyMap<number, ClosedCandle>): ClosedCandle[] {
  return [...found.values()].sort((a, b) => a.openTime - b.openTime)
}

async function rowsOf(
  pages: CandlePages,
  at: number,
  count: number,
  { now, pause }: BackfillOptions,
): Promise<readonly unknown[]> {
  // prettier-ignore
  let last: CandlePage | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    const page = await pages.page(at, count)
    if ('rows' in page) return page.rows
    last = page
    if (page.failure === 'refused') break
    const waitMs = page.retryAt === undefined ? 1_000 * 2 ** tries : page.retryAt - now()
    if (waitMs > 0) await pause(waitMs)
  }
  throw notAnswered(
    last !== undefined && 'failure' in last ? `${last.failure}: ${last.message}` : 'no answer',
  )
}

function notAnswered(why: string): BaleenError {
  return new BaleenError(`candles cannot be downloaded: ${why}`, EXIT_CODES.network)
}

/** A row as a candle of this grid, or why it is none. */
function candleOf(row: unknown, timeframeMs: number): ClosedCandle | string {
  if (!Array.isArray(row) || row.length < 6) return 'no row of six'
  const values = row.slice(0, 6) as unknown[]
  if (!values.every((value) => typeof value === 'number' && Number.isFinite(value)))
    return 'a value is no number'
  const [openTime, open, high, low, close, volume] = values as [number, number, number, number, number, number] // prettier-ignore
  if (openTime % timeframeMs !== 0)
    return 'the open time lies off the grid: another unit, or another timeframe'
  if (!(low > 0)) return 'a price is not above 0'
  if (!(low <= open && low <= close && high >= open && high >= close)) return 'open or close lies outside low and high' // prettier-ignore
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
  // prettier-ignore
  const gaps: [number, number][] = []
  let next = fromMs
  for (const { openTime } of candles) {
    if (openTime > next) gaps.push([next, openTime])
    next = openTime + timeframeMs
  }
  if (toMs > next) gaps.push([next, toMs])
  return gaps
}
