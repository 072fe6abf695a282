import { join } from 'node:path'
import { type Candles, sharedColumn } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import type { TimeRange } from '../core/time.js'
import { type CoarseBars, column, readSeries } from './read-series.js'
import { candlesId, markCandlesId } from './series-id.js'
import { type Store, seriesEntry, storeManifest } from './store.js'

/**
 * Candles of one instrument whose bars open within `range`, oldest first, on shared memory.
 * Throws DataError where the series is absent, or its file is broken or not in the order in which the store writes it.
 */
export async function loadCandles(
  store: Store,
  instrumentId: string,
  timeframeMs: number,
  range?: TimeRange,
): Promise<Candles> {
  return readCandles(store, candlesId(instrumentId, timeframeMs), timeframeMs, range)
}

/** Candles of a finer timeframe inside the given bars only, oldest first. Throws DataError as `loadCandles`. */
export async function loadCandlesInside(
  store: Store,
  instrumentId: string,
  timeframeMs: number,
  bars: CoarseBars,
): Promise<Candles> {
  return readCandles(store, candlesId(instrumentId, timeframeMs), timeframeMs, undefined, bars)
}

async function readCandles(
  store: Store,
  id: string,
  timeframeMs: number,
  range: TimeRange | undefined,
  inside?: CoarseBars,
): Promise<Candles> {
  const entry = seriesEntry(store, await storeManifest(store), id)
  const names = ['open', 'high', 'low', 'close', 'volume']
  const fields = Object.fromEntries(names.map((name) => [name, name]))
  const columns = { openTime: '"eventTime"', ...fields }
  const spare = takeSpareTimes(store)
  const read = await readSeries(store, entry, columns, range, {
    ...(inside && { inside, order: '"eventTime"' }),
    ...(spare && { memory: { openTime: spare } }),
  })
  const times = column(read, 'openTime')
  checkAscending(times, join(store.directory, entry.file.path))
  const openTime = sameTimes(store, times)
  return {
    timeframeMs,
    openTime,
    open: column(read, 'open'),
    high: column(read, 'high'),
    low: column(read, 'low'),
    close: column(read, 'close'),
    volume: column(read, 'volume'),
  }
}

/** When the bars open that were loaded last, as long as somebody holds them; and the column into which the same times were read again. */
interface Times {
  readonly last: WeakRef<Float64Array>
  spare: Float64Array | undefined
}

const timesOf = new WeakMap<Store, Times>()

/** Instruments of one account mostly have their bars at the same times, and then one column of these: a sixth of their memory. */
function sameTimes(store: Store, times: Float64Array): Float64Array {
  const known = timesOf.get(store)
  const last = known?.last.deref()
  if (known !== undefined && last !== undefined && areSame(last, times)) {
    known.spare = times
    return last
  }
  timesOf.set(store, { last: new WeakRef(times), spare: undefined })
  return times
}

/** For one load alone: shared memory that is dropped is long in being collected. */
function takeSpareTimes(store: Store): Float64Array | undefined {
  const known = timesOf.get(store)
  const spare = known?.spare
  if (known !== undefined) known.spare = undefined
  return spare
}

function areSame(some: Float64Array, others: Float64Array): boolean {
  if (some.length !== others.length) return false
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false
  return true
}

/** Mark prices of bars, equal in length to them; NaN where none was recorded. */
export interface MarkColumns {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
}

/** Mark prices beside the bars that open at `openTime` (rising, UTC ms). Throws DataError as `loadCandles`. */
export async function loadMarks(
  store: Store,
  instrumentId: string,
  timeframeMs: number,
  openTime: Float64Array,
): Promise<MarkColumns> {
  const entry = seriesEntry(store, await storeManifest(store), markCandlesId(instrumentId, timeframeMs))
  const range = { startMs: openTime[0] ?? Infinity, endMs: (openTime.at(-1) ?? -Infinity) + timeframeMs }
  const columns = { openTime: '"eventTime"', open: 'open', high: 'high', low: 'low' }
  const read = await readSeries(store, entry, columns, range)
  const markTime = column(read, 'openTime')
  checkAscending(markTime, join(store.directory, entry.file.path))
  const beside = (marks: Float64Array): Float64Array => {
    const aligned = sharedColumn(openTime.length)
    let row = 0
    for (let bar = 0; bar < aligned.length; bar++) {
      while (row < markTime.length && markTime[row]! < openTime[bar]!) row++
      aligned[bar] = markTime[row] === openTime[bar] ? marks[row]! : NaN
    }
    return aligned
  }
  return {
    open: beside(column(read, 'open')),
    high: beside(column(read, 'high')),
    low: beside(column(read, 'low')),
  }
}

/** Files are written in reading order: sorting five million rows again would take longer than reading them. */
function checkAscending(openTime: Float64Array, file: string): void {
  for (let row = 1; row < openTime.length; row++) {
    if (!(openTime[row]! > openTime[row - 1]!)) {
      throw new DataError('a stored candle does not open after the one before it: import its source again', {
        file,
        row: row + 1,
        field: 'eventTime',
        value: openTime[row]!,
        unit: 'ms',
      })
    }
  }
}
