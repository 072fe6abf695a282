/**
 * How a long column is cut for drawing: stretches of `size` rows from `first` to `end`. A size of 1 keeps every row; else a stretch keeps
 * two, its lowest and its highest, in the order in which they came.
 */
export interface Stretches {
  readonly first: number
  readonly end: number
  readonly size: number
}

/** Stretches, of an even size, of which at most `most` points and a last one come, or one a row where there are no more rows than that. */
export function stretchesOf(first: number, end: number, most: number): Stretches {
  const rows = Math.max(0, end - first)
  return { first, end, size: rows <= most ? 1 : 2 * Math.ceil(rows / most) }
}

/** Rows at which the points of `thinned` are drawn: the first of each stretch and the one in its middle, and the very last row. */
export function pointRows({ first, end, size }: Stretches): number[] {
  const rows: number[] = []
  for (let start = first; start < end; start += size) {
    rows.push(start)
    const middle = start + Math.floor(Math.min(size, end - start) / 2)
    if (size > 1 && middle > start) rows.push(middle)
  }
  if (size > 1 && end > first && rows.at(-1)! < end - 1) rows.push(end - 1)
  return rows
}

/**
 * The column at the points of `pointRows`: extremes survive, each within its own stretch. Null where nothing of a stretch is known (NaN).
 * The last point is the column's last row as it is. O(rows).
 */
export function thinned(column: ArrayLike<number>, { first, end, size }: Stretches): (number | null)[] {
  const known = (row: number): number | null => (Number.isNaN(column[row]!) ? null : column[row]!)
  if (size === 1) return Array.from({ length: Math.max(0, end - first) }, (_, at) => known(first + at))
  const points: (number | null)[] = []
  let lastRow = -1
  for (let start = first; start < end; start += size) {
    const stop = Math.min(start + size, end)
    let [lowest, highest] = [-1, -1]
    for (let row = start; row < stop; row++) {
      const value = column[row]!
      if (value !== value) continue
      if (lowest < 0 || value < column[lowest]!) lowest = row
      if (highest < 0 || value > column[highest]!) highest = row
    }
    const [earlier, later] = [Math.min(lowest, highest), Math.max(lowest, highest)]
    if (stop - start === 1) points.push(known(start))
    else points.push(earlier < 0 ? null : column[earlier]!, later < 0 ? null : column[later]!)
    lastRow = stop - start === 1 ? start : start + Math.floor((stop - start) / 2)
  }
  if (end > first && lastRow < end - 1) points.push(known(end - 1))
  return points
}

/** Candles of `size` bars each: open of the first, close of the last, the extremes of all. */
export interface ThinnedCandles {
  readonly barsPerCandle: number
  /** Open of each candle, UTC ms. */
  readonly time: readonly number[]
  readonly open: readonly number[]
  readonly high: readonly number[]
  readonly low: readonly number[]
  readonly close: readonly number[]
}

interface CandleColumns {
  readonly openTime: ArrayLike<number>
  readonly open: ArrayLike<number>
  readonly high: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly close: ArrayLike<number>
}

/** Bars `[first, end)` as at most `most` candles of equally many bars. O(bars). */
export function thinnedCandles(
  { openTime, open, high, low, close }: CandleColumns,
  first: number,
  end: number,
  most: number,
): ThinnedCandles {
  const size = Math.max(1, Math.ceil((end - first) / most))
  const candles = { barsPerCandle: size, time: [] as number[], open: [] as number[], high: [] as number[], low: [] as number[], close: [] as number[] } // prettier-ignore
  for (let start = first; start < end; start += size) {
    const stop = Math.min(start + size, end)
    let [highest, lowest] = [-Infinity, Infinity]
    for (let bar = start; bar < stop; bar++) {
      highest = Math.max(highest, high[bar]!)
      lowest = Math.min(lowest, low[bar]!)
    }
    candles.time.push(openTime[start]!)
    candles.open.push(open[start]!)
    candles.high.push(highest)
    candles.low.push(lowest)
    candles.close.push(close[stop - 1]!)
  }
  return candles
}

/** As many significant digits as a chart can show; prices and equity take seven. */
export function forChart(value: number, digits: number = 7): number {
  return Number(value.toPrecision(digits))
}

/** The same for columns, null where there is none. */
export function columnForChart(values: readonly (number | null)[], digits?: number): (number | null)[] {
  return values.map((value) => (value === null ? null : forChart(value, digits)))
}
