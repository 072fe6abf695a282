import { formatUtc, MINUTE_MS } from '../core/time.js'
import { isHealthFresh } from './health-checks.js'
import type { SessionView } from './session-view.js'
import { ageWords } from './words.js'

/**
 * - `live` closes are decided on as they come
 * - `late` a close is due and was not decided on, though somebody runs the session
 * - `stalled` its process is there, and says nothing: it hangs, or was stopped
 * - `dead` its process is gone without having given the session back
 * - `stopped` nobody runs it
 * - `ended` its stored data are told to the end that was named
 * - `starting` it has decided on nothing yet
 * - `unknown` it runs on another machine, from which nothing comes
 */
export type LivenessState =
  'live' | 'late' | 'stalled' | 'dead' | 'stopped' | 'ended' | 'starting' | 'unknown'

export interface Liveness {
  readonly state: LivenessState
  readonly detail: string
}

/** How long after a bar's close it may take to be decided on. */
export const CLOSE_GRACE_MS: number = 2 * MINUTE_MS

/**
 * Whether a session gets on, by its last close held against its timeframe; that a process is there says nothing. Where a clock of its own stands
 * behind its data (stored, or a loopback world), closes cannot be held against this machine's: then what counts is that it still tells of its health.
 */
export function livenessOf(view: SessionView): Liveness {
  const { settings, journal, health, holder, isHolderAlive, now } = view
  const { lastClose } = journal
  if (holder === undefined) {
    const { source } = settings
    if (source.kind === 'stored' && lastClose >= source.endTime)
      return { state: 'ended', detail: 'all stored data were told' }
    return { state: 'stopped', detail: 'nobody runs it' }
  }
  const who = `process ${holder.pid} on ${holder.host}`
  if (isHolderAlive === false)
    return { state: 'dead', detail: `${who} is gone, and never gave the session back` }
  if (!isHealthFresh(view)) {
    const since = health === undefined ? 'ever' : `since ${formatUtc(health.time)}`
    if (isHolderAlive === undefined) return { state: 'unknown', detail: `${who}: nothing was heard ${since}` }
    return { state: 'stalled', detail: `${who} is there and has told of nothing ${since}` }
  }
  if (Number.isNaN(lastClose)) return { state: 'starting', detail: 'no close was decided on yet' }
  const last = `last close ${formatUtc(lastClose)}`
  const { source, timeframeMs } = settings
  if (source.kind === 'stored' || source.isLoopback) return { state: 'live', detail: `${last}, by a clock that is not this machine's` } // prettier-ignore
  const lateMs = now - (lastClose + timeframeMs)
  if (lateMs <= CLOSE_GRACE_MS) return { state: 'live', detail: last }
  return { state: 'late', detail: `${last}; the next one is late by ${ageWords(lateMs)}` } // prettier-ignore
}
