import type { FactColumns, PointInTimeIndex } from './columns.js'
import { DataError } from './errors.js'

/**
 * Whether a fact replaces the one in use. Facts arrive in the order in which they became known, so only the event time
 * decides: an equal one is a later revision of the same event, an older one is a correction of the past and never hides
 * what is newer.
 */
function supersedes(eventTime: number, currentEventTime: number): boolean {
  return eventTime >= currentEventTime
}

function refuseDisorder(what: string, row: number, value: number, previous: number): never {
  throw new DataError(`${what} must not decrease: the row before it has ${previous}`, {
    row: row + 1,
    field: what,
    value,
    unit: 'UTC ms',
  })
}

/**
 * For each bar close, the newest fact known by then: see PointInTimeIndex for the rule. A fact whose `knownAt` is NaN was
 * never known. O(facts + bars).
 *
 * @param knownAt UTC ms, not decreasing (NaN rows apart), as FactColumns are sorted
 * @param eventTime UTC ms, of the same length
 * @param closeTime UTC ms of each bar's close, not decreasing
 * @throws DataError naming the row where a column decreases
 */
export function joinPointInTime(
  knownAt: Float64Array,
  eventTime: Float64Array,
  closeTime: Float64Array,
): PointInTimeIndex {
  const row = new Int32Array(closeTime.length)
  const ageMs = new Float64Array(closeTime.length)
  let next = 0
  let current = -1
  let currentEventTime = -Infinity
  let lastKnownAt = -Infinity
  let lastClose = -Infinity
  for (let bar = 0; bar < closeTime.length; bar++) {
    const close = closeTime[bar]!
    if (!(close >= lastClose)) refuseDisorder('closeTime', bar, close, lastClose)
    lastClose = close
    for (; next < knownAt.length; next++) {
      const known = knownAt[next]!
      if (Number.isNaN(known)) continue
      if (known < lastKnownAt) refuseDisorder('knownAt', next, known, lastKnownAt)
      if (known > close) break
      lastKnownAt = known
      if (supersedes(eventTime[next]!, currentEventTime)) {
        current = next
        currentEventTime = eventTime[next]!
      }
    }
    row[bar] = current
    ageMs[bar] = current < 0 ? Number.NaN : close - currentEventTime
  }
  return { row, ageMs }
}

/** The same for a whole series, as the store loads it. */
export function joinFacts(facts: FactColumns, closeTime: Float64Array): PointInTimeIndex {
  return joinPointInTime(facts.knownAt, facts.eventTime, closeTime)
}

/** When one fact happened and when it was known, UTC ms. A NaN `knownAt` means never. */
export interface FactTimes {
  readonly eventTime: number
  readonly knownAt: number
}

/** The row in use and its age, as in PointInTimeIndex. Rows count learned facts from 0. */
export interface PointInTimeRow {
  readonly row: number
  readonly ageMs: number
}

/** The join, bar by bar: what a live session uses. */
export interface PointInTimeCursor {
  /** Adds the next fact, in the order of `knownAt`; one known in the future stays unseen until its time. */
  learn(fact: FactTimes): void
  /** The newest fact known by `closeTime`, which must not decrease. */
  advanceTo(closeTime: number): PointInTimeRow
}

/** Starts the streaming form of `joinPointInTime`; both give the same rows and ages bit for bit. */
export function pointInTimeCursor(): PointInTimeCursor {
  let pending: { row: number; eventTime: number; knownAt: number }[] = []
  let learned = 0
  let current = -1
  let currentEventTime = -Infinity
  let lastKnownAt = -Infinity
  let lastClose = -Infinity
  return {
    learn({ eventTime, knownAt }) {
      const row = learned++
      if (Number.isNaN(knownAt)) return
      if (knownAt < lastKnownAt) refuseDisorder('knownAt', row, knownAt, lastKnownAt)
      lastKnownAt = knownAt
      pending.push({ row, eventTime, knownAt })
    },
    advanceTo(closeTime) {
      if (!(closeTime >= lastClose)) refuseDisorder('closeTime', 0, closeTime, lastClose)
      lastClose = closeTime
      let seen = 0
      for (const fact of pending) {
        if (fact.knownAt > closeTime) break
        seen++
        if (supersedes(fact.eventTime, currentEventTime)) {
          current = fact.row
          currentEventTime = fact.eventTime
        }
      }
      if (seen > 0) pending = pending.slice(seen)
      return { row: current, ageMs: current < 0 ? Number.NaN : closeTime - currentEventTime }
    },
  }
}
