import type { Candles } from '../core/columns.js'
import { DataError } from '../core/errors.js'
import { prepareSettlements } from '../execution/funding.js'
import { ExtremesFold, highestByBlock, lowestByBlock, type Extremes } from './blocks.js'
import { meanOfVolumes } from './mean-volume.js'
import { checkCandles, checkDetail, checkFunding, checkMark } from './input-checks.js'
import type { InstrumentData, MarkCandles } from './options.js'
import { settlementColumns, type SettlementColumns } from './settlements.js'
import { firstSlotIfEven, NO_SLOT, slotAt, type BarRange, type Timeline } from './timeline.js'

/**
 * One instrument's columns laid along the slots of a run, with all that replays of any strategy share: nothing here changes while
 * trials run. `row = slot + shift`. Where the instrument has a bar on each slot, rows are the bars of its candles; where
 * bars are missing the columns are laid out anew, NaN on slots without a bar.
 */
export interface Track {
  readonly index: number
  readonly data: InstrumentData
  /** Bars `[firstBar, endBar)` of the candles are traded; earlier ones only warm up. */
  readonly firstBar: number
  readonly endBar: number
  readonly firstSlot: number
  /** Last slot with a bar. */
  readonly lastSlot: number
  readonly shift: number
  /** By row, where bars are missing: the newest bar at or before it. */
  readonly barOfRow: Int32Array | undefined
  /** By bar − firstBar, where bars are missing. */
  readonly slotOfBar: Int32Array | undefined
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly mark: MarkCandles | undefined
  /** Candles of a finer timeframe, for some of the bars. */
  readonly detail: Candles | undefined
  /** Last close less what a long of one unit has paid by this row's close. */
  readonly worth: Float64Array
  readonly settlements: SettlementColumns | undefined
  /** By row: settlements before the row's close. */
  readonly settledAtClose: Int32Array | undefined
  /** By bar: mean volume of the 20 bars up to it. */
  readonly meanVolume: Float64Array | undefined
  /** Slot of the last bar before the delisting, at whose close positions end; NO_SLOT where it does not happen in the run. */
  readonly delistSlot: number
  readonly highs: Extremes
  readonly lows: Extremes
  readonly worthHighs: Extremes
  readonly worthLows: Extremes
  /** Worth at each of the timeline's day edges, side by side: day edges lie far apart in the column. Means nothing before the track's first row. */
  readonly edgeWorth: Float64Array
}

/** Bar of the candles at a row. */
export function barAt({ barOfRow }: Pick<Track, 'barOfRow'>, row: number): number {
  return barOfRow === undefined ? row : (barOfRow[row] as number)
}

/** Extremes of the candles' own columns, found while they were checked. */
interface CheckedRange extends BarRange {
  readonly highs: ExtremesFold
  readonly lows: ExtremesFold
  readonly closes: ExtremesFold
}

/** Finds the bars of an instrument that a run trades. Throws DataError where there is none, or a bar cannot be trusted. O(bars). */
export function barRange(data: InstrumentData, startTime: number, endTime: number): CheckedRange {
  const highs = new ExtremesFold(data.candles.high, false, 'highest')
  const lows = new ExtremesFold(data.candles.low, false, 'lowest')
  const closes = new ExtremesFold(data.candles.close, false, 'both')
  checkCandles(data, (end) => {
    highs.pass(end)
    lows.pass(end)
    if (data.funding === undefined) closes.pass(end)
  })
  checkFunding(data)
  checkDetail(data)
  const { candles, instrument } = data
  const { openTime, timeframeMs } = candles
  const first = slotAt(openTime, Math.max(startTime, instrument.listedAt ?? -Infinity))
  const last = Math.min(endTime, instrument.delistedAt ?? Number.POSITIVE_INFINITY)
  let end = openTime.length
  while (end > 0 && (openTime[end - 1] as number) + timeframeMs > last) end--
  if (first >= end) {
    throw new DataError(`${instrument.id} has no bar in the time range of the run`, { field: 'timerange' })
  }
  checkMark(data, first, end)
  return { id: instrument.id, candles, first, end, highs, lows, closes }
}

/** Lays one instrument along the run. O(bars). */
export function layTrack(
  index: number,
  data: InstrumentData,
  range: CheckedRange,
  timeline: Timeline,
  endTime: number,
  needsVolume: boolean,
): Track {
  const { candles } = data
  const { first, end } = range
  const evenFrom = endsWithRun(data, range, timeline) ? firstSlotIfEven(range, timeline.openTime) : undefined
  const layout =
    evenFrom === undefined ? paddedLayout(data, range, timeline) : evenLayout(data, range, evenFrom)
  const { shift, firstSlot, lastSlot } = layout
  const hasGaps = layout.slotOfBar !== undefined
  // To the end of the run, not of these candles: what is held when an instrument's bars cease still pays and receives.
  const settlements =
    data.funding === undefined
      ? undefined
      : settlementColumns(
          prepareSettlements(data.funding, candles, candles.openTime[first] as number, endTime),
        )
  const settledAtClose =
    settlements && settledByRow(settlements, timeline, layout.close.length, firstSlot, shift)
  const worth =
    settlements && settledAtClose ? lessFunding(layout.close, settlements, settledAtClose) : layout.close
  const worths = worth === candles.close ? range.closes : new ExtremesFold(worth, hasGaps, 'both')
  return {
    index,
    data,
    firstBar: first,
    endBar: end,
    ...layout,
    detail: data.detail,
    worth,
    settlements,
    settledAtClose,
    meanVolume: needsVolume ? meanVolume(candles.volume) : undefined,
    delistSlot: delistSlotOf(data, timeline, lastSlot),
    highs: hasGaps ? highestByBlock(layout.high, true) : range.highs.highest(),
    lows: hasGaps ? lowestByBlock(layout.low, true) : range.lows.lowest(),
    worthHighs: worths.highest(),
    worthLows: worths.lowest(),
    edgeWorth: Float64Array.from(timeline.edgeSlots, (slot) => worth[slot + shift] ?? Number.NaN),
  }
}

/** A position may outlive the instrument's bars, and then needs rows up to the end of the run, unless a delisting closes it. */
function endsWithRun(
  { instrument }: InstrumentData,
  { candles, end }: BarRange,
  { openTime, timeframeMs }: Timeline,
): boolean {
  const lastOpen = openTime[openTime.length - 1] as number
  if (candles.openTime[end - 1] === lastOpen) return true
  return instrument.delistedAt !== undefined && instrument.delistedAt <= lastOpen + timeframeMs
}

type Layout = Pick<
  Track,
  'firstSlot' | 'lastSlot' | 'shift' | 'barOfRow' | 'slotOfBar' | 'open' | 'high' | 'low' | 'close' | 'mark'
>

function evenLayout({ candles, mark }: InstrumentData, { first, end }: BarRange, firstSlot: number): Layout {
  const { open, high, low, close } = candles
  const lastSlot = firstSlot + end - first - 1
  return {
    firstSlot, lastSlot, shift: first - firstSlot, barOfRow: undefined, slotOfBar: undefined, open, high, low, close, mark,
  } // prettier-ignore
}

/** Columns by slot: prices NaN where there is no bar, but the close, which carries on. */
function paddedLayout(
  { candles, mark }: InstrumentData,
  { first, end }: BarRange,
  { openTime }: Timeline,
): Layout {
  const slots = openTime.length
  const barOfRow = new Int32Array(slots).fill(-1)
  const slotOfBar = new Int32Array(end - first)
  let slot = 0
  for (let bar = first; bar < end; bar++) {
    const time = candles.openTime[bar] as number
    while ((openTime[slot] as number) < time) slot++
    slotOfBar[bar - first] = slot
    barOfRow[slot] = bar
  }
  const hasBar = barOfRow.map((bar) => (bar < 0 ? 0 : 1))
  const spread = (column: Float64Array): Float64Array => {
    const rows = new Float64Array(new SharedArrayBuffer(slots * 8)).fill(NaN)
    for (let row = 0; row < slots; row++)
      if (hasBar[row] === 1) rows[row] = column[barOfRow[row] as number] as number
    return rows
  }
  const close = spread(candles.close)
  const layout = {
    firstSlot: slotOfBar[0] as number,
    lastSlot: slotOfBar[slotOfBar.length - 1] as number,
    shift: 0,
    open: spread(candles.open),
    high: spread(candles.high),
    low: spread(candles.low),
    mark: mark && { open: spread(mark.open), high: spread(mark.high), low: spread(mark.low) },
  }
  for (let row = 1; row < slots; row++) {
    if (hasBar[row] === 1) continue
    close[row] = close[row - 1] as number
    barOfRow[row] = barOfRow[row - 1] as number
  }
  return { ...layout, close, barOfRow, slotOfBar }
}

function settledByRow(
  { time }: SettlementColumns,
  { openTime, timeframeMs }: Timeline,
  rows: number,
  firstSlot: number,
  shift: number,
): Int32Array {
  const settled = new Int32Array(rows)
  let count = 0
  for (let slot = firstSlot; slot < openTime.length && slot + shift < rows; slot++) {
    const closeTime = (openTime[slot] as number) + timeframeMs
    while (count < time.length && (time[count] as number) < closeTime) count++
    settled[slot + shift] = count
  }
  return settled
}

function lessFunding(close: Float64Array, { paid }: SettlementColumns, settled: Int32Array): Float64Array {
  const worth = new Float64Array(new SharedArrayBuffer(close.length * 8))
  for (let row = 0; row < close.length; row++)
    worth[row] = (close[row] as number) - (paid[settled[row] as number] as number)
  return worth
}

/** Mean of the up to 20 bars that end at each bar. */
function meanVolume(volume: Float64Array): Float64Array {
  const mean = new Float64Array(volume.length)
  for (let bar = 0; bar < volume.length; bar++) mean[bar] = meanOfVolumes(volume, bar + 1)
  return mean
}

function delistSlotOf(
  { instrument }: InstrumentData,
  { openTime, timeframeMs }: Timeline,
  lastSlot: number,
): number {
  const lastClose = (openTime[openTime.length - 1] as number) + timeframeMs
  return instrument.delistedAt !== undefined && instrument.delistedAt <= lastClose ? lastSlot : NO_SLOT
}
