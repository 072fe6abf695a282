import { DataError } from '../core/errors.js'
import type { BacktestResult, InstrumentRun } from '../core/result.js'
import type { TradeTable } from '../core/trades.js'
import { accountTimes, instrumentTimes, type BarTimes } from './bar-times.js'
import { known, tooFew, type Statistic } from './statistic.js'
import { tradeTable } from './trade-columns.js'

/** How much of the account was in the market, over all bars of the run: flat ones count as 0. */
export interface Exposure {
  readonly bars: number
  /** Bars in which any position was held for some time. */
  readonly barsHeld: number
  /** Mean of long and short added up, as a fraction of equity; 0 for a run without bars. */
  readonly gross: number
  /** Mean of long minus short. */
  readonly net: number
}

/**
 * Exposure from the trades. A bar counts for every position that was held for some time inside it, however short: the one
 * that is opened at its open and stopped in it too, but not the one that is closed at its open. It counts with the quantity
 * held, at the bar's close, over equity at that close; where the position lives to the close that is its exposure there.
 * O(trades · log + Σ bars held).
 *
 * Throws DataError for a trade of an instrument that is not of the run.
 */
export function exposureOf(result: BacktestResult, trades: TradeTable = tradeTable(result)): Exposure {
  const { timeframeMs } = result
  const { equity } = result.equity
  const time = accountTimes(result)
  const bars = equity.length
  const walks = new Map(
    result.instruments.map((run) => [run.id, { run, time: instrumentTimes(run, timeframeMs), row: 0 }]),
  )
  let long = 0
  let short = 0
  let barsHeld = 0
  let first = 0
  let heldUntil = 0
  const order = byEntry(trades)
  for (let at = 0; at < trades.count; at++) {
    const row = order === undefined ? at : order[at]!
    const entryTime = trades.entryTime[row]!
    first = time.firstAtOrAfter(entryTime, first)
    const from = time.at(first) === entryTime ? first + 1 : first
    const end = time.firstAtOrAfter(trades.exitTime[row]! + timeframeMs, from)
    const walk = walkOf(walks, trades.instrumentId[row]!)
    const share = trades.quantity[row]! * priceOverEquity(walk, time, equity, from, end)
    if (trades.side[row]! > 0) long += share
    else short += share
    if (end <= heldUntil) continue
    barsHeld += end - Math.max(from, heldUntil)
    heldUntil = end
  }
  return {
    bars,
    barsHeld,
    gross: bars === 0 ? 0 : (long + short) / bars,
    net: bars === 0 ? 0 : (long - short) / bars,
  }
}

/** Share of bars in which a position was held for some time, however short. */
export function timeInMarket({ bars, barsHeld }: Exposure): Statistic {
  return tooFew(bars, 1, 'bars') ?? known(barsHeld / bars)
}

/** So that of two trades the later one shares no bar before the earlier one's first; undefined where they stand so. */
function byEntry({ count, entryTime }: TradeTable): Int32Array | undefined {
  let row = 1
  while (row < count && entryTime[row]! >= entryTime[row - 1]!) row++
  if (row >= count) return undefined
  return Int32Array.from({ length: count }, (_, at) => at).sort((a, b) => entryTime[a]! - entryTime[b]!)
}

/** An instrument's closes, and how many of them lie before the first bar of the trade that was last asked for. */
interface Walk {
  readonly run: InstrumentRun
  readonly time: BarTimes
  row: number
}

function walkOf(walks: ReadonlyMap<string, Walk>, instrumentId: string): Walk {
  const walk = walks.get(instrumentId)
  if (walk !== undefined) return walk
  throw new DataError('a trade is of an instrument that is not of the run', {
    field: 'instrumentId',
    value: instrumentId,
  })
}

/** Σ close / equity over bars `[from, end)` of the account: the instrument's own last close by then, since it may have no bar of its own. */
function priceOverEquity(
  walk: Walk,
  time: BarTimes,
  equity: Float64Array,
  from: number,
  end: number,
): number {
  if (from >= end) return 0
  const { close, open } = walk.run
  let row = walk.time.firstAtOrAfter(time.at(from), walk.row)
  walk.row = row
  // Its bars are bars of the account: as many of both up to the same close are the same.
  if (walk.time.at(row + end - 1 - from) === time.at(end - 1))
    return sumOfRatios(close, row - from, equity, from, end)
  let total = 0
  for (let bar = from; bar < end; bar++) {
    while (walk.time.at(row) <= time.at(bar)) row++
    total += (row === 0 ? open[0]! : close[row - 1]!) / equity[bar]!
  }
  return total
}

function sumOfRatios(
  close: Float64Array,
  shift: number,
  equity: Float64Array,
  from: number,
  end: number,
): number {
  let total = 0
  for (let bar = from; bar < end; bar++) total += close[bar + shift]! / equity[bar]!
  return total
}
