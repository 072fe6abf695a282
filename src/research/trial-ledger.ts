/** Trials of one sitting: a generation of a sweep, a single backtest, or a walk-forward analysis, whose choices traded end to end are one trial. */
export interface LedgerRecord {
  /** UTC, ISO 8601. */
  readonly at: string
  readonly kind: 'sweep' | 'backtest' | 'walk-forward'
  /** What they came from: `sweep-id/generation`, or the id of a run or an analysis. */
  readonly from: string
  readonly strategy: string
  /** SHA-256 of the strategy file and what it imports by relative path. */
  readonly sourceHash: string
  /** Base assets traded. */
  readonly bases: readonly string[]
  /** Of the bars traded on, UTC ms: `[startTime, endTime)`. */
  readonly startTime: number
  readonly endTime: number
  /** Hashes of the daily returns of trials that ran to their end, whatever became of them. */
  readonly returns: readonly string[]
  /** A hash of code and params for each trial that has no returns: failed ones. */
  readonly failed: readonly string[]
}

/** Whose trials are to be counted. */
export type LedgerSubject = Pick<LedgerRecord, 'strategy' | 'sourceHash' | 'bases' | 'startTime' | 'endTime'>

export interface LedgerCount {
  /** Distinct trials: the N of the deflated Sharpe ratio. */
  readonly trials: number
  /** Of them, ended by an error. */
  readonly failed: number
  readonly records: number
  /** Names under which the strategy was tried. */
  readonly names: readonly string[]
  /** Versions of its source. */
  readonly sources: number
}

/**
 * Trials of a strategy's family on overlapping data, those with the same returns once. A family is all that hangs together by name or by source: a strategy that was
 * edited keeps its name, one that was renamed keeps its source. Data overlap where a base asset and a stretch of time are shared, on whichever
 * venue. O(records · names).
 */
export function countTrials(records: readonly LedgerRecord[], subject: LedgerSubject): LedgerCount {
  const { names, sources } = familyOf(records, subject)
  const own = records.filter(
    (record) =>
      (names.has(record.strategy) || sources.has(record.sourceHash)) && isOverlapping(record, subject),
  )
  const returns = new Set(own.flatMap((record) => record.returns))
  const failed = new Set(own.flatMap((record) => record.failed))
  return {
    trials: returns.size + failed.size,
    failed: failed.size,
    records: own.length,
    names: [...names].sort(),
    sources: sources.size,
  }
}

function familyOf(
  records: readonly LedgerRecord[],
  { strategy, sourceHash }: LedgerSubject,
): { readonly names: ReadonlySet<string>; readonly sources: ReadonlySet<string> } {
  const names = new Set([strategy])
  const sources = new Set([sourceHash])
  for (let size = 0; size < names.size + sources.size;) {
    size = names.size + sources.size
    for (const record of records) {
      if (!names.has(record.strategy) && !sources.has(record.sourceHash)) continue
      names.add(record.strategy)
      sources.add(record.sourceHash)
    }
  }
  return { names, sources }
}

function isOverlapping(record: LedgerRecord, { bases, startTime, endTime }: LedgerSubject): boolean {
  const sharesTime = record.startTime < endTime && startTime < record.endTime
  return sharesTime && record.bases.some((base) => bases.includes(base))
}
