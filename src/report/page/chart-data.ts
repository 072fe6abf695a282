import type { Unit } from '../../metrics/metrics-report.js'

/** Colours by what they stand for; the page's style says which they are, in the light and in the dark. */
export type Ink = 'strategy' | 'benchmark' | 'gain' | 'loss' | 'soft' | 'third' | 'fourth' | 'fifth' | 'sixth'

/** `price`: as many digits as tell it from its neighbours, whatever its size. */
export type ChartUnit = Unit | 'price'

/** A column of numbers beside a column of times; null where there is none. */
export type Column = readonly (number | null)[]

/** One line of a time chart. */
export interface TimeSeries {
  readonly label: string
  readonly values: Column
  readonly ink: Ink
  /** `area` is filled down (or up) to 0; `step` keeps a value until the next. Default `line`. */
  readonly draw?: 'line' | 'step' | 'area'
  /** Drawn dashed, such as a threshold. */
  readonly isDashed?: boolean
  readonly unit: ChartUnit
}

/** Candles of as many bars each as the page could hold; `time` of the chart is their open. */
export interface CandleColumns {
  readonly open: Column
  readonly high: Column
  readonly low: Column
  readonly close: Column
}

/** A stretch of time that is shaded, such as a drawdown. UTC ms. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
  readonly label: string
}

/** A point of interest: what happened there stands in `lines`, shown when it is pointed at. */
export interface TimeMark {
  readonly time: number
  readonly value: number
  readonly shape: 'up' | 'down' | 'cross' | 'dot'
  readonly ink: Ink
  readonly lines: readonly string[]
}

/** A level that held for a while, such as a stop. */
export interface TimeLevel {
  readonly from: number
  readonly to: number
  readonly value: number
  /** Where the line ends, if not at `value`. */
  readonly endValue?: number
  readonly ink: Ink
  readonly isDashed?: boolean
}

/** Round trips to draw on candles, column by column: entries, exits, and the levels that were set at the entry. */
export interface TradeMarks {
  readonly id: readonly number[]
  /** 1 or −1. */
  readonly side: readonly number[]
  readonly entryTime: readonly number[]
  readonly entryPrice: readonly number[]
  readonly exitTime: readonly number[]
  readonly exitPrice: readonly number[]
  readonly stopPrice: Column
  readonly targetPrice: Column
  /** Index into `exitReasons`. */
  readonly exitReason: readonly number[]
  readonly exitReasons: readonly string[]
  /** Net, quote units. */
  readonly profit: readonly number[]
  /** Of entry notional. */
  readonly profitFraction: readonly number[]
}

/** Everything a chart over time draws. All columns are as long as `time`. */
export interface TimeChartData {
  /** Charts of one group zoom and point together. */
  readonly group: string
  /** UTC ms, strictly increasing. */
  readonly time: readonly number[]
  readonly series: readonly TimeSeries[]
  readonly candles?: CandleColumns
  readonly spans?: readonly TimeSpan[]
  readonly marks?: readonly TimeMark[]
  readonly levels?: readonly TimeLevel[]
  readonly trades?: TradeMarks
  /** Unit of the axis. */
  readonly unit: ChartUnit
  /** Values are returns r > −1 that may be drawn as 1 + r on a logarithmic scale: a button changes between the two. */
  readonly hasLogarithmic?: boolean
  /** Without texts under the axis of time: for rows of small charts of which the last has them. */
  readonly isCompact?: boolean
  /** Range of the axis where it should not follow the data. */
  readonly range?: readonly [lowest: number, highest: number]
}

/** A column of a table that the page sorts, filters and writes as CSV. */
export interface RecordColumn {
  readonly name: string
  /** Absent: a column of texts. */
  readonly unit?: ChartUnit
  /** One value a row; null where there is none. */
  readonly values: readonly (string | number | null)[]
  /** Offers a list of its values to filter by. */
  readonly isChoice?: boolean
  /** Negative values are coloured as losses. */
  readonly isSigned?: boolean
  /** In the CSV only. */
  readonly isHidden?: boolean
  /** Texts to take along, such as commands: each with a button that copies it. */
  readonly isCopied?: boolean
}

export interface RecordTableData {
  readonly columns: readonly RecordColumn[]
  readonly rowsPerPage: number
  /** Name of the file that the button for CSV writes; no button where it is absent. */
  readonly csvName?: string
}
