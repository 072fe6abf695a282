import { DAY_MS } from '../core/time.js'
import { returnHash } from './overfitting/trial-returns.js'

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
 * Trials of a strategy's family on overlapping data, those with the same returns once. A family is all that hangs together by name, by source or by what it did: a strategy
 * that was edited keeps its name, one whose name alone was changed earns on the same days what it earned before. Days on which nothing was ever held join nobody. Data overlap
 * where a base asset and a stretch of time are shared, on whichever venue. O((records + returns) · steps), of which there are as many as the family was renamed.
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
  subject: LedgerSubject,
): { readonly names: ReadonlySet<string>; readonly sources: ReadonlySet<string> } {
  const names = new Set([subject.strategy])
  const sources = new Set([subject.sourceHash])
  const returns = new Set<string>()
  const flat = new Map<number, string>()
  const movesAlike = (record: LedgerRecord): boolean => {
    const days = wholeDays(record)
    if (!flat.has(days)) flat.set(days, returnHash(new Float64Array(days)))
    return record.returns.some((hash) => returns.has(hash) && hash !== flat.get(days))
  }
  let rest = records
  for (let left = Infinity; rest.length < left;) {
    left = rest.length
    rest = rest.filter((record) => {
      const isNear = isOverlapping(record, subject)
      if (!names.has(record.strategy) && !sources.has(record.sourceHash) && !(isNear && movesAlike(record))) return true // prettier-ignore
      names.add(record.strategy)
      sources.add(record.sourceHash)
      if (isNear) for (const hash of record.returns) returns.add(hash)
      return false
    })
  }
  return { names, sources }
}

/** Days that have a return: from the first 00:00 UTC to the last. */
function wholeDays({ startTime, endTime }: LedgerRecord): number {
  return Math.max(0, Math.floor(endTime / DAY_MS) - Math.ceil(startTime / DAY_MS))
}

function isOverlapping(record: LedgerRecord, { bases, startTime, endTime }: LedgerSubject): boolean {
  const sharesTime = record.startTime < endTime && startTime < record.endTime
  return sharesTime && record.bases.some((base) => bases.includes(base))
}
