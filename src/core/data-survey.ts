/** Quantiles of a sample: each is a value of the sample (the smallest with at least that share at or below it). */
export interface Spread {
  readonly count: number
  readonly minimum: number
  readonly p5: number
  readonly p25: number
  readonly median: number
  readonly p75: number
  readonly p95: number
  readonly p99: number
  readonly maximum: number
}

/** A stretch in which events are missing: none between `afterTime` and `beforeTime`, which are events. UTC ms. */
export interface DataGap {
  readonly afterTime: number
  readonly beforeTime: number
  /** `round(step / expected step) − 1`. */
  readonly missing: number
  /** Time that no event stands for: step − expected step. */
  readonly lengthMs: number
}

export type BucketPeriod = 'hour' | 'day' | 'month' | 'year'

/** One piece of a series' time: an hour, a day, a month or a year (UTC), cut to the series' own range. */
export interface SurveyBucket {
  readonly startTime: number
  readonly endTime: number
  readonly events: number
  /** Share of the bucket's time that lies in no gap, 0..1. */
  readonly coverage: number
  /** Largest age of the newest known fact within the bucket, ms; undefined while nothing was known. */
  readonly largestAgeMs: number | undefined
}

/** How a series' known-at came about. Only `column` was measured by somebody; the other words say by which rule it follows. */
export type KnownBasis =
  'bar-close' | 'settlement' | 'column' | 'exact-lag' | 'assumed-lag' | 'assumed-column' | 'unknown'

export interface KnownAtSurvey {
  /** One for every way in which rows were imported. */
  readonly basis: readonly KnownBasis[]
  /** Known-at minus event time of each event as first recorded, ms; undefined where nothing was ever known. */
  readonly delay: Spread | undefined
  /** Events that were ever known, and those of them known at the very instant at which they happened. */
  readonly knownEvents: number
  readonly instantEvents: number
  /** Rows without a known-at, and rows by the provenance of theirs. */
  readonly neverKnown: number
  readonly rowsByOrigin: Readonly<Record<string, number>>
}

/**
 * Age of the newest known fact, `t − newest event among the facts known at t`, over all t between the first and the last
 * known-at. A bar's event is its close. Undefined where fewer than two events were known.
 */
export interface Staleness {
  readonly largestMs: number
  /** When it was that old: the instant at which the next fact became known. UTC ms. */
  readonly largestAt: number
  /** Over time, not over events. */
  readonly meanMs: number
  /** Median delay + 2 · expected step. */
  readonly limitMs: number
  /** Share of time on which the newest known fact was older than that. */
  readonly overLimit: number
}

export interface FieldSurvey {
  readonly name: string
  /** Rows without a value. */
  readonly missing: number
  /** Undefined where every value is missing. */
  readonly spread: Spread | undefined
  /** Longest run of equal values in a row; undefined for rows that are not one series of numbers. */
  readonly flat: { readonly length: number; readonly startTime: number; readonly endTime: number } | undefined
}

export interface CheckExample {
  /** Event time of the row, UTC ms. */
  readonly time: number
  /** What the row says, in words and numbers: `close 100 → 250`. */
  readonly text: string
  /** How far out it is, in the units of the criterion. */
  readonly score: number
}

/** One criterion, how often it was met, and the worst rows that met it. */
export interface DataCheck {
  readonly key: string
  readonly title: string
  /** The criterion as a formula, with the numbers of this series. */
  readonly criterion: string
  /** `impossible` rows are wrong; `suspicious` ones want a look; a `note` is a fact to know. */
  readonly severity: 'impossible' | 'suspicious' | 'note'
  /** Rows that meet it; undefined where it cannot be judged, with the reason. */
  readonly count: number | undefined
  readonly reason?: string
  /** At most five, worst first. */
  readonly worst: readonly CheckExample[]
}

/** What is known of one stored series after reading all of it. Times are UTC ms. */
export interface SeriesSurvey {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly asset: string | undefined
  readonly inverse: boolean
  readonly flags: readonly string[]
  /** What the import says of where the rows come from, and the names of the imported files. */
  readonly sources: readonly string[]
  readonly files: readonly string[]
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  /** Distinct event times: a snapshot of many wallets is one event. */
  readonly events: number
  /** Rows that correct an earlier row of the same event. */
  readonly revisions: number
  readonly quarantined: {
    readonly rows: number
    readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
  }
  readonly firstEventTime: number
  readonly lastEventTime: number
  /** Last event + expected step. */
  readonly endTime: number
  readonly expectedStep: {
    /** Undefined for a single event. */
    readonly ms: number | undefined
    readonly basis: 'timeframe' | 'own-interval' | 'stated' | 'median'
  }
  readonly coverage: {
    /** `1 − time in gaps / (end − first event)`, 0..1. */
    readonly share: number
    readonly missingEvents: number
    readonly missingMs: number
    readonly period: BucketPeriod
    readonly buckets: readonly SurveyBucket[]
  }
  /** A gap is a step of more than 1.5 expected ones. */
  readonly gaps: {
    readonly count: number
    readonly longestMs: number
    /** The longest first, at most 1,000. */
    readonly longest: readonly DataGap[]
  }
  /** Distance of successive events, ms; undefined for a single event. */
  readonly spacing: Spread | undefined
  /** Rows of one event, where an event has several. */
  readonly rowsPerEvent: Spread | undefined
  readonly known: KnownAtSurvey
  readonly staleness: Staleness | undefined
  readonly values: readonly FieldSurvey[]
  readonly checks: readonly DataCheck[]
}

/** What a data folder holds, series by series. */
export interface DataSurvey {
  readonly folder: string
  readonly dataSetHash: string
  /** Series of the folder that were not asked for. */
  readonly leftOut: number
  /** Robust deviations beyond which a change is listed. */
  readonly outlierDeviations: number
  readonly series: readonly SeriesSurvey[]
}
