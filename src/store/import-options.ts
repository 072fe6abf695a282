import type { Kind, Origin, RateKind } from './kinds.js'

/** What `baleen data import` was asked. Names may hold `{column}`: each distinct value then makes a series of its own. */
export interface ImportOptions {
  /** Parquet, CSV or JSON lines. */
  readonly file: string
  readonly kind: Kind
  /** Candles and funding: `binance:BTCUSDT-PERP`, or a template such as `binance:{symbol}USDT-PERP`. */
  readonly instrument?: string
  readonly venue?: string
  readonly asset?: string
  /** Whale positions: which ranking the rows come from. */
  readonly list?: string
  /** Name of a series of the user's own. */
  readonly name?: string
  /** Candles: bar interval. Funding: settlement interval, where no column says. Else: expected distance of events. */
  readonly intervalMs?: number
  readonly knownAtColumn?: string
  readonly knownLagMs?: number
  /** Field of the store → column of the file; `time` is the event time. */
  readonly map?: Readonly<Record<string, string>>
  /** Only rows whose column has one of the values (compared as text). */
  readonly where?: Readonly<Record<string, readonly string[]>>
  readonly unit?: string
  /** Size of one contract in base units, or in quote units where `contractUnit` says so. */
  readonly contractSize?: number
  readonly contractUnit?: 'base' | 'quote'
  /** Instrument whose stored candle of the same open time converts open interest in USD to base units. */
  readonly convertBy?: string
  readonly rateKind?: RateKind
  /** Coin-margined contract: stored, never traded as linear. */
  readonly inverse?: boolean
  /** Where the rows come from: kept with every row, so part of the data's identity. Nothing by default; the file's name is in the manifest. */
  readonly source?: string
  readonly origin?: Origin
  /** Words kept with every row, such as `partial-universe`. */
  readonly flags?: readonly string[]
  /** Checks and reports, writes nothing. */
  readonly dryRun?: boolean
  /** Time of the import, UTC ms: recorded, never part of the data's identity. */
  readonly now: number
  readonly progress?: (progress: ImportProgress) => void
}

/** Where an import stands. Each step of a series is announced once it is durable as far as its name says. */
export interface ImportProgress {
  readonly step: 'read' | 'checked' | 'rows-written' | 'rows-published' | 'manifest-published'
  readonly series: string
  readonly done: number
  readonly total: number
}

/** One thing that a check found: how often, and the first few rows of the file (from 1, header excluded; none where it is not about rows). */
export interface Finding {
  /** `quarantined` rows are kept aside and never loaded; a `notice` changes nothing. */
  readonly kind: 'quarantined' | 'dropped' | 'notice'
  readonly message: string
  readonly count: number
  readonly rows: readonly number[]
  /** What the file says in each of those rows, where the finding is about cells: `"abc"`, or `high "1", low "2"`. */
  readonly values?: readonly string[]
}

export interface SeriesReport {
  readonly id: string
  /** Rows of the file that belong to the series. */
  readonly rowsRead: number
  readonly rowsAdded: number
  /** Rows of the series after the import. */
  readonly rows: number
  readonly quarantined: number
  readonly neverKnown: number
  readonly firstEventTime: number
  readonly lastEventTime: number
  readonly gaps: { readonly count: number; readonly missing: number; readonly longestMs: number }
  /** The first few, as `[last event before, first event after]`, UTC ms. */
  readonly firstGaps: readonly (readonly [number, number])[]
  readonly findings: readonly Finding[]
  readonly bytes: number
  /** SHA-256 of the stored file; empty for a dry run. */
  readonly sha256: string
  readonly changed: boolean
  /** What was understood: time unit, columns, known-at rule. One line each. */
  readonly understood: readonly string[]
}

export interface ImportReport {
  readonly file: string
  readonly dryRun: boolean
  readonly series: readonly SeriesReport[]
  readonly dataSetHash: string
}
